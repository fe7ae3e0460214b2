"""Where a plan's arrays come from: asked for once, counted, and shared wherever times allow."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array, Shape

_LINE = 64
"""Arrays begin at multiples of this many bytes, as long as a line of the processor's cache."""


class Memory:
    """The arrays of one plan. A `whynet.ops.conv.prepared.Lender`.

    A plan is drawn up twice with it: first on paper, where arrays are read-only stand-ins that take
    no memory and only the sizes are noted; then in earnest, with scratch memory as large as the
    hungriest step was found to need.

    Args:
        dtype: of all arrays.
        training: whether the net learns.
        explaining: whether it is asked for features and gradients, and learns nothing.
        scratch_bytes: how much scratch memory; None draws up on paper.

    Attributes:
        training: as given.
        way_back: whether what is kept must last from a forward pass to its backward pass. At
            prediction it need not, and the parts of a shard use the same memory in turn.
        kept, common_bytes, scratch_bytes: how much was asked for of each kind.
    """

    def __init__(
        self,
        dtype: np.dtype[Any],
        *,
        training: bool,
        explaining: bool = False,
        scratch_bytes: int | None = None,
    ) -> None:
        self.dtype = np.dtype(dtype)
        self.training, self.way_back = training, training or explaining
        self.paper = scratch_bytes is None
        self.kept = self.common_bytes = 0
        self.scratch_bytes = scratch_bytes or 0
        self._block = _aligned(0 if self.paper else self.scratch_bytes)
        self._common: dict[tuple[int, Shape], Array] = {}
        self._asked = self._mark = 0

    @property
    def total(self) -> int:
        """Bytes of all arrays together."""
        return self.kept + self.common_bytes + self.scratch_bytes

    def mark(self) -> None:
        """Remember that lanes begin here."""
        self._mark = self._asked

    def next_lane(self) -> None:
        """Begin with another part of the shard, whose steps ask for the same things again."""
        self._asked = self._mark

    def keep(self, shape: Shape) -> Array:
        """See `Lender.keep`."""
        if not self.way_back:
            return self.common(shape)
        self.kept += self._size(shape)
        return self._zeros(shape)

    def common(self, shape: Shape) -> Array:
        """See `Lender.common`."""
        self._asked += 1
        key = self._asked, shape
        if key not in self._common:
            self.common_bytes += self._size(shape)
            self._common[key] = self._zeros(shape)
        return self._common[key]

    def hand_over(self, shape: Shape) -> Array:
        """See `Lender.hand_over`."""
        return self.common(shape)

    def scratch(self, *shapes: Shape) -> list[Array]:
        """See `Lender.scratch`."""
        sizes = [-(-self._size(shape) // _LINE) * _LINE for shape in shapes]
        if self.paper:
            self.scratch_bytes = max(self.scratch_bytes, sum(sizes))
            return [self._zeros(shape) for shape in shapes]
        arrays, start = [], 0
        for shape, size in zip(shapes, sizes, strict=True):
            part = self._block[start : start + self._size(shape)]
            arrays.append(part.view(self.dtype).reshape(shape))
            start += size
        return arrays

    def flags(self, shape: Shape, *, keep: bool) -> NDArray[np.bool_]:
        """Return room for yes and no, to be kept like `keep`'s or else like `hand_over`'s."""
        words = -(-prod(shape) // self.dtype.itemsize)
        held = self.keep((words,)) if keep else self.hand_over((words,))
        if self.paper:
            return np.broadcast_to(np.False_, shape)
        return held.view(np.bool_)[: prod(shape)].reshape(shape)

    def _size(self, shape: Shape) -> int:
        return prod(shape) * self.dtype.itemsize

    def _zeros(self, shape: Shape) -> Array:
        if self.paper:
            return np.broadcast_to(np.zeros((), self.dtype), shape)
        zeros: Array = _aligned(self._size(shape)).view(self.dtype).reshape(shape)
        zeros.fill(0)
        return zeros


def _aligned(size: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    block = np.empty(size + _LINE, np.uint8)
    start = -block.ctypes.data % _LINE
    return block[start : start + size]
