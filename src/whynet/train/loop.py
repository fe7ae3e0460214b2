"""The training loop: deal a batch, find its gradient, take a step; measure after every epoch.

Everything that a run needs to go on from any step is in its `State` and the net's two vectors, so
a run can be stopped anywhere (Ctrl-C, `kill -9`) and ends on the same bits as if it had not been.
"""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, DivergedError, ShapeError
from whynet.nn import Cost, Network
from whynet.nn.costs import as_targets, get_cost
from whynet.ops.arrays import Array
from whynet.optim.optimizer import Memory
from whynet.optim.schedules import Moment
from whynet.options import choice
from whynet.randomness import keyed_generator
from whynet.train.history import Epoch, History
from whynet.train.recipe import Recipe
from whynet.train.shards import Plans, outputs, put_input, shard_size
from whynet.train.stepper import Stepper
from whynet.train.team import Team, gather
from whynet.train.workers import Workers, available_cores

Pictures = NDArray[Any]
"""(n, *input_shape): uint8 grey levels, read as 0 to 1, or floats, taken as they are."""

_PROBE = 32
"""Without validation, the epoch's weights are tried on so many examples, for NaN only."""

_ORDER = 1  # what a random key is for, so that no two uses share one


@dataclass
class State:
    """Where a run stands.

    Attributes:
        epoch: whole epochs done.
        batch: batches done in the epoch under way.
        cost, correct, seen: sums over those batches.
        seconds: spent on them.
        memory: the optimizer's.
        history: of the epochs done.
    """

    epoch: int = 0
    batch: int = 0
    cost: float = 0.0
    correct: int = 0
    seen: int = 0
    seconds: float = 0.0
    memory: Memory = field(default_factory=dict)
    history: History = field(default_factory=History)


class Callback:
    """Something to be told how training goes. Override what matters.

    Callbacks may change the net's ``parameters`` and ``state``. Workers that are processes see no
    other changes, such as to pictures or to layers' options, until the next run.
    """

    def on_train_begin(self, run: Training) -> None:
        """Training is about to take its first step, or its first after a pause."""

    def on_batch_end(self, run: Training) -> None:
        """An update has been made."""

    def on_epoch_end(self, run: Training) -> None:
        """An epoch has been measured; its line is the last of ``run.history``."""

    def on_train_end(self, run: Training) -> None:
        """No more updates will be made, whatever the reason."""


class Training:
    """One run of training.

    Args:
        network: is changed in place.
        recipe: how to train.
        images: what to train on; see `Pictures`.
        labels: (n,) whole numbers, or rows (n, classes).
        validation: images and labels to measure on after every epoch.
        callbacks: told how it goes, in order.
        threads: how many workers; None takes all cores. Changes the time, never the result.
        workers: "threads", "processes", or "auto" for processes where they are safe; likewise.
        state: where an earlier run stood, to go on from there.

    Attributes:
        stopped: why training ended before its last epoch; empty when it did not.

    Raises:
        ConfigError, ShapeError: something does not fit together.
    """

    def __init__(
        self,
        network: Network,
        recipe: Recipe,
        images: Pictures,
        labels: NDArray[Any],
        *,
        validation: tuple[Pictures, NDArray[Any]] | None = None,
        callbacks: Sequence[Callback] = (),
        threads: int | None = None,
        workers: str = "auto",
        state: State | None = None,
    ) -> None:
        self.network, self.recipe = network, recipe
        self.cost = get_cost(recipe.cost)
        self.images = images
        self.targets = check_examples(network, images, labels)
        self.validation = validation
        if validation is not None:
            check_examples(network, *validation)
            if not len(validation[0]):
                raise ConfigError("expected at least one example to validate on, got none")
        self.callbacks = tuple(callbacks)
        self.threads = threads
        self.workers = choice(workers, "workers", ("auto", "threads", "processes"))
        self.state = state or State()
        fresh = recipe.optimizer.start(network.parameters)
        if not self.state.memory:
            self.state.memory = fresh
        if shapes(self.state.memory) != shapes(fresh):
            raise ConfigError(
                f"expected to resume with what {type(recipe.optimizer).__name__} remembers "
                f"({', '.join(fresh) or 'nothing'}), got {', '.join(self.state.memory)}"
            )
        self.stopped = ""
        self._updating = False
        n = len(images)
        if n == 0:
            raise ConfigError("expected at least one example to train on, got none")
        self.batch_size = min(recipe.batch_size or n, n)
        self.batches = math.ceil(n / self.batch_size)
        self._plans = Plans(network)

    @property
    def history(self) -> History:
        """The epochs done so far."""
        return self.state.history

    @property
    def lr(self) -> float:
        """The learning rate of the next update."""
        return self.recipe.optimizer.lr * self.recipe.schedule.factor(self._moment)

    @property
    def _moment(self) -> Moment:
        state = self.state
        return Moment(
            step=state.epoch * self.batches + state.batch,
            steps=self.recipe.epochs * self.batches,
            epoch=state.epoch,
            watched=state.history.watched,
        )

    @property
    def sound(self) -> bool:
        """Whether all that the net learnt and the optimizer remembers is finite."""
        held = (self.network.parameters, self.network.state, *self.state.memory.values())
        return all(bool(np.isfinite(array).all()) for array in held)

    def stop(self, reason: str) -> None:
        """End training after the batch or epoch under way. For callbacks."""
        self.stopped = self.stopped or reason

    def run(self) -> History:
        """Train until the recipe's last epoch, or until someone says `stop` or presses Ctrl-C.

        Raises:
            DivergedError: the first epoch ended in NaN; the net has its first weights again.
            WorkerError: a worker is gone. After this, as after a second Ctrl-C, the net and the
                state are what they were at the end of the last epoch: of an update cut short,
                parts may have been made.
        """
        with Workers(self.threads) as workers, _interruptible(self), self._team() as team:
            stepper = self._stepper(team)
            good = self._keep()
            self._tell("on_train_begin")
            try:
                while self.state.epoch < self.recipe.epochs and not self.stopped:
                    sound = self._run_epoch(stepper)
                    if sound and self.state.batch < self.batches:
                        break  # stopped in mid-epoch, to be resumed from there
                    if not (sound and self._finish_epoch(workers)):
                        self._restore(good)
                        break
                    good = self._keep()
                    self._tell("on_epoch_end")
                self._tell("on_train_end")
            finally:
                team.close()  # nobody writes there any more
                if self._updating:
                    self._go_back(good)
                    self._updating = False
                # Ordinary memory again, not the team's.
                self.state.memory = {name: x.copy() for name, x in self.state.memory.items()}
        if self.stopped.startswith(_DIVERGED) and not self.history.epochs:
            raise DivergedError(f"{self.stopped}: try a learning rate ten times smaller")
        return self.history

    def _team(self) -> Team:
        """Call no more workers than there are shards in a batch."""
        workers = available_cores() if self.threads is None else self.threads
        shards = math.ceil(self.batch_size / shard_size(self.network, self.batch_size))
        return gather(min(workers, shards), self.workers)

    def _stepper(self, team: Team) -> Stepper:
        recipe = self.recipe
        stepper = Stepper(
            self.network,
            self.cost,
            recipe.optimizer,
            self.state.memory,
            self._fetch,
            self.batch_size,
            team,
            seed=recipe.seed,
            l2=recipe.l2,
        )
        self.state.memory = stepper.memory
        return stepper

    def _fetch(self, chosen: NDArray[np.int64], epoch: int, x: Array) -> Array:
        """Fill x with examples as they look in this epoch, and return their targets."""
        recipe = self.recipe
        put_input(self.images, x, chosen)
        if recipe.augment is not None:
            np.copyto(x, recipe.augment.apply(x, chosen, seed=recipe.seed, epoch=epoch))
        targets: Array = self.targets.take(chosen, axis=0)
        return targets

    def _run_epoch(self, stepper: Stepper) -> bool:
        """Go through the epoch's batches, unless stopped; False if NaN or infinity came up."""
        state, recipe, n = self.state, self.recipe, len(self.images)
        order = keyed_generator(recipe.seed, _ORDER, state.epoch).permutation(n)
        while state.batch < self.batches:
            began = time.perf_counter()
            chosen = order[state.batch * self.batch_size : (state.batch + 1) * self.batch_size]
            step = state.epoch * self.batches + state.batch
            self._updating = True
            outcome = stepper.update(chosen, epoch=state.epoch, step=step, lr=self.lr)
            if not outcome.made:
                self._updating = False
                return False
            state.cost += outcome.cost
            state.correct += outcome.correct
            state.seen += len(chosen)
            state.batch += 1
            self._updating = False
            state.seconds += time.perf_counter() - began
            self._tell("on_batch_end")
            if self.stopped:
                break
        return self.sound

    def _finish_epoch(self, workers: Workers) -> bool:
        """Measure, add a line to the history and turn the page; False if the measure is NaN."""
        began = time.perf_counter()
        state = self.state
        state.batch -= 1  # the rate of the last update, not of the first of the next epoch
        lr = self.lr
        # Each cost was measured before its update, so the last update has yet to prove itself.
        images, labels = self.validation or (self.images[:_PROBE], self.targets[:_PROBE])
        with np.errstate(over="ignore", invalid="ignore"):
            cost, accuracy = measure(self._plans, self.network, self.cost, images, labels, workers)
        if not math.isfinite(cost):
            return False
        measured = self.validation is not None
        state.history.epochs.append(
            Epoch(
                epoch=state.epoch + 1,
                cost=state.cost / state.seen,
                accuracy=state.correct / state.seen,
                validation_cost=cost if measured else None,
                validation_accuracy=accuracy if measured else None,
                lr=lr,
                seconds=state.seconds + time.perf_counter() - began,
            )
        )
        state.epoch += 1
        state.batch, state.cost, state.correct, state.seen, state.seconds = 0, 0.0, 0, 0, 0.0
        return True

    def _keep(self) -> tuple[Array, Array, State]:
        memory = {name: array.copy() for name, array in self.state.memory.items()}
        state = replace(self.state, memory=memory)
        return self.network.parameters.copy(), self.network.state.copy(), state

    def _restore(self, good: tuple[Array, Array, State]) -> None:
        """Go back to the end of the last epoch that was well, and say so."""
        self._go_back(good)
        state = self.state
        done = state.epoch
        kept = f"the weights of epoch {done}" if done else "the first weights"
        if state.batch:
            kept = "the weights that training resumed from"
        self.stopped = f"{_DIVERGED} in epoch {done + 1}; {kept} were kept"

    def _go_back(self, good: tuple[Array, Array, State]) -> None:
        self.network.parameters[...], self.network.state[...], state = good
        memory = self.state.memory
        for name, array in state.memory.items():
            memory[name][...] = array
        vars(self.state).update({**vars(state), "memory": memory})

    def _tell(self, event: str) -> None:
        for callback in self.callbacks:
            getattr(callback, event)(self)


_DIVERGED = "the cost became infinite or NaN"


def shapes(memory: Memory) -> dict[str, tuple[int, ...]]:
    """Return the shape of each array that an optimizer remembers, by name."""
    return {name: array.shape for name, array in memory.items()}


def check_examples(network: Network, images: Pictures, labels: NDArray[Any]) -> Array:
    """Return the targets (n, classes), once images and labels fit the net and each other.

    Raises:
        ShapeError, ConfigError: they do not, or a picture holds NaN.
    """
    network.check_input(images)
    if len(network.output_shape) != 1:
        raise ShapeError(
            f"expected a net that ends in a vector of classes, got {network.output_shape}: "
            "put Flatten and Dense at its end"
        )
    if network.output_shape[0] < 2:
        raise ShapeError("expected at least 2 outputs, one a class, got 1")
    targets = as_targets(labels, network.output_shape[0], network.dtype)
    if len(targets) != len(images):
        raise ShapeError(f"expected a label for each of {len(images)} images, got {len(targets)}")
    if images.dtype != np.uint8 and not all_finite(images):
        raise ConfigError("expected finite pixels, got NaN or infinity")
    return targets


_BLOCK = 1 << 18
"""Numbers looked at together, so that what comes of it stays in the cache."""


def all_finite(images: Pictures) -> bool:
    """Whether no pixel is NaN or infinite; some at a time, as the answers for all take memory."""
    if images.ndim == 0:
        return bool(np.isfinite(images))
    step = max(1, _BLOCK * len(images) // max(images.size, 1))
    return all(
        bool(np.isfinite(images[start : start + step]).all())
        for start in range(0, len(images), step)
    )


def measure(
    plans: Plans,
    network: Network,
    cost: Cost,
    images: Pictures,
    labels: NDArray[Any],
    workers: Workers,
) -> tuple[float, float]:
    """Return the average cost and the accuracy on these pictures, as used for prediction."""
    targets = as_targets(labels, network.output_shape[0], network.dtype)
    y = outputs(plans, network, len(images), lambda part, x: put_input(images, x, part), workers)
    costs, _ = cost.compute(y, targets)
    right = y.argmax(axis=1) == targets.argmax(axis=1)
    return float(costs.mean(dtype=np.float64)), float(right.mean())


@contextmanager
def _interruptible(run: Training) -> Iterator[None]:
    """Let the first Ctrl-C end the run after the batch under way, the second at once.

    Only the main thread hears signals; elsewhere whoever started the run must stop it.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is None:  # someone hears them who is not Python
        yield
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        if run.stopped:
            raise KeyboardInterrupt
        run.stop("interrupted")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
