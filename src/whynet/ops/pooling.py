"""Pooling: a window that keeps the largest value, or the mean, of what it covers.

Written one cell of the window ("tap") at a time, each tap a strided view of the whole batch: a 2×2
window takes four passes over the map whatever the map's size.
"""

from __future__ import annotations

import numpy as np

from whynet.ops.arrays import Array, Integers
from whynet.ops.conv.geometry import Windows


def _taps(windows: Windows) -> list[tuple[int, int]]:
    return [(row, column) for row in range(windows.size[0]) for column in range(windows.size[1])]


def max_pool(x: Array, windows: Windows) -> tuple[Array, Integers]:
    """Return the largest value in every window, and which of its cells held it.

    Args:
        x: (n, height, width, channels).
        windows: where the window stands; padding never wins.

    Returns:
        y (n, rows, columns, channels), and ``winner`` of the same shape, counting cells by row.
        Of equal values the first wins, as in PyTorch.
    """
    padded = windows.pad(x, -np.inf)
    first, *others = _taps(windows)
    y = windows.tap(padded, *first).copy()
    cell = np.min_scalar_type(len(others)).type  # small numbers travel faster
    winner = np.zeros(y.shape, cell)
    for index, tap in enumerate(others, start=1):
        value = windows.tap(padded, *tap)
        # Larger beats, equal does not: multiplication by a mask outruns masked assignment.
        better = value > y
        np.maximum(winner, better * cell(index), out=winner)
        np.maximum(y, value, out=y)
    return y, winner


def max_pool_backward(dy: Array, winner: Integers, windows: Windows) -> Array:
    """Hand dy (n, rows, columns, c) to the winners: dx (n, height, width, c)."""
    dpadded = _blank(dy, windows)
    for index, tap in enumerate(_taps(windows)):
        onto = windows.tap(dpadded, *tap)
        onto += dy * (winner == index)
    return windows.crop(dpadded)


def average_pool(x: Array, windows: Windows) -> Array:
    """Return the mean of every window, (n, rows, columns, c). Padding counts for nothing."""
    padded = windows.pad(x)
    first, *others = _taps(windows)
    y = windows.tap(padded, *first).copy()
    for tap in others:
        y += windows.tap(padded, *tap)
    y /= _covered(windows).astype(x.dtype)
    return y


def average_pool_backward(dy: Array, windows: Windows) -> Array:
    """Share dy (n, rows, columns, c) among the cells of each window: dx (n, height, width, c)."""
    dpadded = _blank(dy, windows)
    share = dy / _covered(windows).astype(dy.dtype)
    for tap in _taps(windows):
        onto = windows.tap(dpadded, *tap)
        onto += share
    return windows.crop(dpadded)


def _blank(dy: Array, windows: Windows) -> Array:
    (above, below), (left, right) = windows.pads
    shape = (above + windows.height + below, left + windows.width + right)
    return np.zeros((len(dy), *shape, dy.shape[-1]), dy.dtype)


def _covered(windows: Windows) -> Array:
    """How many real cells each window covers, (1, rows, columns, 1)."""
    inside = windows.pad(np.ones((1, windows.height, windows.width, 1)))
    covered: Array = np.sum([windows.tap(inside, *tap) for tap in _taps(windows)], axis=0)
    return covered
