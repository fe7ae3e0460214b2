"""Steps that only move numbers: between orders, and from pictures to vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from whynet.nn import Layer
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.form import Form, Order
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Step


class ReorderStep(Step):
    """Bring a batch into another order, or into the place that the step behind asks for.

    Args:
        order: the new order.
    """

    def __init__(
        self,
        layer: Layer,
        given: Form,
        memory: Memory,
        *,
        need_dx: bool,
        twin: Step | None = None,
        order: Order,
    ) -> None:
        self._order = order
        super().__init__(layer, given, memory, need_dx=need_dx, twin=twin)

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        self.returns = self.given.to(self._order)

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        y = memory.hand_over(self.returns.array) if out is None else out
        self._from, self._to = self.given.as_plain(x), self.returns.as_plain(y)
        return y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        if not self.need_dx:
            return None
        dx = memory.hand_over(self.given.array) if out is None else out
        self._dfrom, self._dto = self.returns.as_plain(dy), self.given.as_plain(dx)
        return dx

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        np.copyto(self._to, self._from)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if self.need_dx:
            np.copyto(self._dto, self._dfrom)


class FlattenStep(Step):
    """Pictures to vectors, counted by row, column and channel.

    In the orders "plain" and "cn" they lie that way already, and nothing is to be done.
    """

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        order: Order = "cn" if self.given.order == "cn" else "plain"
        self.returns = Form(self.given.n, self.layer.output_shape, order)
        self._moves = self.given.order == "nc"

    def offer(self, after: Array | None) -> None:
        """See `Step.offer`. The same memory, seen as pictures."""
        if after is not None and not self._moves and after.flags.c_contiguous:
            self.slot = after.reshape(self.given.array)

    def offer_back(self, before: Array | None) -> None:
        """See `Step.offer_back`. The same memory, seen as vectors."""
        if before is not None and not self._moves and before.flags.c_contiguous:
            self.dslot = before.reshape(self.returns.array)

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        if out is None and not self._moves:
            out = x.reshape(self.returns.array)
        y = memory.hand_over(self.returns.array) if out is None else out
        there, here = self._between(y, x)
        same = not self._moves and np.may_share_memory(there, here)
        self._copy = None if same else (there, here)
        return y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        if not self.need_dx:
            return None
        if out is None and not self._moves:
            out = dy.reshape(self.given.array)
        dx = memory.hand_over(self.given.array) if out is None else out
        there, back = self._between(dy, dx)
        same = not self._moves and np.may_share_memory(there, back)
        self._copy_back = None if same else (back, there)
        return dx

    def _between(self, vectors: Array, pictures: Array) -> tuple[Array, Array]:
        """View both as (n, height, width, channels)."""
        by_example = vectors.T if self.returns.order == "cn" else vectors
        shape = self.given.n, *self.given.shape
        return by_example.reshape(shape), self.given.as_plain(pictures)

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        if self._copy is not None:
            np.copyto(*self._copy)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if self.need_dx and self._copy_back is not None:
            np.copyto(*self._copy_back)
