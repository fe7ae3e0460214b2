"""An answer's pictures side by side on a terminal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.colours import DARK, LIGHT, Rgb, Theme, difference, signed
from whynet.drawing.colours import ink as inked
from whynet.drawing.terminal import beside, half_blocks
from whynet.explain.why import Why
from whynet.explain.why.panels import as_bytes

if TYPE_CHECKING:
    from rich.console import Console

_GAP = 3
"""Characters between pictures."""

_NEEDED = 3
"""Pictures that are always shown: what changes can be seen on them too, if less plainly."""

_SEEN = 0.1
"""Evidence from this share of the strongest on is shown, even beside all ink."""

_LIGHT_GROUNDS = ("7", "9", "10", "11", "12", "13", "14", "15")
"""Of the 16 colours of terminals, those that dark letters are written on."""


def pictures_of(answer: Why, console: Console) -> str:
    """Return the picture, the evidence, the counterfactual and, given room, what would change.

    Args:
        answer: what to show.
        console: where; decides about colours and how much fits.
    """
    colours = None if console.no_color else console.color_system
    coloured = colours in ("truecolor", "256")
    theme = theme_of(os.environ.get("COLORFGBG", ""))
    panels = [_framed(panel, theme) for panel in _panels(answer, theme, coloured=coloured)]
    panels = [_shrunk(panel, console.width) for panel in panels]
    across = panels[0].picture.shape[1] + _GAP
    if len(panels) * across - _GAP > console.width:
        panels = panels[:_NEEDED]
    blocks = [
        half_blocks(each.picture, colours, values=each.values, theme=theme) for each in panels
    ]
    return beside(blocks, [each.title for each in panels], gap=_GAP, width=console.width)


def theme_of(terminal: str) -> Theme:
    """Return the theme for a terminal that tells its colours as COLORFGBG: "0;15", or nothing.

    Most terminals are dark, and most tell nothing.
    """
    return LIGHT if terminal.rpartition(";")[2] in _LIGHT_GROUNDS else DARK


@dataclass(frozen=True, eq=False)
class _Panel:
    """A picture (h, w, 3), the signed numbers (h, w) that it shows, if any, and a title."""

    title: str
    picture: Rgb = field(repr=False)
    values: NDArray[np.float64] = field(repr=False)


def _panels(answer: Why, theme: Theme, *, coloured: bool) -> Iterator[_Panel]:
    a, b = answer.classes[answer.predicted], answer.classes[answer.rival]
    found = answer.counterfactual
    grey, values = as_bytes(answer.picture), answer.evidence.map.sum(axis=2, dtype=np.float64)
    shown = _box((grey if found is None else np.maximum(grey, found.picture)).max(axis=2), values)
    values = values[shown]
    grey = grey[shown]
    none = np.zeros(grey.shape[:2])
    yield _Panel(f"This picture: {a}", inked(grey, theme), none)
    yield _Panel(
        f"The evidence: {'blue' if coloured else '+'} for {a}, "
        f"{'orange' if coloured else '−'} for {b}",
        signed(values, over=grey, theme=theme),
        values,
    )
    if found is None:
        return
    after = found.picture[shown]
    yield _Panel(f"A {b} instead", inked(after, theme), none)
    change = found.difference[shown].astype(np.float64)
    kinds = [
        f"{colour if coloured else sign} {what}"
        for colour, sign, what, there in (
            ("green", "+", "added", (change > 0).any()),
            ("pink", "−", "erased", (change < 0).any()),
        )
        if there
    ]
    yield _Panel(f"The change: {', '.join(kinds)}", difference(grey, after, theme), change)


def _box(ink: NDArray[np.uint8], values: NDArray[np.float64]) -> tuple[slice, slice]:
    """Return the rows and columns that have ink (h, w), or evidence (h, w) worth seeing."""
    there = (ink > 0) | (np.abs(values) > _SEEN * np.abs(values).max())
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return slice(None), slice(None)
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _framed(panel: _Panel, theme: Theme) -> _Panel:
    """Put paper around a picture, and so much below that it fills whole characters."""
    height, width = panel.values.shape
    edges = ((1, 1 + height % 2), (1, 1))
    picture = np.full((height + sum(edges[0]), width + 2, 3), theme.paper, np.uint8)
    picture[1 : 1 + height, 1 : 1 + width] = panel.picture
    return _Panel(panel.title, picture, np.pad(panel.values, edges))


def _shrunk(panel: _Panel, most: int) -> _Panel:
    """Bring a picture that is too wide to a whole part of its size, by means."""
    times = -(-panel.values.shape[1] // most)
    if times == 1:
        return panel
    picture = np.rint(_means(panel.picture.astype(np.float64), times)).astype(np.uint8)
    return _Panel(panel.title, picture, _means(panel.values, times))


def _means(values: NDArray[np.float64], times: int) -> NDArray[Any]:
    """Return the means of squares of times × times; those at the far edges may be smaller."""
    height, width, *rest = values.shape
    edges = [(0, -height % times), (0, -width % times), *[(0, 0)] * len(rest)]
    full = np.pad(values, edges, mode="edge")
    cells = full.reshape(full.shape[0] // times, times, full.shape[1] // times, times, *rest)
    means: NDArray[Any] = cells.mean(axis=(1, 3))
    return means
