"""Where to cut and what to join, decided by a net: whichever makes better digits.

A row of cuts is as good as the sum of what its digits score, and the best row is found by dynamic
programming: the best way to write everything up to a cut ends with one digit, and what comes before
that digit was written in the best way too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from whynet.handwriting.pages.crops import crop
from whynet.handwriting.pages.parts import Part, Parts, cut, pairs, places_to_cut, union

Floats = NDArray[np.float32]
Labels = NDArray[np.int32]

Judge = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
"""Takes pictures, uint8 (n, 28, 28, 1); returns (n,) logarithms of how surely each is a digit."""

_CUTS = 8
"""Places for cuts that are tried in one part: 45 ways to choose a digit between two of them."""

_PRICE = 0.7
"""What a cut must gain: nets are sure of many halves too."""

_NONE = -20.0
"""What a picture without anything to be seen scores."""


def best_cuts(parts: Parts, ink: Floats, labels: Labels, judge: Judge) -> Parts:
    """Join and cut parts so that they are the best digits.

    Args:
        parts: of `parts.find_parts`.
        ink: (h, w), of the whole page, without rules.
        labels: of the `Marks` that the parts are made of.
        judge: scores pictures.
    """
    parts = _joined(parts, ink, labels, judge)
    done: list[Part] = []
    for part in parts.parts:
        if part.width < 0.7 * parts.height:
            done.append(part)
            continue
        places = places_to_cut(part, labels, parts.height, parts.pen)
        inked = part.mask(labels).sum(axis=0)
        least = sorted(places, key=lambda column: int(inked[column - part.box[1]]))
        done += _cut(part, sorted(least[:_CUTS]), parts.height, ink, labels, judge)
    return replace(parts, parts=tuple(done))


def _scores(parts: list[Part], ink: Floats, labels: Labels, judge: Judge) -> NDArray[np.float64]:
    pictures = [crop(part, ink, labels) for part in parts]
    scores = np.full(len(parts), _NONE)
    seen = [i for i, picture in enumerate(pictures) if picture is not None]
    if seen:
        scores[seen] = judge(np.stack([p for p in pictures if p is not None]))
    return np.asarray(np.maximum(scores, _NONE))


def _cut(
    part: Part, places: list[int], height: float, ink: Floats, labels: Labels, judge: Judge
) -> list[Part]:
    """Return the best row of digits that cuts at some of these places make."""
    edges = [part.box[1], *places, part.box[3]]
    spans, pieces = [], []
    for j in range(1, len(edges)):
        for i in range(j):
            whole = i == 0 and j == len(edges) - 1
            if whole or edges[j] - edges[i] <= 1.2 * height:
                inner = tuple(edge for edge in (edges[i], edges[j]) if edge in places)
                middle = [
                    one
                    for one in cut(part, inner, labels)
                    if one.box[1] >= edges[i] and one.box[3] <= edges[j]
                ]
                if len(middle) == 1 and (whole or middle[0].height > 0.45 * height):
                    spans.append((i, j))
                    pieces.append(middle[0])
    scores = _scores(pieces, ink, labels, judge)
    best: list[tuple[float, list[Part]]] = [(0.0, []), *((-np.inf, []) for _ in edges[1:])]
    for (i, j), piece, score in zip(spans, pieces, scores, strict=True):
        total = best[i][0] + float(score) - _PRICE * (i > 0)
        if total > best[j][0]:
            best[j] = total, [*best[i][1], piece]
    return best[-1][1] or [part]


def _joined(parts: Parts, ink: Floats, labels: Labels, judge: Judge) -> Parts:
    """Join neighbours that make a better digit than they are two."""
    doubtful = pairs(parts)
    if not doubtful:
        return parts
    alone = _scores(list(parts.parts), ink, labels, judge)
    both = [union(parts.parts[i], parts.parts[j]) for i, j in doubtful]
    gains = _scores(both, ink, labels, judge)
    gains -= np.array([alone[i] + alone[j] for i, j in doubtful])
    left = dict(enumerate(parts.parts))
    for at in np.argsort(-gains, kind="stable"):
        i, j = doubtful[at]
        if gains[at] > _PRICE and i in left and j in left:
            left[i] = both[at]
            del left[j]
    return replace(parts, parts=tuple(left.values()))
