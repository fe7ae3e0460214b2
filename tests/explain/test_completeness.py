"""The promise: contributions add up to the margin's change, at the picture and at every layer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from helpers.asked import nets, pictures
from whynet.explain import (
    Contrast,
    conductances,
    integrated_gradients,
    layer_conductance,
    occlusion,
)
from whynet.explain.paths import baseline_images, integrate

METHODS = {
    "integrated gradients": lambda contrast: integrated_gradients(contrast, tolerance=1e-3),
    "conductance": lambda contrast: layer_conductance(contrast, 0, tolerance=1e-2),
    "fixed steps": lambda contrast: integrated_gradients(contrast, rule="gausslegendre", steps=9),
    "occlusion": lambda contrast: occlusion(contrast, 7, stride=7),
}


@settings(max_examples=25)
@given(net=nets())
def test_any_net_at_every_place(net):
    x = pictures(3)
    contrast = Contrast(net, x, 0, 1)
    start = baseline_images(contrast, x[::-1].copy())
    places = range(len(contrast.layers) + 1)
    # A floor for nets, and pictures, between which the margin hardly changes.
    found = integrate(contrast, start, places, tolerance=1e-5, most=3000)
    changes = contrast.margins() - contrast.margins(start)
    np.testing.assert_allclose(found.changes, changes, atol=1e-12)
    for place in places:
        shares = found.contributions[place]
        assert shares.shape == (3, *contrast.shape(place))
        spread = np.abs(shares).reshape(3, -1).sum(axis=1)
        missing = np.abs(shares.reshape(3, -1).sum(axis=1) - changes)
        assert (missing <= 1e-5 * np.abs(changes) + 1e-5 * spread + 1e-12).all()


def test_every_layer_tight(exact, digits):
    contrast = Contrast(exact, digits[1][:1])
    found = conductances(contrast, tolerance=1e-5)
    assert list(found) == [layer.name for layer in exact.layers]
    for shares in found.values():
        assert shares.relative_residual.max() <= 1e-5


def test_a_hundred_digits_in_float32(digits):
    contrast = Contrast(digits[0], digits[1])
    found = integrated_gradients(contrast)
    # Where the margin hardly changes, all that is left is what float32 rounds logits by.
    rounding = 1e-6 * np.abs(contrast.logits).max(axis=1)
    missing = np.abs(found.residual)
    assert (missing <= 1e-4 * np.abs(found.expected) + rounding).all()
    assert np.median(found.relative_residual) <= 1e-4
    assert np.median(found.evaluations) < 1000


def test_every_layer_in_float32(digits):
    contrast = Contrast(digits[0], digits[1][:4])
    rounding = 1e-6 * np.abs(contrast.logits).max(axis=1)
    for shares in conductances(contrast).values():
        missing = np.abs(shares.residual)
        assert (missing <= 1e-4 * np.abs(shares.expected) + rounding).all()


def test_flatten_hands_on_what_it_is_given(digits):
    contrast = Contrast(digits[0], digits[1][:2])
    found = conductances(contrast, ["maxpooling2d_2", "flatten_1"])
    np.testing.assert_array_equal(
        found["maxpooling2d_2"].values.reshape(2, -1), found["flatten_1"].values
    )


def test_the_adaptive_rule_finds_what_many_steps_find(exact, digits):
    contrast = Contrast(exact, digits[1][:1])
    many = integrated_gradients(contrast, rule="riemann_middle", steps=3000).values
    found = integrated_gradients(contrast).values
    assert np.abs(found - many).sum() <= 3e-3 * np.abs(many).sum()


def test_it_gives_up_where_it_is_told(digits):
    contrast = Contrast(digits[0], digits[1][:3])
    found = integrated_gradients(contrast, tolerance=1e-9, max_evaluations=100)
    assert (found.evaluations == 100).all()
    assert (found.relative_residual > 0).all()  # and says so


def test_a_path_that_goes_nowhere(digits):
    contrast = Contrast(digits[0], digits[1][:2])
    found = integrated_gradients(contrast, digits[1][:2])
    assert not found.values.any()
    assert not found.relative_residual.any()


@pytest.mark.parametrize("method", METHODS)
def test_threads_do_not_matter(digits, method):
    alone, together = (
        METHODS[method](Contrast(digits[0], digits[1][:20], threads=threads)) for threads in (1, 2)
    )
    np.testing.assert_array_equal(alone.values, together.values)
    np.testing.assert_array_equal(alone.evaluations, together.evaluations)
