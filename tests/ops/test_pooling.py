from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whynet.ops.conv import Windows
from whynet.ops.pooling import (
    average_pool,
    average_pool_backward,
    max_pool,
    max_pool_backward,
)


def over(x, size, strides, padding) -> Windows:
    return Windows.over(x.shape[1], x.shape[2], size, strides, padding)


def picture(rows) -> np.ndarray:
    return np.array(rows, float)[None, :, :, None]


def test_max_by_hand():
    x = picture([[1, 2, 5, 3], [4, 0, 6, 7]])
    windows = over(x, (2, 2), (2, 2), "valid")
    y, winner = max_pool(x, windows)
    np.testing.assert_array_equal(y.ravel(), [4, 7])
    np.testing.assert_array_equal(winner.ravel(), [2, 3])
    dx = max_pool_backward(picture([[10, 20]]), winner, windows)
    np.testing.assert_array_equal(dx[0, ..., 0], [[0, 0, 0, 0], [10, 0, 0, 20]])


def test_overlapping_windows_add_up_at_their_common_winner():
    x = picture([[0, 9, 0]])
    windows = over(x, (1, 2), (1, 1), "valid")
    _, winner = max_pool(x, windows)
    dx = max_pool_backward(picture([[1, 10]]), winner, windows)
    np.testing.assert_array_equal(dx.ravel(), [0, 11, 0])


def test_of_equal_values_the_first_in_reading_order_wins():
    x = np.zeros((1, 4, 4, 1))
    windows = over(x, (2, 2), (2, 2), "valid")
    _, winner = max_pool(x, windows)
    dx = max_pool_backward(picture([[1, 2], [3, 4]]), winner, windows)
    np.testing.assert_array_equal(
        dx[0, ..., 0], [[1, 0, 2, 0], [0, 0, 0, 0], [3, 0, 4, 0], [0, 0, 0, 0]]
    )


def test_padding_never_wins_even_over_negative_values():
    x = picture([[-3, -1], [-2, -4]])
    windows = over(x, (3, 3), (2, 2), "same")
    y, winner = max_pool(x, windows)
    np.testing.assert_array_equal(y.ravel(), [-1])
    np.testing.assert_array_equal(max_pool_backward(picture([[1]]), winner, windows)[0, 0, 1], [1])


def test_padding_does_not_count_towards_the_mean():
    x = picture([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    windows = over(x, (2, 2), (2, 2), "same")
    y = average_pool(x, windows)
    np.testing.assert_array_equal(y[0, ..., 0], [[3, 4.5], [7.5, 9]])
    dx = average_pool_backward(picture([[4, 2], [2, 1]]), windows)
    np.testing.assert_array_equal(dx[0, ..., 0], np.ones((3, 3)))


sizes = st.integers(1, 6)
windows_of = st.tuples(st.integers(1, 4), st.integers(1, 4))


@settings(deadline=None, max_examples=80)
@given(sizes, sizes, windows_of, windows_of, st.sampled_from(["valid", "same"]), st.integers(0, 99))
def test_against_plain_loops(height, width, size, strides, padding, seed):
    if padding == "valid":
        height, width = height + size[0], width + size[1]
    # Small whole numbers: many ties.
    x = np.random.default_rng(seed).integers(-2, 3, (2, height, width, 2)).astype(float)
    windows = over(x, size, strides, padding)
    largest, _ = max_pool(x, windows)
    mean = average_pool(x, windows)
    bare = windows.pad(x, np.nan)
    for row, column in np.ndindex(windows.rows, windows.columns):
        top, left = row * strides[0], column * strides[1]
        seen = bare[:, top : top + size[0], left : left + size[1]]
        np.testing.assert_array_equal(largest[:, row, column], np.nanmax(seen, axis=(1, 2)))
        np.testing.assert_allclose(mean[:, row, column], np.nanmean(seen, axis=(1, 2)))


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_way_back_neither_loses_nor_makes_gradient(padding):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 2, (2, 5, 7, 3)).astype(float)
    windows = over(x, (3, 2), (2, 1), padding)
    y, winner = max_pool(x, windows)
    dy = rng.standard_normal(y.shape)
    for dx in (max_pool_backward(dy, winner, windows), average_pool_backward(dy, windows)):
        assert dx.shape == x.shape
        np.testing.assert_allclose(dx.sum(axis=(1, 2)), dy.sum(axis=(1, 2)))
