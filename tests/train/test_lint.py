"""Every rule speaks up for a minimal bad net, and is silent once that net is repaired."""

from copy import deepcopy

import numpy as np
import pytest

from whynet import (
    SGD,
    Activation,
    Adam,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LeakyReLU,
    ReLU,
    RMSProp,
    Sequential,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
    lint,
    load_preset,
    preset_names,
)
from whynet.nn import Network
from whynet.train import NetWarning


def dense(units: int = 3, initializer: str = "glorot_uniform") -> Dense:
    return Dense(units, kernel_initializer=initializer)


# rule: (bad layers, repaired layers, cost, optimizer of the bad, optimizer of the repaired)
CROSS, QUADRATIC, SIGMOID = "softmax_cross_entropy", "quadratic", "sigmoid_cross_entropy"
CASES = {
    "step-cannot-learn": ([dense(), Step(), dense()], [dense(), Sigmoid(), dense()], CROSS),
    "relu-output": ([dense(), ReLU()], [dense()], CROSS),
    "relu-output, leaky": ([dense(), LeakyReLU()], [dense()], CROSS),
    "relu-output, then dropout": ([dense(), ReLU(), Dropout(0.5)], [dense()], CROSS),
    "relu-output, then flatten": ([dense(), ReLU(), Flatten()], [dense(), Flatten()], CROSS),
    "normalised-output": (
        [dense(), BatchNormalization()],
        [dense(), BatchNormalization(), ReLU(), dense()],
        CROSS,
    ),
    "softmax-twice": ([dense(), Softmax(), Softmax()], [dense(), Softmax()], QUADRATIC),
    "softmax-twice, in the cost": ([dense(), Softmax()], [dense()], CROSS),
    "softmax-inside": ([dense(), Softmax(), dense()], [dense(), Tanh(), dense()], CROSS),
    "cost-wants-logits": ([dense(), Sigmoid()], [dense()], CROSS),
    "cost-wants-logits, tanh": ([dense(), Tanh()], [dense(), Tanh(), dense()], CROSS),
    "cost-wants-logits, sigmoid cost": ([dense(), Sigmoid()], [dense()], SIGMOID),
    "cost-wants-logits, softmax": ([dense(), Softmax()], [dense()], SIGMOID),
    "quadratic-wants-bounds": ([dense()], [dense(), Sigmoid()], QUADRATIC),
    "zero-weights": (
        [dense(4, "zeros"), Tanh(), dense()],
        [dense(4), Tanh(), dense()],
        CROSS,
    ),
    "saturated-start": (
        [dense(4, "standard_normal"), Sigmoid(), dense()],
        [dense(4, "lecun_normal"), Sigmoid(), dense()],
        CROSS,
    ),
    "saturated-start, tanh": (
        [dense(4, "standard_normal"), Tanh(), dense()],
        [dense(4, "lecun_normal"), Tanh(), dense()],
        CROSS,
    ),
    "relu-start": (
        [dense(4, "he_normal"), Sigmoid(), dense()],
        [dense(4, "he_normal"), ReLU(), dense()],
        CROSS,
    ),
    "relu-start, uniform": (
        [dense(4, "he_uniform"), Tanh(), dense()],
        [dense(4, "glorot_uniform"), Tanh(), dense()],
        CROSS,
    ),
}


def rules(layers: list, cost: str | None, optimizer=None) -> list[str]:
    return [advice.rule for advice in lint(Network(deepcopy(layers), (200,)), cost, optimizer)]


@pytest.mark.parametrize("case", CASES)
def test_a_rule_fires_and_falls_silent(case: str) -> None:
    bad, repaired, cost = CASES[case]
    rule = case.split(",")[0]
    assert rules(bad, cost) == [rule]
    assert rules(repaired, cost) == []


@pytest.mark.parametrize(
    ("bad", "repaired", "rule"),
    [
        (SGD(lr=50.0), SGD(lr=3.0), "rate-high"),
        (SGD(lr=3.0, momentum=0.9), SGD(lr=0.3, momentum=0.9), "rate-high"),
        (Adam(lr=0.5), Adam(lr=0.01), "rate-high"),
        (RMSProp(lr=0.1), RMSProp(), "rate-high"),
        (SGD(lr=1e-5), SGD(lr=1e-3), "rate-low"),
        (Adam(lr=1e-7), Adam(), "rate-low"),
    ],
    ids=repr,
)
def test_rates(bad, repaired, rule: str) -> None:
    assert rules([dense()], CROSS, bad) == [rule]
    assert rules([dense()], CROSS, repaired) == []
    assert rules([dense()], CROSS, None) == []


def test_convolutions_are_looked_at_too() -> None:
    bad = [Conv2D(4, 11, kernel_initializer="standard_normal"), Tanh(), Flatten(), dense()]
    assert [a.rule for a in lint(Network(bad, (12, 12, 1)))] == ["saturated-start"]
    few = [Conv2D(4, 3, kernel_initializer="standard_normal"), Tanh(), Flatten(), dense()]
    assert lint(Network(few, (12, 12, 1))) == [], "nine inputs do not saturate"


def test_output_weights_may_begin_at_zero() -> None:
    """Outputs differ by their targets; only hidden units would stay equal."""
    assert rules([dense(3, "zeros"), Sigmoid()], QUADRATIC) == []
    assert rules([dense(4), ReLU(), dense(3, "zeros")], CROSS) == []


def test_without_a_cost_nothing_is_said_about_it() -> None:
    assert rules([dense(), Sigmoid()], None) == []


@pytest.mark.parametrize("layers", [[Dropout(0.5)], [Flatten()]])
def test_nets_without_any_function(layers: list) -> None:
    assert rules(layers, CROSS) == []


def test_advice_names_the_place_and_gives_a_reason() -> None:
    net = Network([Dense(3, name="out"), Activation("relu", name="top")], (4,))
    (advice,) = lint(net, CROSS)
    assert str(advice) == (
        "top: ReLU on the output layer: a class whose sum is negative gets no gradient and can "
        "never recover; end with Dense alone (logits) [relu-output]"
    )


@pytest.mark.parametrize("name", preset_names())
def test_presets(name: str) -> None:
    """Nielsen's nets begin as his book has them; its chapter 3 then explains this very advice."""
    preset = load_preset(name)
    found = lint(preset.build(), preset.recipe.cost, preset.recipe.optimizer)
    expected = ["saturated-start"] if name.startswith("sigmoid-") else []
    assert [advice.rule for advice in found] == expected


def test_fit_warns_with_the_advice() -> None:
    net = Sequential([Dense(2), ReLU()], (3,))
    x, labels = np.eye(3, dtype=np.float32), np.array([0, 1, 1])
    with pytest.warns(NetWarning, match="ReLU on the output layer") as caught:
        net.fit(x, labels, epochs=1, callbacks=[])
    assert len(caught) == 1
    assert caught[0].filename == __file__, "the warning points at the call"
