from __future__ import annotations

import numpy as np
import pytest

from whynet.ops import costs

EVERY = [costs.softmax_cross_entropy, costs.sigmoid_cross_entropy, costs.quadratic]


def test_one_hot():
    rows = costs.one_hot(np.array([2, 0]), 3)
    np.testing.assert_array_equal(rows, [[0, 0, 1], [1, 0, 0]])
    assert rows.dtype == np.float32
    assert costs.one_hot(np.array([], int), 3, np.float64).shape == (0, 3)


def test_softmax_cross_entropy_by_hand():
    each, gradient = costs.softmax_cross_entropy(
        np.log([[1.0, 2.0, 5.0], [1.0, 1.0, 2.0]]), np.eye(3)[[2, 0]]
    )
    np.testing.assert_allclose(each, -np.log([5 / 8, 1 / 4]))
    np.testing.assert_allclose(gradient, [[1 / 8, 1 / 4, 5 / 8 - 1], [1 / 4 - 1, 1 / 4, 1 / 2]])


def test_sigmoid_cross_entropy_by_hand():
    # σ(log 3) = 3/4 and σ(0) = 1/2.
    each, gradient = costs.sigmoid_cross_entropy(
        np.array([[np.log(3), 0.0], [np.log(3), 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    )
    np.testing.assert_allclose(each, -np.log([3 / 4 * 1 / 2, 1 / 4 * 1 / 2]))
    np.testing.assert_allclose(gradient, [[-1 / 4, 1 / 2], [3 / 4, -1 / 2]])


def test_quadratic_by_hand():
    each, gradient = costs.quadratic(np.array([[1.0, 2.0], [0.0, 0.5]]), np.eye(2))
    np.testing.assert_array_equal(each, [2, 0.125])
    np.testing.assert_array_equal(gradient, [[0, 2], [0, -0.5]])


@pytest.mark.parametrize("cost", EVERY)
def test_costs_are_of_single_examples_whatever_the_batch(cost):
    rng = np.random.default_rng(0)
    outputs, targets = rng.standard_normal((6, 4)), np.eye(4)[rng.integers(0, 4, 6)]
    each, gradient = cost(outputs, targets)
    assert each.shape == (6,)
    assert gradient.shape == (6, 4)
    for i in range(6):
        alone, slope = cost(outputs[i : i + 1], targets[i : i + 1])
        np.testing.assert_allclose(alone, each[i : i + 1], rtol=1e-14)
        np.testing.assert_allclose(slope, gradient[i : i + 1], rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("cost", EVERY)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_inputs_are_left_alone_and_their_type_kept(cost, dtype):
    outputs, targets = np.array([[0.5, -1.0]], dtype), np.array([[0.0, 1.0]], dtype)
    outputs.flags.writeable = targets.flags.writeable = False
    each, gradient = cost(outputs, targets)
    assert each.dtype == gradient.dtype == dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_logits_stay_finite_exact_and_quiet(dtype):
    logits = np.array([[1e4, -1e4], [1e4, -1e4], [1e4, 1e4]], dtype)
    targets = np.array([[1, 0], [0, 1], [1, 0]], dtype)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        each, gradient = costs.softmax_cross_entropy(logits, targets)
        np.testing.assert_allclose(each, [0, 2e4, np.log(2)], rtol=1e-6)
        np.testing.assert_allclose(gradient, [[0, 0], [1, -1], [-0.5, 0.5]], atol=1e-7)
        each, gradient = costs.sigmoid_cross_entropy(logits, targets)
        np.testing.assert_allclose(each, [0, 2e4, 1e4], rtol=1e-6)
        np.testing.assert_allclose(gradient, [[0, 0], [1, -1], [0, 1]], atol=1e-7)


@pytest.mark.parametrize("sure", [5.0, 20.0, 40.0])
def test_confident_answers_keep_their_costs(sure):
    """A logarithm of probabilities that were rounded first would be 0, or infinite."""
    wrong, _ = costs.softmax_cross_entropy(np.array([[sure, 0.0]]), np.array([[0.0, 1.0]]))
    np.testing.assert_allclose(wrong, sure + np.log1p(np.exp(-sure)), rtol=1e-14)
    right, _ = costs.sigmoid_cross_entropy(np.array([[sure]]), np.array([[1.0]]))
    np.testing.assert_allclose(right, np.log1p(np.exp(-sure)), rtol=1e-14)
