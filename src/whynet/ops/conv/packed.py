"""Prepared algorithms for those who come with a picture and no plan.

Memory is asked for, used once and let go: slower than a plan's, with the same results. So every
algorithm can be tried, and tested, through the one door `whynet.ops.conv.convolve`.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from whynet.ops.arrays import Array, Scratch, Shape
from whynet.ops.conv.geometry import Windows
from whynet.ops.conv.prepared import Filters, Job, Lender, Order, Prepared


class Room(Protocol):
    """What the module of a prepared algorithm offers."""

    def check(self, windows: Windows, groups: int) -> None:
        """Make sure that the algorithm can do it, or raise ConfigError."""

    def estimate(self, job: Job) -> float:
        """Guess the nanoseconds of a forward pass for one picture."""

    def Filters(self, job: Job) -> Filters:  # noqa: N802 - a class of the module
        """Make ready what several convolutions share."""

    def Convolution(self, job: Job, lender: Lender, filters: Any) -> Prepared:  # noqa: N802
        """Make one convolution ready."""


class Packed:
    """A prepared algorithm behind the signatures of `whynet.ops.conv.Algorithm`."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def forward(
        self, x: Array, kernel: Array, windows: Windows, groups: int, scratch: Scratch | None
    ) -> Array:
        """Return y (n, rows, columns, filters). See `whynet.ops.conv.convolve`."""
        if not len(x):
            self._room.check(windows, groups)
            return np.empty((0, windows.rows, windows.columns, kernel.shape[-1]), x.dtype)
        run, _ = self._ready(x, kernel, windows, groups, training=False)
        run.forward()
        return np.ascontiguousarray(unpack(run.y, run.gives, len(x)))

    def backward(
        self,
        dy: Array,
        x: Array,
        kernel: Array,
        windows: Windows,
        groups: int,
        need_dx: bool,
        need_dkernel: bool,
        scratch: Scratch | None,
    ) -> tuple[Array | None, Array | None]:
        """Return dx and dkernel, or None for either. See `whynet.ops.conv.convolve_backward`."""
        if not len(x):
            self._room.check(windows, groups)
            return (np.empty_like(x) if need_dx else None), np.zeros_like(kernel)
        run, filters = self._ready(
            x,
            kernel,
            windows,
            groups,
            training=True,
            need_dx=need_dx,
            need_dkernel=need_dkernel,
        )
        unpack(run.dy, run.gives, len(x))[...] = dy
        run.backward()
        dkernel = None
        if need_dkernel:
            dkernel = np.empty(kernel.shape, kernel.dtype)
            filters.unload(dkernel, None)
        dx = np.ascontiguousarray(unpack(run.dx, run.takes, len(x))) if need_dx else None
        return dx, dkernel

    def _ready(
        self,
        x: Array,
        kernel: Array,
        windows: Windows,
        groups: int,
        *,
        training: bool,
        need_dx: bool = False,
        need_dkernel: bool = True,
    ) -> tuple[Prepared, Filters]:
        self._room.check(windows, groups)
        n, channels, filters = len(x), x.shape[-1], kernel.shape[-1]
        job = Job(windows, n, channels, filters, x.dtype, "nc", training, need_dx, need_dkernel)
        shared = self._room.Filters(job)
        run = self._room.Convolution(job, _Fresh(x.dtype), shared)
        shared.load(kernel, None)
        unpack(run.x, run.takes, n)[...] = x
        return run, shared


def unpack(packed: Array, order: Order, n: int) -> Array:
    """View (height, width, n · channels) as (n, height, width, channels)."""
    height, width, run = packed.shape
    if order == "nc":
        return packed.reshape(height, width, n, run // n).transpose(2, 0, 1, 3)
    return packed.reshape(height, width, run // n, n).transpose(3, 0, 1, 2)


class _Fresh:
    """Lends new memory to whoever asks."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype

    def keep(self, shape: Shape) -> Array:
        return np.zeros(shape, self._dtype)

    common = hand_over = keep

    def scratch(self, *shapes: Shape) -> list[Array]:
        return [np.empty(shape, self._dtype) for shape in shapes]
