"""Convolutions, by whichever of the prepared algorithms was chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from whynet.nn import Conv2D
from whynet.nn.layer import Grads
from whynet.ops.arrays import Array
from whynet.ops.conv import PREPARED, Job
from whynet.ops.conv.prepared import Order
from whynet.plan.form import Form
from whynet.plan.memory import Memory
from whynet.plan.steps.step import Step


class ConvolutionStep(Step):
    """Run a `whynet.ops.conv.prepared.Prepared` convolution.

    Args:
        algorithm: a name in `whynet.ops.conv.PREPARED`.
        gives: in which order the step behind would like the output, where there is a choice.
    """

    layer: Conv2D

    def __init__(
        self,
        layer: Conv2D,
        given: Form,
        memory: Memory,
        *,
        need_dx: bool,
        twin: Step | None = None,
        algorithm: str,
        gives: Order,
    ) -> None:
        self.algorithm, self._gives = algorithm, gives
        super().__init__(layer, given, memory, need_dx=need_dx, twin=twin)

    def prepare(self, memory: Memory, twin: Any) -> None:
        """See `Step.prepare`."""
        layer, module = self.layer, PREPARED[self.algorithm]
        job = Job(
            windows=layer.windows,
            n=self.given.n,
            channels=self.given.channels,
            filters=layer.filters,
            dtype=self.dtype,
            gives=self._gives,
            training=self.way_back,
            need_dx=self.need_dx and self.way_back,
            need_dkernel=self.training,
        )
        self._filters = module.Filters(job) if twin is None else twin._filters
        self._run = module.Convolution(job, memory, self._filters)
        self.returns = Form(self.given.n, layer.output_shape, self._run.gives)
        self.slot = self._run.x
        if self.way_back:
            self.dslot = self._run.dy

    def link(self, x: Array, out: Array | None, memory: Memory) -> Array:
        """See `Step.link`."""
        self._out = out
        return self._run.y if out is None else out

    def link_back(self, dy: Array, out: Array | None, memory: Memory) -> Array | None:
        """See `Step.link_back`."""
        self._dx = out
        if not self.need_dx:
            return None
        return self._run.dx if out is None else out

    def begin(self) -> None:
        """See `Step.begin`."""
        params = self.layer.params
        self._filters.load(params["kernel"], params.get("bias"))

    def forward(self, rng: np.random.Generator | None) -> None:
        """See `Step.forward`."""
        self._run.forward()
        if self._out is not None:
            np.copyto(self._out, self._run.y)

    def backward(self, grads: Grads) -> None:
        """See `Step.backward`."""
        self._run.backward()
        if self.need_dx and self._dx is not None:
            np.copyto(self._dx, self._run.dx)

    def finish(self, grads: Grads) -> None:
        """See `Step.finish`."""
        self._filters.unload(grads["kernel"], grads.get("bias"))
