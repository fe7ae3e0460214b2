"""What takes its time as it happens: live on a terminal, and training by the epoch in a pipe."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from whynet.cli.console import Output, percent
from whynet.train.loop import Callback

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from whynet.train.loop import Training

_PAUSE = 0.1
"""Seconds between two drawings of the bar; more often would cost time and show nothing."""


class Watch(Callback):
    """Shows a run; to be used in a ``with`` block, so that the bar goes whatever happens.

    Args:
        output: where to.

    Attributes:
        stopped: why training ended before its last epoch; empty when it did not.
    """

    def __init__(self, output: Output) -> None:
        self.stopped = ""
        self._output = output
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._drawn = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def on_train_begin(self, run: Training) -> None:
        """Put the bar up, if someone can see it."""
        if not self._output.live:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=self._output.console,
            transient=True,
            expand=True,
            speed_estimate_period=120,
        )
        done = run.state.epoch * run.batches + run.state.batch
        self._task = self._bar.add_task(
            "", total=run.recipe.epochs * run.batches, completed=done, figures=""
        )
        self._bar.start()

    def on_batch_end(self, run: Training) -> None:
        """Move the bar on, now and then."""
        now = time.monotonic()
        if self._bar is None or self._task is None or now - self._drawn < _PAUSE:
            return
        self._drawn = now
        state = run.state
        self._bar.update(
            self._task,
            completed=state.epoch * run.batches + state.batch,
            description=(
                f"epoch {state.epoch + 1}/{run.recipe.epochs}  "
                f"batch {state.batch:>{len(str(run.batches))}}/{run.batches}"
            ),
            figures=f"cost {state.cost / state.seen:.4f}  {percent(state.correct / state.seen)}",
        )

    def on_epoch_end(self, run: Training) -> None:
        """Print the epoch's line."""
        line = epoch_line(run)
        if self._bar is not None:
            self._bar.console.print(line, soft_wrap=True)
        elif not self._output.quiet:
            print(line, file=self._output.stream, flush=True)

    def on_train_end(self, run: Training) -> None:
        """Keep why training ended."""
        self.stopped = run.stopped


def epoch_line(run: Training) -> str:
    """Tell the run's last epoch in fewer than 80 characters."""
    last, total = run.history.epochs[-1], run.recipe.epochs
    figures = f"cost {last.cost:.4f}  accuracy {percent(last.accuracy)}"
    if last.validation_accuracy is not None:
        figures += f"  validation {percent(last.validation_accuracy)}"
    return f"epoch {last.epoch:>{len(str(total))}}/{total}  {figures}  {last.seconds:.1f} s"


@contextmanager
def share_bar(output: Output, doing: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on a terminal, and the time that is left.

    Yields what is to be told the share done, from 0 to 1.
    """
    if not output.live:
        yield lambda share: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    with Progress(
        TextColumn("[dim]{task.description}[/dim]"),
        BarColumn(bar_width=None),
        TimeRemainingColumn(),
        console=output.console,
        transient=True,
        expand=True,
    ) as bar:
        task = bar.add_task(doing, total=1.0)
        yield lambda share: bar.update(task, completed=share)
