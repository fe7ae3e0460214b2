"""From pieces of ink to digits: joined where one digit broke, left out where there is none.

All lengths are told in widths of the pen and heights of a digit, which the page itself shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.handwriting.pages.ink import Marks

Box = tuple[int, int, int, int]

_MOST = 1000
"""Pieces looked at: more are texture."""


@dataclass(frozen=True)
class Part:
    """What is taken for one digit.

    Attributes:
        pieces: numbers in `Marks.labels`.
        box: top, left, bottom, right: of the first and after the last ink.
    """

    pieces: tuple[int, ...]
    box: Box

    @property
    def height(self) -> int:
        """Rows from the topmost to the lowest ink."""
        return self.box[2] - self.box[0]

    @property
    def width(self) -> int:
        """Columns from the leftmost to the rightmost ink."""
        return self.box[3] - self.box[1]

    def mask(self, labels: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Return which pixels within the box are its ink."""
        top, left, bottom, right = self.box
        return np.isin(labels[top:bottom, left:right], self.pieces)


@dataclass(frozen=True)
class Parts:
    """The digits of a page, so far.

    Attributes:
        parts: each of them.
        height: of a usual digit, in pixels; 0 if there are none.
        pen: the usual width of a stroke, in pixels.
        level: how dark the usual stroke is.
    """

    parts: tuple[Part, ...]
    height: float
    pen: float
    level: float


def find_parts(marks: Marks) -> Parts:
    """Put pieces together to digits, and leave out what is none by its size or darkness.

    Args:
        marks: of `ink.find_marks`.
    """
    usable = np.flatnonzero(_plausible(marks))
    usable = usable[np.argsort(-marks.area[usable], kind="stable")[:_MOST]]
    if not len(usable):
        return Parts((), 0.0, 0.0, 0.0)
    area = marks.area[usable].astype(np.float64)
    pen = _percentile(marks.pen[usable], area, 50)
    level = _percentile(marks.level[usable], area, 60)
    usable = usable[(marks.level[usable] > 0.4 * level) & (area > 0.4 * pen * pen)]
    # At the picture's edge shadows end and other sheets begin; only what is like the rest stays.
    like = (marks.level[usable] > 0.7 * level) & (marks.pen[usable] < 2 * pen)
    usable = usable[like | ~_at_edge(marks)[usable]]
    parts = [Part((int(i) + 1,), _as_box(marks.boxes[i])) for i in usable]
    sizes = {part.pieces: float(marks.area[i]) for part, i in zip(parts, usable, strict=True)}
    height = _height(parts, sizes, pen)
    for _ in range(3):
        parts, sizes = _joined(parts, sizes, marks, height, pen)
        height = _height(parts, sizes, pen)
    return Parts(tuple(_with_splinters(parts, marks, height, pen)), height, pen, level)


def _plausible(marks: Marks) -> NDArray[np.bool_]:
    """Leave out grains, and what runs across the page: its edge, a shadow's, a fold."""
    height, width = marks.labels.shape
    top, left, bottom, right = marks.boxes.T
    tall, wide = bottom - top, right - left
    long = (tall > 0.3 * height) | (wide > 0.3 * width)
    across = (tall > 0.9 * height) | (wide > 0.9 * width)
    return np.asarray((marks.area >= 6) & ~(_at_edge(marks) & long) & ~across)


def _at_edge(marks: Marks) -> NDArray[np.bool_]:
    height, width = marks.labels.shape
    top, left, bottom, right = marks.boxes.T
    at_edge = (top <= 1) | (left <= 1) | (bottom >= height - 1) | (right >= width - 1)
    return np.asarray(at_edge)


def _percentile(values: NDArray[np.float64], weights: NDArray[np.float64], at: float) -> float:
    order = np.argsort(values, kind="stable")
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, at / 100 * sums[-1])])


def _height(parts: list[Part], sizes: dict[tuple[int, ...], float], pen: float) -> float:
    """Return the height of a usual digit: most ink belongs to whole ones, so ink has the vote."""
    tall = np.array([max(part.height, part.width / 2) for part in parts], np.float64)
    votes = np.array([sizes[part.pieces] for part in parts])
    # Nor may one great blot outvote all digits.
    votes = np.minimum(votes, 3 * np.median(votes[votes >= np.median(votes)]))
    return max(_percentile(tall, votes, 60), 2 * pen)


def _is_digit_sized(part: Part, height: float, pen: float) -> bool:
    tall = part.height
    if tall > 2.5 * height or part.width > 12 * height:
        return False
    return tall > max(0.4 * height, 1.5 * pen)


def _as_box(row: NDArray[np.int64]) -> Box:
    top, left, bottom, right = (int(side) for side in row)
    return top, left, bottom, right


# -- joining ----------------------------------------------------------------------------------


def _joined(
    parts: list[Part],
    sizes: dict[tuple[int, ...], float],
    marks: Marks,
    height: float,
    pen: float,
) -> tuple[list[Part], dict[tuple[int, ...], float]]:
    """Join the closest pair that may be one digit, again and again, until there is none."""
    found = []
    for i, j in _neighbours(parts, max(2.3 * pen + 1, 0.22 * height)):
        if (gap := _join_gap(parts[i], parts[j], marks, height, pen)) is not None:
            found.append((gap, i, j))
    leader = list(range(len(parts)))
    groups = dict(enumerate(parts))
    for _, i, j in sorted(found):
        while leader[i] != i:
            i = leader[i]
        while leader[j] != j:
            j = leader[j]
        if i != j and _fits(both := union(groups[i], groups[j]), height):
            leader[j] = i
            sizes[both.pieces] = sizes[groups[i].pieces] + sizes[groups.pop(j).pieces]
            groups[i] = both
    return list(groups.values()), sizes


def _neighbours(parts: Sequence[Part], reach: float) -> list[tuple[int, int]]:
    """Return all pairs (i < j) whose boxes are at most so many pixels apart."""
    boxes = np.array([part.box for part in parts], np.float64).reshape(-1, 4)
    found = []
    for i, box in enumerate(boxes[:-1]):
        later = boxes[i + 1 :]
        gaps = np.maximum(later[:, :2] - box[2:], box[:2] - later[:, 2:]).max(axis=1)
        found += [(i, i + 1 + int(j)) for j in np.flatnonzero(gaps <= reach)]
    return found


def union(one: Part, other: Part) -> Part:
    """Return both as one part."""
    a, b = one.box, other.box
    box = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
    return Part((*one.pieces, *other.pieces), box)


def _fits(part: Part, height: float) -> bool:
    return part.height <= 1.35 * height and part.width <= 1.15 * height


def _join_gap(one: Part, other: Part, marks: Marks, height: float, pen: float) -> float | None:
    """Return the gap between two pieces that look like parts of one digit, else None."""
    fragment = min(one.height, other.height) < 0.72 * height
    if not fragment or not _fits(union(one, other), height):
        return None
    across = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    down = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    stacked = across >= 0.3 * min(one.width, other.width)
    most = max(2.3 * pen + 1, 0.22 * height) if stacked else 1.6 * pen + 1
    if max(-across, -down) > most:
        return None
    gap = _distance(one, other, marks.labels)
    return gap if gap <= most else None


def _with_splinters(parts: list[Part], marks: Marks, height: float, pen: float) -> list[Part]:
    """Return what is as large as a digit, each with the splinters that lie nearest to it."""
    digits = {i: part for i, part in enumerate(parts) if _is_digit_sized(part, height, pen)}
    gaps: dict[int, tuple[float, int]] = {}
    for pair in _neighbours(parts, 0.3 * height):
        for small, large in (pair, pair[::-1]):
            if small in digits or large not in digits or not _is_splinter(parts[small], marks, pen):
                continue
            if _fits(union(parts[small], parts[large]), height / 0.85):
                gap = _distance(parts[large], parts[small], marks.labels)
                gaps[small] = min(gaps.get(small, (0.3 * height, -1)), (gap, large))
    for small, (_, large) in gaps.items():
        if large >= 0:
            digits[large] = union(digits[large], parts[small])
    return list(digits.values())


def _is_splinter(part: Part, marks: Marks, pen: float) -> bool:
    return sum(int(marks.area[piece - 1]) for piece in part.pieces) >= pen * pen


def _distance(one: Part, other: Part, labels: NDArray[np.int32]) -> float:
    from scipy import ndimage

    top, left, bottom, right = union(one, other).box
    window = labels[top:bottom, left:right]
    far = ndimage.distance_transform_edt(~np.isin(window, one.pieces))
    return float(far[np.isin(window, other.pieces)].min())


def pairs(parts: Parts) -> list[tuple[int, int]]:
    """Return which two parts, close by each other, might yet be one digit."""
    return [
        (i, j)
        for i, j in _neighbours(parts.parts, 0.2 * parts.height)
        if _fits(union(parts.parts[i], parts.parts[j]), parts.height)
    ]
