"""What the corruptions share: grey as fractions and back, and smoothing."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array

Pictures = NDArray[np.uint8]
"""(n, height, width, 1), as in `Dataset.images`."""

_Values = TypeVar("_Values", bound=np.floating[Any])

_REACH = 4
"""A Gaussian is cut off at so many standard deviations."""


def fractions(images: Pictures) -> NDArray[np.float32]:
    """Return grey from 0 to 1, (n, height, width)."""
    return images[..., 0].astype(np.float32) / np.float32(255)


def as_pictures(values: Array) -> Pictures:
    """Return pictures of the nearest grey: values (n, height, width) beyond 0 to 1 are clipped."""
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)[..., None]


def smoothed(values: NDArray[_Values], sigma: float, *, repeat: bool = True) -> NDArray[_Values]:
    """Smooth values (n, height, width) by a Gaussian.

    Args:
        values: floating point.
        sigma: its standard deviation in pixels.
        repeat: the border goes on beyond the border; otherwise nothing is there, and the weights
            within add up to 1.
    """
    _, height, width = values.shape
    down = _weights(height, sigma, repeat).astype(values.dtype)
    across = _weights(width, sigma, repeat).T.astype(values.dtype)
    # A picture has products of its own, always of the same shape: see augment.py.
    found: NDArray[_Values] = down @ values @ across
    return found


@lru_cache(maxsize=32)
def _weights(size: int, sigma: float, repeat: bool) -> NDArray[np.float64]:
    """What each pixel of a line takes from each, (size, size)."""
    reach = int(_REACH * sigma + 0.5)
    offsets = np.arange(-reach, reach + 1)
    bell = np.exp(-((offsets / sigma) ** 2) / 2)
    to, offset = np.meshgrid(np.arange(size), offsets, indexing="ij")
    source, weight = to + offset, np.broadcast_to(bell, to.shape)
    within = np.clip(source, 0, size - 1)
    weights = np.zeros((size, size))
    np.add.at(weights, (to, within), weight if repeat else weight * (source == within))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights
