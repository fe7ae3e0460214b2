"""Every algorithm against the loops of the textbook, and the loops against a sum by hand."""

from __future__ import annotations

from dataclasses import dataclass
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whynet.errors import ConfigError
from whynet.ops.arrays import Scratch
from whynet.ops.conv import ALGORITHMS, Windows, choose, convolve, convolve_backward, im2col

FASTER = sorted(ALGORITHMS.keys() - {"reference"})


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


@st.composite
def problems(draw) -> Problem:
    small, stride, kernel = st.integers(1, 8), st.integers(1, 3), st.integers(1, 5)
    size, strides = draw(st.tuples(kernel, kernel)), draw(st.tuples(stride, stride))
    padding = draw(st.sampled_from(["valid", "same"]))
    least = size if padding == "valid" else (1, 1)
    height, width = (low + draw(small) - 1 for low in least)
    groups = draw(st.integers(1, 3))
    return Problem(
        n=draw(st.integers(1, 3)),
        windows=Windows.over(height, width, size, strides, padding),
        channels=groups * draw(st.integers(1, 3)),
        filters=groups * draw(st.integers(1, 3)),
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
@settings(deadline=None, max_examples=120)
@given(problem=problems())
def test_agrees_with_the_reference(algorithm, cache, problem):
    data = problem.draw(np.float64)
    with mock.patch.object(im2col, "CACHE_BYTES", cache):
        found = run(problem, algorithm, *data)
    for mine, right in zip(found, run(problem, "reference", *data), strict=True):
        assert mine.dtype == np.float64
        assert mine.shape == right.shape
        np.testing.assert_allclose(mine, right, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
@settings(deadline=None, max_examples=60)
@given(problem=problems())
def test_float32_is_as_exact_as_its_sums_allow(algorithm, problem):
    """A sum of k products errs by at most about k · ε · Σ|products|, in whatever order (Higham)."""
    x, kernel, dy = data = problem.draw(np.float32)
    # Exact for these numbers: float64, and how much the products come to without their signs.
    exact = run(problem, "reference", *(array.astype(np.float64) for array in data))
    bulk = run(problem, "reference", *(np.abs(array).astype(np.float64) for array in data))
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


@pytest.mark.parametrize("algorithm", FASTER)
def test_one_scratch_serves_shapes_that_come_and_go(algorithm):
    scratch, shapes = Scratch(), [(5, 3, 1), (7, 2, 2), (3, 3, 1), (5, 3, 1)]
    for dtype in (np.float64, np.float32, np.float64):
        for size, window, groups in shapes:
            windows = Windows.over(size, size, (window, window), (1, 1), "same")
            problem = Problem(3, windows, 2, 4, groups, seed=size)
            data = problem.draw(dtype)
            lent = run(problem, algorithm, *data, scratch=scratch)
            for mine, own in zip(lent, run(problem, algorithm, *data), strict=True):
                np.testing.assert_array_equal(mine, own)


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
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


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
class TestEveryAlgorithm:
    def test_by_hand(self, algorithm):
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

    def test_groups_do_not_see_each_other(self, algorithm):
        x = np.ones((1, 1, 1, 4)) * [1, 10, 100, 1000]
        windows = Windows.over(1, 1, (1, 1), (1, 1), "valid")
        kernel = np.array([[1.0, 1.0, 1.0, 1.0], [0.0, 2.0, 0.0, 2.0]]).reshape(1, 1, 2, 4)
        y = convolve(x, kernel, windows, groups=2, algorithm=algorithm)
        np.testing.assert_array_equal(y.ravel(), [1, 21, 100, 2100])

    def test_dx_is_spared_on_demand(self, algorithm):
        problem = Problem(2, Windows.over(4, 5, (3, 2), (1, 2), "same"), 2, 4, 2, seed=0)
        data = problem.draw(np.float64)
        _, dx, dkernel = run(problem, algorithm, *data)
        x, kernel, dy = data
        nothing, same = convolve_backward(
            dy, x, kernel, problem.windows, groups=2, need_dx=False, algorithm=algorithm
        )
        assert dx is not None
        assert nothing is None
        np.testing.assert_array_equal(same, dkernel)

    def test_an_empty_batch(self, algorithm):
        problem = Problem(0, Windows.over(4, 5, (3, 2), (1, 2), "same"), 2, 4, 2, seed=0)
        y, dx, dkernel = run(problem, algorithm, *problem.draw(np.float64))
        assert y.shape == (0, 4, 3, 4)
        assert dx.shape == (0, 4, 5, 2)
        assert not dkernel.any()

    def test_memory_in_any_order(self, algorithm):
        """Turned and strided views are arrays like any other."""
        problem = Problem(3, Windows.over(4, 5, (3, 2), (1, 2), "valid"), 2, 4, 2, seed=0)
        data = problem.draw(np.float64)
        x, kernel, dy = data
        views = np.asfortranarray(x), np.repeat(kernel, 2, axis=1)[:, ::2], dy[::-1].copy()[::-1]
        for mine, plain in zip(
            run(problem, algorithm, *views), run(problem, algorithm, *data), strict=True
        ):
            np.testing.assert_allclose(mine, plain, rtol=1e-12, atol=1e-12)


def test_auto_chooses_an_algorithm_that_exists():
    problem = Problem(2, Windows.over(4, 5, (3, 2), (1, 2), "same"), 2, 4, 2, seed=0)
    assert choose(problem.windows, 2, 4, 2) in ALGORITHMS
    data = problem.draw(np.float64)
    chosen = run(problem, choose(problem.windows, 2, 4, 2), *data)
    for mine, right in zip(run(problem, "auto", *data), chosen, strict=True):
        np.testing.assert_array_equal(mine, right)


def test_an_unknown_algorithm():
    problem = Problem(1, Windows.over(2, 2, (1, 1), (1, 1), "same"), 1, 1, 1, seed=0)
    with pytest.raises(ConfigError, match=r"algorithm of auto, reference, im2col.*, got 'fft'"):
        run(problem, "fft", *problem.draw(np.float64))
