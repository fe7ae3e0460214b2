"""One update of a two-layer sigmoid net, worked out by hand, number by number."""

import numpy as np
import pytest

from whynet import Dense, Recipe, Sequential, Sigmoid
from whynet.optim import SGD


def test_one_update_of_a_two_layer_net() -> None:
    """The net of M. Mazur, "A step by step backpropagation example" (2015), biases learnt too.

                x = (0.05, 0.10)                       target y = (0.01, 0.99), rate η = 0.5
                W¹ = | 0.15  0.25 |  b¹ = (0.35, 0.35)      W² = | 0.40  0.50 |  b² = (0.60, 0.60)
                     | 0.20  0.30 |                              | 0.45  0.55 |
                (rows: where from; columns: where to)

    Forward, σ(z) = 1 / (1 + e^−z):
        z¹₁ = 0.05·0.15 + 0.10·0.20 + 0.35 = 0.3775        a¹₁ = 0.593269992
        z¹₂ = 0.05·0.25 + 0.10·0.30 + 0.35 = 0.3925        a¹₂ = 0.596884378
        z²₁ = 0.593269992·0.40 + 0.596884378·0.45 + 0.60 = 1.105905967    a²₁ = 0.751365070
        z²₂ = 0.593269992·0.50 + 0.596884378·0.55 + 0.60 = 1.224921404    a²₂ = 0.772928465
    Quadratic cost ½ ‖y − a²‖²:
        ½ (0.741365070² + 0.217071535²) = 0.274811083 + 0.023560026 = 0.298371109
    Backward, δ² = (a² − y) ⊙ a²(1 − a²):
        δ²₁ =  0.741365070 · 0.186815602 =  0.138498562
        δ²₂ = −0.217071535 · 0.175510053 = −0.038098237
    δ¹ = (W² δ²) ⊙ a¹(1 − a¹):
        δ¹₁ = (0.40·0.138498562 − 0.50·0.038098237) · 0.241300709 = 0.036350306 · 0.241300709
            = 0.008771354
        δ¹₂ = (0.45·0.138498562 − 0.55·0.038098237) · 0.240613417 = 0.041370323 · 0.240613417
            = 0.009954255
    New weights, w − η · a · δ (a: what comes in, δ: of where it goes):
        W²₁₁ = 0.40 − 0.5 · 0.593269992 ·  0.138498562 = 0.40 − 0.041083520 = 0.358916480
        W²₂₁ = 0.45 − 0.5 · 0.596884378 ·  0.138498562 = 0.45 − 0.041333814 = 0.408666186
        W²₁₂ = 0.50 − 0.5 · 0.593269992 · −0.038098237 = 0.50 + 0.011301270 = 0.511301270
        W²₂₂ = 0.55 − 0.5 · 0.596884378 · −0.038098237 = 0.55 + 0.011370121 = 0.561370121
        b²   = (0.60 − 0.5 · 0.138498562, 0.60 + 0.5 · 0.038098237) = (0.530750719, 0.619049118)
        W¹₁₁ = 0.15 − 0.5 · 0.05 · 0.008771354 = 0.149780716
        W¹₂₁ = 0.20 − 0.5 · 0.10 · 0.008771354 = 0.199561432
        W¹₁₂ = 0.25 − 0.5 · 0.05 · 0.009954255 = 0.249751144
        W¹₂₂ = 0.30 − 0.5 · 0.10 · 0.009954255 = 0.299502287
        b¹   = (0.35 − 0.5 · 0.008771354, 0.35 − 0.5 · 0.009954255) = (0.345614323, 0.345022873)
    """
    start = {
        "hidden.kernel": np.array([[0.15, 0.25], [0.20, 0.30]]),
        "hidden.bias": np.array([0.35, 0.35]),
        "output.kernel": np.array([[0.40, 0.50], [0.45, 0.55]]),
        "output.bias": np.array([0.60, 0.60]),
    }
    layers = [Dense(2, name="hidden"), Sigmoid(), Dense(2, name="output"), Sigmoid()]
    net = Sequential(layers, (2,), dtype=np.float64, weights=start)
    recipe = Recipe(cost="quadratic", optimizer=SGD(lr=0.5), epochs=1, batch_size=1)
    x, y = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])
    np.testing.assert_allclose(net.outputs(x), [[0.751365070, 0.772928465]], atol=1e-9)

    history = net.train(x, y, recipe, threads=1)

    assert history["cost"] == [pytest.approx(0.298371109, abs=1e-8)]
    after = {
        "hidden.kernel": [[0.149780716, 0.249751144], [0.199561432, 0.299502287]],
        "hidden.bias": [0.345614323, 0.345022873],
        "output.kernel": [[0.358916480, 0.511301270], [0.408666186, 0.561370121]],
        "output.bias": [0.530750719, 0.619049118],
    }
    for name, array in net.weights().items():
        np.testing.assert_allclose(array, after[name], rtol=0, atol=1e-8, err_msg=name)


def test_l2_adds_its_share_to_cost_and_gradient() -> None:
    """One linear unit beside one that is right at 0, w = 2, b = 1, x = 3, y = 0, λ = 0.1, η = 0.01.

    a = 7; cost ½·7² + ½·0.1·2² = 24.5 + 0.2 = 24.7
    w ← 2 − 0.01 · (7·3 + 0.1·2) = 2 − 0.212 = 1.788; b ← 1 − 0.01·7 = 0.93, not shrunk.
    """
    start = {"unit.kernel": np.array([[2.0, 0.0]]), "unit.bias": np.array([1.0, 0.0])}
    net = Sequential([Dense(2, name="unit")], (1,), dtype=np.float64, weights=start)
    recipe = Recipe(cost="quadratic", optimizer=SGD(lr=0.01), epochs=1, l2=0.1)
    history = net.train(np.array([[3.0]]), np.array([[0.0, 0.0]]), recipe, threads=1)
    assert history["cost"] == [pytest.approx(24.7)]
    np.testing.assert_allclose(net.parameters, [1.788, 0, 0.93, 0], rtol=1e-12)


def test_a_batch_is_averaged_and_l2_is_not_counted_once_an_example() -> None:
    """The same units and three equal examples: the same average, so the same update."""
    start = {"unit.kernel": np.array([[2.0, 0.0]]), "unit.bias": np.array([1.0, 0.0])}
    net = Sequential([Dense(2, name="unit")], (1,), dtype=np.float64, weights=start)
    recipe = Recipe(cost="quadratic", optimizer=SGD(lr=0.01), epochs=1, batch_size=None, l2=0.1)
    history = net.train(np.full((3, 1), 3.0), np.zeros((3, 2)), recipe, threads=1)
    assert history["cost"] == [pytest.approx(24.7)]
    np.testing.assert_allclose(net.parameters, [1.788, 0, 0.93, 0], rtol=1e-12)
