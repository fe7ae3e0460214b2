"""Health: units made dead and saturated are found, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from whynet import Sequential
from whynet.errors import ConfigError, ShapeError
from whynet.explain.neurons import unit_health
from whynet.nn import Conv2D, Dense, Flatten, LeakyReLU, Network, ReLU, Sigmoid, Step, Tanh

X = np.random.default_rng(0).integers(0, 256, (100, 5, 5, 1), np.uint8)


def test_dead_units():
    net = Sequential([Conv2D(4, 3), ReLU(), Flatten(), Dense(3), Step(), Dense(2)], (5, 5, 1))
    net.layers[0].params["kernel"][...] = 1
    net.layers[0].params["bias"][:] = 0, -9.5, -4.5, 0  # between 0 and 9 for white
    x = X.copy()
    x[:70] = 0  # for these, only what is above 0 by its bias
    net.layers[0].params["bias"][3] = 0.5
    net.layers[3].params["kernel"][...] = 0
    net.layers[3].params["bias"][:] = 1, -1, 0
    health = unit_health(net, x)
    assert list(health) == ["relu_1", "step_1"]
    relu, step = health.values()
    assert relu.dead.tolist() == [1]
    assert relu.dead_share == 0.25
    assert relu.on[0] == 0.3
    assert relu.on[3] == 1
    y = net.activations(x)["relu_1"]
    np.testing.assert_array_equal(relu.on, (y > 0).any(axis=(1, 2)).mean(axis=0))
    assert step.dead.tolist() == [1, 2]
    assert relu.at_end is step.at_end is None
    assert not len(relu.saturated)
    assert relu.saturated_share == 0


@pytest.mark.parametrize(("bend", "low"), [(Sigmoid, 0), (Tanh, -1)])
def test_saturated_units(bend, low):
    """A unit that follows one pixel: near an end on those pictures where the pixel is."""
    net = Sequential([Flatten(), Dense(4), bend(), Dense(2)], (5, 5, 1))
    dense = net.layers[1]
    dense.params["kernel"][...] = 0
    dense.params["kernel"][0] = 40, 40, 0, 0
    dense.params["bias"][:] = -20, -20, 10, 0
    dense.params["kernel"][0, 1] = 20  # from −20 to 0
    x = np.zeros((20, 5, 5, 1))
    x[:10, 0, 0] = 1
    found = unit_health(net, x)[bend.__name__.lower() + "_1"]
    np.testing.assert_array_equal(found.at_end, [1, 0.5, 1, 0])
    assert found.saturated.tolist() == [0, 2]
    assert found.saturated_share == 0.5
    assert found.on is None
    assert not len(found.dead)
    assert unit_health(net, x, often=0.5)[found.layer].saturated.tolist() == [0, 1, 2]
    y = net.activations(x)[found.layer]
    near = 0.5
    at_end = ((y <= low + near) | (y >= 1 - near)).mean(axis=0)
    np.testing.assert_array_equal(unit_health(net, x, near=near)[found.layer].at_end, at_end)


def test_a_map_is_saturated_where_all_of_it_is():
    net = Sequential([Conv2D(1, 1), Sigmoid(), Flatten(), Dense(2)], (5, 5, 1))
    net.layers[0].params["kernel"][...] = 100
    net.layers[0].params["bias"][:] = -50
    x = np.zeros((2, 5, 5, 1))
    x[1, 2, 2] = 0.5  # one cell of one picture is in the middle
    assert unit_health(net, x)["sigmoid_1"].at_end.tolist() == [0.5]


def test_blocks_and_threads_count_the_same():
    layers = [Conv2D(2, 3), ReLU(), Flatten(), Dense(5), Tanh(), Dense(4), Sigmoid()]
    net = Sequential(layers, (5, 5, 1), seed=1)
    x = np.concatenate([X] * 25)
    one, three = (unit_health(net, x, threads=n) for n in (1, 3))
    assert list(one) == ["relu_1", "tanh_1"]  # answers are meant to be at the ends
    assert one["tanh_1"].often == 0.95
    whole = unit_health(net, X)
    for layer in one:
        for name in ("on", "at_end"):
            np.testing.assert_array_equal(getattr(one[layer], name), getattr(three[layer], name))
    np.testing.assert_allclose(one["relu_1"].on, whole["relu_1"].on)
    np.testing.assert_allclose(one["tanh_1"].at_end, whole["tanh_1"].at_end)


def test_bad_requests():
    net = Sequential([Flatten(), Dense(3), ReLU(), Dense(2)], (5, 5, 1))
    with pytest.raises(ConfigError, match="hidden layer of relu, step, sigmoid, tanh, got none"):
        unit_health(Network([Flatten(), LeakyReLU(), Dense(2), Sigmoid()], (5, 5, 1)), X)
    for options in ({"near": 0}, {"near": 0.6}, {"often": 0}, {"often": 1.1}, {"often": "all"}):
        (name,) = options
        with pytest.raises(ConfigError, match=f"expected {name} as a number"):
            unit_health(net, X, **options)
    with pytest.raises(ShapeError, match="expected input of shape"):
        unit_health(net, X[:, 1:])
    with pytest.raises(ConfigError, match="expected a net such as"):
        unit_health([ReLU()], X)
