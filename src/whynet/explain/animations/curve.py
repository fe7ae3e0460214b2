"""A chart whose curves grow, frame by frame, over axes that stay."""

from __future__ import annotations

from dataclasses import replace

from whynet.drawing.charts import LineChart
from whynet.drawing.colours import LIGHT, Rgb, Theme
from whynet.drawing.vector import Line
from whynet.explain.animations.stage import Stage


class GrowingChart:
    """A chart drawn twice, once with its curves faint: a frame is a part of each.

    Args:
        chart: all of its curves have the same x, three of them at least.
        width, height: in pixels.
        theme: its colours.
    """

    def __init__(self, chart: LineChart, width: int, height: int, theme: Theme = LIGHT) -> None:
        drawing = chart.drawing(width, height)
        n = len(chart.series[0].x)
        self._curves = [
            shape for shape in drawing.shapes if isinstance(shape, Line) and len(shape.points) == n
        ]
        faint = tuple(
            replace(shape, colour="rule", dash=()) if shape in self._curves else shape
            for shape in drawing.shapes
        )
        self._theme = theme
        self._grown = drawing.picture(theme)
        self._faint = replace(drawing, shapes=faint).picture(theme)

    def upto(self, index: int) -> Rgb:
        """Return the chart with its curves drawn up to a point, and a dot on each."""
        at = round(self._curves[0].points[index][0])
        end = round(max(x for x, _ in self._curves[0].points)) + 2  # behind it are the names
        stage = Stage(1, 1, self._theme)
        stage.frame = self._grown.copy()
        stage.frame[:, at:end] = self._faint[:, at:end]
        for curve in self._curves:
            colour = self._theme.series[int(curve.colour.removeprefix("series-")) - 1]
            stage.dot(*curve.points[index], 5, colour)
        return stage.frame
