"""Only the outline: Canny's edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.shades import Pictures, fractions, smoothed

_SIGMA, _WEAK, _STRONG = 1, 0.1, 0.2
"""Of the smoothing in pixels, and how steep an edge is (MNIST-C: the defaults of scikit-image)."""


def canny_edges(images: Pictures, draws: Draws) -> Pictures:
    """Show edges in white and nothing else (Canny 1986). Nothing is random here.

    Smooth; measure steepness (Sobel); keep what is steepest in its own direction; of that, keep
    what is steep, and what is less steep where it touches what was kept. Pixels of the rim, where
    nobody knows the steepness, are no edges.
    """
    values = smoothed(fractions(images).astype(np.float64), _SIGMA, repeat=False)
    down, right = _gradient(values)
    steep = np.hypot(down, right)
    edges = np.zeros(values.shape, bool)
    edges[:, 1:-1, 1:-1] = _crest(steep, down[:, 1:-1, 1:-1], right[:, 1:-1, 1:-1])
    weak, kept = edges & (steep >= _WEAK), edges & (steep >= _STRONG)
    while True:
        grown = _spread(kept) & weak
        if np.array_equal(grown, kept):
            return np.where(kept, np.uint8(255), np.uint8(0))[..., None]
        kept = grown


def _gradient(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return Sobel's differences down and to the right, unnormalised; the border is repeated."""
    wide = np.pad(values, ((0, 0), (1, 1), (1, 1)), mode="edge")
    rows = wide[:, 2:] - wide[:, :-2]
    columns = wide[:, :, 2:] - wide[:, :, :-2]
    down = rows[:, :, :-2] + 2 * rows[:, :, 1:-1] + rows[:, :, 2:]
    right = columns[:, :-2] + 2 * columns[:, 1:-1] + columns[:, 2:]
    return down, right


def _crest(
    steep: NDArray[np.float64], down: NDArray[np.float64], right: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Tell where nothing is steeper a step up or down the slope.

    A step ends on the square of the eight neighbours, between a straight and a diagonal one, whose
    steepness is mixed. Arguments are without the rim, but for ``steep``.
    """
    lines = {-1: slice(-2), 0: slice(1, -1), 1: slice(2, None)}
    upright, same = np.abs(down) >= np.abs(right), down * right >= 0

    def neighbour(row: int, column: int) -> NDArray[np.float64]:
        return steep[:, lines[row], lines[column]]

    longer = np.maximum(np.abs(down), np.abs(right))
    shorter = np.minimum(np.abs(down), np.abs(right))
    part = np.divide(shorter, longer, out=np.zeros_like(longer), where=longer > 0)
    crest = np.ones(down.shape, bool)
    for way in (-1, 1):
        straight = np.where(upright, neighbour(way, 0), neighbour(0, way))
        across = np.where(upright, neighbour(way, -way), neighbour(-way, way))
        diagonal = np.where(same, neighbour(way, way), across)
        crest &= straight * (1 - part) + diagonal * part <= neighbour(0, 0)
    return crest


def _spread(there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Let pixels (n, height, width) take in their eight neighbours."""
    spread = there.copy()
    spread[:, 1:] |= there[:, :-1]
    spread[:, :-1] |= there[:, 1:]
    sideways = spread.copy()
    sideways[:, :, 1:] |= spread[:, :, :-1]
    sideways[:, :, :-1] |= spread[:, :, 1:]
    return sideways
