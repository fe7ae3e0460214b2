"""Agreement: the same numbers as Captum's, on the same weights and pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explanations import side_by_side
from explanations.report import Table
from explanations.subjects import Subjects
from whynet.explain import (
    Contrast,
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    layer_conductance,
    occlusion,
    saliency,
)
from whynet.explain.paths import RULES
from whynet.nn import Conv2D, Flatten


def measure(subjects: Subjects) -> list[Table]:
    """Compare every method that both sides have; nothing without Captum."""
    if side_by_side.missing():
        return []
    net = subjects.digits.net
    contrast = Contrast(net, subjects.asked.images[: subjects.sizes.agreed])
    rows = [
        _row(name, ours(), theirs().detach().numpy())
        for name, (ours, theirs) in _both(contrast).items()
    ]
    return [
        Table(
            "Agreement with Captum",
            f"{len(contrast)} digits against the runner-up, in 32-bit numbers. Differences are "
            "lengths of ours − theirs as a share of the length of theirs, for each picture.",
            rows,
            formats={"median": ".1e", "largest": ".1e"},
        )
    ]


def _both(contrast: Contrast) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    captum = side_by_side.captum()
    net = side_by_side.rebuilt(contrast.net)  # type: ignore[arg-type]
    margin = side_by_side.margin(net, contrast.predicted, contrast.rival)
    x = side_by_side.tensor(contrast.images)
    many = 20 * len(x)

    def integrated(rule: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        return (
            lambda: integrated_gradients(contrast, rule=rule, steps=50).values,
            lambda: captum.IntegratedGradients(margin).attribute(
                x, n_steps=50, method=rule, internal_batch_size=many
            ),
        )

    def occluded(side: int, value: float) -> tuple[Callable[[], Any], Callable[[], Any]]:
        return (
            lambda: occlusion(contrast, side, value=value).values,
            lambda: captum.Occlusion(margin).attribute(
                x,
                sliding_window_shapes=(1, side, side),
                baselines=value,
                perturbations_per_eval=8,
            ),
        )

    def conducted(name: str) -> tuple[Callable[[], Any], Callable[[], Any]]:
        return (
            lambda: layer_conductance(contrast, name, rule="gausslegendre").values,
            lambda: captum.LayerConductance(margin, getattr(net, name)).attribute(
                x, n_steps=50, internal_batch_size=many
            ),
        )

    last = [layer.name for layer in contrast.layers if isinstance(layer, Conv2D)][-1]
    methods: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "saliency": (
            lambda: saliency(contrast).values,
            lambda: captum.Saliency(margin).attribute(x),
        ),
        "gradient × input": (
            lambda: gradient_times_input(contrast).values,
            lambda: captum.InputXGradient(margin).attribute(x),
        ),
    }
    methods |= {f"integrated gradients, {rule}": integrated(rule) for rule in RULES}
    methods |= {
        f"occlusion {side}, {name}": occluded(side, value)
        for side in (3, 5)
        for name, value in (("black", 0.0), ("white", 1.0))
    }
    methods["Grad-CAM"] = (
        lambda: grad_cam(contrast, upsample=False).values,
        lambda: captum.LayerGradCam(margin, getattr(net, last)).attribute(
            x, relu_attributions=True
        ),
    )
    # Flatten lists the same units in another order on the other side.
    names = [layer.name for layer in contrast.layers if not isinstance(layer, Flatten)]
    return methods | {f"conductance, {name}": conducted(name) for name in names}


def _row(name: str, ours: NDArray[Any], theirs: NDArray[Any]) -> dict[str, Any]:
    if theirs.ndim == 4:
        theirs = theirs.transpose(0, 2, 3, 1)
    flat = (len(ours), -1)
    size = np.linalg.norm(theirs.reshape(flat), axis=1)
    gap = np.linalg.norm((ours - theirs.reshape(ours.shape)).reshape(flat), axis=1)
    share = gap / np.where(size > 0, size, 1)
    return {
        "method": name,
        "pictures": len(ours),
        "median": float(np.median(share)),
        "largest": float(share.max()),
        "within 1e-4": float((share <= 1e-4).mean()),
    }
