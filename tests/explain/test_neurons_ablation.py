"""Ablation: what the layers above say when some units say something else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.asked import nets, pictures
from whynet import Sequential
from whynet.errors import ConfigError, ShapeError
from whynet.explain import Contrast
from whynet.explain.neurons import ablate, ablate_each
from whynet.nn import Conv2D, Dense, Flatten, ReLU, Softmax

X = np.random.default_rng(0).uniform(0, 1, (40, 6, 5, 1)).astype(np.float32)
LABELS = np.arange(40) % 4


def small(*end) -> Sequential:
    layers = [Conv2D(3, 3), ReLU(), Flatten(), Dense(5), ReLU(), Dense(4), *end]
    return Sequential(layers, (6, 5, 1), seed=2)


def by_hand(net, place, units, x, to="zero"):
    for layer in net.layers[:place]:
        x, _ = layer.forward(x)
    x = x.copy()
    x[..., units] = 0 if to == "zero" else x[..., units].mean(axis=0)
    for layer in net.layers[place:]:
        x, _ = layer.forward(x)
    return x


@settings(max_examples=40)
@given(net=nets(), to=st.sampled_from(["zero", "mean"]), data=st.data())
def test_it_is_what_the_layers_above_say(net, to, data):
    top = len(Contrast(net, pictures(1)).layers)
    place = data.draw(st.integers(1, top))
    units = data.draw(
        st.sets(st.integers(0, net.layers[place - 1].output_shape[-1] - 1), min_size=1)
    )
    net.layers = net.layers[:top]  # the logits, also where a softmax follows
    found = ablate(net, place - 1, sorted(units), pictures(3), to=to)
    expected = by_hand(net, place, sorted(units), pictures(3), to)
    np.testing.assert_allclose(found.logits_after, expected, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(
        found.logits_before, net.forward(pictures(3))[0], rtol=1e-7, atol=1e-10
    )


@pytest.mark.parametrize("to", ["zero", "mean"])
@pytest.mark.parametrize("layer", ["conv2d_1", "relu_1", "flatten_1", "relu_2", "dense_2"])
def test_each_is_every_one_alone(layer, to):
    net = small()
    many = np.tile(X, (60, 1, 1, 1))  # several blocks
    each = ablate_each(net, layer, many, rival=1, predicted=0, to=to, threads=1)
    assert list(each) == list(range(net.activations(X[:1])[layer].shape[-1]))
    for unit in list(each)[:3]:
        alone = ablate(net, layer, unit, many, rival=1, predicted=0, to=to, threads=3)
        np.testing.assert_array_equal(each[unit].logits_after, alone.logits_after)
        np.testing.assert_array_equal(each[unit].logits_before, alone.logits_before)
        assert each[unit].units == alone.units == (unit,)


def test_nothing_about_the_net_changes():
    net = small()
    weights, before = net.parameters.copy(), net.outputs(X)
    net.parameters.flags.writeable = False
    ablate(net, "relu_1", [0, 1], X, to="mean")
    np.testing.assert_array_equal(net.parameters, weights)
    np.testing.assert_array_equal(net.outputs(X), before)


def test_a_unit_that_is_off_is_not_missed():
    net = small()
    net.layers[0].params["bias"][1] = -100
    found = ablate(net, "relu_1", 1, X, LABELS)
    np.testing.assert_array_equal(found.logits_before, found.logits_after)
    assert not found.changed.any()
    assert found.accuracy_before == found.accuracy_after


def test_margins_answers_and_accuracy():
    net = small()
    found = ablate(net, "relu_2", [0, 2, 3], X, LABELS, predicted=3, rival=0)
    before, after = net.outputs(X), by_hand(net, 5, [0, 2, 3], X)
    np.testing.assert_allclose(found.margins_before, before[:, 3] - before[:, 0], atol=1e-5)
    np.testing.assert_allclose(found.margins_after, after[:, 3] - after[:, 0], atol=1e-5)
    np.testing.assert_array_equal(found.changed, before.argmax(axis=1) != after.argmax(axis=1))
    assert found.changed.any()
    assert found.accuracy_before == (before.argmax(axis=1) == LABELS).mean()
    assert found.accuracy_after == (after.argmax(axis=1) == LABELS).mean()
    blind = ablate(net, "relu_2", 0, X)
    assert blind.accuracy_before is None
    assert blind.accuracy_after is None
    np.testing.assert_array_equal(blind.predicted, before.argmax(axis=1))


def test_without_a_logits_unit_the_logit_is_zero():
    found = ablate(small(), "dense_2", 2, X)
    assert (found.logits_after[:, 2] == 0).all()
    np.testing.assert_array_equal(
        found.logits_after[:, [0, 1, 3]], found.logits_before[:, [0, 1, 3]]
    )


def test_bad_requests():
    net = small()
    for options, problem in [
        ({"layer": "relu_3"}, "expected a layer of conv2d_1"),
        ({"units": 3}, "expected a unit as a whole number .* at most 2, got 3"),
        ({"to": "noise"}, "expected a stand-in of zero, mean, got 'noise'"),
        ({"rival": 7}, "expected a class as rival of 0, 1, 2, 3, got 7"),
        ({"labels": LABELS + 1}, "expected labels from 0 to 3"),
        ({"net": "lenet"}, "expected a net such as"),
    ]:
        given_ = {"net": net, "layer": "relu_1", "units": 0, "images": X} | options
        with pytest.raises(ConfigError, match=problem):
            ablate(**given_)
    for labels in (LABELS[:-1], LABELS / 2, np.eye(4)[LABELS]):
        with pytest.raises(ShapeError, match="expected 40 labels as whole numbers, got"):
            ablate(net, "relu_1", 0, X, labels)
    with pytest.raises(ConfigError, match="up to the logits, 'dense_2', got 'softmax_1'"):
        ablate_each(small(Softmax()), -1, X)
