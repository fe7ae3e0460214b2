"""Matched pairs and tiny ticks, where the truth is known."""

import numpy as np
import pytest

from whynet.data.strokes import KINDS, pairs, tiny_ticks
from whynet.errors import ConfigError

ONE_STROKE_MORE = ("4-9", "1-7", "3-8", "5-6")


@pytest.mark.parametrize("kind", KINDS)
def test_a_pair_differs_only_where_the_stroke_is(kind):
    found = pairs(kind, 300, seed=1)
    assert len(found) == 300
    first, second = found.first.images[..., 0], found.second.images[..., 0]
    np.testing.assert_array_equal(first[~found.mask], second[~found.mask])
    assert not (found.changed & ~found.mask).any()
    # The stroke shows in every pair: it is not hidden under shared ink.
    assert found.changed.sum(axis=(1, 2)).min() >= 2
    assert found.mask.mean() < 0.25


@pytest.mark.parametrize("kind", KINDS)
def test_each_member_holds_its_stroke(kind):
    found = pairs(kind, 100, seed=2)
    assert (found.first.images[..., 0] >= found.first_stroke).all()
    assert (found.second.images[..., 0] >= found.second_stroke).all()
    assert found.second_stroke.any(axis=(1, 2)).all()
    if kind in ONE_STROKE_MORE:
        assert not found.first_stroke.any()
        both = np.maximum(found.first.images[..., 0], found.second_stroke)
        np.testing.assert_array_equal(found.second.images[..., 0], both)
    else:
        assert found.first_stroke.any(axis=(1, 2)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_members_are_labelled_as_in_the_sequences(kind):
    found = pairs(kind, 3)
    names = [
        found.first.classes[found.first.labels[0]],
        found.second.classes[found.second.labels[0]],
    ]
    assert "-".join(names) == kind


def test_pair_i_is_the_same_whatever_n_is():
    few, many = pairs("3-8", 5, seed=4), pairs("3-8", 1200, seed=4)
    np.testing.assert_array_equal(few.second.images, many.second.images[:5])
    assert not np.array_equal(many.first.images[:200], many.first.images[1000:])


@pytest.mark.parametrize(
    ("kind", "n", "seed"), [("4-7", 1, 0), ("", 1, 0), ("4-9", -1, 0), ("4-9", 1, -1)]
)
def test_bad_pairs(kind, n, seed):
    with pytest.raises(ConfigError, match="expected"):
        pairs(kind, n, seed=seed)


@pytest.mark.parametrize("size", [5, 7, 9, 16, 24])
def test_tiny_ticks_are_plus_and_minus_one(size):
    grids, labels = tiny_ticks(200, seed=1, size=size)
    assert grids.shape == (200, size, size, 1)
    assert grids.dtype == np.float32
    assert set(np.unique(grids)) == {-1.0, 1.0}
    assert (np.bincount(labels) == 100).all()
    again, _ = tiny_ticks(200, seed=1, size=size)
    np.testing.assert_array_equal(grids, again)


def test_tiny_crosses_and_ticks_never_look_alike():
    grids, labels = tiny_ticks(2000, size=7)
    crosses = {grid.tobytes() for grid in grids[labels == 0]}
    marks = {grid.tobytes() for grid in grids[labels == 1]}
    assert not crosses & marks
    assert len(crosses) > 20
    assert len(marks) > 20


@pytest.mark.parametrize(
    "options", [{"n": -1}, {"n": 1, "seed": -1}, {"n": 1, "size": 4}, {"n": 1, "size": 25}]
)
def test_bad_tiny_ticks(options):
    with pytest.raises(ConfigError, match="expected"):
        tiny_ticks(**options)
