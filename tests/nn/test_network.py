from __future__ import annotations

import numpy as np
import pytest

from whynet.errors import ConfigError, NotDifferentiableError, ShapeError
from whynet.nn import BatchNormalization, Conv2D, Dense, Dropout, Flatten, Network, ReLU, Step
from whynet.nn.costs import get_cost


def small(**options) -> Network:
    layers = [Conv2D(2), BatchNormalization(), ReLU(), Dropout(0.5), Flatten(), Dense(3)]
    return Network(layers, (5, 4, 1), **options)


def test_a_perceptron_computes_nand():
    net = Network([Dense(1), Step()], (2,))
    net.weights()["dense_1.kernel"][:] = [[-2], [-2]]
    net.weights()["dense_1.bias"][:] = 3
    truth, _ = net.forward(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32))
    np.testing.assert_array_equal(truth, [[1], [1], [1], [0]])


def test_a_net_of_perceptrons_adds_two_bits():
    """Nielsen, chapter 1: NAND is universal. Sum and carry in two layers of hidden gates."""
    net = Network([Dense(3), Step(), Dense(2), Step()], (2,))
    weights = net.weights()
    # Hidden: OR, NAND and AND; then sum = OR and NAND, carry = AND.
    weights["dense_1.kernel"][:] = [[2, -2, 2], [2, -2, 2]]
    weights["dense_1.bias"][:] = [-1, 3, -3]
    weights["dense_2.kernel"][:] = [[2, 0], [2, 0], [0, 2]]
    weights["dense_2.bias"][:] = [-3, -1]
    both, _ = net.forward(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32))
    np.testing.assert_array_equal(both, [[0, 0], [1, 0], [1, 0], [0, 1]])


def test_a_net_of_perceptrons_cannot_learn_and_says_so():
    net = Network([Dense(3), Step(), Dense(1)], (2,))
    y, caches = net.forward(np.ones((1, 2), np.float32))
    with pytest.raises(NotDifferentiableError, match="step"):
        net.backward(y, caches)


def test_a_net_of_two_layers_by_hand():
    """One step of the chain rule after another, with numbers that a reader can follow."""
    net = Network([Dense(2), ReLU(), Dense(1)], (2,), dtype=np.float64)
    net.parameters[:] = [1, -1, 2, 1, 0, 0.5, 3, -2, 1]
    # z = (1·1 + 2·2, −1·1 + 1·2 + 0.5) = (5, 1.5); y = 3·5 − 2·1.5 + 1 = 13.
    y, caches = net.forward(np.array([[1.0, 2.0]]))
    np.testing.assert_array_equal(y, [[13]])
    costs, dy = get_cost("quadratic").compute(y, np.array([[11.0]]))
    np.testing.assert_array_equal(costs, [2])
    np.testing.assert_array_equal(dy, [[2]])
    # ∂C/∂a = 2 · (3, −2) = (6, −4), both units on; ∂C/∂W₁ = xᵀ(6, −4); ∂C/∂W₂ = 2 · (5, 1.5).
    dx, gradient = net.backward(dy, caches)
    np.testing.assert_array_equal(gradient, [6, -4, 12, -8, 6, -4, 10, 3, 2])
    np.testing.assert_array_equal(dx, [[6 * 1 + -4 * -1, 6 * 2 + -4 * 1]])


def test_all_parameters_lie_in_one_vector():
    net = small()
    assert net.parameters.size == 9 * 2 + 2 + 2 + 2 + 12 * 3 + 3
    assert net.state.size == 4
    for array in net.weights().values():
        assert np.shares_memory(array, net.parameters) or np.shares_memory(array, net.state)
    net.parameters[:] = np.arange(net.parameters.size)
    laid = [array.ravel() for layer in net.layers for array in layer.params.values()]
    np.testing.assert_array_equal(np.concatenate(laid), np.arange(net.parameters.size))
    assert list(net.weights()) == [
        "conv2d_1.kernel",
        "conv2d_1.bias",
        "batchnormalization_1.gamma",
        "batchnormalization_1.beta",
        "batchnormalization_1.mean",
        "batchnormalization_1.variance",
        "dense_1.kernel",
        "dense_1.bias",
    ]


def test_weights_decay_and_nothing_else_does():
    net = small()
    net.parameters[:] = net.decayed
    for name, array in net.weights().items():
        if not name.endswith(("mean", "variance")):
            np.testing.assert_array_equal(array, name.endswith("kernel"))


def test_the_seed_decides_the_weights():
    np.testing.assert_array_equal(small(seed=1).parameters, small(seed=1).parameters)
    assert (small(seed=1).parameters != small(seed=2).parameters).any()


def test_both_widths_start_from_the_same_draws():
    narrow, wide = small(dtype=np.float32), small(dtype=np.float64)
    assert (narrow.dtype, wide.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(narrow.parameters, wide.parameters.astype(np.float32))


class TestGivenWeights:
    """A net may begin with weights that were learnt before, once they are known to fit."""

    def test_they_take_the_place_of_fresh_ones(self):
        net = small(seed=1)
        net.state[:] = [1, 2, 3, 4]
        again = small(weights=net.weights())
        np.testing.assert_array_equal(again.parameters, net.parameters)
        np.testing.assert_array_equal(again.state, net.state)
        assert again.parameters.flags.writeable
        assert not np.shares_memory(again.parameters, net.parameters)
        x = np.ones((2, 5, 4, 1), np.float32)
        np.testing.assert_array_equal(again.forward(x)[0], net.forward(x)[0])

    def test_their_type_becomes_the_nets(self):
        net = small(weights=small(seed=1, dtype=np.float64).weights())
        assert net.dtype == np.float32
        np.testing.assert_array_equal(net.parameters, small(seed=1).parameters)

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"dense_1.bias": None}, "dense_1.bias is missing"),
            ({"batchnormalization_1.mean": None}, "batchnormalization_1.mean is missing"),
            ({"dense_9.bias": np.zeros(3)}, "dense_9.bias belongs to no layer"),
            ({"dense_1.bias": np.zeros(4)}, r"dense_1.bias: expected \(3,\), got \(4,\)"),
            ({"dense_1.bias": np.zeros((1, 3))}, r"expected \(3,\), got \(1, 3\)"),
        ],
    )
    def test_those_that_do_not_fit(self, change, message):
        weights = {k: v for k, v in (small().weights() | change).items() if v is not None}
        with pytest.raises(ShapeError, match=message):
            small(weights=weights)

    @pytest.mark.parametrize("shape", [[10], [10**9], [10**30]], ids=str)
    @pytest.mark.parametrize("units", [10**9, 10**12, 10**30])
    def test_an_absurd_claim_costs_no_memory(self, shape, units):
        config = {"input_shape": shape, "layers": [{"type": "Dense", "units": units}]}
        with pytest.raises(ShapeError, match=r"is missing|that a computer can hold"):
            Network.from_config(config, weights={})


def test_names_are_given_in_order_and_chosen_ones_kept():
    net = Network([Dense(2), Dense(2, name="middle"), ReLU(), Dense(2)], (2,))
    assert [layer.name for layer in net.layers] == ["dense_1", "middle", "relu_1", "dense_2"]


def test_a_net_without_parameters():
    net = Network([Flatten(), ReLU()], (2, 2, 1))
    assert net.parameters.size == net.state.size == net.decayed.size == 0
    y, caches = net.forward(np.ones((1, 2, 2, 1), np.float32))
    dx, gradient = net.backward(y, caches)
    assert gradient.size == 0
    np.testing.assert_array_equal(dx, np.ones((1, 2, 2, 1)))


def test_a_net_is_random_if_a_layer_is():
    assert small().random
    assert not Network([Dense(2)], (2,)).random


def test_running_moments_follow_what_a_step_met():
    net, x = small(dtype=np.float64), np.random.default_rng(0).standard_normal((6, 5, 4, 1))
    conv, normalization = net.layers[:2]
    met = normalization.moments(conv.forward(x)[0])
    net.forward(x, training=True, rng=np.random.default_rng(0))
    np.testing.assert_array_equal(net.state, [0, 0, 1, 1])
    net.remember([met])
    count, total, squares = met
    np.testing.assert_allclose(net.state[:2], 0.1 * total / count)
    variance = (squares / count - (total / count) ** 2) * count / (count - 1)
    np.testing.assert_allclose(net.state[2:], 0.9 + 0.1 * variance)


def test_automatic_names_step_aside_for_chosen_ones():
    net = Network([Dense(2, name="dense_1"), Dense(2), Dense(2)], (3,))
    assert [layer.name for layer in net.layers] == ["dense_1", "dense_2", "dense_3"]


def test_a_layer_belongs_to_one_net():
    layers = [Dense(2), Dense(3)]
    with pytest.raises(ShapeError):
        Network(layers, (2, 2))  # does not fit, so the layers are still free
    first = Network(layers, (4,))
    before = first.parameters.copy()
    with pytest.raises(ConfigError, match="'dense_1' is part of a net already"):
        Network(first.layers[:1], (4,))
    np.testing.assert_array_equal(first.parameters, before)


@pytest.mark.parametrize("layer", [Dense, Conv2D])
def test_a_word_is_no_switch(layer):
    with pytest.raises(ConfigError, match="use_bias to be true or false, got 'false'"):
        layer(2, use_bias="false")
