from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from helpers.gradients import apart, assert_gradients
from whynet.errors import NotDifferentiableError
from whynet.ops.activations import FUNCTIONS, Function, leaky_relu

every_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
differentiable = pytest.mark.parametrize(
    "function",
    [f for f in FUNCTIONS.values() if f.name != "step"] + [leaky_relu(0.3)],
    ids=lambda f: f.name,
)

X = np.array([-2.0, -0.5, 0.0, 0.25, 3.0])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("linear", X),
        ("relu", [0, 0, 0, 0.25, 3]),
        ("leaky_relu", [-0.02, -0.005, 0, 0.25, 3]),
        ("sigmoid", special.expit(X)),
        ("tanh", [-0.9640275801, -0.4621171573, 0, 0.2449186624, 0.9950547537]),
        ("softmax", special.softmax(X)),
        ("step", [0, 0, 0, 1, 1]),
    ],
)
def test_values(name, expected):
    np.testing.assert_allclose(FUNCTIONS[name].forward(X), expected, rtol=1e-9, atol=1e-15)


@differentiable
@pytest.mark.parametrize("shape", [(4, 3), (2, 3, 2, 4)], ids=str)
def test_gradients(function: Function, shape):
    rng = np.random.default_rng(0)
    x, dy = apart(rng, shape), rng.standard_normal(shape)
    assert_gradients(
        function.backward(dy, function.forward(x)),
        lambda: float((dy * function.forward(x)).sum()),
        x,
    )


@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_of_the_numbers_is_kept(function: Function, dtype):
    y = function.forward(X.astype(dtype))
    assert y.dtype == dtype
    if function.name != "step":
        assert function.backward(np.ones(5, dtype), y).dtype == dtype


@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_inputs_stay_finite_and_quiet(function: Function, dtype):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        x = np.array([[-1e4, 1e4], [1e4, 1e4], [-1e4, -1e4], [0, 1e4]], dtype)
        y = function.forward(x)
        assert np.isfinite(y).all()
        if function.name != "step":
            assert np.isfinite(function.backward(np.ones_like(x), y)).all()


def test_saturated_ends():
    ends = np.array([-1e4, 1e4], np.float32)
    np.testing.assert_array_equal(FUNCTIONS["sigmoid"].forward(ends), [0, 1])
    np.testing.assert_array_equal(FUNCTIONS["tanh"].forward(ends), [-1, 1])
    np.testing.assert_array_equal(FUNCTIONS["softmax"].forward(ends), [0, 1])


def test_softmax_adds_up_to_one_and_ignores_a_common_shift():
    x = np.random.default_rng(1).standard_normal((5, 7)) * 10
    y = FUNCTIONS["softmax"].forward(x)
    np.testing.assert_allclose(y.sum(axis=-1), 1, rtol=1e-14)
    np.testing.assert_allclose(FUNCTIONS["softmax"].forward(x + 1000), y, rtol=1e-10)


@pytest.mark.parametrize(("name", "slope"), [("relu", 0), ("leaky_relu", 0.01)])
def test_the_kink_counts_as_the_lower_side(name, slope):
    function = FUNCTIONS[name]
    dx = function.backward(np.ones(1), function.forward(np.zeros(1)))
    np.testing.assert_array_equal(dx, [slope])


def test_the_step_refuses_a_gradient_and_says_what_to_do():
    with pytest.raises(NotDifferentiableError, match=r"step function .* use sigmoid, tanh or ReLU"):
        FUNCTIONS["step"].backward(np.ones(3), np.ones(3))
