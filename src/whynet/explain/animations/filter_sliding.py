"""A filter slides over a picture, or the feature maps below it, and fills its feature map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.animation import Animation
from whynet.drawing.colours import LIGHT, Theme
from whynet.errors import ConfigError
from whynet.explain.animations.baseline import baseline
from whynet.explain.animations.panels import Panels
from whynet.explain.animations.products import Products
from whynet.explain.animations.sliding import Place, Sliding, convolutions, sliding
from whynet.explain.animations.stage import Stage, animation, signed_text
from whynet.explain.attribution import layer_conductance
from whynet.explain.contrast import Contrast
from whynet.explain.donors import Donors
from whynet.nn import Network

MOST = 90
"""Frames."""

_FIRST = 3  # places that are shown slowly, at the start
_AROUND = (-2, -1, 0, 1)  # and these, seen from the strongest
_SLOW, _STRONGEST, _QUICK = 1.2, 3.0, 0.12  # seconds
_WIDTH = 640  # pixels, at least


def filter_sliding(
    net: Network,
    image: NDArray[Any],
    layer: str | int | None = None,
    unit: int | None = None,
    *,
    rival: int | str | None = None,
    donors: Donors | None = None,
    theme: Theme = LIGHT,
    threads: int | None = None,
) -> Animation:
    """Show a filter at work, place by place in reading order, with all of its numbers.

    The window's place in the picture, the patch under it, the filter's weights, their products and
    the sum, the bias and what follows, and the feature map as it fills. In full at the first places
    and around the strongest, then row by row. Of a filter that sees many channels, the one is shown
    that adds most where the answer is strongest; the others are told as one number.

    Args:
        net: any net of pictures with a convolution.
        image: one picture, as `whynet.Sequential` takes it.
        layer: a convolution's name, or its number from 0; by default the first.
        unit: the filter's number; by default the one that carries most of the net's answer against
            the rival (see `layer_conductance`), for which the net must be a `Sequential`.
        rival: see `Contrast`; matters for the choice of the filter alone.
        donors: see `baseline`; likewise.
        theme: light or dark.
        threads: how many to use; None takes all cores.

    Raises:
        ConfigError: the net has no convolution, or no such layer or filter, or no answer to share.
        ShapeError: the picture does not fit the net.
    """
    if layer is None:
        found = convolutions(net)
        if not found:
            raise ConfigError("expected a net with a convolution, whose filter can slide")
        layer = found[0]
    if unit is None:
        sliding(net, image, layer, 0)  # refuses what is no convolution
        unit = strongest_unit(
            Contrast(net, image, rival=rival, threads=threads), image, layer, donors
        )
    slide = sliding(net, image, layer, unit)
    above, below = Panels(net, image, slide, theme), Products(slide, theme)
    width = max(above.width, below.width, _WIDTH)
    base = Stage(width, above.height + below.height, theme)
    above.put(base, (width - above.width) / 2)
    below.put(base, (width - below.width) / 2, above.height)
    stages, captions, seconds = [], [], []
    for index, lasts in schedule(slide):
        place = slide.at(*divmod(index, slide.map.shape[1]))
        stage = base.again()
        above.show(stage, place)
        below.show(stage, place)
        stages.append(stage)
        captions.append(_caption(slide, place))
        seconds.append(lasts)
    return animation(stages, seconds, captions)


def strongest_unit(
    contrast: Contrast, image: NDArray[Any], layer: str | int, donors: Donors | None
) -> int:
    """Return the feature map that carries most of the margin's change; see `layer_conductance`.

    Args:
        contrast: one picture.
        image: the same, as it was given.
        layer: one that makes feature maps.
        donors: see `baseline`.
    """
    start = baseline(contrast, image, donors)
    values = layer_conductance(contrast, layer, start).values[0]
    return int(values.sum(axis=(0, 1), dtype=np.float64).argmax())


def schedule(slide: Sliding) -> list[tuple[int, float]]:
    """Return where frames stop, by the place's number in reading order, and for how many seconds.

    At most `MOST`; the last one is the last place, where the map is full.
    """
    rows, columns = slide.map.shape
    last = rows * columns - 1
    peak = slide.strongest[0] * columns + slide.strongest[1]
    slow = {*range(_FIRST), *(peak + step for step in _AROUND)}
    stops = {index: _SLOW for index in slow if 0 <= index <= last}
    stops[peak] = _STRONGEST
    budget = MOST - len(stops)
    if rows <= budget:
        parts = min(columns, budget // rows, max(1, 60 // rows))
        ends = np.ceil(np.arange(1, parts + 1) * columns / parts).astype(np.int64) - 1
        quick = (np.arange(rows)[:, None] * columns + ends).ravel()
    else:
        quick = np.ceil(np.arange(1, budget + 1) * rows / budget).astype(np.int64) * columns - 1
    for index in quick.tolist():
        stops.setdefault(index, _QUICK)
    return sorted(stops.items())


def _caption(slide: Sliding, place: Place) -> str:
    """Say where the filter stands, and what it answers."""
    rows, columns = slide.map.shape
    text = (
        f"Filter {slide.unit} of {slide.layer} at row {place.row + 1} of {rows}, column "
        f"{place.column + 1} of {columns}: {signed_text(place.answer)}"
    )
    return text + (", the strongest" if (place.row, place.column) == slide.strongest else "")
