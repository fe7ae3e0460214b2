"""Where windows stand, by TensorFlow's documented rule for padding."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whynet.errors import ConfigError, ShapeError
from whynet.ops.conv.geometry import Windows, place


def tensorflow_same(size: int, window: int, stride: int) -> tuple[int, int, int]:
    """The formula in tf.nn's "Notes on padding", which tells apart two cases that ours does not."""
    positions = (size + stride - 1) // stride
    total = max(window - (stride if size % stride == 0 else size % stride), 0)
    return positions, total // 2, total - total // 2


@pytest.mark.parametrize("stride", range(1, 5))
@pytest.mark.parametrize("window", range(1, 8))
def test_same_agrees_with_tensorflow(window, stride):
    for size in range(1, 17):
        assert place(size, window, stride, "same") == tensorflow_same(size, window, stride)


@pytest.mark.parametrize(
    ("size", "window", "stride", "expected"),
    [
        (28, 3, 1, (28, 1, 1)),
        (28, 5, 1, (28, 2, 2)),
        (28, 2, 1, (28, 0, 1)),  # An even window: the odd zero comes after.
        (28, 4, 1, (28, 1, 2)),
        (28, 3, 2, (14, 0, 1)),  # Even size, stride 2: again after, where PyTorch pads 1 and 1.
        (13, 6, 5, (3, 1, 2)),  # The example in TensorFlow's notes.
        (7, 3, 2, (4, 1, 1)),
        (5, 2, 2, (3, 0, 1)),
        (10, 1, 3, (4, 0, 0)),  # Stride beyond the window: nothing to add.
        (1, 5, 1, (1, 2, 2)),
    ],
)
def test_same_by_hand(size, window, stride, expected):
    assert place(size, window, stride, "same") == expected


@pytest.mark.parametrize(
    ("size", "window", "stride", "expected"),
    [
        (28, 5, 1, (24, 0, 0)),
        (13, 6, 5, (2, 0, 0)),  # The last columns are left out.
        (5, 2, 3, (2, 0, 0)),
        (5, 5, 4, (1, 0, 0)),
    ],
)
def test_valid_by_hand(size, window, stride, expected):
    assert place(size, window, stride, "valid") == expected


sizes = st.integers(1, 9)
both = st.tuples(st.integers(1, 6), st.integers(1, 6))


@settings(deadline=None)
@given(sizes, sizes, both, both, st.sampled_from(["valid", "same"]))
def test_windows_stay_on_the_padded_map_and_each_meets_a_real_cell(
    height, width, size, strides, padding
):
    if padding == "valid" and (size[0] > height or size[1] > width):
        with pytest.raises(ShapeError, match=r"expected a map of at least .* got \d+×\d+"):
            Windows.over(height, width, size, strides, padding)
        return
    windows = Windows.over(height, width, size, strides, padding)
    real = windows.pad(np.ones((1, height, width, 1)))
    covered = 0
    for row, column in np.ndindex(size):
        tap = windows.tap(real, row, column)
        # A slice that ran off the map would come back short.
        assert tap.shape == (1, windows.rows, windows.columns, 1)
        covered = covered + tap
    assert np.min(covered) >= 1
    np.testing.assert_array_equal(windows.crop(real), 1)
    assert real.sum() == height * width


def test_a_map_that_needs_no_border_is_not_copied():
    x = np.ones((2, 4, 4, 1))
    assert Windows.over(4, 4, (2, 2), (2, 2), "same").pad(x) is x


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ((5, 5, (0, 3), (1, 1), "same"), r"at least 1, got \(0, 3\)"),
        ((5, 5, (3, 3), (1, 0), "same"), r"at least 1, got .*\(1, 0\)"),
        ((5, 5, (3, 3), (1, 1), "full"), "'valid' or 'same', got 'full'"),
    ],
)
def test_windows_that_make_no_sense(arguments, part):
    with pytest.raises(ConfigError, match=part):
        Windows.over(*arguments)
