"""Taps: where a plan that explains hands out what passes by."""

from __future__ import annotations

import numpy as np

from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Step


class TapStep(Step):
    """Copy what lies between two layers, and its gradient, for those who asked; change neither.

    Everything passes through untouched, slots included. So a tap costs its copies alone, and they
    are made before any other step can overwrite what they are made of.

    Attributes:
        features, gradients: (n, *shape), in the layers' own order: where the next pass copies to.
    """

    features: Array
    gradients: Array

    @property
    def place(self) -> int:
        """Where it is: 0 is the picture, i the output of the i-th layer."""
        return self.index + 1

    @property
    def goes_back(self) -> bool:
        """See `Step.goes_back`. Gradients come as far as the lowest tap, and no further."""
        return True

    def offer(self, after: Array | None) -> None:
        """See `Step.offer`."""
        self.slot = after

    def offer_back(self, before: Array | None) -> None:
        """See `Step.offer_back`."""
        if self.need_dx:
            self.dslot = before

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        self._features = self.given.as_plain(x)
        return x

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._gradients = self.given.as_plain(dy)
        return dy if self.need_dx else None

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        np.copyto(self.features, self._features)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        np.copyto(self.gradients, self._gradients)
