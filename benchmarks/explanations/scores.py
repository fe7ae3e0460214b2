"""How well maps find the pixels that are known to matter."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Maps = NDArray[np.floating[Any]]
Truth = NDArray[np.bool_]


def grown(truth: Truth) -> Truth:
    """Return masks (n, h, w) with all pixels that touch them, corners included."""
    height, width = truth.shape[1:]
    frame = np.pad(truth, ((0, 0), (1, 1), (1, 1)))
    views = [frame[:, i : i + height, j : j + width] for i in range(3) for j in range(3)]
    result: Truth = np.logical_or.reduce(views)
    return result


def pointing(maps: Maps, truth: Truth) -> NDArray[np.float64]:
    """Return whether the largest value lies in the truth (Zhang et al. 2018), (n,).

    Where several are the largest, the share of them that do.
    """
    flat, inside = _flat(maps), _flat(truth)
    largest = flat == flat.max(axis=1, keepdims=True)
    share: NDArray[np.float64] = (largest & inside).sum(axis=1) / largest.sum(axis=1)
    return share


def mass(maps: Maps, truth: Truth) -> NDArray[np.float64]:
    """Return the share of positive values that lies in the truth (Arras et al. 2022), (n,).

    A map without any has none there.
    """
    positive, inside = np.maximum(_flat(maps), 0), _flat(truth)
    whole = positive.sum(axis=1)
    share: NDArray[np.float64] = (positive * inside).sum(axis=1) / np.where(whole > 0, whole, 1)
    return share


def rank(maps: Maps, truth: Truth) -> NDArray[np.float64]:
    """Return the share of the k largest values that lies in the truth of k pixels, (n,).

    Relevance rank accuracy (Arras et al. 2022).
    """
    flat, inside = _flat(maps), _flat(truth)
    order = np.argsort(-flat, axis=1, kind="stable")
    sizes = inside.sum(axis=1)
    among = np.arange(flat.shape[1]) < sizes[:, None]
    hits = (np.take_along_axis(inside, order, axis=1) & among).sum(axis=1)
    share: NDArray[np.float64] = hits / np.maximum(sizes, 1)
    return share


def _flat(values: NDArray[Any]) -> NDArray[Any]:
    return values.reshape(len(values), -1)


def rank_correlation(first: Maps, second: Maps) -> NDArray[np.float64]:
    """Return Spearman's correlation of two maps of each picture, (n,); 0 where one is constant."""
    one, other = (np.stack([_ranks(row) for row in _flat(maps)]) for maps in (first, second))
    one -= one.mean(axis=1, keepdims=True)
    other -= other.mean(axis=1, keepdims=True)
    size = np.sqrt(np.square(one).sum(axis=1) * np.square(other).sum(axis=1))
    found: NDArray[np.float64] = (one * other).sum(axis=1) / np.where(size > 0, size, 1)
    return found


def _ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the rank of each value, equal values sharing theirs."""
    _, inverse, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    ranks: NDArray[np.float64] = (last - (count - 1) / 2)[inverse]
    return ranks


def similarity(first: Maps, second: Maps, side: int = 7) -> NDArray[np.float64]:
    """Return the structural similarity of two maps of each picture (Wang et al. 2004), (n,).

    Maps (n, h, w) are divided by their largest absolute value first; windows are squares.
    """
    one, other = (_scaled(maps) for maps in (first, second))
    a, b = _windows(one, side), _windows(other, side)
    aa, bb = _windows(one * one, side) - a * a, _windows(other * other, side) - b * b
    ab = _windows(one * other, side) - a * b
    low, high = (0.01 * 2) ** 2, (0.03 * 2) ** 2  # the paper's constants, for values from −1 to 1
    shared = (2 * a * b + low) * (2 * ab + high)
    found: NDArray[np.float64] = (shared / ((a * a + b * b + low) * (aa + bb + high))).mean(
        axis=(1, 2)
    )
    return found


def _scaled(maps: Maps) -> NDArray[np.float64]:
    largest = np.abs(maps).max(axis=(1, 2), keepdims=True)
    scaled: NDArray[np.float64] = maps.astype(np.float64) / np.where(largest > 0, largest, 1)
    return scaled


def _windows(maps: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return the mean over every window, (n, h - side + 1, w - side + 1)."""
    views = np.lib.stride_tricks.sliding_window_view(maps, (side, side), axis=(1, 2))
    means: NDArray[np.float64] = views.mean(axis=(3, 4))
    return means
