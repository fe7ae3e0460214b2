"""Regions of a picture, found with NumPy alone.

Pixels point to the smallest number in their neighbourhood, then to where that one points, and so on
(pointer jumping): a region of n pixels is settled after about log n rounds, for all pictures at
once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from whynet.ops.arrays import Array

Labels = NDArray[np.int64]

FAINT = 0.12
"""Differences of ink, 0 to 1, up to which pixels begin no region of their own."""

MOST = 24
"""Regions of a difference that are told apart; the faintest share the last one."""

_STEPS = {4: ((0, 1), (1, 0)), 8: ((0, 1), (1, 0), (1, 1), (1, -1))}


def label(kinds: NDArray[np.integer] | NDArray[np.bool_], connectivity: int = 4) -> Labels:
    """Number the connected regions of pictures.

    Args:
        kinds: (k, h, w) or (h, w); 0 is background, and neighbours belong together where they are
            of the same kind.
        connectivity: 4 for neighbours that share a side, 8 for those that share a corner too.

    Returns:
        The same shape: 0 for background, and regions numbered from 1 in each picture in the order
        of their first pixels, as `scipy.ndimage.label` numbers them.
    """
    many = np.atleast_3d(kinds) if kinds.ndim == 3 else kinds[None]
    count, height, width = many.shape
    if not many.size:
        return np.zeros(kinds.shape, np.int64)
    root = np.arange(many.size).reshape(many.shape)
    pairs = []
    for down, across in _STEPS[connectivity]:
        here = np.s_[:, : height - down, max(-across, 0) : width - max(across, 0)]
        there = np.s_[:, down:, max(across, 0) : width + min(across, 0)]
        joined = (many[here] == many[there]) & (many[here] != 0)
        pairs.append((root[here][joined], root[there][joined]))
    first, second = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    flat = root.reshape(-1)
    while True:
        ends = flat[first], flat[second]
        if np.array_equal(*ends):
            break
        # Join the roots of both ends, not the pixels, so that whole regions move at once.
        low, high = np.minimum(*ends), np.maximum(*ends)
        np.minimum.at(flat, high, low)
        while not np.array_equal(jumped := flat[flat], flat):
            flat[...] = jumped
    ink = many.reshape(-1) != 0
    begins = (ink & (flat == np.arange(many.size))).reshape(count, -1)
    numbers = np.cumsum(begins, axis=1).reshape(-1)
    return np.where(ink, numbers[flat], 0).reshape(kinds.shape)


def parts(difference: Array, faint: float = FAINT, most: int = MOST) -> tuple[Labels, Array]:
    """Split differences of ink into regions to add and regions to erase.

    Every pixel belongs to one: what is too faint to begin a region goes with the nearest.

    Args:
        difference: (k, h, w), ink after less ink before, −1 to 1.
        faint: see `FAINT`.
        most: see `MOST`.

    Returns:
        Each pixel's region (k, h, w), numbered from 0 by falling weight, and the weights (k, most):
        the sums of squares of the difference, 0 for regions that don't exist.
    """
    kinds = (difference > faint).astype(np.int8) - (difference < -faint)
    labels = _spread(label(kinds))
    count = len(labels)
    flat, squares = labels.reshape(count, -1), np.square(difference).reshape(count, -1)
    names = int(flat.max(initial=0)) + 1
    at = flat + names * np.arange(count)[:, None]
    weights = np.bincount(at.reshape(-1), squares.reshape(-1), names * count)
    weights = weights.reshape(count, names)
    order = np.argsort(-weights, axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    ranked = np.minimum(np.take_along_axis(rank, flat, axis=1), most - 1)
    at = ranked + most * np.arange(count)[:, None]
    sums = np.bincount(at.reshape(-1), squares.reshape(-1), most * count).reshape(count, most)
    return ranked.reshape(labels.shape), sums.astype(np.float32)


def _spread(labels: Labels) -> Labels:
    """Let regions grow over the background, a pixel a round, until they meet."""
    labels = np.pad(labels, ((0, 0), (1, 1), (1, 1)))
    inside = labels[:, 1:-1, 1:-1]
    for _ in range(sum(labels.shape[1:])):
        if inside.all():
            break
        beside = np.maximum(labels[:, 1:-1, :-2], labels[:, 1:-1, 2:])
        nearest = np.maximum(np.maximum(labels[:, :-2, 1:-1], labels[:, 2:, 1:-1]), beside)
        np.copyto(inside, nearest, where=inside == 0)
    return inside.copy()
