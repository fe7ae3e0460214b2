"""Sheets: the blocks of a fixed size in which everything is written.

Each sheet comes from a generator keyed by the seed and the sheet's number, and whoever asks for
some pictures gets them cut out of their sheets. So picture 7 of a seed is the same picture whether
one asks for ten or for a million, on one thread or on many.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whynet.data.strokes.alphabet import Alphabet, Paths
from whynet.data.strokes.hand import Hands
from whynet.data.strokes.render import ink
from whynet.errors import ConfigError

Images = NDArray[np.uint8]
Labels = NDArray[np.int64]

SHEET = 1000  # pictures; a multiple of every number of classes, so that each is as frequent


@dataclass(frozen=True)
class Cut:
    """Which pictures of a sheet are wanted, and where they go.

    Attributes:
        sheet: the sheet's number.
        here: the pictures on the sheet.
        there: their places among the pictures asked for.
    """

    sheet: int
    here: slice
    there: slice


def cuts(start: int, n: int) -> Iterator[Cut]:
    """Cut pictures start to start + n of the unlimited sequence out of their sheets."""
    for sheet in range(start // SHEET, -(-(start + n) // SHEET)):
        first = sheet * SHEET
        low, high = max(start, first), min(start + n, first + SHEET)
        yield Cut(sheet, slice(low - first, high - first), slice(low - start, high - start))


@dataclass(frozen=True)
class Sheet:
    """Characters written but not inked, or a part of a sheet.

    Attributes:
        labels: int64, (n,).
        paths: where the pen goes.
        edge: (n,), see `Hands`.
        gamma: (n,), see `Hands`.
    """

    labels: Labels
    paths: Paths
    edge: NDArray[np.float32]
    gamma: NDArray[np.float32]

    @staticmethod
    def write(
        alphabet: Alphabet, seed: int, cut: Cut, labels: Labels | None = None, calm: bool = False
    ) -> Sheet:
        """Write a sheet and cut a part out of it.

        The whole sheet is written even for one picture, for its luck is drawn in one go. Inking,
        most of the work, is only done for the part.

        Args:
            alphabet: the characters.
            seed: names the sequence of sheets.
            cut: which sheet, and which part of it.
            labels: what to write on that part; None for a random order, equally often.
            calm: whether to write neatly, so that strokes that should meet do meet.
        """
        rng = np.random.default_rng((seed, cut.sheet))
        text = rng.permutation(np.arange(SHEET) % len(alphabet.classes))
        hands = Hands.draw(rng, SHEET)
        if labels is not None:
            text[cut.here] = labels
        paths = alphabet.trace(alphabet.choose(text, hands.way), hands.calmed() if calm else hands)
        part = cut.here
        return Sheet(text[part], paths.part(part), hands.edge[part], hands.gamma[part])

    def ink(self, only: NDArray[np.bool_] | None = None) -> Images:
        """Ink the characters: uint8 (n, 20, 20). ``only`` (n, dots) says where the pen is down."""
        return ink(self.paths.dots, self.paths.radius, self.edge, self.gamma, only)


def check_counts(**counts: int) -> None:
    """Raise ConfigError unless every count is 0 or more; its keyword names it in the message."""
    for name, count in counts.items():
        if count < 0:
            raise ConfigError(f"strokes: expected {name} to be 0 or more, got {count}")
