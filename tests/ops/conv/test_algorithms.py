"""Every algorithm against the loops of the textbook and PyTorch, the loops against sums by hand."""

from __future__ import annotations

from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.torches import pytorch, their_convolution
from whynet.errors import ConfigError
from whynet.nn import Conv2D
from whynet.ops.arrays import Scratch
from whynet.ops.conv import (
    ALGORITHMS,
    Job,
    Windows,
    check_algorithm,
    choose,
    convolve,
    convolve_backward,
    im2col,
)
from whynet.ops.conv.packed import Packed

# im2col comes twice: for pictures as they come, and for packed ones in plans.
PREPARED_TOO = {"im2col, prepared": Packed(im2col)}
NAMES = sorted([*ALGORITHMS, *PREPARED_TOO])
FASTER = [name for name in NAMES if name != "reference"]

ONE_GROUP = ["im2col, prepared", "partial_im2col", "winograd"]
"""Those that leave groups to others."""

CLOSE = {"rtol": 1e-11, "atol": 1e-11}
"""In float64, with inputs of size 1. Winograd loses a digit, and has one to spare."""


@pytest.fixture(scope="module", autouse=True)
def _every_door():
    with mock.patch.dict(ALGORITHMS, PREPARED_TOO):
        yield


@dataclass
class Problem:
    """Shapes of one convolution, with the data to fill them."""

    n: int
    windows: Windows
    channels: int
    filters: int
    groups: int
    seed: int

    def draw(self, dtype):
        rng = np.random.default_rng(self.seed)
        w = self.windows
        return (
            rng.standard_normal((self.n, w.height, w.width, self.channels)).astype(dtype),
            rng.standard_normal((*w.size, self.channels // self.groups, self.filters)).astype(
                dtype
            ),
            rng.standard_normal((self.n, w.rows, w.columns, self.filters)).astype(dtype),
        )

    def within(self, algorithm: str) -> Problem:
        """The nearest problem that an algorithm can do."""
        w, groups = self.windows, 1 if algorithm in ONE_GROUP else self.groups
        if algorithm == "winograd":
            padding = "same" if w.padded else "valid"
            height, width = (w.height, w.width) if w.padded else (w.height + 2, w.width + 2)
            w = Windows.over(height, width, (3, 3), (1, 1), padding)
        return Problem(self.n, w, self.channels, self.filters, groups, self.seed)


@st.composite
def problems(draw, algorithm: str = "reference") -> Problem:
    """Problems that an algorithm can do: maps up to 12 cells beyond the window, or as small."""
    winograd, prepared = algorithm == "winograd", algorithm in ONE_GROUP
    stride, kernel = st.integers(1, 3), st.integers(1, 5)
    size = (3, 3) if winograd else draw(st.tuples(kernel, kernel))
    strides = (1, 1) if winograd else draw(st.tuples(stride, stride))
    padding = draw(st.sampled_from(["valid", "same"]))
    least, beyond = size if padding == "valid" else (1, 1), st.integers(0, 11 if prepared else 7)
    height, width = (low + draw(beyond) for low in least)
    groups = 1 if prepared else draw(st.integers(1, 3))
    return Problem(
        n=draw(st.integers(1, 5 if prepared else 3)),
        windows=Windows.over(height, width, size, strides, padding),
        channels=groups * draw(st.integers(1, 4)),
        # From a dozen filters on, partial im2col takes another way back.
        filters=groups * draw(st.sampled_from([1, 2, 3, 13] if prepared else [1, 2, 3])),
        groups=groups,
        seed=draw(st.integers(0, 99)),
    )


def run(problem: Problem, algorithm: str, x, kernel, dy, **more):
    options = {"groups": problem.groups, "algorithm": algorithm} | more
    y = convolve(x, kernel, problem.windows, **options)
    return y, *convolve_backward(dy, x, kernel, problem.windows, **options)


@pytest.mark.parametrize("algorithm", FASTER)
# A cache of 1 byte cuts the batch into single pictures, whose sums must be put together again.
@pytest.mark.parametrize("cache", [1, im2col.CACHE_BYTES])
@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_agrees_with_the_reference(algorithm, cache, data):
    problem = data.draw(problems(algorithm))
    arrays = problem.draw(np.float64)
    with mock.patch.object(im2col, "CACHE_BYTES", cache):
        found = run(problem, algorithm, *arrays)
    for mine, right in zip(found, run(problem, "reference", *arrays), strict=True):
        assert mine.dtype == np.float64
        assert mine.shape == right.shape
        np.testing.assert_allclose(mine, right, **CLOSE)
    x, kernel, dy = arrays
    nothing, dkernel = convolve_backward(
        dy, x, kernel, problem.windows, groups=problem.groups, need_dx=False, algorithm=algorithm
    )
    assert nothing is None
    np.testing.assert_allclose(dkernel, found[2], **CLOSE)


@pytest.mark.parametrize("algorithm", NAMES)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_agrees_with_pytorch(algorithm, data):
    problem = data.draw(problems(algorithm))
    arrays = problem.draw(np.float64)
    theirs = their_convolution(*arrays, problem.windows, problem.groups)
    for mine, right in zip(run(problem, algorithm, *arrays), theirs, strict=True):
        np.testing.assert_allclose(mine, right, **CLOSE)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("height", range(1, 10))
def test_winograd_on_maps_that_tiles_do_not_fit(height, padding):
    """Tiles are of 4×4 outputs: maps of fewer, of one more or less, of 1×1."""
    more = 2 if padding == "valid" else 0
    for width in range(1, 10):
        windows = Windows.over(height + more, width + more, (3, 3), (1, 1), padding)
        problem = Problem(2, windows, 2, 3, 1, seed=height * 10 + width)
        data = problem.draw(np.float64)
        found, right = run(problem, "winograd", *data), run(problem, "im2col", *data)
        for mine, other in zip(found, right, strict=True):
            np.testing.assert_allclose(mine, other, **CLOSE)


@pytest.mark.parametrize("algorithm", [name for name in NAMES if name != "winograd"])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_float32_is_as_exact_as_its_sums_allow(algorithm, data):
    """A sum of k products errs by at most about k · ε · Σ|products|, in whatever order (Higham).

    Winograd's sums are of other numbers than those products; see `ERRORS`.
    """
    problem = data.draw(problems(algorithm))
    x, kernel, dy = arrays = problem.draw(np.float32)
    # Exact for these numbers: float64, and how much the products come to without their signs.
    exact = run(problem, "im2col", *(array.astype(np.float64) for array in arrays))
    bulk = run(problem, "im2col", *(np.abs(array).astype(np.float64) for array in arrays))
    terms = (
        kernel[..., 0].size,
        kernel[..., 0, 0].size * problem.filters // problem.groups,
        dy[..., 0].size,
    )
    found = run(problem, algorithm, x, kernel, dy)
    for mine, right, size, k in zip(found, exact, bulk, terms, strict=True):
        assert mine.dtype == np.float32
        bound = (k + 1) * np.finfo(np.float32).eps * size
        assert (np.abs(mine - right) <= bound).all()


ERRORS = {
    "reference": (5e-7, 1.5e-6, 1.5e-6),
    "im2col": (1.5e-6, 2e-6, 2e-6),
    "im2col, prepared": (1.5e-6, 2e-6, 2e-6),
    "partial_im2col": (5e-7, 6e-7, 1e-6),
    "winograd": (1.5e-5, 1.5e-5, 8e-6),
}
"""How far y, dx and dkernel in float32 may be from float64's, as a part of the largest number.

For the shapes of `_usual`, standard normal data and any seed: twice the worst of 25. PyTorch's own
errors there are (9e-7, 5e-7, 1.4e-6). Winograd pays a digit for its speed, nobody else does.
"""


def _usual(seed: int) -> list[Problem]:
    """Convolutions as nets of today have them, that every algorithm can do."""
    shapes = [
        (28, 1, 8, "same"),
        (14, 32, 32, "same"),
        (13, 16, 24, "valid"),
        (6, 64, 64, "valid"),
        (3, 8, 8, "same"),
    ]
    return [
        Problem(2, Windows.over(side, side, (3, 3), (1, 1), padding), c, filters, 1, seed)
        for side, c, filters, padding in shapes
    ]


def _worst(convolution, seeds: int):
    """The largest errors of y, dx and dkernel over all usual problems."""
    worst = np.zeros(3)
    for problem in (problem for seed in range(seeds) for problem in _usual(seed)):
        data = problem.draw(np.float32)
        exact = run(problem, "im2col", *(array.astype(np.float64) for array in data))
        found = convolution(problem, *data)
        errors = [
            np.abs(mine - right).max() / np.abs(right).max()
            for mine, right in zip(found, exact, strict=True)
        ]
        worst = np.maximum(worst, errors)
    return worst


@pytest.mark.parametrize("algorithm", NAMES)
def test_what_float32_costs(algorithm):
    def ours(problem, *data):
        return run(problem, algorithm, *data)

    worst = _worst(ours, seeds=1 if algorithm == "reference" else 6)
    assert (worst <= ERRORS[algorithm]).all(), worst


@pytest.mark.parametrize(
    ("algorithm", "times"),
    [("im2col", 4), ("im2col, prepared", 4), ("partial_im2col", 4), ("winograd", 32)],
)
def test_what_float32_costs_beside_pytorch(algorithm, times):
    """The same order of magnitude; Winograd, which PyTorch does without here, a digit more."""
    pytorch()

    def ours(problem, *data):
        return run(problem, algorithm, *data)

    def theirs(problem, *data):
        return their_convolution(*data, problem.windows)

    assert (_worst(ours, seeds=4) <= times * _worst(theirs, seeds=4)).all()


@pytest.mark.parametrize("algorithm", FASTER)
def test_one_scratch_serves_shapes_that_come_and_go(algorithm):
    scratch, shapes = Scratch(), [(5, 3, 1), (7, 2, 2), (3, 3, 1), (5, 3, 1)]
    for dtype in (np.float64, np.float32, np.float64):
        for size, window, groups in shapes:
            windows = Windows.over(size, size, (window, window), (1, 1), "same")
            problem = Problem(3, windows, 2, 4, groups, seed=size).within(algorithm)
            data = problem.draw(dtype)
            lent = run(problem, algorithm, *data, scratch=scratch)
            for mine, own in zip(lent, run(problem, algorithm, *data), strict=True):
                np.testing.assert_array_equal(mine, own)


@pytest.mark.parametrize("algorithm", NAMES)
def test_results_do_not_live_in_the_scratch(algorithm):
    """What a pass returns stays as it is when the worker's memory is used again."""
    scratch = Scratch()
    windows = Windows.over(4, 4, (3, 3), (1, 1), "same")
    first, second = Problem(2, windows, 2, 2, 1, seed=0), Problem(2, windows, 2, 2, 1, seed=1)
    returned = run(first, algorithm, *first.draw(np.float64), scratch=scratch)
    kept = [array.copy() for array in returned]
    run(second, algorithm, *second.draw(np.float64), scratch=scratch)
    for array, before in zip(returned, kept, strict=True):
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("algorithm", [name for name in NAMES if name != "winograd"])
class TestByHand:
    def test_all_three(self, algorithm):
        x = np.arange(9.0).reshape(1, 3, 3, 1)
        kernel = np.array([[1.0, 2.0], [3.0, 4.0]])[..., None, None]
        windows = Windows.over(3, 3, (2, 2), (1, 1), "valid")
        y = convolve(x, kernel, windows, algorithm=algorithm)
        # 0·1 + 1·2 + 3·3 + 4·4 = 27, and each step to the right adds 1 + 2 + 3 + 4.
        np.testing.assert_array_equal(y[0, ..., 0], [[27, 37], [57, 67]])
        dy = np.array([[1.0, 0.0], [0.0, -1.0]])[None, ..., None]
        dx, dkernel = convolve_backward(dy, x, kernel, windows, algorithm=algorithm)
        np.testing.assert_array_equal(dx[0, ..., 0], [[1, 2, 0], [3, 3, -2], [0, -3, -4]])
        np.testing.assert_array_equal(dkernel[..., 0, 0], [[-4, -4], [-4, -4]])

    def test_the_odd_zero_lies_below_and_to_the_right(self, algorithm):
        x = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
        windows = Windows.over(2, 2, (2, 2), (1, 1), "same")
        y = convolve(x, np.ones((2, 2, 1, 1)), windows, algorithm=algorithm)
        np.testing.assert_array_equal(y[0, ..., 0], [[10, 6], [7, 4]])


@pytest.mark.parametrize("algorithm", [name for name in NAMES if name not in ONE_GROUP])
def test_groups_do_not_see_each_other(algorithm):
    x = np.ones((1, 1, 1, 4)) * [1, 10, 100, 1000]
    windows = Windows.over(1, 1, (1, 1), (1, 1), "valid")
    kernel = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 2.0, 0.0, 2.0]]).reshape(1, 1, 2, 4)
    y = convolve(x, kernel, windows, groups=2, algorithm=algorithm)
    np.testing.assert_array_equal(y.ravel(), [1, 21, 100, 2100])


@pytest.mark.parametrize("algorithm", NAMES)
class TestEveryAlgorithm:
    def test_three_by_three_by_hand(self, algorithm):
        """One bright pixel shows the filter, turned over, and one upstream shows it upright."""
        spot, kernel = np.zeros((1, 5, 5, 1)), np.arange(1.0, 10.0).reshape(3, 3, 1, 1)
        spot[0, 2, 1] = 1
        windows = Windows.over(5, 5, (3, 3), (1, 1), "same")
        y = convolve(spot, kernel, windows, algorithm=algorithm)
        expected = np.zeros((5, 5))
        expected[1:4, :3] = kernel[::-1, ::-1, 0, 0]
        np.testing.assert_allclose(y[0, ..., 0], expected, rtol=0, atol=1e-13)
        dx, dkernel = convolve_backward(spot, y, kernel, windows, algorithm=algorithm)
        upright = np.zeros((5, 5))
        upright[1:4, :3] = kernel[..., 0, 0]
        np.testing.assert_allclose(dx[0, ..., 0], upright, rtol=0, atol=1e-13)
        # What the pixels around the spot were: the filter turned over.
        np.testing.assert_allclose(dkernel, kernel[::-1, ::-1], rtol=0, atol=1e-12)

    def test_either_is_spared_on_demand(self, algorithm):
        problem = Problem(2, Windows.over(4, 5, (3, 2), (1, 2), "same"), 2, 4, 2, seed=0)
        problem = problem.within(algorithm)
        data = problem.draw(np.float64)
        _, dx, dkernel = run(problem, algorithm, *data)
        x, kernel, dy = data
        options = {"groups": problem.groups, "need_dx": False, "algorithm": algorithm}
        nothing, same = convolve_backward(dy, x, kernel, problem.windows, **options)
        assert dx is not None
        assert nothing is None
        np.testing.assert_array_equal(same, dkernel)
        options |= {"need_dx": True, "need_dkernel": False}
        same, nothing = convolve_backward(dy, x, kernel, problem.windows, **options)
        assert nothing is None
        np.testing.assert_array_equal(same, dx)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_an_empty_batch(self, algorithm, dtype):
        problem = Problem(0, Windows.over(4, 5, (3, 2), (1, 2), "same"), 2, 4, 2, seed=0)
        problem = problem.within(algorithm)
        x, kernel, dy = data = problem.draw(dtype)
        y, dx, dkernel = run(problem, algorithm, *data)
        assert y.shape == dy.shape
        assert dx.shape == x.shape
        assert dkernel.shape == kernel.shape
        assert {array.dtype for array in (y, dx, dkernel)} == {np.dtype(dtype)}
        assert not dkernel.any()

    def test_memory_in_any_order(self, algorithm):
        """Turned and strided views are arrays like any other."""
        problem = Problem(3, Windows.over(4, 5, (3, 2), (1, 2), "valid"), 2, 4, 2, seed=0)
        problem = problem.within(algorithm)
        data = problem.draw(np.float64)
        x, kernel, dy = data
        views = np.asfortranarray(x), np.repeat(kernel, 2, axis=1)[:, ::2], dy[::-1].copy()[::-1]
        for mine, plain in zip(
            run(problem, algorithm, *views), run(problem, algorithm, *data), strict=True
        ):
            np.testing.assert_allclose(mine, plain, rtol=1e-12, atol=1e-12)

    def test_arguments_are_left_alone(self, algorithm):
        problem = Problem(2, Windows.over(6, 5, (3, 3), (1, 1), "same"), 2, 3, 1, seed=0)
        data = problem.draw(np.float64)
        for array in data:
            array.flags.writeable = False
        run(problem, algorithm, *data)


@settings(deadline=None, max_examples=60)
@given(
    problem=problems(),
    n=st.integers(1, 256),
    channels=st.integers(1, 128),
    filters=st.integers(1, 128),
)
def test_the_choice_is_one_that_can_do_it(problem, n, channels, filters):
    job = Job(problem.windows, n, channels, filters, np.dtype(np.float32), "nc")
    check_algorithm(choose(job), problem.windows, 1)


def test_winograd_is_chosen_where_it_pays():
    def chosen(size, strides, channels, filters):
        windows = Windows.over(14, 14, size, strides, "same")
        return choose(Job(windows, 8, channels, filters, np.dtype(np.float32), "nc"))

    assert chosen((3, 3), (1, 1), 64, 64) == "winograd"
    for wrong in (((3, 3), (2, 2), 64, 64), ((5, 5), (1, 1), 64, 64), ((3, 3), (1, 1), 1, 64)):
        assert chosen(*wrong) != "winograd"


def test_auto_does_what_every_convolution_can():
    problem = Problem(2, Windows.over(4, 5, (3, 2), (1, 2), "same"), 2, 4, 2, seed=0)
    data = problem.draw(np.float64)
    right = run(problem, "reference", *data)
    for mine, other in zip(run(problem, "auto", *data), right, strict=True):
        np.testing.assert_allclose(mine, other, **CLOSE)


@pytest.mark.parametrize("n", [0, 2])
@pytest.mark.parametrize(
    ("algorithm", "size", "strides", "groups", "part"),
    [
        ("winograd", (3, 2), (1, 1), 1, r"algorithm winograd, got 3×2, \(1, 1\) and 1"),
        ("winograd", (3, 3), (1, 2), 1, r"algorithm winograd, got 3×3, \(1, 2\) and 1"),
        ("winograd", (3, 3), (1, 1), 2, r"algorithm winograd, got 3×3, \(1, 1\) and 2"),
        ("partial_im2col", (3, 3), (1, 1), 2, "one group for the algorithm partial_im2col, got 2"),
    ],
)
def test_what_an_algorithm_cannot_do(algorithm, size, strides, groups, part, n):
    windows = Windows.over(6, 6, size, strides, "same")
    with pytest.raises(ConfigError, match=part):
        check_algorithm(algorithm, windows, groups)
    problem = Problem(n, windows, 2, 2, groups, seed=0)
    x, kernel, dy = problem.draw(np.float64)
    with pytest.raises(ConfigError, match=part):
        convolve(x, kernel, windows, groups=groups, algorithm=algorithm)
    with pytest.raises(ConfigError, match=part):
        convolve_backward(dy, x, kernel, windows, groups=groups, algorithm=algorithm)
    layer = Conv2D(2, size, strides=strides, padding="same", groups=groups, algorithm=algorithm)
    with pytest.raises(ConfigError, match=part):
        layer.build((6, 6, 2), None)


def test_an_unknown_algorithm():
    problem = Problem(1, Windows.over(2, 2, (1, 1), (1, 1), "same"), 1, 1, 1, seed=0)
    with pytest.raises(ConfigError, match=r"algorithm of auto, reference, im2col.*, got 'fft'"):
        run(problem, "fft", *problem.draw(np.float64))
