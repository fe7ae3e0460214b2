"""Ground truth: pairs of pictures that share every stroke but one.

Of each pair it is asked twice: why the second is what it is and not the first, where the stroke is
there (or runs elsewhere), and the other way round, where it is missing and the evidence lies in
ink that is not there. Pairs count if the net reads both rightly.

The truth is the pixels that differ, with those that touch them: a stroke that is missing could be
drawn a pixel further. Results without that margin are told too.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explanations import methods, side_by_side
from explanations.notes import note
from explanations.questions import Question, all_evidence, in_processes
from explanations.report import Table
from explanations.scores import grown, mass, pointing, rank
from explanations.simple import SIMPLE
from explanations.subjects import Subject, Subjects
from whynet.data.strokes.pairs import KINDS, pairs
from whynet.explain import Contrast, integrated_gradients
from whynet.explain.donors import Donors
from whynet.explain.evidence import Evidence
from whynet.nn import Conv2D
from whynet.sequential import Sequential

OURS = "**ours: evidence**"
SHOWN = "ours, from the one counterfactual"
DIRECTIONS = ("there", "missing")

_BATCH = 100  # pictures that Captum is given at a time
_FEW = 40  # pairs up to which Captum stays in this process


@dataclass(frozen=True)
class Case:
    """Questions of one kind and direction.

    Attributes:
        kind, direction: which.
        subject: the net that is asked.
        pictures: (n, 28, 28, 1).
        label, rival: the classes a and b.
        changed: (n, 28, 28), the pixels that differ.
    """

    kind: str
    direction: str
    subject: Subject
    pictures: NDArray[np.uint8]
    label: int
    rival: int
    changed: NDArray[np.bool_]


@dataclass(frozen=True)
class Answer:
    """A method's maps (n, h, w) for the first n questions of each case, and its seconds a map."""

    maps: Sequence[NDArray[Any]]
    seconds: float


def measure(subjects: Subjects) -> list[Table]:
    """Score every method on the same questions."""
    asked = list(cases(subjects))
    ours, own = _ours(asked)
    answers = {OURS: ours, SHOWN: _from_shown(asked, own, subjects.sizes.slow_pairs)}
    answers |= {name: _simple(asked, make) for name, make in SIMPLE.items()}
    answers |= _captums(asked, subjects)
    rows = {name: _scored(name, asked, answer) for name, answer in answers.items()}
    worst = max(abs(found.residual / found.change) for case in own for found in case)
    many = min(len(case.pictures) for case in asked)
    return [
        Table(
            "Ground truth",
            f"{many} pairs or more of each of {len(KINDS)} kinds, both ways: the stroke is there, "
            "or it is missing. Pointing game, relevance mass and relevance rank within a pixel of "
            "what differs. Each method is read as its positive or its absolute values, whichever "
            "serves it better. Our evidence adds up to within "
            f"{worst:.0e} of the margin's change on all of them.",
            [row["near"] for row in rows.values()],
            formats={"seconds": ".4f"},
        ),
        Table(
            "Ground truth, to the pixel",
            "The same maps, without the margin of one pixel.",
            [row["exact"] for row in rows.values()],
        ),
        Table(
            "Ground truth, kind by kind",
            "Our evidence; by the second character of a pair, whose stroke is there, and the "
            "first, where it is missing.",
            _kinds(asked, ours),
        ),
    ]


def cases(subjects: Subjects) -> Iterator[Case]:
    """Write the pairs, leave out those that the net misreads, and ask both ways."""
    for kind in KINDS:
        subject = subjects.ticks if kind == "cross-tick" else subjects.strokes
        wanted = subjects.sizes.pairs
        drawn = pairs(kind, 3 * wanted, seed=subjects.pair_seed)
        first, second = drawn.first, drawn.second
        a, b = int(first.known_labels[0]), int(second.known_labels[0])
        read = (subject.net.predict(first.images) == a) & (subject.net.predict(second.images) == b)
        chosen = np.flatnonzero(read)[:wanted]
        changed = drawn.changed[chosen]
        yield Case(kind, "there", subject, second.images[chosen], b, a, changed)
        yield Case(kind, "missing", subject, first.images[chosen], a, b, changed)


def _ours(asked: Sequence[Case]) -> tuple[Answer, list[list[Evidence]]]:
    found: dict[int, list[Evidence]] = {}
    seconds = []
    for subject in {id(case.subject): case.subject for case in asked}.values():
        note("asking for evidence")
        own = [at for at, case in enumerate(asked) if case.subject is subject]
        questions = [Question(image, asked[at].rival) for at in own for image in asked[at].pictures]
        answers = iter(all_evidence(subject, questions))
        for at in own:
            part = [next(answers) for _ in asked[at].pictures]
            found[at] = [evidence for evidence, _ in part]
            seconds += [spent for _, spent in part]
    in_order = [found[at] for at in range(len(asked))]
    maps = [np.stack([evidence.map[..., 0] for evidence in case]) for case in in_order]
    return Answer(maps, float(np.median(seconds))), in_order


def _from_shown(asked: Sequence[Case], own: Sequence[Sequence[Evidence]], count: int) -> Answer:
    """Integrated gradients from the one counterfactual that is shown, for comparison."""
    made = []
    for case, found in zip(asked, own, strict=True):
        shown = [each.counterfactual for each in found[:count]]
        start = np.stack(
            [np.zeros((28, 28, 1), np.uint8) if c is None else c.picture for c in shown]
        )
        contrast = Contrast(case.subject.net, case.pictures[:count], rival=case.rival)
        made.append(integrated_gradients(contrast, start).map)
    return Answer(made, float("nan"))


def _simple(asked: Sequence[Case], make: Callable[[NDArray[np.uint8]], Any]) -> Answer:
    return Answer([make(case.pictures) for case in asked], 0.0)


def _captums(asked: Sequence[Case], subjects: Subjects) -> dict[str, Answer]:
    if side_by_side.missing():
        return {}
    sizes = subjects.sizes
    groups = (
        (methods.QUICK, sizes.pairs),
        (methods.SLOW, sizes.slow_pairs),
        (methods.SLOWEST, sizes.slowest_pairs),
    )
    answers = {}
    for group, count in groups:
        note(f"asking Captum for {', '.join(group)}")
        jobs = [(name, case, count) for name in group for case in asked]
        found: dict[int, tuple[NDArray[Any], float]] = {}
        for subject in {id(case.subject): case.subject for case in asked}.values():
            own = [at for at, (_, case, _) in enumerate(jobs) if case.subject is subject]
            mean = subject.learnt.images[:5000].mean(axis=0, keepdims=True, dtype=np.float32) / 255
            items = [_job(*jobs[at], mean) for at in own]
            few = 0 if sizes.pairs > _FEW else len(items) + 1
            found |= dict(zip(own, in_processes(captum_maps, subject, items, few), strict=True))
        for number, name in enumerate(group):
            parts = [found[number * len(asked) + at] for at in range(len(asked))]
            spent = sum(seconds for _, seconds in parts) / sum(len(maps) for maps, _ in parts)
            answers[name] = Answer([maps for maps, _ in parts], spent)
    return answers


Job = tuple[str, NDArray[np.uint8], int, int, NDArray[Any]]
"""A method's name, pictures (n, h, w, 1), the classes a and b, and the mean picture."""


def _job(name: str, case: Case, count: int, mean: NDArray[Any]) -> Job:
    return name, case.pictures[:count], case.label, case.rival, mean


def captum_maps(net: Sequential, donors: Donors, job: Job) -> tuple[NDArray[Any], float]:
    """Return the maps (n, h, w) of one of Captum's methods, and the seconds they took."""
    name, images, label, rival, mean = job
    side_by_side.use_threads(1)  # more cost more than they bring on maps this small
    method = (methods.QUICK | methods.SLOW | methods.SLOWEST)[name]
    theirs = side_by_side.rebuilt(net)
    last = [layer.name for layer in net.layers if isinstance(layer, Conv2D)][-1]
    pool = donors.images[donors.labels == rival].astype(np.float32) / 255
    flat = pool.reshape(len(pool), -1)
    parts, spent = [], 0.0
    for start in range(0, len(images), _BATCH):
        pictures = images[start : start + _BATCH].astype(np.float32) / 255
        rows = pictures.reshape(len(pictures), -1)
        near = (np.square(flat).sum(axis=1) - 2 * rows @ flat.T).argmin(axis=1)
        asked = methods.Asked(
            margin=side_by_side.margin(theirs, np.full(1, label), np.full(1, rival)),
            last=getattr(theirs, last),
            x=side_by_side.tensor(pictures),
            mean=side_by_side.tensor(mean),
            rivals=side_by_side.tensor(pool),
            nearest=side_by_side.tensor(pool[near]),
        )
        began = time.perf_counter()
        parts.append(methods.maps(method, asked))
        spent += time.perf_counter() - began
    return np.concatenate(parts), spent


_READINGS: dict[str, Callable[[Any], Any]] = {"+": lambda maps: maps, "|·|": np.abs}


def _scored(name: str, asked: Sequence[Case], answer: Answer) -> dict[str, dict[str, Any]]:
    """Return a method's two rows, as it is read best."""

    def rows(reading: str) -> dict[str, dict[str, Any]]:
        read = [_READINGS[reading](maps) for maps in answer.maps]
        count = sum(len(maps) for maps in read)
        found = {}
        for place, widen in (("near", grown), ("exact", lambda truth: truth)):
            row: dict[str, Any] = {"method": name, "read as": reading, "questions": count}
            for label, score in (("point", pointing), ("mass", mass), ("rank", rank)):
                each = [
                    score(maps, widen(case.changed[: len(maps)])).mean()
                    for case, maps in zip(asked, read, strict=True)
                ]
                ways = [
                    float(
                        np.mean([m for c, m in zip(asked, each, strict=True) if c.direction == d])
                    )
                    for d in DIRECTIONS
                ]
                row |= {f"{label}, {d}": way for d, way in zip(DIRECTIONS, ways, strict=True)}
                if label != "rank":
                    row[f"{label}, worse"] = min(ways)
            found[place] = row
        timed = answer.seconds == answer.seconds and answer.seconds > 0
        found["near"]["seconds"] = answer.seconds if timed else None
        return found

    both = [rows(reading) for reading in _READINGS]
    return max(both, key=lambda row: row["near"]["point, worse"] + row["near"]["mass, worse"])


def _kinds(asked: Sequence[Case], ours: Answer) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for case, maps in zip(asked, ours.maps, strict=True):
        row = rows.setdefault(case.kind, {"kind": case.kind, "pairs": len(maps)})
        near = grown(case.changed)
        row[f"point, {case.direction}"] = float(pointing(maps, near).mean())
        row[f"mass, {case.direction}"] = float(mass(maps, near).mean())
    return list(rows.values())
