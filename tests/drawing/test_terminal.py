"""Pictures as text: the right size, the right colours, and nothing a terminal keeps."""

import re
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.text import Text

from whynet.drawing.colours import DARK, LIGHT, ink, signed
from whynet.drawing.terminal import RESET, beside, half_blocks
from whynet.errors import ConfigError, ShapeError

CODE = re.compile(r"\x1b\[([0-9;]*)m")
PICTURES = arrays(np.uint8, st.tuples(st.integers(1, 7), st.integers(1, 7), st.just(3)))


def bare(text: str) -> list[str]:
    return CODE.sub("", text).split("\n")


def shown(line: str) -> list[tuple[object, object]]:
    """Each character's colours, as a terminal that knows nothing of the line before has them."""
    top: object = None
    bottom: object = None
    found: list[tuple[object, object]] = []
    for codes, letter in re.findall(r"\x1b\[([0-9;]*)m|(.)", line):
        if letter:
            found.append((top, bottom))
            continue
        told = codes.split(";")
        while told:
            kind = told.pop(0)
            if kind == "0":
                top = bottom = None
                continue
            assert kind in ("38", "48")
            if told.pop(0) == "2":
                colour: object = tuple(int(told.pop(0)) for _ in range(3))
            else:
                colour = int(told.pop(0))
            top, bottom = (colour, bottom) if kind == "38" else (top, colour)
    return found


def test_one_character_holds_two_pixels() -> None:
    picture = np.array([[[1, 2, 3], [1, 2, 3]], [[4, 5, 6], [7, 8, 9]]], np.uint8)
    text = half_blocks(picture)
    assert text == f"\x1b[38;2;1;2;3;48;2;4;5;6m▀\x1b[48;2;7;8;9m▀{RESET}"


@given(PICTURES)
def test_every_pixel_is_there_in_its_colour(picture: np.ndarray) -> None:
    height, width, _ = picture.shape
    lines = half_blocks(picture).split("\n")
    assert len(lines) == (height + 1) // 2
    for row, line in enumerate(lines):
        assert line.endswith(RESET)
        colours = shown(line)
        assert len(colours) == width
        for column, (top, bottom) in enumerate(colours):
            assert top == tuple(picture[2 * row, column])
            below = tuple(picture[2 * row + 1, column]) if 2 * row + 1 < height else None
            assert bottom == below


@given(PICTURES)
def test_rich_reads_it(picture: np.ndarray) -> None:
    for colours in ("truecolor", "256"):
        text = half_blocks(picture, colours)
        assert Text.from_ansi(text).plain == "\n".join(bare(text))


def test_256_colours() -> None:
    """What the palette has is found; greys are greys."""
    known = {
        (0, 0, 0): 16,
        (255, 0, 0): 196,
        (95, 135, 175): 67,
        (255, 255, 255): 231,
        (8, 8, 8): 232,
        (238, 238, 238): 255,
        (127, 128, 129): 244,
    }
    picture = np.array([[*known], [*known]], np.uint8)
    colours = shown(half_blocks(picture, "256"))
    assert colours == [(number, number) for number in known.values()]


@pytest.mark.parametrize("colours", [None, "standard", "windows"])
def test_without_colours_ink_is_cover(colours: str | None) -> None:
    picture = np.array([[0, 255, 0, 128, 255], [0, 255, 255, 128, 0]], np.uint8)
    assert half_blocks(ink(picture), colours) == " █▒▒▒"
    assert half_blocks(ink(picture, DARK), colours, theme=DARK)[:2] == " █"


def test_without_colours_signs_are_signs() -> None:
    values = np.array([[1.0, 0.0, -0.1, 0.0, 0.3], [0.0, -1.0, 0.0, 0.0, -0.5]])
    picture = np.array([[0, 0, 0, 255, 0], [0, 0, 0, 255, 0]], np.uint8)
    faint = signed(values, over=picture)
    assert half_blocks(faint, None, values=values) == "+− ░−"
    assert half_blocks(signed(0 * values), None, values=0 * values) == " " * 5


@given(PICTURES)
def test_without_colours_there_is_no_code(picture: np.ndarray) -> None:
    height, width, _ = picture.shape
    lines = half_blocks(picture, None).split("\n")
    assert [len(line) for line in lines] == [width] * ((height + 1) // 2)
    assert "\x1b" not in "".join(lines)


def test_values_must_fit() -> None:
    with pytest.raises(ShapeError, match=r"size \(2, 2\), got \(2, 3\)"):
        half_blocks(np.zeros((2, 2, 3), np.uint8), values=np.zeros((2, 3)))


# -- side by side -------------------------------------------------------------------------------


def test_beside() -> None:
    text = beside(["abc\ndef", "12"], ["one", "two"], gap=2)
    assert text == textwrap.dedent("""\
        one  two
        abc  12
        def""")
    assert beside([]) == ""
    assert beside(["ab"]) == "ab"


def test_titles_are_wrapped_and_stand_on_their_pictures() -> None:
    text = beside(["#" * 14, "#" * 14], ["what would make it", "a 9"])
    assert text.split("\n") == [
        "what would",
        "make it          a 9",
        "#" * 14 + "   " + "#" * 14,
    ]


def test_what_does_not_fit_goes_below() -> None:
    blocks = ["#" * 10] * 5
    text = beside(blocks, gap=2, width=34)
    assert text.split("\n") == ["  ".join(["#" * 10] * 3), "", "  ".join(["#" * 10] * 2)]
    assert beside(blocks, width=1).split("\n") == ["#" * 10, "", *["#" * 10, ""] * 3, "#" * 10]


@given(st.lists(PICTURES, min_size=1, max_size=5), st.integers(20, 60))
def test_lines_stay_inside_the_width_and_end_reset(pictures: list[np.ndarray], width: int) -> None:
    blocks = [half_blocks(picture) for picture in pictures]
    text = beside(blocks, [f"picture {index}" for index in range(len(blocks))], width=width)
    for line in text.split("\n"):
        assert len(bare(line)[0]) <= width
        if "\x1b" in line:
            assert CODE.findall(line)[-1] == "0"
    assert text.count("▀") == sum(block.count("▀") for block in blocks)


def test_wide_letters_take_two_places() -> None:
    assert beside(["######", "#"], ["数字", "é"], gap=1).split("\n")[0] == "数字   é"


def test_titles_cannot_command_the_terminal() -> None:
    assert "\x1b" not in beside(["#"], ["\x1b[2Jgone\u202e\x07"])


def test_a_title_for_each() -> None:
    with pytest.raises(ConfigError, match="a title for each of 2 pictures, got 1"):
        beside(["#", "#"], ["one"])


def test_themes_have_a_blank_paper() -> None:
    for theme in (LIGHT, DARK):
        paper = ink(np.zeros((4, 4), np.uint8), theme)
        assert half_blocks(paper, None, theme=theme).split() == []
