"""Figures: everything is on them, without pyplot; and one sentence where matplotlib is missing."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from whynet.drawing.charts import BarChart, LineChart, Mark, Series
from whynet.drawing.colours import DARK, LIGHT, css, ink
from whynet.drawing.figure import panels
from whynet.drawing.raster import Panel
from whynet.errors import ConfigError


def rows() -> list:
    digit = ink(np.arange(64, dtype=np.uint8).reshape(8, 8))
    lines = LineChart(
        [Series("_9 for $1", [0, 1], [0, 2]), Series("one point", [0.5], [1])],
        "way $x",
        "log-odds",
        marks=[Mark(0.5, "it flips")],
    )
    return [
        [Panel(digit, "why $9$ and not 4", "5 $ and $"), Panel(digit)],
        [lines, BarChart(["$a", "b"], [2, -1])],
    ]


def test_everything_is_there() -> None:
    pytest.importorskip("matplotlib")
    figure = panels(rows(), title="Why?")
    first, second = figure.subfigs
    assert [axes.get_title() for axes in first.axes] == ["why $9$ and not 4", ""]
    np.testing.assert_array_equal(first.axes[0].images[0].get_array(), rows()[0][0].picture)
    curves, bars = second.axes
    assert curves.get_lines()[0].get_ydata().tolist() == [0, 2]
    assert [text.get_text() for text in curves.get_legend().get_texts()] == [
        r" _9 for \$1",
        " one point",
    ]
    assert [bar.get_width() for bar in bars.patches] == [2, -1]
    said = [text.get_text() for text in bars.texts]
    assert said == ["+2", "−1"]
    assert figure.get_suptitle() == "Why?"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_notebook_can_show_it(theme: object) -> None:
    pytest.importorskip("matplotlib")
    figure = panels(rows(), theme=theme)  # type: ignore[arg-type]
    with Image.open(io.BytesIO(figure._repr_png_())) as image:  # type: ignore[attr-defined]
        corner = image.convert("RGB").getpixel((0, 0))
    assert css(corner) == css(theme.paper)  # type: ignore[attr-defined, arg-type]


def test_pyplot_is_left_alone() -> None:
    pytest.importorskip("matplotlib")
    code = (
        "import sys, numpy as np; from whynet.drawing.raster import Panel; "
        "from whynet.drawing import figure; assert 'matplotlib' not in sys.modules; "
        "figure.panels([[Panel(np.zeros((4, 4, 3), np.uint8))]])._repr_png_(); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ConfigError, match=r"pip install 'whynet\[plot\]'"):
        panels(rows())


@pytest.mark.parametrize("empty", [[], [[]]])
def test_nothing_to_show(empty: list) -> None:
    with pytest.raises(ConfigError, match="at least one panel in every row"):
        panels(empty)
