"""Activations and biases. Nothing is kept but the output, and that only where backward needs it."""

from __future__ import annotations

from typing import Any

import numpy as np

from whynet.nn import Activation, LeakyReLU
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Lines, Step, Sums

MONOTONE = ("linear", "relu", "leaky_relu", "sigmoid", "tanh")
"""Larger inputs never give smaller outputs, so that these may change places with max pooling."""


class BiasStep(Step):
    """Add a layer's bias, where its algorithm leaves that to others.

    Behind max pooling there is a quarter as much to add to, and adding one number to all cells of
    a window does not change which of them wins.
    """

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        if twin is None:
            self._lines = Lines(self.layer.params["bias"])
            self._sum = np.empty_like(self.layer.params["bias"])
        else:
            self._lines, self._sum = twin._lines, twin._sum
        self._along = self._lines.of(self.given)

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`. Without a slot behind, the input is overwritten."""
        self._x, self._y = x, x if out is None else out
        return self._y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._dy, self._dx = dy, dy if out is None else out
        self._sums = Sums(dy, self.given) if self.training else None
        return self._dx

    def offer_back(self, before: Array | None) -> None:
        """See `Step.offer_back`. The gradient passes through unchanged."""
        self.dslot = before

    def begin(self) -> None:
        """See `Step.begin`."""
        self._lines.fill()
        self._sum.fill(0)

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        np.add(self._x, self._along, out=self._y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if self._sums is not None:
            self._sum += self._sums.run()
        if self._dx is not self._dy:
            np.copyto(self._dx, self._dy)

    def finish(self, grads: Grads) -> None:
        """See `Step.finish`."""
        grads["bias"][...] = self._sum


class ActivationStep(Step):
    """Apply a function to every number. Derivatives are written with the output alone."""

    layer: Activation

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`. Without a way back and a slot behind, the input is overwritten."""
        if out is None:
            out = memory.keep(x.shape) if self.way_back else x
        self._x, self._y = x, out
        self._slope = memory.scratch(x.shape)[0]
        self._zero = np.zeros((), self.dtype)  # a Python number would be turned into one each time
        return out

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._dy, self._dx = dy, dy if out is None else out
        self._on = memory.flags(dy.shape, keep=False)
        return self._dx

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        _FORWARD[self.layer.function](self)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        _BACKWARD[self.layer.function](self)

    # -- each function, there and back ------------------------------------------------------

    def _linear(self) -> None:
        if self._y is not self._x:
            np.copyto(self._y, self._x)

    def _linear_backward(self) -> None:
        if self._dx is not self._dy:
            np.copyto(self._dx, self._dy)

    def _relu(self) -> None:
        np.maximum(self._x, self._zero, out=self._y)

    def _relu_backward(self) -> None:
        np.greater(self._y, 0, out=self._on)
        np.multiply(self._dy, self._on, out=self._dx)

    @property
    def _negative_slope(self) -> float:
        """``Activation("leaky_relu")`` has no option for it."""
        return getattr(self.layer, "negative_slope", LeakyReLU.negative_slope)

    def _leaky_relu(self) -> None:
        np.multiply(self._x, self._negative_slope, out=self._slope)
        np.maximum(self._x, self._slope, out=self._y)

    def _leaky_relu_backward(self) -> None:
        slope = self._negative_slope
        np.greater(self._y, 0, out=self._on)
        np.multiply(self._on, self.dtype.type(1 - slope), out=self._slope)
        self._slope += slope
        np.multiply(self._dy, self._slope, out=self._dx)

    def _sigmoid(self) -> None:
        # e⁻ˣ may overflow to infinity, whose reciprocal is the 0 that belongs there.
        y = np.negative(self._x, out=self._y)
        with np.errstate(over="ignore"):
            np.exp(y, out=y)
        np.add(y, 1, out=y)
        np.reciprocal(y, out=y)

    def _sigmoid_backward(self) -> None:
        slope = np.subtract(1, self._y, out=self._slope)
        slope *= self._y
        np.multiply(self._dy, slope, out=self._dx)

    def _tanh(self) -> None:
        np.tanh(self._x, out=self._y)

    def _tanh_backward(self) -> None:
        slope = np.multiply(self._y, self._y, out=self._slope)
        np.subtract(1, slope, out=slope)
        np.multiply(self._dy, slope, out=self._dx)


_FORWARD = {name: getattr(ActivationStep, f"_{name}") for name in MONOTONE}
_BACKWARD = {name: getattr(ActivationStep, f"_{name}_backward") for name in MONOTONE}
