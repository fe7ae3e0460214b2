"""A whynet net as a list of plain steps with its weights in the layout of PyTorch and ONNX.

We keep pictures (n, height, width, channels) and kernels (kh, kw, in, out); they keep
(n, channels, height, width) and (out, in, kh, kw). The one trap is Flatten: it lays out the same
values in another order, so the rows of the first dense kernel behind it are put in that order too.
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

import whynet

ACTIVATIONS = ("linear", "relu", "sigmoid", "tanh")


def translated(net: whynet.Sequential) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """Return the net's steps, in plain values, and their arrays as ``number.name``.

    Raises:
        ValueError: a layer that no peer here is taught.
    """
    steps: list[dict[str, Any]] = []
    arrays: dict[str, NDArray[Any]] = {}
    flattened: tuple[int, ...] | None = None  # the shape that the last Flatten took apart
    for number, layer in enumerate(net.layers):
        step, owned = _step(layer, flattened)
        if isinstance(layer, whynet.Flatten):
            flattened = layer.input_shape
        elif isinstance(layer, whynet.Dense):
            flattened = None
        steps.append(step)
        arrays |= {f"{number}.{name}": np.ascontiguousarray(a) for name, a in owned.items()}
    return steps, arrays


def _step(
    layer: whynet.Layer, flattened: tuple[int, ...] | None
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    owned: dict[str, NDArray[Any]] = layer.params | layer.state
    match layer:
        case whynet.Conv2D() | whynet.DepthwiseConv2D():
            kernel = owned["kernel"]
            owned = owned | {"kernel": kernel.transpose(3, 2, 0, 1)}
            groups = layer.input_shape[2] // kernel.shape[2]
            return {"kind": "conv", "groups": groups, **_window(layer)}, owned
        case whynet.Dense():
            kernel = owned["kernel"]
            if flattened is not None and len(flattened) == 3:
                order = np.arange(prod(flattened)).reshape(flattened).transpose(2, 0, 1)
                owned = owned | {"kernel": kernel[order.ravel()]}
            return {"kind": "dense"}, owned
        case whynet.MaxPooling2D():
            return {"kind": "max_pool", **_window(layer)}, {}
        case whynet.AveragePooling2D() if layer.padding == "valid":
            return {"kind": "average_pool", **_window(layer)}, {}
        case whynet.GlobalAveragePooling2D():
            return {"kind": "global_average"}, {}
        case whynet.BatchNormalization():
            options = {"momentum": layer.momentum, "epsilon": layer.epsilon}
            return {"kind": "batch_norm", "rank": len(layer.input_shape), **options}, owned
        case whynet.Dropout():
            return {"kind": "dropout", "rate": layer.rate}, {}
        case whynet.Flatten():
            return {"kind": "flatten"}, {}
        case whynet.Activation() if layer.function in ACTIVATIONS:
            return {"kind": layer.function}, {}
    raise ValueError(f"expected a layer that the peers have been taught, got {layer!r}")


def _window(layer: Any) -> dict[str, Any]:
    """Size, strides and zeros before and after each axis, "same" being ONNX's SAME_UPPER."""
    size, strides = layer.window
    before, after = [], []
    for length, k, stride in zip(layer.input_shape[:2], size, strides, strict=True):
        missing = 0
        if layer.padding == "same":
            missing = max((-(-length // stride) - 1) * stride + k - length, 0)
        before.append(missing // 2)
        after.append(missing - missing // 2)
    return {"size": list(size), "strides": list(strides), "before": before, "after": after}
