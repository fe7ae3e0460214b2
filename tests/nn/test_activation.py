from __future__ import annotations

import numpy as np
import pytest

from whynet.nn import Activation, LeakyReLU, Linear, ReLU, Sigmoid, Softmax, Step, Tanh
from whynet.ops.activations import FUNCTIONS

NAMED = [Linear, ReLU, LeakyReLU, Sigmoid, Tanh, Softmax, Step]


@pytest.mark.parametrize("named", NAMED, ids=lambda kind: kind.__name__)
def test_a_named_class_is_the_activation_of_that_name(named):
    layer = named()
    x = np.random.default_rng(0).standard_normal((4, 5))
    y, _ = layer.forward(x)
    right, _ = Activation(layer.function).forward(x)
    np.testing.assert_array_equal(y, right)


def test_every_function_has_a_class():
    assert {named().function for named in NAMED} == FUNCTIONS.keys()


def test_the_slope_of_a_leaky_relu_by_hand():
    layer = LeakyReLU(0.25)
    y, cache = layer.forward(np.array([[-4.0, 8.0]]))
    np.testing.assert_array_equal(y, [[-1, 8]])
    dx, _ = layer.backward(np.array([[2.0, 3.0]]), cache)
    np.testing.assert_array_equal(dx, [[0.5, 3]])


def test_softmax_is_taken_over_channels():
    y, _ = Softmax().forward(np.zeros((2, 3, 4, 5)))
    np.testing.assert_allclose(y, 1 / 5)
