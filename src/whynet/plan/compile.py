"""From layers to steps: who does a layer's work, in which order, and how examples lie between them.

Two liberties are taken, both without any effect on results but in the last bits:

- Max pooling changes places with a bias or a monotone activation before it. The largest value stays
  the largest, and there is a quarter as much left to add to and to bend.
- A convolution whose algorithm does not add the bias itself leaves that to a step of its own.

Where somebody asks for what lies between two layers, a tap is put, and nothing moves past it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from whynet.nn import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    LeakyReLU,
    Linear,
    MaxPooling2D,
    Network,
    ReLU,
    Sigmoid,
    Tanh,
)
from whynet.ops.conv import PREPARED, Job, choose
from whynet.plan.form import Form, Order
from whynet.plan.memory import Memory
from whynet.plan.steps.activation import MONOTONE, ActivationStep, BiasStep
from whynet.plan.steps.convolution import ConvolutionStep
from whynet.plan.steps.dense import DenseStep
from whynet.plan.steps.depthwise import DepthwiseStep
from whynet.plan.steps.dropout import DropoutStep
from whynet.plan.steps.layer import LayerStep
from whynet.plan.steps.normalization import NormalizationStep, NormalizingLayerStep
from whynet.plan.steps.pooling import (
    AveragePoolingStep,
    GlobalAveragePoolingStep,
    MaxPoolingStep,
    apart,
)
from whynet.plan.steps.reshape import FlattenStep, ReorderStep
from whynet.plan.steps.step import Step
from whynet.plan.steps.tap import TapStep

_ACTIVATIONS = (Activation, Linear, ReLU, LeakyReLU, Sigmoid, Tanh)

_FEW = 8
"""With fewer examples than this, channels make the better runs."""


@dataclass(frozen=True)
class Part:
    """A layer's work, or what is left of it, and who does it.

    Attributes:
        index: the layer's place in the net.
        layer: the layer.
        kind: of step.
        algorithm: for a `ConvolutionStep`.
        need_dx: whether there is anything below that learns, or is asked for.
    """

    index: int
    layer: Layer
    kind: type[Step]
    algorithm: str = ""
    need_dx: bool = True

    @property
    def takes(self) -> Order | None:
        """The order of runs that the step insists on, if it does."""
        orders: dict[str, Order] = {"winograd": "nc", "im2col": "nc", "partial_im2col": "cn"}
        return orders[self.algorithm] if self.algorithm else None


def parts(network: Network, n: int, places: Collection[int] = ()) -> list[Part]:
    """Share the layers' work out, for n examples at a time.

    Args:
        network: whose layers.
        n: how many examples.
        places: where features and gradients are asked for, below the last layer's output; see
            `Plan`. None, and only what learns asks for gradients.
    """
    found: list[Part] = []
    if 0 in places:
        found.append(Part(-1, network.layers[0], TapStep))
    for index, layer in enumerate(network.layers):
        part = _part(index, layer, n, network.dtype)
        at = len(found)
        while part.kind is MaxPoolingStep and at and _changes_places(found[at - 1]):
            at -= 1
        found.insert(at, part)
        apart_ = part.algorithm == "partial_im2col" or part.kind is DepthwiseStep
        if apart_ and "bias" in layer.params:
            found.append(Part(index, layer, BiasStep))
        if index + 1 in places:
            found.append(Part(index, layer, TapStep))
    if places:
        return [replace(part, need_dx=part.index >= min(places)) for part in found]
    learns = [bool(part.layer.params) for part in found]
    return [replace(part, need_dx=any(learns[:at])) for at, part in enumerate(found)]


def _part(index: int, layer: Layer, n: int, dtype: np.dtype[np.floating]) -> Part:
    """Find the step for a layer: by its very class, since a subclass may compute something else."""
    kind: type[Step] = LayerStep
    algorithm = ""
    if type(layer) is Conv2D:
        algorithm = _algorithm(layer, n, dtype)
        kind = ConvolutionStep if algorithm else LayerStep
    elif (
        type(layer) is DepthwiseConv2D and layer.algorithm == "auto" and layer.depth_multiplier == 1
    ):
        kind = DepthwiseStep
    elif type(layer) in _ACTIVATIONS and layer.function in MONOTONE:  # type: ignore[attr-defined]
        kind = ActivationStep
    elif isinstance(layer, MaxPooling2D | AveragePooling2D):
        if apart(layer.windows):
            kinds = {MaxPooling2D: MaxPoolingStep, AveragePooling2D: AveragePoolingStep}
            kind = kinds.get(type(layer), LayerStep)
    else:
        other = NormalizingLayerStep if isinstance(layer, BatchNormalization) else LayerStep
        kind = _PLAIN.get(type(layer), other)
    return Part(index, layer, kind, algorithm)


_PLAIN: dict[type[Layer], type[Step]] = {
    Dense: DenseStep,
    Dropout: DropoutStep,
    BatchNormalization: NormalizationStep,
    Flatten: FlattenStep,
    GlobalAveragePooling2D: GlobalAveragePoolingStep,
}


def _algorithm(layer: Conv2D, n: int, dtype: np.dtype[np.floating]) -> str:
    """Name the prepared algorithm for a convolution; none if the layer does it itself."""
    if layer.groups != 1:
        return ""
    if layer.algorithm in PREPARED:
        return layer.algorithm
    if layer.algorithm != "auto":
        return ""
    job = Job(layer.windows, n, layer.input_shape[-1], layer.filters, dtype, "nc")
    return choose(job)


def _changes_places(part: Part) -> bool:
    return part.kind in (BiasStep, ActivationStep)


def steps(
    work: Sequence[Part], given: Form, memory: Memory, *, twins: Sequence[Step] = ()
) -> list[Step]:
    """Make the steps for these parts, with changes of order put in between.

    Args:
        work: the parts, in order.
        given: the form of what comes in.
        memory: where arrays come from.
        twins: the steps made for the same parts of another lane.
    """
    made: list[Step] = []
    form = given

    def twin() -> Step | None:
        return twins[len(made)] if twins else None

    for at, part in enumerate(work):
        wanted = _wanted(work, at, form)
        if wanted != form.order:
            if form.channels == 1 and form.order != "plain" and form.spatial:
                form = form.to(wanted)  # with one channel, both orders are one
            else:
                made.append(
                    ReorderStep(
                        part.layer, form, memory, need_dx=part.need_dx, twin=twin(), order=wanted
                    )
                )
                form = made[-1].returns
        if issubclass(part.kind, ConvolutionStep):
            assert isinstance(part.layer, Conv2D)
            made.append(
                ConvolutionStep(
                    part.layer,
                    form,
                    memory,
                    need_dx=part.need_dx,
                    twin=twin(),
                    algorithm=part.algorithm,
                    gives="nc" if _order_ahead(work[at + 1 :], form.n) == "nc" else "cn",
                )
            )
        else:
            made.append(part.kind(part.layer, form, memory, need_dx=part.need_dx, twin=twin()))
        made[-1].index = part.index
        form = made[-1].returns
    return made


def _wanted(work: Sequence[Part], at: int, form: Form) -> Order:
    """Which order a part gets its input in."""
    part = work[at]
    if part.takes is not None:
        return part.takes
    stays = part.kind in (FlattenStep, LayerStep, TapStep)
    if form.spatial and form.order == "plain" and not stays:
        return _order_ahead(work[at:], form.n)
    return form.order


def _order_ahead(work: Sequence[Part], n: int) -> Order:
    """Which order the next that insists on one insists on."""
    for part in work:
        if part.takes is not None:
            return part.takes
    return "cn" if n >= _FEW else "nc"
