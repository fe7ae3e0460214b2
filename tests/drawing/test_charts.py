"""Charts: where things lie, what is said in words, and that both renderings agree."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from whynet.drawing.charts import (
    DASHES,
    BarChart,
    LineChart,
    Mark,
    Series,
    ticks,
    told_number,
)
from whynet.drawing.colours import DARK, LIGHT, Theme, css
from whynet.drawing.vector import Box, Dot, Drawing, Label, Line
from whynet.errors import ConfigError, ShapeError

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.floats(-1e100, 1e100) | st.sampled_from([0.0, 5e-324, 1e-300, 1.0, 1e16, 1e16 + 2])


def shapes(drawing: Drawing, kind: type) -> list:
    return [shape for shape in drawing.shapes if isinstance(shape, kind)]


def inside(drawing: Drawing) -> bool:
    """Whether all lines, boxes and anchors of words lie on the paper."""
    places = [place for line in shapes(drawing, Line) for place in line.points]
    for box in shapes(drawing, Box):
        places += [box.corner, (box.corner[0] + box.width, box.corner[1] + box.height)]
    places += [label.at for label in shapes(drawing, Label)]
    return all(0 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in places)


# -- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (1.5, "1.5"),
        (-0.0123456, "−0.0123"),
        (12345.6, "12,346"),
        (-1e-5, "−1e−5"),
        (2e12, "2e12"),
        (-0.0, "0"),
    ],
)
def test_told_number(value: float, words: str) -> None:
    assert told_number(value) == words
    assert told_number(3, signed=True) == "+3"
    assert told_number(0, signed=True) == "0"


def test_ticks_are_round() -> None:
    assert [words for _, words in ticks(0, 1, 5)] == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]
    assert [words for _, words in ticks(-3, 17, 4)] == ["0", "5", "10", "15"]
    assert [words for _, words in ticks(-0.04, 0.04, 4)] == [
        "−0.04",
        "−0.02",
        "0.00",
        "0.02",
        "0.04",
    ]
    assert [value for value, _ in ticks(7, 7, 4)] == [7]
    assert [words for _, words in ticks(0, 2e7, 2)] == ["0", "10,000,000", "20,000,000"]


@given(NUMBERS, NUMBERS, st.integers(2, 9))
def test_ticks_are_few_and_lie_inside(one: float, other: float, most: int) -> None:
    low, high = sorted([one, other])
    found = [value for value, _ in ticks(low, high, most)]
    assert 1 <= len(found) <= most + 1
    assert found == sorted(found)
    span = max(high - low, 1e-12 * max(abs(low), abs(high)))
    assume(span > 1e-290)
    assert all(low - span <= value <= high + span for value in found)


# -- curves -------------------------------------------------------------------------------------


def curves(n: int = 2) -> LineChart:
    x = np.linspace(0, 1, 5)
    return LineChart(
        [Series(f"curve {k}", x, k - x) for k in range(n)],
        "way",
        "log-odds",
        marks=[Mark(0.5, "it flips")],
    )


def test_a_curve_goes_through_its_points() -> None:
    drawing = LineChart([Series("a", [0, 1, 2], [0, 4, 2])], "x", "y").drawing()
    (curve,) = [line for line in shapes(drawing, Line) if len(line.points) == 3]
    (x0, y0), (x1, y1), (x2, y2) = curve.points
    assert x1 - x0 == pytest.approx(x2 - x1)
    assert x0 < x1
    assert y1 < y2 < y0
    assert (y0 - y2) * 2 == pytest.approx(y0 - y1)


def test_everything_is_said_in_words_and_by_dashes() -> None:
    drawing = curves(6).drawing()
    said = [label.words for label in shapes(drawing, Label)]
    for words in ("way", "log-odds", "it flips", *(f"curve {k}" for k in range(6))):
        assert words in said
    lines = [line for line in shapes(drawing, Line) if line.colour.startswith("series-")]
    assert {line.dash for line in lines} == set(DASHES)
    assert len({(line.colour, line.dash) for line in lines}) == 6
    assert drawing.title == "log-odds over way"
    assert "curve 1 goes from 1 to 0" in drawing.description
    assert "it flips at 0.5" in drawing.description


def test_names_at_the_ends_do_not_cover_each_other() -> None:
    same = [Series(str(k), [0, 1], [0, 1]) for k in range(6)]
    drawing = LineChart(same, "x", "y").drawing()
    ends = [label.at[1] for label in shapes(drawing, Label)[-6:]]
    assert np.diff(sorted(ends)).min() >= 15
    assert inside(drawing)


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5), st.integers(1, 6))
def test_any_curve_lies_on_the_paper(points: list[tuple[float, float]], n: int) -> None:
    x, y = zip(*points, strict=True)
    chart = LineChart([Series(f"{k}" * k, x, np.array(y) / (k + 1)) for k in range(n)], "x", "y")
    drawing = chart.drawing()
    assert inside(drawing)
    ElementTree.fromstring(drawing.svg())


def test_bad_curves() -> None:
    with pytest.raises(ShapeError, match="as many x as y of 'a', got 2 and 1"):
        Series("a", [1, 2], [1])
    with pytest.raises(ShapeError, match="at least one"):
        Series("a", [], [])
    for wrong in ([np.nan], [np.inf], [1e101], ["1"], [None]):
        with pytest.raises(ConfigError, match="y of 'a' as finite numbers"):
            Series("a", [1], wrong)
    one = Series("a", [1], [1])
    for many in ([], [one] * 7):
        with pytest.raises(ConfigError, match=f"1 to 6 curves, got {len(many)}"):
            LineChart(many, "x", "y")
    with pytest.raises(ConfigError, match="a mark's x"):
        LineChart([one], "x", "y", marks=[Mark(np.nan, "here")])


# -- bars ---------------------------------------------------------------------------------------


def test_bars_are_as_long_as_their_numbers() -> None:
    drawing = BarChart(["a", "b", "c"], [2.0, -1.0, 0.0]).drawing()
    long, short, none = shapes(drawing, Box)
    assert long.width == pytest.approx(2 * short.width)
    assert none.width == 0
    assert long.corner[0] == pytest.approx(short.corner[0] + short.width)
    assert [box.colour for box in (long, short)] == ["positive", "negative"]
    said = [label.words for label in shapes(drawing, Label)]
    assert said == ["a", "+2", "b", "−1", "c", "0"]
    assert drawing.description == "a +2; b −1; c 0."


def test_unsigned_bars_have_one_colour() -> None:
    drawing = BarChart(["a", "b"], [0.2, 0.8], signed=False).drawing()
    assert {box.colour for box in shapes(drawing, Box)} == {"series-1"}
    assert "0.8" in [label.words for label in shapes(drawing, Label)]


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.text(max_size=40))
def test_any_bars_lie_on_the_paper(values: list[float], name: str) -> None:
    drawing = BarChart([name] * len(values), values, title=name).drawing()
    assert inside(drawing)
    ElementTree.fromstring(drawing.svg())


def test_bad_bars() -> None:
    with pytest.raises(ShapeError, match="a name for each of 2 bars, got 1"):
        BarChart(["a"], [1, 2])
    with pytest.raises(ShapeError, match="at least one"):
        BarChart([], [])
    with pytest.raises(ConfigError, match="finite numbers"):
        BarChart(["a"], [np.nan])


# -- the same, shown twice ----------------------------------------------------------------------


def test_svg_says_what_it_shows_and_takes_the_page_s_colours() -> None:
    chart = curves()
    root = ElementTree.fromstring(chart.svg())
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == "log-odds over way"
    assert root.findtext(f"{SVG}desc") == chart.description()
    curve = root.findall(f"{SVG}polyline")[-1]
    assert curve.get("style") == f"stroke: var(--series-2, {css(LIGHT.series[1])})"
    assert curve.get("stroke-dasharray") == "7 4"


def test_words_in_svg_are_escaped() -> None:
    name = "<&\"'"
    root = ElementTree.fromstring(BarChart([name], [1], title=name).svg())
    assert root.findtext(f"{SVG}text") == root.findtext(f"{SVG}title") == name


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_picture_has_the_shapes_where_they_are(theme: Theme) -> None:
    shapes = (
        Box((10, 10), 20, 10, "positive"),
        Line([(0, 40.5), (50, 40.5)], "text", 1),
        Dot((40, 20), 5, "negative"),
    )
    drawing = Drawing(50, 50, shapes, "t", "d")
    for times in (1, 3):
        picture = drawing.picture(theme, times)
        assert picture.shape == (50 * times, 50 * times, 3)

        def at(x: int, y: int) -> tuple[int, ...]:
            return tuple(picture[y * times, x * times])  # noqa: B023

        assert at(10, 10) == at(29, 19) == theme.positive
        assert at(9, 10) == at(30, 19) == at(10, 20) == theme.paper
        assert at(40, 20) == theme.negative
        assert at(25, 39) == at(25, 41) == theme.paper


def test_dashes_cover_their_share() -> None:
    def covered(dash: tuple[float, ...]) -> int:
        line = Line([(0, 5), (60, 5), (100, 5)], "text", 2, dash)
        picture = Drawing(100, 10, (line,), "t", "d").picture()
        return int((picture[5, :, 0] < 128).sum())

    assert covered(()) == 100
    assert covered((6, 4)) == pytest.approx(60, abs=3)
    assert covered((10, 3, 2, 5)) == pytest.approx(60, abs=3)


def test_a_chart_as_a_picture_has_words_too() -> None:
    chart = curves()
    picture = chart.picture(times=2)
    assert picture.shape == (500, 840, 3)
    bare = Drawing(
        420, 250, tuple(s for s in chart.drawing().shapes if not isinstance(s, Label)), "t", "d"
    )
    assert (bare.picture(times=2) != picture).any(axis=2).sum() > 500
