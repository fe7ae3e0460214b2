"""The evidence map as it comes together along its path, and the margin as it changes with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.animation import Animation
from whynet.drawing.charts import LineChart, Series
from whynet.drawing.colours import LIGHT, Theme, ink, signed
from whynet.errors import ConfigError
from whynet.explain.animations.baseline import baseline
from whynet.explain.animations.scene import Scene
from whynet.explain.animations.stage import TEXT, TITLE, Stage, animation, signed_text
from whynet.explain.contrast import Contrast
from whynet.explain.donors import Donors
from whynet.explain.paths import MOST, TOLERANCE, integrate
from whynet.explain.why.panels import as_bytes
from whynet.options import whole
from whynet.sequential import Sequential

_STEP, _ENDS = 0.15, 2.0  # seconds
_COLUMN = 215  # pixels

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Accumulation:
    """The evidence up to every step of its path.

    Attributes:
        t: (k + 1,) from 0, the baseline, to 1, the picture.
        pictures: (k + 1, h, w, c) what lies there, in the net's type.
        margins: (k + 1,) z_a − z_b there.
        maps: (k + 1, h, w, c) contributions up to there; the first is 0 everywhere.
    """

    t: Floats
    pictures: NDArray[Any] = field(repr=False)
    margins: Floats = field(repr=False)
    maps: Floats = field(repr=False)

    @property
    def changes(self) -> Floats:
        """(k + 1,) the margin's change up to there."""
        changes: Floats = self.margins - self.margins[0]
        return changes

    @property
    def sums(self) -> Floats:
        """(k + 1,) what each map adds up to: the change, up to `residuals`."""
        sums: Floats = self.maps.reshape(len(self.maps), -1).sum(axis=1)
        return sums

    @property
    def residuals(self) -> Floats:
        """(k + 1,) by how much each map misses the change; never spread over it."""
        missed: Floats = self.sums - self.changes
        return missed


def accumulate(
    contrast: Contrast, start: NDArray[Any], pieces: int = 32, *, tolerance: float = TOLERANCE
) -> Accumulation:
    """Cut the path from a baseline to a picture into pieces, and add their contributions up.

    **Promise: on every piece the contributions add up to the margin's change there**, up to its
    share of ``tolerance``, so that the residual is within the tolerance all along.

    Args:
        contrast: one picture.
        start: (1, h, w, c), where the path begins.
        pieces: how many, of one length.
        tolerance: of the margin's whole change.

    Raises:
        ConfigError: fewer than two pieces, or not one picture.
    """
    whole(pieces, "pieces", least=2)
    if len(contrast) != 1:
        raise ConfigError(f"expected one picture, got {len(contrast)}")
    t = np.linspace(0, 1, pieces + 1)
    at = t.astype(contrast.net.dtype).reshape(-1, *[1] * (contrast.images.ndim - 1))
    pictures = (1 - at) * start + at * contrast.images
    margins = contrast.margins(pictures, np.zeros(len(t), np.int64)).astype(np.float64)
    allowed = tolerance * abs(margins[-1] - margins[0]) / pieces
    maps = np.zeros(pictures.shape)
    for end in range(1, len(t)):
        piece = Contrast(
            contrast.net,
            pictures[end],
            contrast.predicted,
            contrast.rival,
            target=contrast.target,
            threads=contrast.threads,
        )
        change = abs(margins[end] - margins[end - 1])
        own = allowed / change if allowed and change else tolerance
        found = integrate(piece, pictures[end - 1 : end], (0,), tolerance=own, most=MOST // 4)
        maps[end] = maps[end - 1] + found.contributions[0][0]
    return Accumulation(t, pictures, margins, maps)


def evidence_accumulating(
    net: Sequential,
    image: NDArray[np.uint8],
    rival: int | str | None = None,
    *,
    donors: Donors | None = None,
    pieces: int = 32,
    theme: Theme = LIGHT,
    threads: int | None = None,
) -> Animation:
    """Show the evidence come together on the way from the rival to the picture.

    The picture at t, the evidence up to t, the margin on its curve, and in every frame how closely
    the map's sum and the margin's change agree.

    Args:
        net: the net to be asked.
        image: uint8, (h, w, c) or (h, w).
        rival: the class b, by number or name; by default the runner-up.
        donors: see `baseline`: by default those that the model carries; without any, the path
            begins at bare paper.
        pieces: how many steps from there to the picture.
        theme: light or dark.
        threads: how many to use; None takes all cores.

    Raises:
        ConfigError, ShapeError: as `Contrast` and `counterfactual`.
    """
    contrast = Contrast(net, image, rival=rival, threads=threads)
    if len(contrast) != 1:
        raise ConfigError(f"expected one picture, got {len(contrast)}")
    found = accumulate(contrast, baseline(contrast, image, donors), pieces)
    drawn = _Drawn(contrast, found, theme)
    stages = [drawn.at(index) for index in range(len(found.t))]
    seconds = np.full(len(stages), _STEP)
    seconds[-1] += _ENDS
    captions = [drawn.caption(index) for index in range(len(stages))]
    return animation(stages, seconds.tolist(), captions)


class _Drawn:
    """Where everything lies on a frame, and what stays on all of them."""

    def __init__(self, contrast: Contrast, found: Accumulation, theme: Theme) -> None:
        self._found, self._theme = found, theme
        self._a = contrast.classes[int(contrast.predicted[0])]
        self._b = contrast.classes[int(contrast.rival[0])]
        self._values = found.maps.sum(axis=3)
        self._limit = float(np.abs(self._values).max()) or 1.0
        self._grey = as_bytes(contrast.images[0])
        series = Series("margin", found.t, found.margins)
        chart = LineChart([series], "way to the picture", "margin")
        titles = "on the way", f"evidence: blue for {self._a}, orange for {self._b}"
        self._scene = Scene(titles, ink(self._grey, theme), _COLUMN, chart, theme)

    def at(self, index: int) -> Stage:
        """Draw the frame of one step."""
        theme, scene = self._theme, self._scene
        picture = ink(as_bytes(self._found.pictures[index]), theme)
        evidence = signed(self._values[index], limit=self._limit, over=self._grey, theme=theme)
        stage = scene.stage(picture, evidence, index)
        y = scene.top + 8
        for name, value in self._told(index):
            stage.write(name, scene.column, y, size=TITLE, colour=theme.pale)
            stage.write(value, scene.column, y + 24, size=TEXT + 5)
            y += 55
        return stage

    def _told(self, index: int) -> list[tuple[str, str]]:
        found = self._found
        return [
            (f"margin of {self._a} over {self._b}", signed_text(found.margins[index])),
            ("its change so far", signed_text(found.changes[index], 5)),
            ("the evidence so far adds up to", signed_text(found.sums[index], 5)),
            ("which misses the change by", _small(found.residuals[index])),
        ]

    def caption(self, index: int) -> str:
        """Say how far along the way this is, and that the numbers agree."""
        found = self._found
        return (
            f"{found.t[index]:.0%} of the way: the margin of {self._a} over {self._b} is "
            f"{signed_text(found.margins[index], 2)}, a change of "
            f"{signed_text(found.changes[index], 4)}; the evidence adds up to "
            f"{signed_text(found.sums[index], 4)}"
        )


def _small(value: float) -> str:
    """Write a residual to one digit."""
    return "0" if value == 0 else f"{value:+.0e}".replace("-", "−").replace("e−0", "e−")
