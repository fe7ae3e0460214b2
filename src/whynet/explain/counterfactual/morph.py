"""The way from a picture to its counterfactual, and where on it the answer flips.

The way is drawn as a hand would: one region after another, ink running out along a stroke or being
taken back along it, with a soft front. Erasing comes before adding where that keeps the pictures
more like something the net knows. A straight fade is there too; it shows grey ghosts on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual.jury import read
from whynet.explain.counterfactual.regions import parts
from whynet.explain.counterfactual.search import Counterfactual
from whynet.ops.arrays import Array
from whynet.options import choice, whole
from whynet.sequential import Sequential

Grey = NDArray[np.uint8]
Times = tuple[Array, Array]
"""When each pixel begins to change and when it is done, (h, w) each, from 0 to 1."""

WAYS = ("strokes", "fade")

_CLOSELY = 129  # places looked at to find every flip
_HALVINGS = 12  # of the gap between two of them
_FRONT = 0.35  # part of a region's time that each of its pixels takes: how soft the front is


@dataclass(frozen=True)
class Morph:
    """Pictures on the way from one answer to another.

    Attributes:
        pictures: uint8 (n, h, w, 1), from the original to the counterfactual, both included.
        positions: (n,) how far along the way each lies, 0 to 1.
        logits: (n, classes).
        probabilities: (n, classes).
        answers: (n,) what the net says to each.
        flips: the positions at which the net's answer changes, to within 1e-5, in order.
        flip: the last of them: from there on the answer is the rival.
        flip_picture: uint8 (h, w, 1), the picture just after it.
        way: "strokes" or "fade".
    """

    pictures: Grey = field(repr=False)
    positions: Array = field(repr=False)
    logits: Array = field(repr=False)
    probabilities: Array = field(repr=False)
    answers: NDArray[np.int64]
    flips: tuple[float, ...]
    flip_picture: Grey = field(repr=False)
    way: str

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def flip(self) -> float:
        """The last position at which the answer changes, to the rival."""
        return self.flips[-1]

    @property
    def flips_once(self) -> bool:
        """Whether the answer goes from one class to the other once, and to no third."""
        return len(self.flips) == 1


def morph(
    net: Sequential,
    found: Counterfactual,
    n: int = 16,
    *,
    way: str = "strokes",
    threads: int | None = None,
) -> Morph:
    """Go from a picture to its counterfactual in n pictures.

    Args:
        net: the net that the counterfactual was found for.
        found: the counterfactual.
        n: how many pictures, both ends included.
        way: "strokes" for one region after another, "fade" for all pixels at once.
        threads: how many to use; None takes all cores.

    Raises:
        ConfigError: n is below 2, no such way, or the counterfactual is another net's.
        ShapeError: the counterfactual does not fit the net.
    """
    whole(n, "a number of pictures", least=2)
    choice(way, "a way", WAYS)
    if found.picture.shape != net.input_shape:
        raise ShapeError(
            f"expected a counterfactual of shape {net.input_shape}, got {found.picture.shape}"
        )
    path = _Path(net, found, way, threads)
    closely = np.linspace(0, 1, _CLOSELY)
    answers = path.answers(closely)
    flips: list[float] = []
    last = closely[-1]
    for (left, before), (right, after) in pairwise(zip(closely, answers, strict=True)):
        if before != after:
            last = path.bisected(left, right, before)
            flips.append(float(last))
    if not flips or answers[-1] != found.label:
        raise ConfigError(
            f"expected a net that reads the counterfactual as class {found.label}, got one that "
            f"reads it as {answers[-1]}: it was found for another net"
        )
    positions = np.linspace(0, 1, n)
    pictures = path.at(positions)
    probabilities = read(net, pictures, threads)
    contrast = Contrast(net, pictures[..., None], found.predicted, found.label, threads=threads)
    return Morph(
        pictures=pictures[..., None],
        positions=positions,
        logits=contrast.logits,
        probabilities=probabilities,
        answers=probabilities.argmax(axis=1),
        flips=tuple(flips),
        flip_picture=path.at(np.array([last]))[0, ..., None],
        way=way,
    )


class _Path:
    """Every picture of the way, by its position from 0 to 1."""

    def __init__(
        self, net: Sequential, found: Counterfactual, way: str, threads: int | None
    ) -> None:
        self._net, self._threads = net, threads
        self._start = found.original[..., 0].astype(np.float64)
        self._change = found.picture[..., 0] - self._start
        if way == "fade":
            self._times: Times = np.zeros_like(self._start), np.ones_like(self._start)
        else:
            self._times = self._order(found)

    def at(self, positions: NDArray[Any]) -> Grey:
        """Return the pictures there, (n, h, w)."""
        return self._drawn(positions, self._times)

    def answers(self, positions: NDArray[Any]) -> NDArray[np.int64]:
        """Return what the net says there, (n,)."""
        said: NDArray[np.int64] = read(self._net, self.at(positions), self._threads).argmax(axis=1)
        return said

    def bisected(self, left: float, right: float, before: int) -> float:
        """Return the first place found right of which the answer is no longer ``before``."""
        for _ in range(_HALVINGS):
            middle = (left + right) / 2
            if self.answers(np.array([middle]))[0] == before:
                left = middle
            else:
                right = middle
        return right

    def _drawn(self, positions: NDArray[Any], times: Times) -> Grey:
        begin, end = times
        part = (positions[:, None, None] - begin) / np.maximum(end - begin, 1e-9)
        levels: Grey = np.rint(self._start + np.clip(part, 0, 1) * self._change).astype(np.uint8)
        return levels

    def _order(self, found: Counterfactual) -> Times:
        """Choose which region comes next: always the one after which the net is surest.

        That is, surest that it is one of the two: on the way there should be no third digit.
        """
        change = self._change / 255
        region, weight = parts(change[None].astype(np.float32))
        names = np.flatnonzero(weight[0] > 0)
        left: list[int] = names.tolist()
        order: list[int] = []
        while len(left) > 1:
            trials = np.stack([np.isin(region[0], [*order, name]) for name in left])
            levels = np.rint(self._start + trials * self._change).astype(np.uint8)
            said = read(self._net, levels, self._threads)
            sure = said[:, found.predicted] + said[:, found.label]
            order.append(left.pop(int(sure.argmax())))
        order += left
        # A region takes as long as it is long: the root of its ink.
        lasts = np.sqrt(weight[0, order])
        ends = np.cumsum(lasts) / lasts.sum()
        begin, end = np.zeros_like(self._start), np.ones_like(self._start)
        kept = np.minimum(self._start, found.picture[..., 0])  # ink that is there all along
        for name, first, last in zip(order, [0.0, *ends], ends, strict=False):
            inside = region[0] == name
            along = _along(inside & (change != 0), kept)
            if (change[inside]).sum() < 0:
                along = 1 - along  # taken back from its free end
            begin[inside] = (first + (last - first) * (1 - _FRONT) * along)[inside]
            end[inside] = begin[inside] + (last - first) * _FRONT
        return begin, end


def _along(inside: NDArray[np.bool_], kept: Array) -> Array:
    """How far along a region each pixel lies, 0 to 1, from where it touches ink that stays."""
    rows, columns = np.nonzero(inside)
    places = np.stack([rows, columns]).astype(np.float64)
    place = np.indices(inside.shape).reshape(2, -1)
    middle = places.mean(axis=1, keepdims=True)
    _, ways = np.linalg.eigh(np.cov(places - middle, bias=True).reshape(2, 2))
    far = ways[:, 1] @ (place - middle)
    own = far.reshape(inside.shape)[inside]
    low, high = own.min(), own.max()
    part: Array = np.clip((far - low) / max(high - low, 1e-9), 0, 1).reshape(inside.shape)
    frame = np.pad(kept, 1)
    near = frame[:-2, 1:-1] + frame[2:, 1:-1] + frame[1:-1, :-2] + frame[1:-1, 2:]
    touch = near * inside
    # The end with more ink around it is where the pen comes from.
    if (touch * part).sum() > 0.5 * touch.sum():
        part = 1 - part
    return part
