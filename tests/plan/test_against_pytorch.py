"""Plans in float32 against PyTorch: logits, and every parameter's gradient."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.plans import ask, by_the_layers, doubtful, draw, preset_net, teach
from helpers.torches import leaf, pytorch
from whynet.nn import Conv2D, Dense, Flatten, MaxPooling2D, Network, ReLU
from whynet.plan import Plan

BOUNDS = {"lenet": (1.5e-6, 6e-6), "numpy-cnn": (6e-6, 1.2e-5)}
"""Of logits and of gradients, relative to the largest of each array: twice the worst of 12 seeds.

Float64 is about as far from each of the two, so neither is the better one.
"""


def theirs(net: Network, x, dy):
    """Run a net's layers by PyTorch: y, and the gradient in our order."""
    torch = pytorch()
    functional = torch.nn.functional
    weights = [{k: leaf(p) for k, p in layer.params.items()} for layer in net.layers]
    y = torch.tensor(x).permute(0, 3, 1, 2)
    for layer, held in zip(net.layers, weights, strict=True):
        if isinstance(layer, Conv2D):
            (above, below), (left, right) = layer.windows.pads
            assert (above, left) == (below, right)
            kernel = held["kernel"].permute(3, 2, 0, 1)
            y = functional.conv2d(y, kernel, held["bias"], padding=(above, left))
        elif isinstance(layer, Dense):
            y = y @ held["kernel"] + held["bias"]
        elif isinstance(layer, ReLU):
            y = functional.relu(y)
        elif isinstance(layer, MaxPooling2D):
            y = functional.max_pool2d(y, layer.pool_size)
        elif isinstance(layer, Flatten):
            y = y.permute(0, 2, 3, 1).flatten(1)
    y.backward(torch.tensor(dy))
    grads = [tensor.grad.numpy().ravel() for held in weights for tensor in held.values()]
    return y.detach().numpy(), np.concatenate(grads)


def off(mine, right) -> float:
    """How far at worst, as a part of the largest number."""
    return float(np.abs(mine - right).max() / np.abs(right).max())


def worst(net: Network, mine, right) -> float:
    """The same for a gradient, parameter by parameter."""
    pairs = zip(net.by_layer(mine), net.by_layer(right), strict=True)
    return max(off(a[name], b[name]) for a, b in pairs for name in a)


def case(name: str, n: int):
    """A net in both precisions, and data that does not stand on the edge anywhere."""
    for seed in range(100):
        rng = np.random.default_rng(seed)
        exact, net = preset_net(name), preset_net(name, dtype=np.float32)
        for layer in net.layers:
            if "bias" in layer.params:
                layer.params["bias"][...] = 0.1 * rng.standard_normal(layer.output_shape[-1])
        exact.parameters[...] = net.parameters
        x, dy = draw(net, n, rng)
        x = np.clip(np.abs(x), 0, 1)
        if not doubtful(exact, x.astype(np.float64), training=True, margin=5e-6):
            return net, exact, x, dy
    raise AssertionError("expected to find data whose winners are clear")


@pytest.mark.parametrize(("name", "n"), [("lenet", 12), ("numpy-cnn", 5)])
def test_float32(name, n):
    net, exact, x, dy = case(name, n)
    logits, gradients = BOUNDS[name]
    y, gradient = teach(Plan(net, n, training=True), x, dy)
    predicted = ask(Plan(net, n, training=False), x)
    by_them, their_gradient = theirs(net, x, dy)
    in_64, gradient_64 = by_the_layers(exact, x.astype(np.float64), dy.astype(np.float64))
    for right, right_gradient in ((by_them, their_gradient), (in_64, gradient_64)):
        assert off(y, right) < logits
        assert off(predicted, right) < logits
        assert worst(net, gradient, right_gradient) < gradients
    # And PyTorch's own distance from float64 is of the same order.
    assert off(y, in_64) < 5 * off(by_them, in_64)
    assert worst(net, gradient, gradient_64) < 5 * worst(net, their_gradient, gradient_64)
