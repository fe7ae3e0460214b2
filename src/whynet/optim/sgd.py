"""Gradient descent: go downhill, a step at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from whynet.errors import ConfigError
from whynet.ops.arrays import Array
from whynet.optim.optimizer import Memory, Optimizer
from whynet.options import number_fields, switch


@dataclass(frozen=True)
class SGD(Optimizer):
    """w ← w − η ∇C, optionally with momentum: v ← µ v + ∇C, w ← w − η v.

    Gradient descent proper is this rule on full batches, stochastic gradient descent on
    mini-batches, and online learning on batches of one: the batch size decides. Weight decay is
    added to the gradient. The formulas are those of Sutskever et al. 2013 as PyTorch writes them.

    Attributes:
        momentum: µ, how much of the last velocity lives on; 0 is plain descent.
        nesterov: look ahead along the velocity: w ← w − η (∇C + µ v).

    Raises:
        ConfigError: momentum outside 0 to 1, or nesterov without momentum.
    """

    lr: float = 0.01
    momentum: float = 0.0
    nesterov: bool = False

    usual_lr: ClassVar[tuple[float, float]] = (1e-4, 10.0)

    def __post_init__(self) -> None:
        super().__post_init__()
        number_fields(self, "momentum", least=0, below=1)
        switch(self.nesterov, "nesterov")
        if self.nesterov and not self.momentum:
            raise ConfigError("expected a momentum above 0 with nesterov, got 0")

    def start(self, parameters: Array) -> Memory:
        """See `Optimizer.start`."""
        return {"velocity": parameters * 0} if self.momentum else {}

    def update(
        self, parameters: Array, gradient: Array, memory: Memory, *, lr: float, decayed: Array
    ) -> None:
        """See `Optimizer.update`."""
        rate = parameters.dtype.type(lr)
        gradient = self._with_decay(parameters, gradient, decayed)
        if self.momentum:
            velocity = memory["velocity"]
            velocity *= self.momentum
            velocity += gradient
            gradient = gradient + self.momentum * velocity if self.nesterov else velocity
        parameters -= rate * gradient
