"""Paper: its colour and fibres, what is printed on it, and the light that falls on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = NDArray[np.float32]


def blank(height: int, width: int, rough: float, rng: np.random.Generator) -> Floats:
    """Return paper without light or rules, (height, width, 3): the share of light it gives back.

    Args:
        height: in pixels.
        width: in pixels.
        rough: 0 for even white, up to 1 for the roughest colours and fibres.
        rng: where luck comes from.
    """
    from scipy import ndimage

    colour = 1 - rough * rng.uniform([0.0, 0.0, 0.0], [0.1, 0.12, 0.35])
    fibres = np.zeros((height, width), np.float32)
    for size in (0.7, 2.0):
        noise = rng.standard_normal((height, width), np.float32)
        smooth = ndimage.gaussian_filter(noise, size)
        fibres += smooth / smooth.std() * np.float32(rough * rng.uniform(0.002, 0.015))
    return np.asarray((0.95 + fibres)[..., None] * colour, np.float32)


def print_rules(
    paper: Floats, baselines: Sequence[float], gap: float, kind: str, rng: np.random.Generator
) -> None:
    """Print lines onto paper (h, w, 3): under each line of digits and, squared, in both directions.

    Args:
        paper: changed in place.
        baselines: rows that digits stand on.
        gap: pixels between two rules.
        kind: "ruled" or "squared".
        rng: where luck comes from.
    """
    height, width = paper.shape[:2]
    thick = rng.uniform(1.0, 2.5)
    kept = 1 - rng.uniform(0.1, 0.4) * rng.uniform([0.7, 0.4, 0.2], [1.0, 0.9, 0.6])
    first = baselines[0] % gap
    _print(paper, np.arange(first, height, gap), thick, kept)
    if kind == "squared":
        _print(paper.swapaxes(0, 1), np.arange(rng.uniform(0, gap), width, gap), thick, kept)


def _print(
    paper: Floats, places: NDArray[np.float64], thick: float, kept: NDArray[np.float64]
) -> None:
    at = np.arange(len(paper))[:, None]
    near = np.abs(at - places[None]).min(axis=1)
    cover = np.clip((thick + 1) / 2 - near, 0, min(thick, 1))
    paper *= (1 - cover[:, None] * (1 - kept))[:, None].astype(np.float32)


def light(height: int, width: int, rough: float, rng: np.random.Generator) -> Floats:
    """Return what falls on the paper, (height, width): a lamp to one side and perhaps a shadow."""
    rows = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    angle = rng.uniform(0, 2 * np.pi)
    slope = rough * rng.uniform(0, 0.3)
    falling = 1 - slope * (1 + np.sin(angle) * rows + np.cos(angle) * columns)
    falling -= rough * rng.uniform(0, 0.15) * (rows**2 + columns**2) / 2
    if rng.random() < 0.5 * rough:
        angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.6, 0.6)
        side = np.sin(angle) * rows + np.cos(angle) * columns - offset
        soft = np.exp(rng.uniform(np.log(0.004), np.log(0.1)))
        falling *= 1 - rng.uniform(0.15, 0.45) / (1 + np.exp(-np.clip(side / soft, -30, 30)))
    return np.asarray(np.clip(falling, 0.1, 1), np.float32)
