"""Sanity checks (Adebayo et al. 2018): a map of a net must change with what the net has learnt.

Weights are dealt anew from the last layer down, one layer more at a time; and a second net has
learnt labels dealt by lot. A map that stays the same shows the picture, not the net.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from explanations.own_methods import METHODS
from explanations.report import Table
from explanations.scores import rank_correlation, similarity
from explanations.stability import posed
from explanations.subjects import Subject, Subjects
from whynet.sequential import Sequential

_ANOTHER = 1000  # the seed of fresh weights: not the one that the net began its training with


def measure(subjects: Subjects) -> list[Table]:
    """Compare maps of the trained net with maps of nets that know less and less."""
    asked = posed(subjects, subjects.sizes.few // 2)
    parrot, known = subjects.parrot
    nets = randomised(asked.subject.net)
    stages = {f"from {name} up": net for name, net in nets.items()} | {"random labels": parrot}
    before = {name: method(asked) for name, method in METHODS.items()}
    rows = []
    for stage, net in stages.items():
        now = replace(asked, subject=Subject(net, asked.subject.learnt, asked.subject.donors))
        for name, method in METHODS.items():
            maps = method(now)
            rows.append(_row(stage, name, before[name], maps))
    return [
        Table(
            "Sanity",
            f"{len(asked.images)} digits against the runner-up. Maps of the trained net beside "
            "those of nets whose weights were dealt anew from the last layer down, and of one that "
            f"learnt random labels ({known:.0%} of them by heart): Spearman's correlation of "
            "values and of absolute values, and structural similarity; the nearer to 0, the "
            "better. Edges know nothing of the net.",
            rows,
            formats={"correlation": ".2f", "of absolutes": ".2f", "SSIM": ".2f"},
        )
    ]


def randomised(net: Sequential) -> dict[str, Sequential]:
    """Return nets with the weights of the last layer, the last two, … all dealt anew."""
    fresh = Sequential.from_config(net.config(), seed=_ANOTHER).weights()
    weighty = [layer.name for layer in net.layers if layer.params]
    weights, made = net.weights(), {}
    for name in reversed(weighty):
        weights |= {key: array for key, array in fresh.items() if key.startswith(f"{name}.")}
        changed = Sequential.from_config(net.config(), weights=weights)
        changed.card = replace(changed.card, classes=net.card.classes)
        made[name] = changed
    return made


def _row(stage: str, name: str, before: Any, now: Any) -> dict[str, Any]:
    return {
        "net": stage,
        "method": name,
        "correlation": float(rank_correlation(before, now).mean()),
        "of absolutes": float(rank_correlation(np.abs(before), np.abs(now)).mean()),
        "SSIM": float(similarity(before, now).mean()),
    }
