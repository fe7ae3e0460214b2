"""Where to cut and what to join, decided by a net: whichever makes better digits.

A row of cuts is as good as the sum of what its digits score, and the best row is found by dynamic
programming: the best way to write everything up to a cut ends with one digit, and what comes before
that digit was written in the best way too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from whynet.handwriting.pages.crops import crop
from whynet.handwriting.pages.cuts import find_seams, split
from whynet.handwriting.pages.parts import Part, Parts, pairs, union

Floats = NDArray[np.float32]
Labels = NDArray[np.int32]

Judge = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
"""Takes pictures, uint8 (n, 28, 28, 1); returns (n,) logarithms of how surely each is a digit."""

_CUTS = 6
"""Seams that are tried for each height of a digit that a part is wide: the cheapest."""

_PRICE = 0.3
"""What a cut must gain: nets are sure of many halves too."""

_NARROWEST = 0.6
"""Heights of a digit up to which a part is too narrow for two."""

_DEEPEST, _SLANT = 4.0, 0.15
"""How much ink a seam may cross at most, in widths of the pen, and how far it may lean."""

_USUAL, _STRETCH = 1.0, 2.0
"""Heights of a digit up to which a part is not too wide, and what each height more costs."""

_NONE = -20.0
"""What a picture without anything to be seen scores."""


def best_cuts(parts: Parts, ink: Floats, labels: Labels, judge: Judge) -> Parts:
    """Join and cut parts so that they are the best digits.

    Args:
        parts: of `parts.find_parts`.
        ink: (h, w), of the whole page, without rules.
        labels: of the `Marks` that the parts are made of; changed in place.
        judge: scores pictures.
    """
    parts = _joined(parts, ink, labels, judge)
    done: list[Part] = []
    for part in parts.parts:
        done += _cut(part, parts, ink, labels, judge)
    return replace(parts, parts=tuple(done))


def _scores(parts: list[Part], ink: Floats, labels: Labels, judge: Judge) -> NDArray[np.float64]:
    pictures = [crop(part, ink, labels) for part in parts]
    scores = np.full(len(parts), _NONE)
    seen = [i for i, picture in enumerate(pictures) if picture is not None]
    if seen:
        scores[seen] = judge(np.stack([p for p in pictures if p is not None]))
    return np.asarray(np.maximum(scores, _NONE))


def _cut(part: Part, parts: Parts, ink: Floats, labels: Labels, judge: Judge) -> list[Part]:
    """Return the best row of digits that cuts at some of its seams make."""
    if part.width < _NARROWEST * parts.height:
        return [part]
    seams = [
        seam
        for seam in find_seams(part, labels, parts.height)
        if seam.cost < _DEEPEST * parts.pen + _SLANT * part.height
    ]
    most = math.ceil(_CUTS * part.width / parts.height)
    cheapest = sorted(seams, key=lambda seam: seam.cost)[:most]
    if not cheapest:
        return [part]
    atoms = split(part, sorted(cheapest, key=lambda seam: seam.middle), labels)
    spans = [
        (i, j, whole)
        for j in range(1, len(atoms) + 1)
        for i in range(j)
        if _may_be_digit(whole := reduce(union, atoms[i:j]), parts.height) or j - i == len(atoms)
    ]
    scores = _scores([whole for _, _, whole in spans], ink, labels, judge)
    best: list[tuple[float, list[Part]]] = [(0.0, []), *((-np.inf, []) for _ in atoms)]
    for (i, j, whole), score in zip(spans, scores, strict=True):
        wide = max(0.0, whole.width / parts.height - _USUAL)
        total = best[i][0] + float(score) - _PRICE * (i > 0) - _STRETCH * wide
        if total > best[j][0]:
            best[j] = total, [*best[i][1], whole]
    return best[-1][1]


def _may_be_digit(part: Part, height: float) -> bool:
    return part.height > 0.45 * height and part.width <= 1.3 * height


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
