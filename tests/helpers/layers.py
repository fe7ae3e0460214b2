"""One or more examples of every layer class, with options that are not the defaults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from whynet.nn import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    LeakyReLU,
    Linear,
    MaxPooling2D,
    ReLU,
    Sigmoid,
    Softmax,
    Step,
    Tanh,
)
from whynet.ops.activations import FUNCTIONS
from whynet.ops.arrays import Shape


@dataclass(frozen=True)
class Example:
    """A layer that is made anew for each test, and an input shape that it takes."""

    make: Callable[[], Layer]
    input_shape: Shape = (5, 6, 4)

    @property
    def differentiable(self) -> bool:
        return getattr(self.make(), "function", None) != "step"


EXAMPLES = [
    *(Example(lambda name=name: Activation(name)) for name in FUNCTIONS),
    *(Example(kind) for kind in (Linear, ReLU, Sigmoid, Softmax, Step, Tanh, Flatten)),
    Example(LeakyReLU),
    Example(lambda: LeakyReLU(negative_slope=0.25)),
    Example(lambda: Dense(3), (4,)),
    Example(
        lambda: Dense(
            3, use_bias=False, kernel_initializer="he_normal", bias_initializer="standard_normal"
        ),
        (4,),
    ),
    Example(lambda: Conv2D(3)),
    Example(
        lambda: Conv2D(
            6,
            (2, 3),
            strides=(2, 1),
            padding="same",
            groups=2,
            kernel_initializer="he_uniform",
            bias_initializer="ones",
        )
    ),
    Example(lambda: Conv2D(2, 3, use_bias=False, algorithm="reference")),
    Example(DepthwiseConv2D),
    Example(lambda: DepthwiseConv2D((3, 2), depth_multiplier=2, strides=2, padding="same")),
    Example(MaxPooling2D),
    Example(lambda: MaxPooling2D((3, 2), strides=(1, 2), padding="same")),
    Example(AveragePooling2D),
    Example(lambda: AveragePooling2D((3, 2), strides=(1, 2), padding="same")),
    Example(GlobalAveragePooling2D),
    Example(lambda: Dropout(0.5)),
    Example(lambda: Dropout(0.0)),
    Example(BatchNormalization),
    Example(lambda: BatchNormalization(momentum=0.5, epsilon=0.125), (4,)),
]


def titled(case: object) -> str | None:
    """Name a test case by its layer's class and the options that were chosen."""
    layer = case.make() if isinstance(case, Example) else case
    if not isinstance(layer, Layer):
        return None  # pytest finds a name of its own.
    config = layer.config()
    return "-".join([config.pop("type"), *(f"{name}={value}" for name, value in config.items())])


every_example = pytest.mark.parametrize("example", EXAMPLES, ids=titled)
every_differentiable = pytest.mark.parametrize(
    "example", [example for example in EXAMPLES if example.differentiable], ids=titled
)
