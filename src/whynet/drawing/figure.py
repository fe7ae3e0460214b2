"""Pictures, curves and bars as one matplotlib figure, for notebooks and papers.

matplotlib is an extra, ``pip install 'whynet[plot]'``, and imported when a figure is made. pyplot,
which keeps figures and asks for a display, is left alone.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from whynet.drawing.charts import DASHES, BarChart, LineChart
from whynet.drawing.colours import LIGHT, Theme, css
from whynet.drawing.raster import Panel, as_rgb
from whynet.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HIGH, _WIDE, _TITLE = 2.5, 3.8, 0.45
"""Inches: of a row, of a chart, and of the figure's title."""

_PAD = 0.08
"""Inches around everything."""


def panels(
    rows: Sequence[Sequence[Panel | LineChart | BarChart]],
    *,
    title: str = "",
    theme: Theme = LIGHT,
) -> Figure:
    """Return a figure: rows of pictures with their titles and captions, of curves and of bars.

    Notebooks show it, and ``savefig`` writes it to PNG, SVG or PDF.

    Args:
        rows: from top to bottom, each from left to right.
        title: the line above; may be empty.
        theme: its paper and colours.

    Raises:
        ConfigError: matplotlib is missing, or there is nothing to show.
    """
    if not rows or not all(rows):
        raise ConfigError("expected at least one panel in every row of a figure, got none")
    widths = [[_HIGH if isinstance(each, Panel) else _WIDE for each in row] for row in rows]
    size = max(map(sum, widths)), _HIGH * len(rows) + (_TITLE if title else 0)
    figure = _empty(size)
    figure.set_facecolor(css(theme.paper))
    if title:
        figure.suptitle(title, color=css(theme.text), parse_math=False)
    below = figure.subfigures(len(rows), 1, squeeze=False)[:, 0]
    for part, row, across in zip(below, rows, widths, strict=True):
        part.set_facecolor(css(theme.paper))
        free = size[0] - sum(across)  # a short row keeps its panels' size
        ratios = [*across, free] if free > 0 else across
        places = part.add_gridspec(1, len(ratios), width_ratios=ratios)
        for column, content in enumerate(row):
            axes = part.add_subplot(places[0, column])
            _bare(axes, theme)
            if isinstance(content, Panel):
                _picture(axes, content, theme)
            elif isinstance(content, LineChart):
                _curves(axes, content, theme)
            else:
                _bars(axes, content, theme)
    return figure


def _empty(size: tuple[float, float]) -> Figure:
    try:
        from matplotlib.figure import Figure
        from matplotlib.layout_engine import ConstrainedLayoutEngine
    except ImportError:
        raise ConfigError(
            "expected matplotlib to draw a figure with, and it is not installed: "
            "pip install 'whynet[plot]'"
        ) from None

    class ShownFigure(Figure):
        """A figure that notebooks show though pyplot does not know of it."""

        def _repr_png_(self) -> bytes:
            packed = io.BytesIO()
            self.savefig(packed, format="png")
            return packed.getvalue()

    return ShownFigure(figsize=size, layout=ConstrainedLayoutEngine(w_pad=_PAD, h_pad=_PAD))


def _bare(axes: Axes, theme: Theme) -> None:
    """Leave of the axes what is needed, in the theme's colours."""
    axes.set_facecolor(css(theme.paper))
    axes.tick_params(colors=css(theme.pale), labelsize=9, length=3)
    for spine in axes.spines.values():
        spine.set_color(css(theme.rule))


def _picture(axes: Axes, panel: Panel, theme: Theme) -> None:
    axes.imshow(as_rgb(panel.picture), interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.set_title(textwrap.fill(panel.title, 28), **_words(theme.text, 11))
    axes.set_xlabel(textwrap.fill(panel.caption, 36), **_words(theme.pale, 9))


def _curves(axes: Axes, chart: LineChart, theme: Theme) -> None:
    _open(axes)
    axes.grid(axis="y", color=css(theme.rule), linewidth=0.8)
    for series, colour, dash in zip(chart.series, theme.series, DASHES, strict=False):
        style: Any = (0, dash) if dash else "-"
        marker = "o" if len(series.x) == 1 else ""
        axes.plot(series.x, series.y, color=css(colour), linestyle=style, marker=marker)
    # A label that begins with "_" would be left out of the legend.
    names = [f" {series.name}".replace("$", r"\$") for series in chart.series]
    axes.legend(axes.get_lines(), names, frameon=False, labelcolor=css(theme.text), fontsize=9)
    for mark in chart.marks:
        axes.axvline(mark.x, color=css(theme.pale), linestyle=":", linewidth=1)
        axes.annotate(
            mark.words,
            (mark.x, 1),
            (3, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            **_words(theme.text, 9),
        )
    axes.set_xlabel(chart.x_label, **_words(theme.pale, 9))
    axes.set_ylabel(chart.y_label, **_words(theme.pale, 9))


def _bars(axes: Axes, chart: BarChart, theme: Theme) -> None:
    _open(axes, "bottom")
    colours = [theme.series[0]] * len(chart.values)
    if chart.signed:
        colours = [theme.positive if value >= 0 else theme.negative for value in chart.values]
    places = range(len(chart.values))
    bars = axes.barh(places, chart.values, color=[css(colour) for colour in colours])
    axes.bar_label(bars, chart.told(), padding=3, **_words(theme.pale, 9))
    names = [name.replace("$", r"\$") for name in chart.names]
    axes.set_yticks(places, names, color=css(theme.text))
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.margins(x=0.2)
    axes.axvline(0, color=css(theme.pale), linewidth=0.8)


def _open(axes: Axes, *sides: str) -> None:
    for side in ("top", "right", "left", *sides):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _words(colour: tuple[int, int, int], size: float) -> dict[str, Any]:
    """Return how words look; a dollar sign is one, and begins no formula."""
    return {"color": css(colour), "fontsize": size, "parse_math": False}
