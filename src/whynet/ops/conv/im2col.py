"""Convolution as one matrix product (Chellapilla, Puri & Simard 2006).

Lay every patch that the filter visits out as a row of a matrix ("image to columns"); the filters
are the columns of another; their product is every sum of every place at once.

    patches  (places, kh · kw · c)   @   kernel  (kh · kw · c, filters)   =   y  (places, filters)

The patch matrix repeats each pixel kh · kw times, so it is made for a few images at a time, as
many as fit the processor's cache, and made again on the way back rather than kept.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import as_strided

from whynet.ops.arrays import Array, Scratch
from whynet.ops.conv.geometry import Windows

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
    scratch: Scratch | None,
) -> tuple[Array | None, Array]:
    """Return dx (or None) and dkernel. See `whynet.ops.conv.convolve_backward`.

    With Y = P W, the product rule gives dW = Pᵀ dY and dP = dY Wᵀ; each number of dP belongs to the
    pixel that its patch copied it from.
    """
    scratch = scratch or Scratch()
    filters = kernel.shape[-1]
    padded = windows.pad(x)
    dweights = np.zeros_like(_by_group(kernel, groups))
    for part in _slices(len(x), _bytes_each(kernel, windows, groups)):
        patches = _patches(padded[part], windows, groups, scratch)
        up = dy[part].reshape(-1, groups, filters // groups).transpose(1, 0, 2)
        dweights += np.matmul(patches.transpose(0, 2, 1), up)
    dkernel = np.ascontiguousarray(dweights.transpose(1, 0, 2)).reshape(kernel.shape)
    if not need_dx:
        return None, dkernel
    if windows.strides == (1, 1) and groups == 1:
        # Every pixel gathers from the outputs around it what every output gathered from pixels:
        # a convolution of dy with the filters turned over, from filters back to channels.
        turned = np.ascontiguousarray(kernel[::-1, ::-1].transpose(0, 1, 3, 2))
        return forward(dy, turned, windows.turned(), 1, scratch), dkernel
    return _add_back(dy, kernel, windows, groups, scratch), dkernel


def _add_back(dy: Array, kernel: Array, windows: Windows, groups: int, scratch: Scratch) -> Array:
    """Add dP onto the pixels, whatever the stride: dx (n, height, width, channels).

    One cell of the window at a time: the pixels under it are all different, so a slice of dP can be
    added to them at once and dP is never whole.
    """
    (kh, kw, each, filters), n = kernel.shape, len(dy)
    (above, below), (left, right) = windows.pads
    frame = (above + windows.height + below, left + windows.width + right)
    dpadded = np.zeros((n, *frame, groups * each), dy.dtype)
    weights = _by_group(kernel, groups).reshape(groups, kh, kw, each, -1)
    # Each cell's weights, turned to lead from filters back to channels, in memory order for speed.
    cells = weights.transpose(1, 2, 0, 4, 3).copy()
    for part in _slices(n, _bytes_each(kernel, windows, groups)):
        up = dy[part].reshape(-1, groups, filters // groups).transpose(1, 0, 2)
        taps = scratch.array("taps", (groups, up.shape[1], each), dy.dtype)
        for row in range(kh):
            for column in range(kw):
                np.matmul(up, cells[row, column], out=taps)
                onto = windows.tap(dpadded[part], row, column)
                by_group = onto.reshape(*onto.shape[:3], groups, each)  # a view: one axis split
                by_group += taps.reshape(groups, *onto.shape[:3], each).transpose(1, 2, 3, 0, 4)
    return windows.crop(dpadded)
