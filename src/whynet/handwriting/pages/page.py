"""All steps from a picture of a page to its digits, each with what it made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.errors import DataFormatError
from whynet.handwriting.digit import prepare
from whynet.handwriting.pages.choosing import Judge, best_cuts
from whynet.handwriting.pages.crops import crop
from whynet.handwriting.pages.cuts import cut_by_width
from whynet.handwriting.pages.ground import Ground, find_ground
from whynet.handwriting.pages.ink import Marks, find_marks
from whynet.handwriting.pages.lines import find_lines
from whynet.handwriting.pages.parts import Part, Parts, find_parts
from whynet.handwriting.pages.rules import Rules, remove_rules

Box = tuple[int, int, int, int]

_SINGLE = 64
"""A picture with sides up to this is one digit."""

BLANK = "nothing stands out from the paper"
SPECKS = "what stands out from the paper does not look like digits: specks, stains or long lines"


@dataclass(frozen=True)
class Found:
    """One digit of a page.

    Attributes:
        box: left, top, right, bottom in pixels of the picture; right and bottom are the first
            without ink.
        picture: uint8, (28, 28, 1): what a net reads.
    """

    box: Box
    picture: NDArray[np.uint8]


@dataclass(frozen=True)
class Steps:
    """What was made on the way, to be shown.

    Attributes:
        ground: grey levels, the paper under its light, and the ink as what is missing.
        rules: the ink without printed rules.
        marks: connected pieces of ink.
        parts: pieces put together to digits, on the scale of ``ground``.
        labels: int32, (h, w): the piece that each pixel belongs to, after cuts.
    """

    ground: Ground
    rules: Rules
    marks: Marks
    parts: Parts
    labels: NDArray[np.int32]


@dataclass(frozen=True)
class Page:
    """The digits of a page.

    Attributes:
        lines: digits from left to right, line by line from top to bottom.
        refused: why there are none, or "".
        steps: what was made on the way; None for a picture so small that it is one digit.
    """

    lines: tuple[tuple[Found, ...], ...]
    refused: str
    steps: Steps | None

    @property
    def digits(self) -> tuple[Found, ...]:
        """All digits in reading order."""
        return tuple(digit for line in self.lines for digit in line)

    @property
    def pictures(self) -> NDArray[np.uint8]:
        """What a net reads, (n, 28, 28, 1), in reading order."""
        found = [digit.picture for digit in self.digits]
        return np.stack(found) if found else np.empty((0, 28, 28, 1), np.uint8)


def find_digits(picture: NDArray[np.uint8], judge: Judge | None = None) -> Page:
    """Find the digits on a picture of a page.

    Args:
        picture: uint8, (h, w, 1) grey or (h, w, 3) RGB; dark on light or light on dark.
        judge: says how much pictures look like digits; then wide parts are cut, and doubtful ones
            joined, where that makes better digits. By their width alone without it.

    Returns:
        The digits in reading order, or the reason why there are none; and every step.

    Raises:
        DataFormatError: not an array of a picture.
    """
    if picture.ndim != 3 or picture.shape[2] not in (1, 3) or 0 in picture.shape:
        raise DataFormatError(
            f"expected a picture of shape (height, width, 1 or 3), got {picture.shape}"
        )
    if max(picture.shape[:2]) <= _SINGLE:
        return _single(picture)
    ground = find_ground(picture)
    rules = remove_rules(ground.ink)
    marks = find_marks(rules.ink)
    parts = find_parts(marks)
    labels = marks.labels.copy()
    if judge is None:
        parts = cut_by_width(parts, labels)
    else:
        parts = best_cuts(parts, rules.ink, labels, judge)
    steps = Steps(ground, rules, marks, parts, labels)
    boxes = np.array([part.box for part in parts.parts], np.int64).reshape(-1, 4)
    lines = []
    for line in find_lines(boxes, parts.height):
        seen = [_found(parts.parts[index], steps, picture.shape) for index in line]
        if kept := tuple(digit for digit in seen if digit is not None):
            lines.append(kept)
    reason = "" if lines else SPECKS if len(marks.area) else BLANK
    return Page(tuple(lines), reason, steps)


def _found(part: Part, steps: Steps, shape: tuple[int, ...]) -> Found | None:
    picture = crop(part, steps.rules.ink, steps.labels)
    if picture is None:
        return None
    top, left, bottom, right = part.box
    down, across = (
        side / small for side, small in zip(shape[:2], steps.ground.grey.shape, strict=True)
    )
    box = round(left * across), round(top * down), round(right * across), round(bottom * down)
    return Found(box, picture)


def _single(picture: NDArray[np.uint8]) -> Page:
    height, width = picture.shape[:2]
    try:
        prepared = prepare(picture)
    except DataFormatError as error:
        return Page((), str(error), None)
    return Page(((Found((0, 0, width, height), prepared),),), "", None)
