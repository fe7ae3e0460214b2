"""Crosses and ticks on a tiny grid of ±1 pixels, as textbooks draw them to explain filters."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.data.strokes.sheet import check_counts
from whynet.errors import ConfigError

Floats = NDArray[np.float32]
Labels = NDArray[np.int64]

_STEPS = 48  # positions along each line: more than any tiny grid has pixels
_LARGEST = 24


def tiny_ticks(n: int, *, seed: int = 0, size: int = 9) -> tuple[Floats, Labels]:
    """Draw crosses (label 0) and ticks (label 1) one pixel wide on a tiny grid.

    Each mark is stretched, shifted and slanted a little, so that no two templates fit them all, but
    small filters for slanted lines and for the corner of the tick do.

    Args:
        n: how many; half of them, or one more, are crosses.
        seed: names the sequence.
        size: the grid's side in pixels, 5 to 24.

    Returns:
        float32 (n, size, size, 1), +1 where the line runs and -1 elsewhere; int64 (n,), labels.

    Raises:
        ConfigError: n or seed is below 0, or size is out of range.
    """
    check_counts(n=n, seed=seed)
    if not 5 <= size <= _LARGEST:
        raise ConfigError(f"tiny_ticks: expected a size from 5 to {_LARGEST}, got {size}")
    rng = np.random.default_rng((seed, size))
    labels = rng.permutation(np.arange(n) % 2)

    # Ends stray by little, or a tick's corner would meet its end on the smallest grids.
    stray = rng.uniform(-0.1, 0.1, (n, 2, 2, 2))
    cross = np.array([[[0.0, 0.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
    tick = np.array([[[0.0, 0.6], [0.33, 1.0]], [[0.33, 1.0], [1.0, 0.0]]])
    is_tick = labels == 1
    stray[is_tick, 1, 0] = stray[is_tick, 0, 1]  # the arms of a tick meet
    ends = np.where(is_tick[:, None, None, None], tick, cross) + stray

    along = np.linspace(0.0, 1.0, _STEPS)[:, None]
    path = ends[:, :, :1] * (1 - along) + ends[:, :, 1:] * along
    pixel = np.clip(np.rint(path * (size - 1)), 0, size - 1).astype(np.int64)
    grids = np.full((n, size, size, 1), -1.0, np.float32)
    image = np.arange(n)[:, None, None]
    grids[image, pixel[..., 1], pixel[..., 0]] = 1.0
    return grids, labels
