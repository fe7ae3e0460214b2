"""Exciting patches: the right pictures, at the right places, whoever looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.asked import nets, pictures
from whynet import Sequential
from whynet.errors import ConfigError, ShapeError
from whynet.explain.neurons import exciting_patches, receptive_field
from whynet.nn import Conv2D, Dense, Flatten, Network, ReLU

X = np.random.default_rng(0).integers(0, 256, (150, 9, 8, 1), np.uint8)


def small(*end) -> Sequential:
    return Sequential([Conv2D(3, 3, padding="same"), ReLU(), *end, Flatten(), Dense(4)], (9, 8, 1))


def expected(net: Network, place: int, x, unit: int, count: int):
    """Numbers, places and activations by sorting everything."""
    for layer in net.layers[:place]:
        x, _ = layer.forward(x)
    cells = x.reshape(len(x), -1, x.shape[-1])[..., unit]
    peaks = cells.max(axis=1)
    order = [at for at in np.argsort(-peaks, kind="stable") if peaks[at] != 0][:count]
    return np.array(order, int), cells.argmax(axis=1)[order], peaks[order]


@settings(max_examples=40)
@given(net=nets(), count=st.integers(1, 12), data=st.data())
def test_they_are_the_strongest(net, count, data):
    place = data.draw(st.integers(1, len(net.layers)))
    shape = net.layers[place - 1].output_shape
    x = pictures(11, seed=data.draw(st.integers(0, 9)))
    found = exciting_patches(net, place - 1, x, count=count, threads=1)
    assert list(found) == list(range(shape[-1]))
    for unit, patches in found.items():
        _, _, peaks = expected(net, place, x, unit, count)
        np.testing.assert_allclose(patches.activations, peaks, rtol=1e-7, atol=1e-12)
        assert len(set(patches.images.tolist())) == len(patches) == len(patches.fields)
        y = x
        for layer in net.layers[:place]:
            y, _ = layer.forward(y)
        said = [
            y[(image, *at, unit)]
            for image, at in zip(patches.images, patches.positions, strict=True)
        ]
        np.testing.assert_allclose(said, patches.activations, rtol=1e-7, atol=1e-12)


def test_many_blocks_and_any_number_of_threads():
    net = small()
    x = np.tile(X, (20, 1, 1, 1))  # 3,000: several blocks, and equals in each
    alone, together = (exciting_patches(net, "relu_1", x, threads=n) for n in (1, 3))
    for unit in range(3):
        numbers, _, peaks = expected(net, 2, x / np.float32(255), unit, 9)
        for found in (alone[unit], together[unit]):
            np.testing.assert_allclose(found.activations, peaks, rtol=1e-5)
        for name in ("images", "positions", "activations", "patches"):
            one, other = (getattr(found[unit], name) for found in (alone, together))
            np.testing.assert_array_equal(one, other)
        assert (numbers < len(X) * 20).all()


def test_equals_come_in_order():
    net = Sequential([Conv2D(1, 1), Flatten(), Dense(2)], (2, 3, 1))
    net.layers[0].params["kernel"][...] = 1
    x = np.zeros((2500, 2, 3, 1), np.uint8)
    x[[7, 1800, 2400], 1, 1:] = 200
    found = exciting_patches(net, 0, x, count=5)[0]
    assert found.images.tolist() == [7, 1800, 2400]  # the others say 0
    assert found.positions.tolist() == [[1, 1]] * 3


def test_patches_are_what_the_unit_sees():
    net = small()
    found = exciting_patches(net, "conv2d_1", X, units=[2, 0], count=4)
    assert list(found) == [2, 0]
    for patches in found.values():
        assert patches.patches.shape == (4, 3, 3, 1)
        assert patches.patches.dtype == np.uint8
        padded = np.pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))
        for at in range(4):
            row, column = patches.positions[at]
            cut = padded[patches.images[at], row : row + 3, column : column + 3]
            np.testing.assert_array_equal(patches.patches[at], cut)
            assert patches.fields[at] == receptive_field(net, "conv2d_1", (int(row), int(column)))
        kernel = net.layers[0].params["kernel"][..., patches.unit]
        said = (patches.patches / np.float32(255) * kernel).sum(axis=(1, 2, 3))
        np.testing.assert_allclose(said, patches.activations, rtol=1e-4)


def test_a_unit_of_a_vector_sees_the_picture():
    net = small()
    found = exciting_patches(net, "dense_1", X, units=1, count=2)[1]
    assert found.positions.shape == (2, 0)
    np.testing.assert_array_equal(found.patches, X[found.images])
    np.testing.assert_allclose(found.activations, net.outputs(X)[found.images, 1], rtol=1e-5)


def test_a_dead_unit_has_none():
    net = small()
    net.layers[0].params["bias"][1] = -1e3
    found = exciting_patches(net, "relu_1", X, count=3)
    assert len(found[1]) == 0
    assert found[1].patches.shape == (0, 3, 3, 1)
    assert len(found[0]) == len(found[2]) == 3


def test_fewer_pictures_than_asked_for():
    assert len(exciting_patches(small(), "dense_1", X[:2], count=9)[0]) == 2


def test_bad_requests():
    net = small()
    for options, problem in [
        ({"units": 3}, "expected a unit as a whole number .* at most 2, got 3"),
        ({"units": []}, r"expected one or more different units, got \[\]"),
        ({"units": [1, 1]}, r"different units, got \[1, 1\]"),
        ({"count": 0}, "expected a count of patches"),
        ({"threads": 0}, "at least 1 thread"),
    ]:
        with pytest.raises(ConfigError, match=problem):
            exciting_patches(net, "relu_1", X, **options)
    with pytest.raises(ShapeError, match="expected input of shape"):
        exciting_patches(net, "relu_1", X[:, :5])
    with pytest.raises(ShapeError, match="at least one picture"):
        exciting_patches(net, "relu_1", X[:0])
    with pytest.raises(ConfigError, match="uint8 grey levels or as floats, got int64"):
        exciting_patches(net, "relu_1", X.astype(np.int64))
    with pytest.raises(ConfigError, match="finite pixels"):
        exciting_patches(net, "relu_1", np.full((1, 9, 8, 1), np.nan))
    net.layers[0].params["kernel"][0, 0] = np.nan
    with pytest.raises(ConfigError, match="relu_1: expected finite outputs"):
        exciting_patches(net, "relu_1", X)
