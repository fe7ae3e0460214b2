"""All frames of an animation in no more colours than a GIF has."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.colours import Rgb, to_oklab
from whynet.drawing.raster import colour_numbers

MOST = 256
"""Colours that a GIF has."""

_ALL = 1 << 24
_HUES = np.array([1.0, 3.0, 3.0])  # grey must stay grey: a tint is seen sooner than a step


def in_few_colours(frames: Rgb, most: int = MOST) -> Rgb:
    """Return frames in at most so many of their own colours, chosen so that none is far off.

    The next colour chosen is always the one that looks farthest from all before it (Gonzalez 1985,
    "Clustering to minimize the maximum intercluster distance"): the largest error is at most twice
    the smallest possible. Each colour counts once, however large its area is. The first
    pixel's is kept for certain: that of the paper.

    Args:
        frames: uint8 (n, h, w, 3); written over.
        most: how many colours.
    """
    there = np.zeros(_ALL, np.bool_)
    for frame in frames:
        there[colour_numbers(frame)] = True
    numbers = np.flatnonzero(there)
    if len(numbers) <= most:
        return frames
    colours = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], axis=1).astype(np.uint8)
    nearest = np.zeros(_ALL, np.int32)
    paper = int(np.searchsorted(numbers, colour_numbers(frames[0, :1, :1])[0, 0]))
    nearest[numbers] = numbers[_nearest(to_oklab(colours) * _HUES, most, paper)]
    for frame in frames:
        number = nearest[colour_numbers(frame)]
        for channel, shift in enumerate((16, 8, 0)):
            frame[..., channel] = number >> shift & 255
    return frames


def _nearest(points: NDArray[np.float64], most: int, first: int) -> NDArray[np.int64]:
    """Choose points (n, 3) farthest first; return for each point the number of the nearest."""
    owner = np.full(len(points), first)
    far = np.square(points - points[first]).sum(axis=1)
    for _ in range(most - 1):
        chosen = int(far.argmax())
        away = np.square(points - points[chosen]).sum(axis=1)
        closer = away < far
        owner[closer], far[closer] = chosen, away[closer]
    return owner
