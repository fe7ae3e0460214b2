"""Captum's methods, each asked for the margin."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explanations.side_by_side import captum, torch

Maps = NDArray[np.floating[Any]]

PATCH = 4
"""Side of the squares that are taken for one feature where single pixels are too many."""


@dataclass(frozen=True)
class Asked:
    """What Captum is asked.

    Attributes:
        margin: the margin as a module; one pair of classes.
        last: the layer for Grad-CAM, the last convolution.
        x: (n, 1, h, w).
        mean: (1, 1, h, w), of all pictures that the net has learnt.
        rivals: (k, 1, h, w), real pictures of the rival class.
        nearest: (n, 1, h, w), the nearest of them to each picture.
    """

    margin: Any
    last: Any
    x: Any
    mean: Any
    rivals: Any
    nearest: Any


Method = Callable[[Asked], Any]


def _integrated(baseline: Callable[[Asked], Any]) -> Method:
    def method(asked: Asked) -> Any:
        found = captum().IntegratedGradients(asked.margin)
        return found.attribute(
            asked.x, baselines=baseline(asked), n_steps=50, internal_batch_size=1024
        )

    return method


def _occlusion(side: int, value: float) -> Method:
    def method(asked: Asked) -> Any:
        return (
            captum()
            .Occlusion(asked.margin)
            .attribute(
                asked.x,
                sliding_window_shapes=(1, side, side),
                baselines=value,
                perturbations_per_eval=max(1, 512 // len(asked.x)),
            )
        )

    return method


def _grad_cam(asked: Asked) -> Any:
    found = captum().LayerGradCam(asked.margin, asked.last).attribute(asked.x)
    return captum().LayerAttribution.interpolate(found, tuple(asked.x.shape[2:]), "bilinear")


def _gradient_shap(asked: Asked) -> Any:
    return (
        captum().GradientShap(asked.margin).attribute(asked.x, baselines=asked.rivals, n_samples=20)
    )


def _smoothgrad(asked: Asked) -> Any:
    found = captum().NoiseTunnel(captum().Saliency(asked.margin))
    return found.attribute(asked.x, nt_samples=20, nt_samples_batch_size=4, stdevs=0.15)


def _patches(asked: Asked) -> Any:
    rows = torch().arange(asked.x.shape[2]) // PATCH
    columns = torch().arange(asked.x.shape[3]) // PATCH
    return (rows[:, None] * (int(columns[-1]) + 1) + columns)[None, None]


def _ablation(asked: Asked) -> Any:
    return (
        captum()
        .FeatureAblation(asked.margin)
        .attribute(asked.x, feature_mask=_patches(asked), perturbations_per_eval=8)
    )


def _one_by_one(method: Callable[[Any], Any]) -> Method:
    """For methods that fit a model to each picture."""

    def each(asked: Asked) -> Any:
        patches = _patches(asked)
        return torch().cat(
            [
                method(asked).attribute(
                    x[None], feature_mask=patches, n_samples=200, perturbations_per_eval=50
                )
                for x in asked.x
            ]
        )

    return each


QUICK: dict[str, Method] = {
    "saliency": lambda asked: captum().Saliency(asked.margin).attribute(asked.x),
    "input × gradient": lambda asked: captum().InputXGradient(asked.margin).attribute(asked.x),
    "integrated gradients, black": _integrated(lambda asked: torch().zeros_like(asked.x)),
    "integrated gradients, nearest rival": _integrated(lambda asked: asked.nearest),
    "DeepLift": lambda asked: captum().DeepLift(asked.margin).attribute(asked.x),
    "gradient SHAP, rival's digits": _gradient_shap,
    "guided backpropagation": lambda asked: (
        captum().GuidedBackprop(asked.margin).attribute(asked.x)
    ),
    "deconvolution": lambda asked: captum().Deconvolution(asked.margin).attribute(asked.x),
    "Grad-CAM": _grad_cam,
    "guided Grad-CAM": lambda asked: (
        captum().GuidedGradCam(asked.margin, asked.last).attribute(asked.x)
    ),
    "ablation of 4 × 4 patches": _ablation,
}
"""What is asked about all pairs: the quick ones, and those that come nearest to ours."""

SLOW: dict[str, Method] = {
    "SmoothGrad": _smoothgrad,
    "integrated gradients, white": _integrated(lambda asked: torch().ones_like(asked.x)),
    "integrated gradients, mean": _integrated(lambda asked: asked.mean.expand_as(asked.x)),
    "occlusion 3, black": _occlusion(3, 0.0),
    "occlusion 3, white": _occlusion(3, 1.0),
    "occlusion 5, black": _occlusion(5, 0.0),
    "occlusion 5, white": _occlusion(5, 1.0),
}
"""What takes long, up to many hundred passes for each picture, or adds little."""

SLOWEST: dict[str, Method] = {
    "kernel SHAP, 4 × 4 patches": _one_by_one(lambda asked: captum().KernelShap(asked.margin)),
}
"""A model is fitted to each picture."""

if find_spec("sklearn") is not None:
    SLOWEST["LIME, 4 × 4 patches"] = _one_by_one(lambda asked: captum().Lime(asked.margin))


def maps(method: Method, asked: Asked) -> Maps:
    """Return a method's maps, (n, h, w); what it draws by lot is always the same."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 - Captum draws from it
    torch().manual_seed(0)
    with torch().enable_grad():
        found = method(asked).detach().sum(1).numpy()
    result: Maps = found
    return result
