"""Frames in the making: pictures, cells, frames and words, put at places on paper.

Places are in pixels, x to the right and y down, as `whynet.drawing.vector` has them; ``y`` of words
is the middle of their line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.animation import Animation
from whynet.drawing.colours import LIGHT, Colour, Rgb, Theme
from whynet.drawing.palette import in_few_colours
from whynet.drawing.raster import enlarge, font, legible, words
from whynet.drawing.vector import Anchor

MARGIN = 20
"""Paper around everything."""

TITLE, TEXT, LARGE = 15, 17, 26
"""Sizes of letters that people read from the last row."""

_WRITTEN = 26
"""Side from which on a cell has room for its number."""

_DARK = 128.0
"""Lightness below which letters on a cell are white."""

_INVERTED = replace(LIGHT, paper=(0, 0, 0), text=(255, 255, 255))


class Stage:
    """One frame, drawn on.

    Args:
        width, height: of the paper.
        theme: its colours.
    """

    def __init__(self, width: int, height: int, theme: Theme = LIGHT) -> None:
        self.theme = theme
        self.frame = np.full((height, width, 3), theme.paper, np.uint8)

    def again(self) -> Stage:
        """Return a stage of its own with what is on this one."""
        other = Stage(1, 1, self.theme)
        other.frame = self.frame.copy()
        return other

    def paste(self, picture: Rgb, x: int, y: int) -> None:
        """Put a picture with its upper left corner at a place."""
        height, width, _ = picture.shape
        self.frame[y : y + height, x : x + width] = picture

    def fill(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        left, top = round(x), round(y)
        self.frame[max(top, 0) : round(y + height), max(left, 0) : round(x + width)] = colour

    def frame_around(
        self, x: float, y: float, width: float, height: float, colour: Colour, thick: int = 3
    ) -> None:
        """Draw a frame around a rectangle, outside of it."""
        for left, top, across, down in (
            (x - thick, y - thick, width + 2 * thick, thick),
            (x - thick, y + height, width + 2 * thick, thick),
            (x - thick, y, thick, height),
            (x + width, y, thick, height),
        ):
            self.fill(left, top, across, down, colour)

    def dot(self, x: float, y: float, radius: float, colour: Colour) -> None:
        """Draw a disc with a smooth edge."""
        left, top = math.floor(x - radius) - 1, math.floor(y - radius) - 1
        side = math.ceil(2 * radius) + 3
        rows, columns = np.mgrid[top : top + side, left : left + side] + 0.5
        cover = np.clip(radius + 0.5 - np.hypot(rows - y, columns - x), 0, 1)
        self._lay(cover, left, top, colour)

    def write(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: int = TEXT,
        colour: Colour | None = None,
        anchor: Anchor = "start",
    ) -> None:
        """Write one line of words; without a colour, in that of text."""
        if not text.strip():
            return
        cover = _letters(text, size)
        height, width = cover.shape
        left = x - {"start": 0.0, "middle": width / 2, "end": float(width)}[anchor]
        chosen = self.theme.text if colour is None else colour
        self._lay(cover, round(left), round(y - height / 2), chosen)

    def cells(
        self,
        values: NDArray[np.float64],
        colours: Rgb,
        x: int,
        y: int,
        side: int,
    ) -> None:
        """Draw numbers (rows, columns) as cells of these colours, each written where it fits."""
        self.paste(enlarge(colours, side), x, y)
        rows, columns = values.shape
        for line in range(rows + 1):
            self.fill(x, y + line * side, columns * side + 1, 1, self.theme.rule)
        for line in range(columns + 1):
            self.fill(x + line * side, y, 1, rows * side + 1, self.theme.rule)
        if side < _WRITTEN:
            return
        for (row, column), value in np.ndenumerate(values):
            dark = colours[row, column] @ np.array([0.299, 0.587, 0.114]) < _DARK
            self.write(
                short(value),
                x + (column + 0.5) * side + 1,
                y + (row + 0.5) * side,
                size=max(9, side * 3 // 8),
                colour=(255, 255, 255) if dark else (0, 0, 0),
                anchor="middle",
            )

    def _lay(self, cover: NDArray[np.float64], left: int, top: int, colour: Colour) -> None:
        """Mix a colour in where it covers (h, w), 0 to 1; what lies outside of the paper is cut."""
        up, before = max(-top, 0), max(-left, 0)
        cover = cover[up:, before:]
        under = self.frame[top + up :, left + before :][: cover.shape[0], : cover.shape[1]]
        cover = cover[: under.shape[0], : under.shape[1], None]
        under[:] = np.rint(under + cover * (np.array(colour) - under.astype(np.float64)))


def short(value: float) -> str:
    """Write a number for a cell: two decimals, and what they make 0 as 0."""
    return f"{value:.2f}".replace("-", "−") if round(value, 2) else "0"


def signed_text(value: float, decimals: int = 3) -> str:
    """Write a number with its sign, as terms of a sum are."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def width_of(text: str, size: int) -> float:
    """Return how wide words are, in pixels."""
    return float(font(size).getlength(legible(text)))


@lru_cache(maxsize=4096)
def _letters(text: str, size: int) -> NDArray[np.float64]:
    """Return how much words cover, (h, w), 0 to 1."""
    drawn = words(text, math.ceil(width_of(text, size)) + 1, size=size, theme=_INVERTED)
    return drawn[..., 0] / 255


def fitted(picture: Rgb, side: int) -> tuple[Rgb, float]:
    """Bring a picture to about a side in pixels, by whole steps; return it and how many times."""
    longest = max(picture.shape[:2])
    if longest <= side:
        times = side // longest
        return enlarge(picture, times), times
    step = math.ceil(longest / side)
    return picture[::step, ::step], 1 / step


def animation(
    stages: Sequence[Stage], seconds: Sequence[float], captions: Sequence[str]
) -> Animation:
    """Put finished stages together, in few enough colours for pages and GIFs to be small."""
    frames = in_few_colours(np.stack([stage.frame for stage in stages]))
    return Animation(frames, seconds, captions, theme=stages[0].theme)
