"""Weights as pictures: the right weight at the right place."""

from __future__ import annotations

import numpy as np
import pytest

from whynet.errors import ConfigError
from whynet.explain.neurons import weights_as_pictures
from whynet.nn import (
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Network,
    ReLU,
)


def test_convolutions():
    net = Network([Conv2D(4, (2, 3), groups=2), DepthwiseConv2D(2, depth_multiplier=2)], (7, 7, 2))
    first, second = (weights_as_pictures(net, layer) for layer in (0, 1))
    assert first.shape == (4, 2, 3, 1)
    assert second.shape == (8, 2, 2, 1)
    assert first[3, 1, 2, 0] == net.layers[0].params["kernel"][1, 2, 0, 3]
    assert second[5, 0, 1, 0] == net.layers[1].params["kernel"][0, 1, 0, 5]


def test_a_dense_unit_on_the_picture_is_its_weighted_sum():
    net = Network([Flatten(), Dropout(0.5), Dense(3)], (4, 5, 2), dtype=np.float64)
    weights = weights_as_pictures(net, "dense_1")
    x = np.random.default_rng(0).uniform(0, 1, (1, 4, 5, 2))
    assert weights.shape == (3, 4, 5, 2)
    np.testing.assert_allclose((weights * x).sum(axis=(1, 2, 3)), net.forward(x)[0][0])


def test_dense_units_behind_maps_behind_means_and_behind_neurons():
    behind = [Conv2D(3, 2), ReLU(), Flatten(), BatchNormalization(), Dense(4), ReLU(), Dense(2)]
    net = Network(behind, (5, 6, 1))
    maps = weights_as_pictures(net, "dense_1")
    assert maps.shape == (4, 4, 5, 3)
    assert maps[2, 1, 3, 0] == net.layers[4].params["kernel"][(1 * 5 + 3) * 3, 2]
    neurons = weights_as_pictures(net, "dense_2")
    np.testing.assert_array_equal(neurons[:, 0, 0].T, net.layers[6].params["kernel"])
    means = Network([Conv2D(3, 2), GlobalAveragePooling2D(), Dense(2)], (5, 6, 1))
    assert weights_as_pictures(means, "dense_1").shape == (2, 1, 1, 3)
    assert weights_as_pictures(Network([Dense(2)], (7,)), 0).shape == (2, 1, 1, 7)


def test_neurons_as_many_as_their_inputs_are_no_picture():
    net = Network([Flatten(), Dense(6), Dense(2)], (2, 3, 1))
    assert weights_as_pictures(net, "dense_2").shape == (2, 1, 1, 6)


def test_they_are_copies():
    net = Network([Flatten(), Dense(1)], (2, 1, 1))
    weights_as_pictures(net, 1)[...] = 9
    assert (net.layers[1].params["kernel"] != 9).all()


def test_layers_without_weights():
    net = Network([Conv2D(1), BatchNormalization(), Flatten(), Dense(2)], (5, 5, 1))
    for layer in (1, "flatten_1"):
        with pytest.raises(ConfigError, match=r"weighs its inputs \(conv2d_1, dense_1\), got"):
            weights_as_pictures(net, layer)
    with pytest.raises(ConfigError, match=r"\(this net has none\), got 'flatten_1', a Flatten"):
        weights_as_pictures(Network([Flatten()], (2, 2, 1)), 0)
