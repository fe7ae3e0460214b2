"""Maps that know nothing of any net: what an explanation must beat at least."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Maps = NDArray[np.floating[Any]]


def chance(pictures: NDArray[np.uint8]) -> Maps:
    """Return maps of random numbers."""
    return np.random.default_rng(0).random(pictures.shape[:3])


def ink(pictures: NDArray[np.uint8]) -> Maps:
    """Return the pictures themselves."""
    return pictures[..., 0].astype(np.float64)


def edges(pictures: NDArray[np.uint8]) -> Maps:
    """Return the strength of the pictures' edges, by Sobel's filters."""
    frame = np.pad(pictures[..., 0].astype(np.float64), ((0, 0), (1, 1), (1, 1)))
    down = frame[:, 2:] - frame[:, :-2]
    right = frame[:, :, 2:] - frame[:, :, :-2]
    down = down[:, :, :-2] + 2 * down[:, :, 1:-1] + down[:, :, 2:]
    right = right[:, :-2] + 2 * right[:, 1:-1] + right[:, 2:]
    return np.hypot(down, right)


SIMPLE = {"random": chance, "the ink itself": ink, "edges (Sobel)": edges}
