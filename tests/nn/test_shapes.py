"""Shapes inferred at build are those that arrive, and sizes are those worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.layers import Example, every_example, titled
from whynet.errors import ShapeError
from whynet.nn import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Network,
    ReLU,
)

pairs = st.one_of(st.integers(1, 4), st.tuples(st.integers(1, 4), st.integers(1, 4)))
paddings = st.sampled_from(["valid", "same"])

picture_layers = st.one_of(
    st.builds(
        lambda groups, each, size, strides, padding: Conv2D(
            groups * each, size, strides=strides, padding=padding, groups=groups
        ),
        st.integers(1, 2),
        st.integers(1, 3),
        pairs,
        pairs,
        paddings,
    ),
    st.builds(
        DepthwiseConv2D,
        pairs,
        depth_multiplier=st.integers(1, 2),
        strides=pairs,
        padding=paddings,
        use_bias=st.booleans(),
    ),
    *(
        st.builds(kind, pairs, strides=st.none() | pairs, padding=paddings)
        for kind in (MaxPooling2D, AveragePooling2D)
    ),
    st.builds(BatchNormalization),
    st.builds(ReLU),
    st.builds(Dropout, st.floats(0, 0.9)),
)
tops = st.sampled_from(
    [lambda: [Flatten(), Dense(3)], lambda: [GlobalAveragePooling2D(), Dense(2), ReLU()], list]
)


@settings(deadline=None, max_examples=150)
@given(
    layers=st.lists(picture_layers, min_size=1, max_size=4),
    top=tops,
    shape=st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)),
    training=st.booleans(),
)
def test_shapes_inferred_are_shapes_met(layers, top, shape, training):
    try:
        net = Network([*layers, *top()], shape)
    except ShapeError:
        return  # Told at build, which is what matters here.
    x = np.random.default_rng(0).standard_normal((2, *shape)).astype(np.float32)
    rng = np.random.default_rng(1)
    for layer in net.layers:
        assert layer.input_shape == x.shape[1:]
        y, cache = layer.forward(x, training=training, rng=rng)
        assert y.shape == (2, *layer.output_shape)
        dx, grads = layer.backward(np.ones_like(y), cache)
        assert dx is not None
        assert dx.shape == x.shape
        for name, parameter in layer.params.items():
            assert grads[name].shape == parameter.shape
        x = y
    assert net.output_shape == x.shape[1:]


@every_example
def test_build_returns_the_output_shape_it_keeps(example: Example):
    layer = example.make()
    returned = layer.build(example.input_shape, np.random.default_rng(0))
    assert returned == layer.output_shape
    assert layer.input_shape == example.input_shape
    assert all(type(size) is int for size in returned)


def lenet() -> Network:
    """LeNet-5 (LeCun et al. 1998) as it is usually drawn, every map seeing all maps below."""
    return Network(
        [
            Conv2D(6, 5, padding="same"),
            ReLU(),
            MaxPooling2D(2),
            Conv2D(16, 5),
            ReLU(),
            MaxPooling2D(2),
            Flatten(),
            Dense(120),
            ReLU(),
            Dense(84),
            ReLU(),
            Dense(10),
        ],
        (28, 28, 1),
    )


def test_lenet_by_hand():
    net = lenet()
    figures = {
        layer.name: (layer.output_shape, layer.parameter_count, layer.multiply_adds)
        for layer in net.layers
        if not isinstance(layer, ReLU)
    }
    assert figures == {
        "conv2d_1": ((28, 28, 6), 25 * 6 + 6, 28 * 28 * 25 * 6),
        "maxpooling2d_1": ((14, 14, 6), 0, 0),
        "conv2d_2": ((10, 10, 16), 25 * 6 * 16 + 16, 10 * 10 * 25 * 6 * 16),
        "maxpooling2d_2": ((5, 5, 16), 0, 0),
        "flatten_1": ((400,), 0, 0),
        "dense_1": ((120,), 400 * 120 + 120, 400 * 120),
        "dense_2": ((84,), 120 * 84 + 84, 120 * 84),
        "dense_3": ((10,), 84 * 10 + 10, 84 * 10),
    }
    assert net.parameters.size == 61_706
    assert net.multiply_adds == 416_520
    assert net.decayed.sum() == 61_706 - (6 + 16 + 120 + 84 + 10)


@pytest.mark.parametrize(
    ("layer", "parameters", "multiply_adds"),
    [
        (Conv2D(8, (2, 3), groups=4), 6 * 2 * 8 + 8, 5 * 4 * 6 * 2 * 8),
        (Conv2D(8, 3, use_bias=False, padding="same", strides=2), 9 * 8 * 8, 3 * 3 * 9 * 8 * 8),
        (DepthwiseConv2D(3, depth_multiplier=2), 9 * 16 + 16, 4 * 4 * 9 * 16),
        (BatchNormalization(), 16, 0),
        (GlobalAveragePooling2D(), 0, 0),
    ],
    ids=titled,
)
def test_other_layers_by_hand(layer, parameters, multiply_adds):
    layer.build((6, 6, 8), np.random.default_rng(0))
    assert layer.parameter_count == parameters
    assert layer.multiply_adds == multiply_adds


@pytest.mark.parametrize(
    ("layer", "window"),
    [
        (Conv2D(1, (3, 5), strides=(2, 1)), ((3, 5), (2, 1))),
        (DepthwiseConv2D(3), ((3, 3), (1, 1))),
        (MaxPooling2D(2), ((2, 2), (2, 2))),
        (AveragePooling2D((3, 2), strides=1), ((3, 2), (1, 1))),
        (ReLU(), ((1, 1), (1, 1))),
        (Dense(2), None),
        (GlobalAveragePooling2D(), None),
    ],
    ids=titled,
)
def test_windows(layer, window):
    assert layer.window == window
