"""Completeness: does the evidence add up, at the picture and at every layer?"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from explanations.report import Table
from explanations.subjects import Subjects
from whynet.explain import Attribution, Contrast, conductances, integrated_gradients
from whynet.explain.evidence import blend

_TOGETHER = 100  # pictures: what every unit of every layer contributes is kept for so many


def measure(subjects: Subjects) -> list[Table]:
    """Integrate along the evidence's own paths, and along those from black."""
    net = subjects.digits.net
    found = [each for each in subjects.found if each.question.kind == "runner-up"]
    found = [each for each in found if each.counterfactual][: subjects.sizes.images]
    images = np.stack([each.question.image for each in found])
    rivals = np.array([each.question.rival for each in found])
    starts = np.concatenate(
        [
            blend(
                Contrast(net, each.question.image, rival=each.question.rival), each.counterfactual
            )
            for each in found
            if each.counterfactual
        ]
    )
    gathered: dict[tuple[str, str], list[Attribution]] = {}
    seconds: dict[tuple[str, str], float] = {}
    for first in range(0, len(images), _TOGETHER):
        part = slice(first, first + _TOGETHER)
        contrast = Contrast(net, images[part], rival=rivals[part])
        for path, start in (("evidence", starts[part]), ("black", np.zeros_like(starts[part]))):
            began = time.perf_counter()
            pictures = {"the picture": integrated_gradients(contrast, start)}
            between = time.perf_counter()
            layers = conductances(contrast, baseline=start)
            ended = time.perf_counter()
            for name, attribution in (pictures | layers).items():
                key = path, name
                gathered.setdefault(key, []).append(attribution)
                spent = between - began if name == "the picture" else ended - between
                seconds[key] = seconds.get(key, 0.0) + spent
    rows = [
        _row(path, name, parts, seconds[path, name] / len(images))
        for (path, name), parts in gathered.items()
    ]
    return [
        Table(
            "Completeness",
            f"{len(images)} digits against the runner-up; the evidence's path begins at a blend of "
            "counterfactuals, the other at black. Residual: by how much the contributions miss the "
            "margin's change, as a share of it; nothing is adjusted. All layers share one "
            "refinement, and the seconds for each picture.",
            rows,
            formats={"worst": ".1e", "median": ".1e", "seconds": ".3f", "evaluations": ".0f"},
        )
    ]


def _row(path: str, name: str, parts: list[Attribution], seconds: float) -> dict[str, Any]:
    residuals = np.concatenate([part.relative_residual for part in parts])
    evaluations = np.concatenate([part.evaluations for part in parts])
    return {
        "path from": path,
        "at": name,
        "worst": float(residuals.max()),
        "median": float(np.median(residuals)),
        "within 1e-4": float((residuals <= 1e-4).mean()),
        "evaluations": float(np.median(evaluations)),
        "seconds": seconds,
    }
