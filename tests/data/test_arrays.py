"""Loose arrays into bytes and labels."""

import numpy as np
import pytest

from whynet.data.arrays import to_images, to_labels
from whynet.errors import DataFormatError

BYTES = np.arange(2 * 4 * 4, dtype=np.uint8).reshape(2, 4, 4)


@pytest.mark.parametrize("dtype", ["u1", "i2", "u4", "i8", "f2", "f4", "f8"])
def test_whole_numbers_of_any_type_are_bytes(dtype):
    np.testing.assert_array_equal(to_images(BYTES.astype(dtype), "x")[..., 0], BYTES)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_fractions_from_0_to_1_are_scaled(dtype):
    pixels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    np.testing.assert_array_equal(to_images((pixels / 255).astype(dtype), "x")[..., 0], pixels)


def test_booleans_are_black_and_white():
    assert to_images(np.array([[[True, False]]]), "x").ravel().tolist() == [255, 0]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((5, 28, 20), (5, 28, 20, 1)),
        ((5, 8, 8, 3), (5, 8, 8, 3)),
        ((5, 784), (5, 28, 28, 1)),
        ((0, 9), (0, 3, 3, 1)),
    ],
)
def test_shapes(shape, expected):
    assert to_images(np.zeros(shape, np.float32), "x").shape == expected


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 783)), r"side \* side"),
        (np.zeros((2, 3, 8, 8)), "got"),
        (np.zeros(5), "shape"),
        (np.zeros((2, 0)), "at least one pixel"),
        (np.array([[[np.nan]]]), "got nan"),
        (np.array([[[np.inf]]]), "got inf"),
        (np.array([[[-1]]]), "from 0 to 255, got -1"),
        (np.array([[[256]]]), "from 0 to 255"),
        (np.array([[[0.5, 200.0]]]), "got 0.5 beside 200.0"),
        (np.array([[["a"]]]), "expected numbers"),
        (np.array([[[1j]]]), "expected numbers"),
    ],
)
def test_impossible_pixels(array, message):
    with pytest.raises(DataFormatError, match=f"^here: .*{message}"):
        to_images(array, "here")


def test_labels_of_any_number_type():
    for labels in (np.array([0, 9], np.uint8), np.array([[0], [9]]), np.array([0.0, 9.0])):
        answers = to_labels(labels, "x", 10)
        assert answers.dtype == np.int64
        assert answers.tolist() == [0, 9]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([3, 10]), "from 0 to 9, got 10 at row 1"),
        (np.array([-1]), "got -1"),
        (np.array([0.5]), "got 0.5"),
        (np.array([np.nan]), "got nan"),
        (np.array(["3"]), "one whole number"),
        (np.zeros((4, 10)), "one whole number"),
    ],
)
def test_impossible_labels(labels, message):
    with pytest.raises(DataFormatError, match=message):
        to_labels(labels, "here", 10)
