"""Composed pages: the same for the same seed, with ink where the boxes say."""

import numpy as np
import pytest

from whynet.data import load
from whynet.data.pages import KINDS, compose
from whynet.data.pages.glyphs import distances, thinned
from whynet.data.pages.ink import broken, inked
from whynet.errors import ConfigError, ShapeError


@pytest.fixture(scope="module")
def written() -> tuple[np.ndarray, np.ndarray]:
    data = load("strokes", examples=40)
    return data.images[..., 0], data.known_labels


@pytest.mark.parametrize("kind", KINDS)
def test_pages_of_every_kind(written: tuple[np.ndarray, np.ndarray], kind: str) -> None:
    one, again = (compose(*written, kind, seed=3, size=(300, 420)) for _ in range(2))
    assert np.array_equal(one.picture, again.picture)
    assert one.lines == again.lines
    assert one.picture.shape == (300, 420, 3)
    assert one.picture.dtype == np.uint8
    other = compose(*written, kind, seed=3, number_of_page=1, size=(300, 420))
    assert not np.array_equal(one.picture, other.picture)
    assert one.lines
    for line in one.lines:
        lefts = [digit.box[0] for digit in line]
        assert lefts == sorted(lefts)
        for digit in line:
            left, top, right, bottom = digit.box
            assert 0 <= left < right <= 420
            assert 0 <= top < bottom <= 300
            assert 0 <= digit.label <= 9


@pytest.mark.parametrize("kind", ["pen", "thick", "touching"])
def test_all_ink_lies_in_the_boxes(written: tuple[np.ndarray, np.ndarray], kind: str) -> None:
    page = compose(*written, kind, size=(300, 420), rough=0)
    picture = page.picture.min(axis=2).astype(int)
    covered = np.zeros(picture.shape, bool)
    for line in page.lines:
        for digit in line:
            left, top, right, bottom = digit.box
            covered[max(top - 1, 0) : bottom + 1, max(left - 1, 0) : right + 1] = True
            assert picture[top:bottom, left:right].min() < 0.6 * picture.max()
    light = np.median(picture, axis=1, keepdims=True)
    assert (picture > 0.9 * light)[~covered].all()


def test_thinning_keeps_shapes_connected() -> None:
    ring = np.zeros((40, 40), bool)
    ring[5:35, 5:35] = True
    ring[14:26, 14:26] = False
    thin = thinned(ring)
    assert 0 < thin.sum() < 0.25 * ring.sum()
    assert not (thin & ~ring).any()
    # Every pixel of a closed line has two neighbours or more.
    around = sum(np.roll(thin, (a, b), (0, 1)) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b)
    assert np.asarray(around)[thin].min() >= 2


@pytest.mark.parametrize("pen", [2.0, 6.0, 12.0])
def test_the_pen_is_as_wide_as_asked(pen: float) -> None:
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 13:15] = 255
    ink = inked(distances(bar), 100, pen)
    assert abs(np.median(ink.sum(axis=1)) - pen) < 0.7
    assert abs(len(ink) - 100 - pen) <= 5


def test_broken_strokes_lose_some_ink() -> None:
    bar = np.ones((60, 8), np.float32)
    left = broken(bar, 8, np.random.default_rng(0))
    assert 0.6 * bar.sum() < left.sum() < bar.sum()


def test_mistakes(written: tuple[np.ndarray, np.ndarray]) -> None:
    glyphs, labels = written
    with pytest.raises(ConfigError, match="a kind of page"):
        compose(glyphs, labels, "crayon")
    with pytest.raises(ConfigError, match="rough"):
        compose(glyphs, labels, rough=2)
    with pytest.raises(ConfigError, match="at least 200"):
        compose(glyphs, labels, size=(100, 300))
    with pytest.raises(ShapeError, match=r"expected glyphs \(n, height, width\)"):
        compose(glyphs, labels[:-1])
