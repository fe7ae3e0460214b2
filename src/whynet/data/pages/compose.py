"""A page of digits, laid out line by line and photographed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.data.pages import camera, paper
from whynet.data.pages.glyphs import distances
from whynet.data.pages.ink import broken, inked
from whynet.data.pages.kinds import KINDS, Kind
from whynet.errors import ShapeError
from whynet.options import choice, number, whole

Floats = NDArray[np.float32]
Box = tuple[int, int, int, int]

_MARGIN = 0.09
"""The part of each side that stays empty; the camera may not see half of it."""

_INKS = np.array([[0.1, 0.1, 0.1], [0.12, 0.15, 0.45], [0.25, 0.25, 0.25], [0.05, 0.05, 0.2]])
"""What light comes back from ink: black, blue, grey, blue-black."""


@dataclass(frozen=True)
class Written:
    """One digit on a page.

    Attributes:
        box: left, top, right and bottom in pixels; right and bottom are the first without ink.
        label: which digit it is.
    """

    box: Box
    label: int


@dataclass(frozen=True)
class Composed:
    """A page of digits.

    Attributes:
        picture: uint8, (height, width, 3).
        lines: its digits from left to right, line by line from top to bottom.
    """

    picture: NDArray[np.uint8]
    lines: tuple[tuple[Written, ...], ...]


@dataclass(frozen=True)
class _Placed:
    """The ink of one digit and where its upper left corner lies on the paper."""

    ink: Floats
    left: int
    top: int
    label: int


def compose(
    glyphs: NDArray[np.uint8],
    labels: NDArray[np.integer],
    kind: str = "pen",
    *,
    seed: int = 0,
    number_of_page: int = 0,
    size: tuple[int, int] = (1200, 1600),
    rough: float = 1.0,
) -> Composed:
    """Write digits onto a page and take its picture.

    Args:
        glyphs: uint8, (n, h, w), bright ink on black, such as MNIST's or the built-in writer's.
        labels: (n,).
        kind: one of `KINDS`.
        seed: the same seed gives the same page.
        number_of_page: of an endless sequence of pages.
        size: height and width of the picture, at least 200 each.
        rough: 0 for a page as from a drawing program, 1 for a photograph taken carelessly.

    Returns:
        The page, with the box and the label of every digit on it.

    Raises:
        ConfigError: no such kind, or a number out of bounds.
        ShapeError: the glyphs are no stack of pictures, or the labels are not one for each.
    """
    ways = KINDS[choice(kind, "a kind of page", KINDS)]
    whole(seed, "seed", least=0)
    whole(number_of_page, "number_of_page", least=0)
    rough = number(rough, "rough", least=0, most=1)
    height, width = (whole(side, "each side of the size", least=200) for side in size)
    if glyphs.ndim != 3 or not len(glyphs) or labels.shape != (len(glyphs),):
        raise ShapeError(
            "expected glyphs (n, height, width) and labels (n,), "
            f"got {glyphs.shape} and {labels.shape}"
        )
    rng = np.random.default_rng([seed, number_of_page])
    tall = rng.uniform(0.035, 0.075) * max(height, width)
    pen = max(1.0, rng.uniform(*ways.pen) * tall)
    gap = tall * rng.uniform(1.7, 2.4)
    lines = _laid_out(glyphs, labels, ways, (height, width), (tall, pen, gap), rng)

    sheet = paper.blank(height, width, rough, rng)
    if ways.rules:
        per_square = 1 if ways.rules == "ruled" else int(rng.integers(1, 4))
        paper.print_rules(sheet, [height * _MARGIN + gap], gap / per_square, ways.rules, rng)
    _write(sheet, lines, ways, rng)
    matrix = camera.slant(height, width, rough, rng)
    seen = camera.taken(sheet, matrix) if rough else sheet
    seen = seen * paper.light(height, width, rough, rng)[..., None]
    boxes = np.asarray(np.linalg.inv(matrix), np.float64)
    return Composed(
        camera.developed(seen, rough, rng),
        tuple(tuple(Written(_box(one, boxes), one.label) for one in line) for line in lines),
    )


def _laid_out(
    glyphs: NDArray[np.uint8],
    labels: NDArray[np.integer],
    kind: Kind,
    size: tuple[int, int],
    lengths: tuple[float, float, float],
    rng: np.random.Generator,
) -> list[list[_Placed]]:
    """Choose digits and their places: every line begins at the left and ends somewhere."""
    height, width = size
    tall, pen, gap = lengths
    bottom, right = height * (1 - _MARGIN), width * (1 - _MARGIN)
    lines = []
    baseline = height * _MARGIN + gap
    slope = rng.uniform(-0.02, 0.02)
    spacing = rng.uniform(0.15, 0.5)
    while baseline < bottom:
        line: list[_Placed] = []
        x = width * _MARGIN + rng.uniform(0, 2) * tall
        for _ in range(rng.integers(3, 10)):
            which = int(rng.integers(len(glyphs)))
            each = tall * rng.uniform(0.85, 1.15)
            ink = inked(distances(glyphs[which]), each, pen * rng.uniform(0.9, 1.1))
            if rng.random() < kind.broken:
                ink = broken(ink, pen, rng)
            down = 0.0 if kind.rules else slope * x
            top = round(baseline + down - ink.shape[0] + rng.uniform(-0.06, 0.06) * tall)
            left = round(x)
            if line and rng.random() < kind.touching:
                left = _up_to(line[-1], ink, top) - int(rng.integers(0, 1 + round(pen / 2)))
            if left + ink.shape[1] > right:
                break
            line.append(_Placed(ink, left, top, int(labels[which])))
            x = left + ink.shape[1] + tall * (spacing + rng.exponential(0.15))
        if line:
            lines.append(line)
        baseline += gap
    return lines


def _up_to(before: _Placed, ink: Floats, top: int) -> int:
    """Return the left side at which ink meets that before it, on whichever row comes first."""
    first, last = max(before.top, top), min(before.top + len(before.ink), top + len(ink))
    reach = []
    for row in range(first, last):
        there = np.flatnonzero(before.ink[row - before.top] > 0.5)
        here = np.flatnonzero(ink[row - top] > 0.5)
        if len(there) and len(here):
            reach.append(before.left + there[-1] - here[0])
    right = before.left + before.ink.shape[1]
    # Under the roof of a 7 there would be room for a whole digit, where nobody writes one.
    return int(max(right - 0.25 * len(ink), *reach)) if reach else right


def _write(sheet: Floats, lines: list[list[_Placed]], kind: Kind, rng: np.random.Generator) -> None:
    """Ink paper (h, w, 3), in place."""
    from scipy import ndimage

    cover = np.zeros(sheet.shape[:2], np.float32)
    for one in (one for line in lines for one in line):
        height, width = one.ink.shape
        area = cover[one.top : one.top + height, one.left : one.left + width]
        pressed = rng.uniform(0.85, 1)
        np.maximum(area, one.ink * np.float32(pressed), out=area)
    if kind.grain:
        noise = ndimage.gaussian_filter(rng.standard_normal(cover.shape, np.float32), 0.8)
        cover *= np.clip(1 + kind.grain * noise / noise.std(), 0, 1)
    cover *= np.float32(rng.uniform(*kind.ink))
    colour = _INKS[rng.integers(len(_INKS))]
    sheet *= 1 - cover[..., None] * (1 - colour / sheet.max()).astype(np.float32)


def _box(one: _Placed, matrix: camera.Matrix) -> Box:
    points = np.argwhere(one.ink > 0.5)[:, ::-1] + [one.left + 0.5, one.top + 0.5]
    seen = camera.mapped(points, matrix)
    left, top = (math.floor(least) for least in seen.min(axis=0))
    right, bottom = (math.floor(most) + 1 for most in seen.max(axis=0))
    return left, top, right, bottom
