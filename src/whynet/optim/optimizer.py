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

    @abstractmethod
    def step(
        self, parameters: Array, gradient: Array, memory: Memory, *, lr: float, decayed: Array
    ) -> None:
        """Update ``parameters`` and ``memory`` in place.

        Args:
            parameters: (p,).
            gradient: (p,) of the average cost; left as it is.
            memory: what `start` made.
            lr: the rate for this step, in place of ``self.lr``.
            decayed: (p,) 1 where weight decay applies, 0 elsewhere.
        """

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
