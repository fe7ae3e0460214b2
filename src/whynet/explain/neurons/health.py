"""Health: which units are dead, and which are saturated."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.neurons.asked import as_pictures, check_net
from whynet.explain.span import Span, in_blocks
from whynet.nn import Activation, Network
from whynet.ops.arrays import Array
from whynet.options import number
from whynet.train.shards import put_input, shard_size

SWITCHING = ("relu", "step")
"""Activations that are 0 when a unit is off: it can die."""

BOUNDED = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""Activations that level off towards two ends, where no gradient passes: a unit can saturate."""


@dataclass(frozen=True, eq=False)
class Health:
    """How the units of one activation layer fare on n pictures.

    Attributes:
        layer: its name.
        function: what it applies, in `SWITCHING` or `BOUNDED`.
        on: (units,) the share of pictures on which each is above 0, for a feature map anywhere;
            None for bounded functions.
        at_end: (units,) the share of pictures on which each is near an end, for a feature map
            everywhere; None for switching functions.
        often: the share from which on a unit counts as saturated.
    """

    layer: str
    function: str
    on: NDArray[np.float64] | None = field(repr=False)
    at_end: NDArray[np.float64] | None = field(repr=False)
    often: float

    @property
    def dead(self) -> NDArray[np.int64]:
        """The units that are on for no picture, by number."""
        return _NONE if self.on is None else np.flatnonzero(self.on == 0)

    @property
    def saturated(self) -> NDArray[np.int64]:
        """The units that are near an end often enough, by number."""
        return _NONE if self.at_end is None else np.flatnonzero(self.at_end >= self.often)

    @property
    def dead_share(self) -> float:
        """The share of dead units."""
        return len(self.dead) / self._units

    @property
    def saturated_share(self) -> float:
        """The share of saturated units."""
        return len(self.saturated) / self._units

    @property
    def _units(self) -> int:
        counted = self.on if self.on is not None else self.at_end
        assert counted is not None  # one of them is there
        return len(counted)


_NONE = np.zeros(0, np.int64)


def unit_health(
    net: Network,
    images: NDArray[Any],
    *,
    near: float = 0.05,
    often: float = 0.95,
    threads: int | None = None,
) -> dict[str, Health]:
    """Look for dead and saturated units in every hidden activation layer.

    A ReLU (or step) unit is *dead* if it is above 0 on no picture: no gradient reaches it, and it
    adds nothing. A sigmoid or tanh unit is *saturated* if it lies within 0.05 of either end of its
    range on 95 % of the pictures or more: hardly any gradient passes (Glorot & Bengio 2010). A
    net's last layer is left out, since answers are meant to be at the ends.

    Args:
        net: any net.
        images: (n, h, w, c), as `whynet.Sequential` takes them.
        near: how near to an end, above 0 and at most 0.5.
        often: on which share of the pictures, above 0.
        threads: how many to use; None takes all cores. The result does not depend on it.

    Returns:
        By the layers' names, in order.

    Raises:
        ConfigError: an option makes no sense, the net has no such layer, or its activations are not
            finite.
        ShapeError: the images don't fit the net.
    """
    check_net(net)
    number(near, "near", above=0, most=0.5)
    number(often, "often", above=0, most=1)
    places = [
        place
        for place, layer in enumerate(net.layers[:-1], start=1)
        if isinstance(layer, Activation) and layer.function in (*SWITCHING, *BOUNDED)
    ]
    if not places:
        raise ConfigError(
            f"expected a net with a hidden layer of {', '.join((*SWITCHING, *BOUNDED))}, got none"
        )
    images = as_pictures(net, images)
    spans = [Span(net, *ends) for ends in pairwise([0, *places])]

    def look(part: slice) -> list[NDArray[np.int64]]:
        n, counts = part.stop - part.start, []
        with ExitStack() as lent:
            fill = partial(put_input, images, chosen=part)
            for span in spans:
                y = lent.enter_context(span.outputs(n, fill))
                counts.append(_count(y, _function(span), near))
                fill = partial(_copy, y)
        return counts

    totals = [np.zeros(span.output_shape[-1], np.int64) for span in spans]
    for counts in in_blocks(look, len(images), shard_size(net), threads):
        for total, count in zip(totals, counts, strict=True):
            total += count
    health = {}
    for span, total in zip(spans, totals, strict=True):
        share, function = total / len(images), _function(span)
        on, at_end = (share, None) if function in SWITCHING else (None, share)
        health[span.layers[-1].name] = Health(
            span.layers[-1].name, function, on=on, at_end=at_end, often=often
        )
    return health


def _function(span: Span) -> str:
    last = span.layers[-1]
    assert isinstance(last, Activation)  # spans were cut behind these
    return last.function


def _count(y: Array, function: str, near: float) -> NDArray[np.int64]:
    """Count the pictures on which each unit is on, or at an end."""
    cells = y.reshape(len(y), -1, y.shape[-1])
    if function in SWITCHING:
        seen = (cells > 0).any(axis=1)
    else:
        low, high = BOUNDED[function]
        seen = ((cells <= low + near) | (cells >= high - near)).all(axis=1)
    counted: NDArray[np.int64] = seen.sum(axis=0)
    return counted


def _copy(y: Array, x: Array) -> None:
    np.copyto(x, y)
