"""Depthwise convolution: one multiplication of long runs for every cell of the filter."""

from __future__ import annotations

from typing import Any

import numpy as np

from whynet.nn import DepthwiseConv2D
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.ops.conv.prepared import framed
from whynet.plan.form import Form
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Lines, Step, Sums


class DepthwiseStep(Step):
    """y = Σ over the filter's cells of (what the cell sees) · (its weight by channel).

    No channel sees another, so there is no matrix product to be had: but what one cell sees from
    all places is a strided view of the map, and the weights repeat along its runs.
    """

    layer: DepthwiseConv2D

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        windows, run = self.layer.windows, self.given.n * self.given.channels
        self.returns = Form(self.given.n, self.layer.output_shape, self.given.order)
        padded, self.slot = framed(windows, run, memory.keep)
        cells = [
            (row, column) for row in range(windows.size[0]) for column in range(windows.size[1])
        ]
        self._cells = [windows.tap(padded[None], *cell)[0] for cell in cells]
        if twin is None:
            self._lines = Lines(self.layer.params["kernel"])
            self._sums = np.empty((len(cells), self.given.channels), self.dtype)
        else:
            self._lines, self._sums = twin._lines, twin._sums
        self._weights = np.atleast_2d(self._lines.of(self.given))

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        self._y = memory.hand_over(self.returns.array) if out is None else out
        self._product = memory.scratch(self.returns.array)[0]
        return self._y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._dy = dy
        self._total = Sums(self._product, self.returns) if self.training else None
        if not self.need_dx:
            return None
        windows = self.layer.windows
        self._dpadded, dx = framed(windows, self._weights.shape[1], memory.hand_over)
        onto = self._dpadded[None]
        self._dcells = [
            windows.tap(onto, row, column)[0]
            for row in range(windows.size[0])
            for column in range(windows.size[1])
        ]
        self._dx, self._out = dx, out
        return dx if out is None else out

    def begin(self) -> None:
        """See `Step.begin`."""
        self._lines.fill()
        self._sums.fill(0)

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`. The bias is left to `BiasStep`."""
        y, product = self._y, self._product
        for index, (cell, weights) in enumerate(zip(self._cells, self._weights, strict=True)):
            if index == 0:
                np.multiply(cell, weights, out=y)
            else:
                np.multiply(cell, weights, out=product)
                np.add(y, product, out=y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        dy, product = self._dy, self._product
        if self._total is not None:
            for cell, sums in zip(self._cells, self._sums, strict=True):
                np.multiply(dy, cell, out=product)
                sums += self._total.run()
        if not self.need_dx:
            return
        self._dpadded.fill(0)
        for dcell, weights in zip(self._dcells, self._weights, strict=True):
            np.multiply(dy, weights, out=product)
            np.add(dcell, product, out=dcell)
        if self._out is not None:
            np.copyto(self._out, self._dx)

    def finish(self, grads: Grads) -> None:
        """See `Step.finish`."""
        np.copyto(grads["kernel"].reshape(self._sums.shape), self._sums)
