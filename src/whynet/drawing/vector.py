"""Lines, boxes, dots and words at places: drawn once, shown as SVG or as a picture.

Colours are named as `colours.Theme` has them ("text", "positive", "series-2"), so that a page's
own variables decide how SVG looks in light and dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from whynet.drawing.colours import LIGHT, Colour, Rgb, Theme, css
from whynet.drawing.markup import Html, element
from whynet.drawing.raster import font, legible
from whynet.options import whole

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Anchor = Literal["start", "middle", "end"]
"""Which end of words lies where they are put."""

Place = tuple[float, float]
"""x to the right and y down, in pixels."""

_FINE = 4
"""How much finer than its pixels a picture's lines are drawn, to be smooth."""

_SHIFT = 0.35
"""From the middle of a line of words down to where its letters stand, in sizes."""

_PLAIN = {"text": "currentColor", "pale": "currentColor", "rule": "#88888866"}
"""Where no page has a say: as the words around are."""


@dataclass(frozen=True)
class Line:
    """A line through points; ``dash`` is lengths on and off, in turn, or nothing."""

    points: Sequence[Place]
    colour: str
    width: float = 1.0
    dash: tuple[float, ...] = ()


@dataclass(frozen=True)
class Box:
    """A filled rectangle."""

    corner: Place
    width: float
    height: float
    colour: str


@dataclass(frozen=True)
class Dot:
    """A filled circle."""

    middle: Place
    radius: float
    colour: str


@dataclass(frozen=True)
class Label:
    """A line of words; ``at`` is the middle of its height, and where it is anchored."""

    at: Place
    words: str
    colour: str = "text"
    anchor: Anchor = "start"
    size: float = 13.0


Shape = Line | Box | Dot | Label


@dataclass(frozen=True)
class Drawing:
    """Shapes on paper, in the order they are drawn.

    Attributes:
        width, height: of the paper.
        shapes: what is on it.
        title: what it is, for those who don't see it.
        description: what it shows, for them.
    """

    width: int
    height: int
    shapes: tuple[Shape, ...]
    title: str
    description: str

    def svg(self) -> Html:
        """Return the drawing as an SVG element, for a page or a file of its own."""
        return element(
            "svg",
            element("title", self.title),
            element("desc", self.description),
            *map(_as_svg, self.shapes),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {self.width} {self.height}",
            role="img",
            font_family="system-ui, sans-serif",
        )

    def picture(self, theme: Theme = LIGHT, times: int = 1) -> Rgb:
        """Return the drawing as colours, (height · times, width · times, 3)."""
        from PIL import Image, ImageDraw

        times = whole(times, "times", least=1)
        size = self.width * times, self.height * times
        fine = Image.new("RGB", (size[0] * _FINE, size[1] * _FINE), theme.paper)
        draw = ImageDraw.Draw(fine)
        for shape in self.shapes:
            if not isinstance(shape, Label):
                _paint(draw, shape, times * _FINE, theme)
        canvas = fine.resize(size, Image.Resampling.BOX)
        draw = ImageDraw.Draw(canvas)
        for shape in self.shapes:
            if isinstance(shape, Label):
                place = shape.at[0] * times, shape.at[1] * times
                own = font(round(shape.size * times))
                anchor = {"start": "lm", "middle": "mm", "end": "rm"}[shape.anchor]
                colour = _of(theme, shape.colour)
                draw.text(place, legible(shape.words), colour, own, anchor=anchor)
        return np.asarray(canvas).copy()


def _as_svg(shape: Shape) -> Html:
    paint = f"var(--{shape.colour}, {_PLAIN.get(shape.colour) or css(_of(LIGHT, shape.colour))})"
    match shape:
        case Label((x, y), words, _, anchor, size):
            return element(
                "text",
                words,
                x=_short(x),
                y=_short(y + _SHIFT * size),
                font_size=_short(size),
                text_anchor=None if anchor == "start" else anchor,
                style=f"fill: {paint}",
            )
        case Box((x, y), width, height):
            sides = {"width": _short(width), "height": _short(height)}
            return element("rect", x=_short(x), y=_short(y), **sides, style=f"fill: {paint}")
        case Dot((x, y), radius):
            at = {"cx": _short(x), "cy": _short(y)}
            return element("circle", **at, r=_short(radius), style=f"fill: {paint}")
        case Line(points, _, width, dash):
            return element(
                "polyline",
                points=" ".join(f"{_short(x)},{_short(y)}" for x, y in points),
                fill="none",
                stroke_width=_short(width),
                stroke_dasharray=" ".join(map(_short, dash)) or None,
                stroke_linejoin="round",
                style=f"stroke: {paint}",
            )


def _paint(draw: ImageDraw, shape: Line | Box | Dot, scale: int, theme: Theme) -> None:
    colour = _of(theme, shape.colour)

    def at(place: Place) -> Place:
        # Pillow counts from the middle of the first pixel, not from its corner.
        return place[0] * scale - 0.5, place[1] * scale - 0.5

    match shape:
        case Box((x, y), width, height):
            right, bottom = round((x + width) * scale) - 1, round((y + height) * scale) - 1
            left, top = round(x * scale), round(y * scale)
            if right >= left and bottom >= top:
                draw.rectangle((left, top, right, bottom), colour)
        case Dot(middle, radius):
            draw.circle(at(middle), radius * scale, colour)
        case Line(points, _, width, dash):
            for piece in _dashes(points, dash) if dash else [points]:
                draw.line(list(map(at, piece)), colour, max(1, round(width * scale)), joint="curve")


def _dashes(points: Sequence[Place], dash: Sequence[float]) -> Iterator[list[Place]]:
    """Cut a line through points into the pieces that are drawn."""
    turn, left = 0, dash[0]
    piece = [points[0]]
    for (x0, y0), (x1, y1) in pairwise(points):
        length, gone = math.hypot(x1 - x0, y1 - y0), 0.0
        while length - gone > left:
            gone += left
            at = x0 + (x1 - x0) * gone / length, y0 + (y1 - y0) * gone / length
            if turn % 2 == 0:
                yield [*piece, at]
            piece = [at]
            turn += 1
            left = dash[turn % len(dash)]
        left -= length - gone
        piece.append((x1, y1))
    if turn % 2 == 0 and len(piece) > 1:
        yield piece


def _of(theme: Theme, name: str) -> Colour:
    if name.startswith("series-"):
        return theme.series[int(name.removeprefix("series-")) - 1]
    colour: Colour = getattr(theme, name)
    return colour


def _short(value: float) -> str:
    """Write a length as short as two decimals allow."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
