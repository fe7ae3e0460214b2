"""Any layer, by its own forward and backward passes: for what has no faster step."""

from __future__ import annotations

from typing import Any

import numpy as np

from whynet.nn.layer import Cache, Grads
from whynet.ops.arrays import Array, Scratch
from whynet.plan.form import Form, Order
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Step


class LayerStep(Step):
    """Bring the input into the layers' own order, ask the layer, and copy its answer."""

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        shape = self.layer.output_shape
        order: Order = self.given.order if len(shape) == 3 and self.given.spatial else "plain"
        self.returns = Form(self.given.n, shape, order)
        self._scratch: Scratch = Scratch() if twin is None else twin._scratch
        self._sums: Grads = {} if twin is None else twin._sums
        self._cache: Cache = None

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        y = memory.hand_over(self.returns.array) if out is None else out
        self._x, self._y = self.given.as_plain(x), self.returns.as_plain(y)
        return y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        dx = memory.hand_over(self.given.array) if out is None else out
        self._dy, self._dx = self.returns.as_plain(dy), self.given.as_plain(dx)
        return dx if self.need_dx else None

    def begin(self) -> None:
        """See `Step.begin`."""
        self._sums.clear()

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        # A copy: the layer may keep its input, and this memory is used again.
        y, self._cache = self.layer.forward(
            self._x.copy(order="C"), training=self.training, rng=rng, scratch=self._scratch
        )
        np.copyto(self._y, y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        spared = {} if self.training else {"need_grads": False}
        dx, own = self.layer.backward(
            self._dy.copy(order="C"), self._cache, need_dx=self.need_dx, **spared
        )
        self._cache = None
        for name, gradient in own.items():
            self._sums[name] = self._sums[name] + gradient if name in self._sums else gradient
        if dx is not None:
            np.copyto(self._dx, dx)

    def finish(self, grads: Grads) -> None:
        """See `Step.finish`."""
        for name, gradient in self._sums.items():
            grads[name][...] = gradient
