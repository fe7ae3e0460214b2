"""Means and variances of the initialisers, against their formulas."""

from __future__ import annotations

from math import prod, sqrt

import numpy as np
import pytest

from whynet.nn import INITIALIZERS, Conv2D, Dense, DepthwiseConv2D

VARIANCES = {
    "glorot_normal": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "glorot_uniform": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "he_normal": lambda fan_in, fan_out: 2 / fan_in,
    "he_uniform": lambda fan_in, fan_out: 2 / fan_in,
    "lecun_normal": lambda fan_in, fan_out: 1 / fan_in,
    "standard_normal": lambda fan_in, fan_out: 1,
}


@pytest.mark.parametrize("name", VARIANCES)
@pytest.mark.parametrize(("fan_in", "fan_out"), [(784, 30), (30, 784), (9, 9)])
def test_moments(name, fan_in, fan_out):
    draws = INITIALIZERS[name](np.random.default_rng(0), (400, 250), fan_in, fan_out)
    variance, n = VARIANCES[name](fan_in, fan_out), draws.size
    assert abs(draws.mean()) < 5 * sqrt(variance / n)
    # A normal's sample variance deviates by √(2 / n) of itself, a uniform's by less.
    assert abs(draws.var() / variance - 1) < 5 * sqrt(2 / n)
    bounds = np.abs(draws).max() / sqrt(variance)
    if name.endswith("uniform"):
        assert sqrt(3) * 0.999 < bounds <= sqrt(3)
    else:
        assert bounds > 3.5


@pytest.mark.parametrize(("name", "value"), [("zeros", 0), ("ones", 1)])
def test_constants(name, value):
    np.testing.assert_array_equal(INITIALIZERS[name](np.random.default_rng(0), (3, 2), 1, 1), value)


def test_every_initializer_is_tested():
    assert INITIALIZERS.keys() == VARIANCES.keys() | {"zeros", "ones"}


# With weights of variance 1 / fan_in, a weighted sum of inputs of variance 1 has variance 1.
@pytest.mark.parametrize(
    ("layer", "input_shape", "fan_in", "fan_out"),
    [
        (lambda **o: Dense(300, **o), (200,), 200, 300),
        (lambda **o: Conv2D(64, (3, 5), **o), (8, 8, 32), 3 * 5 * 32, 3 * 5 * 64),
        (lambda **o: Conv2D(64, 3, groups=4, **o), (8, 8, 128), 9 * 32, 9 * 16),
        (lambda **o: DepthwiseConv2D(5, depth_multiplier=4, **o), (8, 8, 256), 25, 25 * 4),
    ],
    ids=["dense", "conv", "grouped", "depthwise"],
)
@pytest.mark.parametrize("name", ["glorot_uniform", "glorot_normal", "he_normal", "lecun_normal"])
def test_layers_count_their_fans(layer, input_shape, fan_in, fan_out, name):
    built = layer(kernel_initializer=name)
    built.build(input_shape, np.random.default_rng(0))
    kernel = built.params["kernel"]
    variance = VARIANCES[name](fan_in, fan_out)
    assert abs(kernel.var() / variance - 1) < 5 * sqrt(2 / kernel.size)
    assert kernel.size == prod(kernel.shape)
    assert kernel.dtype == np.float32


@pytest.mark.parametrize("name", [*VARIANCES, "ones"])
def test_biases_may_be_drawn_too(name):
    layer = Dense(5000, bias_initializer=name)
    layer.build((4,), np.random.default_rng(0))
    variance = 0 if name == "ones" else VARIANCES[name](4, 5000)
    np.testing.assert_allclose(layer.params["bias"].var(), variance, rtol=0.12)


def test_the_seed_decides():
    def kernel(seed: int):
        layer = Dense(5)
        layer.build((4,), np.random.default_rng(seed))
        return layer.params["kernel"]

    np.testing.assert_array_equal(kernel(1), kernel(1))
    assert (kernel(1) != kernel(2)).all()
