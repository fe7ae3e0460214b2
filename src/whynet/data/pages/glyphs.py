"""A digit's picture, whatever pen wrote it, as the path that a pen of any width can follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_FINER = 4
"""So many times finer than its picture a digit is thinned, for a path without steps."""


def distances(glyph: NDArray[np.uint8]) -> Floats:
    """Return how far each point of a digit's box lies from the middle of its strokes.

    Args:
        glyph: uint8, (h, w), bright ink on black; with some ink.

    Returns:
        (rows, columns), in heights of the digit. One row is one part in so many of its height; a
        margin of half a height lies around, which a thick pen reaches into.
    """
    from scipy import ndimage

    fine = ndimage.zoom(glyph.astype(np.float32), _FINER, order=1)
    fine = ndimage.gaussian_filter(fine, _FINER / 2)
    pieces, count = ndimage.label(fine > 0.45 * fine.max(), np.ones((3, 3)))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    sizes[0] = 0
    # A lone dot is not of the digit, but would count as its height.
    middle = thinned((sizes > 0.05 * sizes.max())[pieces])
    rows, columns = (np.flatnonzero(middle.any(axis)) for axis in (1, 0))
    middle = middle[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    # A 1 that lies flat would else be blown up to the height of the others.
    height = max(middle.shape[0], middle.shape[1] // 2, 2)
    far = ndimage.distance_transform_edt(~np.pad(middle, height // 2))
    return np.asarray(far / height, np.float32)


def thinned(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin a shape down to lines one pixel wide (Zhang and Suen 1984).

    Args:
        solid: bool, (h, w).

    Returns:
        bool, (h, w): part of the shape, as connected as it was.
    """
    ring = ((0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0), (0, 0))
    left = solid.copy()
    height, width = solid.shape
    while True:
        before = left
        # Alternately from the south-east and the north-west, so that lines stay in the middle.
        for a, b in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
            padded = np.pad(left, 1)
            around = np.stack([padded[r : r + height, c : c + width] for r, c in ring])
            count = around.sum(axis=0)
            steps = (~around & np.roll(around, -1, axis=0)).sum(axis=0)
            inner = around[list(a)].all(axis=0) | around[list(b)].all(axis=0)
            left = left & ~((count >= 2) & (count <= 6) & (steps == 1) & ~inner)
        if (left == before).all():
            return left
