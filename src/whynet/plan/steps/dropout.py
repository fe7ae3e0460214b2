"""Dropout with masks made of raw random bits."""

from __future__ import annotations

import numpy as np

from whynet.nn import Dropout
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Step


class DropoutStep(Step):
    """Silence units while training; at prediction, hand the input on.

    Eight random bits decide about each unit where they can meet the rate (¼ = 64/256); else sixteen
    do, which meet any rate to within 1 in 131,072.
    """

    layer: Dropout

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        self._idle = not self.training or self.layer.rate == 0
        if out is None:
            out = x if self._idle else memory.hand_over(x.shape)
        self._x, self._y = x, out
        if not self._idle:
            self._bits = np.uint8 if (self.layer.rate * 256).is_integer() else np.uint16
            levels = np.iinfo(self._bits).max + 1
            dropped = min(round(self.layer.rate * levels), levels - 1)
            self._threshold = self._bits(dropped)
            self._scale = self.dtype.type(levels / (levels - dropped))
            self._mask = memory.keep(x.shape)
            self._words = -(-x.size * self._bits().itemsize // 8)
        return out

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._dy, self._dx = dy, dy if out is None else out
        return self._dx

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        if self._idle:
            if self._y is not self._x:
                np.copyto(self._y, self._x)
            return
        assert rng is not None
        mask = self._mask
        bits = rng.integers(0, 1 << 64, self._words, np.uint64).view(self._bits)
        np.multiply(bits[: mask.size].reshape(mask.shape) >= self._threshold, self._scale, out=mask)
        np.multiply(self._x, mask, out=self._y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if not self._idle:
            np.multiply(self._dy, self._mask, out=self._dx)
        elif self._dx is not self._dy:
            np.copyto(self._dx, self._dy)
