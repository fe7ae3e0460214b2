"""Geometry: the same digit leaning, small, turned, or out of the middle.

What lies outside of a picture is black, and grey between pixels is mixed from four (bilinear).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.shades import Pictures, as_pictures, fractions

_LEAN = 0.4
"""Radians (MNIST-C: strength 2 of .2, .4, .6, .8, 1)."""

_SIZE = 0.7
"""Of what it was (MNIST-C: strength 3 of .9, .8, .7, .6, .5)."""

_ANGLE = 0.4
"""Radians, 23° (MNIST-C: strength 2 of .2, .4, .6, .8, 1)."""

_SHIFT = 3
"""Pixels (MNIST-C: strength 3 of 1 to 5)."""


def shear(images: Pictures, draws: Draws) -> Pictures:
    """Lean to the left or to the right: lines that stood upright lean by 0.4 radians."""
    down, across = math.cos(_LEAN), math.sin(_LEAN)  # an upright keeps its length
    found = np.empty_like(images)
    for (sign,), chosen in _by_signs(draws.signs(1)):
        found[chosen] = _read(images[chosen], [[down, 0], [sign * across, 1]])
    return found


def scale(images: Pictures, draws: Draws) -> Pictures:
    """Shrink to 70 % of the size, around the middle. Nothing is random here."""
    return _read(images, np.eye(2) / _SIZE)


def rotate(images: Pictures, draws: Draws) -> Pictures:
    """Turn by 0.4 radians around the middle, one way or the other."""
    along, across = math.cos(_ANGLE), math.sin(_ANGLE)
    found = np.empty_like(images)
    for (sign,), chosen in _by_signs(draws.signs(1)):
        found[chosen] = _read(images[chosen], [[along, sign * across], [-sign * across, along]])
    return found


def translate(images: Pictures, draws: Draws) -> Pictures:
    """Move by three pixels up or down, and three to a side."""
    found = np.empty_like(images)
    for (down, right), chosen in _by_signs(draws.signs(2)):
        found[chosen] = _read(images[chosen], np.eye(2), (down * _SHIFT, right * _SHIFT))
    return found


def _by_signs(signs: NDArray[np.float32]) -> Iterator[tuple[tuple[int, ...], NDArray[np.bool_]]]:
    """Yield every combination of signs (n, count), and which pictures drew it."""
    for combination in product((-1, 1), repeat=signs.shape[1]):
        yield combination, (signs == combination).all(axis=1)


def _read(images: Pictures, linear: ArrayLike, shift: tuple[float, float] = (0, 0)) -> Pictures:
    """Read pictures at other places: those of ``linear`` (2, 2), from the middle, and ``shift``.

    Both are of rows and columns, and from where a pixel is to where it is read.
    """
    values = fractions(images)
    n, height, width = values.shape
    size = np.array([[[height]], [[width]]])
    middle = (size - 1) / 2
    places = np.tensordot(np.asarray(linear, float), np.indices((height, width)) - middle, 1)
    # One black pixel around, and one more at the end for whoever reads beyond the last.
    places = np.clip(places + middle + np.reshape(shift, (2, 1, 1)), -1, size) + 1
    framed = np.zeros((n, height + 3, width + 3), np.float32)
    framed[:, 1:-2, 1:-2] = values
    row, column = places.astype(np.intp)
    below, right = (places % 1).astype(np.float32)
    upper = framed[:, row, column] * (1 - right) + framed[:, row, column + 1] * right
    lower = framed[:, row + 1, column] * (1 - right) + framed[:, row + 1, column + 1] * right
    return as_pictures(upper * (1 - below) + lower * below)
