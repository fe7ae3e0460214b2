"""Which pixels are ink: judged by the paper's noise first, then by the strokes' own darkness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_SURE, _MAYBE = 5.5, 3.0
"""Multiples of the noise at which a stroke begins, and down to which it is followed."""

_FAINTEST = 0.05
"""The least share of light that ink takes away: less is a stain."""

_OWN = 0.4
"""A stroke ends where it is fainter than this part of its own darkness."""


@dataclass(frozen=True)
class Marks:
    """Connected pieces of ink, numbered from 1.

    Attributes:
        labels: int32, (h, w): the number of the piece that each pixel belongs to, or 0.
        boxes: int, (n, 4): top, left, bottom, right of each piece.
        area: (n,): pixels of each piece.
        level: (n,): how dark each piece is, as a share of light taken away.
        pen: (n,): the width of each piece's stroke, in pixels.
        noise: the standard deviation of bare paper.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int64]
    area: NDArray[np.int64]
    level: NDArray[np.float64]
    pen: NDArray[np.float64]
    noise: float


def find_marks(ink: Floats) -> Marks:
    """Find pieces of ink.

    Args:
        ink: (h, w), the share of light that is missing.
    """
    from scipy import ndimage

    smooth = ndimage.gaussian_filter(ink, 0.7, mode="nearest")
    noise = spread(smooth)
    low, high = max(_MAYBE * noise, _FAINTEST / 2), max(_SURE * noise, _FAINTEST)
    around = np.ones((3, 3), bool)
    labels, count = ndimage.label(smooth > low, around, output=np.int32)
    level = _levels(smooth, labels, count)
    kept = smooth > (_OWN * level)[labels]
    kept &= (level >= high)[labels]
    kept[labels == 0] = False
    labels, count = ndimage.label(kept, around, output=np.int32)
    level = _levels(smooth, labels, count)
    return _measured(labels, count, level, noise)


def spread(ink: Floats) -> float:
    """Return the standard deviation of noise, whatever ink there is among it."""
    some = ink[::2, ::2]
    return 1.4826 * float(np.median(np.abs(some - np.median(some))))


def _levels(ink: Floats, labels: NDArray[np.int32], count: int) -> NDArray[np.float64]:
    """Return the darkness of each piece, and of none at 0: its pixels' mean, weighed by itself."""
    inside = labels > 0
    which, values = labels[inside], ink[inside].astype(np.float64)
    sums = np.bincount(which, values, count + 1)
    squares = np.bincount(which, values * values, count + 1)
    return np.asarray(squares / np.maximum(sums, 1e-9))


def _measured(
    labels: NDArray[np.int32], count: int, level: NDArray[np.float64], noise: float
) -> Marks:
    from scipy import ndimage

    area = np.bincount(labels.ravel(), minlength=count + 1)
    outline = np.zeros(count + 1)
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        edge = one != other
        outline += np.bincount(one[edge], minlength=count + 1)
        outline += np.bincount(other[edge], minlength=count + 1)
    # A stroke has two sides, and an outline counted in pixels' edges is 4/π too long on average.
    pen = 2 * area / np.maximum(outline * np.pi / 4, 1)
    boxes = np.array(
        [(d.start, a.start, d.stop, a.stop) for d, a in ndimage.find_objects(labels)], np.int64
    ).reshape(-1, 4)
    return Marks(labels, boxes, area[1:], level[1:], pen[1:], noise)
