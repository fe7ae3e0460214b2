"""Questions, answered in as many processes as there are cores."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from whynet.explain.counterfactual import Counterfactual, counterfactual
from whynet.explain.donors import Donors
from whynet.explain.evidence import Evidence, evidence
from whynet.sequential import Sequential

if TYPE_CHECKING:  # subjects ask these questions
    from explanations.subjects import Subject

Grey = NDArray[np.uint8]
Item = TypeVar("Item")
Answer = TypeVar("Answer")
Task = Callable[[Sequential, Donors, Item], Answer]

_FEW = 40  # questions that are not worth starting processes for


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
    return in_processes(_evidence, subject, questions)


def all_counterfactuals(
    subject: Subject, questions: Sequence[Question]
) -> list[tuple[Counterfactual | None, float]]:
    """Return the counterfactual of every question, and the seconds it took."""
    return in_processes(_counterfactual, subject, questions)


def in_processes(
    task: Task[Item, Answer], subject: Subject, items: Sequence[Item], few: int = _FEW
) -> list[Answer]:
    """Return ``task(net, donors, item)`` for every item, in that order; each on one core.

    Args:
        task: a function of a module.
        subject: whose net and donors.
        items: what is asked.
        few: for fewer items no processes are started.
    """
    if len(items) < few or _cores() < 2:
        return [task(subject.net, subject.donors, item) for item in items]
    net = subject.net
    about = (net.config(), net.weights(), net.card.classes, *subject.donors.to_tensors())
    # Processes start afresh: a copy of one that runs threads may hang.
    context = multiprocessing.get_context("spawn")
    with _one_thread_each(), context.Pool(_cores(), _open, about) as pool:
        asked = [(task, item) for item in items]
        found: Iterable[Answer] = pool.imap(_answer, asked, chunksize=8 if len(items) > 500 else 1)
        return list(found)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that start meanwhile run matrix libraries on one thread."""
    names = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    before = {name: os.environ.get(name) for name in names}
    os.environ |= dict.fromkeys(names, "1")
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


_subject: tuple[Sequential, Donors]


def _open(
    config: dict[str, Any],
    weights: dict[str, Any],
    classes: tuple[str, ...],
    tensors: dict[str, Any],
    told: dict[str, Any],
) -> None:
    global _subject
    net = Sequential.from_config(config, weights=weights)
    net.card = replace(net.card, classes=classes)
    _subject = net, Donors.from_tensors(tensors, told)


def _answer(asked: tuple[Task[Any, Any], Any]) -> Any:
    task, item = asked
    return task(*_subject, item)


def _evidence(net: Sequential, donors: Donors, question: Question) -> tuple[Evidence, float]:
    began = time.perf_counter()
    found = evidence(net, question.image, question.rival, donors=donors, threads=1)
    return found, time.perf_counter() - began


def _counterfactual(
    net: Sequential, donors: Donors, question: Question
) -> tuple[Counterfactual | None, float]:
    began = time.perf_counter()
    found = counterfactual(net, question.image, question.rival, donors=donors, threads=1)
    return found, time.perf_counter() - began
