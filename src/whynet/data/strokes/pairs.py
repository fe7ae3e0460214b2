"""Matched pairs: two characters of one hand that share every stroke but one.

Where a 4 and a 9 differ in nothing but the line that closes the top, any explanation of "why not a
9?" can be held against the truth. Both are drawn in one frame, scaled and placed together, so every
pixel that the differing stroke does not touch is the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.data.dataset import Dataset
from whynet.data.strokes.alphabet import Alphabet
from whynet.data.strokes.render import SIDE, centring, place
from whynet.data.strokes.sheet import Sheet, check_counts, cuts
from whynet.data.strokes.ways import DIGITS, TICKS
from whynet.data.strokes.ways.pairs import COUPLES, Owner
from whynet.errors import ConfigError

Images = NDArray[np.uint8]

KINDS = tuple(COUPLES)

_CLASSES = {
    ways.character: (tuple(other.character for other in family), label)
    for family in (DIGITS, TICKS)
    for label, ways in enumerate(family)
}


@dataclass(frozen=True)
class Pairs:
    """Pictures in pairs; the two of a pair differ in one stroke.

    Attributes:
        kind: such as "4-9".
        first: the pictures of the left character, uint8 (n, 28, 28, 1), labelled as `digits` or
            `ticks` label it.
        second: the pictures of the right character, in the same order and frames.
        first_stroke: uint8, (n, 28, 28): the ink of the stroke that only the first has; black
            throughout where the second has a stroke more and the first none of its own.
        second_stroke: uint8, (n, 28, 28): the same for the second.
    """

    kind: str
    first: Dataset
    second: Dataset
    first_stroke: Images
    second_stroke: Images

    def __len__(self) -> int:
        return len(self.first)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """(n, 28, 28): the pixels that the differing strokes ink. All others are identical."""
        return np.maximum(self.first_stroke, self.second_stroke) > 0

    @property
    def changed(self) -> NDArray[np.bool_]:
        """(n, 28, 28): the pixels that differ: the mask less what shared strokes cover."""
        return np.asarray(np.any(self.first.images != self.second.images, axis=3))


def pairs(kind: str, n: int, *, seed: int = 0) -> Pairs:
    """Write n pairs of characters that share every stroke but one.

    Args:
        kind: "4-9", "1-7", "3-8" or "5-6", where the second has one stroke more; or "0-6" or
            "cross-tick", where one stroke runs elsewhere.
        n: how many pairs.
        seed: names the sequence; pair i of a seed is the same whatever n is.

    Raises:
        ConfigError: the kind is none of these, or n or seed is below 0.
    """
    if kind not in COUPLES:
        raise ConfigError(f"pairs: expected one of {', '.join(KINDS)}, got {kind!r}")
    check_counts(n=n, seed=seed)
    couple = COUPLES[kind]
    alphabet = Alphabet((couple.ways,))
    owners = np.array(couple.owners)
    wholes = {owner: np.empty((n, SIDE, SIDE), np.uint8) for owner in (Owner.FIRST, Owner.SECOND)}
    strokes = {owner: np.zeros((n, SIDE, SIDE), np.uint8) for owner in wholes}

    for cut in cuts(0, n):
        sheet = Sheet.write(alphabet, seed, cut, calm=True)
        owner = owners[sheet.paths.stroke]
        boxes = {me: sheet.ink((owner == me) | (owner == Owner.BOTH)) for me in wholes}
        # Neither is quite in the middle: the frame is the one of both drawn over each other.
        corner = centring(np.maximum(boxes[Owner.FIRST], boxes[Owner.SECOND]))
        for me in wholes:
            wholes[me][cut.there] = place(boxes[me], corner)
            strokes[me][cut.there] = place(sheet.ink(owner == me), corner)

    return Pairs(
        kind,
        _dataset(couple.first, wholes[Owner.FIRST], kind),
        _dataset(couple.second, wholes[Owner.SECOND], kind),
        strokes[Owner.FIRST],
        strokes[Owner.SECOND],
    )


def _dataset(character: str, pictures: Images, kind: str) -> Dataset:
    classes, label = _CLASSES[character]
    return Dataset(pictures[..., None], np.full(len(pictures), label), classes, f"pairs {kind}")
