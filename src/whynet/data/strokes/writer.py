"""The writer: unlimited digits, ticks and crosses, a pure function of seed and position."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np
from numpy.typing import NDArray

from whynet.data.dataset import Dataset
from whynet.data.strokes.alphabet import Alphabet
from whynet.data.strokes.render import SIDE, centring, place
from whynet.data.strokes.sheet import Cut, Sheet, check_counts, cuts
from whynet.data.strokes.skeleton import STROKES
from whynet.data.strokes.ways import DIGITS, TICKS
from whynet.errors import ConfigError

Labels = NDArray[np.int64]

_DIGITS = Alphabet(DIGITS)
_TICKS = Alphabet(TICKS)


@dataclass(frozen=True)
class Inked:
    """Pictures that know who made each of their pixels.

    Attributes:
        dataset: the pictures.
        strokes: uint8, (n, `STROKES`, 28, 28): the ink of each stroke on its own, in the order of
            writing. The picture is their maximum, pixel by pixel. Unused strokes are black.
        count: int64, (n,): how many strokes the pen made.
    """

    dataset: Dataset
    strokes: NDArray[np.uint8]
    count: NDArray[np.int64]


def digits(
    n: int,
    *,
    seed: int = 0,
    start: int = 0,
    labels: Sequence[int] | Labels | None = None,
    threads: int | None = None,
) -> Dataset:
    """Write digits as MNIST shows them: uint8 (n, 28, 28, 1), bright ink on black.

    The ink fills a box of 20 by 20 pixels on its longer side, and its centre of mass lies in the
    middle of the picture.

    Args:
        n: how many.
        seed: names the sequence; the same seed writes the same bits, whatever the rest says.
        start: the position of the first picture in the unlimited sequence. Every 1000 pictures
            from a multiple of 1000 on hold each digit 100 times.
        labels: (n,), the digits to write, in order; None for a random order.
        threads: how many threads to write with; None for one for each core.

    Returns:
        A data set with classes "0" to "9", named "strokes".

    Raises:
        ConfigError: n, seed, start or threads is out of range, or a label is no digit.
    """
    return _write(_DIGITS, "strokes", n, seed, start, labels, threads).dataset


def digits_with_strokes(
    n: int,
    *,
    seed: int = 0,
    start: int = 0,
    labels: Sequence[int] | Labels | None = None,
    threads: int | None = None,
) -> Inked:
    """Write the same digits as `digits`, and tell which pixels each stroke made.

    Takes and raises the same as `digits`, and takes up to three times as long.
    """
    return _write(_DIGITS, "strokes", n, seed, start, labels, threads, apart=True)


def ticks(
    n: int,
    *,
    seed: int = 0,
    start: int = 0,
    labels: Sequence[int] | Labels | None = None,
    threads: int | None = None,
) -> Dataset:
    """Write crosses (label 0) and ticks (label 1), in the same way and frame as `digits`.

    Args:
        n: how many.
        seed: names the sequence.
        start: the position of the first picture in the unlimited sequence.
        labels: (n,), which marks to write, in order; None for a random order, equally often.
        threads: how many threads to write with; None for one for each core.

    Returns:
        uint8 (n, 28, 28, 1) with classes "cross" and "tick", named "ticks".

    Raises:
        ConfigError: n, seed, start or threads is out of range, or a label is neither 0 nor 1.
    """
    return _write(_TICKS, "ticks", n, seed, start, labels, threads).dataset


def _write(
    alphabet: Alphabet,
    name: str,
    n: int,
    seed: int,
    start: int,
    wanted: Sequence[int] | Labels | None,
    threads: int | None,
    *,
    apart: bool = False,
) -> Inked:
    """Write pictures start to start + n of the sequence, with their strokes if ``apart``."""
    check_counts(n=n, seed=seed, start=start)
    if threads is not None and threads < 1:
        raise ConfigError(f"strokes: expected at least 1 thread, got {threads}")
    asked = None if wanted is None else _check_labels(wanted, n, alphabet)

    pictures = np.empty((n, SIDE, SIDE, 1), np.uint8)
    strokes = np.zeros((n if apart else 0, STROKES, SIDE, SIDE), np.uint8)
    labels = np.empty(n, np.int64)
    count = np.zeros(n if apart else 0, np.int64)

    def write(cut: Cut) -> None:
        there = cut.there
        sheet = Sheet.write(alphabet, seed, cut, None if asked is None else asked[there])
        boxes = sheet.ink()
        corner = centring(boxes)
        labels[there] = sheet.labels
        pictures[there, :, :, 0] = place(boxes, corner)
        if apart:
            made_by = sheet.paths.stroke
            count[there] = made_by.max(axis=1) + 1
            for k in range(int(made_by.max()) + 1):
                strokes[there, k] = place(sheet.ink(made_by == k), corner)

    _for_each(write, list(cuts(start, n)), threads)
    dataset = Dataset(pictures, labels, alphabet.classes, name)
    return Inked(dataset, strokes, count)


def _for_each(work: Callable[[Cut], None], parts: Sequence[Cut], threads: int | None) -> None:
    """Work on every part, on so many threads. Each writes to places of its own."""
    workers = min(threads or cpu_count() or 1, len(parts))
    if workers <= 1:
        for part in parts:
            work(part)
        return
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(work, parts):  # asking for the results raises what went wrong
            pass


def _check_labels(wanted: Sequence[int] | Labels, n: int, alphabet: Alphabet) -> Labels:
    """Return the labels as int64 (n,), or raise ConfigError."""
    labels = np.asarray(wanted)
    if labels.shape != (n,) or labels.dtype.kind not in "iu":
        raise ConfigError(
            f"strokes: expected {n} whole numbers as labels, one for each picture, "
            f"got {labels.dtype} of shape {labels.shape}"
        )
    last = len(alphabet.classes) - 1
    if n and not 0 <= labels.min() <= labels.max() <= last:
        raise ConfigError(
            f"strokes: expected labels from 0 to {last}, got {labels.min()} to {labels.max()}"
        )
    return labels.astype(np.int64)
