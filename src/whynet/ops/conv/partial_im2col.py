"""Convolution by a patch matrix that is never whole: partial im2col.

`im2col` copies every pixel once for each place of the filter that sees it, kh · kw times. Here it
is copied kh times only. With pictures packed as (height, width, run), lay out for each row of
outputs the kh lines that the filter sees, place by place:

    gathered[row, column, u] = x[row · down + u, column]

Now all that a filter sees from one place, kw columns of kh runs, lies in one piece, and the pieces
of neighbouring places overlap. In the order "cn" such a piece *is* the matrix

    patch  (kw · kh · channels, n)        one column an example

so that y[row, column] = filters (filters, kw · kh · channels) @ patch. One batched product over an
overlapping view does all places; the long copies along the height are the only other work.

Backward, the same patches give the filters' gradient, ∂W = Σ ∂y patchᵀ, and where the filter moves
by 1 the input's gradient is a convolution of the outputs' gradient with the filters turned over.
Otherwise every patch's gradient Wᵀ ∂y is added back to the places that it was copied from. Back to
a single channel there is less to add up afterwards than to gather before: see `_Summed`.

A single channel is "nc" and "cn" at once; the product may then as well be taken the other way
round, (n, patch) @ (patch, filters), to give "nc".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import prod
from typing import ClassVar

import numpy as np

from whynet.errors import ConfigError
from whynet.ops.arrays import Array
from whynet.ops.conv import prepared
from whynet.ops.conv.geometry import Windows
from whynet.ops.conv.prepared import NS_MULTIPLY_ADD, Job, Lender, Order, framed, overlapping

_WIDE = 12
"""From so many filters on, turning ∂y round for its product costs less than it saves."""


def check(windows: Windows, groups: int) -> None:
    """Make sure that this algorithm can do it.

    Raises:
        ConfigError: it can't.
    """
    if groups != 1:
        raise ConfigError(f"expected one group for the algorithm partial_im2col, got {groups}")


def estimate(job: Job) -> float:
    """Guess the nanoseconds of a forward pass for one picture on one core of today."""
    windows, c, f = job.windows, job.channels, job.filters
    (kh, kw), places = windows.size, windows.rows * windows.columns
    copies = windows.rows * windows.width * kh * c
    # A product works on vectors of 16 examples, full or not, and takes a moment to begin.
    product = kh * kw * c * f * NS_MULTIPLY_ADD * max(1, 16 / job.n)
    return places * (product + 60 / job.n) + 0.15 * copies


class Filters(prepared.Filters):
    """The filters as rows, in the patches' order, and their gradient as columns.

    Attributes:
        rows: (filters, kw · kh · channels).
        way_back: how the input's gradient is found.
        back: the filters as that wants them, (rows, columns).
        dcolumns: (kw · kh · channels, filters), the sum of gradients.
    """

    def __init__(self, job: Job) -> None:
        (kh, kw), c, f = job.windows.size, job.channels, job.filters
        self._shape = kw, kh, c, f
        self.way_back = _way_back(job)
        self.rows = np.empty((f, kw * kh * c), job.dtype)
        arranged = self.way_back.arranged(np.empty((kh, kw, c, f), job.dtype))
        self._back = np.empty(arranged.shape, job.dtype)
        self.back = self._back.reshape(prod(arranged.shape[: self.way_back.axes]), -1)
        self.dcolumns = np.empty((kw * kh * c, f), job.dtype)

    def load(self, kernel: Array, bias: Array | None) -> None:
        """See `prepared.Filters.load`. The bias is left to whoever adds it more cheaply."""
        kw, kh, c, f = self._shape
        np.copyto(self.rows.reshape(f, kw, kh, c), kernel.transpose(3, 1, 0, 2))
        np.copyto(self._back, self.way_back.arranged(kernel))
        self.dcolumns.fill(0)

    def unload(self, dkernel: Array, dbias: Array | None) -> None:
        """See `prepared.Filters.unload`."""
        kw, kh, c, f = self._shape
        np.copyto(dkernel, self.dcolumns.reshape(kw, kh, c, f).transpose(1, 0, 2, 3))


class Convolution(prepared.Prepared):
    """Partial im2col, prepared. Takes "cn", and gives it; "nc" if asked, from one channel."""

    def __init__(self, job: Job, lender: Lender, filters: Filters) -> None:
        windows, n, c, f = job.windows, job.n, job.channels, job.filters
        self.takes = "cn"
        self.gives: Order = job.gives if c == 1 and not job.need_dx else "cn"
        self._filters, self._learns = filters, job.learns
        padded, self.x = framed(windows, n * c, lender.keep)
        self.y = lender.hand_over((windows.rows, windows.columns, n * f))
        self._there = _Patches(padded, windows, n, c)
        places, matrix = windows.rows * windows.columns, filters.dcolumns.shape
        spare = [(places, *matrix), matrix, self.y.shape] if job.learns else []
        gathered, *spare = lender.scratch(self._there.shape, *spare)
        self._there.lie_in(gathered)
        self._y = self.y.reshape(windows.rows, windows.columns, *self._pair(n, f))
        if not job.training:
            return
        self._back: _WayBack | None = None
        if not job.need_dx:
            self.dy = lender.common(self.y.shape)
        else:
            self._back = filters.way_back(job, lender)
            self.dy, self.dx = self._back.dy, self._back.dx
        line, place, number = (step // self.dy.itemsize for step in self.dy.strides)
        first, second = self._pair(n, f)
        columns = overlapping(
            self.dy,
            (windows.rows, windows.columns, first, second),
            (line, place, second * number, number),
        )
        self._dy = columns
        self._columns = columns if self.gives == "nc" else columns.transpose(0, 1, 3, 2)
        if not job.learns:
            return
        self._copied: Array | None = None
        if self.gives == "cn" and f >= _WIDE:
            self._copied = spare[2].reshape(self._columns.shape)
        self._dpatches = spare[0].reshape(windows.rows, windows.columns, *matrix)
        self._by_place = spare[0].reshape(places, -1)
        self._dcolumns = spare[1]
        self._ones = np.ones(places, job.dtype)

    def _pair(self, n: int, filters: int) -> tuple[int, int]:
        return (n, filters) if self.gives == "nc" else (filters, n)

    def forward(self) -> None:
        """See `Prepared.forward`."""
        there, rows = self._there, self._filters.rows
        there.gather()
        if self.gives == "cn":
            np.matmul(rows, there.patches, out=self._y)
        else:
            np.matmul(there.turned, rows.T, out=self._y)

    def backward(self) -> None:
        """See `Prepared.backward`."""
        if self._learns:
            self._learn()
        if self._back is not None:
            self._back.run(self._filters.back, self._dy)

    def _learn(self) -> None:
        """Add to the filters' gradient."""
        there, filters, columns = self._there, self._filters, self._columns
        there.gather()
        if self._copied is not None:
            np.copyto(self._copied, columns)
            columns = self._copied
        np.matmul(there.patches, columns, out=self._dpatches)
        np.matmul(self._ones, self._by_place, out=self._dcolumns.reshape(-1))
        np.add(filters.dcolumns, self._dcolumns, out=filters.dcolumns)


class _Patches:
    """What the windows see of a padded map.

    Attributes:
        shape: of the memory that `gather` fills: (rows, padded width, kh, run).
        patches: (rows, columns, kw · kh · channels, n), overlapping views of it.
        turned: the same with the last two axes the other way round.
    """

    def __init__(self, padded: Array, windows: Windows, n: int, channels: int) -> None:
        self._windows, self._n, self._run = windows, n, n * channels
        (kh, _), (down, _) = windows.size, windows.strides
        _, width, run = padded.shape
        line, place = width * run, run
        self.shape = windows.rows, width, kh, run
        self._lines = overlapping(padded, self.shape, (down * line, place, line, 1))

    def lie_in(self, gathered: Array) -> None:
        """Take this memory to gather in."""
        windows, n = self._windows, self._n
        (kh, kw), (_, right) = windows.size, windows.strides
        piece = kh * self._run
        self._gathered = gathered
        self.patches = overlapping(
            gathered,
            (windows.rows, windows.columns, kw * piece // n, n),
            (gathered.shape[1] * piece, right * piece, n, 1),
        )
        self.turned = self.patches.transpose(0, 1, 3, 2)

    def gather(self) -> None:
        """Copy the kh lines that each row of windows sees, place by place."""
        np.copyto(self._gathered, self._lines)


class _WayBack(ABC):
    """From ∂y to ∂x.

    Attributes:
        dy: (rows, columns, n · filters), where the upstream gradient is put.
        dx: (height, width, n · channels).
        axes: how many axes of what `arranged` returns make the rows of a matrix.
    """

    dy: Array
    dx: Array
    axes: ClassVar[int]

    @staticmethod
    @abstractmethod
    def arranged(kernel: Array) -> Array:
        """View the filters (kh, kw, channels, filters) in the order that `run` multiplies in."""

    @abstractmethod
    def __init__(self, job: Job, lender: Lender) -> None: ...

    @abstractmethod
    def run(self, back: Array, dy: Array) -> None:
        """Fill ``dx``, given the arranged filters as a matrix."""


def _way_back(job: Job) -> type[_WayBack]:
    if job.windows.strides != (1, 1):
        return _Return
    return _Turned if job.channels > 1 else _Summed


class _Turned(_WayBack):
    """The way back where the filter moves by 1: the same algorithm on ∂y, in a frame of zeros."""

    axes = 1

    @staticmethod
    def arranged(kernel: Array) -> Array:
        """See `_WayBack.arranged`: turned over, (channels, kw, kh, filters)."""
        return kernel[::-1, ::-1].transpose(2, 1, 0, 3)

    def __init__(self, job: Job, lender: Lender) -> None:
        windows, n = job.windows.turned(), job.n
        padded, self.dy = framed(windows, n * job.filters, lender.common)
        self._patches = _Patches(padded, windows, n, job.filters)
        (gathered,) = lender.scratch(self._patches.shape)
        self._patches.lie_in(gathered)
        self.dx = lender.hand_over((windows.rows, windows.columns, n * job.channels))
        self._dx = self.dx.reshape(windows.rows, windows.columns, job.channels, n)

    def run(self, back: Array, dy: Array) -> None:
        """See `_WayBack.run`."""
        self._patches.gather()
        np.matmul(back, self._patches.patches, out=self._dx)


class _Summed(_WayBack):
    """The way back to a single channel where the filter moves by 1.

    The kw · filters numbers of ∂y that one line of the filter meets lie in one piece as they are.
    So each line is multiplied apart, without gathering, and the kh results are added up.
    """

    axes = 1

    @staticmethod
    def arranged(kernel: Array) -> Array:
        """See `_WayBack.arranged`: turned over, (kh, kw, filters)."""
        return kernel[::-1, ::-1, 0]

    def __init__(self, job: Job, lender: Lender) -> None:
        windows, n, f = job.windows.turned(), job.n, job.filters
        (kh, kw), columns = windows.size, windows.columns
        padded, self.dy = framed(windows, n * f, lender.common)
        height, width, run = padded.shape
        pieces = (height, columns, kw * f, n)
        self._pieces = overlapping(padded, pieces, (width * run, run, n, 1))
        (self._lines,) = lender.scratch((height, columns, kh, n))
        self.dx = lender.hand_over((windows.rows, columns, n))
        self._first, *self._others = [
            self._lines[row : row + windows.rows, :, row] for row in range(kh)
        ]

    def run(self, back: Array, dy: Array) -> None:
        """See `_WayBack.run`."""
        np.matmul(back, self._pieces, out=self._lines)
        np.copyto(self.dx, self._first)
        for line in self._others:
            np.add(self.dx, line, out=self.dx)


class _Return(_WayBack):
    """The way back for any stride: every patch's gradient, added to where it was copied from."""

    axes = 3

    @staticmethod
    def arranged(kernel: Array) -> Array:
        """See `_WayBack.arranged`: (kw, kh, channels, filters)."""
        return kernel.transpose(1, 0, 2, 3)

    def __init__(self, job: Job, lender: Lender) -> None:
        windows, n, c = job.windows, job.n, job.channels
        (kh, kw), (rows, columns) = windows.size, (windows.rows, windows.columns)
        self.dy = lender.common((rows, columns, n * job.filters))
        self._padded, self.dx = framed(windows, n * c, lender.hand_over)
        (self._patches,) = lender.scratch((rows, columns, kw * kh * c, n))
        pieces = self._patches.reshape(rows, columns, kw, kh, n * c)
        onto = self._padded[None]
        self._taps = [
            (windows.tap(onto, row, column)[0], pieces[:, :, column, row])
            for column in range(kw)
            for row in range(kh)
        ]

    def run(self, back: Array, dy: Array) -> None:
        """See `_WayBack.run`."""
        np.matmul(back, dy, out=self._patches)
        self._padded.fill(0)
        for onto, piece in self._taps:
            np.add(onto, piece, out=onto)
