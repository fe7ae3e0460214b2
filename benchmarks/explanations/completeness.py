"""Completeness: does the evidence add up, at the picture and at every layer?"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explanations.report import Table
from explanations.subjects import Subjects
from whynet.explain import Attribution, Contrast, conductances, integrated_gradients
from whynet.explain.evidence import blend

_TOGETHER = 50  # pictures: what every unit of every layer contributes is kept for so many
_PICTURE = "the picture"


def measure(subjects: Subjects) -> list[Table]:
    """Integrate along the evidence's own paths, and along some from black."""
    net, few = subjects.digits.net, subjects.sizes.few
    questions, starts = [], []
    for each in subjects.found:
        asked = each.question
        if asked.kind == "runner-up" and each.counterfactual:
            questions.append(asked)
            starts.append(blend(Contrast(net, asked.image, rival=asked.rival), each.counterfactual))
    count = subjects.sizes.images
    images = np.stack([asked.image for asked in questions[:count]])
    rivals = np.array([asked.rival for asked in questions[:count]])
    contrast = Contrast(net, images, rival=rivals)
    some = Contrast(net, images[:few], rival=rivals[:few])
    return [
        Table(
            "Completeness",
            "Digits against the runner-up; the evidence's path begins at what their "
            "counterfactuals have in common, the other at black. Residual: by how much the "
            "contributions miss the margin's change, as a share of it; nothing is adjusted. All "
            "layers share one refinement, and the seconds for each picture.",
            [
                *_rows("evidence", contrast, np.concatenate(starts[:count])),
                *_rows("black", some, np.zeros_like(some.images)),
            ],
            formats={"worst": ".1e", "median": ".1e", "seconds": ".3f", "evaluations": ".0f"},
        )
    ]


def _rows(path: str, contrast: Contrast, starts: NDArray[Any]) -> list[dict[str, Any]]:
    """Integrate along straight paths; return a row for the picture and one for each layer."""
    residuals, evaluations = defaultdict(list), defaultdict(list)
    seconds: dict[str, float] = defaultdict(float)
    for first in range(0, len(contrast), _TOGETHER):
        part = slice(first, first + _TOGETHER)
        images, classes = contrast.images[part], (contrast.predicted[part], contrast.rival[part])
        asked = Contrast(contrast.net, images, *classes)
        began = time.perf_counter()
        picture = integrated_gradients(asked, starts[part])
        between = time.perf_counter()
        layers = conductances(asked, baseline=starts[part])
        ended = time.perf_counter()
        for name, attribution in {_PICTURE: picture, **layers}.items():
            residuals[name].append(_residual(attribution))
            evaluations[name].append(attribution.evaluations)
            seconds[name] += between - began if name == _PICTURE else ended - between
    return [
        {
            "path from": path,
            "at": name,
            "pictures": len(contrast),
            "worst": float(np.concatenate(parts).max()),
            "median": float(np.median(np.concatenate(parts))),
            "within 1e-4": float((np.concatenate(parts) <= 1e-4).mean()),
            "evaluations": float(np.median(np.concatenate(evaluations[name]))),
            "seconds": seconds[name] / len(contrast),
        }
        for name, parts in residuals.items()
    ]


def _residual(attribution: Attribution) -> NDArray[np.float64]:
    assert attribution.relative_residual is not None  # both methods promise a sum
    return attribution.relative_residual
