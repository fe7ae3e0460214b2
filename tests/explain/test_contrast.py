"""The question: what is asked, of which logits, and what makes no sense."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings

from helpers.asked import nets, pictures
from whynet import Sequential
from whynet.errors import ConfigError, ShapeError
from whynet.explain import Contrast, conductances, grad_cam, integrated_gradients, occlusion
from whynet.nn import Conv2D, Dense, Flatten, Network, ReLU, Sigmoid, Softmax, Tanh


def small(*end, classes=()):
    return Sequential([Flatten(), Dense(5), *end], (4, 4, 1), classes=classes)


X = np.random.default_rng(0).uniform(0, 1, (6, 4, 4, 1)).astype(np.float32)


def test_the_rival_is_the_runner_up():
    net = small()
    contrast = Contrast(net, X)
    order = net.outputs(X).argsort(axis=1)
    np.testing.assert_array_equal(contrast.predicted, order[:, -1])
    np.testing.assert_array_equal(contrast.rival, order[:, -2])
    top = np.sort(net.outputs(X), axis=1)
    np.testing.assert_allclose(contrast.margins(), top[:, -1] - top[:, -2], rtol=1e-5, atol=1e-6)


def test_classes_by_number_name_or_one_for_each():
    net = small(classes=("cat", "dog", "owl", "fox", "bee"))
    contrast = Contrast(net, X, "dog", [0, 2, 3, 4, 0, 2])
    assert contrast.predicted.tolist() == [1] * 6
    assert contrast.rival.tolist() == [0, 2, 3, 4, 0, 2]
    y = net.outputs(X)
    expected = y[:, 1] - y[np.arange(6), contrast.rival]
    np.testing.assert_allclose(contrast.margins(), expected, atol=1e-6)


def test_targets():
    net = small()
    y = net.outputs(X)
    logit = Contrast(net, X, 1, 2, target="logit").margins()
    likely = Contrast(net, X, 1, 2, target="probability").margins()
    np.testing.assert_allclose(logit, y[:, 1], atol=1e-6)
    np.testing.assert_allclose(likely, net.predict_proba(X)[:, 1], atol=1e-6)


@pytest.mark.parametrize("target", ["margin", "logit", "probability"])
def test_gradients_are_finite_differences(target):
    net = Network([Conv2D(3), Tanh(), Flatten(), Dense(4), Softmax()], (5, 5, 1), dtype=np.float64)
    x = np.random.default_rng(1).uniform(0, 1, (2, 5, 5, 1))
    contrast = Contrast(net, x, 0, [1, 3], target=target)
    gradients, h = contrast.gradients(), 1e-6
    for row in range(5):
        moved = x.copy()
        moved[:, row, 2] += h
        back = x.copy()
        back[:, row, 2] -= h
        slope = (contrast.margins(moved) - contrast.margins(back)) / (2 * h)
        np.testing.assert_allclose(gradients[:, row, 2, 0], slope, atol=1e-8)


@settings(max_examples=25)
@given(net=nets())
def test_a_layers_gradient_moves_the_margin(net):
    """∂m/∂y at a layer, tried by running the layers above it on a moved y."""
    x = pictures(2)
    contrast = Contrast(net, x, 0, 2)
    rng = np.random.default_rng(3)
    for at, layer in enumerate(contrast.layers):
        y = x
        for below in contrast.layers[: at + 1]:
            y, _ = below.forward(y)
        step = 1e-6 * rng.standard_normal(y.shape)
        ends = []
        for moved in (y + step, y, y - step):
            for above in contrast.layers[at + 1 :]:
                moved, _ = above.forward(moved)
            ends.append(moved[:, 0] - moved[:, 2])
        told = (contrast.gradients(layer=layer.name) * step).reshape(2, -1).sum(axis=1)
        # Where both sides slope alike, there is no kink (such as equal values in a pool) between.
        up, down = ends[0] - ends[1], ends[1] - ends[2]
        smooth = np.isclose(up, down, rtol=1e-4, atol=1e-11)
        np.testing.assert_allclose(up[smooth], told[smooth], rtol=1e-3, atol=1e-10)


@pytest.mark.parametrize("end", [Softmax, Sigmoid])
def test_what_makes_probabilities_is_left_out(end):
    plain, bounded = small(), small(end())
    bounded.parameters[...] = plain.parameters
    for ask in (Contrast.margins, Contrast.gradients):
        np.testing.assert_array_equal(
            ask(Contrast(plain, X, 0, 1)), ask(Contrast(bounded, X, 0, 1))
        )


def test_grey_levels_and_a_single_picture():
    net = small()
    grey = (X * 255).astype(np.uint8)
    many = Contrast(net, grey, 0, 1).margins()
    np.testing.assert_array_equal(
        many, Contrast(net, grey.astype(np.float32) / np.float32(255), 0, 1).margins()
    )
    one = Contrast(net, grey[3, :, :, 0], 0, 1)
    assert one.images.shape == (1, 4, 4, 1)
    np.testing.assert_allclose(one.margins(), many[3:4], atol=1e-6)


def test_other_pictures_may_be_asked_about():
    contrast = Contrast(small(), X, 0, [1, 2, 3, 4, 1, 2])
    again = contrast.margins(X[[3, 3, 0]], np.array([3, 3, 0]))
    np.testing.assert_allclose(again, contrast.margins()[[3, 3, 0]], atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"predicted": 1, "rival": 1}, ConfigError, r"other than the predicted class, got '1'"),
        ({"predicted": 1, "rival": [0, 1, 2, 3, 4, 0]}, ConfigError, r"both \(picture 1\)"),
        ({"rival": 5}, ConfigError, "class as rival of 0, 1, 2, 3, 4, got 5"),
        ({"rival": -1}, ConfigError, "class as rival of"),
        ({"predicted": "nine"}, ConfigError, "a class of .*, got 'nine'"),
        ({"predicted": 1.0}, ConfigError, "a class of"),
        ({"predicted": True}, ConfigError, "a class of"),
        ({"rival": [1, 2]}, ShapeError, "one for each of 6 pictures, got 2"),
        ({"images": X[:, :3]}, ShapeError, "expected input of shape"),
        ({"images": X[:0]}, ShapeError, "at least one picture"),
        ({"images": X * np.nan}, ConfigError, "finite pixels"),
        ({"images": X.astype(int)}, ConfigError, "uint8 grey levels"),
        ({"target": "loss"}, ConfigError, "a target of margin, logit, probability"),
        ({"threads": 0}, ConfigError, "at least 1 thread"),
        ({"net": "lenet"}, ConfigError, "expected a net"),
        ({"net": small(ReLU())}, ConfigError, "ends in logits.*ReLU"),
        ({"net": Network([Flatten(), Dense(1)], (4, 4, 1))}, ConfigError, "ends in logits"),
        ({"net": Network([Conv2D(2)], (4, 4, 1))}, ConfigError, "ends in logits"),
    ],
)
def test_bad_requests(arguments, error, message):
    with pytest.raises(error, match=message) as raised:
        Contrast(**{"net": small(), "images": X, **arguments})
    assert "\n" not in str(raised.value)


def test_a_net_that_is_not_finite():
    net = small()
    net.parameters[3] = np.nan
    with pytest.raises(
        ConfigError, match=r"finite weights, got NaN or infinity in dense_1\.kernel"
    ):
        Contrast(net, X)
    net = small()
    net.parameters[...] = 3e38
    with pytest.raises(ConfigError, match="finite logits"):
        Contrast(net, X)


def test_bad_places():
    contrast = Contrast(small(Softmax()), X)
    for layer in ("softmax_1", "conv", 2, -3, 1.5):
        with pytest.raises(ConfigError, match="a layer"):
            contrast.gradients(layer=layer)
    with pytest.raises(ShapeError, match="a picture for each of 6 images"):
        contrast.margins(X[:2])
    with pytest.raises(ConfigError, match="between 0 and 5"):
        contrast.margins(X[:2], np.array([0, 6]))


def test_nothing_is_assigned_to_layers_nor_to_arguments():
    net = Sequential([Conv2D(2), ReLU(), Flatten(), Dense(5), Softmax()], (6, 6, 1))
    net.parameters.flags.writeable = net.state.flags.writeable = False
    x = np.random.default_rng(0).uniform(0, 1, (3, 6, 6, 1)).astype(np.float32)
    x.flags.writeable = False
    before = [dict(vars(layer)) for layer in net.layers]
    contents = copy.deepcopy(before)
    contrast = Contrast(net, x)
    integrated_gradients(contrast)
    conductances(contrast)
    occlusion(contrast)
    grad_cam(contrast)
    for layer, was, held in zip(net.layers, before, contents, strict=True):
        now = vars(layer)
        assert now.keys() == was.keys()
        assert all(now[name] is value for name, value in was.items())
        for name in now.keys() - {"params", "state"}:
            assert now[name] == held[name]
        for name, array in now["params"].items():
            np.testing.assert_array_equal(array, held["params"][name])
