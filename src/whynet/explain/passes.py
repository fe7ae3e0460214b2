"""The two passes that every attribution is made of: what a net says, and what moves it.

`value_and_gradients` is the one place where explanations run a net: by plans, where somebody keeps
them in a `Span`, and else by the layers' own ``forward`` and ``backward``, with the same numbers up
to the last bits. No hooks, no copy of the net, nothing assigned to a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from whynet.explain.span import Span
from whynet.nn import Layer
from whynet.ops.arrays import Array, Integers, Scratch
from whynet.plan import comfortable

Score = Callable[[Array], tuple[Array, Array]]
"""From the last outputs, as a rule logits (n, classes), to a number for each picture (n,) and its
derivatives, of the outputs' shape."""


@dataclass(frozen=True, eq=False)
class Pass:
    """What one block of pictures gave. The arrays are the caller's to keep.

    Attributes:
        values: (n,) the number that is explained.
        features: by place, what lies there, (n, *shape). Place 0 is the picture, place i the output
            of the i-th layer.
        gradients: by place, ∂value/∂features, of the same shape.
    """

    values: Array
    features: dict[int, Array]
    gradients: dict[int, Array]


def value_and_gradients(
    layers: Span | Sequence[Layer],
    x: Array,
    score: Score,
    places: Collection[int] = (0,),
    scratch: Scratch | None = None,
) -> Pass:
    """Run one block of pictures up to its score, and back down to the lowest place asked for.

    Args:
        layers: from the picture to what is scored: the logits, as a rule. A span is run by its
            plans, mere layers by their own passes.
        x: (n, h, w, c) in the net's type.
        score: what is explained.
        places: where features and gradients are wanted; none, and there is no backward pass.
        scratch: this worker's memory; plans have their own.
    """
    if isinstance(layers, Span):
        return _by_plan(layers, x, score, places)
    return _by_layers(layers, x, score, places, scratch)


def _by_plan(span: Span, x: Array, score: Score, places: Collection[int]) -> Pass:
    n, top = len(x), len(span.layers)
    inner = [place for place in places if place < top]
    with span.lent(comfortable(span, n), inner) as plan:
        plan.x[:n], plan.x[n:] = x, 0
        y = plan.forward()[:n].copy()
        values, slope = score(y)
        if inner:
            plan.dy[:n], plan.dy[n:] = slope, 0
            plan.backward()
        features = {place: plan.features[place][:n] for place in inner}
        gradients = {place: plan.gradients[place][:n] for place in inner}
    if top in places:
        features[top], gradients[top] = y, slope
    return Pass(values, features, gradients)


def _by_layers(
    layers: Sequence[Layer],
    x: Array,
    score: Score,
    places: Collection[int],
    scratch: Scratch | None,
) -> Pass:
    features, caches = {}, []
    for at, layer in enumerate(layers):
        if at in places:
            features[at] = x
        x, cache = layer.forward(x, scratch=scratch)
        caches.append(cache)
    if len(layers) in places:
        features[len(layers)] = x
    values, upstream = score(x)
    gradients: dict[int, Array] = {}
    if places:
        lowest = min(places)
        for at in reversed(range(lowest, len(layers) + 1)):
            if at < len(layers):
                dx, _ = layers[at].backward(upstream, caches.pop(), need_grads=False)
                assert dx is not None  # it was asked for
                upstream = dx
            if at in places:
                gradients[at] = upstream
    return Pass(values, features, gradients)


def margin(chosen: Integers, rival: Integers) -> Score:
    """Return the score z_a − z_b: the log-odds between two classes.

    Args:
        chosen: (n,) the class a of each picture.
        rival: (n,) its class b.
    """

    def score(logits: Array) -> tuple[Array, Array]:
        rows = np.arange(len(logits))
        slope = np.zeros_like(logits)
        slope[rows, chosen] = 1
        slope[rows, rival] = -1
        return logits[rows, chosen] - logits[rows, rival], slope

    return score


def logit(chosen: Integers) -> Score:
    """Return the score z_a, one class's logit alone; see `margin`."""

    def score(logits: Array) -> tuple[Array, Array]:
        rows = np.arange(len(logits))
        slope = np.zeros_like(logits)
        slope[rows, chosen] = 1
        return logits[rows, chosen], slope

    return score


def probability(chosen: Integers) -> Score:
    """Return the score softmax(z)_a, how likely one class is; see `margin`."""

    def score(logits: Array) -> tuple[Array, Array]:
        rows = np.arange(len(logits))
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        p = shares[rows, chosen]
        slope = -p[:, None] * shares
        slope[rows, chosen] += p
        return p, slope

    return score


def unit_output(index: tuple[int, ...]) -> Score:
    """Return the score y_index, what one unit of any layer says.

    Args:
        index: of the unit in the layer's output: (row, column, feature map), or (unit,).
    """

    def score(outputs: Array) -> tuple[Array, Array]:
        where: tuple[Any, ...] = (slice(None), *index)
        slope = np.zeros_like(outputs)
        slope[where] = 1
        said: Array = outputs[where]
        return said, slope

    return score
