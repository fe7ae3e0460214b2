from __future__ import annotations

import numpy as np
import pytest

from whynet.nn import BatchNormalization


def normalization(channels: int = 3, dtype=np.float64, **options) -> BatchNormalization:
    layer = BatchNormalization(name="bn", **options)
    layer.build((4, 5, channels), np.random.default_rng(0), dtype)
    return layer


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((8, 4, 5, 3)) * [1, 5, 0.1] + [0, 3, -2]


def test_training_brings_every_channel_to_mean_0_and_variance_1(x):
    y, _ = normalization(epsilon=1e-12).forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 1, 2)), 1, rtol=1e-8)


def test_gamma_and_beta_choose_another_mean_and_spread(x):
    layer = normalization(epsilon=1e-12)
    layer.params["gamma"][:], layer.params["beta"][:] = [1, -2, 3], [4, 5, 6]
    y, _ = layer.forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), [4, 5, 6])
    np.testing.assert_allclose(y.std(axis=(0, 1, 2)), [1, 2, 3])


def test_prediction_uses_the_running_moments(x):
    layer = normalization(epsilon=0.5)
    layer.state["mean"][:], layer.state["variance"][:] = [1, 2, 3], [4, 5, 6]
    y, _ = layer.forward(x)
    np.testing.assert_allclose(y, (x - [1, 2, 3]) / np.sqrt([4.5, 5.5, 6.5]))


def test_remembering_moves_the_running_moments_by_hand():
    layer = normalization(1, momentum=0.75)
    # Five numbers with mean 3, sum of squared deviations 10: variance 2, unbiased 2.5.
    layer.remember(layer.moments(np.arange(1.0, 6.0).reshape(5, 1)))
    np.testing.assert_allclose(layer.state["mean"], 0.75 * 0 + 0.25 * 3)
    np.testing.assert_allclose(layer.state["variance"], 0.75 * 1 + 0.25 * 2.5)


def test_remembering_writes_into_the_nets_own_vector(x):
    layer = normalization()
    arrays = dict(layer.state)
    layer.remember(layer.moments(x))
    assert all(layer.state[name] is array for name, array in arrays.items())


def test_moments_of_parts_add_up(x):
    layer = normalization()
    whole = layer.moments(x)
    np.testing.assert_allclose(whole[0], 160)
    np.testing.assert_allclose(whole[1], x.sum(axis=(0, 1, 2)))
    np.testing.assert_allclose(whole[2], (x**2).sum(axis=(0, 1, 2)))
    np.testing.assert_allclose(layer.moments(x[:3]) + layer.moments(x[3:]), whole, rtol=1e-12)


def test_a_small_variance_beside_a_large_mean_survives_float32():
    x = np.random.default_rng(2).normal(1000, 0.1, (64, 4, 5, 3)).astype(np.float32)
    layer = normalization(dtype=np.float32)
    count, total, squares = layer.moments(x[:20]) + layer.moments(x[20:])
    variance = squares / count - (total / count) ** 2
    np.testing.assert_allclose(variance, x.astype(np.float64).var(axis=(0, 1, 2)), rtol=1e-3)


def test_a_constant_channel_neither_divides_by_0_nor_roots_a_negative():
    x = np.full((8, 4, 5, 3), 0.1, np.float32)
    layer = normalization(dtype=np.float32)
    with np.errstate(all="raise"):
        y, cache = layer.forward(x, training=True)
        dx, _ = layer.backward(np.ones_like(y), cache)
    np.testing.assert_allclose(y, 0, atol=1e-3)
    assert np.isfinite(dx).all()


def test_a_single_number_can_be_normalised_and_remembered():
    layer = normalization(1)
    x = np.full((1, 1), 7.0)
    y, _ = layer.forward(x, training=True)
    np.testing.assert_array_equal(y, 0)
    layer.remember(layer.moments(x))
    assert np.isfinite(layer.state["variance"]).all()


def test_decay_leaves_it_alone_and_the_batch_is_spanned():
    assert BatchNormalization.decayed == ()
    assert BatchNormalization.spans_batch
