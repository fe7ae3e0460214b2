"""From a picture to its counterfactual and back, and where on the way the answer flips."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from whynet.drawing.animation import Animation
from whynet.drawing.charts import LineChart, Mark, Series
from whynet.drawing.colours import LIGHT, Theme, difference, ink
from whynet.errors import ConfigError
from whynet.explain.animations.scene import Scene
from whynet.explain.animations.stage import LARGE, TEXT, Stage, animation
from whynet.explain.counterfactual import Counterfactual, counterfactual, morph
from whynet.explain.donors import Donors
from whynet.explain.why.words import told
from whynet.ops.arrays import Array
from whynet.options import whole
from whynet.sequential import Sequential

_STEP, _FLIP, _ENDS = 0.12, 1.8, 1.5  # seconds
_COLUMN, _BAR = 160, 26


@dataclass(frozen=True, eq=False)
class Way:
    """The pictures of a morph with the one at the flip among them.

    Attributes:
        positions: (k,) how far along the way each lies, 0 to 1, rising.
        pictures: uint8 (k, h, w, 1).
        probabilities: (k, classes).
        answers: (k,) what the net says to each.
        flip: the number of the first picture behind the last change of the answer.
    """

    positions: Array
    pictures: NDArray[np.uint8] = field(repr=False)
    probabilities: Array = field(repr=False)
    answers: NDArray[np.int64]
    flip: int


def way(net: Sequential, found: Counterfactual, n: int, threads: int | None = None) -> Way:
    """Go from a picture to its counterfactual in n pictures, and one at the flip; see `morph`."""
    there = morph(net, found, n, threads=threads)
    at = int(np.searchsorted(there.positions, there.flip))
    pictures, positions, probabilities = there.pictures, there.positions, there.probabilities
    if positions[at] != there.flip:
        positions = np.insert(positions, at, there.flip)
        pictures = np.insert(pictures, at, there.flip_picture, axis=0)
        flipped = net.predict_proba(there.flip_picture[None], threads=threads)
        probabilities = np.insert(probabilities, at, flipped[0], axis=0)
    return Way(positions, pictures, probabilities, probabilities.argmax(axis=1), at)


def morphing(
    net: Sequential,
    picture: NDArray[np.uint8] | Counterfactual,
    rival: int | str | None = None,
    *,
    donors: Donors | None = None,
    n: int = 32,
    theme: Theme = LIGHT,
    threads: int | None = None,
) -> Animation:
    """Show a picture become the closest one that the net calls the rival, there and back.

    What changes, both probabilities as bars and as curves, and the flip, where it pauses.

    Args:
        net: the net to be asked; its input has one channel.
        picture: uint8, (h, w, 1) or (h, w); or its counterfactual, if that is known.
        rival: the class b, by number or name; by default the runner-up. A counterfactual has one.
        donors: real pictures of every class; by default those that the model carries.
        n: how many pictures one way, both ends included; the one at the flip is added.
        theme: light or dark.
        threads: how many to use; None takes all cores.

    Raises:
        ConfigError: there are no donors, or none that the net reads as the rival; or as
            `counterfactual` and `morph`.
        ShapeError: the picture does not fit the net.
    """
    whole(n, "a number of pictures", least=2)
    found = _found(net, picture, rival, donors, threads)
    there = way(net, found, n, threads)
    drawn = _Drawn(net, found, there, theme)
    forwards = [drawn.at(index) for index in range(len(there.positions))]
    stages = forwards + forwards[-2:0:-1]
    seconds = np.full(len(forwards), _STEP)
    seconds[there.flip] = _FLIP
    seconds[-1] += _ENDS
    back = np.where(seconds > _STEP, _STEP, seconds)[-2:0:-1]
    captions = [drawn.caption(index) for index in range(len(forwards))]
    times = [*seconds.tolist(), *back.tolist()]
    return animation(stages, times, captions + captions[-2:0:-1])


def _found(
    net: Sequential,
    picture: NDArray[np.uint8] | Counterfactual,
    rival: int | str | None,
    donors: Donors | None,
    threads: int | None,
) -> Counterfactual:
    if isinstance(picture, Counterfactual):
        if rival is not None and rival not in (picture.label, net.card.classes[picture.label]):
            raise ConfigError(
                f"expected the counterfactual's own rival {net.card.classes[picture.label]!r} or "
                f"none, got {rival!r}"
            )
        return picture
    donors = Donors.find(net) if donors is None else donors
    found = counterfactual(net, picture, rival, donors=donors, threads=threads)
    if found is None:
        raise ConfigError(
            "there is nothing to morph to: the net reads none of the rival's donors as the rival"
        )
    return found


class _Drawn:
    """Where everything lies on a frame, and what stays on all of them."""

    def __init__(self, net: Sequential, found: Counterfactual, there: Way, theme: Theme) -> None:
        self._found, self._there, self._theme = found, there, theme
        self._classes = net.card.classes
        self._pair = found.predicted, found.label
        series = [
            Series(self._classes[each], there.positions, there.probabilities[:, each])
            for each in self._pair
        ]
        flip = Mark(float(there.positions[there.flip]), "the answer flips")
        chart = LineChart(series, "way there", "probability", marks=[flip])
        picture = ink(found.picture, theme)
        titles = "the picture", "green added, pink erased"
        self._scene = Scene(titles, picture, _COLUMN, chart, theme)

    def at(self, index: int) -> Stage:
        """Draw the frame of one picture."""
        there, theme = self._there, self._theme
        picture = there.pictures[index]
        changed = difference(self._found.original, picture, theme)
        stage = self._scene.stage(ink(picture, theme), changed, index)
        self._says(stage, index)
        if index == there.flip:
            stage.frame_around(*self._scene.box, theme.series[2], 4)
        return stage

    def _says(self, stage: Stage, index: int) -> None:
        """Draw the answer, and how likely both classes are, as bars."""
        there, theme, scene = self._there, self._theme, self._scene
        x, width = scene.column, scene.end - scene.column
        name = self._classes[int(there.answers[index])]
        stage.write("the net reads", x, scene.top + 10, size=TEXT)
        stage.write(name, x, scene.top + 52, size=_answer_size(name))
        y = scene.top + 96
        for number, each in enumerate(self._pair):
            share = float(there.probabilities[index, each])
            stage.write(self._classes[each], x, y + 10, size=TEXT)
            stage.write(told(share, "%"), x + width, y + 10, size=TEXT, anchor="end")
            stage.fill(x, y + 24, width, _BAR, theme.rule)
            stage.fill(x, y + 24, width * share, _BAR, theme.series[number])
            y += 56

    def caption(self, index: int) -> str:
        """Say what the net reads, how likely both classes are, and whether this is the flip."""
        there = self._there
        shares = " and ".join(
            f"{self._classes[each]} {told(float(there.probabilities[index, each]), '%')}"
            for each in self._pair
        )
        name = self._classes[int(there.answers[index])]
        start = "Here the answer flips" if index == there.flip else "The net reads"
        return f"{start}: {name} ({shares}), {there.positions[index]:.0%} of the way"


def _answer_size(name: str) -> int:
    """Return how large an answer is written: digits large, words so that they fit."""
    return 56 if len(name) <= 3 else LARGE
