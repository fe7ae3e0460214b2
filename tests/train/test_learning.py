"""Nets learn: from the smallest problem that needs a hidden layer to handwriting."""

from copy import deepcopy

import numpy as np
import pytest

from whynet import (
    SGD,
    Adam,
    Conv2D,
    Dense,
    Flatten,
    MaxPooling2D,
    Recipe,
    ReLU,
    RMSProp,
    Sequential,
    Sigmoid,
    Softmax,
    load,
    load_preset,
)
from whynet.data.strokes import tiny_ticks
from whynet.optim import Optimizer

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
XOR = np.array([0, 1, 1, 0])


@pytest.mark.parametrize(
    "optimizer",
    [SGD(lr=2.0), SGD(lr=0.5, momentum=0.9, nesterov=True), RMSProp(lr=0.02), Adam(lr=0.03)],
    ids=repr,
)
def test_xor(optimizer: Optimizer) -> None:
    """Minsky and Papert's: one layer cannot, two can."""
    net = Sequential([Dense(6, kernel_initializer="standard_normal"), Sigmoid(), Dense(2)], (2,))
    recipe = Recipe(optimizer=optimizer, epochs=600, batch_size=None)
    history = net.train(CORNERS, XOR, recipe, threads=1)
    assert net.predict(CORNERS).tolist() == XOR.tolist()
    assert history["cost"][-1] < 0.1


def test_xor_is_beyond_one_layer() -> None:
    net = Sequential([Dense(2)], (2,))
    net.train(CORNERS, XOR, Recipe(optimizer=Adam(lr=0.05), epochs=400), threads=1)
    assert net.evaluate(CORNERS, XOR).accuracy <= 0.75


@pytest.mark.parametrize(
    ("cost", "end"),
    [
        ("softmax_cross_entropy", []),
        ("sigmoid_cross_entropy", []),
        ("quadratic", [Sigmoid()]),
        ("quadratic", [Softmax()]),
    ],
)
def test_every_cost_can_be_learnt_by(cost: str, end: list) -> None:
    images, labels = tiny_ticks(200, seed=1)
    net = Sequential([Flatten(), Dense(16), Sigmoid(), Dense(2), *deepcopy(end)], (9, 9, 1))
    recipe = Recipe(cost=cost, optimizer=Adam(lr=0.02), epochs=15, batch_size=20)
    net.train(images, labels, recipe, threads=1)
    assert net.evaluate(*tiny_ticks(200, seed=2)).accuracy > 0.9


def test_nielsens_net_reads_strokes() -> None:
    """His net, his cost, his rate, on a thirtieth of his data: still far above one in ten."""
    preset = load_preset("sigmoid-30")
    digits = load("strokes", examples=2000)
    net = preset.build()
    recipe = Recipe.from_config({**preset.recipe.config(), "epochs": 10})
    net.train(digits.images, digits.labels, recipe, threads=2)
    test = load("strokes", split="test", examples=500)
    assert net.evaluate(digits.images, digits.labels).accuracy > 0.7
    assert net.evaluate(test.images, test.labels).accuracy > 0.5


def test_convolutions_tell_ticks_from_crosses() -> None:
    ticks = load("ticks", examples=1200)
    net = Sequential(
        [
            Conv2D(6, 5, strides=2, kernel_initializer="he_normal"),
            ReLU(),
            MaxPooling2D(),
            Conv2D(8, 3, kernel_initializer="he_normal"),
            ReLU(),
            Flatten(),
            Dense(2),
        ],
        classes=ticks.classes,
    )
    recipe = Recipe(optimizer=Adam(lr=0.005), epochs=6, batch_size=32)
    net.train(ticks.images, ticks.labels, recipe, threads=2)
    test = load("ticks", split="test", examples=500)
    assert net.evaluate(test.images, test.labels).accuracy > 0.95
