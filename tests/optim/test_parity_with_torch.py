"""Every update rule makes PyTorch's steps, on random gradients and inside a small net."""

import numpy as np
import pytest

from whynet.nn import Dense, Network, Tanh
from whynet.nn.costs import COSTS
from whynet.ops.costs import one_hot
from whynet.optim import SGD, Adam, AdamW, Optimizer, RMSProp

torch = pytest.importorskip("torch", reason="the other side of the comparison is PyTorch")

STEPS = 12

PAIRS = {
    "plain": (SGD(lr=0.1), "SGD", {"lr": 0.1}),
    "momentum": (SGD(lr=0.05, momentum=0.9), "SGD", {"lr": 0.05, "momentum": 0.9}),
    "nesterov": (
        SGD(lr=0.05, momentum=0.8, nesterov=True),
        "SGD",
        {"lr": 0.05, "momentum": 0.8, "nesterov": True},
    ),
    "sgd with decay": (
        SGD(lr=0.05, momentum=0.9, weight_decay=0.1),
        "SGD",
        {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1},
    ),
    "rmsprop": (RMSProp(lr=0.01, rho=0.9), "RMSprop", {"lr": 0.01, "alpha": 0.9}),
    "rmsprop with decay": (
        RMSProp(lr=0.01, weight_decay=0.1),
        "RMSprop",
        {"lr": 0.01, "alpha": 0.99, "weight_decay": 0.1},
    ),
    "adam": (Adam(lr=0.01), "Adam", {"lr": 0.01}),
    "adam with other betas": (
        Adam(lr=0.01, beta1=0.8, beta2=0.95, epsilon=1e-3),
        "Adam",
        {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-3},
    ),
    "adam with decay": (
        Adam(lr=0.01, weight_decay=0.1),
        "Adam",
        {"lr": 0.01, "weight_decay": 0.1},
    ),
    "adamw": (AdamW(lr=0.01, weight_decay=0.1), "AdamW", {"lr": 0.01, "weight_decay": 0.1}),
    "adamw without decay": (
        AdamW(lr=0.01, weight_decay=0.0),
        "AdamW",
        {"lr": 0.01, "weight_decay": 0.0},
    ),
}

every_pair = pytest.mark.parametrize(("ours", "name", "options"), PAIRS.values(), ids=PAIRS.keys())


@every_pair
def test_steps_on_random_gradients(ours: Optimizer, name: str, options: dict) -> None:
    rng = np.random.default_rng(3)
    decayed = np.repeat([1.0, 0.0], [30, 10])
    parameters = rng.standard_normal(40)
    weights = torch.tensor(parameters[:30], requires_grad=True)
    biases = torch.tensor(parameters[30:], requires_grad=True)
    theirs = getattr(torch.optim, name)(
        [{"params": [weights]}, {"params": [biases], "weight_decay": 0.0}], **options
    )
    memory = ours.start(parameters)
    for step in range(STEPS):
        gradient = rng.standard_normal(40) * 10.0 ** (step % 3 - 1)
        kept = gradient.copy()
        ours.step(parameters, gradient, memory, lr=ours.lr, decayed=decayed)
        np.testing.assert_array_equal(gradient, kept)
        weights.grad, biases.grad = torch.tensor(gradient[:30]), torch.tensor(gradient[30:])
        theirs.step()
        expected = np.concatenate([weights.detach().numpy(), biases.detach().numpy()])
        np.testing.assert_allclose(parameters, expected, rtol=1e-10, atol=1e-12)


@every_pair
def test_steps_inside_a_net(ours: Optimizer, name: str, options: dict) -> None:
    rng = np.random.default_rng(5)
    net = Network([Dense(6), Tanh(), Dense(3)], (4,), seed=1, dtype=np.float64)
    first, second = torch.nn.Linear(4, 6).double(), torch.nn.Linear(6, 3).double()
    with torch.no_grad():
        for theirs, mine in ((first, net.layers[0]), (second, net.layers[2])):
            theirs.weight.copy_(torch.tensor(mine.params["kernel"].T))
            theirs.bias.copy_(torch.tensor(mine.params["bias"]))
    optimizer = getattr(torch.optim, name)(
        [
            {"params": [first.weight, second.weight]},
            {"params": [first.bias, second.bias], "weight_decay": 0.0},
        ],
        **options,
    )
    memory = ours.start(net.parameters)
    for _ in range(STEPS):
        x, labels = rng.standard_normal((5, 4)), rng.integers(0, 3, 5)
        y, caches = net.forward(x, training=True)
        _, dy = COSTS["softmax_cross_entropy"].compute(y, one_hot(labels, 3, np.float64))
        _, gradient = net.backward(dy, caches)
        ours.step(net.parameters, gradient / 5, memory, lr=ours.lr, decayed=net.decayed)

        optimizer.zero_grad()
        logits = second(torch.tanh(first(torch.tensor(x))))
        torch.nn.functional.cross_entropy(logits, torch.tensor(labels)).backward()
        optimizer.step()
    for theirs, mine in ((first, net.layers[0]), (second, net.layers[2])):
        np.testing.assert_allclose(
            mine.params["kernel"], theirs.weight.detach().numpy().T, rtol=1e-8, atol=1e-10
        )
        np.testing.assert_allclose(
            mine.params["bias"], theirs.bias.detach().numpy(), rtol=1e-8, atol=1e-10
        )
