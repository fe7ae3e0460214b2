"""A filter slides over a picture, or the feature maps below it, and fills its feature map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.animation import Animation
from whynet.drawing.colours import LIGHT, Rgb, Theme, ink, sequential, signed
from whynet.errors import ConfigError
from whynet.explain.animations.baseline import baseline
from whynet.explain.animations.sliding import Place, Sliding, convolutions, sliding
from whynet.explain.animations.stage import (
    LARGE,
    MARGIN,
    TEXT,
    TITLE,
    Stage,
    animation,
    fitted,
    signed_text,
    width_of,
)
from whynet.explain.attribution import layer_conductance
from whynet.explain.contrast import Contrast
from whynet.explain.donors import Donors
from whynet.explain.neurons import receptive_field
from whynet.explain.why.panels import as_bytes
from whynet.nn import Network

MOST = 90
"""Frames."""

_FIRST = 3  # places that are shown slowly, at the start
_AROUND = (-2, -1, 0, 1)  # and these, seen from the strongest
_SLOW, _STRONGEST, _QUICK = 1.2, 3.0, 0.12  # seconds

_PANEL, _WIDEST = 224, 640
_GAP = 34
_WRITTEN_OUT = 8  # rows of a filter whose sums are written one by one


def filter_sliding(
    net: Network,
    image: NDArray[Any],
    layer: str | int | None = None,
    unit: int | None = None,
    *,
    rival: int | str | None = None,
    donors: Donors | None = None,
    theme: Theme = LIGHT,
    threads: int | None = None,
) -> Animation:
    """Show a filter at work, place by place in reading order, with all of its numbers.

    The window's place in the picture, the patch under it, the filter's weights, their products and
    the sum, the bias and what follows, and the feature map as it fills. In full at the first places
    and around the strongest, then row by row. Of a filter that sees many channels, the one is shown
    that adds most where the answer is strongest; the others are told as one number.

    Args:
        net: any net of pictures with a convolution.
        image: one picture, as `whynet.Sequential` takes it.
        layer: a convolution's name, or its number from 0; by default the first.
        unit: the filter's number; by default the one that carries most of the net's answer against
            the rival (see `layer_conductance`), for which the net must be a `Sequential`.
        rival: see `Contrast`; matters for the choice of the filter alone.
        donors: see `baseline`; likewise.
        theme: light or dark.
        threads: how many to use; None takes all cores.

    Raises:
        ConfigError: the net has no convolution, or no such layer or filter, or no answer to share.
        ShapeError: the picture does not fit the net.
    """
    if layer is None:
        found = convolutions(net)
        if not found:
            raise ConfigError("expected a net with a convolution, whose filter can slide")
        layer = found[0]
    if unit is None:
        sliding(net, image, layer, 0)  # refuses what is no convolution
        unit = strongest_unit(
            Contrast(net, image, rival=rival, threads=threads), image, layer, donors
        )
    slide = sliding(net, image, layer, unit)
    drawn = _Drawn(net, np.asarray(image).reshape(net.input_shape), slide, theme)
    stops = schedule(slide)
    stages = [drawn.at(index) for index, _ in stops]
    captions = [drawn.caption(index) for index, _ in stops]
    return animation(stages, [seconds for _, seconds in stops], captions)


def strongest_unit(
    contrast: Contrast, image: NDArray[Any], layer: str | int, donors: Donors | None
) -> int:
    """Return the feature map that carries most of the margin's change; see `layer_conductance`.

    Args:
        contrast: one picture.
        image: the same, as it was given.
        layer: one that makes feature maps.
        donors: see `baseline`.
    """
    start = baseline(contrast, image, donors)
    values = layer_conductance(contrast, layer, start).values[0]
    return int(values.sum(axis=(0, 1), dtype=np.float64).argmax())


def schedule(slide: Sliding) -> list[tuple[int, float]]:
    """Return where frames stop, by the place's number in reading order, and for how many seconds.

    At most `MOST`; the last one is the last place, where the map is full.
    """
    rows, columns = slide.map.shape
    last = rows * columns - 1
    peak = slide.strongest[0] * columns + slide.strongest[1]
    slow = {*range(_FIRST), *(peak + step for step in _AROUND)}
    stops = {index: _SLOW for index in slow if 0 <= index <= last}
    stops[peak] = _STRONGEST
    budget = MOST - len(stops)
    if rows <= budget:
        parts = min(columns, budget // rows, max(1, 60 // rows))
        ends = np.ceil(np.arange(1, parts + 1) * columns / parts).astype(np.int64) - 1
        quick = (np.arange(rows)[:, None] * columns + ends).ravel()
    else:
        quick = np.ceil(np.arange(1, budget + 1) * rows / budget).astype(np.int64) * columns - 1
    for index in quick.tolist():
        stops.setdefault(index, _QUICK)
    return sorted(stops.items())


class _Drawn:
    """Where everything lies on a frame, and what stays on all of them."""

    def __init__(self, net: Network, image: NDArray[Any], slide: Sliding, theme: Theme) -> None:
        self._net, self._slide, self._theme = net, slide, theme
        self._window = theme.series[2]
        alone = slide.first and slide.channels == 1
        side = _PANEL if alone else _PANEL * 3 // 4
        self._colours = _map(slide.map, theme)
        panels: list[tuple[str, Rgb]] = []
        if not alone:
            panels.append(("the picture", ink(as_bytes(image), theme)))
        self._below = _below(slide, theme)
        panels.append((_title(slide, alone=alone), self._below))
        panels.append((f"feature map {slide.unit} of {slide.layer}", self._colours))
        shown = [(title, *fitted(picture, side)) for title, picture in panels]

        kh, kw = slide.weights.shape
        sums = round(width_of("−0.000", TEXT)) + 16
        across = _WIDEST - 2 * MARGIN - 2 * _GAP - sums
        self._cell = max(2, min(40, across // (3 * kw)))
        below = 3 * kw * self._cell + 2 * _GAP + sums
        above = [
            max(picture.shape[1], round(width_of(title, TITLE))) for title, picture, _ in shown
        ]
        inner = max(_WIDEST - 2 * MARGIN, below, sum(above) + _GAP * (len(above) - 1))
        tallest = max(picture.shape[0] for _, picture, _ in shown)
        top = MARGIN + TITLE + 12
        self._grid = top + tallest + 46
        self._text = self._grid + kh * self._cell + 34
        self._base = Stage(inner + 2 * MARGIN, self._text + 66, theme)

        # Panels are spread evenly, each under its title.
        self._places: list[tuple[int, int, float]] = []
        room = (inner - sum(above)) / len(above)
        x = MARGIN + room / 2
        for (title, picture, times), width in zip(shown, above, strict=True):
            left = round(x + (width - picture.shape[1]) / 2)
            self._base.write(title, x + width / 2, MARGIN + TITLE / 2, size=TITLE, anchor="middle")
            self._base.paste(picture, left, top)
            self._base.frame_around(left, top, picture.shape[1], picture.shape[0], theme.rule, 1)
            self._places.append((left, top, times))
            x += width + room
        self._left = MARGIN + (inner - below) // 2
        self._limit = float(np.abs(slide.weights).max() * np.abs(slide.padded).max()) or 1.0
        self._heads()

    def _heads(self) -> None:
        """Write what stays of the lower half: what the grids are, and what is done with them."""
        base, step = self._base, self._slide.weights.shape[1] * self._cell + _GAP
        half = (step - _GAP) / 2
        for index, title in enumerate(("patch", "filter", "products")):
            middle = self._left + index * step + half
            base.write(title, middle, self._grid - 14, size=TITLE, anchor="middle")
        centre = self._grid + self._slide.weights.shape[0] * self._cell / 2
        for index, sign in enumerate("×="):
            x = self._left + (index + 1) * step - _GAP / 2
            base.write("x" if sign == "×" else sign, x, centre, size=LARGE, anchor="middle")
        x = self._left + 3 * step - _GAP + 10
        base.write("sums", x, self._grid - 14, size=TITLE)

    def at(self, index: int) -> Stage:
        """Draw the frame at a place, by its number in reading order."""
        slide = self._slide
        row, column = divmod(index, slide.map.shape[1])
        place, stage = slide.at(row, column), self._base.again()
        self._fill(stage, index)
        self._frames(stage, place)
        self._products(stage, place)
        for line, words in enumerate(equation(slide, place)):
            middle = self._text + line * 30
            stage.write(words, stage.frame.shape[1] / 2, middle, size=TEXT, anchor="middle")
        return stage

    def _fill(self, stage: Stage, index: int) -> None:
        """Leave the map blank behind the place."""
        x, y, times = self._places[-1]
        rows, columns = self._slide.map.shape
        reached = (np.arange(rows * columns) <= index).reshape(rows, columns, 1)
        shown = np.where(reached, self._colours, np.array(self._theme.rule, np.uint8))
        stage.paste(fitted(shown, max(1, round(times * max(rows, columns))))[0], x, y)

    def _frames(self, stage: Stage, place: Place) -> None:
        """Frame the window, the pixels that it sees, and the cell that it fills."""
        slide, places = self._slide, self._places
        height, width = slide.weights.shape
        x, y, times = places[-2]
        left, top = place.left + slide.pads[1], place.top + slide.pads[0]
        self._frame(stage, x, y, times, (top, left, height, width))
        x, y, times = places[-1]
        self._frame(stage, x, y, times, (place.row, place.column, 1, 1))
        if len(places) == 3:
            x, y, times = places[0]
            seen = receptive_field(self._net, slide.layer, (place.row, place.column))
            self._frame(stage, x, y, times, (seen.top, seen.left, seen.height, seen.width))

    def _frame(
        self, stage: Stage, x: int, y: int, times: float, box: tuple[int, int, int, int]
    ) -> None:
        top, left, height, width = (round(side * times) for side in box)
        stage.frame_around(x + left, y + top, max(width, 1), max(height, 1), self._window)

    def _products(self, stage: Stage, place: Place) -> None:
        """Draw patch, filter and products as cells, and the sums of rows."""
        slide, theme, cell = self._slide, self._theme, self._cell
        height, width = slide.weights.shape
        step = width * cell + _GAP
        left, top = place.left + slide.pads[1], place.top + slide.pads[0]
        patch = self._below[top : top + height, left : left + width]
        stage.cells(place.patch, patch, self._left, self._grid, cell)
        stage.frame_around(
            self._left, self._grid, width * cell + 1, height * cell + 1, self._window
        )
        stage.cells(
            slide.weights, signed(slide.weights, theme=theme), self._left + step, self._grid, cell
        )
        coloured = signed(place.products, limit=self._limit, theme=theme)
        stage.cells(place.products, coloured, self._left + 2 * step, self._grid, cell)
        if height > _WRITTEN_OUT:
            return
        x = self._left + 3 * step - _GAP + 10
        for row, total in enumerate(place.products.sum(axis=1).tolist()):
            y = self._grid + (row + 0.5) * cell
            stage.write(signed_text(total), x, y, size=min(TEXT, max(10, cell - 4)))

    def caption(self, index: int) -> str:
        """Say where the filter stands, and what it answers."""
        slide = self._slide
        row, column = divmod(index, slide.map.shape[1])
        place = slide.at(row, column)
        text = (
            f"Filter {slide.unit} of {slide.layer} at row {row + 1} of {slide.map.shape[0]}, "
            f"column {column + 1} of {slide.map.shape[1]}: {signed_text(place.answer)}"
        )
        return text + (", the strongest" if (row, column) == slide.strongest else "")


def equation(slide: Sliding, place: Place) -> tuple[str, str]:
    """Write a place's sum out: patch · filter, then what is added and what follows."""
    rows = place.products.sum(axis=1).tolist()
    terms = " ".join([f"{rows[0]:.3f}".replace("-", "−"), *map(_term, rows[1:])])
    total = signed_text(place.total)
    first = f"patch · filter = {terms} = {total}"
    if len(rows) > _WRITTEN_OUT or len(rows) == 1:
        first = f"patch · filter = {total}"
    second = total
    if slide.channels > 1:
        others = slide.channels - 1
        named = "the other channel" if others == 1 else f"{others} other channels"
        second += f" {_term(place.others)} ({named})"
    second += f" {_term(slide.bias)} (bias) = {signed_text(place.sum)}"
    for name, value in place.after:
        second += f"  →  {name}: {value:.3f}".replace("-", "−")
    return first, second


def _term(value: float) -> str:
    """Write a number as it follows others in a sum: "− 0.123"."""
    return f"{'−' if value < 0 else '+'} {abs(value):.3f}"


def _title(slide: Sliding, *, alone: bool) -> str:
    if alone:
        return "the picture"
    return f"channel {slide.channel} {'of the picture' if slide.first else 'of the maps below'}"


def _below(slide: Sliding, theme: Theme) -> Rgb:
    """Draw the channel that the filter slides over, padding around it."""
    if slide.first and slide.padded.min() >= 0 and slide.padded.max() <= 1:
        drawn = ink(as_bytes(slide.padded), theme)
    else:
        drawn = _map(slide.padded, theme)
    height, width = slide.below.shape
    top, left = slide.pads
    padding = np.ones(slide.padded.shape, np.bool_)
    padding[top : top + height, left : left + width] = False
    drawn[padding] = theme.rule
    return drawn


def _map(values: NDArray[np.float64], theme: Theme) -> Rgb:
    """Draw activations: violet where none is below 0, else blue and orange."""
    return signed(values, theme=theme) if values.min() < 0 else sequential(values, theme=theme)
