"""``whynet train --find-lr``: which learning rate to train with, before training."""

from __future__ import annotations

import math
import shlex
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer

from whynet.cli.console import Output, escaped
from whynet.cli.errors import DIVERGED, INTERRUPTED, complain
from whynet.errors import ConfigError
from whynet.train.loop import Callback
from whynet.train.lr_finder import RangeTest, find_lr, usual_steps

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from whynet.cli.jobs import Job
    from whynet.train.loop import Training

_REFUSED = ("resume", "epochs", "lr", "schedule", "early_stopping", "log", "donors")
_KEPT = (
    *("data", "model", "examples", "size", "out"),
    *("batch_size", "optimizer", "cost", "seed", "threads"),
)
_PAUSE = 0.1
_HEIGHT, _WIDTH, _MARGIN = 9, 60, 8


def check_options(given: Mapping[str, Any]) -> None:
    """Refuse what tells how a training goes: here the rate is what is asked, and nothing is kept.

    Args:
        given: the parameters of `whynet train` by name.

    Raises:
        ConfigError: there is such an option.
    """
    for name in _REFUSED:
        if given[name] not in (None, False):
            raise ConfigError(
                f"--find-lr looks for a rate and trains nothing: leave {_option(name)} "
                "to the training that follows"
            )


def run_test(job: Job, given: Mapping[str, Any], output: Output) -> None:
    """Make the test, show the curve, and say how to train with the suggested rate.

    Args:
        job: what would be trained; no file of it is touched.
        given: the parameters of `whynet train` by name.
        output: where to.

    Raises:
        DivergedError: the cost was NaN before the first update.
        typer.Exit: Ctrl-C was pressed, or no rate made the cost fall.
    """
    card = job.net.card
    steps = usual_steps(job.recipe.batch_size)
    try:
        output.say(
            f"trying learning rates on [bold]{escaped(card.model)}[/bold] "
            f"({job.net.parameters.size:,} parameters) and [bold]{escaped(card.data)}[/bold]"
        )
        with _Bar(output, steps) as bar:
            found = find_lr(
                job.net,
                job.recipe,
                job.learn.images,
                job.learn.known_labels,
                steps=steps,
                callbacks=[bar],
                threads=given["threads"],
            )
    except KeyboardInterrupt:
        complain("interrupted: the test keeps nothing, begin it again when you like")
        raise typer.Exit(INTERRUPTED) from None
    _tell(found, given, output)
    output.document(
        {
            "model": card.model,
            "data": card.data,
            "rates": found.rates,
            "costs": found.costs,
            "smoothed": found.smoothed,
            "suggested": found.suggested,
            "steepest": found.steepest,
            "diverged_at": found.diverged_at,
        }
    )
    if found.suggested is None:
        complain(
            f"the cost fell at no learning rate from {_short(found.rates[0])} to "
            f"{_short(found.rates[-1])}: see what `whynet train` notes about the net"
        )
        raise typer.Exit(DIVERGED)


class _Bar(Callback):
    """A bar on a terminal, with the time that is left if no rate is too high; else nothing."""

    def __init__(self, output: Output, steps: int) -> None:
        self._output, self._steps = output, steps
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._done, self._drawn = 0, 0.0

    def __enter__(self) -> Self:
        if self._output.live:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=None),
                TimeRemainingColumn(compact=True),
                console=self._output.console,
                transient=True,
                expand=True,
            )
            self._task = self._bar.add_task("", total=self._steps)
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def on_batch_end(self, run: Training) -> None:
        """Move the bar on, now and then."""
        self._done += 1
        now = time.monotonic()
        if self._bar is None or self._task is None or now - self._drawn < _PAUSE:
            return
        self._drawn = now
        self._bar.update(
            self._task,
            completed=self._done,
            description=f"update {self._done:>{len(str(self._steps))}}/{self._steps}  "
            f"rate {run.lr:.1e}",
        )


def _tell(found: RangeTest, given: Mapping[str, Any], output: Output) -> None:
    output.say()
    for line in curve(found):
        output.say(line)
    output.say()
    if found.suggested is None or found.steepest is None:
        return
    output.say(f"suggested learning rate: [bold green]{_short(found.suggested)}[/]")
    floor = found.suggested**2 / found.steepest  # the suggestion is the geometric mean of the two
    told = f"the cost fell fastest at {_short(found.steepest)} and was lowest at {_short(floor)}; "
    if found.diverged_at is not None:
        told += f"{_short(found.diverged_at)} was far too high"
    else:
        told += f"it did not run away up to {_short(found.rates[-1])}"
    output.say(told)
    output.say()
    output.say("next:")
    output.say(f"  {escaped(_command(given, found.suggested))}")


def curve(found: RangeTest) -> list[str]:
    """Draw the smoothed cost over the rate, the rate on a log axis, in Rich's markup.

    The suggestion is marked by a column of its own. What lies above the first cost by more than a
    tenth of the fall is left out: a runaway cost would press all else flat.
    """
    first, low = found.smoothed[0], min(found.smoothed)
    top = min(max(found.smoothed), first + 0.1 * (first - low)) if first > low else first
    top = top if top > low else low + 1.0
    start, end = math.log(found.rates[0]), math.log(found.rates[-1])

    def column(rate: float) -> int:
        share = (math.log(rate) - start) / (end - start) if end > start else 0.0
        return round(share * (_WIDTH - 1))

    rows = [[" "] * _WIDTH for _ in range(_HEIGHT)]
    if found.suggested is not None:
        for row in rows:
            row[column(found.suggested)] = "[green]|[/]"
    for rate, cost in zip(found.rates, found.smoothed, strict=True):
        height = (cost - low) / (top - low)
        if height <= 1:
            rows[_HEIGHT - 1 - round(height * (_HEIGHT - 1))][column(rate)] = "[bold]*[/]"
    labels = {0: f"{top:.3g}", _HEIGHT - 1: f"{low:.3g}"}
    lines = [
        f"{labels.get(i, ''):>{_MARGIN}} |{''.join(row).rstrip()}" for i, row in enumerate(rows)
    ]
    axis, names = ["-"] * _WIDTH, [" "] * (_WIDTH + _MARGIN)
    free = 0
    first_power, last_power = start / math.log(10), end / math.log(10)
    for power in range(math.ceil(first_power - 1e-9), math.floor(last_power + 1e-9) + 1):
        at = column(10.0**power)
        axis[at] = "+"
        if at >= free:
            name = f"{10.0**power:g}"
            names[at : at + len(name)] = name
            free = at + len(name) + 2
    indent = " " * (_MARGIN + 1)
    return [*lines, f"{'cost':>{_MARGIN}} +{''.join(axis)}", f"{indent} {''.join(names).rstrip()}"]


def _command(given: Mapping[str, Any], rate: float) -> str:
    """Return the command that trains as the test did, at this rate."""
    words = ["whynet", "train"]
    for name in _KEPT:
        if given[name] is not None:
            words += [_option(name), str(given[name])]
    if given["augment"] is not None:
        words.append("--augment" if given["augment"] else "--no-augment")
    return shlex.join([*words, "--lr", _short(rate)])


def _short(rate: float) -> str:
    """Write a rate with the two digits that a test can vouch for."""
    return f"{float(f'{rate:.1e}'):g}"


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")
