"""The pictures of an answer, drawn once for pages, sheets and figures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.charts import BarChart, LineChart, Mark, Series
from whynet.drawing.colours import LIGHT, Theme, difference, ink, signed
from whynet.drawing.raster import Panel, enlarge, framed, grid, marked, strongest
from whynet.explain.proof import Order
from whynet.explain.similar import Similar
from whynet.explain.why.answer import Why
from whynet.explain.why.shares import LayerShare
from whynet.explain.why.units import UnitStory
from whynet.explain.why.words import told

Rgb = NDArray[np.uint8]

MOST = 8
"""Feature maps or units of a layer that are shown."""


class Panels:
    """An answer's pictures in one theme.

    Args:
        answer: what to draw.
        theme: light or dark.
        size: about how many pixels wide a picture of the input is.
    """

    def __init__(self, answer: Why, theme: Theme = LIGHT, size: int = 224) -> None:
        self.answer, self.theme = answer, theme
        self.times = max(1, size // answer.picture.shape[1])
        self.a, self.b = answer.classes[answer.predicted], answer.classes[answer.rival]
        self.grey = as_bytes(answer.picture)

    def rows(self) -> list[list[Panel | LineChart]]:
        """Return what stands on a sheet or figure, row by row."""
        charts = [chart for chart in (self.flip(), self.removal()) if chart is not None]
        rows: list[list[Panel | LineChart]] = [[*self.main()], [*self.morph()], [*charts]]
        return [row for row in rows if row]

    def main(self) -> Iterator[Panel]:
        """Show the picture, its counterfactual, what changes between them, and the evidence."""
        answer, found = self.answer, self.answer.counterfactual
        share = float(answer.probabilities[answer.predicted])
        yield self._of("This picture", f"{self.a}: {told(share, '%')}", self.grey)
        if found is not None:
            yield self._of(
                f"A {self.b} instead", f"{self.b}: {told(found.probability, '%')}", found.picture
            )
            changed = difference(self.grey, found.picture, self.theme)
            kinds = ["green is added"] if (found.difference > 0).any() else []
            kinds += ["pink is erased"] if (found.difference < 0).any() else []
            yield Panel(
                framed(enlarge(changed, self.times), theme=self.theme),
                "What would change",
                f"{found.pixels_changed} pixels: {', '.join(kinds)}",
            )
        values = answer.evidence.map.sum(axis=2, dtype=np.float64)
        yield Panel(
            self.evidence(values),
            "The evidence",
            f"blue + speaks for {self.a}, orange − for {self.b}; in all "
            f"{answer.evidence.attribution.total[0]:+.2f}",
        )

    def evidence(self, values: NDArray[Any]) -> Rgb:
        """Draw contributions (h, w) over the picture's ink, the strongest marked by their sign."""
        drawn = enlarge(signed(values, over=self.grey, theme=self.theme), self.times)
        if self.times >= _MARKABLE and values.any():
            drawn = marked(drawn, strongest(values))
        return framed(drawn, theme=self.theme)

    def morph(self) -> Iterator[Panel]:
        """Show the way to the counterfactual, picture by picture."""
        found = self.answer.morph
        if found is None:
            return
        for picture, shares in zip(found.pictures, found.probabilities, strict=True):
            says = self.answer.classes[int(shares.argmax())]
            drawn = enlarge(ink(picture, self.theme), max(1, self.times // 3))
            caption = told(float(shares.max()), "%")
            yield Panel(framed(drawn, theme=self.theme), says, caption)

    def flip(self) -> LineChart | None:
        """Draw both probabilities on the way, and where the answer flips."""
        found = self.answer.morph
        if found is None:
            return None
        a, b = self.answer.predicted, self.answer.rival
        return LineChart(
            [
                Series(self.answer.classes[k], found.positions, found.probabilities[:, k])
                for k in (a, b)
            ],
            "way from the picture to its counterfactual",
            "probability",
            marks=[Mark(found.flip, "flips")],
            title=f"How the answer changes from {self.a} to {self.b}",
        )

    def shares(self, share: LayerShare) -> BarChart:
        """Draw what the strongest maps of a layer contribute."""
        sums = share.by_map
        order = np.argsort(-np.abs(sums), kind="stable")[:MOST]
        last = share is self.answer.layers[-1]
        names = [
            f"logit of {self.answer.classes[unit]}" if last else f"{_kind(share)} {unit}"
            for unit in order
        ]
        if last:
            order = order[sums[order] != 0]
            names = names[: len(order)]
        return BarChart(names, sums[order], title=f"Contributions in {share.block[0]}")

    def maps(self, share: LayerShare) -> Rgb | None:
        """Draw where a layer's strongest feature maps contribute; None for a vector."""
        if share.values.ndim != 3:
            return None
        order = np.argsort(-np.abs(share.by_map), kind="stable")[:MOST]
        values = np.moveaxis(share.values[..., order], -1, 0).astype(np.float64)
        limit = float(np.abs(values).max()) or None
        times = max(1, 56 // values.shape[1])
        drawn = [
            framed(enlarge(signed(each, limit=limit, theme=self.theme), times), theme=self.theme)
            for each in values
        ]
        return grid(drawn, MOST // 2, gap=6, theme=self.theme)

    def weights(self, unit: UnitStory) -> Rgb | None:
        """Draw what a unit weighs its inputs with, a picture for each channel."""
        if unit.weights is None or unit.weights.shape[0] * unit.weights.shape[1] == 1:
            return None
        planes = np.moveaxis(unit.weights, -1, 0)
        limit = float(np.abs(planes).max()) or None
        times = max(1, (112 if len(planes) == 1 else 48) // planes.shape[1])
        drawn = [
            framed(enlarge(signed(each, limit=limit, theme=self.theme), times), theme=self.theme)
            for each in planes
        ]
        return grid(drawn, 1 if len(drawn) == 1 else 4, gap=4, theme=self.theme)

    def patches(self, unit: UnitStory) -> Rgb | None:
        """Draw what excites a unit most."""
        if unit.patches is None or not len(unit.patches):
            return None
        times = max(1, 48 // unit.patches.patches.shape[2])
        drawn = [
            framed(enlarge(ink(as_bytes(each), self.theme), times), theme=self.theme)
            for each in unit.patches.patches
        ]
        return grid(drawn, 3, gap=4, theme=self.theme)

    def alike(self, found: Similar) -> Iterator[Panel]:
        """Show the nearest examples of one class."""
        for picture, distance in zip(found.pictures, found.distances, strict=True):
            drawn = enlarge(ink(as_bytes(picture), self.theme), max(1, self.times // 2))
            name = self.answer.classes[found.label]
            yield Panel(framed(drawn, theme=self.theme), name, f"{distance:.1f} away")

    def removal(self) -> LineChart | None:
        """Draw how the margin falls as pixels go, in three orders."""
        proof = self.answer.proof
        if proof is None:
            return None
        orders: dict[str, Order] = {
            "evidence first": proof.evidence,
            "random order": proof.random,
            "edges first": proof.edges,
        }
        series = [
            Series(name, order.deletion.counts, order.deletion.margins.mean(axis=0))
            for name, order in orders.items()
        ]
        return LineChart(
            series, "pixels taken away", "margin", title="The margin as pixels are taken away"
        )

    def _of(self, title: str, caption: str, picture: Rgb) -> Panel:
        drawn = enlarge(ink(picture, self.theme), self.times)
        return Panel(framed(drawn, theme=self.theme), title, caption)


_MARKABLE = 5  # times that a picture must be enlarged for signs to fit its pixels


def as_bytes(picture: NDArray[Any]) -> Rgb:
    """Return a picture as grey levels or colours of 0 to 255."""
    if picture.dtype == np.uint8:
        return picture
    levels: Rgb = np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return levels


def _kind(share: LayerShare) -> str:
    return "map" if share.values.ndim == 3 else "unit"
