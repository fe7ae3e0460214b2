"""One digit, prepared: the same whatever it is drawn on, with and where."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from helpers.drawn import STROKES, as_picture, draw_digit
from whynet.data import load
from whynet.errors import DataFormatError
from whynet.handwriting.digit import is_prepared, prepare

FRAMED = np.full((300, 400, 1), 255, np.uint8)
FRAMED[10:-10, 10:-10] = 0

digits = st.sampled_from(sorted(STROKES))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """How much two pictures differ, as a share of their mean ink.

    A move of one pixel counts nothing: a centre of mass that lies half-way may be rounded either
    way.
    """
    a, b = one.astype(float), other.astype(float)
    moved = (np.roll(b, (down, across), (0, 1)) for down in (-1, 0, 1) for across in (-1, 0, 1))
    return min(float(np.abs(a - c).sum() / max(1.0, (a.sum() + c.sum()) / 2)) for c in moved)


@pytest.mark.parametrize("name", ["strokes", "ticks"])
def test_what_is_in_its_form_already_loses_nothing(name: str) -> None:
    for image in load(name, examples=300).images:
        assert is_prepared(image)
        assert np.array_equal(prepare(image), image)


def test_mnist_loses_nothing(data_dir: Path) -> None:
    images = load(data_dir / "mnist", examples=2000).images
    assert np.mean([np.array_equal(prepare(image), image) for image in images]) > 0.999


@given(digits, st.integers(2, 40))
@settings(deadline=None)
def test_the_form_is_mnists(digit: int, pen: int) -> None:
    done = prepare(as_picture(draw_digit(digit, pen=pen)))
    assert done.shape == (28, 28, 1)
    assert done.dtype == np.uint8
    assert done.max() >= 250
    rows, columns = (np.flatnonzero(done[..., 0].any(axis)) for axis in (1, 0))
    longer = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    assert 19 <= longer <= 20
    ink = done[..., 0].astype(float)
    for axis in (0, 1):
        centre = ink.sum(axis=1 - axis) @ np.arange(28) / ink.sum()
        assert abs(centre - 14) <= 0.55
    assert is_prepared(done)


@given(digits, st.integers(3, 40), st.integers(0, 120), st.integers(160, 255))
@settings(deadline=None)
def test_a_negative_gives_the_same(digit: int, pen: int, ink: int, ground: int) -> None:
    picture = as_picture(draw_digit(digit, pen=pen, ink=ink, ground=ground))
    assert np.array_equal(prepare(picture), prepare(255 - picture))


@given(digits, st.integers(-120, 120), st.integers(-40, 40))
@settings(deadline=None)
def test_the_place_does_not_matter(digit: int, across: int, down: int) -> None:
    here = prepare(as_picture(draw_digit(digit)))
    there = prepare(as_picture(draw_digit(digit, move=(across, down))))
    assert np.array_equal(here, there)


@given(digits, st.floats(0.25, 4))
@settings(max_examples=60, deadline=None)
def test_the_size_hardly_matters(digit: int, scale: float) -> None:
    drawn = draw_digit(digit)
    size = round(400 * scale), round(300 * scale)
    scaled = as_picture(drawn.resize(size, Image.Resampling.BICUBIC))
    one, other = prepare(as_picture(drawn)), prepare(scaled)
    assert (
        difference(one, other) < 0.5
    )  # half a pixel more or less; other digits differ by 1 or more
    # Nor does the canvas around a digit.
    wide = prepare(np.pad(scaled, ((20, 30), (10, 50), (0, 0)), constant_values=255))
    assert difference(other, wide) < 0.5


@given(digits, st.integers(0, 120), st.integers(170, 255))
@settings(deadline=None)
def test_contrast_does_not_matter(digit: int, ink: int, ground: int) -> None:
    plain = prepare(as_picture(draw_digit(digit)))
    faint = prepare(as_picture(draw_digit(digit, ink=ink, ground=ground)))
    assert difference(plain, faint) < 0.02


def test_thin_pens_keep_their_ink() -> None:
    for digit in STROKES:
        thin = prepare(as_picture(draw_digit(digit, pen=1)))
        usual = prepare(as_picture(draw_digit(digit, pen=30)))
        assert thin.sum() > 0.3 * usual.sum()


@given(
    hnp.arrays(
        np.uint8,
        st.tuples(st.integers(1, 40), st.integers(1, 40), st.sampled_from([1, 3])),
        elements=st.integers(0, 255),
    )
)
@settings(max_examples=300, deadline=None)
def test_any_picture_is_prepared_or_refused(picture: np.ndarray) -> None:
    try:
        done = prepare(picture)
    except DataFormatError:
        return
    assert done.shape == (28, 28, 1)
    assert done.dtype == np.uint8
    assert done.max() > 0


@pytest.mark.parametrize("seed", range(40))
def test_noise_blots_and_lines_do_not_break_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = np.full((*rng.integers(1, 900, 2), 1), rng.integers(256), np.uint8)
    for _ in range(rng.integers(4)):
        top, left = (rng.integers(side) for side in picture.shape[:2])
        picture[top : top + rng.integers(1, 300), left : left + rng.integers(1, 300)] = (
            rng.integers(256)
        )
    if seed % 3 == 0:
        picture = rng.integers(256, size=picture.shape).astype(np.uint8)
    try:
        done = prepare(picture)
    except DataFormatError:
        return
    assert done.shape == (28, 28, 1)


def test_other_frames() -> None:
    picture = as_picture(draw_digit(8))
    for size in ((14, 14), (32, 32), (56, 40), (7, 7)):
        assert prepare(picture, size).shape == (*size, 1)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.full((300, 400, 1), 255, np.uint8), "blank"),
        (np.full((300, 400, 3), 17, np.uint8), "blank"),
        (np.random.default_rng(0).normal(200, 4, (300, 400, 1)).astype(np.uint8), "blank"),
        (np.random.default_rng(0).integers(256, size=(90, 90, 3), dtype=np.uint8), "uneven"),
        (FRAMED, "mostly ink"),
        (np.zeros((28, 28), np.uint8), "expected a picture of shape"),
        (np.zeros((0, 28, 1), np.uint8), "expected a picture of shape"),
    ],
)
def test_refused_with_a_reason(picture: np.ndarray, words: str) -> None:
    with pytest.raises(DataFormatError, match=words):
        prepare(picture)
