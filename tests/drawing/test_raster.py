"""Pictures put together, pixel by pixel."""

import base64
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from whynet.drawing.colours import DARK, LIGHT, signed
from whynet.drawing.raster import (
    Panel,
    as_rgb,
    captioned,
    data_uri,
    enlarge,
    font,
    framed,
    grid,
    legible,
    marked,
    png,
    sheet,
    strongest,
    words,
    wrapped,
)
from whynet.errors import ConfigError, ShapeError


def flat(height: int, width: int, level: int = 0) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def decoded(packed: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(packed)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


# -- pixels -------------------------------------------------------------------------------------


def test_enlarge() -> None:
    picture = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    assert enlarge(picture, 2).tolist() == [[[0, 1, 2]] * 2 + [[3, 4, 5]] * 2] * 2
    with pytest.raises(ConfigError, match="times as a whole number of at least 1"):
        enlarge(picture, 0)


def test_framed() -> None:
    shown = framed(flat(1, 2), 1)
    assert shown.shape == (3, 4, 3)
    assert (shown[1, 1:3] == 0).all()
    assert (shown[0] == LIGHT.rule).all()
    assert (framed(flat(1, 1), 2, DARK)[-1] == DARK.rule).all()


def test_grid() -> None:
    shown = grid([flat(1, 1, level) for level in (10, 20, 30)], 2, gap=1)
    assert shown[..., 0].tolist() == [[10, 255, 20], [255, 255, 255], [30, 255, 255]]
    assert grid(np.zeros((2, 4, 5, 3), np.uint8), 9, gap=0).shape == (4, 10, 3)
    for wrong in ([], [flat(1, 1), flat(1, 2)]):
        with pytest.raises(ShapeError, match="at least one picture, all of the same size"):
            grid(wrong, 2)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 1), (0, 4, 3), (1, 4, 4, 3)])
def test_what_is_no_picture(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match=r"as \(height, width, 3\)"):
        as_rgb(np.zeros(shape, np.uint8))
    with pytest.raises(ConfigError, match="uint8"):
        as_rgb(np.zeros((2, 2, 3)))  # type: ignore[arg-type]


# -- marks --------------------------------------------------------------------------------------


def test_strongest() -> None:
    values = np.array([[5.0, -4.0, 1.0], [0.0, 3.0, -0.5]])
    assert strongest(values, 2).tolist() == [[1, -1, 0], [0, 0, 0]]
    assert strongest(values, 9, least=0.5).tolist() == [[1, -1, 0], [0, 1, 0]]
    assert strongest(values, 9, least=0).tolist() == [[1, -1, 1], [0, 1, -1]]
    assert not strongest(np.zeros((2, 2))).any()
    with pytest.raises(ShapeError, match=r"\(height, width\)"):
        strongest(np.zeros(3))


def test_marks_are_plus_and_minus() -> None:
    before = enlarge(flat(1, 3, 255), 5)
    after = marked(before, np.array([[1, -1, 0]]))
    changed = (before != after).any(axis=2)
    plus = [[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]
    minus = [[0] * 5, [0] * 5, [0, 1, 1, 1, 0], [0] * 5, [0] * 5]
    assert changed[:, :5].astype(int).tolist() == plus
    assert changed[:, 5:10].astype(int).tolist() == minus
    assert not changed[:, 10:].any()


@pytest.mark.parametrize("times", range(5, 31))
def test_marks_lie_in_the_middle_and_inside(times: int) -> None:
    before = enlarge(flat(1, 2, 255), times)
    changed = (before != marked(before, np.array([[1, -1]]))).any(axis=2)
    for cell in (changed[:, :times], changed[:, times:]):
        np.testing.assert_array_equal(cell, cell[::-1])
        np.testing.assert_array_equal(cell, cell[:, ::-1])
        assert cell.any()
        assert not cell[0].any()
        assert not cell[:, 0].any()
    plus = changed[:, :times]
    np.testing.assert_array_equal(plus, plus.T)
    assert plus.sum() > changed[:, times:].sum()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_marks_can_be_seen_on_every_colour(theme: object) -> None:
    values = np.linspace(-1, 1, 21)[None]
    before = enlarge(signed(values, theme=theme), 9)  # type: ignore[arg-type]
    after = marked(before, np.where(values < 0, -1, 1))
    for column in range(21):
        middle = 4, column * 9 + 4
        assert np.abs(before[middle].astype(int) - after[middle]).max() > 60


def test_marks_need_room() -> None:
    for picture, signs in (
        (flat(8, 8), np.zeros((2, 2), int)),
        (flat(11, 10), np.zeros((2, 2), int)),
        (flat(10, 10), np.zeros(2, int)),
        (flat(10, 10), np.zeros((0, 2), int)),
    ):
        with pytest.raises(ShapeError, match="at least 5, as large as its signs"):
            marked(picture, signs)


# -- words --------------------------------------------------------------------------------------


def test_legible() -> None:
    assert legible("z₉ − z₄ → 9×, “naïve” 5 °C…") == "z9 - z4 -> 9x, “naive” 5 °C..."
    assert legible("数\x1b[31m") == "??[31m"


@given(st.text(max_size=60), st.integers(10, 200))
def test_wrapped_lines_fit_and_keep_every_letter(text: str, width: int) -> None:
    lines = wrapped(text, width, 12)
    assert all(len(line) <= 1 or font(12).getlength(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(
        "".join(legible(line).split()) for line in text.splitlines()
    )


def test_words_are_wrapped_and_drawn() -> None:
    one = words("evidence", 300)
    assert one.shape[1] == 300
    assert (one < 128).any()
    more = words("evidence " * 20, 300)
    assert more.shape[0] > 2 * one.shape[0]
    middle = words("evidence", 300, align="center")
    assert np.argmax((middle < 128).any(axis=(0, 2))) > np.argmax((one < 128).any(axis=(0, 2)))
    assert (words("", 20) == 255).all()
    with pytest.raises(ConfigError, match="an alignment of left, center"):
        words("evidence", 300, align="right")


def test_captioned_keeps_the_picture_whole() -> None:
    picture = np.random.default_rng(5).integers(0, 200, (40, 120, 3)).astype(np.uint8)
    shown = captioned(picture, "below", title="above")
    assert shown.shape[1] == 120
    places = [row for row in range(shown.shape[0] - 39) if (shown[row : row + 40] == picture).all()]
    assert len(places) == 1
    np.testing.assert_array_equal(captioned(picture), picture)
    narrow = captioned(flat(5, 8), "some words")
    assert narrow.shape[1] > 8
    assert (narrow[2] == 0).all(axis=1).sum() == 8


# -- sheets -------------------------------------------------------------------------------------


def test_sheet_holds_every_panel_on_one_line() -> None:
    left, right = flat(20, 100, 10), flat(30, 100, 20)
    rows = ["What it says.", [Panel(left, "a title that is wrapped over lines"), Panel(right)]]
    shown = sheet(rows, title="Why 9 and not 4?", width=300)
    assert shown.shape[1] == 300
    tops = [np.argmax((shown == level).all(axis=2).any(axis=1)) for level in (10, 20)]
    assert tops[0] == tops[1]
    for level, size in ((10, 2000), (20, 3000)):
        assert (shown == level).all(axis=2).sum() >= size
    assert (shown[0] == 255).all()
    assert (shown[:, -1] == 255).all()
    assert sheet(rows, width=300).shape[0] < shown.shape[0]
    assert sheet([[Panel(flat(5, 900))]]).shape[1] > 900
    assert (sheet(["dark"], theme=DARK)[0, 0] == DARK.paper).all()


def test_empty_sheets() -> None:
    with pytest.raises(ConfigError, match="rows or a title"):
        sheet([])
    with pytest.raises(ConfigError, match="at least one panel"):
        sheet([[]])


# -- files --------------------------------------------------------------------------------------


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_png_loses_nothing(picture: np.ndarray) -> None:
    np.testing.assert_array_equal(decoded(png(picture)), picture)


def test_png_of_few_and_of_many_colours() -> None:
    rng = np.random.default_rng(0)
    colours = rng.integers(0, 256, (256, 3)).astype(np.uint8)
    few = colours[rng.permutation(np.arange(1024) % 256)].reshape(32, 32, 3)
    many = rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)
    for picture in (few, many, many[::-1, ::-1]):
        np.testing.assert_array_equal(decoded(png(picture)), picture)
    assert len(png(few)) < len(png(many))


def test_data_uri() -> None:
    picture = flat(2, 3, 7)
    head, _, packed = data_uri(picture).partition(",")
    assert head == "data:image/png;base64"
    np.testing.assert_array_equal(decoded(base64.b64decode(packed)), picture)
