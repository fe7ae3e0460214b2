"""Lines across the picture: stripes, dots, a zigzag."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.shades import Pictures, as_pictures, fractions

_SHARE = 4
"""One in so many columns is inverted on each side (MNIST-C: 7 of 28)."""

_THICK = 2.3
"""Pixels from the middle of a line at which its ink, 1 + ln(1 − distance / this), would be −∞."""

_DOT = 2
"""Columns of a dot, and of the gap before it."""

_INSET, _DROP = 2, 5
"""Pixels: a zigzag keeps away from both sides, and ends at most so much higher or lower."""

_SWING = 2
"""Pixels: how far a zigzag goes to each side of its line, and half of how far it goes along it."""


def stripe(images: Pictures, draws: Draws) -> Pictures:
    """Invert a quarter of the columns on the left and on the right. Nothing is random here."""
    changed, side = images.copy(), images.shape[2] // _SHARE
    for columns in (slice(side), slice(images.shape[2] - side, None)):
        changed[:, :, columns] = 255 - changed[:, :, columns]
    return changed


def dotted_line(images: Pictures, draws: Draws) -> Pictures:
    """Draw a dotted line from any height on the left to any height on the right."""
    values = fractions(images)
    n, height, width = values.shape
    left, right = draws.below(height - 1, 2).T
    ink = _segment(values.shape, (left, np.zeros(n)), (right, np.full(n, width - 1)))
    ink *= np.arange(width) // _DOT % 2
    return as_pictures(values + ink)


def zigzag(images: Pictures, draws: Draws) -> Pictures:
    """Draw a zigzag from side to side, almost level, with turns two pixels above and below."""
    values = fractions(images)
    n, height, width = values.shape
    start, drop = draws.below(height - 1, 2)[:, 0], draws.below(2 * _DROP, 2)[:, 1] - _DROP
    span = max(width - 1 - 2 * _INSET, 0)
    length, angle = np.hypot(span, drop), np.arctan2(drop, span)

    def place(along: NDArray[np.float64], aside: NDArray[np.float64]) -> Point:
        """Turn a place on the zigzag's own axes into one of rows and columns."""
        row = start + along * np.sin(angle) + aside * np.cos(angle)
        return row, _INSET + along * np.cos(angle) - aside * np.sin(angle)

    along, aside, sign = np.zeros(n), np.zeros(n), 1
    # Up to the longest there could be, so that no picture depends on others; at a zigzag's own
    # end, what follows has no length.
    for turn in range(_SWING, math.ceil(math.hypot(span, _DROP)) + 2 * _SWING, 2 * _SWING):
        to = np.minimum(turn, length)
        beside = aside + sign * (to - along)
        values += _segment(values.shape, place(along, aside), place(to, beside))
        values = np.minimum(values, 1)
        along, aside, sign = to, beside, -sign
    return as_pictures(values)


Point = tuple[NDArray[np.float64], NDArray[np.float64]]
"""A row (n,) and a column (n,), for each picture one."""


def _segment(shape: tuple[int, ...], start: Point, end: Point) -> NDArray[np.float32]:
    """Draw a straight line in each picture of a shape (n, height, width), with soft rims.

    A line that does not lead to the right is none. Distances are measured up and down.
    """
    _, height, width = shape
    (row, column), (to_row, to_column) = start, end
    wide = to_column - column
    slope = np.divide(to_row - row, wide, out=np.zeros_like(wide), where=wide > 0)
    columns = np.arange(width)
    middle = row[:, None] + slope[:, None] * (columns - column[:, None])
    distance = np.abs(np.arange(height)[:, None] - middle[:, None, :].astype(np.float32))
    ink = 1 + np.log1p(np.maximum(-distance / np.float32(_THICK), np.float32(-0.9)))
    there = (columns >= np.floor(column)[:, None]) & (columns < np.ceil(to_column)[:, None])
    there &= (wide > 0)[:, None]
    found: NDArray[np.float32] = np.maximum(ink, 0) * there[:, None, :]
    return found
