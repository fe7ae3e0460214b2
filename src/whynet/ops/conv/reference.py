"""Convolution as a textbook shows it: slide the filter, multiply, add up.

Slow, and the oracle for everything faster. (Strictly this is cross-correlation: the filter is not
turned over. The field calls it convolution all the same.)

    y[:, i, j, f] = Σ  x[:, i·s + u, j·s + v, c] · kernel[u, v, c, f]     over u, v and c
"""

from __future__ import annotations

import numpy as np

from whynet.ops.arrays import Array, Scratch
from whynet.ops.conv.geometry import Windows


def _patch(row: int, column: int, windows: Windows) -> tuple[slice, slice, slice]:
    """Where the filter lies when it stands at this place of the output."""
    top, left = row * windows.strides[0], column * windows.strides[1]
    return slice(None), slice(top, top + windows.size[0]), slice(left, left + windows.size[1])


def _inputs_of(filter_: int, filters: int, channels: int, groups: int) -> slice:
    """Which input channels a filter sees: all of them, or those of its own group."""
    group = filter_ // (filters // groups)
    width = channels // groups
    return slice(group * width, (group + 1) * width)


def forward(
    x: Array, kernel: Array, windows: Windows, groups: int, scratch: Scratch | None
) -> Array:
    """Return y (n, rows, columns, filters). See `whynet.ops.conv.convolve`."""
    filters = kernel.shape[-1]
    padded = windows.pad(x)
    y = np.empty((len(x), windows.rows, windows.columns, filters), x.dtype)
    for row in range(windows.rows):
        for column in range(windows.columns):
            patch = padded[_patch(row, column, windows)]
            for f in range(filters):
                seen = patch[..., _inputs_of(f, filters, x.shape[-1], groups)]
                y[:, row, column, f] = (seen * kernel[..., f]).sum(axis=(1, 2, 3))
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

    Each output was Σ patch · filter, so each hands ``dy · filter`` back to its patch and
    ``dy · patch`` to its filter.
    """
    filters = kernel.shape[-1]
    padded = windows.pad(x)
    dpadded, dkernel = np.zeros_like(padded), np.zeros_like(kernel)
    for row in range(windows.rows):
        for column in range(windows.columns):
            place = _patch(row, column, windows)
            for f in range(filters):
                channels = _inputs_of(f, filters, x.shape[-1], groups)
                up = dy[:, row, column, f][:, None, None, None]
                dpadded[place][..., channels] += up * kernel[..., f]
                dkernel[..., f] += (up * padded[place][..., channels]).sum(axis=0)
    return windows.crop(dpadded) if need_dx else None, dkernel if need_dkernel else None
