"""The lower half of a filter's frame: patch × filter = products, and their sum written out."""

from __future__ import annotations

import numpy as np

from whynet.drawing.colours import LIGHT, Rgb, Theme, signed
from whynet.explain.animations.panels import below
from whynet.explain.animations.sliding import Floats, Place, Sliding
from whynet.explain.animations.stage import (
    LARGE,
    MARGIN,
    TEXT,
    TITLE,
    Stage,
    signed_text,
    width_of,
)

_GAP, _LINE, _ACROSS = 34, 30, 440
"""Between grids, from line to line, and what all grids may take together; in pixels."""

_LARGEST = 40  # side of a cell
_WRITTEN_OUT = 8  # rows of a filter whose sums are written one by one


class Products:
    """Three grids of numbers, the sums of their rows, and two lines of words.

    Args:
        slide: the filter's numbers.
        theme: light or dark.

    Attributes:
        width, height: what all this takes of a frame, in pixels.
    """

    def __init__(self, slide: Sliding, theme: Theme = LIGHT) -> None:
        self._slide, self._theme = slide, theme
        self._below = below(slide, theme)
        self._limit = float(np.abs(slide.weights).max() * np.abs(slide.padded).max()) or 1.0
        rows, columns = slide.weights.shape
        self._cell = max(2, min(_LARGEST, _ACROSS // (3 * columns)))
        # A grid of one column is narrower than its title.
        self._block = max(columns * self._cell, round(width_of("products", TITLE)))
        self._step = self._block + _GAP
        self._left = self._top = 0
        self._sums = rows if rows <= _WRITTEN_OUT else 0
        self.width = 2 * MARGIN + 3 * self._step
        if self._sums:
            self.width += round(width_of("−0.000", TEXT)) + 10 - _GAP // 2
        self.height = 46 + rows * self._cell + 34 + 2 * _LINE

    def put(self, stage: Stage, left: float, top: float) -> None:
        """Draw what stays: titles, signs, and the filter itself."""
        slide, step = self._slide, self._step
        self._left, self._top = round(left) + MARGIN, round(top) + 46
        heads = self._top - 14
        centre = self._top + slide.weights.shape[0] * self._cell / 2
        for index, title in enumerate(("patch", "filter", "products")):
            middle = self._left + index * step + self._block / 2
            stage.write(title, middle, heads, size=TITLE, anchor="middle")
        for index, sign in enumerate(("×", "=")):
            x = self._left + (index + 1) * step - _GAP / 2
            stage.write(sign, x, centre, size=LARGE, anchor="middle")
        if self._sums:
            stage.write("sums", self._left + 3 * step - _GAP // 2, heads, size=TITLE)
        self._grid(stage, 1, slide.weights, signed(slide.weights, theme=self._theme))

    def show(self, stage: Stage, place: Place) -> None:
        """Draw the patch at a place, its products and their sum."""
        slide, theme, cell = self._slide, self._theme, self._cell
        height, width = slide.weights.shape
        top, left = place.top + slide.pads[0], place.left + slide.pads[1]
        patch = self._below[top : top + height, left : left + width]
        x = self._grid(stage, 0, place.patch, patch)
        stage.frame_around(x, self._top, width * cell + 1, height * cell + 1, theme.series[2])
        products = signed(place.products, limit=self._limit, theme=theme)
        self._grid(stage, 2, place.products, products)
        for row, total in enumerate(place.products[: self._sums].sum(axis=1).tolist()):
            x, y = self._left + 3 * self._step - _GAP // 2, self._top + (row + 0.5) * cell
            stage.write(signed_text(total), x, y, size=min(TEXT, max(10, cell - 4)))
        across = stage.frame.shape[1]
        for line, words in enumerate(equation(slide, place)):
            size = min(TEXT, int(TEXT * (across - MARGIN) / max(width_of(words, TEXT), 1)))
            y = self._top + height * cell + 34 + line * _LINE
            stage.write(words, across / 2, y, size=max(size, 8), anchor="middle")

    def _grid(self, stage: Stage, index: int, values: Floats, colours: Rgb) -> int:
        """Draw numbers as one of the three grids; return where it begins."""
        x: int = (
            self._left + index * self._step + (self._block - colours.shape[1] * self._cell) // 2
        )
        stage.cells(values, colours, x, self._top, self._cell)
        return x


def equation(slide: Sliding, place: Place) -> tuple[str, str]:
    """Write a place's sum out: patch · filter, then what is added and what follows."""
    rows = place.products.sum(axis=1).tolist()
    total = signed_text(place.total)
    first = f"patch · filter = {total}"
    if 1 < len(rows) <= _WRITTEN_OUT:
        terms = [f"{rows[0]:.3f}".replace("-", "−"), *map(_term, rows[1:])]
        first = f"patch · filter = {' '.join(terms)} = {total}"
    terms = [total]
    if slide.channels > 1:
        others = slide.channels - 1
        named = "the other channel" if others == 1 else f"{others} other channels"
        terms.append(f"{_term(place.others)} ({named})")
    if slide.bias is not None:
        terms.append(f"{_term(slide.bias)} (bias)")
    second = " ".join(terms) + (f" = {signed_text(place.sum)}" if len(terms) > 1 else "")
    for name, value in place.after:
        second += f"  →  {name}: {value:.3f}".replace("-", "−")
    return first, second


def _term(value: float) -> str:
    """Write a number as it follows others in a sum: "− 0.123"."""
    return f"{'−' if value < 0 else '+'} {abs(value):.3f}"
