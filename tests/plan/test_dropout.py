"""Dropout in plans: its rate, its scale, and one mask for both directions."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.plans import alone, ask, teach
from whynet.nn import Conv2D, Dense, Dropout, Flatten, Network
from whynet.plan import Plan


def drop(rate: float, shape, n: int, rng, dtype=np.float32):
    """What dropout makes of ones, in a net of its own."""
    net = Network([Dropout(rate)], shape, dtype=dtype)
    plan = Plan(net, n, training=True)
    plan.x[...] = 1
    alone(plan.forward_shard(rng))
    return plan.y.copy()


@pytest.mark.parametrize("shape", [(1000,), (25, 20, 2)], ids=str)
@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
def test_rate_and_scale(rate, shape):
    y = drop(rate, shape, 100, np.random.default_rng(1))
    kept = y != 0
    deviation = np.sqrt(rate * (1 - rate) / y.size)
    assert abs(1 - kept.mean() - rate) < 4 * deviation
    # Sixteen bits decide, so the rate that is met differs by up to 2⁻¹⁷, and the scale with it.
    np.testing.assert_allclose(y[kept], 1 / (1 - rate), rtol=2**-16 / (1 - rate))
    # Every unit and every example has its chance.
    by_unit, by_example = kept.mean(axis=0), kept.reshape(100, -1).mean(axis=1)
    assert np.abs(by_unit - (1 - rate)).max() < 6 * np.sqrt(rate * (1 - rate) / 100)
    units = y.size / 100
    assert np.abs(by_example - (1 - rate)).max() < 6 * np.sqrt(rate * (1 - rate) / units)


def test_units_are_silenced_independently():
    """Neighbours, which take their bits from one random word, are no more alike than others."""
    kept = (drop(0.5, (4096,), 64, np.random.default_rng(2)) != 0).astype(float) - 0.5
    for step in (1, 2, 3, 4, 8):
        together = (kept[:, step:] * kept[:, :-step]).mean() * 4
        assert abs(together) < 5 / np.sqrt(kept.size)
    assert abs((kept[1:] * kept[:-1]).mean() * 4) < 5 / np.sqrt(kept.size)


@pytest.mark.parametrize("rate", [0.0, 1e-7, 1 - 1e-7])
def test_rates_at_the_ends(rate):
    y = drop(rate, (500,), 4, np.random.default_rng(3), np.float64)
    assert np.isfinite(y).all()
    if rate < 0.5:
        np.testing.assert_allclose(y, 1, rtol=1e-4)


def test_the_generator_decides():
    def drawn(seed):
        return drop(0.5, (300,), 9, np.random.default_rng(seed))

    np.testing.assert_array_equal(drawn(4), drawn(4))
    assert (drawn(4) != drawn(5)).any()


def test_every_pass_draws_anew():
    net = Network([Dropout(0.5)], (300,))
    plan, rng, seen = Plan(net, 2, training=True), np.random.default_rng(6), []
    for _ in range(2):
        plan.x[...] = 1
        alone(plan.forward_shard(rng))
        seen.append(plan.y.copy())
    assert (seen[0] != seen[1]).any()


@pytest.mark.parametrize("n", [5, 20])
def test_the_mask_is_the_same_both_ways(n):
    """The bias in front of dropout collects what the mask lets through."""
    net = Network([Dense(40), Dropout(0.5)], (n,), dtype=np.float64)
    kernel, bias = net.layers[0].params["kernel"], net.layers[0].params["bias"]
    kernel[...], bias[...] = 0, 1
    plan = Plan(net, n, training=True)
    # Every example is its own unit vector: the kernel's gradient is dy · mask, row by row.
    y, gradient = teach(plan, np.eye(n), np.ones((n, 40)), np.random.default_rng(8))
    grads = net.by_layer(gradient)[0]
    np.testing.assert_array_equal(grads["kernel"], y)
    np.testing.assert_allclose(grads["bias"], y.sum(axis=0), rtol=1e-12)


def test_the_mask_is_the_same_both_ways_on_maps_in_lanes():
    """With y = k · x · mask, and dy = 1: dk = Σ x · mask."""
    net = Network(
        [
            Conv2D(1, 1, use_bias=False),
            Dropout(0.5),
            Conv2D(1, 3, algorithm="winograd"),
            Flatten(),
            Dense(1),
        ],
        (6, 6, 1),
        dtype=np.float64,
    )
    net.layers[0].params["kernel"][...] = 1
    rng = np.random.default_rng(9)
    plan = Plan(net, 19, training=True)
    x = rng.standard_normal((19, 6, 6, 1))
    _, gradient = teach(plan, x, np.ones((19, 1)), np.random.default_rng(10))
    # The net is linear in its first weight, so that dk · k is what came out, biases aside.
    net.layers[2].params["bias"][...] = net.layers[4].params["bias"][...] = 0
    y, _ = teach(plan, x, np.ones((19, 1)), np.random.default_rng(10))
    np.testing.assert_allclose(gradient[0], y.sum(), rtol=1e-10)


def test_prediction_silences_nobody():
    net = Network([Dropout(0.5), Dense(3), Dropout(0.9)], (4,), dtype=np.float64)
    x = np.random.default_rng(0).standard_normal((6, 4))
    y, _ = net.forward(x)
    np.testing.assert_allclose(ask(Plan(net, 6, training=False), x), y, rtol=1e-12)
