"""Small nets and pictures to ask why, drawn at random."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

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
    MaxPooling2D,
    Network,
)
from whynet.ops.arrays import Array

SIDE = 7


@st.composite
def nets(draw: st.DrawFn) -> Network:
    """A net of all kinds of layers in float64, ending in three logits."""
    layers: list[Layer] = [
        draw(
            st.sampled_from([lambda: Conv2D(3, 3), lambda: Conv2D(4, 2, strides=2, padding="same")])
        )()
    ]
    bends = ("relu", "tanh", "sigmoid")
    middle = [
        BatchNormalization,
        lambda: MaxPooling2D(2, padding="same"),
        lambda: AveragePooling2D(2, strides=1, padding="same"),
        lambda: DepthwiseConv2D(2, depth_multiplier=2, padding="same"),
        LeakyReLU,
        lambda: Dropout(0.5),
        *(lambda bend=bend: Activation(bend) for bend in bends),
    ]
    layers += [make() for make in draw(st.lists(st.sampled_from(middle), max_size=3))]
    layers.append(draw(st.sampled_from([Flatten, GlobalAveragePooling2D]))())
    if draw(st.booleans()):
        layers += [Dense(6), Activation(draw(st.sampled_from(bends)))]
    layers.append(Dense(3))
    if draw(st.booleans()):
        layers.append(Activation("softmax"))
    net = Network(layers, (SIDE, SIDE, 2), seed=draw(st.integers(0, 99)), dtype=np.float64)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    net.parameters += 0.3 * rng.standard_normal(net.parameters.shape)
    return net


def pictures(n: int, seed: int = 0) -> Array:
    """Draw n pictures for `nets`."""
    return np.random.default_rng(seed).uniform(0, 1, (n, SIDE, SIDE, 2))
