"""The protocol of an update rule: how a gradient becomes a change of the parameters.

An optimizer is a frozen description (its options). What it remembers from step to step (momentum,
averages of squares) is made by `Optimizer.start` and handed back in at every `Optimizer.step`, so
that a checkpoint can hold it and nothing hides. Parameters, gradients and memory are flat vectors.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from whynet.ops.arrays import Array
from whynet.options import make, number_fields

Memory = dict[str, Array]

PART = 1 << 14
"""Parameters updated at a time: what an update needs of so many fits a core's cache."""

OPTIMIZERS: dict[str, type[Optimizer]] = {}
"""Every optimizer class by its name in lower case, as options and model files call it."""


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule that turns gradients into updates.

    Attributes:
        lr: the learning rate η; a schedule may scale it from step to step.
        weight_decay: how strongly weights (not biases) are pulled towards 0; see each rule.
    """

    lr: float
    weight_decay: float = 0.0

    usual_lr: ClassVar[tuple[float, float]]
    """Learning rates outside this range are rarely meant (see `whynet.train.lint`)."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        OPTIMIZERS[cls.__name__.lower()] = cls

    def __post_init__(self) -> None:
        number_fields(self, "lr", above=0)
        number_fields(self, "weight_decay", least=0)

    @abstractmethod
    def start(self, parameters: Array) -> Memory:
        """Return what the rule remembers before its first step: vectors like ``parameters``."""

    def begin(self, memory: Memory) -> None:
        """Note that another step is made, before its first `update`."""

    @abstractmethod
    def update(
        self, parameters: Array, gradient: Array, memory: Memory, *, lr: float, decayed: Array
    ) -> None:
        """Update some of the parameters, and what is remembered of them, in place.

        No parameter's update depends on another's, so a step may be made in parts, of any size, in
        any order and by several workers.

        Args:
            parameters: (p,), or a part of them.
            gradient: of the average cost, likewise; left as it is.
            memory: what `start` made; of vectors (p,), the same part.
            lr: the rate for this step, in place of ``self.lr``.
            decayed: 1 where weight decay applies, 0 elsewhere.
        """

    def step(
        self, parameters: Array, gradient: Array, memory: Memory, *, lr: float, decayed: Array
    ) -> None:
        """Make a whole step: `begin`, and `update` in parts that stay in the processor's cache.

        Arguments as `update`, all of them whole.
        """
        self.begin(memory)
        for part in parts(len(parameters)):
            here = part_of(memory, part, len(parameters))
            self.update(parameters[part], gradient[part], here, lr=lr, decayed=decayed[part])

    def config(self) -> dict[str, Any]:
        """Describe the rule in plain values: its ``type`` and every option."""
        return {"type": type(self).__name__.lower(), **asdict(self)}

    def _with_decay(self, parameters: Array, gradient: Array, decayed: Array) -> Array:
        """Add the derivative of ½ λ ‖w‖² to the gradient (L2 regularisation)."""
        if not self.weight_decay:
            return gradient
        pull: Array = parameters * decayed
        pull *= pull.dtype.type(self.weight_decay)
        pull += gradient
        return pull


def make_optimizer(name: str, lr: float | None = None, **options: Any) -> Optimizer:
    """Make an optimizer by its name: "sgd", "rmsprop", "adam" or "adamw".

    Args:
        name: a key of `OPTIMIZERS`.
        lr: its learning rate; None takes the class's default.
        options: its other options.

    Raises:
        ConfigError: no such optimizer, or an option that it does not take.
    """
    if lr is not None:
        options["lr"] = lr
    return make("an optimizer", OPTIMIZERS, name, options)


def parts(count: int) -> list[slice]:
    """Cut so many parameters into parts of `PART`."""
    return [slice(start, min(start + PART, count)) for start in range(0, count, PART)]


def part_of(memory: Memory, part: slice, count: int) -> Memory:
    """View what is remembered of a part of ``count`` parameters."""
    return {name: array[part] if len(array) == count else array for name, array in memory.items()}
