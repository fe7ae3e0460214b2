"""From characters and luck to the path of the pen, for a whole batch at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from whynet.data.strokes.curves import DOTS
from whynet.data.strokes.hand import Hands
from whynet.data.strokes.render import fit_box
from whynet.data.strokes.skeleton import KNOTS, STROKES, Way, Ways

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Paths:
    """Where the pen goes, for n images.

    Attributes:
        dots: (n, 2, `DOTS`), positions in pixels from the upper left corner of the ink's box.
        radius: (n, `DOTS`), half the pen's width in pixels.
        stroke: int8, (n, `DOTS`), which stroke each position belongs to.
    """

    dots: Floats
    radius: Floats
    stroke: NDArray[np.int8]

    def part(self, which: slice) -> Paths:
        """Return the paths of some of the images."""
        return Paths(self.dots[which], self.radius[which], self.stroke[which])


@dataclass(frozen=True)
class _Layout:
    """What `Hands.shake` needs to know of every way of writing, a row for each."""

    ends: NDArray[np.int64]
    knot_stroke: NDArray[np.int8]
    dot_stroke: NDArray[np.int8]


@dataclass(frozen=True)
class Alphabet:
    """Characters with their ways of writing.

    Attributes:
        characters: the ways of writing each character, in label order.
    """

    characters: tuple[Ways, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The characters' names, in label order."""
        return tuple(ways.character for ways in self.characters)

    @cached_property
    def ways(self) -> list[Way]:
        """Every way of writing of every character, in label order."""
        return [way for ways in self.characters for way in ways.ways]

    def choose(self, labels: NDArray[np.int64], luck: Floats) -> NDArray[np.int64]:
        """Pick a way of writing for each label: (n,) indices into `ways`.

        Args:
            labels: (n,).
            luck: (n,), in [0, 1).
        """
        first = np.cumsum([0] + [len(ways.ways) for ways in self.characters])
        chosen = np.empty(len(labels), np.int64)
        for label, ways in enumerate(self.characters):
            mine = labels == label
            share = np.cumsum([way.weight for way in ways.ways])
            picked = np.searchsorted(share / share[-1], luck[mine], side="right")
            chosen[mine] = first[label] + np.minimum(picked, len(ways.ways) - 1)
        return chosen

    def trace(self, chosen: NDArray[np.int64], hands: Hands) -> Paths:
        """Lead the pen.

        Args:
            chosen: (n,), indices into `ways`.
            hands: the luck of the n images.
        """
        # Side by side, those who write in the same way are slices and not lists of positions.
        order = np.argsort(chosen, kind="stable")
        used, first = np.unique(chosen[order], return_index=True)
        last = [*first[1:], len(order)]
        spans = [slice(a, b) for a, b in zip(first, last, strict=True)]
        groups = [(self.ways[w], rows) for w, rows in zip(used, spans, strict=True)]

        dice = hands.dice[:, order]
        knots = np.zeros((len(chosen), 2, KNOTS), np.float32)
        for way, rows in groups:
            named = way.knots(dice[:, rows])
            knots[rows, :, : named.shape[2]] = named

        # Their luck is in the order of the pictures.
        back = np.argsort(order)
        knots = knots[back]
        hands.shake(knots, self._layout.ends[chosen], self._layout.knot_stroke[chosen])
        knots = knots[order]

        both = np.empty((len(chosen), 2, 2 * DOTS), np.float32)
        for way, rows in groups:
            matrix = way.curve.matrix
            # One small product an image: its bits never depend on how many are written together.
            np.matmul(knots[rows, :, : len(matrix)], matrix, out=both[rows])
        cornered, rounded = both[back, :, :DOTS], both[back, :, DOTS:]
        dots = cornered + hands.rounding * (rounded - cornered)
        hands.tremble(dots)
        placed, radius = fit_box(dots, hands.press() * (self._pens[chosen] * hands.radius)[:, None])
        return Paths(placed, radius, self._layout.dot_stroke[chosen])

    @cached_property
    def _pens(self) -> Floats:
        return np.array([way.pen for way in self.ways], np.float32)

    @cached_property
    def _layout(self) -> _Layout:
        # Ways with fewer strokes than most "move" the last knot, which no way of writing names.
        ends = np.full((len(self.ways), 2 * STROKES, 2), KNOTS - 1, np.int64)
        knot_stroke = np.zeros((len(self.ways), KNOTS), np.int8)
        for w, way in enumerate(self.ways):
            curve = way.curve
            ends[w, : len(curve.ends)] = curve.ends
            knot_stroke[w, : len(curve.stroke_of_knot)] = curve.stroke_of_knot
        return _Layout(ends, knot_stroke, np.stack([way.curve.stroke for way in self.ways]))
