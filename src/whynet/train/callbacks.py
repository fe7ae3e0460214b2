"""Callbacks: things that watch a run, and may stop it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from whynet.data.files import write_atomically
from whynet.errors import ConfigError
from whynet.train.loop import Callback

if TYPE_CHECKING:
    from collections.abc import Callable

    from whynet.ops.arrays import Array
    from whynet.train.loop import Training

MONITORS = ("cost", "accuracy", "validation_cost", "validation_accuracy")


def _check_monitor(monitor: str) -> None:
    if monitor not in MONITORS:
        raise ConfigError(f"expected monitor to be one of {', '.join(MONITORS)}, got {monitor!r}")


class Progress(Callback):
    """Print one line an epoch, with the time that is left.

    Args:
        stream: where to; standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def on_epoch_end(self, run: Training) -> None:
        """Print the epoch's line."""
        last, total = run.history.epochs[-1], run.recipe.epochs
        line = f"epoch {last.epoch}/{total}  cost {last.cost:.4f}  accuracy {last.accuracy:.2%}"
        if last.validation_accuracy is not None:
            line += f"  validation {last.validation_cost:.4f} {last.validation_accuracy:.2%}"
        left = run.history.seconds / len(run.history) * (total - last.epoch)
        print(f"{line}  {last.seconds:.1f} s, {left:.0f} s left", file=self._stream or sys.stderr)

    def on_train_end(self, run: Training) -> None:
        """Say why, if training ended early."""
        if run.stopped:
            print(f"stopped: {run.stopped}", file=self._stream or sys.stderr)


class EarlyStopping(Callback):
    """Stop when the monitored curve has not improved for ``patience`` epochs.

    Args:
        patience: epochs to wait for an improvement.
        monitor: the curve to watch; the training curve serves where there is no validation.
        restore_best: whether to put the best epoch's weights back at the end, unless training
            was interrupted. They are held in memory, so a resumed run knows only those since it
            resumed.

    Raises:
        ConfigError: patience below 1, or no such curve.
    """

    def __init__(
        self, patience: int = 5, monitor: str = "validation_cost", *, restore_best: bool = True
    ) -> None:
        _check_monitor(monitor)
        if patience < 1:
            raise ConfigError(f"expected a patience of at least 1, got {patience}")
        self._patience, self._monitor, self._restore = patience, monitor, restore_best
        self._best_weights: tuple[Array, Array] | None = None

    def on_epoch_end(self, run: Training) -> None:
        """Keep the weights if they are the best so far; stop if that was long ago."""
        best, last = run.history.best(self._monitor), len(run.history) - 1
        if best == last:
            self._best_weights = run.network.parameters.copy(), run.network.state.copy()
        if last - best >= self._patience:
            run.stop(self._reason)

    def on_train_end(self, run: Training) -> None:
        """Put the best weights back, if training came to its end."""
        ended = run.stopped in ("", self._reason)
        if ended and self._restore and self._best_weights is not None:
            run.network.parameters[...], run.network.state[...] = self._best_weights

    @property
    def _reason(self) -> str:
        return f"no better {self._monitor} for {self._patience} epochs"


class Checkpoint(Callback):
    """Save the net while it trains, so that whatever happens a loadable file is there.

    Args:
        save: writes the file; it gets the run.
        every: seconds between saves inside an epoch (the end of each epoch saves too).
        best: save only when this curve has improved, at the ends of epochs.

    Raises:
        ConfigError: ``save`` is no function, or ``best`` names no curve.
    """

    def __init__(
        self, save: Callable[[Training], None], *, every: float = 30.0, best: str | None = None
    ) -> None:
        if best is not None:
            _check_monitor(best)
        if not callable(save):
            raise ConfigError(
                "expected save as a function of the run, such as "
                f"lambda run: net.save({str(save)!r}), got {save!r}"
            )
        self._save, self._every, self._best = save, every, best
        self._saved = 0.0

    def on_train_begin(self, run: Training) -> None:
        """Save at once, so that the first epoch has something to resume from."""
        if self._best is None:
            self._write(run)

    def on_batch_end(self, run: Training) -> None:
        """Save if the last time was long ago."""
        if self._best is None and time.monotonic() - self._saved > self._every:
            self._write(run)

    def on_epoch_end(self, run: Training) -> None:
        """Save, if need be only the best."""
        if self._best is None or run.history.best(self._best) == len(run.history) - 1:
            self._write(run)

    def on_train_end(self, run: Training) -> None:
        """Save what training ended with."""
        if self._best is None:
            self._write(run)

    def _write(self, run: Training) -> None:
        if not run.sound:  # the last good file is worth more; the loop is about to stop
            return
        self._save(run)
        self._saved = time.monotonic()


class CSVLog(Callback):
    """Write the history as CSV after every epoch; a resumed run writes it whole again.

    Args:
        path: the file.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def on_epoch_end(self, run: Training) -> None:
        """Write the file anew."""
        with write_atomically(self._path) as file:
            file.write(run.history.to_csv().encode())
