"""Layer conductance: the margin's change along a path, shared out over a layer's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.explain.attribution.result import Attribution
from whynet.explain.contrast import BLOCK_BYTES, Contrast
from whynet.explain.paths import (
    MOST,
    TOLERANCE,
    baseline_images,
    integrate,
    node_bytes,
    nodes,
)
from whynet.ops.arrays import Array

_USUAL = 1024


def layer_conductance(
    contrast: Contrast,
    layer: str | int,
    baseline: float | NDArray[Any] | None = None,
    *,
    rule: str = "adaptive",
    steps: int = 50,
    tolerance: float = TOLERANCE,
    max_evaluations: int = MOST,
) -> Attribution:
    """Return ∫ ∂m/∂y · dy for every unit y of a layer (Dhamdhere, Sundararajan & Yan 2019).

    Values (n, *the layer's output shape). **Promise: they add up to m(x) − m(x')** at every layer,
    as `integrated_gradients` do at the picture; arguments and errors as there.

    Rules of fixed steps multiply the gradient at each look by how far the units move up to the next
    one, and take one look more than ``steps``, as Captum does. Those that don't look at the ends
    leave out what happens there, and the residual shows it.

    Args:
        contrast: what is asked.
        layer: its name, or its number from 0.
        baseline: see `integrated_gradients`, as for the others.
        rule: "adaptive", or a rule of fixed steps.
        steps: of a rule of fixed steps.
        tolerance: of the adaptive rule.
        max_evaluations: of the adaptive rule, for each image.
    """
    place = contrast.place(layer)
    start = baseline_images(contrast, baseline)
    if rule == "adaptive":
        found = integrate(contrast, start, (place,), tolerance=tolerance, most=max_evaluations)
        values = found.contributions[place].astype(contrast.net.dtype)
        return _attribution(contrast, values, found.changes, found.evaluations)
    values = _fixed(contrast, start, place, rule, steps)
    changes = contrast.margins().astype(np.float64) - contrast.margins(start)
    return _attribution(contrast, values, changes, np.full(len(contrast), steps + 1))


def conductances(
    contrast: Contrast,
    layers: Sequence[str | int] | None = None,
    baseline: float | NDArray[Any] | None = None,
    *,
    tolerance: float = TOLERANCE,
    max_evaluations: int = MOST,
) -> dict[str, Attribution]:
    """Return the adaptive `layer_conductance` of many layers, by name, for little more than one.

    Layers share their evaluations, as far as memory allows.

    Args:
        contrast: what is asked.
        layers: which; None takes all up to the logits.
        baseline: see `layer_conductance`, as for the others.
        tolerance: of the margin's change, at every layer.
        max_evaluations: for each image.
    """
    chosen = range(len(contrast.layers)) if layers is None else layers
    start = baseline_images(contrast, baseline)
    found: dict[str, Attribution] = {}
    for places in _packed(contrast, [contrast.place(layer) for layer in chosen]):
        shares = integrate(contrast, start, places, tolerance=tolerance, most=max_evaluations)
        for place in places:
            values = shares.contributions[place].astype(contrast.net.dtype)
            found[contrast.layers[place - 1].name] = _attribution(
                contrast, values, shares.changes, shares.evaluations
            )
    return found


def _packed(contrast: Contrast, places: Sequence[int]) -> list[list[int]]:
    """Cut a list of places where their nodes together would take too much memory."""
    packs: list[list[int]] = []
    for place in places:
        room = packs and node_bytes(contrast, [*packs[-1], place]) * _USUAL <= 4 * BLOCK_BYTES
        if room:
            packs[-1].append(place)
        else:
            packs.append([place])
    return packs


def _attribution(
    contrast: Contrast,
    values: Array,
    changes: NDArray[np.float64],
    evaluations: NDArray[np.int64],
) -> Attribution:
    return Attribution(
        method="layer_conductance",
        values=values,
        margin=contrast.margins(),
        expected=changes,
        promises_completeness=True,
        evaluations=evaluations,
    )


def _fixed(contrast: Contrast, baseline: Array, place: int, rule: str, steps: int) -> Array:
    looks, _ = nodes(rule, steps + 1)
    dtype = contrast.net.dtype
    ones = [1] * len(contrast.net.input_shape)

    def run(part: slice) -> Array:
        image = part.start
        start, way = baseline[image], contrast.images[image] - baseline[image]
        total = np.zeros(contrast.shape(place))
        y, g = (np.empty((0, *contrast.shape(place)), dtype) for _ in range(2))
        for first in range(0, len(looks), contrast.block):
            at = looks[first : first + contrast.block].astype(dtype)
            x = start + at.reshape(-1, *ones) * way
            found = contrast.run(x, np.full(len(at), image), (place,))
            # The last look of the block before is the first that moves in this one.
            y = np.concatenate([y[-1:], found.features[place]])
            g = np.concatenate([g[-1:], found.gradients[place]])
            total += (g[:-1] * np.diff(y, axis=0)).sum(axis=0, dtype=np.float64)
        return total.astype(dtype)

    return np.stack(contrast.share_out(run, 1))
