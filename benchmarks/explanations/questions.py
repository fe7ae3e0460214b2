"""Our own answers to many questions, asked in as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from whynet.explain.counterfactual import Counterfactual, counterfactual
from whynet.explain.donors import Donors
from whynet.explain.evidence import Evidence, evidence
from whynet.sequential import Sequential

if TYPE_CHECKING:  # subjects ask these questions
    from explanations.subjects import Subject

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Question:
    """Why what the net says to this picture, and not the rival?

    Attributes:
        image: (h, w, 1).
        rival: the class b.
        kind: how the rival was chosen.
    """

    image: Grey
    rival: int
    kind: str = ""


def all_evidence(subject: Subject, questions: Sequence[Question]) -> list[tuple[Evidence, float]]:
    """Return the evidence for every question, and the seconds it took."""
    found: list[tuple[Evidence, float]] = _asked(_evidence, subject, questions)
    return found


def all_counterfactuals(
    subject: Subject, questions: Sequence[Question]
) -> list[tuple[Counterfactual | None, float]]:
    """Return the counterfactual of every question, and the seconds it took."""
    found: list[tuple[Counterfactual | None, float]]
    found = _asked(_counterfactual, subject, questions)
    return found


_net: Sequential
_donors: Donors


def _asked(
    answer: Callable[[Question], Any], subject: Subject, questions: Sequence[Question]
) -> Any:
    net = subject.net
    about = (net.config(), net.weights(), net.card.classes, *subject.donors.to_tensors())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if len(questions) < 40 or (cores or 1) < 2:  # not worth starting processes for
        _open(*about)
        return [answer(question) for question in questions]
    # Processes start afresh: a copy of one that runs threads may hang.
    context = multiprocessing.get_context("spawn")
    with context.Pool(cores, _open, about) as pool:
        return pool.map(answer, questions, chunksize=8)


def _open(
    config: dict[str, Any],
    weights: dict[str, Any],
    classes: tuple[str, ...],
    tensors: dict[str, Any],
    told: dict[str, Any],
) -> None:
    global _net, _donors
    _net = Sequential.from_config(config, weights=weights)
    _net.card = replace(_net.card, classes=classes)
    _donors = Donors.from_tensors(tensors, told)


def _evidence(question: Question) -> tuple[Evidence, float]:
    began = time.perf_counter()
    found = evidence(_net, question.image, question.rival, donors=_donors, threads=1)
    return found, time.perf_counter() - began


def _counterfactual(question: Question) -> tuple[Counterfactual | None, float]:
    began = time.perf_counter()
    found = counterfactual(_net, question.image, question.rival, donors=_donors, threads=1)
    return found, time.perf_counter() - began
