"""RMSProp: divide each step by the size that its gradients usually have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whynet.ops.arrays import Array
from whynet.optim.optimizer import Memory, Optimizer
from whynet.options import number_fields


@dataclass(frozen=True)
class RMSProp(Optimizer):
    """s ← ρ s + (1 − ρ) ∇C², w ← w − η ∇C / (√s + ε) (Tieleman & Hinton 2012, lecture 6.5).

    Weight decay is added to the gradient.

    Attributes:
        rho: ρ, how slowly the average of squares forgets.
        epsilon: keeps a parameter that never moved from dividing by 0.

    Raises:
        ConfigError: rho outside 0 to 1, or epsilon not above 0.
    """

    lr: float = 0.001
    rho: float = 0.99
    epsilon: float = 1e-8

    usual_lr: ClassVar[tuple[float, float]] = (1e-5, 0.05)

    def __post_init__(self) -> None:
        super().__post_init__()
        number_fields(self, "rho", least=0, below=1)
        number_fields(self, "epsilon", above=0)

    def start(self, parameters: Array) -> Memory:
        """See `Optimizer.start`."""
        return {"squares": parameters * 0}

    def update(
        self, parameters: Array, gradient: Array, memory: Memory, *, lr: float, decayed: Array
    ) -> None:
        """See `Optimizer.update`."""
        rate = parameters.dtype.type(lr)
        gradient = self._with_decay(parameters, gradient, decayed)
        squares = memory["squares"]
        squares *= self.rho
        squares += (1 - self.rho) * gradient * gradient
        parameters -= rate * gradient / (np.sqrt(squares) + self.epsilon)
