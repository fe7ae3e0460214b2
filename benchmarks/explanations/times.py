"""Times: each method beside Captum's, in turns, and a whole batch of integrated gradients."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from explanations import side_by_side
from explanations.report import Table
from explanations.subjects import Subjects
from whynet.explain import (
    Contrast,
    conductances,
    grad_cam,
    integrated_gradients,
    occlusion,
    saliency,
)
from whynet.explain.counterfactual import counterfactual
from whynet.explain.evidence import evidence

_BATCHES = (250, 1000, 4000)
"""Pictures that Captum runs together; the fastest is taken, and the fastest number of threads."""

_RULE, _STEPS = "gausslegendre", 50


def measure(subjects: Subjects) -> list[Table]:
    """Time our methods and Captum's on the same net and pictures."""
    net, sizes = subjects.digits.net, subjects.sizes
    many = Contrast(net, subjects.asked.images[: sizes.images])
    few = Contrast(net, subjects.asked.images[: sizes.few])
    ours: dict[str, tuple[Contrast, Callable[[], Any]]] = {
        f"integrated gradients, {_STEPS} steps": (
            many,
            lambda: integrated_gradients(many, rule=_RULE, steps=_STEPS),
        ),
        "saliency": (many, lambda: saliency(many)),
        "Grad-CAM": (many, lambda: grad_cam(many, upsample=False)),
        "occlusion 3, black": (few, lambda: occlusion(few, 3)),
        "integrated gradients until they add up": (few, lambda: integrated_gradients(few)),
        "conductance of all layers": (few, lambda: conductances(few)),
    }
    theirs = {} if side_by_side.missing() else _captums(many, few)
    rows = []
    for name, (contrast, own) in ours.items():
        own_times, their_times = [], []
        for _ in range(sizes.turns):
            own_times.append(_seconds(own))
            if name in theirs:
                their_times.append(_seconds(theirs[name]))
        rows.append(_row(name, len(contrast), own_times, their_times))
    subject, images = subjects.digits, subjects.asked.images[: sizes.few]
    for name, one in (("counterfactual", counterfactual), ("evidence", evidence)):
        spent = [_seconds(partial(one, net, image, donors=subject.donors)) for image in images]
        rows.append(_row(f"{name}, one picture", 1, spent, []))
    return [
        Table(
            "Times",
            f"Medians of {sizes.turns} alternating turns with all cores, in seconds; single "
            f"pictures: the median of {len(images)}.",
            rows,
            formats={"Captum ÷ ours": ".2f"},
        )
    ]


def _captums(many: Contrast, few: Contrast) -> dict[str, Callable[[], Any]]:
    captum = side_by_side.captum()
    net = side_by_side.rebuilt(many.net)  # type: ignore[arg-type]
    last = [name for name, _ in net.named_children() if name.startswith("conv")][-1]
    margin = side_by_side.margin(net, many.predicted, many.rival)
    margin_of_few = side_by_side.margin(net, few.predicted, few.rival)
    x, x_few = side_by_side.tensor(many.images), side_by_side.tensor(few.images)

    def integrated(batch: int) -> Any:
        # Captum keeps as many pictures together as there are; so it gets them in parts.
        size = max(1, batch // _STEPS)
        found = []
        for first in range(0, len(x), size):
            part = slice(first, first + size)
            score = side_by_side.margin(net, many.predicted[part], many.rival[part])
            found.append(
                captum.IntegratedGradients(score).attribute(x[part], n_steps=_STEPS, method=_RULE)
            )
        return found

    def tried(setting: tuple[int, int]) -> float:
        side_by_side.use_threads(setting[0])
        return _seconds(lambda: integrated(setting[1]))

    cores = os.cpu_count() or 1
    threads, best = min(product(sorted({1, cores}), _BATCHES), key=tried)
    side_by_side.use_threads(threads)
    return {
        f"integrated gradients, {_STEPS} steps": lambda: integrated(best),
        "saliency": lambda: captum.Saliency(margin).attribute(x),
        "Grad-CAM": lambda: captum.LayerGradCam(margin, getattr(net, last)).attribute(x),
        "occlusion 3, black": lambda: captum.Occlusion(margin_of_few).attribute(
            x_few, sliding_window_shapes=(1, 3, 3), perturbations_per_eval=8
        ),
    }


def _seconds(task: Callable[[], Any]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


def _row(name: str, pictures: int, own: list[float], their: list[float]) -> dict[str, Any]:
    ours = float(np.median(own))
    theirs = float(np.median(their)) if their else None
    return {
        "method": name,
        "pictures": pictures,
        "ours": ours,
        "Captum": theirs,
        "Captum ÷ ours": None if theirs is None else theirs / ours,
    }
