"""Digits that touch, cut along seams: ways from top to bottom that cross the least ink.

Digits lean, and nest beside each other, so a seam may lean too. The cheapest one through each
column of the middle row is found for all columns at once, by dynamic programming from both ends.
What lies between two seams gets a number of its own among the pieces of the page, so a digit made
of what lies between distant seams is a part like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from whynet.handwriting.pages.parts import Part, Parts

Labels = NDArray[np.int32]

_LEANING = 0.15
"""What a step to the side costs, in pixels of ink crossed."""

_TOO_WIDE = 1.35
"""Heights of a digit from which a part is too wide for one, whatever it looks like."""


@dataclass(frozen=True)
class Seam:
    """A way to cut a part in two.

    Attributes:
        columns: (rows of the part,): the first column of the right half, within the part's box.
        cost: how many pixels of ink it crosses, and a little for leaning.
    """

    columns: NDArray[np.int64]
    cost: float

    @property
    def middle(self) -> int:
        """The column that it crosses the middle row in."""
        return int(self.columns[len(self.columns) // 2])


def find_seams(part: Part, labels: Labels, height: float) -> list[Seam]:
    """Return the cheapest seams of a part, from left to right, each cheaper than those around it.

    Args:
        part: to be cut.
        labels: the number of the piece that each pixel of the page belongs to.
        height: of a usual digit.
    """
    from scipy import ndimage

    ink = part.mask(labels).astype(np.float64)
    half = len(ink) // 2
    above, moves_up = _ways(ink[: half + 1])
    below, moves_down = _ways(ink[half:][::-1])
    cost = above + below - ink[half]
    reach = max(1, round(0.08 * height))
    cheap = cost == ndimage.minimum_filter1d(cost, 2 * reach + 1, mode="nearest")
    margin = max(2, round(0.1 * height))
    cheap[:margin] = cheap[len(cost) - margin :] = False
    runs, count = ndimage.label(cheap)
    seams = []
    for run in range(1, count + 1):
        at = int(np.mean(np.flatnonzero(runs == run)))
        upper, lower = _followed(moves_up, at), _followed(moves_down, at)
        columns = np.concatenate([upper[::-1], lower[1:]])
        seams.append(Seam(columns, float(cost[at])))
    return seams


def _ways(ink: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
    """Return the cost of the cheapest way from the first row to each column of the last one.

    Also the step, −1, 0 or 1, that leads into each pixel from the row before.
    """
    moves = np.zeros(ink.shape, np.int8)
    cost = ink[0].copy()
    for row in range(1, len(ink)):
        wide = np.pad(cost, 1, constant_values=np.inf)
        options = np.stack([wide[1:-1], wide[:-2] + _LEANING, wide[2:] + _LEANING])
        best = options.argmin(axis=0)
        moves[row] = np.array([0, -1, 1], np.int8)[best]
        cost = options[best, np.arange(len(cost))] + ink[row]
    return cost, moves


def _followed(moves: NDArray[np.int8], column: int) -> NDArray[np.int64]:
    """Return the columns of the way that ends in a column of the last row, from there back."""
    columns = [column]
    for row in range(len(moves) - 1, 0, -1):
        columns.append(columns[-1] + int(moves[row, columns[-1]]))
    return np.array(columns, np.int64)


def split(part: Part, seams: list[Seam], labels: Labels) -> list[Part]:
    """Cut a part at all of some seams, which number its pieces anew.

    Args:
        part: to be cut.
        seams: of `find_seams`, from left to right.
        labels: changed in place.

    Returns:
        What lies between the seams, from left to right.
    """
    top, left, bottom, right = part.box
    window = labels[top:bottom, left:right]
    mask = part.mask(labels)
    place = np.arange(part.width)[None]
    number = np.zeros(mask.shape, np.int64)
    for seam in seams:
        number += place >= seam.columns[:, None]
    first = int(labels.max()) + 1
    atoms = []
    for at in range(len(seams) + 1):
        own = mask & (number == at)
        if own.any():
            window[own] = first + at
            rows, columns = (np.flatnonzero(own.any(axis)) for axis in (1, 0))
            box = (
                top + int(rows[0]),
                left + int(columns[0]),
                top + int(rows[-1]) + 1,
                left + int(columns[-1]) + 1,
            )
            atoms.append(Part((first + at,), box))
    return atoms


def cut_by_width(parts: Parts, labels: Labels) -> Parts:
    """Cut parts that are far too wide for one digit, about where their number suggests.

    Args:
        parts: of `parts.find_parts`.
        labels: changed in place.
    """
    widths = [part.width for part in parts.parts if 0.25 < part.width / parts.height < 0.95]
    usual = float(np.median(widths)) if len(widths) >= 3 else 0.65 * parts.height
    usual = max(usual, 0.45 * parts.height)
    done: list[Part] = []
    for part in parts.parts:
        count = max(1, round(part.width / usual))
        if part.width < _TOO_WIDE * parts.height or count < 2:
            done.append(part)
            continue
        seams = find_seams(part, labels, parts.height)
        step = part.width / count
        chosen = {}
        for ideal in step * np.arange(1, count):
            near = [seam for seam in seams if abs(seam.middle - ideal) < 0.5 * step]
            if near:
                price = [s.cost / parts.pen + 3 * abs(s.middle - ideal) / step for s in near]
                best = near[int(np.argmin(price))]
                chosen[best.middle] = best
        done += split(part, [chosen[middle] for middle in sorted(chosen)], labels)
    return replace(parts, parts=tuple(done))
