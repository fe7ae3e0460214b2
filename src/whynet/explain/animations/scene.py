"""Two pictures and a column of words, above a chart that grows: a scene that frames share."""

from __future__ import annotations

from whynet.drawing.charts import LineChart
from whynet.drawing.colours import LIGHT, Rgb, Theme
from whynet.explain.animations.curve import GrowingChart
from whynet.explain.animations.stage import MARGIN, TITLE, Stage, fitted

SIDE = 210
"""About how large the pictures are shown, in pixels."""

_GAP, _CHART, _NARROWEST = 28, 190, 480


class Scene:
    """What stays on all frames, and where the rest goes.

    Args:
        titles: of the two pictures.
        picture: one of them, for its size.
        column: how wide the words beside them are, in pixels.
        chart: what is below them; see `GrowingChart`.
        theme: its colours.

    Attributes:
        top: where the pictures and the column begin, in pixels.
        column: where the column begins.
        end: where it ends.
        box: (x, y, width, height) of the first picture.
    """

    def __init__(
        self,
        titles: tuple[str, str],
        picture: Rgb,
        column: int,
        chart: LineChart,
        theme: Theme = LIGHT,
    ) -> None:
        height, width = fitted(picture, SIDE)[0].shape[:2]
        self.top = MARGIN + TITLE + 12
        self.box = MARGIN, self.top, width, height
        self._second = MARGIN + width + _GAP
        self.column = self._second + width + _GAP
        self.end = max(self.column + column, _NARROWEST - MARGIN)
        self._below = self.top + max(height, SIDE) + 20
        self._chart = GrowingChart(chart, self.end - MARGIN, _CHART, theme)
        self._base = Stage(self.end + MARGIN, self._below + _CHART + 4, theme)
        for x, title in zip((MARGIN, self._second), titles, strict=True):
            middle = x + width / 2
            self._base.write(title, middle, MARGIN + TITLE / 2, size=TITLE, anchor="middle")
            self._base.frame_around(x, self.top, width, height, theme.rule, 1)

    def stage(self, first: Rgb, second: Rgb, index: int) -> Stage:
        """Return a stage with both pictures, and the chart up to a point."""
        stage = self._base.again()
        stage.paste(fitted(first, SIDE)[0], MARGIN, self.top)
        stage.paste(fitted(second, SIDE)[0], self._second, self.top)
        stage.paste(self._chart.upto(index), MARGIN, self._below)
        return stage
