"""Activation maximisation: a picture that excites a unit, and what is said about it."""

from __future__ import annotations

import numpy as np
import pytest

from whynet import Sequential
from whynet.errors import ConfigError, NotDifferentiableError, ShapeError
from whynet.explain.neurons import activation_maximisation, exciting_patches, receptive_field
from whynet.nn import Conv2D, Dense, Flatten, MaxPooling2D, Network, ReLU, Softmax, Step

FREE = {"smoothness": 0, "ink": 0, "jitter": 0, "blur": 0}


def small(*end) -> Sequential:
    layers = [Conv2D(3, 3, padding="same"), ReLU(), MaxPooling2D(), Flatten(), Dense(4), *end]
    return Sequential(layers, (8, 8, 1), seed=1)


def linear() -> Sequential:
    """Every pixel weighs something, so that every pixel has somewhere to go."""
    net = Sequential([Flatten(), Dense(3)], (5, 4, 2))
    rng = np.random.default_rng(4)
    net.parameters[:] = rng.choice([-1, 1], net.parameters.size) * rng.uniform(
        0.5, 1, net.parameters.size
    )
    net.layers[1].params["bias"][:] = 0
    return net


def test_without_priors_a_linear_unit_gets_the_best_picture_there_is():
    net = linear()
    for unit in range(3):
        found = activation_maximisation(net, "dense_1", unit, starts=1, **FREE)
        weights = net.layers[1].params["kernel"][:, unit]
        assert found.activation == pytest.approx(weights[weights > 0].sum(), rel=1e-5)
        np.testing.assert_array_equal(found.picture.ravel(), np.where(weights > 0, 255, 0))


@pytest.mark.parametrize("layer", ["conv2d_1", "relu_1", "maxpooling2d_1", "flatten_1", "dense_1"])
def test_the_activation_is_the_nets_own(layer):
    net = small()
    found = activation_maximisation(net, layer, 2, steps=20, starts=2)
    said = net.activations(found.picture)[layer][0]
    assert found.activation == pytest.approx(said[(*found.position, 2)], rel=1e-5, abs=1e-6)
    assert found.picture.dtype == np.uint8
    assert found.trace.shape == (20,)
    outside = np.ones((8, 8, 1), bool)
    outside[found.field.pixels] = False
    assert not found.picture[outside].any()
    np.testing.assert_array_equal(found.patch, found.field.cut(found.picture))


def test_position_is_the_middle_unless_told():
    net = small()
    assert activation_maximisation(net, "relu_1", 0, steps=1).position == (4, 4)
    corner = activation_maximisation(net, "relu_1", 0, position=(0, 7), steps=1)
    assert corner.position == (0, 7)
    assert corner.field == receptive_field(net, "relu_1", (0, 7))
    assert activation_maximisation(net, "dense_1", 0, steps=1).position == ()


def test_a_unit_that_starts_switched_off_is_switched_on():
    net = small()
    net.layers[0].params["kernel"][..., 1] = 1
    net.layers[0].params["bias"][1] = -4  # 9 for white, below 0 for all noise to start from
    for layer in ("relu_1", "maxpooling2d_1"):
        found = activation_maximisation(net, layer, 1)
        assert found.trace[0] < 0
        assert found.activation > 1


def test_a_softmax_is_left_out_while_climbing():
    """Its gradient would be 0 at once where it is sure; its logit has one everywhere."""
    plain, bounded = small(), small(Softmax())
    bounded.parameters[...] = plain.parameters
    plain.layers[4].params["bias"][3] = bounded.layers[4].params["bias"][3] = 50
    logit = activation_maximisation(plain, "dense_1", 3, steps=30)
    likely = activation_maximisation(bounded, "softmax_1", 3, steps=30)
    np.testing.assert_array_equal(logit.picture, likely.picture)
    assert likely.activation == pytest.approx(1)


def test_the_same_on_any_number_of_threads_and_another_with_another_seed():
    net = small()
    one, three, other = (
        activation_maximisation(net, "dense_1", 1, steps=30, jitter=2, threads=threads, seed=seed)
        for threads, seed in ((1, 0), (3, 0), (1, 1))
    )
    np.testing.assert_array_equal(one.picture, three.picture)
    np.testing.assert_array_equal(one.trace, three.trace)
    assert (one.picture != other.picture).any()


def test_smoothness_makes_smooth_and_ink_makes_dark():
    net = linear()

    def variation(picture):
        ink = picture.astype(float)
        return sum(np.abs(np.diff(ink, axis=axis)).sum() for axis in (0, 1))

    free, smooth, dark = (
        activation_maximisation(net, "dense_1", 0, starts=1, **FREE | priors)
        for priors in ({}, {"smoothness": 0.5}, {"ink": 0.8})
    )
    assert variation(smooth.picture) < variation(free.picture)
    assert dark.picture.sum() < free.picture.sum()
    assert max(smooth.activation, dark.activation) < free.activation


def test_compared_with_real_pictures(digits):
    net, images, _ = digits
    for layer, unit in (("dense_2", 4), ("relu_2", 3)):
        found = activation_maximisation(net, layer, unit, images=images)
        best = exciting_patches(net, layer, images, units=unit, count=1)[unit]
        assert found.real == best.activations[0]
        assert found.beats_real is (found.activation > found.real)
        assert f"to any real one ({found.real:.4g})" in found.words
        assert f"says {found.activation:.4g} to this picture" in found.words
    logit = activation_maximisation(net, "dense_2", 4, images=images)
    assert logit.beats_real is True
    assert ", more than to any real one" in logit.words
    assert np.mean(logit.trace[-5:]) > logit.trace[0]


def test_it_says_so_when_it_is_beaten_or_alone():
    net = small()
    white = np.full((1, 8, 8, 1), 255, np.uint8)
    net.layers[0].params["kernel"][..., 0] = 1
    beaten = activation_maximisation(net, "relu_1", 0, images=white, ink=5)
    assert beaten.beats_real is False
    assert "no more than it says, at most, to any real one" in beaten.words
    alone = activation_maximisation(net, "relu_1", 0, steps=1)
    assert alone.real is None
    assert alone.beats_real is None
    assert "real" not in alone.words
    net.layers[0].params["bias"][0] = -100
    assert activation_maximisation(net, "relu_1", 0, images=white, steps=1).real == 0


def test_colours():
    net = Sequential([Conv2D(2, 3), ReLU(), Flatten(), Dense(3)], (9, 9, 3))
    found = activation_maximisation(net, "dense_1", 1, steps=30)
    assert found.picture.shape == (9, 9, 3)
    assert found.activation > net.outputs(np.zeros((1, 9, 9, 3)))[0, 1]


def test_bad_requests():
    net = small()
    for options, problem in [
        ({"unit": 3}, "expected a unit as a whole number .* at most 2, got 3"),
        ({"unit": [1]}, "expected a unit as a whole number"),
        ({"position": (0, 9)}, "expected a column of 'relu_1'"),
        ({"position": 4}, "expected a position in 'relu_1'"),
        ({"layer": "dense_1", "position": (0, 0)}, "expected no position in 'dense_1'"),
        ({"steps": 0}, "expected steps"),
        ({"starts": 0}, "expected starts"),
        ({"smoothness": -1}, "expected smoothness"),
        ({"ink": np.nan}, "expected ink"),
        ({"jitter": 1.5}, "expected jitter"),
        ({"blur": -1}, "expected blur"),
        ({"seed": -1}, "expected a seed"),
    ]:
        with pytest.raises(ConfigError, match=problem):
            activation_maximisation(**{"net": net, "layer": "relu_1", "unit": 0} | options)
    with pytest.raises(ShapeError, match="expected a net of pictures"):
        activation_maximisation(Network([Dense(2)], (3,)), 0, 0)
    net.layers[4].params["kernel"][0, 0] = np.inf
    with pytest.raises(ConfigError, match="expected finite activations and gradients"):
        activation_maximisation(net, "dense_1", 0)
    stepped = Sequential([Flatten(), Dense(3), Step(), Dense(2)], (4, 4, 1))
    with pytest.raises(NotDifferentiableError):
        activation_maximisation(stepped, "dense_2", 0)
