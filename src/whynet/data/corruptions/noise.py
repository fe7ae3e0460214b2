"""Noise: too little light, and pixels that fail."""

from __future__ import annotations

import numpy as np

from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.shades import Pictures, as_pictures, fractions

_PHOTONS = 3
"""That a white pixel gets on average (MNIST-C: strength 5 of 60, 25, 12, 5, 3)."""

_FAILED = 0.17
"""Of all pixels (MNIST-C: strength 4 of .03, .06, .09, .17, .27)."""


def shot_noise(images: Pictures, draws: Draws) -> Pictures:
    """Count photons in the dark: a pixel's grey is a Poisson number, three of which are white."""
    mean = _PHOTONS * fractions(images)
    drawn = draws.uniform(*mean.shape[1:])
    # More than three are white too. So it is enough to know how often there are fewer.
    chance = np.exp(-mean)
    below, counted = chance.copy(), np.zeros_like(mean)
    for count in range(1, _PHOTONS + 1):
        counted += drawn >= below
        chance *= mean / count
        below += chance
    return as_pictures(counted / _PHOTONS)


def impulse_noise(images: Pictures, draws: Draws) -> Pictures:
    """Let pixels fail: 17 % of them are black or white, whatever was there ("salt and pepper")."""
    drawn = draws.uniform(*images.shape[1:])
    changed = np.where(drawn < _FAILED / 2, np.uint8(0), images)
    return np.where(drawn >= 1 - _FAILED / 2, np.uint8(255), changed)
