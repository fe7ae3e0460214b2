"""Who has to read a picture as the rival before it counts as one.

A net alone is fooled by a few pixels. So other readers, trained apart, have to agree, with the
picture moved by a pixel each way too: what is no handwriting seldom survives all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from whynet.explain.counterfactual.align import moved
from whynet.ops.arrays import Array
from whynet.sequential import Sequential

Grey = NDArray[np.uint8]

SURE = 0.9
"""Probability of the rival that the explained net itself must reach."""

AGREED = 0.7
"""Probability of the rival that each other reader must reach."""

STEADY = 0.2
"""Probability that each must still give to the rival when the picture is moved by a pixel.

Chosen with the two others on validation pictures: higher makes counterfactuals more convincing and
farther away."""

_MOVES: tuple[tuple[int, int], ...] = ((0, 1), (0, -1), (1, 0), (-1, 0))
_BATCH = 32  # pictures are made up to multiples, so that few plans serve all calls


class Jury:
    """A net and other readers, who are asked about one rival class.

    Args:
        net: whose answer is to change.
        readers: the others.
        rival: the class, by number.
        threads: how many to use; None takes all cores.
    """

    def __init__(
        self, net: Sequential, readers: Sequence[Sequential], rival: int, threads: int | None = None
    ) -> None:
        self.net, self.readers, self.rival, self.threads = net, tuple(readers), rival, threads

    def slack(self, pictures: Grey) -> Array:
        """Return by how much log-odds pictures (k, h, w) pass, (k,); below 0 is not enough.

        The least over all readers and moves. Readers are only asked about what the net passed.
        """
        slack = _odds(self._probability(self.net, pictures)) - _odds(SURE)
        passed = np.flatnonzero(slack >= 0)
        if not len(passed) or not self.readers:
            return slack
        chosen = pictures[passed]
        views = np.concatenate([chosen, *(moved(chosen, *move) for move in _MOVES)])
        needed = np.full((len(_MOVES) + 1, 1), _odds(STEADY))
        needed[0] = _odds(AGREED)
        for reader in self.readers:
            odds = _odds(self._probability(reader, views)).reshape(len(_MOVES) + 1, -1)
            slack[passed] = np.minimum(slack[passed], (odds - needed).min(axis=0))
        return slack

    def others_agree(self, picture: Grey) -> bool:
        """Whether every other reader answers with the rival to a picture (h, w)."""
        return all(
            int(read(reader, picture[None], self.threads)[0].argmax()) == self.rival
            for reader in self.readers
        )

    def _probability(self, reader: Sequential, pictures: Grey) -> Array:
        probability: Array = read(reader, pictures, self.threads)[:, self.rival]
        return probability


def read(reader: Sequential, pictures: Grey, threads: int | None = None) -> Array:
    """Return the probabilities of all classes for pictures (k, h, w), (k, classes)."""
    count = len(pictures)
    batch = np.zeros((-(-count // _BATCH) * _BATCH, *pictures.shape[1:], 1), np.uint8)
    batch[:count, ..., 0] = pictures
    return reader.predict_proba(batch, threads=threads)[:count]


def _odds(probability: Array | float) -> Array:
    """The logarithm of the odds; probabilities of 0 and 1 are taken as nearly so."""
    sure = np.clip(np.asarray(probability, np.float64), 1e-9, 1 - 1e-7)
    return np.log(sure / (1 - sure))
