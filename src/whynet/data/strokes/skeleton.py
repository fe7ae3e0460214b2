"""The language in which ways of writing are told: points, strokes, and dice for every length.

A skeleton is the path of the pen's middle. Its unit is the height of a digit: x runs right, y runs
down, 0 is the top and 1 the foot. A *way* is one manner of writing one character, a function that
rolls its own lengths and returns strokes:

    @two.way(3.0)
    def straight(p):
        w = p(0.5, 0.75)
        return [[(0.0, p(0.1, 0.3)), (w / 2, 0.0), (w, 0.3), sharp(0.0, 1.0), (w, 1.0)]]

It is called once for all the images of a batch that are written this way, so every length is an
array with a number for each image.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from whynet.data.strokes.curves import Curve

Floats = NDArray[np.float32]
Length = float | NDArray[np.floating[Any]]
Point = tuple[Length, Length]
Stroke = Sequence[Point]
Drawing = Sequence[Stroke]

DICE = 24  # the most lengths that one way of writing may roll
KNOTS = 32  # the most points that one way of writing may name
STROKES = 4  # the most strokes of one character


class _Sharp(NamedTuple):
    """A point at which the pen turns a corner."""

    x: Length
    y: Length


def sharp(x: Length, y: Length) -> Point:
    """Return the point (x, y) as a corner: the curve stops there and starts afresh."""
    return _Sharp(x, y)


def arc(
    x: Length,
    y: Length,
    rx: Length,
    ry: Length,
    start: Length,
    sweep: Length,
    points: int,
    end: Length = 1.0,
) -> list[Point]:
    """Return points along an ellipse round (x, y), or along a spiral.

    Args:
        x: the middle, to the right.
        y: the middle, downwards.
        rx: the radius across.
        ry: the radius down.
        start: degrees, clockwise as seen: 0 is right, 90 the foot, 180 left, -90 the top.
        sweep: degrees to go; negative goes against the clock, as most hands do.
        points: how many points, both ends included.
        end: what the radii have grown or shrunk to at the last point.
    """
    part = np.linspace(0.0, 1.0, points, dtype=np.float32)[:, None]
    angle = np.deg2rad(start + part * sweep)
    size = 1 + part * (end - 1)
    return list(zip(x + rx * size * np.cos(angle), y + ry * size * np.sin(angle), strict=True))


class Dice:
    """Uniform numbers for a batch of images, handed out as lengths in the order of asking.

    Args:
        rolls: (`DICE`, n), in [0, 1): a column for each image.
    """

    def __init__(self, rolls: Floats) -> None:
        self._rolls: Iterator[Floats] = iter(rolls)

    def __call__(self, low: float, high: float) -> Floats:
        """Return the next length, (n,), each uniform between ``low`` and ``high``."""
        return next(self._rolls) * (high - low) + low


@dataclass(frozen=True)
class Way:
    """One way of writing one character.

    Attributes:
        character: what it reads as.
        name: how it looks, in a word or two.
        weight: how common it is among the ways of writing this character.
        pen: how wide the pen is for it, against the pen of other characters.
        draw: rolls the lengths and returns the strokes.
    """

    character: str
    name: str
    weight: float
    pen: float
    draw: Callable[[Dice], Drawing]

    def knots(self, rolls: Floats) -> Floats:
        """Return the named points of every stroke, one after the other: (n, 2, points).

        Args:
            rolls: (`DICE`, n), in [0, 1).
        """
        points = [point for stroke in self.draw(Dice(rolls)) for point in stroke]
        knots = np.empty((rolls.shape[1], 2, len(points)), np.float32)
        for k, (x, y) in enumerate(points):
            knots[:, 0, k] = x
            knots[:, 1, k] = y
        return knots

    @cached_property
    def curve(self) -> Curve:
        """The curve through the points, laid out for the middle roll of every dice."""
        middle = np.full((DICE, 1), 0.5, np.float32)
        strokes = self.draw(Dice(middle))
        corners = [[isinstance(point, _Sharp) for point in stroke] for stroke in strokes]
        return Curve.through(self.knots(middle)[0], corners)


@dataclass
class Ways:
    """All the ways of writing one character, filled by decorating functions with `way`.

    Attributes:
        character: what they read as.
        pen: how wide the pen is for all of them, against the pen of other characters.
        ways: the ways of writing.
    """

    character: str
    pen: float = 1.0
    ways: list[Way] = field(default_factory=list)

    def way(self, weight: float, pen: float = 1.0) -> Callable[[Callable[[Dice], Drawing]], Way]:
        """Enter a function among the ways, as common as ``weight`` says against the others.

        Whoever writes like this takes a pen that is ``pen`` times as wide.
        """

        def enter(draw: Callable[[Dice], Drawing]) -> Way:
            way = Way(self.character, draw.__name__, weight, self.pen * pen, draw)
            self.ways.append(way)
            return way

        return enter

    def __add__(self, other: Ways) -> Ways:
        """Return the ways of writing of both."""
        return Ways(self.character, self.pen, [*self.ways, *other.ways])
