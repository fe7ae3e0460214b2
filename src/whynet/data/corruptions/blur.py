"""Blur: frosted glass, and a camera that moved."""

from __future__ import annotations

import math

import numpy as np

from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.shades import Pictures, as_pictures, fractions, smoothed

_GLASS_SIGMA, _GLASS_ROUNDS = 0.7, 2
"""Pixels, and how often all are shuffled by at most one (MNIST-C: strength 1: 0.7, 1, 2)."""

_TRAIL_SIGMA, _TRAIL = 3, 12
"""Pixels: a trail's deviation, and its length (MNIST-C: strength 1: radius 10, sigma 3; beyond 12
pixels are 0.003 % of such a trail)."""

_TURN = 45
"""Degrees from level that a trail may have, up or down."""


def glass_blur(images: Pictures, draws: Draws) -> Pictures:
    """Look through frosted glass: smooth, let neighbours change places, and smooth again.

    From the last pixel to the first, every other one at random changes places with itself, the one
    above, the one before, or the one before above (Hendrycks & Dietterich 2019).
    """
    values = smoothed(fractions(images), _GLASS_SIGMA)
    n, height, width = values.shape
    # One of eight things happens: nothing, four times, or one of four exchanges.
    outcome = (draws.uniform(_GLASS_ROUNDS, height, width) * 8).astype(np.intp)
    back = np.where(outcome < 4, 0, (outcome // 2 % 2) * width + outcome % 2)
    # Pixel by pixel, as what moved may move on: all pictures at once.
    pixels, back = np.ascontiguousarray(values.reshape(n, -1).T), np.moveaxis(back, 0, -1)
    everyone = np.arange(n)
    for turn in range(_GLASS_ROUNDS):
        for row in range(height - 1, 1, -1):
            for column in range(width - 1, 1, -1):
                place = row * width + column
                other = place - back[turn, row, column]
                here = pixels[place].copy()
                pixels[place] = pixels[other, everyone]
                pixels[other, everyone] = here
    return as_pictures(smoothed(pixels.T.reshape(n, height, width), _GLASS_SIGMA))


def motion_blur(images: Pictures, draws: Draws) -> Pictures:
    """Move the camera: every pixel draws a trail to one side that fades as half a Gaussian.

    The trail's direction is a picture's own, at most 45° from level; it goes from pixel to nearest
    pixel, and the border goes on beyond the border, as in ImageMagick's motion blur.
    """
    n, height, width, _ = images.shape
    angle = np.radians((2 * draws.uniform(1)[:, 0] - 1) * _TURN)
    wide = np.pad(fractions(images), ((0, 0), (_TRAIL, _TRAIL), (_TRAIL, _TRAIL)), mode="edge")
    line = width + 2 * _TRAIL
    first = np.arange(n)[:, None] * wide[0].size + _TRAIL * (line + 1)
    inside = (np.arange(height)[:, None] * line + np.arange(width)).ravel()
    total, weights = np.zeros((n, height * width), np.float32), 0.0
    for step in range(_TRAIL + 1):
        weight = math.exp(-((step / _TRAIL_SIGMA) ** 2) / 2)
        down, right = (np.ceil(step * part - 0.5) for part in (np.sin(angle), np.cos(angle)))
        moved = (down * line + right).astype(np.intp)[:, None]
        total += np.float32(weight) * wide.ravel()[first + moved + inside]
        weights += weight
    return as_pictures(total.reshape(n, height, width) / np.float32(weights))
