"""Receptive fields: no pixel outside matters, and those at the edges do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.asked import SIDE, nets
from whynet import load_preset
from whynet.errors import ConfigError, ShapeError
from whynet.explain.neurons import Field, receptive_field
from whynet.explain.passes import unit_output, value_and_gradients
from whynet.nn import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Linear,
    MaxPooling2D,
    Network,
    ReLU,
    Softmax,
)


def box(field: Field) -> tuple[int, int, int, int]:
    return field.top, field.left, field.height, field.width


def units(shape: tuple[int, ...]) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*(st.integers(0, size - 1) for size in shape))


SIZES = st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 4)))
PADDINGS = st.sampled_from(["valid", "same"])


@st.composite
def linear_nets(draw: st.DrawFn) -> Network:
    """Layers without a bend, with random weights: every pixel that is seen has a gradient."""
    layers = []
    for _ in range(draw(st.integers(1, 3))):
        options = {"strides": draw(SIZES), "padding": draw(PADDINGS)}
        kind = draw(st.sampled_from(["conv", "depthwise", "average", "plain"]))
        if kind == "conv":
            layers.append(Conv2D(2, draw(SIZES), **options))
        elif kind == "depthwise":
            layers.append(DepthwiseConv2D(draw(SIZES), **options))
        elif kind == "average":
            layers.append(AveragePooling2D(draw(SIZES), **options))
        else:
            layers += [Linear(), Dropout(0.5), BatchNormalization()]
    end = draw(st.sampled_from(["map", "flat", "dense", "softmax", "mean"]))
    layers += {
        "map": [],
        "flat": [Flatten()],
        "dense": [Flatten(), Dense(3)],
        "softmax": [Flatten(), Softmax()],
        "mean": [GlobalAveragePooling2D(), Dense(2)],
    }[end]
    try:
        net = Network(layers, (11, 9, 2), dtype=np.float64)
    except ShapeError:  # a window larger than its map
        return Network([Conv2D(2, 3)], (11, 9, 2), dtype=np.float64)
    # Small enough for a softmax to let gradients through.
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    net.parameters[:] = rng.uniform(0.02, 0.1, net.parameters.shape)
    return net


@settings(max_examples=150)
@given(data=st.data())
def test_a_linear_unit_sees_its_field_to_the_edges(data):
    net = data.draw(linear_nets())
    index = data.draw(units(net.output_shape))
    x = np.random.default_rng(0).uniform(0, 1, (1, *net.input_shape))
    moves = value_and_gradients(net.layers, x, unit_output(index), (0,)).gradients[0][0]
    rows, columns, _ = np.nonzero(moves)
    if not len(rows):  # a softmax over one entry is 1 whatever it sees
        assert net.layers[-1].input_shape == (1,)
        return
    field = receptive_field(net, -1, index[:2] if len(index) == 3 else index[0])
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert box(field) == (rows.min(), columns.min(), height, width)


@settings(max_examples=50)
@given(net=nets(), data=st.data())
def test_no_pixel_outside_matters(net, data):
    place = data.draw(st.integers(1, len(net.layers)))
    index = data.draw(units(net.layers[place - 1].output_shape))
    field = receptive_field(net, place - 1, index[:2] if len(index) == 3 else index[0])
    rng = np.random.default_rng(1)
    x = rng.uniform(0, 1, (2, SIDE, SIDE, 2))
    x[(1, *field.pixels)] = x[(0, *field.pixels)]
    for layer in net.layers[:place]:
        x, _ = layer.forward(x)
    np.testing.assert_allclose(x[(0, *index)], x[(1, *index)], rtol=1e-12)


def test_lenet():
    net = load_preset("lenet").build()
    corner, middle = (receptive_field(net, "conv2d_2", at) for at in ((0, 0), (5, 4)))
    assert box(corner) == (0, 0, 12, 12)
    assert corner.full == (-2, -2, 14, 14)
    assert box(middle) == middle.full == (8, 6, 14, 14)
    assert box(receptive_field(net, "flatten_1", 0)) == (0, 0, 14, 14)
    assert receptive_field(net, "flatten_1", 0) == receptive_field(net, "maxpooling2d_2", (0, 0))
    assert receptive_field(net, "dense_2", 9) == Field(0, 0, 28, 28, (0, 0, 28, 28))


def test_what_strides_leave_over_is_not_seen():
    net = Network(
        [Conv2D(1, 2, strides=3), MaxPooling2D(2), ReLU(), Flatten(), Dense(2)], (9, 8, 1)
    )
    assert box(receptive_field(net, "maxpooling2d_1", (0, 0))) == (0, 0, 5, 5)
    assert box(receptive_field(net, "dense_1", 1)) == (0, 0, 5, 5)


def test_a_map_ends_where_its_layer_ends():
    """A third window of the upper layer would stand on a cell that the lower one does not have."""
    net = Network([Conv2D(1, 1, strides=3), Conv2D(1, 3, padding="same")], (8, 8, 1))
    field = receptive_field(net, "conv2d_2", (2, 2))
    assert box(field) == (3, 3, 4, 4)
    assert field.full == (3, 3, 7, 7)


def test_cutting_a_field_out():
    picture = np.arange(1, 21, dtype=np.uint8).reshape(4, 5, 1)
    inside = Field(1, 2, 2, 2, (1, 2, 2, 2)).cut(picture)
    np.testing.assert_array_equal(inside[..., 0], [[8, 9], [13, 14]])
    beyond = Field(0, 3, 1, 2, (-1, 3, 2, 3)).cut(picture)
    np.testing.assert_array_equal(beyond[..., 0], [[0, 0, 0], [4, 5, 0]])
    assert beyond.dtype == np.uint8
    assert not Field(0, 0, 1, 1, (-3, 0, 2, 2)).cut(picture).any()


def test_bad_requests():
    net = Network([Conv2D(1, 3), Flatten(), Dense(2)], (6, 6, 1))
    for layer, position, problem in [
        ("conv", (0, 0), "expected a layer of conv2d_1, flatten_1, dense_1, got 'conv'"),
        (3, 0, "expected a layer's name, or its number"),
        ("conv2d_1", 3, "expected a position in 'conv2d_1' as .row, column., got 3"),
        ("conv2d_1", (4, 0), "expected a row of 'conv2d_1' .* at most 3, got 4"),
        ("conv2d_1", (0, -1), "expected a column"),
        ("dense_1", (0, 0), "expected a unit of 'dense_1'"),
        ("dense_1", 2, "at most 1, got 2"),
    ]:
        with pytest.raises(ConfigError, match=problem):
            receptive_field(net, layer, position)
    with pytest.raises(ConfigError, match="expected a net such as"):
        receptive_field("lenet", 0, 0)
    with pytest.raises(ShapeError, match="expected a net of pictures"):
        receptive_field(Network([Dense(2)], (3,)), 0, 0)


def test_a_layer_that_does_not_say_what_it_sees():
    class Turned(Linear):
        def build(self, input_shape, rng, dtype=np.float32):
            super().build(input_shape, rng, dtype)
            self.output_shape = (input_shape[1], input_shape[0], input_shape[2])
            return self.output_shape

    net = Network([Turned()], (2, 3, 1))
    with pytest.raises(ConfigError, match="turned_1: expected a layer that says where"):
        receptive_field(net, 0, (0, 0))
