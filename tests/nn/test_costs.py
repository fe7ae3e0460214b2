from __future__ import annotations

import numpy as np
import pytest

from whynet.nn.costs import COSTS, as_targets, get_cost, normalized


def test_a_cost_by_name_or_as_it_is():
    cost = get_cost("quadratic")
    assert cost is COSTS["quadratic"]
    assert get_cost(cost) is cost


@pytest.mark.parametrize("name", COSTS)
def test_every_cost_knows_its_name(name):
    assert COSTS[name].name == name


@pytest.mark.parametrize("name", COSTS)
def test_outputs_become_probabilities(name):
    outputs = np.random.default_rng(0).standard_normal((20, 5)) * 3
    probabilities = COSTS[name].probabilities(outputs)
    assert (probabilities >= 0).all()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    # The best output stays the best answer.
    likeliest = outputs.max(axis=1) > 0
    np.testing.assert_array_equal(
        probabilities.argmax(axis=1)[likeliest], outputs.argmax(axis=1)[likeliest]
    )


def test_scores_are_normalised_by_hand():
    rows = np.array([[1.0, 3.0, 0.0, 0.0], [-1.0, 2.0, -3.0, 2.0], [-1.0, 0.0, 0.0, -2.0]])
    expected = [[0.25, 0.75, 0, 0], [0, 0.5, 0, 0.5], [0.25] * 4]
    np.testing.assert_array_equal(normalized(rows), expected)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_labels_become_rows(dtype):
    targets = as_targets(np.array([1, 0], dtype), 3)
    np.testing.assert_array_equal(targets, [[0, 1, 0], [1, 0, 0]])
    assert targets.dtype == np.float32


def test_rows_stay_rows():
    soft = [[0.5, 0.5], [1, 0]]
    targets = as_targets(np.array(soft), 2, np.float64)
    np.testing.assert_array_equal(targets, soft)
    assert targets.dtype == np.float64


def test_no_labels_are_no_rows():
    assert as_targets(np.array([], np.int64), 3).shape == (0, 3)
