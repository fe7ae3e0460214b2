"""Augmentation: against a plain one, pixel by pixel; keyed by the example to the bit; in range."""

import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from whynet.data import augment
from whynet.data.augment import _AMOUNTS, _GRID, Augmentation, _basis, _bells
from whynet.errors import ConfigError
from whynet.randomness import keyed_uniform

DRAWS = _AMOUNTS + 2 * _GRID * _GRID
ANGLE, TALLER, WIDER, LEAN, DOWN, ACROSS = range(_AMOUNTS)
ALL = Augmentation(shift=2, rotate=15, scale=0.15, shear=0.2, elastic=1)
LENET = Augmentation(shift=1, rotate=8, scale=0.1, shear=0.1, elastic=0.5)


def pictures(n: int = 1, shape: tuple[int, int, int] = (9, 7, 2), seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((n, *shape), dtype=np.float32)


def nothing(n: int) -> np.ndarray:
    """What is drawn when every amount is to be 0: the middle of its range."""
    return np.full((n, DRAWS), 0.5, np.float32)


def moved(augmentation: Augmentation, images: np.ndarray, **amounts: float) -> np.ndarray:
    """Change pictures by chosen amounts, from −1 to 1 times each limit."""
    drawn = nothing(len(images))
    for name, amount in amounts.items():
        drawn[:, globals()[name]] = (1 + amount) / 2
    return augmentation._change(images, drawn)


def places(augmentation: Augmentation, drawn: np.ndarray, height: int, width: int) -> np.ndarray:
    """Where pixels are read from, (n, rows and columns, height, width)."""
    plans = augmentation._plans(drawn, height, width)
    terms = plans.shape[-1]
    return _basis(height, terms) @ plans @ _basis(width, terms).T - 1


def plainly(
    augmentation: Augmentation, images: np.ndarray, examples: np.ndarray, seed: int, epoch: int
) -> np.ndarray:
    """The same in double precision and plain words, a pixel at a time, read by SciPy."""
    height, width, channels = images.shape[1:]
    amounts = 2 * keyed_uniform((seed, epoch), examples, DRAWS).astype(float) - 1
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    changed = np.empty_like(images)
    for image, amount, to in zip(images, amounts, changed, strict=True):
        angle = math.radians(augmentation.rotate) * amount[ANGLE]
        turn = [[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]]
        lean = [[1, 0], [augmentation.shear * amount[LEAN], 1]]
        size = np.diag(np.exp(augmentation.scale * amount[[TALLER, WIDER]]))
        back = np.linalg.inv(np.array(turn) @ lean @ size)
        shift = augmentation.shift * amount[[DOWN, ACROSS]]
        field = augmentation.elastic * amount[_AMOUNTS:].reshape(2, _GRID, _GRID)
        place = np.empty((2, height, width))
        for row in range(height):
            for column in range(width):
                place[:, row, column] = back @ ((row, column) - middle - shift) + middle
                place[:, row, column] += warp(field, row, height, column, width)
        for channel in range(channels):
            to[..., channel] = map_coordinates(
                image[..., channel].astype(float), place, order=1, mode="grid-constant"
            )
    return changed


def warp(field: np.ndarray, row: int, height: int, column: int, width: int) -> np.ndarray:
    """The field (2, grid, grid) between its points."""
    total = np.zeros(2)
    for i in range(_GRID):
        for j in range(_GRID):
            total += field[:, i, j] * bell(row, height, i) * bell(column, width, j)
    return total


def bell(pixel: int, size: int, point: int) -> float:
    place = pixel * (_GRID - 1) / (size - 1) if size > 1 else 0
    distance = abs(place - point)
    return (1 + math.cos(math.pi * distance)) / 2 if distance < 1 else 0


# -- against the plain one ------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(28, 28, 1), (12, 9, 3)])
def test_agrees_with_the_plain_one(shape: tuple[int, int, int], dtype: type) -> None:
    images, examples = pictures(6, shape).astype(dtype), np.arange(6) * 999
    for augmentation in (LENET, Augmentation(shift=1.5, rotate=10, scale=0.1, shear=0.1)):
        expected = plainly(augmentation, images, examples, seed=3, epoch=2)
        found = augmentation.apply(images, examples, seed=3, epoch=2)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, atol=1e-5)


@given(
    st.tuples(st.integers(1, 13), st.integers(1, 13), st.integers(1, 3)),
    st.builds(
        Augmentation,
        shift=st.just(0) | st.floats(0, 5),
        rotate=st.just(0) | st.floats(0, 180),
        scale=st.just(0) | st.floats(0, 0.5),
        shear=st.just(0) | st.floats(0, 1),
        elastic=st.just(0) | st.floats(0, 3),
    ),
    st.integers(0, 10**6),
)
def test_agrees_with_the_plain_one_whatever_the_shape_and_limits(
    shape: tuple[int, int, int], augmentation: Augmentation, seed: int
) -> None:
    images, examples = pictures(2, shape, seed), np.array([seed, 5])
    expected = plainly(augmentation, images, examples, seed=seed, epoch=1)
    found = augmentation.apply(images, examples, seed=seed, epoch=1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


# -- each movement alone --------------------------------------------------------------------------


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
        bells = _bells(size)
        assert bells.shape == (size, _GRID)
        np.testing.assert_allclose(bells.sum(axis=1), 1, atol=1e-6)
        assert (bells >= 0).all()
    drawn = nothing(50)
    drawn[:, _AMOUNTS:] = np.random.default_rng(0).random((50, DRAWS - _AMOUNTS))
    moved_by = places(Augmentation(elastic=2), drawn, 28, 28)
    moved_by -= places(Augmentation(), drawn, 28, 28)
    for way in (0, 1):
        assert 1 < np.abs(moved_by[:, way]).max() <= 2 + 1e-5
    assert np.abs(np.diff(moved_by, axis=2)).max() < 1, "neighbours move together"


def test_a_warp_that_is_the_same_everywhere_is_a_shift() -> None:
    image = pictures()
    drawn = nothing(1)
    drawn[:, _AMOUNTS : _AMOUNTS + _GRID * _GRID] = 1
    found = Augmentation(elastic=2)._change(image, drawn)
    np.testing.assert_allclose(found, moved(Augmentation(shift=2), image, DOWN=-1), atol=1e-5)


# -- keyed by the example -------------------------------------------------------------------------


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


@pytest.mark.parametrize("augmentation", [ALL, Augmentation(rotate=30, scale=0.2)])
@pytest.mark.parametrize("shape", [(9, 7, 2), (28, 28, 1), (1, 6, 1), (6, 1, 1)])
def test_where_a_batch_is_cut_does_not_matter(
    augmentation: Augmentation, shape: tuple[int, int, int]
) -> None:
    """To the bit, for cuts of every size, which start at every place in a block."""
    n = 70
    images, examples = pictures(n, shape), np.arange(n) * 31
    whole = augmentation.apply(images, examples, seed=5, epoch=3)
    for size in range(1, n):
        for start in range(0, n, size):
            part = slice(start, start + size)
            some = augmentation.apply(images[part], examples[part], seed=5, epoch=3)
            np.testing.assert_array_equal(some, whole[part])


def test_neighbours_do_not_matter() -> None:
    """The same picture between white ones, between black ones, and where others lay before."""
    images, examples = np.ones((9, 28, 28, 1), np.float32), np.arange(9)
    images[4] = pictures(1, (28, 28, 1))[0]
    between_white = ALL.apply(images, examples, seed=0, epoch=0)[4]
    images[:4] = images[5:] = 0
    between_black = ALL.apply(images, examples + (examples != 4) * 100, seed=0, epoch=0)[4]
    np.testing.assert_array_equal(between_white, between_black)


@pytest.mark.parametrize("block", [1, 100, 10**6])
def test_how_much_is_done_at_once_does_not_matter(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, examples = pictures(40, (12, 10, 1)), np.arange(40)
    expected = ALL.apply(images, examples, seed=1, epoch=1)
    monkeypatch.setattr(augment, "_BLOCK", block)
    np.testing.assert_array_equal(ALL.apply(images, examples, seed=1, epoch=1), expected)


def test_large_pictures_are_counted_in_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    images = pictures(3, (31, 17, 2))
    expected = ALL.apply(images, np.arange(3), seed=1, epoch=1)
    monkeypatch.setattr(augment, "_WHOLE", 0)
    monkeypatch.setattr(augment, "_desks", augment._Desks())
    np.testing.assert_array_equal(ALL.apply(images, np.arange(3), seed=1, epoch=1), expected)


def test_threads_do_not_disturb_each_other() -> None:
    """Four at once, on shapes that overlap, each find what one alone finds."""
    shapes = [(28, 28, 1), (28, 28, 1), (12, 10, 3), (28, 28, 1)]
    work = [(pictures(33, shape, seed), np.arange(33) + seed) for seed, shape in enumerate(shapes)]
    expected = [ALL.apply(*some, seed=1, epoch=1) for some in work]
    same = [False] * len(work)
    ready = threading.Barrier(len(work))

    def run(index: int) -> None:
        ready.wait()
        found = [ALL.apply(*work[index], seed=1, epoch=1) for _ in range(20)]
        same[index] = all((one == expected[index]).all() for one in found)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(same)


def test_a_result_is_not_overwritten_by_the_next_call() -> None:
    images = pictures(3)
    first = ALL.apply(images, np.arange(3), seed=0, epoch=0)
    kept = first.copy()
    ALL.apply(images, np.arange(3), seed=0, epoch=1)
    np.testing.assert_array_equal(first, kept)


def test_input_is_left_alone_and_may_be_any_view() -> None:
    images = pictures(4, (10, 12, 3))
    kept = images.copy()
    images.flags.writeable = False
    expected = ALL.apply(images, np.arange(4), seed=0, epoch=0)
    np.testing.assert_array_equal(images, kept)
    apart = np.asfortranarray(images)
    np.testing.assert_array_equal(ALL.apply(apart, np.arange(4), seed=0, epoch=0), expected)


def test_a_thread_keeps_few_desks() -> None:
    for n in range(1, 12):
        ALL.apply(pictures(n), np.arange(n), seed=0, epoch=0)
    assert len(augment._desks._held) == augment._DESKS


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


# -- in range, and all of it ----------------------------------------------------------------------


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


N = 20_000


def amounts_of(**limit: float) -> np.ndarray:
    """Draw a single kind of amount and read it off the plans, as part of its limit, (n, kinds)."""
    (name, most), augmentation = next(iter(limit.items())), Augmentation(**limit)
    drawn = keyed_uniform((0, 0), np.arange(N), augmentation._draws)
    plans = augmentation._plans(drawn, 9, 9).astype(float)
    linear = plans[:, :, [1, 0], [0, 1]]  # (n, row and column, by row and column)
    found = {
        "rotate": lambda: np.degrees(np.arctan2(linear[:, 1, :1], linear[:, 0, :1])),
        "scale": lambda: -np.log(np.diagonal(linear, axis1=1, axis2=2)),
        "shear": lambda: -linear[:, 1, :1],
        "shift": lambda: 5 - plans[:, :, 0, 0],
        "elastic": lambda: plans[:, :, 2:, 2:].reshape(N, -1),
    }
    return found[name]() / most


@pytest.mark.parametrize(
    ("limit", "kinds"),
    [
        ({"rotate": 40}, 1),
        ({"scale": 0.3}, 2),
        ({"shear": 0.5}, 1),
        ({"shift": 2}, 2),
        ({"elastic": 1.5}, 2 * _GRID * _GRID),
    ],
)
def test_amounts_are_even_within_their_limits(limit: dict[str, float], kinds: int) -> None:
    """Range, mean, variance, tenths, and no amount knows another; five deviations wide."""
    found = amounts_of(**limit)
    assert found.shape == (N, kinds)
    assert np.abs(found).max() <= 1 + 1e-5
    assert found.min(axis=0).max() < -0.998
    assert found.max(axis=0).min() > 0.998
    assert np.abs(found.mean(axis=0)).max() < 5 * (1 / 3 / N) ** 0.5
    assert np.abs(found.var(axis=0) - 1 / 3).max() < 5 * (4 / 45 / N) ** 0.5
    for kind in found.T:
        counts, _ = np.histogram(kind, bins=10, range=(-1 - 1e-5, 1 + 1e-5))
        assert np.abs(counts - N / 10).max() < 5 * (N * 0.09) ** 0.5
    if kinds > 1:
        between = np.corrcoef(found, rowvar=False) - np.eye(kinds)
        assert np.abs(between).max() < 5 / N**0.5


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
