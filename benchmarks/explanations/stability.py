"""Stability: how far a map moves when the picture moves by a few grey levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explanations.own_methods import METHODS, Posed
from explanations.report import Table
from explanations.subjects import Subjects
from whynet.explain import Contrast
from whynet.explain.evidence import blend

LEVELS = 3
"""Grey levels of noise, each way."""

_DRAWS = 5


def measure(subjects: Subjects) -> list[Table]:
    """Return the largest relative change of each map under noise: max-sensitivity."""
    asked = posed(subjects, subjects.sizes.few // 2)
    rng = np.random.default_rng(0)
    noisy = []
    for _ in range(_DRAWS):
        noise = rng.integers(-LEVELS, LEVELS + 1, asked.images.shape)
        noisy.append(np.clip(asked.images + noise, 0, 255).astype(np.uint8))
    rows = []
    for name, method in METHODS.items():
        before = method(asked).reshape(len(asked.images), -1)
        size = np.linalg.norm(before, axis=1)
        moved = []
        for images in noisy:
            after = method(replace(asked, images=images)).reshape(before.shape)
            moved.append(np.linalg.norm(after - before, axis=1) / np.where(size > 0, size, 1))
        largest = np.max(moved, axis=0)
        rows.append(
            {"method": name, "median": float(np.median(largest)), "mean": float(largest.mean())}
        )
    return [
        Table(
            "Stability",
            f"Max-sensitivity (Yeh et al. 2019): the largest ‖E(x + noise) − E(x)‖ / ‖E(x)‖ of "
            f"{_DRAWS} draws of noise up to {LEVELS} grey levels on every pixel, over "
            f"{len(asked.images)} digits.",
            rows,
        )
    ]


def posed(subjects: Subjects, count: int) -> Posed:
    """Return questions against the runner-up, with the blends that their evidence begins at."""
    net = subjects.digits.net
    found = [
        (each.question, each.counterfactual)
        for each in subjects.found
        if each.question.kind == "runner-up" and each.counterfactual
    ][: max(1, count)]
    images = np.stack([question.image for question, _ in found])
    starts = [blend(Contrast(net, q.image, rival=q.rival), c) for q, c in found]
    return Posed(
        subjects.digits,
        images,
        np.array([c.predicted for _, c in found]),
        np.array([c.label for _, c in found]),
        np.concatenate(starts),
    )
