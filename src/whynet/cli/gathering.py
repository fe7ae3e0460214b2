"""Gathering donors once a net is trained: what its explanations borrow their strokes from."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from whynet.cli.progress import share_bar
from whynet.errors import ConfigError, WhynetError
from whynet.explain.donors import ATTACHED, Donors

if TYPE_CHECKING:
    from whynet.cli.console import Output
    from whynet.cli.jobs import Job

_LEAST_SIDE = 8
_CLASSES = range(2, 37)  # ten digits and an alphabet: more would make the file large


@dataclass(frozen=True)
class Gathered:
    """What came of gathering donors.

    Attributes:
        count: how many pictures there are.
        seconds: that it took.
        told: what to say of it; empty if nobody wanted any.
        interrupted: whether someone pressed Ctrl-C.
    """

    count: int = 0
    seconds: float = 0.0
    told: str = ""
    interrupted: bool = False


def reason_against(job: Job) -> str:
    """Tell why a net can have no donors; empty if it can."""
    *sides, channels = job.learn.image_shape
    classes = len(job.net.card.classes)
    if channels != 1:
        return f"they are for pictures of one channel, not of {channels}"
    if min(sides) < _LEAST_SIDE:
        height, width = sides
        return f"they are for pictures of at least 8 × 8 pixels, not of {height} × {width}"
    if classes not in _CLASSES:
        return f"they are for {_CLASSES[0]} to {_CLASSES[-1]} classes, not for {classes}"
    return ""


def check_wanted(job: Job, wanted: bool | None) -> None:
    """Refuse to train a net that cannot have the donors that it is to have, and drop older ones.

    Donors are those of the very weights that they lie beside: training makes them out of date.

    Args:
        job: what is about to be trained.
        wanted: what the command line says; None if it says nothing.

    Raises:
        ConfigError: the net cannot have donors.
    """
    job.net.attachments.pop(ATTACHED, None)
    if wanted and (reason := reason_against(job)):
        raise ConfigError(f"--donors: {reason}: leave it out")


def gather(job: Job, wanted: bool | None, threads: int | None, output: Output) -> Gathered:
    """Gather donors from the pictures that a net was trained on, and save it with them.

    Args:
        job: what was trained, and saved.
        wanted: False leaves them out.
        threads: how many to use; None takes all cores.
        output: where to show progress.
    """
    if wanted is False:
        return Gathered()
    reason = reason_against(job)
    if not reason and not len(job.net.card.history):
        reason = "the net has learnt nothing yet"
    if reason:
        return Gathered(told=f"no donors for explanations: {reason}")
    began = time.perf_counter()
    try:
        with share_bar(output, "gathering donors") as progress:
            donors = Donors.from_data(
                job.net,
                job.learn.images,
                job.learn.known_labels,
                source=job.net.card.data,
                threads=threads,
                progress=progress,
            )
        if len(donors):
            donors.attach(job.net)
            job.net.save(job.out)
    except KeyboardInterrupt:
        job.net.attachments.pop(ATTACHED, None)
        return Gathered(
            told=f"interrupted: {job.out} keeps the model; explanations will do without donors",
            interrupted=True,
        )
    except WhynetError as error:  # the net itself is trained and saved
        return Gathered(told=f"no donors for explanations: {error}")
    seconds = time.perf_counter() - began
    return Gathered(len(donors), seconds, _told(job, donors, seconds))


def _told(job: Job, donors: Donors, seconds: float) -> str:
    if not len(donors):
        return "no donors for explanations: the net is sure of none of its pictures"
    there = set(donors.labels.tolist())
    without = [name for label, name in enumerate(job.net.card.classes) if label not in there]
    lacking = f", none of {', '.join(without)}" if without else ""
    return f"{len(donors):,} donors for explanations{lacking}, gathered in {seconds:.1f} s"
