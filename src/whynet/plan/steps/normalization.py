"""Batch normalisation with as few passes over the maps as its formula allows.

x̂ and y are both of the form "x times a number of its channel, plus another". So neither x̂ nor a
chain of subtractions is made: the numbers are worked out first, for a handful of channels, and the
maps are passed over twice on the way there and four times on the way back. What is kept is x minus
the shard's own mean, which the moments need anyway and in which nothing cancels.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from whynet.nn import BatchNormalization
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.memory import Memory
from whynet.plan.steps.layer import LayerStep
from whynet.plan.steps.step import Step, Sums


class MeetingStep(Step):
    """A step at which all shards of a batch meet while training, to share sums over the batch."""

    @abstractmethod
    def moments(self) -> Array:
        """Return what `BatchNormalization.moments` does for this shard, (3, channels)."""

    @abstractmethod
    def meet(self, moments: Array) -> None:
        """Hear the batch's moments."""

    @abstractmethod
    def upstream_sums(self) -> Array:
        """Return what `BatchNormalization.upstream_sums` does for this shard, (2, channels)."""

    @abstractmethod
    def meet_back(self, sums: Array) -> None:
        """Hear the batch's sums."""


class NormalizationStep(MeetingStep):
    """Batch normalisation of a shard, by the moments of the whole batch.

    While training, `moments` and `upstream_sums` say what this shard adds to the batch's sums, and
    `meet` and `meet_back` hear those sums before the pass goes on.
    """

    layer: BatchNormalization

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        self.meets = memory.training
        self._line = np.empty(self.given.run, self.dtype)
        if memory.training:
            self._centred = memory.keep(self.given.array)

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        y = memory.hand_over(self.returns.array) if out is None else out
        self._x, self._y = x, y
        if self.training:
            self._count = x.size // self.given.channels
            self._total = Sums(x, self.given)
            self._squares = memory.scratch(x.shape)[0]
            self._squares_total = Sums(self._squares, self.given)
        return y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._dy = dy
        self._dx = dy if out is None else out
        if not self.training:
            return self._dx
        self._dtotal = Sums(dy, self.given)
        self._product = memory.scratch(dy.shape)[0]
        self._product_total = Sums(self._product, self.given)
        return self._dx if self.need_dx else None

    def moments(self) -> Array:
        """See `MeetingStep.moments`."""
        self._mean = self._total.run() / self.dtype.type(self._count)
        np.subtract(self._x, self._along(self._mean), out=self._centred)
        np.multiply(self._centred, self._centred, out=self._squares)
        spread = self._squares_total.run().astype(np.float64)
        mean = self._mean.astype(np.float64)
        count = np.full_like(mean, self._count)
        return np.stack([count, count * mean, spread + count * mean * mean])

    def meet(self, moments: Array) -> None:
        """See `MeetingStep.meet`."""
        count, sums, squares = moments
        mean = sums / count
        variance = np.maximum(squares / count - mean * mean, 0)
        self._batch = count
        self._inverse = 1 / np.sqrt(variance + self.layer.epsilon)
        self._off = self._mean - mean  # of the shard's mean from the batch's

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        params, state = self.layer.params, self.layer.state
        if self.training:
            x, off = self._centred, self._off
            inverse = self._inverse
        else:
            x, off = self._x, -state["mean"].astype(np.float64)
            inverse = 1 / np.sqrt(state["variance"].astype(np.float64) + self.layer.epsilon)
        scale = params["gamma"] * inverse
        shift = params["beta"] + off * scale
        self._scale = scale
        np.multiply(x, self._along(scale), out=self._y)
        np.add(self._y, self._along(shift), out=self._y)

    def upstream_sums(self) -> Array:
        """See `MeetingStep.upstream_sums`."""
        dy = self._dtotal.run().astype(np.float64)
        np.multiply(self._dy, self._centred, out=self._product)
        product = self._product_total.run() + self._off * dy
        self._own = np.stack([dy, product * self._inverse])
        return self._own

    def meet_back(self, sums: Array) -> None:
        """See `MeetingStep.meet_back`."""
        self._mean_dy, self._mean_product = sums / self._batch

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`, and `BatchNormalization.backward` for the formula."""
        if not self.training:
            np.multiply(self._dy, self._along(self._scale), out=self._dx)
            return
        grads["beta"][...], grads["gamma"][...] = self._own
        if not self.need_dx:
            return
        scale = self.layer.params["gamma"] * self._inverse
        along_x = scale * self._mean_product * self._inverse
        shift = scale * self._mean_dy + along_x * self._off
        np.multiply(self._centred, self._along(along_x), out=self._product)
        np.add(self._product, self._along(shift), out=self._product)
        np.multiply(self._dy, self._along(scale), out=self._dx)
        np.subtract(self._dx, self._product, out=self._dx)

    def _along(self, values: Array) -> Array:
        line = self.given.along(values, self._line)
        # Vectors in the order "cn" have one channel a line: what repeats is as large as they are.
        whole = self.given.order == "cn" and not self.given.spatial
        return line.reshape(self.given.array) if whole else line


class NormalizingLayerStep(LayerStep, MeetingStep):
    """A kind of batch normalisation that somebody else has written, by its own passes."""

    layer: BatchNormalization

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        super().prepare(memory, twin)
        self.meets = memory.training
        self._moments: Array | None = None

    def moments(self) -> Array:
        """See `MeetingStep.moments`."""
        return self.layer.moments(self._x.copy(order="C"))

    def meet(self, moments: Array) -> None:
        """See `MeetingStep.meet`."""
        self._moments = moments

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        y, self._cache = self.layer.forward(
            self._x.copy(order="C"), training=self.training, moments=self._moments
        )
        np.copyto(self._y, y)

    def upstream_sums(self) -> Array:
        """See `MeetingStep.upstream_sums`."""
        return self.layer.upstream_sums(self._dy.copy(order="C"), self._cache)

    def meet_back(self, sums: Array) -> None:
        """See `MeetingStep.meet_back`."""
        self._batch_sums = sums

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if not self.training:
            super().backward(grads)
            return
        dx, own = self.layer.backward(
            self._dy.copy(order="C"), self._cache, need_dx=self.need_dx, sums=self._batch_sums
        )
        self._sums.update(own)
        if dx is not None:
            np.copyto(self._dx, dx)
