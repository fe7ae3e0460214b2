"""Recipes: plain values and back, and what makes no sense."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whynet import SGD, Adam, AdamW, Augmentation, Recipe, RMSProp
from whynet.errors import ConfigError
from whynet.nn.costs import COSTS
from whynet.optim import Constant, Cosine, OneCycle, ReduceOnPlateau, StepDecay

recipes = st.builds(
    Recipe,
    cost=st.sampled_from(sorted(COSTS)),
    optimizer=st.sampled_from(
        [SGD(lr=3.0), SGD(momentum=0.5, nesterov=True), RMSProp(rho=0.5), Adam(), AdamW(lr=0.1)]
    ),
    schedule=st.sampled_from(
        [Constant(), StepDecay(3), Cosine(0.1), OneCycle(), ReduceOnPlateau()]
    ),
    epochs=st.integers(0, 1000),
    batch_size=st.none() | st.integers(1, 1000),
    l2=st.floats(0, 1),
    augment=st.none() | st.builds(Augmentation, shift=st.floats(0, 9), elastic=st.floats(0, 9)),
    seed=st.integers(0, 2**64),
)


@given(recipes)
def test_plain_values_and_back(recipe: Recipe) -> None:
    assert Recipe.from_config(json.loads(json.dumps(recipe.config()))) == recipe


def test_what_is_left_out_takes_its_default() -> None:
    assert Recipe.from_config({}) == Recipe()
    short = Recipe.from_config({"optimizer": "sgd", "schedule": "cosine", "batch_size": "full"})
    assert short == Recipe(optimizer=SGD(), schedule=Cosine(), batch_size=None)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"epochs": -1},
            "epochs as a whole number of at least 0, at most 1,000,000,000, got -1",
        ),
        (
            {"epochs": 2.5},
            "epochs as a whole number of at least 0, at most 1,000,000,000, got 2.5",
        ),
        (
            {"epochs": True},
            "epochs as a whole number of at least 0, at most 1,000,000,000, got True",
        ),
        (
            {"epochs": None},
            "epochs as a whole number of at least 0, at most 1,000,000,000, got None",
        ),
        ({"batch_size": 0}, "recipe: expected batch_size as a whole number of at least 1, got 0"),
        (
            {"batch_size": "all"},
            "expected batch_size as a whole number of at least 1, got 'all'",
        ),
        ({"seed": -1}, "recipe: expected seed as a whole number of at least 0, got -1"),
        ({"l2": -0.1}, "recipe: expected l2 as a number of at least 0, got -0.1"),
        ({"l2": float("nan")}, "recipe: expected l2 as a number of at least 0, got nan"),
        ({"l2": "much"}, "recipe: expected l2 as a number of at least 0, got 'much'"),
        ({"epochs": 10**30}, "recipe: expected epochs as a whole number of at least 0, at most"),
        ({"cost": ["quadratic"]}, "got ['quadratic']"),
        ({"cost": "mse"}, "expected a cost of softmax_cross_entropy, sigmoid_cross_entropy, quad"),
        ({"optimizer": 3}, "expected optimizer as a name or a table with a type, got 3"),
        ({"optimizer": {"lr": 1}}, "expected optimizer as a name or a table with a type"),
        ({"optimizer": {"type": "adam", "name": "x"}}, "expected optimizer as a name or a table"),
        ({"optimizer": {"type": "adam", "rho": 1}}, "adam: expected options of lr"),
        ({"optimizer": {"type": 5}}, "expected an optimizer of adam, adamw, rmsprop, sgd, got 5"),
        ({"schedule": "warm"}, "expected a schedule of constant, cosine"),
        ({"augment": 2}, "expected augment as a table, got 2"),
        ({"augment": {"blur": 1}}, "augment: expected options of shift, rotate, scale, shear"),
        ({"augment": {"shift": -1}}, "augment: expected shift as a number"),
        ({"epoch": 3}, "recipe: expected options of cost, optimizer"),
    ],
)
def test_what_makes_no_sense_is_refused(config: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Recipe.from_config(config)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"optimizer": Adam}, "expected optimizer as an object such as Adam(), got <class "),
        ({"optimizer": "adam"}, "expected optimizer as an object such as Adam(), got 'adam'"),
        ({"schedule": None}, "expected schedule as an object such as Constant(), got None"),
        ({"augment": True}, "expected augment as an object such as Augmentation(), got True"),
    ],
)
def test_parts_are_objects(options: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Recipe(**options)
    assert str(caught.value).startswith(message)


def test_the_full_batch_by_name() -> None:
    assert Recipe(batch_size="full") == Recipe(batch_size=None)


def test_numpy_numbers_become_pythons() -> None:
    n = np.int64(3)
    recipe = Recipe(epochs=n, batch_size=n, seed=n, l2=np.float32(0.5), schedule=StepDecay(n))
    assert recipe == Recipe(epochs=3, batch_size=3, seed=3, l2=0.5, schedule=StepDecay(3))
    assert Recipe.from_config(json.loads(json.dumps(recipe.config()))) == recipe
