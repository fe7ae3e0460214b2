"""Counterfactuals: do they hold, how near are they, and who else reads them as the rival?

Readers who took no part (other seeds, other shapes, other initial weights) say whether they read
the rival too; that is how plausibility is judged.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explanations.questions import Question
from explanations.report import Table
from explanations.subjects import Subject, Subjects
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual.jury import SURE
from whynet.sequential import Sequential

Grey = NDArray[np.uint8]
Answer = tuple[Grey | None, float]

_STEPS, _RATE, _PULL = 200, 0.02, 0.002


def measure(subjects: Subjects) -> list[Table]:
    """Judge ours, and two other ways to answer a part of the same questions."""
    subject, found = subjects.digits, subjects.found
    questions = [each.question for each in found]
    nearest = _nearest(subject, questions)
    ours = [
        (None if one.counterfactual is None else one.counterfactual.picture, one.seconds)
        for one in found
    ]
    few = questions[: 2 * subjects.sizes.few]
    answers = {
        "**ours**": ours,
        "the nearest donor": _timed(_nearest_donor(subject), few),
        "gradient descent on pixels": _timed(_descent(subject.net), few),
    }
    rows = [
        row
        for name, own in answers.items()
        for row in _judged(name, own, questions, nearest, subject.net, subjects.unseen)
    ]
    return [
        Table(
            "Counterfactuals",
            f"{len(questions) // 2} digits, two rivals each. Valid: the net reads the whole grey "
            "levels as the rival. Readers: three nets that took no part read it as the rival. "
            "Closer: than the nearest of all training digits of the rival class.",
            rows,
            formats={"L2": ".2f", "L2, nearest digit": ".2f"},
            hidden=["each reader"],
        )
    ]


def _nearest(subject: Subject, questions: Sequence[Question]) -> NDArray[np.float64]:
    """Return how far the nearest real training digit of each rival class is."""
    data, found = subject.learnt, np.empty(len(questions))
    flat = data.images.reshape(len(data), -1).astype(np.float32) / 255
    rivals = np.array([question.rival for question in questions])
    for rival in np.unique(rivals):
        pool, own = flat[data.known_labels == rival], np.flatnonzero(rivals == rival)
        points = np.stack([questions[int(at)].image.ravel() for at in own]).astype(np.float32) / 255
        far = np.square(pool).sum(axis=1) - 2 * points @ pool.T
        squares = far.min(axis=1) + np.square(points).sum(axis=1)
        found[own] = np.sqrt(np.maximum(squares, 0))
    return found


def _timed(
    method: Callable[[Question], Grey | None], questions: Sequence[Question]
) -> list[Answer]:
    answers = []
    for question in questions:
        began = time.perf_counter()
        answers.append((method(question), time.perf_counter() - began))
    return answers


def _nearest_donor(subject: Subject) -> Callable[[Question], Grey | None]:
    """The nearest donor that the net reads as the rival, as it is."""
    donors, net = subject.donors, subject.net

    def method(question: Question) -> Grey | None:
        pool = donors.images[donors.labels == question.rival]
        pool = pool[net.predict(pool) == question.rival]
        if not len(pool):
            return None
        far = np.square(pool / 255 - question.image / 255).sum(axis=(1, 2, 3))
        found: Grey = pool[far.argmin()]
        return found

    return method


def _descent(net: Sequential) -> Callable[[Question], Grey | None]:
    """Descend margin + c · distance² by pixels until the net is sure (Wachter et al. 2017)."""

    def method(question: Question) -> Grey | None:
        start = question.image.astype(np.float32) / 255
        contrast = Contrast(net, question.image, rival=question.rival)
        x = start[None].copy()
        for _ in range(_STEPS):
            slope = contrast.gradients(x)
            x = x - _RATE * slope / (np.abs(slope).max() + 1e-12) - _PULL * (x - start)
            x = np.clip(x, 0, 1)
            levels: Grey = np.rint(x[0] * 255).astype(np.uint8)
            if net.predict_proba(levels)[0, question.rival] >= SURE:
                return levels
        return None

    return method


def _judged(
    name: str,
    answers: Sequence[Answer],
    questions: Sequence[Question],
    nearest: NDArray[np.float64],
    net: Sequential,
    unseen: Sequence[Sequential],
) -> list[dict[str, Any]]:
    """Return a row for each kind of rival."""
    rows = []
    for kind in dict.fromkeys(question.kind for question in questions):
        own = [at for at in range(len(answers)) if questions[at].kind == kind]
        there = [at for at in own if answers[at][0] is not None]
        pictures = np.stack([answers[at][0] for at in there])  # type: ignore[misc]
        starts = np.stack([questions[at].image for at in there])
        rivals = np.array([questions[at].rival for at in there])
        l2 = np.sqrt(np.square(pictures / 255 - starts / 255).sum(axis=(1, 2, 3)))
        agree = np.stack([reader.predict(pictures) == rivals for reader in unseen])
        seconds = [answers[at][1] for at in own]
        rows.append(
            {
                "method": name,
                "rival": kind,
                "questions": len(own),
                "valid": float((net.predict(pictures) == rivals).sum() / len(own)),
                "readers": float(agree.mean()),
                "most readers": float((agree.mean(axis=0) > 0.5).mean()),
                "each reader": [float(one) for one in agree.mean(axis=1)],
                "L2": float(l2.mean()),
                "L2, nearest digit": float(nearest[there].mean()),
                "closer": float((l2 < nearest[there]).mean()),
                "seconds": float(np.median(seconds)),
                "seconds, worst": float(np.max(seconds)),
            }
        )
    return rows
