"""Finding the digits on a page: the same whatever the light, and never a crash."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from whynet.data import load
from whynet.data.pages import Composed, compose
from whynet.data.pictures import read_picture
from whynet.errors import DataFormatError
from whynet.handwriting.digit import is_prepared
from whynet.handwriting.pages import Page, find_digits
from whynet.handwriting.pages.page import BLANK, SPECKS

SIZE = (480, 640)


def page(kind: str = "pen", number: int = 0, rough: float = 0.0) -> Composed:
    glyphs = load("strokes", examples=60)
    return compose(
        glyphs.images[..., 0],
        glyphs.known_labels,
        kind,
        number_of_page=number,
        size=SIZE,
        rough=rough,
    )


def boxes(found: Page) -> np.ndarray:
    return np.array([digit.box for digit in found.digits]).reshape(-1, 4)


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return page().picture


@pytest.mark.parametrize("kind", ["pen", "thick", "ruled", "squared"])
def test_easy_pages_are_found_exactly(kind: str) -> None:
    for number in range(2):
        written = page(kind, number)
        found = find_digits(written.picture)
        assert [len(line) for line in found.lines] == [len(line) for line in written.lines]
        real = np.array([one.box for line in written.lines for one in line])
        assert np.abs(boxes(found) - real).max() <= 4
        assert found.refused == ""


def test_digits_have_the_form_that_nets_expect(plain: np.ndarray) -> None:
    found = find_digits(plain)
    assert found.pictures.shape == (len(found.digits), 28, 28, 1)
    assert found.pictures.dtype == np.uint8
    assert all(is_prepared(picture) for picture in found.pictures)


def test_a_negative_gives_the_same(plain: np.ndarray) -> None:
    one, other = find_digits(plain), find_digits(255 - plain)
    assert len(one.digits) == len(other.digits) > 0
    assert np.abs(boxes(one) - boxes(other)).max() <= 1
    assert other.steps is not None
    assert other.steps.ground.turned


@pytest.mark.parametrize("share", [0.35, 0.7])
def test_brightness_does_not_matter(plain: np.ndarray, share: float) -> None:
    dim = np.rint(plain * share).astype(np.uint8)
    one, other = find_digits(plain), find_digits(dim)
    assert len(one.digits) == len(other.digits) > 0
    assert np.abs(boxes(one) - boxes(other)).max() <= 2


@pytest.mark.parametrize("move", [(0, 37), (23, 0), (101, 64)])
def test_boxes_move_with_the_page(plain: np.ndarray, move: tuple[int, int]) -> None:
    down, across = move
    moved = np.pad(plain, ((down, 0), (across, 0), (0, 0)), mode="edge")
    one, other = find_digits(plain), find_digits(moved)
    assert len(one.digits) == len(other.digits) > 0
    there = boxes(one) + np.array([across, down, across, down])
    assert np.abs(there - boxes(other)).max() <= 2


def test_grey_and_colour_are_one(plain: np.ndarray) -> None:
    grey = np.rint(plain.mean(axis=2, keepdims=True)).astype(np.uint8)
    one, other = find_digits(grey), find_digits(np.repeat(grey, 3, axis=2))
    assert len(one.digits) > 0
    assert np.array_equal(boxes(one), boxes(other))


def test_a_shadow_takes_no_digit_away(plain: np.ndarray) -> None:
    shaded = plain.astype(float)
    shaded[:, 320:] *= 0.6
    assert len(find_digits(shaded.astype(np.uint8)).digits) == len(find_digits(plain).digits)


def test_boxes_are_told_in_pixels_of_large_pictures(plain: np.ndarray) -> None:
    large = np.repeat(np.repeat(plain, 4, axis=0), 4, axis=1)
    one, other = find_digits(plain), find_digits(large)
    assert len(one.digits) == len(other.digits) > 0
    assert np.abs(4 * boxes(one) - boxes(other)).max() <= 12


def test_steps_can_be_shown(plain: np.ndarray) -> None:
    steps = find_digits(plain).steps
    assert steps is not None
    for each in (steps.ground.paper, steps.ground.ink, steps.rules.ink, steps.marks.labels):
        assert each.shape == steps.ground.grey.shape == SIZE
    assert steps.ground.scale == 1


# -- parts and rules ---------------------------------------------------------------------------


def bars(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    picture = np.full((200, 400, 1), 255, np.uint8)
    for top, left, bottom, right in boxes:
        picture[top:bottom, left:right] = 20
    return picture


WHOLE = [(60, left, 140, left + 8) for left in (60, 130, 320)]


def test_parts_of_one_digit_are_joined() -> None:
    """A five whose roof flies above it, and a one in three pieces."""
    five = [(60, 215, 68, 250), (80, 205, 88, 240), (80, 232, 140, 240)]
    found = find_digits(bars(*WHOLE, *five))
    assert [tuple(box) for box in boxes(found)[2:3]] == [(205, 60, 250, 140)]
    one = [(60, 220, 85, 228), (92, 220, 110, 228), (118, 220, 140, 228)]
    assert len(find_digits(bars(*WHOLE, *one)).digits) == 4


def test_specks_are_left_out() -> None:
    specks = [(20, 30, 26, 36), (170, 200, 178, 208), (100, 380, 104, 390)]
    found = find_digits(bars(*WHOLE, *specks))
    assert np.array_equal(boxes(found), boxes(find_digits(bars(*WHOLE))))


def test_rules_are_taken_away_and_strokes_on_them_stay() -> None:
    picture = bars(*WHOLE)
    picture[np.arange(20, 200, 40)] = np.minimum(picture[np.arange(20, 200, 40)], 190)
    found = find_digits(picture)
    assert found.steps is not None
    assert found.steps.rules.count > 0
    assert np.abs(boxes(found) - boxes(find_digits(bars(*WHOLE)))).max() <= 1
    ink = found.steps.rules.ink
    assert (ink[60:140, 60:68] > 0.8).all()
    assert ink[60:140, 250:300].max() < 0.05


@pytest.mark.parametrize("pen", [2, 5, 30])
def test_a_tall_stroke_is_no_rule(pen: int) -> None:
    picture = np.full((300, 300, 1), 240, np.uint8)
    picture[40:260, 150 : 150 + pen] = 30
    assert np.array_equal(boxes(find_digits(picture)), [[150, 40, 150 + pen, 260]])


def test_plain_pages_lose_nothing_to_rules(plain: np.ndarray) -> None:
    steps = find_digits(plain).steps
    assert steps is not None
    assert steps.rules.count == 0
    assert not steps.rules.erased.any()


def test_lines_that_climb_are_lines() -> None:
    picture = np.full((400, 700, 1), 255, np.uint8)
    for line in range(3):
        for column in range(8):
            top = 90 + 110 * line - 6 * column
            picture[top : top + 50, 60 + 75 * column : 68 + 75 * column] = 30
    found = find_digits(picture)
    assert [len(line) for line in found.lines] == [8, 8, 8]
    firsts = [line[0].box[1] for line in found.lines]
    assert firsts == sorted(firsts)


# -- cuts ---------------------------------------------------------------------------------------


def test_a_judge_decides_where_to_cut() -> None:
    """Two strokes, joined by a thin bar: one digit to who likes wide ones, two to who does not."""
    picture = np.full((200, 400, 1), 255, np.uint8)
    for left in (60, 150, 240, 290):
        picture[60:140, left : left + 10] = 20
    picture[98:102, 245:295] = 20

    def narrow(pictures: np.ndarray) -> np.ndarray:
        return -0.1 * (pictures[..., 0] > 60).any(axis=1).sum(axis=1) ** 2.0

    def wide(pictures: np.ndarray) -> np.ndarray:
        return -30.0 - narrow(pictures)

    assert len(find_digits(picture, narrow).digits) == 4
    assert len(find_digits(picture, wide).digits) == 3


# -- nothing to be found ----------------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 128, 255])
def test_blank_pages_have_no_digits_and_a_reason(level: int) -> None:
    found = find_digits(np.full((300, 400, 3), level, np.uint8))
    assert found.lines == ()
    assert found.refused == BLANK
    assert found.pictures.shape == (0, 28, 28, 1)


def test_noise_is_no_writing() -> None:
    noise = np.random.default_rng(0).normal(200, 6, (300, 400, 1)).clip(0, 255).astype(np.uint8)
    assert find_digits(noise).refused == BLANK


def test_a_line_across_the_page_is_no_digit() -> None:
    picture = np.full((300, 400, 1), 230, np.uint8)
    picture[:, 200:215] = 60
    assert find_digits(picture).refused == SPECKS


# -- anything at all ----------------------------------------------------------------------------


@given(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 90), st.integers(1, 90), st.sampled_from([1, 3])),
        elements=st.integers(0, 255),
    )
)
@settings(max_examples=80, deadline=None)
def test_any_picture_gives_digits_or_a_reason(picture: np.ndarray) -> None:
    found = find_digits(picture)
    assert bool(found.digits) != bool(found.refused)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_blots_and_bars_give_boxes_within_the_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    height, width = (int(side) for side in rng.integers(1, 500, 2))
    picture = np.full((height, width, 1), rng.integers(256), np.uint8)
    for _ in range(rng.integers(8)):
        top, left = rng.integers(height), rng.integers(width)
        down, across = rng.integers(1, 150, 2)
        picture[top : top + down, left : left + across] = rng.integers(256)
    found = find_digits(picture)
    assert bool(found.digits) != bool(found.refused)
    for left, top, right, bottom in boxes(found):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height


@pytest.mark.parametrize("shape", [(1, 3000, 1), (3000, 1, 3), (70, 2, 1), (1, 65, 3)])
def test_slivers(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(0)
    find_digits(rng.integers(0, 256, shape).astype(np.uint8))


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 1)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(DataFormatError, match="expected a picture of shape"):
        find_digits(np.zeros(shape, np.uint8))


def test_a_small_picture_is_one_digit() -> None:
    image = load("strokes", examples=1).images[0]
    found = find_digits(image)
    assert found.steps is None
    assert np.array_equal(found.pictures[0], image)
    assert find_digits(np.zeros((28, 28, 1), np.uint8)).refused


# -- photos ------------------------------------------------------------------------------------


def test_photos_have_as_many_digits_as_were_written(data_dir: Path) -> None:
    labels = data_dir / "photos" / "labels.json"
    if not labels.is_file():
        pytest.skip("no photos there")
    for name, lines in json.loads(labels.read_text(encoding="utf-8")).items():
        picture = read_picture(labels.parent / name)
        for view in (picture, 255 - picture, picture[::2, ::2]):
            found = find_digits(view)
            assert [len(line) for line in found.lines] == [len(line) for line in lines]
