"""Pooling over windows that do not overlap, on whole planes at a time.

In (height, width, run), all upper left cells of 2×2 windows are the view [::2, ::2], and so on:
whatever the channels, one operation compares them all with their neighbours.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.nn import AveragePooling2D, GlobalAveragePooling2D, MaxPooling2D
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.ops.conv.geometry import Windows
from whynet.plan.form import Form
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Step


def apart(windows: Windows) -> bool:
    """Whether the windows neither overlap nor need padding: what the steps here can do."""
    return windows.size == windows.strides and not windows.padded


class _PoolingStep(Step):
    """What both kinds share: cells of windows as views, and cells that no window covers."""

    layer: MaxPooling2D | AveragePooling2D

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        self.returns = Form(self.given.n, self.layer.output_shape, self.given.order)

    def _cells(self, array: Array) -> list[Array]:
        """Each cell of the window in every window, in reading order: (rows, columns, run)."""
        windows = self.layer.windows
        (down, across), rows, columns = windows.size, windows.rows, windows.columns
        inside = array[: rows * down, : columns * across]
        return [
            inside[row::down, column::across] for row in range(down) for column in range(across)
        ]

    def _rest(self, array: Array) -> list[Array]:
        """What no window covers, below and to the right."""
        windows = self.layer.windows
        below, right = windows.rows * windows.size[0], windows.columns * windows.size[1]
        return [rest for rest in (array[below:], array[:, right:]) if rest.size]

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        self._x = self._cells(x)
        self._y = memory.hand_over(self.returns.array) if out is None else out
        return self._y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        if not self.need_dx:
            return None
        dx = memory.hand_over(self.given.array) if out is None else out
        self._dy, self._dx, self._uncovered = dy, self._cells(dx), self._rest(dx)
        return dx


class MaxPoolingStep(_PoolingStep):
    """Let the cells of each window meet in pairs, and the winners again, as in a cup.

    Every match is remembered by one yes or no ("the second was larger"), and on the way back the
    gradient goes where the matches point. Of equal values the first wins.
    """

    layer: MaxPooling2D

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        y = super().link(x, out, memory)
        shape = y.shape
        if not self.way_back and self.layer.windows.size == (2, 2):
            self._link_by_rows(x, y, memory)
            return y
        # (first, second, winner, which) for every match; the last winner is y.
        self._matches: list[tuple[Array, Array, Array, NDArray[np.bool_] | None]] = []
        round_ = self._x
        while len(round_) > 1:
            winners = [
                y if len(round_) == 2 else memory.hand_over(shape) for _ in range(len(round_) // 2)
            ]
            for place, winner in enumerate(winners):
                which = memory.flags(shape, keep=True) if self.way_back else None
                self._matches.append((round_[2 * place], round_[2 * place + 1], winner, which))
            round_ = winners + round_[2 * len(winners) :]
        self._alone = y if len(self._x) == 1 else None
        return y

    def _link_by_rows(self, x: Array, y: Array, memory: Memory) -> None:
        """Without a way back, who wins a tie is no matter: whole rows meet first, then columns."""
        rows, columns = 2 * y.shape[0], 2 * y.shape[1]
        best = memory.hand_over((y.shape[0], columns, y.shape[2]))
        self._alone = None
        self._matches = [
            (x[0:rows:2, :columns], x[1:rows:2, :columns], best, None),
            (best[:, 0::2], best[:, 1::2], y, None),
        ]

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        dx = super().link_back(dy, out, memory)
        if dx is None:
            return None
        # The same cup backwards: what each match's winner got goes to its two sides. The memory
        # of winners is free by now.
        goes_to = {id(cell): dcell for cell, dcell in zip(self._x, self._dx, strict=True)}
        goes_to[id(self._y)] = dy

        def gradient_of(array: Array) -> Array:
            return goes_to.get(id(array), array)

        self._returns = [
            (gradient_of(winner), gradient_of(first), gradient_of(second), which)
            for first, second, winner, which in reversed(self._matches)
            if which is not None
        ]
        return dx

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        if self._alone is not None:
            np.copyto(self._alone, self._x[0])
        for first, second, winner, which in self._matches:
            if which is not None:
                np.greater(second, first, out=which)
            np.maximum(first, second, out=winner)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if not self.need_dx:
            return
        for rest in self._uncovered:
            rest.fill(0)
        if self._alone is not None:
            np.copyto(self._dx[0], self._dy)
        for upstream, first, second, which in self._returns:
            np.multiply(upstream, which, out=second)
            np.subtract(upstream, second, out=first)


class AveragePoolingStep(_PoolingStep):
    """Add the cells of each window up; on the way back, share the gradient among them."""

    layer: AveragePooling2D

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        first, *others = self._x
        np.copyto(self._y, first)
        for cell in others:
            np.add(self._y, cell, out=self._y)
        np.multiply(self._y, self.dtype.type(1 / len(self._x)), out=self._y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if not self.need_dx:
            return
        for rest in self._uncovered:
            rest.fill(0)
        first, *others = self._dx
        np.multiply(self._dy, self.dtype.type(1 / len(self._dx)), out=first)
        for cell in others:
            np.copyto(cell, first)


class GlobalAveragePoolingStep(Step):
    """One number of each map: a product with ones, since all places lie in lines."""

    layer: GlobalAveragePooling2D

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        order = self.given.order
        self.returns = Form(
            self.given.n, self.layer.output_shape, "plain" if order == "nc" else order
        )

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        height, width, run = x.shape
        self._x = x
        y = memory.hand_over(self.returns.array) if out is None else out
        self._y = y.reshape(run)
        self._by_line = memory.scratch((height, run))[0]
        self._share = self.dtype.type(1 / (height * width))
        self._across = np.full(width, self._share, self.dtype)
        self._down = np.ones(height, self.dtype)
        return y

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        if not self.need_dx:
            return None
        self._dy = dy.reshape(-1)
        self._dx = memory.hand_over(self.given.array) if out is None else out
        return self._dx

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        np.matmul(self._across, self._x, out=self._by_line)
        np.matmul(self._down, self._by_line, out=self._y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        if self.need_dx:
            np.multiply(self._dy, self._share, out=self._dx)
