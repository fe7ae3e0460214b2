"""Augmentation: each movement against a plain one of NumPy's, keyed by the example, in range."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whynet.data.augment import _GRID, Augmentation, _read_between, _smooth_weights
from whynet.errors import ConfigError

DRAWS = 6 + 2 * _GRID * _GRID
ANGLE, TALLER, WIDER, LEAN, DOWN, ACROSS = range(6)
ALL = Augmentation(shift=2, rotate=15, scale=0.15, shear=0.2, elastic=1)


def pictures(n: int = 1, shape: tuple[int, int, int] = (9, 7, 2), seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, *shape), dtype=np.float32)


def moved(augmentation: Augmentation, images: np.ndarray, **amounts: float) -> np.ndarray:
    """Change pictures by chosen amounts, from −1 to 1 times each limit."""
    drawn = np.zeros((len(images), DRAWS), np.float32)
    for name, amount in amounts.items():
        drawn[:, globals()[name]] = amount
    return _read_between(images, *augmentation._sources(drawn, *images.shape[1:3]))


@pytest.mark.parametrize("shape", [(9, 7, 2), (28, 28, 1), (1, 1, 1), (2, 5, 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_limits_change_nothing(shape: tuple[int, int, int], dtype: type) -> None:
    images = pictures(5, shape).astype(dtype)
    kept = images.copy()
    changed = Augmentation().apply(images, np.arange(5), seed=1, epoch=2)
    assert changed.dtype == dtype
    np.testing.assert_array_equal(changed, images)
    np.testing.assert_array_equal(images, kept)


@pytest.mark.parametrize(("down", "across"), [(0, 0), (2, 0), (-2, 0), (0, 3), (1, -3), (8, -6)])
def test_whole_pixels(down: int, across: int) -> None:
    """What leaves on one side is gone, and black comes in at the other."""
    image = pictures()
    framed = np.pad(image, ((0, 0), (10, 10), (10, 10), (0, 0)))
    expected = np.roll(framed, (down, across), axis=(1, 2))[:, 10:-10, 10:-10]
    found = moved(Augmentation(shift=8), image, DOWN=down / 8, ACROSS=across / 8)
    np.testing.assert_array_equal(found, expected)


def test_half_a_pixel_is_the_mean_of_two() -> None:
    image = pictures()
    found = moved(Augmentation(shift=1), image, ACROSS=0.5)
    expected = image.copy()
    expected[:, :, 1:] += image[:, :, :-1]
    np.testing.assert_allclose(found, expected / 2, atol=1e-7)


@pytest.mark.parametrize(("turn", "quarters"), [(1.0, -1), (-1.0, 1)])
def test_a_quarter_turn(turn: float, quarters: int) -> None:
    """Positive angles turn clockwise."""
    image = pictures(shape=(8, 8, 2))
    found = moved(Augmentation(rotate=90), image, ANGLE=turn)
    np.testing.assert_allclose(found, np.rot90(image, quarters, axes=(1, 2)), atol=2e-5)


def test_half_a_turn_of_an_oblong_picture() -> None:
    image = pictures()
    found = moved(Augmentation(rotate=180), image, ANGLE=1)
    np.testing.assert_allclose(found, image[:, ::-1, ::-1], atol=2e-5)


@pytest.mark.parametrize(("amount", "axis"), [("TALLER", 1), ("WIDER", 2)])
def test_twice_the_size(amount: str, axis: int) -> None:
    """A line of one pixel at the centre becomes a hat: ½, 1, ½. Half the size, and it stays 1."""
    image = np.zeros((1, 9, 9, 1), np.float32)
    image[(slice(None),) * axis + (4,)] = 1
    doubled = moved(Augmentation(scale=math.log(2)), image, **{amount: 1})
    across = np.moveaxis(doubled[0, ..., 0], axis - 1, 0)[:, 4]
    np.testing.assert_allclose(across, [0, 0, 0, 0.5, 1, 0.5, 0, 0, 0], atol=1e-6)
    halved = moved(Augmentation(scale=math.log(2)), image, **{amount: -1})
    across = np.moveaxis(halved[0, ..., 0], axis - 1, 0)[:, 4]
    np.testing.assert_allclose(across, [0, 0, 0, 0, 1, 0, 0, 0, 0], atol=1e-6)


def test_shear_moves_a_pixel_sideways_for_each_pixel_down() -> None:
    """An upright line in the middle becomes a diagonal."""
    image = np.zeros((1, 7, 7, 1), np.float32)
    image[:, :, 3] = 1
    found = moved(Augmentation(shear=1), image, LEAN=1)
    np.testing.assert_allclose(found[0, ..., 0], np.eye(7), atol=1e-6)


def test_the_warp_is_smooth_and_bounded() -> None:
    """The bells at any place add up to 1, so no point moves further than the limit."""
    for size in (1, 5, 28, 61):
        weights = _smooth_weights(size)
        assert weights.shape == (size, _GRID)
        np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
        assert (weights >= 0).all()
    rng = np.random.default_rng(0)
    drawn = np.zeros((50, DRAWS), np.float32)
    drawn[:, 6:] = rng.uniform(-1, 1, (50, DRAWS - 6))
    straight = Augmentation()._sources(drawn, 28, 28)
    warped = Augmentation(elastic=2)._sources(drawn, 28, 28)
    for plain, bent in zip(straight, warped, strict=True):
        moved_by = bent - plain
        assert 1 < np.abs(moved_by).max() <= 2 + 1e-5
        assert np.abs(np.diff(moved_by, axis=1)).max() < 1, "neighbours move together"


def test_a_warp_that_is_the_same_everywhere_is_a_shift() -> None:
    image = pictures()
    drawn = np.zeros((1, DRAWS), np.float32)
    drawn[:, 6 : 6 + _GRID * _GRID] = 1
    found = _read_between(image, *Augmentation(elastic=2)._sources(drawn, 9, 7))
    np.testing.assert_allclose(found, moved(Augmentation(shift=2), image, DOWN=-1), atol=1e-5)


def test_each_example_has_changes_of_its_own() -> None:
    images = np.repeat(pictures(), 4, axis=0)
    changed = ALL.apply(images, np.array([3, 1, 4, 1]), seed=0, epoch=0)
    np.testing.assert_array_equal(changed[1], changed[3])
    assert (changed[0] != changed[1]).any()
    assert (changed[0] != changed[2]).any()


@given(st.permutations(range(8)), st.integers(1, 8))
def test_the_place_in_the_batch_does_not_matter(order: list[int], count: int) -> None:
    images, examples = pictures(8, (10, 12, 1)), np.arange(8) * 1000
    whole = ALL.apply(images, examples, seed=5, epoch=3)
    chosen = order[:count]
    some = ALL.apply(images[chosen], examples[chosen], seed=5, epoch=3)
    np.testing.assert_array_equal(some, whole[chosen])


def test_batch_of_one() -> None:
    images = pictures(6)
    whole = ALL.apply(images, np.arange(6), seed=5, epoch=3)
    for index in range(6):
        alone = ALL.apply(images[index : index + 1], np.array([index]), seed=5, epoch=3)
        np.testing.assert_array_equal(alone[0], whole[index])


def test_empty_batch() -> None:
    assert ALL.apply(pictures(0), np.arange(0), seed=0, epoch=0).shape == (0, 9, 7, 2)


def test_seeds_and_epochs_matter() -> None:
    images = pictures(3)
    made = [
        ALL.apply(images, np.arange(3), seed=seed, epoch=epoch)
        for seed, epoch in ((0, 0), (0, 1), (1, 0), (1, 1))
    ]
    for index, one in enumerate(made):
        for other in made[index + 1 :]:
            assert (one != other).any()
    np.testing.assert_array_equal(ALL.apply(images, np.arange(3), seed=1, epoch=1), made[3])


@given(
    st.builds(
        Augmentation,
        shift=st.floats(0, 50),
        rotate=st.floats(0, 360),
        scale=st.floats(0, 3),
        shear=st.floats(0, 5),
        elastic=st.floats(0, 30),
    ),
    st.integers(0, 10**6),
)
def test_pixels_stay_in_range(augmentation: Augmentation, seed: int) -> None:
    images = np.random.default_rng(seed).integers(0, 2, (4, 9, 7, 1)).astype(np.float32)
    changed = augmentation.apply(images, np.arange(4), seed=seed, epoch=0)
    assert changed.shape == images.shape
    assert changed.min() >= 0
    assert changed.max() <= 1 + 1e-6


def test_the_whole_range_of_a_limit_is_used() -> None:
    """Shifts of a dot, over many examples, reach both limits and average to none."""
    images = np.zeros((2000, 21, 21, 1), np.float32)
    images[:, 10, 10] = 1
    changed = Augmentation(shift=3).apply(images, np.arange(2000), seed=0, epoch=0)[..., 0]
    places = np.arange(21)
    for axis in (1, 2):
        centre = (changed.sum(axis=axis) * places).sum(axis=1) / changed.sum(axis=(1, 2)) - 10
        assert centre.min() < -2.9
        assert centre.max() > 2.9
        assert abs(centre.mean()) < 5 * 3 / math.sqrt(3 * 2000)


@pytest.mark.parametrize("name", ["shift", "rotate", "scale", "shear", "elastic"])
@pytest.mark.parametrize("limit", [-0.1, math.nan, math.inf, 1e308, "far", None])
def test_bad_limits(name: str, limit: object) -> None:
    with pytest.raises(ConfigError) as caught:
        Augmentation(**{name: limit})
    most = "3" if name == "scale" else "1,000"
    expected = f"expected {name} as a number of at least 0, at most {most}, got {limit!r}"
    assert str(caught.value) == expected


def test_limits_of_numpy_are_kept_as_numbers_that_json_can_hold() -> None:
    config = Augmentation(shift=np.float32(1.5)).config()
    assert type(config["shift"]) is float


def test_plain_values() -> None:
    assert Augmentation(**ALL.config()) == ALL
