"""The same numbers as Captum, on the same weights and pictures."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.torches import as_torch, pytorch
from whynet.explain import (
    Contrast,
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    layer_conductance,
    occlusion,
    saliency,
)

torch = pytorch()
attr = pytest.importorskip("captum.attr", reason="the other side of the comparison is Captum")

# Captum says that it asks for gradients where none were asked for yet.
pytestmark = pytest.mark.filterwarnings("ignore:Input Tensor:UserWarning")

N = 4


@pytest.fixture(scope="module", params=["float32", "float64"])
def asked(request, digits, exact):
    """Our question; their net, what they explain, and the pictures as they take them."""
    ours, images = digits[0], digits[1][:N] / np.float32(255)
    if request.param == "float64":
        # A blank area is all ties, and in which order its sums were rounded decides who wins them.
        ours = exact
        images = images + np.random.default_rng(0).uniform(0, 1e-3, images.shape)
    contrast = Contrast(ours, images)
    theirs = as_torch(ours)
    a, b = torch.tensor(contrast.predicted), torch.tensor(contrast.rival)

    def margin(x):
        z = theirs(x)
        times = len(x) // N
        rows = torch.arange(len(x))
        return z[rows, a.repeat(times)] - z[rows, b.repeat(times)]

    return contrast, theirs, margin, torch.tensor(contrast.images).permute(0, 3, 1, 2)


def assert_agree(ours, theirs):
    theirs = theirs.detach().numpy()
    theirs = theirs.transpose(0, 2, 3, 1) if theirs.ndim == 4 else theirs
    assert ours.shape == theirs.shape
    flat = (N, -1)
    gap = np.linalg.norm((ours - theirs).reshape(flat), axis=1)
    relative = gap / np.linalg.norm(theirs.reshape(flat), axis=1)
    assert relative.max() <= (1e-4 if ours.dtype == np.float32 else 1e-7), relative


def test_margins(asked):
    contrast, _, margin, x = asked
    np.testing.assert_allclose(contrast.margins(), margin(x).detach().numpy(), rtol=1e-5, atol=1e-5)


def test_saliency(asked):
    contrast, _, margin, x = asked
    assert_agree(saliency(contrast).values, attr.Saliency(margin).attribute(x))


def test_gradient_times_input(asked):
    contrast, _, margin, x = asked
    assert_agree(gradient_times_input(contrast).values, attr.InputXGradient(margin).attribute(x))


@pytest.mark.parametrize(
    "rule", ["gausslegendre", "riemann_left", "riemann_middle", "riemann_right"]
)
def test_integrated_gradients(asked, rule):
    contrast, _, margin, x = asked
    baseline = np.full((28, 28, 1), 0.1, contrast.net.dtype)
    if baseline.dtype == np.float64:  # no ties; see above
        baseline += np.random.default_rng(1).uniform(0, 1e-3, baseline.shape)
    theirs = attr.IntegratedGradients(margin).attribute(
        x,
        baselines=torch.tensor(baseline).permute(2, 0, 1)[None].expand_as(x),
        n_steps=50,
        method=rule,
    )
    ours = integrated_gradients(contrast, baseline, rule=rule, steps=50)
    assert_agree(ours.values, theirs)


@pytest.mark.parametrize(("window", "stride", "value"), [(3, 1, 0.0), ((5, 4), (3, 2), 0.7)])
def test_occlusion(asked, window, stride, value):
    contrast, _, margin, x = asked
    rows, columns = (window, window) if isinstance(window, int) else window
    down, right = (stride, stride) if isinstance(stride, int) else stride
    theirs = attr.Occlusion(margin).attribute(
        x,
        sliding_window_shapes=(1, rows, columns),
        strides=(1, down, right),
        baselines=value,
        perturbations_per_eval=16,
    )
    assert_agree(occlusion(contrast, window, stride=stride, value=value).values, theirs)


@pytest.mark.parametrize("layer", ["conv2d_1", "relu_2", "maxpooling2d_2"])
@pytest.mark.parametrize("positive", [True, False])
def test_grad_cam(asked, layer, positive):
    contrast, theirs, margin, x = asked
    cam = attr.LayerGradCam(margin, getattr(theirs, layer)).attribute(x, relu_attributions=positive)
    small = grad_cam(contrast, layer, positive=positive, upsample=False).values
    assert_agree(small, cam[:, 0])
    large = attr.LayerAttribution.interpolate(cam, (28, 28), "bilinear")
    assert_agree(grad_cam(contrast, layer, positive=positive).values, large[:, 0])


@pytest.mark.parametrize(
    "layer", ["conv2d_1", "relu_1", "maxpooling2d_2", "flatten_1", "dense_1", "relu_3", "dense_2"]
)
def test_layer_conductance(asked, layer):
    contrast, theirs, margin, x = asked
    expected = attr.LayerConductance(margin, getattr(theirs, layer)).attribute(x, n_steps=50)
    assert_agree(layer_conductance(contrast, layer, rule="gausslegendre").values, expected)
