"""Convolution as one matrix product (Chellapilla, Puri & Simard 2006).

Lay every patch that the filter visits out as a row of a matrix ("image to columns"); the filters
are the columns of another; their product is every sum of every place at once.

    patches  (places, kh · kw · c)   @   kernel  (kh · kw · c, filters)   =   y  (places, filters)

The patch matrix repeats each pixel kh · kw times, so it is made for a few images at a time, as
many as fit the processor's cache, and made again on the way back rather than kept.

`forward` and `backward` take any picture as it comes, in groups too. `Convolution` is the same for
packed pictures (see `prepared`), best where they are few: in the order "nc" the product gives the
output as it should lie. It adds the bias in the same product, as the weight of one more pixel that
is always 1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from whynet.ops.arrays import Array, Scratch, Shape
from whynet.ops.conv import prepared
from whynet.ops.conv.geometry import Windows
from whynet.ops.conv.prepared import NS_MULTIPLY_ADD, Job, Lender, framed, overlapping

CACHE_BYTES = 1 << 20
"""How large a patch matrix may grow: about what stays in one core's level-2 cache."""


def _slices(n: int, bytes_each: int) -> Iterator[slice]:
    step = max(1, CACHE_BYTES // max(bytes_each, 1))
    return (slice(start, min(start + step, n)) for start in range(0, n, step))


def _patches(padded: Array, windows: Windows, groups: int, scratch: Scratch) -> Array:
    """Copy every patch into a row: (groups, places, kh · kw · c / groups).

    Memory is copied fastest in long runs. As a rule a patch's line is one, kw · c long; with one
    channel it is only kw, so there each pixel of the window is copied for a whole line of places
    at a time, and the matrix is handed out transposed.
    """
    n, _, _, channels = padded.shape
    (kh, kw), (down, right) = windows.size, windows.strides
    each = channels // groups
    image, line, pixel, value = padded.strides
    view = as_strided(
        padded,
        (groups, n, windows.rows, windows.columns, kh, kw, each),
        (each * value, image, line * down, pixel * right, line, pixel, value),
        writeable=False,
    )
    places, numbers = n * windows.rows * windows.columns, kh * kw * each
    if each == 1:
        view = view.transpose(0, 4, 5, 6, 1, 2, 3)
    patches = scratch.array("patches", view.shape, padded.dtype)
    np.copyto(patches, view)
    if each == 1:
        return patches.reshape(groups, numbers, places).transpose(0, 2, 1)
    return patches.reshape(groups, places, numbers)


def _by_group(kernel: Array, groups: int) -> Array:
    """Split the filters by group: (groups, kh · kw · c / groups, filters / groups)."""
    filters = kernel.shape[-1]
    return kernel.reshape(-1, groups, filters // groups).transpose(1, 0, 2)


def _bytes_each(kernel: Array, windows: Windows, groups: int) -> int:
    return windows.rows * windows.columns * kernel[..., 0].size * groups * kernel.itemsize


def forward(
    x: Array, kernel: Array, windows: Windows, groups: int, scratch: Scratch | None
) -> Array:
    """Return y (n, rows, columns, filters). See `whynet.ops.conv.convolve`."""
    scratch = scratch or Scratch()
    filters = kernel.shape[-1]
    padded, weights = windows.pad(x), _by_group(kernel, groups)
    y = np.empty((len(x), windows.rows, windows.columns, filters), x.dtype)
    for part in _slices(len(x), _bytes_each(kernel, windows, groups)):
        patches = _patches(padded[part], windows, groups, scratch)
        out = y[part].reshape(-1, filters)
        if groups == 1:
            np.matmul(patches[0], weights[0], out=out)
        else:
            product = np.matmul(patches, weights)
            out.reshape(-1, groups, filters // groups)[...] = product.transpose(1, 0, 2)
    return y


def backward(
    dy: Array,
    x: Array,
    kernel: Array,
    windows: Windows,
    groups: int,
    need_dx: bool,
    need_dkernel: bool,
    scratch: Scratch | None,
) -> tuple[Array | None, Array | None]:
    """Return dx and dkernel, or None for either. See `whynet.ops.conv.convolve_backward`.

    With Y = P W, the product rule gives dW = Pᵀ dY and dP = dY Wᵀ; each number of dP belongs to the
    pixel that its patch copied it from.
    """
    scratch = scratch or Scratch()
    dkernel = _dkernel(dy, x, kernel, windows, groups, scratch) if need_dkernel else None
    if not need_dx:
        return None, dkernel
    if windows.strides == (1, 1) and groups == 1 and kernel.shape[2] > 1:
        # Every pixel gathers from the outputs around it what every output gathered from pixels:
        # a convolution of dy with the filters turned over, from filters back to channels. Onto a
        # single channel, adding is faster.
        turned = np.ascontiguousarray(kernel[::-1, ::-1].transpose(0, 1, 3, 2))
        return forward(dy, turned, windows.turned(), 1, scratch), dkernel
    return _add_back(dy, kernel, windows, groups, scratch), dkernel


def _dkernel(
    dy: Array, x: Array, kernel: Array, windows: Windows, groups: int, scratch: Scratch
) -> Array:
    padded, filters = windows.pad(x), kernel.shape[-1]
    dweights = np.zeros_like(_by_group(kernel, groups))
    for part in _slices(len(x), _bytes_each(kernel, windows, groups)):
        patches = _patches(padded[part], windows, groups, scratch)
        up = dy[part].reshape(-1, groups, filters // groups).transpose(1, 0, 2)
        dweights += np.matmul(patches.transpose(0, 2, 1), up)
    return np.ascontiguousarray(dweights.transpose(1, 0, 2)).reshape(kernel.shape)


def _add_back(dy: Array, kernel: Array, windows: Windows, groups: int, scratch: Scratch) -> Array:
    """Add dP onto the pixels, whatever the stride: dx (n, height, width, channels).

    One cell of the window at a time: the pixels under it are all different, so its lines of dP can
    be added to them at once.
    """
    (kh, kw, each, filters), n = kernel.shape, len(dy)
    (above, below), (left, right) = windows.pads
    frame = (above + windows.height + below, left + windows.width + right)
    dpadded = np.zeros((n, *frame, groups * each), dy.dtype)
    weights = _by_group(kernel, groups)
    for part in _slices(n, _bytes_each(kernel, windows, groups)):
        up = dy[part].reshape(-1, groups, filters // groups).transpose(1, 2, 0)
        count = up.shape[2]
        dpatches = scratch.array("dpatches", (groups, kh * kw * each, count), dy.dtype)
        np.matmul(weights, up, out=dpatches)
        cells = dpatches.reshape(groups, kh, kw, each, -1, windows.rows, windows.columns)
        for row in range(kh):
            for column in range(kw):
                onto = windows.tap(dpadded[part], row, column)
                by_group = onto.reshape(*onto.shape[:3], groups, each)  # a view: one axis split
                by_group += cells[:, row, column].transpose(2, 3, 4, 0, 1)
    return windows.crop(dpadded)


def check(windows: Windows, groups: int) -> None:
    """Agree: this algorithm can do anything. In groups, by `forward` and `backward` alone."""


def estimate(job: Job) -> float:
    """Guess the nanoseconds of a forward pass for one picture on one core of today."""
    windows, numbers = job.windows, job.windows.size[0] * job.windows.size[1] * job.channels
    product = numbers * job.filters * NS_MULTIPLY_ADD
    return windows.rows * windows.columns * (product + 0.35 * numbers)


class Filters(prepared.Filters):
    """The filters as columns with the bias below, and the sum of their gradients.

    Attributes:
        columns: (kh · kw · channels + 1, filters).
        turns: whether the way back is a convolution too: where the stride is 1, unless all comes
            back to a single channel. There adding is faster.
        turned: the filters turned over, from filters to channels, if so.
        dcolumns: like columns.
    """

    def __init__(self, job: Job) -> None:
        (kh, kw), c, f = job.windows.size, job.channels, job.filters
        self.turns = job.windows.strides == (1, 1) and c > 1
        self._turned = np.empty((kh, kw, f, c) if job.need_dx and self.turns else 0, job.dtype)
        self.turned = self._turned.reshape(-1, c)
        self._columns = np.zeros((kh * kw * c + 1, f), job.dtype)
        self.columns = self._columns
        self._seen: Array | None = None
        self.dcolumns = np.zeros(self.columns.shape if job.learns else 0, job.dtype)

    def load(self, kernel: Array, bias: Array | None) -> None:
        """See `prepared.Filters.load`."""
        if kernel is self._seen:
            pass  # a view of them is there already
        elif bias is not None and _follows(kernel, bias):
            # In a net's one vector the bias lies right behind the filters, as it is wanted here.
            self.columns = overlapping(kernel, self._columns.shape, (len(bias), 1))
            self._seen = kernel
        else:
            self.columns = self._columns
            np.copyto(self.columns[:-1], kernel.reshape(-1, kernel.shape[-1]))
            if bias is not None:
                np.copyto(self.columns[-1], bias)
        if self._turned.size:
            np.copyto(self._turned, kernel[::-1, ::-1].transpose(0, 1, 3, 2))
        self.dcolumns.fill(0)

    def unload(self, dkernel: Array, dbias: Array | None) -> None:
        """See `prepared.Filters.unload`."""
        np.copyto(dkernel.reshape(-1, dkernel.shape[-1]), self.dcolumns[:-1])
        if dbias is not None:
            np.copyto(dbias, self.dcolumns[-1])


def _follows(kernel: Array, bias: Array) -> bool:
    """Whether the bias begins where the kernel ends, both in one piece of memory."""
    if kernel.base is None or kernel.base is not bias.base or not kernel.flags.c_contiguous:
        return False
    begin, end = (array.__array_interface__["data"][0] for array in (kernel, bias))
    return bool(begin + kernel.nbytes == end)


class Convolution(prepared.Prepared):
    """im2col, prepared. Takes and gives "nc"; adds the bias itself."""

    def __init__(self, job: Job, lender: Lender, filters: Filters) -> None:
        windows, n, c, f = job.windows, job.n, job.channels, job.filters
        self.takes = self.gives = "nc"
        self._filters, self._need_dx, self._learns = filters, job.need_dx, job.learns
        padded, self.x = framed(windows, n * c, lender.keep)
        self.y = lender.hand_over((windows.rows, windows.columns, n * f))
        self._y = self.y.reshape(-1, f)
        self._there = _Matrix(padded, windows, n, c, ones=True)
        spare: list[Shape] = [filters.dcolumns.shape, self._y.shape] if job.learns else []
        memory, *self._spare = lender.scratch(self._there.shape, *spare)
        self._there.lie_in(memory)
        if not job.training:
            return
        back = windows.turned() if filters.turns else windows
        if job.need_dx and filters.turns:
            padded, self.dy = framed(back, n * f, lender.common)
            self._back = _Matrix(padded, back, n, f, ones=False)
            (memory,) = lender.scratch(self._back.shape)
            self._back.lie_in(memory)
            self.dx = lender.hand_over((windows.height, windows.width, n * c))
        else:
            self.dy = lender.common(self.y.shape)
            if job.need_dx:
                self._dpadded, self.dx = framed(windows, n * c, lender.hand_over)
                self._prepare_return(windows, n, c, lender)

    def _prepare_return(self, windows: Windows, n: int, c: int, lender: Lender) -> None:
        """Where filters leap, each patch's gradient is added to where the patch was copied from."""
        (kh, kw), places = windows.size, (windows.rows, windows.columns)
        dy, dpatches = lender.scratch(self._y.shape, (len(self._y), kh * kw * c))
        self._dy_there, self._dpatches = dy, dpatches
        pieces = dpatches.reshape(*places, n, kh, kw, c)
        onto = self._dpadded[None]
        self._taps = [
            (
                windows.tap(onto, row, column)[0].reshape(*places, n, c),
                pieces[:, :, :, row, column],
            )
            for row in range(kh)
            for column in range(kw)
        ]

    def forward(self) -> None:
        """See `Prepared.forward`."""
        self._there.gather()
        np.matmul(self._there.patches, self._filters.columns, out=self._y)

    def backward(self) -> None:
        """See `Prepared.backward`."""
        filters = self._filters
        if self._learns:
            self._learn()
        if not self._need_dx:
            return
        if filters.turns:
            self._back.gather()
            dx = self.dx.reshape(-1, filters.turned.shape[1])
            np.matmul(self._back.patches, filters.turned, out=dx)
            return
        np.copyto(self._dy_there.reshape(self.y.shape), self.dy)
        np.matmul(self._dy_there, filters.columns[:-1].T, out=self._dpatches)
        self._dpadded.fill(0)
        for onto, piece in self._taps:
            np.add(onto, piece, out=onto)

    def _learn(self) -> None:
        """Add to the filters' gradient."""
        there, (dcolumns, dy) = self._there, self._spare
        there.gather()
        np.copyto(dy.reshape(self.y.shape), self.dy)
        np.matmul(there.patches.T, dy, out=dcolumns)
        np.add(self._filters.dcolumns, dcolumns, out=self._filters.dcolumns)


class _Matrix:
    """The patch matrix of packed pictures.

    Attributes:
        shape: of the memory that `gather` fills.
        patches: (rows · columns · n, kh · kw · channels), and a column of ones if so wished.
    """

    def __init__(
        self, padded: Array, windows: Windows, n: int, channels: int, *, ones: bool
    ) -> None:
        (kh, kw), (down, right) = windows.size, windows.strides
        _, width, run = padded.shape
        line = width * run
        shape = windows.rows, windows.columns, n, kh, kw, channels
        self._view = overlapping(padded, shape, (down * line, right * run, channels, line, run, 1))
        places, numbers = windows.rows * windows.columns * n, kh * kw * channels
        # Memory is copied fastest in long runs, and one channel makes none: see `_patches`.
        self._by_pixel, self._ones = channels == 1, ones
        self.shape = (numbers + ones, places) if self._by_pixel else (places, numbers + ones)

    def lie_in(self, memory: Array) -> None:
        """Take this memory for the matrix."""
        self.patches = memory.T if self._by_pixel else memory
        copied = self.patches[:, :-1] if self._ones else self.patches
        # Splitting axes of a view never copies.
        self._copied = copied.reshape(self._view.shape)
        self._last = self.patches[:, -1]

    def gather(self) -> None:
        """Copy every patch into its row."""
        np.copyto(self._copied, self._view)
        if self._ones:
            self._last.fill(1)
