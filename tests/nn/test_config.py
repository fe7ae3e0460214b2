"""Layers and nets described in plain values, and every refusal of an option or a shape."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from helpers.layers import Example, every_example, titled
from whynet.errors import ConfigError, NotDifferentiableError, ShapeError, WhynetError
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
    LeakyReLU,
    MaxPooling2D,
    Network,
    ReLU,
    Step,
    layer_from_config,
)
from whynet.nn.costs import as_targets, get_cost

RNG = np.random.default_rng(0)


@every_example
def test_a_layer_comes_back_from_its_description(example: Example):
    layer = example.make()
    layer.name = "first"
    written = json.dumps(layer.config())
    again = layer_from_config(json.loads(written))
    assert type(again) is type(layer)
    assert json.dumps(again.config()) == written
    # It is not only described alike: it is the same function.
    for one in (layer, again):
        one.build(example.input_shape, np.random.default_rng(1), np.float64)
    assert again.output_shape == layer.output_shape
    assert again.parameter_count == layer.parameter_count
    assert again.window == layer.window
    x = np.random.default_rng(2).standard_normal((2, *example.input_shape))
    y, right = (
        one.forward(x, training=True, rng=np.random.default_rng(3))[0] for one in (again, layer)
    )
    np.testing.assert_array_equal(y, right)


@pytest.mark.parametrize(
    ("layer", "config"),
    [
        (Dense(10), {"type": "Dense", "units": 10}),
        (Dense(10, name="last"), {"type": "Dense", "units": 10, "name": "last"}),
        (Conv2D(8, 3), {"type": "Conv2D", "filters": 8}),
        (
            Conv2D(8, 5, padding="same", algorithm="im2col"),
            {
                "type": "Conv2D",
                "filters": 8,
                "kernel_size": 5,
                "padding": "same",
                "algorithm": "im2col",
            },
        ),
        (MaxPooling2D(), {"type": "MaxPooling2D"}),
        (ReLU(), {"type": "ReLU"}),
        (Activation("relu"), {"type": "Activation", "function": "relu"}),
        (LeakyReLU(0.2), {"type": "LeakyReLU", "negative_slope": 0.2}),
        (BatchNormalization(momentum=0.99), {"type": "BatchNormalization", "momentum": 0.99}),
    ],
    ids=titled,
)
def test_a_description_tells_what_was_chosen_and_no_more(layer, config):
    assert layer.config() == config


def test_a_description_of_a_built_layer_holds_no_arrays():
    layer = BatchNormalization()
    before = layer.config()
    layer.build((2, 2, 3), RNG)
    assert layer.config() == before


def test_a_net_comes_back_from_its_description():
    net = Network(
        [
            Conv2D(4, (3, 2), padding="same", strides=(1, 2), groups=2),
            BatchNormalization(momentum=0.5),
            Activation("tanh"),
            MaxPooling2D(2, strides=1, name="pool"),
            Dropout(0.25),
            Flatten(),
            Dense(3, kernel_initializer="he_normal"),
        ],
        (6, 5, 2),
        seed=4,
    )
    config = json.loads(json.dumps(net.config()))
    again = Network.from_config(config, seed=4)
    assert again.config() == config
    assert [layer.name for layer in again.layers] == [layer.name for layer in net.layers]
    np.testing.assert_array_equal(again.parameters, net.parameters)


# -- refusals -----------------------------------------------------------------------------------


def build(layer, *input_shape):
    layer.name = "here"
    return layer.build(input_shape, np.random.default_rng(0))


def make(**config):
    return layer_from_config(config)


CONFIG_ERRORS = {
    "units zero": (lambda: Dense(0), "units", "0"),
    "units bool": (lambda: Dense(True), "units", "True"),
    "units text": (lambda: Dense("10"), "units", "'10'"),
    "units fraction": (lambda: Dense(2.5), "units", "2.5"),
    "dense kernel initializer": (lambda: Dense(1, kernel_initializer="he"), "initializer", "'he'"),
    "dense bias initializer": (lambda: Dense(1, bias_initializer="he"), "initializer", "'he'"),
    "filters": (lambda: Conv2D(0), "filters", "0"),
    "groups": (lambda: Conv2D(2, groups=0), "groups", "0"),
    "filters by groups": (lambda: Conv2D(3, groups=2), "groups", "3 and 2"),
    "kernel size": (lambda: Conv2D(1, 0), "kernel_size", "0"),
    "kernel size of three": (lambda: Conv2D(1, (3, 3, 3)), "kernel_size", "(3, 3, 3)"),
    "kernel size fraction": (lambda: Conv2D(1, 2.5), "kernel_size", "2.5"),
    "kernel size pair of fractions": (lambda: Conv2D(1, (3.0, 3)), "kernel_size", "(3.0, 3)"),
    "kernel size none": (lambda: Conv2D(1, None), "kernel_size", "None"),
    "kernel size bool": (lambda: Conv2D(1, True), "kernel_size", "True"),
    "kernel size text": (lambda: Conv2D(1, "33"), "kernel_size", "'33'"),
    "strides": (lambda: Conv2D(1, strides=(1, 0)), "strides", "(1, 0)"),
    "padding": (lambda: Conv2D(1, padding="full"), "padding", "'full'"),
    "algorithm": (lambda: Conv2D(1, algorithm="fft"), "algorithm", "'fft'"),
    "conv kernel initializer": (
        lambda: Conv2D(1, kernel_initializer="he"),
        "initializer",
        "'he'",
    ),
    "conv bias initializer": (lambda: Conv2D(1, bias_initializer="he"), "initializer", "'he'"),
    "depth multiplier": (lambda: DepthwiseConv2D(depth_multiplier=0), "depth_multiplier", "0"),
    "depthwise kernel size": (lambda: DepthwiseConv2D((0, 1)), "kernel_size", "(0, 1)"),
    "pool size": (lambda: MaxPooling2D(-1), "pool_size", "-1"),
    "pool size fraction": (lambda: AveragePooling2D(1.5), "pool_size", "1.5"),
    "pool strides": (lambda: AveragePooling2D(2, strides=0), "strides", "0"),
    "pool padding": (lambda: MaxPooling2D(2, padding="none"), "padding", "'none'"),
    "activation": (lambda: Activation("relo"), "activation", "'relo'"),
    "slope 0": (lambda: LeakyReLU(0), "negative_slope", "0"),
    "slope 1": (lambda: LeakyReLU(1.0), "negative_slope", "1.0"),
    "slope nan": (lambda: LeakyReLU(float("nan")), "negative_slope", "nan"),
    "rate 1": (lambda: Dropout(1), "rate", "1"),
    "rate below 0": (lambda: Dropout(-0.1), "rate", "-0.1"),
    "rate nan": (lambda: Dropout(float("nan")), "rate", "nan"),
    "rate text": (lambda: Dropout("0.5"), "rate", "'0.5'"),
    "rate bool": (lambda: Dropout(False), "rate", "False"),
    "slope text": (lambda: LeakyReLU("a"), "negative_slope", "'a'"),
    "momentum text": (lambda: BatchNormalization("x"), "momentum", "'x'"),
    "initializer list": (
        lambda: Dense(1, kernel_initializer=["he_normal"]),
        "initializer",
        "['he_normal']",
    ),
    "activation list": (lambda: Activation(["relu"]), "activation", "['relu']"),
    "cost list": (lambda: get_cost(["quadratic"]), "cost", "['quadratic']"),
    "missing filters": (lambda: make(type="Conv2D"), "Conv2D: expected filters", "none"),
    "a layer for a list": (lambda: Network(Flatten()), "list of layers", "Flatten"),
    "a class for a layer": (lambda: Network([Flatten]), "layers such as Flatten()", None),
    "half precision": (lambda: Network([Flatten()], dtype=np.float16), "dtype", None),
    "no dtype": (lambda: Network([Flatten()], dtype="float"[:2]), "dtype", "'fl'"),
    "name of the rule": (lambda: Network([Flatten(name="optimizer")]), "name", "'optimizer'"),
    "name with a dot": (lambda: Network([Flatten(name="a.b")]), "name", "'a.b'"),
    "blank name": (lambda: Network([Flatten(name="  ")]), "name", "'  '"),
    "name of two lines": (lambda: Network([Flatten(name="a\nb")]), "name", r"'a\nb'"),
    "name of a number": (lambda: Network([Flatten(name=3)]), "name", "3"),
    "name of a list": (lambda: Network([Flatten(name=[])]), "name", "[]"),
    "momentum": (lambda: BatchNormalization(momentum=1), "momentum", "1"),
    "epsilon": (lambda: BatchNormalization(epsilon=0), "epsilon", "0"),
    "epsilon nan": (lambda: BatchNormalization(epsilon=float("nan")), "epsilon", "nan"),
    "no layer": (lambda: layer_from_config("Dense"), "layer", "'Dense'"),
    "no type": (lambda: make(units=3), "layer", "{'units': 3}"),
    "type of a wrong type": (lambda: make(type=3), "layer type", "3"),
    "unknown type": (lambda: make(type="Dens"), "Dense", "'Dens'"),
    "abstract type": (lambda: make(type="_Pooling"), "MaxPooling2D", "'_Pooling'"),
    "unknown option": (lambda: make(type="Dense", units=3, unit=3), "Dense: ", "unit"),
    "inner option": (lambda: make(type="ReLU", function="tanh"), "ReLU: ", "function"),
    "no net": (lambda: Network.from_config([]), "net", "[]"),
    "no input shape": (lambda: Network.from_config({}), "input_shape", "None"),
    "input shape of fractions": (
        lambda: Network.from_config({"input_shape": [2.5], "layers": []}),
        "input_shape",
        "[2.5]",
    ),
    "no layers": (lambda: Network.from_config({"input_shape": [2]}), "layers", "None"),
    "empty net": (lambda: Network([]), "layer", "none"),
    "layer twice": (lambda: Network([ReLU()] * 2), "every layer once", None),
    "name twice": (
        lambda: Network([ReLU(name="one"), ReLU(name="one")]),
        "different name",
        "'one' twice",
    ),
    "cost": (lambda: get_cost("mse"), "cost", "'mse'"),
    "label too large": (lambda: as_targets(np.array([3, 10]), 10), "0 to 9", "3 to 10"),
    "label negative": (lambda: as_targets(np.array([-1, 3]), 10), "0 to 9", "-1 to 3"),
    "label fractions": (lambda: as_targets(np.array([1.0]), 10), "integer labels", "float64"),
    "target nan": (lambda: as_targets(np.full((1, 3), np.nan), 3), "finite", "NaN"),
}

SHAPE_ERRORS = {
    "dense on pictures": (lambda: build(Dense(3), 5, 5, 1), "here: ", "(5, 5, 1)"),
    "conv on vectors": (lambda: build(Conv2D(3), 5), "here: ", "(5,)"),
    "depthwise on vectors": (lambda: build(DepthwiseConv2D(), 5), "here: ", "(5,)"),
    "max pooling on vectors": (lambda: build(MaxPooling2D(), 5), "here: ", "(5,)"),
    "mean of vectors": (lambda: build(GlobalAveragePooling2D(), 5), "here: ", "(5,)"),
    "small map": (lambda: build(Conv2D(3, 5), 4, 6, 1), "here: ", "4×6"),
    "small map for depthwise": (lambda: build(DepthwiseConv2D((2, 5)), 6, 4, 1), "2×5", "6×4"),
    "small map for pooling": (lambda: build(AveragePooling2D(3), 3, 2, 1), "here: ", "3×2"),
    "channels by groups": (lambda: build(Conv2D(2, groups=2), 4, 4, 3), "here: ", "3"),
    "input of nothing": (lambda: Network([ReLU()], ()), "input shape", "()"),
    "input of size 0": (lambda: Network([ReLU()], (3, 0)), "input shape", "(3, 0)"),
    "input of one number": (lambda: Network([ReLU()], 28), "input shape", "28"),
    "input of fractions": (lambda: Network([ReLU()], (2.5,)), "input shape", "(2.5,)"),
    "a window far larger than the map": (
        lambda: build(MaxPooling2D(10**9, padding="same"), 28, 28, 1),
        "here: expected a window of at most 56×56 on a map of 28×28",
        "1000000000×1000000000",
    ),
    "strides far larger than the map": (
        lambda: build(Conv2D(1, strides=10**26), 28, 5, 1),
        "here: expected strides of at most 56×32 on a map of 28×5",
        None,
    ),
    "input to the net": (
        lambda: Network([Dense(2)], (3,)).forward(np.zeros((5, 4))),
        "dense_1: expected input of shape (n, 3)",
        "(5, 4)",
    ),
    "input without a batch": (
        lambda: Network([Flatten(name="in")], (3, 3, 1)).forward(np.zeros((3, 3, 1))),
        "in: expected input of shape (n, 3, 3, 1)",
        "(3, 3, 1)",
    ),
    "layers that do not fit": (
        lambda: Network([Conv2D(2), Dense(2, name="top")], (5, 5, 1)),
        "top: ",
        "(3, 3, 2): put Flatten",
    ),
    "targets of another width": (lambda: as_targets(np.zeros((2, 4)), 3), "(n, 3)", "(2, 4)"),
    "labels of rank 0": (lambda: as_targets(np.array(3), 3), "labels (n,)", "()"),
}


def assert_one_clear_sentence(error: WhynetError, names: str, got: str | None) -> None:
    message = str(error)
    assert "\n" not in message
    assert not re.search(r"[.!?] +[A-Z]", message), "expected one sentence"
    assert names in message
    assert "expected" in message
    if got is not None:
        assert re.search(rf"got (shape )?{re.escape(got)}", message)


@pytest.mark.parametrize(("action", "names", "got"), CONFIG_ERRORS.values(), ids=CONFIG_ERRORS)
def test_options_that_make_no_sense(action, names, got):
    with pytest.raises(ConfigError) as caught:
        action()
    assert_one_clear_sentence(caught.value, names, got)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(("action", "names", "got"), SHAPE_ERRORS.values(), ids=SHAPE_ERRORS)
def test_shapes_that_do_not_fit(action, names, got):
    with pytest.raises(ShapeError) as caught:
        action()
    assert_one_clear_sentence(caught.value, names, got)
    assert isinstance(caught.value, ValueError)


def test_a_missing_option_is_named():
    with pytest.raises(ConfigError, match="Dense: expected units, got none"):
        make(type="Dense")


@pytest.mark.parametrize(
    "config",
    [
        {"type": "Dropout", "rate": "half"},
        {"type": "LeakyReLU", "negative_slope": None},
        {"type": "BatchNormalization", "momentum": []},
        {"type": "Activation", "function": ["relu"]},
        {"type": "Conv2D", "filters": 3, "padding": 1},
        {"type": "Dense", "units": 3, "kernel_initializer": {}},
    ],
    ids=lambda config: config["type"],
)
def test_values_of_a_wrong_type_in_a_file_are_refused_as_such(config):
    with pytest.raises(ConfigError):
        layer_from_config(config)


def test_numpy_numbers_become_pythons():
    n = np.int64(3)
    layers = [
        Conv2D(n, n, strides=(n, 1), groups=n),
        DepthwiseConv2D([n, 2], depth_multiplier=n, padding="same"),
        MaxPooling2D(n, strides=n, padding="same"),
        Dropout(np.float32(0.5)),
        BatchNormalization(np.float32(0.5), np.float64(0.25)),
        LeakyReLU(np.float32(0.5)),
        Flatten(),
        Dense(n),
    ]
    net = Network(layers, (np.int32(9), 9, n))
    config = net.config()
    assert json.loads(json.dumps(config)) == Network.from_config(config).config() | {
        "layers": json.loads(json.dumps(config["layers"]))
    }
    assert Conv2D(n, n).config() == Conv2D(3, 3).config()


def test_a_filter_of_a_usual_size_suits_any_padded_map():
    assert build(Conv2D(2, 7, padding="same", strides=2), 1, 1, 1) == (1, 1, 2)


def test_the_perceptron_has_no_gradient():
    for layer in (Step(), Activation("step")):
        build(layer, 3)
        _, cache = layer.forward(np.ones((1, 3)))
        with pytest.raises(NotDifferentiableError, match="step function") as caught:
            layer.backward(np.ones((1, 3)), cache)
        assert "\n" not in str(caught.value)
        assert isinstance(caught.value, RuntimeError)
