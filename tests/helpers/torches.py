"""PyTorch's answers in our layout, for whoever has it installed."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from whynet.nn import (
    AveragePooling2D,
    Conv2D,
    Dense,
    Flatten,
    Layer,
    MaxPooling2D,
    Network,
)
from whynet.ops.arrays import Array
from whynet.ops.conv import Windows


def pytorch() -> ModuleType:
    """Import PyTorch on one thread, or skip the test that asks."""
    torch = pytest.importorskip("torch", reason="the other side of the comparison is PyTorch")
    # Its threads cost more than they bring on maps this small.
    torch.set_num_threads(1)
    return torch


def leaf(array: Array) -> Any:
    """A tensor that gathers its gradient."""
    return pytorch().tensor(np.ascontiguousarray(array), requires_grad=True)


def their_convolution(
    x: Array, kernel: Array, dy: Array, windows: Windows, groups: int = 1
) -> tuple[Array, Array, Array]:
    """Return y, dx and dkernel of a convolution as PyTorch computes them."""
    torch = pytorch()
    (above, below), (left, right) = windows.pads
    theirs, weights = leaf(x), leaf(kernel.transpose(3, 2, 0, 1))
    padded = torch.nn.functional.pad(theirs.permute(0, 3, 1, 2), (left, right, above, below))
    y = torch.nn.functional.conv2d(padded, weights, stride=windows.strides, groups=groups).permute(
        0, 2, 3, 1
    )
    y.backward(torch.tensor(np.ascontiguousarray(dy)))
    return y.detach().numpy(), theirs.grad.numpy(), weights.grad.permute(2, 3, 1, 0).numpy()


def as_torch(net: Network) -> Any:
    """Build a torch.nn.Sequential with a net's weights: one module a layer, by the layers' names.

    It takes (n, channels, height, width), and keeps whatever it makes in that order too, up to
    `Flatten`, which reads pictures as ours does.
    """
    torch = pytorch()

    class Flattening(torch.nn.Module):  # type: ignore[misc, name-defined]
        def forward(self, x: Any) -> Any:
            return (x.permute(0, 2, 3, 1) if x.ndim == 4 else x).flatten(1)

    def given(module: Any, layer: Layer) -> Any:
        kernel = torch.tensor(layer.params["kernel"])
        order = (3, 2, 0, 1) if kernel.ndim == 4 else (1, 0)
        module.weight.data = kernel.permute(*order).contiguous()
        module.bias.data = torch.tensor(layer.params["bias"])
        return module

    def made(layer: Layer) -> Any:
        nn, shape = torch.nn, layer.input_shape
        if isinstance(layer, Conv2D):
            (above, below), (left, right) = layer.windows.pads
            size, strides = layer.window
            module = nn.Conv2d(shape[2], layer.filters, size, stride=strides, groups=layer.groups)
            padding = nn.ZeroPad2d((left, right, above, below))
            return nn.Sequential(padding, given(module, layer))
        if isinstance(layer, Dense):
            return given(nn.Linear(shape[0], layer.units), layer)
        if isinstance(layer, MaxPooling2D):
            return nn.MaxPool2d(*layer.window)
        if isinstance(layer, AveragePooling2D):
            return nn.AvgPool2d(*layer.window)
        if isinstance(layer, Flatten):
            return Flattening()
        simple = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
        return simple[layer.function]()  # type: ignore[attr-defined]

    theirs = torch.nn.Sequential()
    for layer in net.layers:
        theirs.add_module(layer.name, made(layer))
    return theirs.eval()
