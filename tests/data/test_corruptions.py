"""The corruptions of MNIST-C: against plain ones, keyed by the picture, as strong as published."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import correlate1d, gaussian_filter, label, map_coordinates, sobel

from whynet.data import load
from whynet.data.corruptions import CORRUPTIONS, corrupt
from whynet.data.corruptions.draws import Draws
from whynet.data.corruptions.shades import smoothed
from whynet.data.corruptions.weather import _finer, _plasma
from whynet.errors import ConfigError, ShapeError
from whynet.presets import load_preset

STEADY = {"scale", "brightness", "stripe", "canny_edges"}
"""What draws nothing at random."""

NAMES = pytest.mark.parametrize("name", CORRUPTIONS)
SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """Sixty drawn digits."""
    return load("strokes", examples=60, seed=3).images


def noise(n: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (n, height, width, 1), np.uint8)


def flat(grey: int, n: int = 20, height: int = 28, width: int = 28) -> np.ndarray:
    return np.full((n, height, width, 1), grey, np.uint8)


# -- all of them ----------------------------------------------------------------------------------


def test_they_are_the_papers_fifteen() -> None:
    assert len(CORRUPTIONS) == 15
    assert all(corruption.name == name for name, corruption in CORRUPTIONS.items())


@NAMES
def test_pictures_change_and_the_originals_do_not(name: str, digits: np.ndarray) -> None:
    before = digits.copy()
    changed = corrupt(name, digits)
    assert (changed.dtype, changed.shape) == (np.uint8, digits.shape)
    assert np.array_equal(digits, before)
    assert not np.shares_memory(changed, digits)
    assert (changed != digits).any(axis=(1, 2, 3)).mean() > 0.9


@NAMES
def test_a_seed_is_a_result(name: str, digits: np.ndarray) -> None:
    assert np.array_equal(corrupt(name, digits, seed=4), corrupt(name, digits, seed=4))
    same = np.array_equal(corrupt(name, digits, seed=4), corrupt(name, digits, seed=5))
    assert same == (name in STEADY)


@NAMES
def test_a_picture_draws_the_same_alone_and_in_a_crowd(name: str, digits: np.ndarray) -> None:
    crowd = np.tile(digits, (6, 1, 1, 1))  # more than are done at once
    changed = corrupt(name, crowd)
    for place in (0, 59, 60, 255, 256, 359):
        alone = corrupt(name, crowd[place : place + 1], pictures=np.array([place]))
        assert np.array_equal(alone[0], changed[place])


@NAMES
def test_pictures_of_the_same_digit_differ(name: str, digits: np.ndarray) -> None:
    changed = corrupt(name, np.repeat(digits[:1], 20, axis=0))
    kinds = {"shear": 2, "rotate": 2, "translate": 4}.get(name, 1 if name in STEADY else 10)
    found = len(np.unique(changed, axis=0))
    assert found == kinds if kinds < 10 else found >= 10


@NAMES
@given(SIZES, st.integers(0, 3), st.integers(0, 2**40))
def test_any_size_and_number(name: str, size: tuple[int, int], n: int, seed: int) -> None:
    images = noise(n, *size, seed)
    changed = corrupt(name, images, seed=seed)
    assert (changed.dtype, changed.shape) == (np.uint8, images.shape)


@NAMES
def test_a_picture_larger_than_a_block_and_than_a_fogs_land(name: str) -> None:
    assert corrupt(name, noise(1, 300, 9)).shape == (1, 300, 9, 1)


def test_no_two_share_their_numbers(digits: np.ndarray) -> None:
    one, other = (corrupt(name, digits) != digits for name in ("zigzag", "dotted_line"))
    rows = [changed[..., 0].any(axis=2).argmax(axis=1) for changed in (one, other)]
    assert abs(np.corrcoef(rows)[0, 1]) < 0.5


# -- bad input ------------------------------------------------------------------------------------


def test_bad_input_gets_a_sentence(digits: np.ndarray) -> None:
    with pytest.raises(ConfigError, match=r"expected a corruption of shot_noise, .*, got 'snow'"):
        corrupt("snow", digits)
    with pytest.raises(ConfigError, match="expected a seed as a whole number of at least 0, got -"):
        corrupt("fog", digits, seed=-1)
    with pytest.raises(ShapeError, match=r"expected grey pictures as .*, got \(60, 28, 28\)"):
        corrupt("fog", digits[..., 0])
    with pytest.raises(ShapeError, match=r"got \(2, 32, 32, 3\)"):
        corrupt("fog", np.zeros((2, 32, 32, 3), np.uint8))
    with pytest.raises(ConfigError, match=r"expected pictures as uint8 .* got float64"):
        corrupt("fog", digits / 255)
    with pytest.raises(ShapeError, match=r"a number for each of 60 pictures, got \(3,\)"):
        corrupt("fog", digits, pictures=np.arange(3))


# -- what stays -----------------------------------------------------------------------------------

BLACK_STAYS = ("shot_noise", "glass_blur", "motion_blur", "shear", "scale", "rotate", "translate")


@pytest.mark.parametrize("name", [*BLACK_STAYS, "fog", "canny_edges"])
def test_blank_paper_stays_blank(name: str) -> None:
    assert not corrupt(name, flat(0)).any()


@pytest.mark.parametrize("name", ["glass_blur", "motion_blur"])
def test_an_even_grey_cannot_be_blurred(name: str) -> None:
    assert np.array_equal(corrupt(name, flat(90)), flat(90))


def test_an_even_grey_has_no_edges() -> None:
    assert not corrupt("canny_edges", flat(200)).any()


def test_stripes_twice_are_none(digits: np.ndarray) -> None:
    striped = corrupt("stripe", digits)
    assert np.array_equal(striped[:, :, 7:21], digits[:, :, 7:21])
    assert np.array_equal(striped[:, :, :7], 255 - digits[:, :, :7])
    assert np.array_equal(corrupt("stripe", striped), digits)


@pytest.mark.parametrize("name", ["dotted_line", "zigzag"])
def test_lines_only_add_ink_where_they_go(name: str, digits: np.ndarray) -> None:
    changed = corrupt(name, digits)
    assert (changed >= digits).all()
    assert 0.01 < (changed > digits).mean() < 0.2


# -- how strong -----------------------------------------------------------------------------------


def test_shot_noise_counts_three_photons() -> None:
    for grey in (40, 128, 255):
        mean = 3 * grey / 255
        chances = [math.exp(-mean) * mean**k / math.factorial(k) for k in range(3)]
        levels, counts = np.unique(corrupt("shot_noise", flat(grey, 60)), return_counts=True)
        assert levels.tolist() == [0, 85, 170, 255]
        expected = [*chances, 1 - sum(chances)]
        np.testing.assert_allclose(counts / counts.sum(), expected, atol=0.012)


def test_impulses_hit_one_pixel_in_six() -> None:
    changed = corrupt("impulse_noise", flat(90, 60))
    assert set(np.unique(changed)) == {0, 90, 255}
    assert (changed == 0).mean() == pytest.approx(0.085, abs=0.006)
    assert (changed == 255).mean() == pytest.approx(0.085, abs=0.006)


def test_brightness_lifts_the_ground_and_keeps_white_white() -> None:
    greys = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    expected = np.minimum(np.arange(256) + 127.5, 255)
    assert np.abs(corrupt("brightness", greys).ravel() - expected).max() <= 0.5


def test_translation_moves_three_pixels_and_keeps_ink(digits: np.ndarray) -> None:
    inner = np.zeros_like(digits)
    inner[:, 3:-3, 3:-3] = digits[:, 3:-3, 3:-3]
    ways = [(down, right) for down in (-3, 3) for right in (-3, 3)]
    for image, changed in zip(inner, corrupt("translate", inner), strict=True):
        assert [np.array_equal(np.roll(image, way, (0, 1)), changed) for way in ways].count(True)


def test_scaling_shrinks_both_sides_to_seven_tenths() -> None:
    place = np.arange(61) - 30
    hill = np.exp(-(place[:, None] ** 2 / (2 * 9**2) + place**2 / (2 * 6**2)))
    image = np.rint(255 * hill).astype(np.uint8)[None, ..., None]
    ink = corrupt("scale", image)[0, ..., 0] / np.float64(255)
    for axis, spread in ((1, 9), (0, 6)):
        profile = ink.sum(axis=axis) / ink.sum()
        assert profile @ place == pytest.approx(0, abs=1e-9)
        assert math.sqrt(profile @ place**2) == pytest.approx(0.7 * spread, rel=0.02)


@pytest.mark.parametrize("name", ["rotate", "shear"])
def test_turning_and_leaning_agree_with_a_plain_one(name: str) -> None:
    images = noise(8, 28, 21)
    cos, sin = math.cos(0.4), math.sin(0.4)
    middle = np.array([13.5, 10]).reshape(2, 1, 1)
    place = np.indices((28, 21)) - middle
    results = []
    for sign in (-1, 1):
        back = {
            "rotate": [[cos, sign * sin], [-sign * sin, cos]],
            "shear": [[cos, 0], [sign * sin, 1]],
        }
        where = np.einsum("ij,jrc->irc", np.array(back[name]), place) + middle
        results.append(
            [map_coordinates(i[..., 0] / 255, where, order=1, mode="grid-constant") for i in images]
        )
    changed = corrupt(name, images)[..., 0] / 255
    off = np.abs(np.array(results) - changed).max(axis=(2, 3))
    assert off.min(axis=0).max() <= 0.5 / 255 + 1e-5
    assert set(off.argmin(axis=0)) == {0, 1}


def test_motion_leaves_a_trail_to_one_side() -> None:
    dots = flat(0, 60, 41, 41)
    dots[:, 20, 20] = 255
    weights = np.exp(-(np.arange(13) ** 2) / 18)
    pull = weights @ np.arange(13) / weights.sum()
    slopes = []
    for trail in corrupt("motion_blur", dots)[..., 0].astype(float):
        rows, columns = np.nonzero(trail)
        assert columns.max() == 20
        assert (np.abs(rows - 20) <= 20 - columns).all()  # no steeper than 45°
        assert trail.sum() == pytest.approx(255, abs=5)
        down, left = (
            np.average(side - 20, weights=trail[rows, columns]) for side in (rows, columns)
        )
        assert math.hypot(down, left) == pytest.approx(pull, abs=0.25)
        slopes.append(down / left)
    assert -1.1 < min(slopes) < -0.7
    assert 0.7 < max(slopes) < 1.1
    assert len(np.unique(np.round(slopes, 2))) > 20


def test_glass_shuffles_a_little_and_loses_no_ink(digits: np.ndarray) -> None:
    inner = np.zeros_like(digits)
    inner[:, 8:-8, 8:-8] = digits[:, 8:-8, 8:-8]
    changed = corrupt("glass_blur", inner)
    sums = inner.sum(axis=(1, 2, 3), dtype=float), changed.sum(axis=(1, 2, 3), dtype=float)
    np.testing.assert_allclose(sums[1], sums[0], rtol=0.05)
    twice = gaussian_filter(inner[..., 0].astype(float), (0, 1, 1), mode="nearest")
    assert np.abs(changed[..., 0] - twice).mean() < 12


def test_fog_hides_contrast_and_keeps_white_as_the_limit(digits: np.ndarray) -> None:
    foggy = corrupt("fog", digits)[..., 0].astype(float)
    ground = digits[..., 0] == 0
    assert 40 < foggy[ground].mean() < 160
    for image, changed in zip(digits[..., 0], foggy, strict=True):
        white = image == 255
        if white.any():  # a quarter of white is left between ink and paper
            assert changed[white].mean() - changed[image == 0].mean() < 160
    assert foggy.max() <= 255


def test_a_fog_is_the_corner_of_a_whole_land() -> None:
    """The finest points are made in the picture only; made everywhere, they are as fine."""
    draws = Draws((1,), np.arange(100))
    land = np.zeros((100, 1, 1), np.float32)
    for level in range(8):
        wobble = 2 * draws.uniform(3, *land.shape[1:], stream=level) - 1
        land = _finer(land, wobble * np.float32(1.4 ** (-2 * level)))
    low, high = (end(axis=(1, 2), keepdims=True) for end in (land.min, land.max))
    whole, corner = ((land - low) / (high - low))[:, :28, :28], _plasma(draws, 28, 28)
    assert 0 <= corner.min() < 0.5 < corner.max() <= 1
    np.testing.assert_allclose(corner[:, ::4, ::4], whole[:, ::4, ::4], atol=0.015)
    np.testing.assert_allclose(corner, whole, atol=0.06)
    rough = [np.abs(np.diff(fog, axis=1)).mean() for fog in (corner, whole)]
    assert rough[0] == pytest.approx(rough[1], rel=0.02)


def test_mud_is_dark_grey_and_covers_a_part() -> None:
    muddy = corrupt("spatter", flat(0, 60))
    assert muddy.max() == 63
    assert muddy[muddy > 0].min() >= 50  # four fifths of mud, or none
    assert 0.05 < (muddy > 0).mean() < 0.5
    assert corrupt("spatter", flat(255)).min() >= 63


def test_a_dotted_line_has_dots_of_two_columns() -> None:
    lines = corrupt("dotted_line", flat(0, 60))[..., 0]
    inked = lines.any(axis=1)
    assert not inked[:, [*range(0, 28, 4), *range(1, 28, 4), 27]].any()
    assert inked[:, 2:26].sum(axis=1).min() == 12
    tallest = (lines > 0).sum(axis=1).max(axis=1)
    assert tallest.max() <= 4
    assert lines.max(axis=(1, 2)).min() > 200


def test_a_zigzag_turns_and_stays_near_its_line() -> None:
    lines = corrupt("zigzag", flat(0, 60))[..., 0].astype(float)
    assert not lines[:, :, :2].any()
    assert not lines[:, :, 26:].any()
    inside = (lines.any(axis=1)[:, 2:25].sum(axis=1) == 23) & ~lines[:, [0, -1]].any(axis=(1, 2))
    assert inside.sum() > 20
    heights = np.einsum("nrc,r->nc", lines, np.arange(28.0))[inside, 3:24]
    heights /= lines.sum(axis=1)[inside, 3:24]
    turns = (np.diff(np.sign(np.diff(heights, axis=1)), axis=1) != 0).sum(axis=1)
    assert turns.min() >= 4
    assert np.ptp(heights, axis=1).max() < 2 * 2 + 5 + 1


# -- edges, against a plain one -------------------------------------------------------------------


def plain_canny(image: np.ndarray) -> np.ndarray:
    """Canny's edges a pixel at a time, and by connected parts."""
    ones = gaussian_filter(np.ones_like(image), 1, mode="constant")
    soft = gaussian_filter(image, 1, mode="constant") / ones
    down, right = sobel(soft, 0), sobel(soft, 1)
    steep = np.hypot(down, right)
    height, width = image.shape
    crest = np.zeros(image.shape, bool)
    for row in range(1, height - 1):
        for column in range(1, width - 1):
            step = np.array([down[row, column], right[row, column]])
            if not step.any():
                continue
            step /= np.abs(step).max()
            sides = [np.array([row, column])[:, None] + way * step[:, None] for way in (-1, 1)]
            beside = [map_coordinates(steep, side, order=1)[0] for side in sides]
            crest[row, column] = steep[row, column] >= max(beside)
    weak = crest & (steep >= 0.1)
    parts, count = label(weak, np.ones((3, 3)))
    strong = [part for part in range(1, count + 1) if steep[parts == part].max() >= 0.2]
    return np.isin(parts, strong)


def test_edges_are_those_of_a_plain_one(digits: np.ndarray) -> None:
    images = np.concatenate([digits[:12], noise(3, 28, 28) // 4])
    for image, edges in zip(images, corrupt("canny_edges", images), strict=True):
        plain = plain_canny(image[..., 0] / 255)
        assert plain.sum() > 20
        # Where two sides of a crest are equally steep, rounding decides.
        assert ((edges[..., 0] == 255) != plain).sum() <= 2
        assert set(np.unique(edges)) == {0, 255}


@given(SIZES, st.sampled_from([0.7, 1, 1.5]), st.booleans())
def test_smoothing_agrees_with_scipys(size: tuple[int, int], sigma: float, repeat: bool) -> None:
    values = np.random.default_rng(1).random((2, *size))
    reach = int(4 * sigma + 0.5)
    bell = np.exp(-((np.arange(-reach, reach + 1) / sigma) ** 2) / 2)
    bell /= bell.sum()
    mode = "nearest" if repeat else "constant"
    expected, total = values, np.ones_like(values)
    for axis in (1, 2):
        expected = correlate1d(expected, bell, axis, mode=mode)
        total = correlate1d(total, bell, axis, mode=mode)
    np.testing.assert_allclose(smoothed(values, sigma, repeat=repeat), expected / total, rtol=1e-9)


def test_normal_numbers_are_normal() -> None:
    drawn = Draws((7,), np.arange(50)).normal(40, 40)
    assert (drawn.mean(), drawn.std()) == pytest.approx((0, 1), abs=0.01)
    assert (np.abs(drawn) < 1).mean() == pytest.approx(0.6827, abs=0.005)


# -- and still digits -----------------------------------------------------------------------------


def test_a_net_reads_each_better_than_by_chance_and_none_better_than_before() -> None:
    digits = load("strokes", examples=4500, seed=1)
    train, test = digits.split(500)
    net = load_preset("lenet").build(seed=1)
    net.fit(train.images, train.known_labels, epochs=2, lr=0.003)
    clean = net.evaluate(test.images, test.known_labels).accuracy
    assert clean > 0.8
    for name in CORRUPTIONS:
        accuracy = net.evaluate(corrupt(name, test.images), test.known_labels).accuracy
        assert 0.13 < accuracy < clean + 0.02, name
