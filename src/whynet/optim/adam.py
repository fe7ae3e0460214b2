"""Adam and AdamW: momentum, and a step size of its own for every parameter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from whynet.ops.arrays import Array
from whynet.optim.optimizer import Memory, Optimizer
from whynet.options import number_fields


@dataclass(frozen=True)
class Adam(Optimizer):
    """Step along a running mean of the gradient over the root of a running mean of its square.

        m ← β₁ m + (1 − β₁) ∇C          m̂ = m / (1 − β₁ᵗ)
        s ← β₂ s + (1 − β₂) ∇C²         ŝ = s / (1 − β₂ᵗ)
        w ← w − η m̂ / (√ŝ + ε)

    (Kingma & Ba 2015, algorithm 1.) The hats undo the bias of means that began at 0. Weight decay
    is added to the gradient.

    Attributes:
        beta1, beta2: β₁ and β₂, how slowly the two means forget.
        epsilon: ε, added to √ŝ as in PyTorch.

    Raises:
        ConfigError: a β outside 0 to 1, or epsilon not above 0.
    """

    lr: float = 0.001
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    usual_lr: ClassVar[tuple[float, float]] = (1e-5, 0.05)

    def __post_init__(self) -> None:
        super().__post_init__()
        number_fields(self, "beta1", "beta2", least=0, below=1)
        number_fields(self, "epsilon", above=0)

    def start(self, parameters: Array) -> Memory:
        """See `Optimizer.start`."""
        return {
            "mean": parameters * 0,
            "squares": parameters * 0,
            "steps": np.zeros(1, np.float64),
        }

    def begin(self, memory: Memory) -> None:
        """See `Optimizer.begin`."""
        memory["steps"] += 1

    def update(
        self, parameters: Array, gradient: Array, memory: Memory, *, lr: float, decayed: Array
    ) -> None:
        """See `Optimizer.update`."""
        self._move(parameters, self._with_decay(parameters, gradient, decayed), memory, lr)

    def _move(self, parameters: Array, gradient: Array, memory: Memory, lr: float) -> None:
        steps = float(memory["steps"][0])
        mean, squares = memory["mean"], memory["squares"]
        work = np.subtract(gradient, mean)  # m + (1 − β₁)(∇C − m) is the same mean
        work *= 1 - self.beta1
        mean += work
        np.multiply(gradient, gradient, out=work)
        work -= squares
        work *= 1 - self.beta2
        squares += work
        # η m̂ / (√ŝ + ε), with both hats folded into numbers so that vectors are passed over less.
        unbias = math.sqrt(1 - self.beta2**steps)
        np.sqrt(squares, out=work)
        work += self.epsilon * unbias
        np.divide(mean, work, out=work)
        work *= lr * unbias / (1 - self.beta1**steps)
        parameters -= work


@dataclass(frozen=True)
class AdamW(Adam):
    """Adam with decoupled weight decay: w ← (1 − η λ) w, then Adam (Loshchilov & Hutter 2019).

    The decay does not pass through Adam's division, so every weight shrinks at one rate.
    """

    weight_decay: float = 0.01

    def update(
        self, parameters: Array, gradient: Array, memory: Memory, *, lr: float, decayed: Array
    ) -> None:
        """See `Optimizer.update`."""
        if self.weight_decay:
            parameters -= parameters.dtype.type(lr * self.weight_decay) * (parameters * decayed)
        self._move(parameters, gradient, memory, lr)
