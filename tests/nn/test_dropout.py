from __future__ import annotations

import numpy as np
import pytest

from whynet.errors import ConfigError
from whynet.nn import Dropout


def dropout(rate: float, shape=(50,)) -> Dropout:
    layer = Dropout(rate, name="dropout_1")
    layer.build(shape, np.random.default_rng(0))
    return layer


def drop(layer: Dropout, x, seed: int = 0):
    return layer.forward(x, training=True, rng=np.random.default_rng(seed))


def test_prediction_passes_everything():
    layer, x = dropout(0.9), np.ones((4, 50), np.float32)
    y, cache = layer.forward(x, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(layer.backward(x * 3, cache)[0], x * 3)


def test_units_are_silenced_or_made_louder():
    y, _ = drop(dropout(0.75), np.full((100, 50), 2, np.float32))
    assert set(np.unique(y)) == {0, 8}


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.5, 0.9])
def test_the_expected_value_is_kept(rate):
    y, _ = drop(dropout(rate), np.ones((4000, 50), np.float32))
    # The mean of 200,000 draws of variance rate / (1 − rate), within five deviations.
    assert abs(y.mean() - 1) < 5 * np.sqrt(rate / (1 - rate) / y.size)
    assert abs((y == 0).mean() - rate) < 5 * np.sqrt(rate * (1 - rate) / y.size)


def test_the_way_back_goes_through_the_same_units():
    layer = dropout(0.5)
    y, cache = drop(layer, np.ones((20, 50)))
    dx, grads = layer.backward(np.full((20, 50), 3.0), cache)
    np.testing.assert_array_equal(dx, 3 * y)
    assert grads == {}


def test_the_seed_decides_who_is_silenced():
    layer, x = dropout(0.5), np.ones((20, 50), np.float32)
    one, same, other = (drop(layer, x, seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).mean() > 0.4
    # Examples differ from each other, and so do units.
    assert len(np.unique(one, axis=0)) == 20
    assert len(np.unique(one, axis=1).T) == 50


def test_both_widths_silence_the_same_units():
    layer = dropout(0.5)
    narrow, wide = (drop(layer, np.ones((20, 50), dtype))[0] for dtype in (np.float32, np.float64))
    np.testing.assert_array_equal(narrow, wide)


def test_the_input_is_not_written_to():
    x = np.ones((20, 50), np.float32)
    x.flags.writeable = False
    y, cache = drop(dropout(0.5), x)
    assert not np.shares_memory(x, y)
    assert not np.shares_memory(x, cache)


def test_rate_0_needs_no_randomness():
    layer, x = dropout(0), np.ones((4, 50), np.float32)
    y, cache = layer.forward(x, training=True)
    np.testing.assert_array_equal(y, x)
    np.testing.assert_array_equal(layer.backward(x, cache)[0], x)


def test_training_without_a_generator_is_refused():
    with pytest.raises(ConfigError, match="dropout_1: expected a random generator"):
        dropout(0.5).forward(np.ones((1, 50)), training=True)
