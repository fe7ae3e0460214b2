"""What update rules promise, apart from their formulas."""

import json

import numpy as np
import pytest

from whynet.errors import ConfigError
from whynet.nn import BatchNormalization, Conv2D, Dense, Flatten, Network
from whynet.optim import OPTIMIZERS, SGD, Adam, AdamW, Optimizer, RMSProp, make_optimizer

EVERY = [
    SGD(),
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True, weight_decay=0.1),
    RMSProp(weight_decay=0.1),
    Adam(weight_decay=0.1),
    AdamW(),
]

every = pytest.mark.parametrize("optimizer", EVERY, ids=repr)


def take_step(optimizer: Optimizer, parameters, gradient, memory, lr=None, decayed=None) -> None:
    if decayed is None:
        decayed = np.ones_like(parameters)
    rate = optimizer.lr if lr is None else lr
    optimizer.step(parameters, gradient, memory, lr=rate, decayed=decayed)


@every
def test_gradient_stays_and_types_stay(optimizer: Optimizer) -> None:
    rng = np.random.default_rng(0)
    parameters = rng.standard_normal(7).astype(np.float32)
    vector, before = parameters, parameters.copy()
    gradient = rng.standard_normal(7).astype(np.float32)
    gradient.flags.writeable = False
    memory = optimizer.start(parameters)
    held = dict(memory)
    for _ in range(3):
        take_step(optimizer, parameters, gradient, memory)
    assert parameters is vector
    assert parameters.dtype == np.float32
    assert (parameters != before).all()
    for name, array in memory.items():
        assert array is held[name], "memory is updated in place"
        assert array.dtype == (np.float64 if name == "steps" else np.float32)


@every
def test_memory_is_all_that_a_rule_remembers(optimizer: Optimizer) -> None:
    """A rule handed a copy of its memory goes on as if nothing had happened."""
    rng = np.random.default_rng(1)
    gradients = rng.standard_normal((6, 5)).astype(np.float32)
    whole = np.ones(5, np.float32)
    memory = optimizer.start(whole)
    for gradient in gradients:
        take_step(optimizer, whole, gradient, memory)

    parted = np.ones(5, np.float32)
    memory = optimizer.start(parted)
    for gradient in gradients[:3]:
        take_step(optimizer, parted, gradient, memory)
    again = make_optimizer(**_as_options(optimizer))
    memory = {name: array.copy() for name, array in memory.items()}
    for gradient in gradients[3:]:
        take_step(again, parted, gradient, memory)
    np.testing.assert_array_equal(parted, whole)


def _as_options(optimizer: Optimizer) -> dict:
    config = optimizer.config()
    return {"name": config.pop("type"), **config}


@every
def test_description_makes_the_same_rule(optimizer: Optimizer) -> None:
    assert make_optimizer(**_as_options(optimizer)) == optimizer


@every
def test_biases_do_not_decay(optimizer: Optimizer) -> None:
    """Without a gradient, weight decay is the only force."""
    parameters = np.array([1.0, 1.0])
    decayed = np.array([1.0, 0.0])
    memory = optimizer.start(parameters)
    take_step(optimizer, parameters, np.zeros(2), memory, decayed=decayed)
    assert parameters[1] == 1.0
    assert (parameters[0] < 1.0) == (optimizer.weight_decay > 0)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3])
def test_adams_first_step_is_the_learning_rate(size: float) -> None:
    """Bias correction makes m̂ = g and ŝ = g² at t = 1, so the step is η g / |g|.

    Without it the step would be (1 − β₁) / √(1 − β₂) = 0.1 / 0.0316 = 3.2 times that.
    """
    parameters = np.zeros(2)
    memory = Adam().start(parameters)
    take_step(Adam(lr=0.5), parameters, np.array([size, -size]), memory)
    np.testing.assert_allclose(parameters, [-0.5, 0.5], rtol=1e-4)


def test_adams_second_step_by_hand() -> None:
    """β₁ = ½, β₂ = ¾, ε all but 0, η = 1, gradients 1 and then −1.

    t = 1: m = ½, s = ¼; m̂ = ½ / ½ = 1, ŝ = ¼ / ¼ = 1; w = 0 − 1/1 = −1.
    t = 2: m = ½·½ − ½ = −¼, s = ¾·¼ + ¼ = 7/16;
           m̂ = −¼ / ¾ = −1/3, ŝ = (7/16) / (7/16) = 1; w = −1 + 1/3 = −2/3.
    """
    rule = Adam(lr=1.0, beta1=0.5, beta2=0.75, epsilon=1e-300)
    parameters = np.zeros(1)
    memory = rule.start(parameters)
    take_step(rule, parameters, np.array([1.0]), memory)
    np.testing.assert_allclose(parameters, [-1], rtol=1e-14)
    take_step(rule, parameters, np.array([-1.0]), memory)
    np.testing.assert_allclose(parameters, [-2 / 3], rtol=1e-14)


def test_momentum_by_hand() -> None:
    """µ = ½, η = 1, gradient 1 twice: v = 1, w = −1; v = 1½, w = −2½.

    Nesterov: v = 1, w = −(1 + ½) = −1½; v = 1½, w = −1½ − (1 + ¾) = −3¼.
    """
    for nesterov, expected in ((False, -2.5), (True, -3.25)):
        rule = SGD(lr=1.0, momentum=0.5, nesterov=nesterov)
        parameters = np.zeros(1)
        memory = rule.start(parameters)
        for _ in range(2):
            take_step(rule, parameters, np.ones(1), memory)
        assert parameters == expected


def test_the_rate_of_the_step_is_the_one_that_counts() -> None:
    parameters = np.zeros(1)
    take_step(SGD(lr=5.0), parameters, np.ones(1), {}, lr=0.25)
    assert parameters == -0.25


def test_adamw_shrinks_every_weight_at_one_rate() -> None:
    """Decoupled: w ← (1 − η λ) w whatever the gradients were; Adam's own decay is divided."""
    parameters = np.array([1.0, 1.0])
    rule = AdamW(lr=0.1, weight_decay=0.5)
    memory = rule.start(parameters)
    memory["squares"][:] = [1.0, 100.0]
    take_step(rule, parameters, np.zeros(2), memory)
    np.testing.assert_allclose(parameters, [0.95, 0.95], rtol=1e-14)


def test_which_parameters_of_a_net_decay() -> None:
    net = Network(
        [Conv2D(2, 2, name="c"), BatchNormalization(name="b"), Flatten(), Dense(3, name="d")],
        (3, 3, 1),
    )
    marked = {
        name: set(np.unique(part).tolist()) for name, part in _parts(net.decayed, net).items()
    }
    assert marked == {
        "c.kernel": {1.0},
        "c.bias": {0.0},
        "b.gamma": {0.0},
        "b.beta": {0.0},
        "d.kernel": {1.0},
        "d.bias": {0.0},
    }


def _parts(vector: np.ndarray, net: Network) -> dict[str, np.ndarray]:
    parts, start = {}, 0
    for layer in net.layers:
        for name, parameter in layer.params.items():
            parts[f"{layer.name}.{name}"] = vector[start : start + parameter.size]
            start += parameter.size
    return parts


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(lr=0.0), "expected lr as a number above 0, got 0.0"),
        (lambda: Adam(lr=-1.0), "expected lr as a number above 0, got -1.0"),
        (lambda: Adam(lr=float("nan")), "expected lr as a number above 0, got nan"),
        (lambda: RMSProp(lr=float("inf")), "expected lr as a number above 0, got inf"),
        (
            lambda: SGD(weight_decay=-0.1),
            "expected weight_decay as a number of at least 0, got -0.1",
        ),
        (
            lambda: SGD(momentum=1.0),
            "expected momentum as a number of at least 0, below 1, got 1.0",
        ),
        (
            lambda: SGD(momentum=-0.1),
            "expected momentum as a number of at least 0, below 1, got -0.1",
        ),
        (lambda: SGD(nesterov=True), "expected a momentum above 0 with nesterov, got 0"),
        (lambda: Adam(beta1=1.0), "expected beta1 as a number of at least 0, below 1, got 1.0"),
        (lambda: AdamW(beta2=2.0), "expected beta2 as a number of at least 0, below 1, got 2.0"),
        (lambda: RMSProp(rho=1.5), "expected rho as a number of at least 0, below 1, got 1.5"),
        (lambda: make_optimizer("adamm"), "expected an optimizer of adam, adamw, rmsprop, sgd"),
        (lambda: make_optimizer("adam", momentum=0.9), "adam: expected options of lr, "),
        (lambda: make_optimizer("adam", 0.0), "adam: expected lr as a number above 0"),
        (
            lambda: make_optimizer("adam", lr="fast"),
            "adam: expected lr as a number above 0, got 'fast'",
        ),
        (lambda: SGD(lr="0.1"), "expected lr as a number above 0, got '0.1'"),
        (lambda: SGD(lr=True), "expected lr as a number above 0, got True"),
        (lambda: SGD(lr=10**400), "expected lr as a number above 0, got 1000"),
        (lambda: SGD(momentum="x"), "expected momentum as a number of at least 0, below 1"),
        (lambda: SGD(momentum=0.9, nesterov=1), "expected nesterov to be true or false, got 1"),
        (lambda: Adam(epsilon=0), "expected epsilon as a number above 0, got 0"),
        (lambda: Adam(epsilon=float("nan")), "expected epsilon as a number above 0, got nan"),
        (lambda: AdamW(epsilon="a"), "expected epsilon as a number above 0, got 'a'"),
        (lambda: RMSProp(epsilon=-1e-8), "expected epsilon as a number above 0, got -1e-08"),
    ],
)
def test_what_makes_no_sense_is_refused(make, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert message in str(caught.value)


def test_numpy_numbers_become_pythons() -> None:
    rule = make_optimizer(
        "sgd", np.float32(0.5), momentum=np.float64(0.25), weight_decay=np.int64(1)
    )
    assert json.loads(json.dumps(rule.config())) == rule.config()
    assert rule == SGD(lr=0.5, momentum=0.25, weight_decay=1.0)


def test_names() -> None:
    assert {"sgd": SGD, "rmsprop": RMSProp, "adam": Adam, "adamw": AdamW} == OPTIMIZERS
    assert make_optimizer("sgd", 0.5, momentum=0.9) == SGD(lr=0.5, momentum=0.9)
    assert make_optimizer("adam") == Adam()


def test_an_optimizer_cannot_be_changed_by_accident() -> None:
    with pytest.raises(AttributeError):
        SGD().lr = 1.0
