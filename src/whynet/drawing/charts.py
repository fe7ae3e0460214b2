"""Curves and bars that say by words, dashes and signs all that they say by colour.

>>> chart = LineChart([Series("9", way, nine), Series("4", way, four)], "way", "log-odds")
>>> BarChart(["conv1", "conv2"], [1.5, -0.3]).svg()

A chart holds its data, checked. `drawing` lays it out, for SVG and for pictures alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from whynet.drawing.colours import LIGHT, Rgb, Theme
from whynet.drawing.markup import Html
from whynet.drawing.vector import Anchor, Box, Dot, Drawing, Label, Line, Shape
from whynet.errors import ConfigError, ShapeError
from whynet.options import number, switch, whole

DASHES: tuple[tuple[float, ...], ...] = ((), (7, 4), (2, 3), (10, 3, 2, 3), (4, 4), (12, 5))
"""Of the first curve, the second and so on: lengths on and off in turn."""

LARGEST = 1e100
"""What is farther from 0 is refused: scales would overflow."""

_WORD, _SMALL = 13.0, 12.0
"""Sizes of letters."""

_LETTER = 0.65
"""How wide letters are on average, in sizes."""

_LONGEST = 20
"""Letters of a name that are shown."""


class Series:
    """A curve: its name, and its points, joined in the order given.

    Args:
        name: what stands at its end.
        x: (n,) numbers.
        y: (n,) numbers.

    Raises:
        ShapeError, ConfigError: no points, not as many x as y, or numbers that are none.
    """

    def __init__(self, name: str, x: ArrayLike, y: ArrayLike) -> None:
        self.name = name
        self.x, self.y = _numbers(x, f"x of {name!r}"), _numbers(y, f"y of {name!r}")
        if len(self.x) != len(self.y):
            raise ShapeError(
                f"expected as many x as y of {name!r}, got {len(self.x)} and {len(self.y)}"
            )


class Mark(NamedTuple):
    """A place on the x axis worth a line, and what it is."""

    x: float
    words: str


class LineChart:
    """Curves over one axis.

    Args:
        series: at most six.
        x_label: what x is.
        y_label: what y is.
        marks: places on the x axis to point out.
        title: what it is, for those who don't see it; by default "y over x".

    Raises:
        ConfigError: no curves, too many, or a mark that is no number.
    """

    def __init__(
        self,
        series: Sequence[Series],
        x_label: str,
        y_label: str,
        *,
        marks: Sequence[Mark] = (),
        title: str = "",
    ) -> None:
        if not 1 <= len(series) <= len(DASHES):
            raise ConfigError(f"expected 1 to {len(DASHES)} curves, got {len(series)}")
        self.series, self.x_label, self.y_label = tuple(series), x_label, y_label
        bounds = {"least": -LARGEST, "most": LARGEST}
        self.marks = tuple(Mark(number(x, "a mark's x", **bounds), words) for x, words in marks)
        self.title = title or f"{y_label} over {x_label}"

    def description(self) -> str:
        """Say in words where every curve begins and ends, and what is marked."""
        told = [
            f"{each.name} goes from {told_number(each.y[0])} to {told_number(each.y[-1])}"
            for each in self.series
        ]
        told += [f"{words} at {told_number(x)}" for x, words in self.marks]
        return f"{self.y_label} over {self.x_label}: {'; '.join(told)}."

    def drawing(self, width: int = 420, height: int = 250) -> Drawing:
        """Lay the chart out on paper of this size in pixels."""
        width, height = whole(width, "a width", least=160), whole(height, "a height", least=120)
        xs = np.concatenate([*(each.x for each in self.series), [mark.x for mark in self.marks]])
        ys = np.concatenate([each.y for each in self.series])
        y_ticks = ticks(ys.min(), ys.max(), max(2, height // 50))
        names = [_cut(each.name) for each in self.series]
        left = 10 + max(_across(words, _SMALL) for _, words in y_ticks)
        right = width - 34 - max(_across(name, _WORD) for name in names)
        top, bottom = 38.0 if self.marks else 24.0, height - 44.0
        across = _Scale(xs.min(), xs.max(), left, max(right, left + 40))
        up = _Scale(min(ys.min(), y_ticks[0][0]), max(ys.max(), y_ticks[-1][0]), bottom, top)
        shapes: list[Shape] = [Label((0, 9), self.y_label, "pale", size=_SMALL)]
        for value, words in y_ticks:
            y = up(value)
            colour = "pale" if value == 0 and ys.min() < 0 < ys.max() else "rule"
            shapes.append(Line([(left, y), (across.end, y)], colour))
            shapes.append(Label((left - 6, y), words, "pale", "end", _SMALL))
        shapes.append(Line([(left, bottom), (across.end, bottom)], "rule"))
        for value, words in ticks(xs.min(), xs.max(), max(2, int(across.end - left) // 70)):
            x = across(value)
            shapes.append(Line([(x, bottom), (x, bottom + 4)], "pale"))
            shapes.append(Label((x, bottom + 14), words, "pale", "middle", _SMALL))
        shapes.append(Label((across.end, bottom + 33), self.x_label, "pale", "end", _SMALL))
        for mark in self.marks:
            x = across(mark.x)
            early = x < (left + across.end) / 2
            shapes.append(Line([(x, top - 18), (x, bottom)], "pale", 1, (3, 3)))
            at = x + (5 if early else -5), top - 12
            shapes.append(Label(at, mark.words, "text", "start" if early else "end", _SMALL))
        ends = _spread([up(each.y[-1]) for each in self.series], 17, top, bottom)
        for index, (each, name, end) in enumerate(zip(self.series, names, ends, strict=True)):
            colour, dash = f"series-{index + 1}", DASHES[index]
            path = [(across(x), up(y)) for x, y in zip(each.x, each.y, strict=True)]
            if len(path) == 1:
                shapes.append(Dot(path[0], 3, colour))
            else:
                shapes.append(Line(path, colour, 2, dash))
            key = across.end + 8
            shapes.append(Line([(key, end), (key + 16, end)], colour, 2, dash))
            shapes.append(Label((key + 21, end), name))
        return Drawing(width, height, tuple(shapes), self.title, self.description())

    def svg(self) -> Html:
        """Return the chart as an SVG element."""
        return self.drawing().svg()

    def picture(self, theme: Theme = LIGHT, times: int = 1) -> Rgb:
        """Return the chart as colours."""
        return self.drawing().picture(theme, times)


class BarChart:
    """Bars that lie below each other, each with its name and its number.

    Args:
        names: of the bars, from top to bottom.
        values: (n,) their lengths.
        signed: whether they speak for and against: blue to the right and orange to the left,
            each number with its sign. Else all are of one colour.
        title: what it is, for those who don't see it.

    Raises:
        ShapeError, ConfigError: no bars, not a name for each, or numbers that are none.
    """

    def __init__(
        self, names: Sequence[str], values: ArrayLike, *, signed: bool = True, title: str = "Bars"
    ) -> None:
        self.names, self.values = tuple(names), _numbers(values, "lengths of bars")
        self.signed, self.title = switch(signed, "signed"), title
        if len(self.names) != len(self.values):
            raise ShapeError(
                f"expected a name for each of {len(self.values)} bars, got {len(self.names)}"
            )

    def description(self) -> str:
        """Say in words how long every bar is."""
        return "; ".join(map(" ".join, zip(self.names, self.told(), strict=True))) + "."

    def told(self) -> list[str]:
        """Return each bar's number as it stands beside it."""
        return [told_number(value, signed=self.signed) for value in self.values]

    def drawing(self, width: int = 420) -> Drawing:
        """Lay the chart out on paper of this width, as high as the bars need."""
        width, step = whole(width, "a width", least=160), 24
        names, told = [_cut(name) for name in self.names], self.told()
        room = 8 + max(_across(words, _SMALL) for words in told)
        left = 8 + max(_across(name, _WORD) for name in names)
        low, high = min(self.values.min(), 0.0), max(self.values.max(), 0.0)
        start = left + (room if low < 0 else 0)
        scale = _Scale(low, high or (0.0 if low else 1.0), start, max(width - room, start + 40))
        height, zero = 8 + step * len(names), scale(0)
        shapes: list[Shape] = []
        for index, (name, value) in enumerate(zip(names, self.values, strict=True)):
            middle, end = 4 + (index + 0.5) * step, scale(value)
            colour = "series-1"
            if self.signed:
                colour = "positive" if value >= 0 else "negative"
            shapes.append(Label((left - 8, middle), name, anchor="end"))
            shapes.append(Box((min(zero, end), middle - 8), abs(end - zero), 16, colour))
            at = end + (5 if value >= 0 else -5), middle
            side: Anchor = "start" if value >= 0 else "end"
            shapes.append(Label(at, told[index], "pale", side, _SMALL))
        shapes.append(Line([(zero, 2), (zero, height - 2)], "pale"))
        return Drawing(width, height, tuple(shapes), self.title, self.description())

    def svg(self) -> Html:
        """Return the chart as an SVG element."""
        return self.drawing().svg()

    def picture(self, theme: Theme = LIGHT, times: int = 1) -> Rgb:
        """Return the chart as colours."""
        return self.drawing().picture(theme, times)


# -- numbers ----------------------------------------------------------------------------------


def told_number(value: float, *, signed: bool = False) -> str:
    """Return a number as people read it, to three digits; with a + before it where asked."""
    size = abs(float(value))
    form = ",.0f" if 1000 <= size < 1e9 else ".3g"
    sign = "−" if value < 0 else "+" if signed and value > 0 else ""
    return sign + format(size, form).replace("e-0", "e−").replace("e-", "e−").replace("e+", "e")


def ticks(low: float, high: float, most: int) -> list[tuple[float, str]]:
    """Return round numbers from low to high, at least one and about ``most``, and as words.

    They lie 1, 2 or 5 times a power of ten apart.
    """
    span = max(high - low, 1e-12 * max(abs(low), abs(high)))
    rough = (span if span > 1e-290 else 1.0) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last < first:
        first = last = round(low / step)
    found = [step * index for index in range(first, last + 1)]
    largest = max(map(abs, found))
    if step < 1e-4 or largest >= 1e6:
        return [(value, told_number(value)) for value in found]
    decimals = max(0, -math.floor(math.log10(step * 1.001)))
    return [(value, f"{value:,.{decimals}f}".replace("-", "−")) for value in found]


class _Scale:
    """Where numbers lie on paper: ``low`` at ``start``, ``high`` at ``end``."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.start, self.end = float(low), start, end
        self._span = float(high) - float(low)

    def __call__(self, value: float) -> float:
        share = (float(value) - self.low) / self._span if self._span else 0.5
        return self.start + share * (self.end - self.start)


def _spread(places: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Move places apart, at least so far, inside of bounds where there is room; in their order."""
    order = sorted(range(len(places)), key=lambda index: places[index])
    moved = list(places)
    for before, index in zip([None, *order], order, strict=False):
        moved[index] = max(places[index], low if before is None else moved[before] + least)
    for after, index in zip([None, *order[::-1]], order[::-1], strict=False):
        moved[index] = min(moved[index], high if after is None else moved[after] - least)
    return moved


def _numbers(values: ArrayLike, what: str) -> NDArray[np.float64]:
    found = np.asarray(values)
    if found.ndim != 1 or not len(found):
        raise ShapeError(f"expected {what} as numbers (n,), at least one, got {found.shape}")
    exact = found.astype(np.float64) if found.dtype.kind in "buif" else None
    if exact is None or not (np.abs(exact) <= LARGEST).all():
        raise ConfigError(f"expected {what} as finite numbers, got something else")
    return exact


def _cut(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _across(words: str, size: float) -> float:
    """Return about how wide words are; nobody knows a reader's font."""
    return len(words) * size * _LETTER
