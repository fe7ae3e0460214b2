"""Printed lines, ruled or squared: found by their length, and taken away up to their own darkness.

A rule is fainter than most writing but far longer. In each strip across the page it is a thin bump;
bumps of neighbouring strips that lie on one straight line, over most of a third of the page, are a
rule, and no writing looks like that. Each third is looked at alone, at its own tilt, so that a page
seen from a slant, or bent a little, has rules too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.handwriting.pages.ink import spread

Floats = NDArray[np.float32]

_STRIPS = 100
_STEEPEST = 0.12
"""The largest tilt, as rows for each column: 7 degrees."""
_TILTS = 61
_REACH = 5
"""Rows above and below a rule at which there is paper again."""
_THICKEST = 0.005
"""The most that a rule is thick, as a part of the longer side."""
_SHARE = 0.8
"""The share of a third of the page on which a rule must show."""


@dataclass(frozen=True)
class Rules:
    """A page's ink without its rules.

    Attributes:
        ink: (h, w): what is left.
        erased: bool, (h, w): where something was taken away.
        count: how many pieces of rules were found.
    """

    ink: Floats
    erased: NDArray[np.bool_]
    count: int


def remove_rules(ink: Floats) -> Rules:
    """Find ruled and squared lines and take them away.

    Args:
        ink: (h, w), the share of light that is missing.
    """
    left = ink.copy()
    noise = spread(ink)
    count = 0
    for view in (left, left.T):
        if min(view.shape) >= 4 * _REACH and view.shape[1] >= _STRIPS:
            count += _remove_along(view, noise)
    return Rules(left, left != ink, count)


def _remove_along(ink: Floats, noise: float) -> int:
    """Erase the rules that run along the rows, in place; return how many thirds of them."""
    width = ink.shape[1] // _STRIPS
    strips = ink[:, : width * _STRIPS].reshape(len(ink), _STRIPS, width).mean(axis=2)
    bumps = _bumps(strips)
    fine = max(3 * spread(bumps), 0.008)
    pieces = _pieces(bumps > fine, width)
    for row, first, slope in pieces:
        _erase(ink, bumps, (row, first, slope), width, noise)
    return len(pieces)


def _bumps(strips: Floats) -> Floats:
    """Return how far each row stands out from the lighter of its two sides."""
    padded = np.pad(strips, ((_REACH, _REACH), (0, 0)), mode="edge")
    return strips - np.minimum(padded[: -2 * _REACH], padded[2 * _REACH :])


def _pieces(found: NDArray[np.bool_], width: int) -> list[tuple[int, int, float]]:
    """Return (row at the first strip, first strip, slope) of each third that holds a rule."""
    from scipy import ndimage

    rows = len(found)
    window = _STRIPS // 3
    starts = np.arange(0, _STRIPS - window + 1, window // 4)
    near = found.copy()
    near[1:] |= found[:-1]
    near[:-1] |= found[1:]
    pad = int(np.ceil(_STEEPEST * width * _STRIPS)) + 1
    padded = np.pad(near, ((pad, pad), (0, 0))).T.copy()
    best = np.zeros((rows, len(starts)), np.float32)
    slopes = np.zeros((rows, len(starts)), np.float32)
    sums = np.zeros((_STRIPS + 1, rows), np.int16)
    for slope in np.linspace(-_STEEPEST, _STEEPEST, _TILTS):
        for strip in range(_STRIPS):
            down = pad + round(slope * width * (strip - _STRIPS / 2))
            np.add(sums[strip], padded[strip, down : down + rows], out=sums[strip + 1])
        share = ((sums[starts + window] - sums[starts]) / np.float32(window)).T
        better = share > best
        best[better] = share[better]
        slopes[better] = slope
    peak = best == ndimage.maximum_filter1d(best, 2 * _REACH + 1, axis=0)
    peak &= best >= _SHARE
    pieces = []
    for column, start in enumerate(starts):
        at = -99
        for row in np.flatnonzero(peak[:, column]):
            if row - at > _REACH:  # of equals side by side, the first
                slope = float(slopes[row, column])
                first = row + slope * width * (int(start) - _STRIPS / 2)
                pieces.append((round(first), int(start), slope))
                at = int(row)
    # A tall digit has long strokes too, but no printed paper has so few rules.
    return pieces if len(pieces) >= len(starts) else []


def _erase(
    ink: Floats, bumps: Floats, piece: tuple[int, int, float], width: int, noise: float
) -> None:
    """Erase a third of a rule, but for what is darker than it, or runs on below and above it."""
    from scipy import ndimage

    row, first, slope = piece
    window = _STRIPS // 3
    strips = first + np.arange(window)
    middle = np.rint(row + slope * width * (np.arange(window) + 0.5)).astype(int)
    inside = (middle >= _REACH) & (middle < len(ink) - _REACH)
    strips, middle = strips[inside], middle[inside]
    if len(strips) < window // 2:
        return
    # The rule may waver by a pixel or two.
    near = np.stack([bumps[middle + off, strips] for off in range(-2, 3)])
    off = ndimage.median_filter(near.argmax(axis=0) - 2, 5, mode="nearest")
    ends = (strips + 0.5) * width
    columns = np.arange(strips[0] * width, (strips[-1] + 1) * width)
    centre = np.rint(np.interp(columns, ends, middle + off)).astype(int)
    reach = np.arange(-_REACH, _REACH + 1)[:, None]
    rows = np.clip(centre[None] + reach, 0, len(ink) - 1)
    around = ink[rows, columns[None]]

    level = np.median(around, axis=1)
    if max(level[0], level[-1]) > 0.5 * level.max():
        return  # too wide for a rule
    level -= min(level[0], level[-1])
    band = np.flatnonzero(level > max(0.2 * level.max(), noise / 2))
    if not 0 < len(band) <= max(3, _THICKEST * max(ink.shape)):
        return
    first_row, last_row = max(band[0] - 1, 2), min(band[-1] + 1, 2 * _REACH - 2)
    above = ndimage.maximum_filter1d(around[first_row - 2 : first_row].max(axis=0), 3)
    below = ndimage.maximum_filter1d(around[last_row + 1 : last_row + 3].max(axis=0), 3)
    through = np.minimum(above, below)
    part = slice(first_row, last_row + 1)
    limit = 1.5 * level[part, None] + 3 * noise
    written = around[part] > limit
    written |= (through > 0.6 * around[part]) & (through > 1.2 * level.max() + 4 * noise)
    values = np.where(written, around[part], np.minimum(around[part], 0))
    ink[rows[part], columns[None]] = values
