"""The dense layer: three matrix products straight into their places."""

from __future__ import annotations

from typing import Any

import numpy as np

from whynet.nn import Dense
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.form import Form
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Step


class DenseStep(Step):
    """y = x W + b, for x as (n, inputs) or, in the order "cn", as (inputs, n)."""

    layer: Dense

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        self.returns = Form(self.given.n, (self.layer.units,), self.given.order)
        self.slot = memory.keep(self.given.array)
        self._turned = self.given.order == "cn"

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        self._x = x
        self._y = memory.hand_over(self.returns.array) if out is None else out
        return self._y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._dy = dy
        self._ones = np.ones(self.given.n, self.dtype)
        self._dx: Array | None = None
        if self.need_dx:
            self._dx = memory.hand_over(self.given.array) if out is None else out
        return self._dx

    def begin(self) -> None:
        """See `Step.begin`."""
        params = self.layer.params
        self._kernel = params["kernel"].T if self._turned else params["kernel"]
        self._bias = None
        if self.layer.use_bias:
            self._bias = params["bias"][:, None] if self._turned else params["bias"]

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        if self._turned:
            np.matmul(self._kernel, self._x, out=self._y)
        else:
            np.matmul(self._x, self._kernel, out=self._y)
        if self._bias is not None:
            np.add(self._y, self._bias, out=self._y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`. ∂C/∂W = xᵀ dy, ∂C/∂b = Σ dy, ∂C/∂x = dy Wᵀ."""
        if self.training:
            x, dy = self._x, self._dy
            if self._turned:
                x, dy = x.T, dy.T
            np.matmul(x.T, dy, out=grads["kernel"])
            if self._bias is not None:
                np.matmul(self._ones, dy, out=grads["bias"])
        if self._dx is None:
            return
        if self._turned:
            np.matmul(self._kernel.T, self._dy, out=self._dx)
        else:
            np.matmul(self._dy, self._kernel.T, out=self._dx)
