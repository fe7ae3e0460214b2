"""Numbers as colours: exact where they can be, even, and for eyes of every kind."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from whynet.drawing.colours import (
    DARK,
    LIGHT,
    Colour,
    Theme,
    css,
    difference,
    from_oklab,
    ink,
    sequential,
    signed,
    to_oklab,
)
from whynet.errors import ConfigError, ShapeError

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)

COLOUR_BLIND = {
    "nobody": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
"""What such eyes make of linear RGB (Machado, Oliveira & Fernandes 2009, severity 1)."""


def seen(colour: Colour, by: str) -> np.ndarray:
    """A colour in OKLab as these eyes see it."""
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    linear = np.clip(COLOUR_BLIND[by] @ linear, 0, 1)
    share = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return to_oklab(share * 255)


def apart(first: Colour, second: Colour, by: str = "nobody") -> float:
    return float(np.linalg.norm(seen(first, by) - seen(second, by)))


# -- OKLab --------------------------------------------------------------------------------------


def test_oklab_knows_the_published_values() -> None:
    """From the table of Ottosson's article, by way of the primaries."""
    np.testing.assert_allclose(to_oklab([255, 255, 255]), [1, 0, 0], atol=1e-4)
    np.testing.assert_allclose(to_oklab([255, 0, 0]), [0.6280, 0.2249, 0.1258], atol=1e-4)
    np.testing.assert_allclose(to_oklab([0, 0, 255]), [0.4520, -0.0325, -0.3115], atol=1e-4)


def test_oklab_gives_every_colour_back() -> None:
    levels = np.arange(0, 256, 15)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).astype(np.uint8)
    np.testing.assert_array_equal(from_oklab(to_oklab(cube)), cube)


# -- eyes ---------------------------------------------------------------------------------------


@THEMES
@pytest.mark.parametrize("eyes", COLOUR_BLIND)
def test_pairs_that_mean_opposites_are_told_apart_by_all_eyes(theme: Theme, eyes: str) -> None:
    """0.02 is about the least difference that is seen; these are ten times that."""
    assert apart(theme.positive, theme.negative, eyes) > 0.2
    assert apart(theme.added, theme.erased, eyes) > 0.2
    assert apart(theme.added, theme.kept, eyes) > 0.1
    assert apart(theme.erased, theme.kept, eyes) > 0.1


@THEMES
def test_for_and_against_are_equally_strong(theme: Theme) -> None:
    one, other = apart(theme.paper, theme.positive), apart(theme.paper, theme.negative)
    assert one == pytest.approx(other, rel=0.02)
    assert to_oklab(theme.positive)[0] == pytest.approx(to_oklab(theme.negative)[0], abs=0.01)


@THEMES
def test_words_can_be_read(theme: Theme) -> None:
    """WCAG 2.2 asks for a contrast of at least 4.5 to 1."""

    def luminance(colour: Colour) -> float:
        share = np.array(colour) / 255
        linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    for words in (theme.text, theme.pale, theme.ink):
        dark, light = sorted([luminance(words), luminance(theme.paper)])
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_css() -> None:
    assert css((0, 10, 255)) == "#000aff"


# -- ink ----------------------------------------------------------------------------------------


def test_ink_is_black_on_white_and_loses_nothing() -> None:
    picture = np.arange(256, dtype=np.uint8).reshape(16, 16)
    shown = ink(picture)
    assert shown.shape == (16, 16, 3)
    assert shown.dtype == np.uint8
    for channel in range(3):
        np.testing.assert_array_equal(shown[..., channel], 255 - picture)
    np.testing.assert_array_equal(ink(picture[..., None]), shown)
    np.testing.assert_array_equal(ink(picture[None, ..., None])[0], shown)


def test_dark_ink_goes_from_paper_to_ink() -> None:
    shown = ink(np.array([[0, 255]], np.uint8), DARK)
    assert tuple(shown[0, 0]) == DARK.paper
    assert tuple(shown[0, 1]) == DARK.ink


def test_colour_pictures_stay_as_they_are() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    shown = ink(picture)
    np.testing.assert_array_equal(shown, picture)
    shown[:] = 0
    assert picture.any()


@pytest.mark.parametrize("shape", [(), (5,), (4, 4, 2), (2, 4, 4, 4), (1, 1, 2, 2, 1)])
def test_what_is_no_picture(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="expected a picture"):
        ink(np.zeros(shape, np.uint8))


def test_levels_must_be_bytes() -> None:
    with pytest.raises(ConfigError, match="uint8 levels of 0 to 255, got float32"):
        ink(np.zeros((4, 4), np.float32))  # type: ignore[arg-type]


# -- signed -------------------------------------------------------------------------------------


@THEMES
def test_signed_ends_and_middle(theme: Theme) -> None:
    shown = signed([[2.0, 0.0, -2.0]], theme=theme)
    assert [tuple(colour) for colour in shown[0]] == [theme.positive, theme.paper, theme.negative]


@THEMES
def test_signed_is_even(theme: Theme) -> None:
    """Equal steps of the number are equal steps to the eye, as far as whole levels allow."""
    for side in (1, -1):
        steps = to_oklab(signed([np.linspace(0, side, 11)], limit=1, theme=theme)[0])
        lengths = [float(np.linalg.norm(b - a)) for a, b in pairwise(steps)]
        assert max(lengths) - min(lengths) < 0.012


@given(arrays(np.float64, (3, 4), elements=st.floats(-1e300, 1e300)))
def test_a_larger_number_never_looks_weaker(values: np.ndarray) -> None:
    """Blue over red grows with the number, and its sign is the number's."""
    shown = signed(values).astype(int).reshape(-1, 3)
    blueness = shown[:, 2] - shown[:, 0]
    order = np.argsort(values.ravel(), kind="stable")
    assert (np.diff(blueness[order]) >= 0).all()
    assert (blueness[values.ravel() >= 0] >= 0).all()
    assert (blueness[values.ravel() <= 0] <= 0).all()


def test_limit_and_scale() -> None:
    values = np.array([[1.0, -4.0]])
    np.testing.assert_array_equal(signed(values), signed(values * 1e-200))
    np.testing.assert_array_equal(signed(values, limit=1), signed(np.sign(values)))
    assert (signed(np.zeros((2, 2))) == 255).all()
    assert signed(np.zeros((5, 2, 3))).shape == (5, 2, 3, 3)
    assert (signed([[5e-324]], limit=5e-324) == LIGHT.positive).all()


@THEMES
def test_a_picture_lies_faintly_under_weak_colours_only(theme: Theme) -> None:
    picture = np.array([[0, 255, 255, 255]], np.uint8)
    shown = signed([[0.0, 0.0, 1.0, -1.0]], over=picture, theme=theme)
    assert tuple(shown[0, 0]) == theme.paper
    lightness = to_oklab(shown)[0, :, 0]
    paper, full = to_oklab(theme.paper)[0], to_oklab(theme.ink)[0]
    assert (lightness[1] - paper) / (full - paper) == pytest.approx(theme.faint, abs=0.01)
    assert tuple(shown[0, 2]) == theme.positive
    assert tuple(shown[0, 3]) == theme.negative


def test_a_colour_picture_under_evidence_shows_by_its_darkness() -> None:
    picture = np.array([[[255, 255, 255], [0, 0, 0]]], np.uint8)
    grey = np.array([[0, 255]], np.uint8)
    nothing = np.zeros((1, 2))
    np.testing.assert_array_equal(signed(nothing, over=picture), signed(nothing, over=grey))


def test_bad_values() -> None:
    with pytest.raises(ShapeError, match=r"\(\.\.\., height, width\), got \(3,\)"):
        signed([1.0, 2.0, 3.0])
    for wrong in ([[np.nan]], [[np.inf]], [["1"]], [[None]]):
        with pytest.raises(ConfigError, match="finite numbers"):
            signed(wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="above 0, got 0"):
        signed([[1.0]], limit=0)
    with pytest.raises(ShapeError, match=r"size \(1, 1\), got \(2, 2\)"):
        signed([[1.0]], over=np.zeros((2, 2), np.uint8))


# -- sequential ---------------------------------------------------------------------------------


@THEMES
def test_sequential_ends(theme: Theme) -> None:
    shown = sequential([[-1.0, 0.0, 3.0]], theme=theme)
    assert [tuple(colour) for colour in shown[0]] == [theme.paper, theme.paper, theme.strong]
    shown = sequential([[1.0, 2.0, 3.0]], low=1, high=2, theme=theme)
    assert [tuple(colour) for colour in shown[0]] == [theme.paper, theme.strong, theme.strong]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_more_is_darker(values: list[float]) -> None:
    lightness = sequential([sorted(values)]).astype(int).sum(axis=-1)[0]
    assert (np.diff(lightness) <= 0).all()


def test_sequential_needs_room() -> None:
    with pytest.raises(ConfigError, match="high as a number above 1"):
        sequential([[1.0]], low=1, high=1)


# -- difference ---------------------------------------------------------------------------------


@THEMES
def test_difference_has_a_colour_for_each_fate(theme: Theme) -> None:
    before = np.array([[0, 255, 0, 255]], np.uint8)
    after = np.array([[0, 255, 255, 0]], np.uint8)
    shown = difference(before, after, theme)
    fates = [theme.paper, theme.kept, theme.added, theme.erased]
    assert [tuple(colour) for colour in shown[0]] == fates


@given(arrays(np.uint8, (2, 3, 3)))
def test_nothing_changed_is_grey(pictures: np.ndarray) -> None:
    before, after = pictures
    lab = to_oklab(difference(before, after))
    same = before == after
    assert (np.hypot(lab[..., 1], lab[..., 2])[same] < 0.02).all()


def test_difference_needs_two_of_a_size() -> None:
    with pytest.raises(ShapeError, match="two pictures of the same size"):
        difference(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))
