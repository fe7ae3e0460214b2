"""What a plan is made of: a step does the work of a layer in memory that it got beforehand."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from whynet.nn import Layer
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.plan.form import Form
from whynet.plan.memory import Memory


class Step(ABC):
    """One layer, or a part of one, made ready for a number of examples.

    A layer's ``forward`` takes an array and returns another. A step always reads the same array and
    writes to the same: `link` and `link_back` fix once which, so that a pass over a plan is a list
    of calls into NumPy and nothing else. Arrays are handed on without copies by means of *slots*:
    a step that needs its input in a certain place (with a border of zeros around it, say) offers
    the place, and the step before writes there; gradients likewise, the other way.

    Args:
        layer: whose work this is.
        given: the form of the input.
        memory: where arrays come from.
        need_dx: whether anybody asks for the gradient by the input.
        twin: the same step of the shard's first part. Parts run one after another; what parameters
            become, and the sums of their gradients, they have in common.

    Attributes:
        index: the layer's place in the net.
        training: whether the net learns: dropout drops, parameters get their gradients.
        way_back: whether `backward` will be called.
        meets: whether all shards of a batch meet here, since it needs sums over the batch.
        slot: where the input must be put; None where it may lie anywhere.
        dslot: where the upstream gradient must be put; None likewise.
        returns: the form of the output.
        algorithm: its name, where there is a choice.
    """

    index: int = 0
    meets: bool = False
    slot: Array | None = None
    dslot: Array | None = None
    algorithm: str = ""

    def __init__(
        self,
        layer: Layer,
        given: Form,
        memory: Memory,
        *,
        need_dx: bool,
        twin: Step | None = None,
    ) -> None:
        self.layer, self.given, self.returns, self.need_dx = layer, given, given, need_dx
        self.training, self.dtype = memory.training, memory.dtype
        self.way_back = memory.training or (memory.way_back and need_dx)
        self.prepare(memory, twin)

    @property
    def goes_back(self) -> bool:
        """Whether `backward` has anything to compute."""
        return self.need_dx or (self.training and bool(self.layer.params))

    def prepare(self, memory: Memory, twin: Any) -> None:
        """Work out what `returns`, and ask for what does not depend on the neighbours."""

    def offer(self, after: Array | None) -> None:
        """Hear where the step behind wants its input, in time to pass that on as a slot."""

    def offer_back(self, before: Array | None) -> None:
        """Hear where the step before wants its upstream gradient, likewise."""

    @abstractmethod
    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """Fix what `forward` reads, and where it writes: to ``out``, if that is asked for.

        Args:
            x: the input, in the form ``given``; it is the slot, if there is one.
            out: the slot of the step behind.
            memory: for the output otherwise.

        Returns:
            the output's array, in the form ``returns``.
        """

    @abstractmethod
    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """Fix what `backward` reads and where it writes. Arguments as `link`, seen from behind.

        The array ``dy`` may be overwritten.

        Returns:
            the array of the input's gradient, or None if nobody asks for it.
        """

    def begin(self) -> None:
        """Take over the layer's parameters as they are now, before a shard's first pass."""

    @abstractmethod
    def forward(self, rng: np.random.Generator | None) -> None:
        """Compute the output."""

    @abstractmethod
    def backward(self, grads: Grads) -> None:
        """Compute the input's gradient, and the parameters' or what `finish` needs for them.

        The latter while training only: to explain, nobody asks for them.

        Args:
            grads: where this layer's gradients go, by the parameters' names.
        """

    def finish(self, grads: Grads) -> None:
        """Fill in what the parts of a shard have added up, after the last of them."""


class Sums:
    """Sums over everything but the channels, made ready for one array.

    Args:
        array: in the form given, possibly the inside of a frame.
    """

    def __init__(self, array: Array, form: Form) -> None:
        self._form = form
        if array.ndim == 3 and array.flags.c_contiguous:
            array = array.reshape(form.lines)
        self._array = array
        # A product with ones adds lines up several times as fast as NumPy's own sum.
        self._ones = np.ones(array.shape[-2], array.dtype)
        self._line = np.empty((*array.shape[:-2], array.shape[-1]), array.dtype)

    def run(self) -> Array:
        """Return the sums, (channels,)."""
        if self._form.order == "cn" and not self._form.spatial:
            sums: Array = self._array.sum(axis=1)
            return sums
        np.matmul(self._ones, self._array, out=self._line)
        line = self._line if self._line.ndim == 1 else self._line.sum(axis=0)
        return self._form.by_channel(line)


class Lines:
    """Numbers of the channels, repeated along the runs of whatever forms they are wanted for.

    Args:
        values: (..., channels), a parameter, or several lines of them.
    """

    def __init__(self, values: Array) -> None:
        self._values = values.reshape(-1, values.shape[-1])
        self._lines: dict[Form, Array] = {}

    def of(self, form: Form) -> Array:
        """Return the array of lines for a form, (lines, run), or (run,) if there is but one."""
        if form.run == self._values.shape[1]:  # nothing to repeat
            return self._values if len(self._values) > 1 else self._values[0]
        if form not in self._lines:
            shape = len(self._values), form.run
            self._lines[form] = np.empty(shape, self._values.dtype)
        lines = self._lines[form]
        return lines if len(lines) > 1 else lines[0]

    def fill(self) -> None:
        """Write the numbers, as they are now, along all lines."""
        for form, lines in self._lines.items():
            for line, values in zip(lines, self._values, strict=True):
                form.along(values, line)
