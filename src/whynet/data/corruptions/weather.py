"""Weather: a bright day, fog, and mud on the pane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.shades import Pictures, as_pictures, fractions, smoothed

_BRIGHTER = 0.5
"""Of white (MNIST-C: strength 5 of .1 to .5)."""

_FOG, _CALMER = 3, 1.4
"""How much fog, in whites, and by how much finer fog is calmer (MNIST-C: strength 5: 3, 1.4)."""

_LAND = 256
"""Pixels from where a fog repeats itself to where it does again; more for larger pictures."""

_KNOWN = 4
"""Pixels between points whose thickest and thinnest count as the whole fog's. Finer fog differs
by less than a hundredth; it is made only where there is a picture."""

_MARGIN = 2
"""Points around a picture that the finer fog in it depends on."""

_LIQUID, _DEVIATION, _DROP, _WET = 0.65, 0.3, 1, 0.65
"""A liquid's mean and deviation, how far it flows in pixels, and from where on it is mud (MNIST-C:
strength 4)."""

_SOFT, _COVERED, _MUD = 1.5, 0.8, 63 / 255
"""How soft mud's rims are, in pixels, how much of a pixel it covers at least, and its grey."""


def brightness(images: Pictures, draws: Draws) -> Pictures:
    """Let in more light: every pixel is brighter by half of white. Nothing is random here."""
    return as_pictures(fractions(images) + np.float32(_BRIGHTER))


def fog(images: Pictures, draws: Draws) -> Pictures:
    """Add three parts of fog to one of picture, and darken both to the picture's own white.

    The fog is a plasma fractal by the diamond-square algorithm (Fournier, Fussell & Carpenter
    1982), from 0 to 1 over its whole land, whose corner a picture shows.
    """
    values = fractions(images)
    _, height, width = values.shape
    white = values.max(axis=(1, 2), keepdims=True)
    foggy = values + _FOG * _plasma(draws, height, width)
    return as_pictures(foggy * (white / (white + _FOG)))


def _plasma(draws: Draws, height: int, width: int) -> NDArray[np.float32]:
    """Return a corner of a land for each picture, (n, height, width), from 0 to 1."""
    step, stream, size = _LAND, 0, np.float32(1)
    while step < max(height, width):
        step *= 2
    land = np.zeros((len(draws.pictures), 1, 1), np.float32)
    low = high = land
    while step > 1:
        if step == _KNOWN:
            low, high = (end(axis=(1, 2), keepdims=True) for end in (land.min, land.max))
            rows, columns = (
                np.arange(-_MARGIN, -(-side // _KNOWN) + _MARGIN) % land.shape[1]
                for side in (height, width)
            )
            land = land[:, rows[:, None], columns]
        noise = 2 * draws.uniform(3, *land.shape[1:], stream=stream) - 1
        land = _finer(land, noise * size)
        # Both the wobble and what it is multiplied by are smaller: see the authors' code.
        step, stream, size = step // 2, stream + 1, size / np.float32(_CALMER**2)
    start = _MARGIN * _KNOWN
    land = land[:, start : start + height, start : start + width]
    return np.clip((land - low) / (high - low), 0, 1)


def _finer(land: NDArray[np.float32], noise: NDArray[np.float32]) -> NDArray[np.float32]:
    """Put points between points, (n, 2 rows, 2 columns): each is its neighbours' mean, and noise.

    Args:
        land: (n, rows, columns); it goes on where it began.
        noise: (n, 3, rows, columns), for middles of squares, of rows, and of columns.
    """
    n, rows, columns = land.shape
    below, right = np.roll(land, -1, 1), np.roll(land, -1, 2)
    middle = (land + below + right + np.roll(below, -1, 2)) / 4 + noise[:, 0]
    finer = np.empty((n, 2 * rows, 2 * columns), np.float32)
    finer[:, ::2, ::2] = land
    finer[:, 1::2, 1::2] = middle
    finer[:, ::2, 1::2] = (land + right + middle + np.roll(middle, 1, 1)) / 4 + noise[:, 1]
    finer[:, 1::2, ::2] = (land + below + middle + np.roll(middle, 1, 2)) / 4 + noise[:, 2]
    return finer


def spatter(images: Pictures, draws: Draws) -> Pictures:
    """Throw mud: dark grey drops with soft rims cover what is under them."""
    values = fractions(images)
    liquid = _LIQUID + _DEVIATION * draws.normal(*values.shape[1:])
    wet = (smoothed(liquid, _DROP) > _WET).astype(np.float32)
    mud = smoothed(wet, _SOFT)
    mud[mud < _COVERED] = 0
    return as_pictures(values * (1 - mud) + np.float32(_MUD) * mud)
