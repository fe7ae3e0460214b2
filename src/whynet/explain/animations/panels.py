"""The upper half of a filter's frame: the picture, what the filter slides over, and its map."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.colours import LIGHT, Rgb, Theme, ink, sequential, signed
from whynet.explain.animations.sliding import Place, Sliding
from whynet.explain.animations.stage import MARGIN, TITLE, Stage, fitted, width_of
from whynet.explain.neurons import receptive_field
from whynet.explain.why.panels import as_bytes
from whynet.nn import Network

_TWO, _THREE = 224, 168
"""About how large panels are, if there are two of them or three; in pixels."""

_GAP = 34


class Panels:
    """Two panels where the filter slides over the picture itself, else three.

    Args:
        net: whose filter it is.
        image: one picture, as it was given.
        slide: the filter's numbers.
        theme: light or dark.

    Attributes:
        width, height: what the panels take of a frame, in pixels.
    """

    def __init__(
        self, net: Network, image: NDArray[Any], slide: Sliding, theme: Theme = LIGHT
    ) -> None:
        self._net, self._slide, self._theme = net, slide, theme
        self._map = activations(slide.map, theme)
        titled = [(f"feature map {slide.unit} of {slide.layer}", self._map)]
        if slide.first and slide.channels == 1:
            titled.insert(0, ("the picture", below(slide, theme)))
        else:
            where = "the picture" if slide.first else "the maps below"
            titled.insert(0, (f"channel {slide.channel} of {where}", below(slide, theme)))
            whole = as_bytes(np.asarray(image).reshape(net.input_shape))
            titled.insert(0, ("the picture", ink(whole, theme)))
        self._side = _TWO if len(titled) == 2 else _THREE
        self._panels = [_Panel(title, picture, self._side) for title, picture in titled]
        self.width = 2 * MARGIN + _GAP * (len(titled) - 1)
        self.width += sum(panel.room for panel in self._panels)
        self._top = MARGIN + TITLE + 12
        self.height = self._top + max(len(panel.picture) for panel in self._panels)

    def put(self, stage: Stage, left: float) -> None:
        """Draw what stays: the pictures, each below its title."""
        space = stage.frame.shape[1] - self.width
        left += MARGIN - space / 2 * (1 - 1 / len(self._panels))
        for panel in self._panels:
            middle = left + panel.room / 2
            height, width, _ = panel.picture.shape
            panel.x = round(middle - width / 2)
            stage.write(panel.title, middle, MARGIN + TITLE / 2, size=TITLE, anchor="middle")
            stage.paste(panel.picture, panel.x, self._top)
            stage.frame_around(panel.x, self._top, width, height, self._theme.rule, 1)
            left += panel.room + _GAP + space / len(self._panels)

    def show(self, stage: Stage, place: Place) -> None:
        """Fill the map up to a place, and frame what the filter sees there."""
        slide = self._slide
        rows, columns = slide.map.shape
        last = place.row * columns + place.column
        reached = (np.arange(rows * columns) <= last).reshape(rows, columns, 1)
        filled = np.where(reached, self._map, np.array(self._theme.rule, np.uint8))
        *pictures, under, filling = self._panels
        stage.paste(fitted(filled, self._side)[0], filling.x, self._top)
        self._frame(stage, filling, place.row, place.column, 1, 1)
        top, left = place.top + slide.pads[0], place.left + slide.pads[1]
        self._frame(stage, under, top, left, *slide.weights.shape)
        for panel in pictures:
            seen = receptive_field(self._net, slide.layer, (place.row, place.column))
            self._frame(stage, panel, seen.top, seen.left, seen.height, seen.width)

    def _frame(self, stage: Stage, panel: _Panel, *box: int) -> None:
        """Frame cells of a panel: top, left, height and width."""
        top, left, height, width = (round(side * panel.times) for side in box)
        x, y, colour = panel.x + left, self._top + top, self._theme.series[2]
        stage.frame_around(x, y, max(width, 1), max(height, 1), colour)


class _Panel:
    """A picture as large as it is shown, its title, and how much room both take."""

    def __init__(self, title: str, picture: Rgb, side: int) -> None:
        self.title, self.x = title, 0
        self.picture, self.times = fitted(picture, side)
        self.room = max(self.picture.shape[1], round(width_of(title, TITLE)))


def below(slide: Sliding, theme: Theme = LIGHT) -> Rgb:
    """Draw the channel that the filter slides over, in its padding, a pixel for each cell."""
    levels = slide.padded
    if slide.first and levels.min() >= 0 and levels.max() <= 1:
        drawn = ink(as_bytes(levels), theme)
    else:
        drawn = activations(levels, theme)
    height, width = slide.below.shape
    top, left = slide.pads
    padding = np.ones(levels.shape, np.bool_)
    padding[top : top + height, left : left + width] = False
    drawn[padding] = theme.rule
    return drawn


def activations(values: NDArray[np.float64], theme: Theme = LIGHT) -> Rgb:
    """Draw activations: violet where none is below 0, else blue and orange."""
    return signed(values, theme=theme) if values.min() < 0 else sequential(values, theme=theme)
