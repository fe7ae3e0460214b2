"""Each method where its answer can be worked out by hand, and its bad requests."""

from __future__ import annotations

import numpy as np
import pytest

from whynet.errors import ConfigError, ShapeError
from whynet.explain import (
    Contrast,
    conductances,
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    layer_conductance,
    occlusion,
    saliency,
    smoothgrad,
)
from whynet.nn import Conv2D, Dense, Flatten, Network, ReLU

RNG = np.random.default_rng(5)


@pytest.fixture
def linear():
    """A net without a bend: z = W x + b."""
    net = Network([Flatten(), Dense(4)], (6, 5, 2), dtype=np.float64)
    net.parameters[...] = RNG.standard_normal(net.parameters.shape)
    x = RNG.uniform(0, 1, (3, 6, 5, 2))
    contrast = Contrast(net, x, [0, 1, 2], 3)
    kernel = net.layers[1].params["kernel"]
    w = (kernel[:, [0, 1, 2]] - kernel[:, [3]]).T.reshape(3, 6, 5, 2)
    return contrast, w


def close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_linear_net_by_hand(linear):
    contrast, w = linear
    x, baseline = contrast.images, np.full((6, 5, 2), 0.25)
    close(saliency(contrast).values, np.abs(w))
    close(saliency(contrast, absolute=False).values, w)
    close(smoothgrad(contrast, samples=3).values, w)
    close(smoothgrad(contrast, samples=3, squared=True).values, w * w)
    close(gradient_times_input(contrast).values, w * x)
    assert gradient_times_input(contrast).relative_residual.max() < 1e-12
    for rule in ("adaptive", "gausslegendre", "riemann_left", "riemann_middle", "riemann_right"):
        found = integrated_gradients(contrast, baseline, rule=rule, steps=4)
        close(found.values, w * (x - baseline))
        assert found.promises_completeness
        assert found.relative_residual.max() < 1e-12
    shares = layer_conductance(contrast, "flatten_1", 0.25).values
    close(shares.reshape(x.shape), w * (x - baseline))
    close(occlusion(contrast, 1, value=0.25).values, (w * (x - 0.25)).sum(3)[..., None] + 0 * x)


def test_occlusion_by_loops(linear):
    contrast, w = linear
    size, stride = (3, 2), (2, 3)
    cover = RNG.uniform(0, 1, (6, 5, 2))
    found = occlusion(contrast, size, stride=stride, value=cover)
    change = (w * (contrast.images - cover)).sum(axis=3)
    total, count = np.zeros(change.shape), np.zeros(change.shape)
    for top in (0, 2, 4):
        for left in (0, 3):
            at = (slice(None), slice(top, top + 3), slice(left, left + 2))
            total[at] += change[at].sum(axis=(1, 2), keepdims=True)
            count[at] += 1
    expected = total / np.maximum(count, 1)
    close(found.values, np.stack([expected, expected], axis=3))
    assert found.evaluations.tolist() == [7, 7, 7]
    assert found.expected is None
    assert found.residual is None
    assert found.relative_residual is None
    close(found.map, 2 * expected)


def test_smoothgrad_noise_is_keyed():
    net = Network([Flatten(), Dense(6), ReLU(), Dense(3)], (4, 4, 1), seed=1)
    x = RNG.uniform(0, 1, (5, 4, 4, 1)).astype(np.float32)
    first = smoothgrad(Contrast(net, x, 0, 1), samples=20, noise=0.5).values
    np.testing.assert_array_equal(
        first, smoothgrad(Contrast(net, x, 0, 1, threads=2), samples=20, noise=0.5).values
    )
    np.testing.assert_allclose(
        first[:2], smoothgrad(Contrast(net, x[:2], 0, 1), samples=20, noise=0.5).values, atol=1e-6
    )
    other = smoothgrad(Contrast(net, x, 0, 1), samples=20, noise=0.5, seed=1).values
    assert (first != other).any()
    silent = smoothgrad(Contrast(net, x, 0, 1), samples=2, noise=0.0).values
    np.testing.assert_allclose(silent, Contrast(net, x, 0, 1).gradients(), atol=1e-6)


def test_grad_cam_by_hand():
    net = Network([Conv2D(3, 2), ReLU(), Flatten(), Dense(4)], (5, 6, 1), dtype=np.float64)
    contrast = Contrast(net, RNG.uniform(0, 1, (3, 5, 6, 1)))
    maps = net.layers[0].forward(contrast.images)[0]
    weights = contrast.gradients(layer=0).mean(axis=(1, 2))
    expected = np.einsum("nijk,nk->nij", maps, weights)
    close(grad_cam(contrast, positive=False, upsample=False).values, expected)
    assert (grad_cam(contrast, upsample=False).values >= 0).all()
    large = grad_cam(contrast, positive=False).values
    assert large.shape == (3, 5, 6)
    # Corners lie beyond the outermost centres and keep their cell's value.
    close(large[:, 0, 0], expected[:, 0, 0])
    close(large[:, -1, -1], expected[:, -1, -1])


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda c: integrated_gradients(c, rule="simpson"), ConfigError, "a rule of gauss"),
        (lambda c: integrated_gradients(c, rule="riemann_left", steps=0), ConfigError, "steps"),
        (lambda c: integrated_gradients(c, tolerance=0), ConfigError, "tolerance"),
        (lambda c: integrated_gradients(c, max_evaluations=1), ConfigError, "evaluations"),
        (lambda c: integrated_gradients(c, np.nan), ConfigError, "a baseline"),
        (lambda c: integrated_gradients(c, np.zeros((2, 6, 5, 2))), ConfigError, "one baseline"),
        (lambda c: integrated_gradients(c, np.zeros((4, 4, 2))), ShapeError, "expected input"),
        (lambda c: layer_conductance(c, "conv"), ConfigError, "a layer of flatten_1, dense_1"),
        (lambda c: conductances(c, ["conv"]), ConfigError, "a layer of flatten_1, dense_1"),
        (lambda c: occlusion(c, 0), ConfigError, "a window"),
        (lambda c: occlusion(c, 7), ShapeError, "within 6 × 5 pixels"),
        (lambda c: occlusion(c, 2, stride=0), ConfigError, "a stride"),
        (lambda c: smoothgrad(c, samples=0), ConfigError, "samples"),
        (lambda c: smoothgrad(c, noise=-1), ConfigError, "noise"),
        (lambda c: smoothgrad(c, seed=-1), ConfigError, "a seed"),
        (lambda c: grad_cam(c), ConfigError, "a net with a convolution"),
        (lambda c: grad_cam(c, "dense_1"), ConfigError, "feature maps .*'dense_1'"),
    ],
)
def test_bad_requests(linear, ask, error, message):
    with pytest.raises(error, match=message):
        ask(linear[0])
