"""One digit's ink: its path followed with a pen, at its size, whole or with gaps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def inked(distance: Floats, height: float, pen: float) -> Floats:
    """Follow a path with a pen.

    Args:
        distance: of `glyphs.distances`, in heights of the digit.
        height: of the digit, in pixels.
        pen: the stroke's width, in pixels.

    Returns:
        (rows, columns), 0 to 1: how much of each pixel is covered, cropped to the ink.
    """
    from scipy import ndimage

    scale = height / (distance.shape[0] / 2)  # half of the rows are margin
    far = ndimage.zoom(distance, scale, order=1, mode="nearest") * height
    ink = np.clip((pen - 1) / 2 + 1 - far, 0, 1)
    rows, columns = (np.flatnonzero((ink > 0.2).any(axis)) for axis in (1, 0))
    return np.asarray(ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], np.float32)


def broken(ink: Floats, pen: float, rng: np.random.Generator) -> Floats:
    """Leave a gap or two in the strokes, from half as wide as the pen to twice as wide."""
    rows, columns = np.indices(ink.shape, np.float32)
    for _ in range(rng.integers(1, 3)):
        points = np.argwhere(ink > 0.5)
        y, x = points[rng.integers(len(points))]
        angle = rng.uniform(0, np.pi)
        across = (rows - y) * np.sin(angle) + (columns - x) * np.cos(angle)
        along = (columns - x) * np.sin(angle) - (rows - y) * np.cos(angle)
        half = pen * rng.uniform(0.25, 1.0)
        gap = (np.abs(along) < 1.5 * pen) & (np.abs(across) < half)
        left = np.where(gap, 0, ink)
        if left.sum() > 0.6 * ink.sum():
            ink = left.astype(np.float32)
    return ink
