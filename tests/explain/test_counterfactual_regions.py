"""Regions are those of SciPy, and a difference falls into all of its parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from whynet.explain.counterfactual.regions import label, parts

sides = st.integers(1, 12)
masks = st.tuples(st.integers(1, 3), sides, sides).flatmap(lambda s: arrays(np.bool_, s))
STRUCTURES = {4: ndimage.generate_binary_structure(2, 1), 8: np.ones((3, 3))}


@pytest.mark.parametrize("connectivity", [4, 8])
@given(masks)
def test_regions_are_those_of_scipy(connectivity, mask):
    found = label(mask, connectivity)
    for picture, one in zip(mask, found, strict=True):
        expected, _ = ndimage.label(picture, STRUCTURES[connectivity])
        np.testing.assert_array_equal(one, expected)
        np.testing.assert_array_equal(label(picture, connectivity), expected)


def test_a_spiral_is_one_region():
    spiral = np.zeros((21, 21), bool)
    place, way, length = np.array([20, 0]), np.array([-1, 0]), 20
    spiral[20, 0] = True
    for turn in range(18):
        for _ in range(length):
            place = place + way
            spiral[tuple(place)] = True
        way = np.array([way[1], -way[0]])
        length -= 2 * (turn % 2)
        if length < 1:
            break
    assert label(spiral).max() == 1


def test_neighbours_of_another_kind_are_another_region():
    kinds = np.array([[1, 1, -1], [0, -1, -1]])
    np.testing.assert_array_equal(label(kinds), [[1, 1, 2], [0, 2, 2]])


def test_parts_are_ordered_by_weight_and_lose_nothing():
    difference = np.zeros((2, 8, 8), np.float32)
    difference[0, 1, 1:3] = 0.5
    difference[0, 5:7, 5:7] = -1
    difference[0, 1, 4] = 0.05  # too faint to be a region: goes with the nearest
    region, weight = parts(difference)
    assert region[0, 5, 5] == 0
    assert region[0, 1, 1] == region[0, 1, 4] == 1
    assert weight[0, :3] == pytest.approx([4, 0.5025, 0])
    np.testing.assert_allclose(weight.sum(axis=1), np.square(difference).sum(axis=(1, 2)))
    assert weight[1].sum() == 0


@given(arrays(np.float32, (2, 9, 9), elements=st.floats(-1, 1, width=32)))
def test_parts_share_out_all_of_the_difference(difference):
    region, weight = parts(difference, most=5)
    assert region.min() >= 0
    assert region.max() < 5
    np.testing.assert_allclose(weight.sum(axis=1), np.square(difference).sum(axis=(1, 2)), 1e-4)
    assert (np.diff(weight[:, :4], axis=1) <= 1e-5).all()
