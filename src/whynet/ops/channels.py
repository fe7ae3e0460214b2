"""One number for each channel, against maps with a few channels and many places.

NumPy works along the last axis in one go and pays for every start. With channels last that axis may
be 8 long, so adding a bias would spend its time starting. These functions look at a map a line of
places at a time, (n · rows, columns · channels), with the channels' numbers repeated along it.
"""

from __future__ import annotations

import numpy as np

from whynet.ops.arrays import Array


def lines(x: Array) -> Array:
    """Return (n, rows, columns, c) as (n · rows, columns · c), a view; (n, c) as it is."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-2] * x.shape[-1])


def along(values: Array, x: Array) -> Array:
    """Repeat values (c,) along one of `lines` (x): (columns · c,)."""
    return values if x.ndim == 2 else np.tile(values, x.shape[-2])


def add(x: Array, values: Array) -> None:
    """Add values (c,) to every place of x (..., c), in place."""
    if x.flags.c_contiguous:
        onto = lines(x)
        onto += along(values, x)
    else:
        x += values


def total(x: Array) -> Array:
    """Sum x (..., c) over everything but the channels: (c,)."""
    by_line = lines(x)
    # A product with ones adds up columns several times as fast as NumPy's own sum.
    sums = np.ones(len(by_line), x.dtype) @ by_line
    channels: Array = sums.reshape(-1, x.shape[-1]).sum(axis=0)
    return channels
