"""Two characters in one drawing: the strokes that both share, and the one that sets them apart."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from whynet.data.strokes.skeleton import Dice, Drawing, Point, Stroke, Ways, sharp


class Owner(IntEnum):
    """Whose stroke it is."""

    BOTH = 0
    FIRST = 1
    SECOND = 2


class Couple(NamedTuple):
    """Two characters and the drawings that hold both.

    Attributes:
        first: one character's name.
        second: the other's.
        owners: whose each stroke of a drawing is, in order.
        ways: the drawings.
    """

    first: str
    second: str
    owners: tuple[Owner, ...]
    ways: Ways


_four_nine = Ways("4-9", pen=0.85)
_one_seven = Ways("1-7")
_three_eight = Ways("3-8")
_five_six = Ways("5-6")
_zero_six = Ways("0-6")
_cross_tick = Ways("cross-tick")


@_four_nine.way(1)
def closing_line(p: Dice) -> Drawing:
    """A cup and a stem make the 4; a line over the top makes it a 9."""
    w, y = p(0.5, 0.7), p(0.42, 0.52)
    left, top = w * p(0.12, 0.25), p(0.02, 0.08)
    cup: Stroke = [
        (left, top),
        (w * p(0.0, 0.06), y * p(0.5, 0.65)),
        (w * p(0.3, 0.45), y),
        (w * p(0.72, 0.82), y * p(0.85, 0.95)),
        (w, y * p(0.65, 0.8)),
    ]
    stem: Stroke = [(w, top), (w * p(0.95, 1.0), 0.5), (w * p(0.8, 1.0), 1.0)]
    closing: Stroke = [(left, top), (w * p(0.5, 0.65), top - p(0.06, 0.1)), (w, top)]
    return [cup, stem, closing]


@_one_seven.way(1)
def bar_on_top(p: Dice) -> Drawing:
    """A slope makes the 1; a bar to the left of its top makes it a 7."""
    w, foot, top = p(0.4, 0.6), p(0.35, 0.8), p(0.0, 0.05)
    slope: Stroke = [(w, top), (w * (foot + (1 - foot) * p(0.4, 0.6)), 0.45), (w * foot, 1.0)]
    bar: Stroke = [(0.0, top + p(-0.02, 0.08)), (w * 0.5, top + p(-0.02, 0.05)), (w, top)]
    return [slope, bar]


@_three_eight.way(1)
def left_side(p: Dice) -> Drawing:
    """Two bows make the 3; their mirror image on the left makes it an 8."""
    w, y = p(0.42, 0.65), p(0.42, 0.5)
    head: Point = (w * p(0.15, 0.25), p(0.06, 0.12))
    foot: Point = (w * p(0.1, 0.2), p(0.88, 0.93))
    waist: Point = (w * p(0.45, 0.52), y)
    bows: Stroke = [
        head,
        (w * p(0.45, 0.6), 0.0),
        (w * p(0.85, 0.95), y * p(0.45, 0.55)),
        sharp(*waist),
        (w * p(0.95, 1.02), y + (1 - y) * p(0.45, 0.55)),
        (w * p(0.45, 0.6), 1.0),
        foot,
    ]
    mirrored: Stroke = [
        head,
        (w * p(0.05, 0.12), y * p(0.5, 0.6)),
        sharp(*waist),
        (w * p(-0.02, 0.06), y + (1 - y) * p(0.5, 0.6)),
        foot,
    ]
    return [bows, mirrored]


@_five_six.way(1)
def left_of_the_bowl(p: Dice) -> Drawing:
    """A neck and an open bowl make the 5; a line from neck to foot makes it a 6."""
    w, y = p(0.46, 0.65), p(0.44, 0.54)
    neck: Point = (w * p(0.06, 0.15), y)
    foot: Point = (w * p(0.1, 0.2), p(0.88, 0.95))
    body: Stroke = [
        (w * p(0.6, 0.9), p(-0.03, 0.03)),
        (w * p(0.34, 0.44), p(0.06, 0.11)),
        (w * p(0.14, 0.22), y * 0.55),
        sharp(*neck),
        (w * p(0.55, 0.65), y - p(0.0, 0.04)),
        (w * p(0.95, 1.02), p(0.64, 0.74)),
        (w * p(0.5, 0.6), 1.0),
        foot,
    ]
    closing: Stroke = [neck, (w * p(-0.02, 0.04), (y + 0.92) / 2), foot]
    return [body, closing]


@_zero_six.way(1)
def right_or_middle(p: Dice) -> Drawing:
    """A long hook; up the right side it closes to a 0, across the middle to a 6."""
    w, y = p(0.5, 0.75), p(0.6, 0.66)
    head: Point = (w * p(0.6, 0.72), p(0.0, 0.02))
    hook: Stroke = [
        head,
        (w * p(0.18, 0.26), p(0.14, 0.2)),
        (0.0, p(0.48, 0.56)),
        (w * p(0.14, 0.22), p(0.86, 0.92)),
        (w * p(0.5, 0.58), 1.0),
        (w * p(0.86, 0.92), p(0.85, 0.9)),
        (w, y),
    ]
    side: Stroke = [(w, y), (w * p(1.0, 1.04), p(0.36, 0.44)), (w * p(0.9, 0.96), 0.13), head]
    bar: Stroke = [
        (w, y),
        (w * p(0.78, 0.86), y - p(0.12, 0.16)),
        (w * p(0.4, 0.5), y - p(0.12, 0.16)),
        (w * p(0.02, 0.08), y + p(0.0, 0.08)),
    ]
    return [hook, side, bar]


@_cross_tick.way(1)
def short_or_long(p: Dice) -> Drawing:
    """A long line up; a long line across it makes a cross, a short one at its foot a tick."""
    w, foot = p(0.7, 1.0), p(0.05, 0.15)
    line: Stroke = [
        (w, p(0.0, 0.06)),
        (w * (foot + (1 - foot) * p(0.42, 0.55)), 0.5),
        (w * foot, 1.0),
    ]
    across: Stroke = [(w * p(0.0, 0.15), p(0.0, 0.1)), (w * p(0.9, 1.05), p(0.9, 1.0))]
    short: Stroke = [(w * foot - p(0.18, 0.32), p(0.58, 0.72)), (w * foot, 1.0)]
    return [line, across, short]


_ONE_MORE = (Owner.BOTH, Owner.SECOND)
_ELSEWHERE = (Owner.BOTH, Owner.FIRST, Owner.SECOND)

COUPLES = {
    couple.ways.character: couple
    for couple in (
        Couple("4", "9", (Owner.BOTH, Owner.BOTH, Owner.SECOND), _four_nine),
        Couple("1", "7", _ONE_MORE, _one_seven),
        Couple("3", "8", _ONE_MORE, _three_eight),
        Couple("5", "6", _ONE_MORE, _five_six),
        Couple("0", "6", _ELSEWHERE, _zero_six),
        Couple("cross", "tick", _ELSEWHERE, _cross_tick),
    )
}
