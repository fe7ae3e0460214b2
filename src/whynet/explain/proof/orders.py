"""Which pixels go first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array
from whynet.randomness import keyed_generator

Ranks = NDArray[np.int64]
"""Pixels by number, the first to go first."""

_STREAM = 0x9800F  # keeps these keys apart from those of other methods


def at_random(n: int, draws: int, seed: int) -> list[Ranks]:
    """Return random orders of n pixels, keyed by seed and draw: more draws begin with the same."""
    return [keyed_generator(seed, _STREAM, draw).permutation(n) for draw in range(1, draws + 1)]


def largest_first(values: Array, seed: int) -> Ranks:
    """Return the order of falling values (n,).

    Ties are broken at random: in rows from the top they would follow the digit's shape.
    """
    shuffled = keyed_generator(seed, _STREAM, 0).permutation(len(values))
    order: Ranks = shuffled[np.argsort(-values[shuffled], kind="stable")]
    return order


def sobel(picture: Array) -> NDArray[np.float64]:
    """Return how steep a picture (h, w, c) is at each place, (h, w): an edge detector.

    √(gx² + gy²) with Sobel's 3 × 3 filters, the borders repeated outwards, added up over channels
    (Sobel & Feldman 1968, as in Duda & Hart 1973, "Pattern classification and scene analysis").
    """
    frame = np.pad(picture.astype(np.float64), ((1, 1), (1, 1), (0, 0)), mode="edge")
    down = frame[:-2] + 2 * frame[1:-1] + frame[2:]
    across = frame[:, :-2] + 2 * frame[:, 1:-1] + frame[:, 2:]
    steep = np.hypot(down[:, 2:] - down[:, :-2], across[2:] - across[:-2])
    added: NDArray[np.float64] = steep.sum(axis=2)
    return added
