"""Integrals along the straight path from a baseline x' to a picture x.

Along x(t) = x' + t (x − x'), the features y of any place (the picture, or a layer's output) move,
and the margin with them: m(x) − m(x') = ∫ ∂m/∂y · dy, whatever the place. Each feature's share of
that integral is its contribution: integrated gradients at the picture, conductance at a layer.

**Adaptive form.** On a panel from t₀ to t₁ the trapezoid gives ½ (g₀ + g₁) · (y₁ − y₀), and what it
*should* give is known: the margin's change. So every panel's error is measured, not estimated.
Where a net is piecewise linear a panel without a kink is exact, so panels are halved where the
error is, and their ends are used again: one new evaluation for each half. It ends when the errors
add up to at most ``tolerance`` times the margin's change, *and* so does the root of the sum of
their squares, which is what they would add up to if their signs were dealt at random: a sum that is
small only because large errors happened to cancel does not count. What single margins are rounded
by cancels for certain, from panel to panel, and is left out of the squares.

**Memory.** Features and gradients at every node are kept until an image is done. How many images
are worked on together, and how many nodes one may have, is bounded by that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.contrast import BLOCK_BYTES, Contrast
from whynet.ops.arrays import Array
from whynet.options import choice, number, whole

RULES = ("gausslegendre", "riemann_left", "riemann_middle", "riemann_right")
"""Rules of fixed steps, by Captum's names."""

TOLERANCE = 1e-4
"""Of the margin's change: how much contributions may fail to add up by."""

MOST = 4096
"""Evaluations of one image at most, by default."""

_FIRST = 16
_TOGETHER = 16
_USUAL = 512
_ROUNDING = 4  # units in the last place of the largest logit


@dataclass(frozen=True, eq=False)
class Integral:
    """What the path gave for some images.

    Attributes:
        contributions: by place, (n, *its shape) float64.
        changes: (n,) m(x) − m(x'), float64.
        evaluations: (n,) nodes that were evaluated.
    """

    contributions: dict[int, NDArray[np.float64]]
    changes: NDArray[np.float64]
    evaluations: NDArray[np.int64]


def baseline_images(contrast: Contrast, baseline: float | NDArray[np.generic] | None) -> Array:
    """Return the picture that each path begins at, (n, h, w, c) in the net's type.

    Args:
        contrast: whose images the paths lead to.
        baseline: a picture, or one for each image, as `Contrast` takes them; a number, for a
            picture of that value everywhere; None for 0.

    Raises:
        ConfigError, ShapeError: as `Contrast`.
    """
    shape = contrast.images.shape
    if baseline is None or isinstance(baseline, int | float):
        value = number(0 if baseline is None else baseline, "a baseline")
        return np.broadcast_to(np.asarray(value, contrast.net.dtype), shape)
    pictures = contrast.as_images(np.asarray(baseline))
    if len(pictures) not in (1, len(contrast)):
        raise ConfigError(
            f"expected one baseline, or one for each of {len(contrast)} images, got {len(pictures)}"
        )
    return np.broadcast_to(pictures, shape)


def nodes(rule: str, steps: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where a rule looks between 0 and 1, and the weight of each look, (steps,) each.

    Args:
        rule: one of `RULES`.
        steps: how many.

    Raises:
        ConfigError: another rule, or fewer than one step.
    """
    choice(rule, "a rule", RULES)
    whole(steps, "steps", least=1)
    if rule == "gausslegendre":
        places, weights = np.polynomial.legendre.leggauss(steps)
        return (1 + places) / 2, weights / 2
    offset = {"riemann_left": 0.0, "riemann_middle": 0.5, "riemann_right": 1.0}[rule]
    return (np.arange(steps) + offset) / steps, np.full(steps, 1 / steps)


def node_bytes(contrast: Contrast, places: Sequence[int]) -> int:
    """Return the memory that one node's features and gradients take at these places."""
    floats = sum(2 * prod(contrast.shape(place)) for place in places)
    return floats * contrast.net.dtype.itemsize


def integrate(
    contrast: Contrast,
    baseline: Array,
    places: Sequence[int],
    *,
    tolerance: float = TOLERANCE,
    most: int = MOST,
) -> Integral:
    """Share the margin's change out over the features of some places, adaptively.

    Args:
        contrast: what is asked.
        baseline: (n, h, w, c), where the paths begin; see `baseline_images`.
        places: see `Contrast.place`. All share their evaluations, so each is refined until all
            add up.
        tolerance: of the margin's change.
        most: evaluations of one image at most; also limited so that it fits 16 `BLOCK_BYTES`.

    Raises:
        ConfigError: a tolerance that is not above 0, or fewer than 2 evaluations.
    """
    number(tolerance, "a tolerance", above=0)
    size = node_bytes(contrast, places)
    most = min(whole(most, "evaluations", least=2), max(_FIRST + 1, 16 * BLOCK_BYTES // size))
    together = min(_TOGETHER, max(1, BLOCK_BYTES // (size * _USUAL)))

    def run(part: slice) -> Integral:
        group = _Group(contrast, baseline, np.arange(part.start, part.stop), places)
        while group.refine(tolerance, most):
            pass
        return group.result()

    found = contrast.share_out(run, together)
    return Integral(
        {place: np.concatenate([part.contributions[place] for part in found]) for place in places},
        np.concatenate([part.changes for part in found]),
        np.concatenate([part.evaluations for part in found]),
    )


class _Group:
    """Some images whose paths are refined together, so that the net sees large batches.

    Nodes lie in arrays in the order they were made, panels likewise; both know their image.
    """

    def __init__(
        self, contrast: Contrast, baseline: Array, images: NDArray[np.int64], places: Sequence[int]
    ) -> None:
        self._contrast, self._places = contrast, places
        self._images, self._baseline = images, baseline
        self._used = 0
        self._t, self._margin = np.zeros(0), np.zeros(0)
        self._features = {place: self._none(place) for place in places}
        self._gradients = {place: self._none(place) for place in places}
        count, n = _FIRST + 1, len(images)
        self._evaluations = np.full(n, 0)
        self._node(np.repeat(np.arange(n), count), np.tile(np.linspace(0, 1, count), n))
        self._changes = self._margin[_FIRST::count] - self._margin[::count]
        largest = np.abs(contrast.logits[images]).max(axis=1).astype(np.float64)
        self._rounding = _ROUNDING * float(np.finfo(contrast.net.dtype).eps) * largest
        starts = (np.arange(n)[:, None] * count + np.arange(_FIRST)).ravel()
        self._owner = np.repeat(np.arange(n), _FIRST)
        self._left, self._right = starts, starts + 1
        self._errors = self._measured(starts, starts + 1)

    def _none(self, place: int) -> Array:
        return np.empty((0, prod(self._contrast.shape(place))), self._contrast.net.dtype)

    def _node(self, owner: NDArray[np.int64], t: NDArray[np.float64]) -> NDArray[np.int64]:
        """Evaluate new nodes; returns their numbers."""
        contrast = self._contrast
        first = self._used
        self._used += len(t)
        self._t = np.concatenate([self._t, t])
        margins = np.empty(len(t))
        for held in (self._features, self._gradients):
            for place, array in held.items():
                if len(array) < self._used:
                    held[place] = np.empty((self._used * 3 // 2, array.shape[1]), array.dtype)
                    held[place][:first] = array[:first]
        for start in range(0, len(t), contrast.block):
            part = slice(start, start + contrast.block)
            of = self._images[owner[part]]
            at = t[part, None, None, None].reshape(-1, *[1] * len(contrast.net.input_shape))
            at = at.astype(contrast.net.dtype)
            # Exact at both ends, unlike x' + t (x − x').
            x = (1 - at) * self._baseline[of] + at * contrast.images[of]
            found = contrast.run(x, of, self._places)
            margins[part] = found.values
            rows = slice(first + start, first + start + len(of))
            for place in self._places:
                self._features[place][rows] = found.features[place].reshape(len(of), -1)
                self._gradients[place][rows] = found.gradients[place].reshape(len(of), -1)
        self._margin = np.concatenate([self._margin, margins])
        self._evaluations += np.bincount(owner, minlength=len(self._images))
        return np.arange(first, self._used)

    def _measured(self, left: NDArray[np.int64], right: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return by how much panels miss the margin's change, (panels, places)."""
        errors = np.empty((len(left), len(self._places)))
        for start in range(0, len(left), self._contrast.block):
            part = slice(start, start + self._contrast.block)
            change = self._margin[right[part]] - self._margin[left[part]]
            for column, place in enumerate(self._places):
                shares = self._trapezoid(place, left[part], right[part])
                errors[part, column] = shares.sum(axis=1, dtype=np.float64) - change
        return errors

    def _trapezoid(self, place: int, left: NDArray[np.int64], right: NDArray[np.int64]) -> Array:
        y, g = self._features[place], self._gradients[place]
        shares = g[left]
        shares += g[right]
        moved = y[right]
        moved -= y[left]
        shares *= moved
        shares *= 0.5
        return shares

    def refine(self, tolerance: float, most: int) -> bool:
        """Halve the panels that miss most, of the images that don't add up yet.

        Returns:
            whether there were any.
        """
        n = len(self._images)
        allowed = tolerance * np.abs(self._changes)
        real = np.maximum(np.abs(self._errors) - self._rounding[self._owner, None], 0)
        worst = real.max(axis=1)
        sums, squares = np.zeros((n, self._errors.shape[1])), np.zeros((n, self._errors.shape[1]))
        np.add.at(sums, self._owner, self._errors)
        np.add.at(squares, self._owner, real**2)
        # Below what the ends' own margins are rounded by, there is nothing left to find.
        far = (np.abs(sums) > np.maximum(allowed, self._rounding)[:, None]).any(axis=1)
        wide = (np.sqrt(squares) > allowed[:, None]).any(axis=1)
        open_ = (far | wide) & (self._evaluations < most)
        if not open_.any():
            return False
        # Were all panels at this bound, the root of the sum of squares would just be allowed.
        panels = np.bincount(self._owner, minlength=n)
        bound = np.where(wide, allowed / np.sqrt(panels), np.inf)
        chosen = open_[self._owner] & (worst > bound[self._owner])
        for image in np.flatnonzero(open_):
            own = np.flatnonzero(self._owner == image)
            if not chosen[own].any():
                chosen[own] = _leaning(self._errors[own], sums[image], allowed[image])
            room = most - self._evaluations[image]
            own = own[chosen[own]]
            if len(own) > room:
                order = np.argsort(-worst[own], kind="stable")
                chosen[own[order[room:]]] = False
        middle = (self._t[self._left[chosen]] + self._t[self._right[chosen]]) / 2
        # Panels as narrow as numbers go cannot be halved.
        narrow = (middle == self._t[self._left[chosen]]) | (middle == self._t[self._right[chosen]])
        chosen[np.flatnonzero(chosen)[narrow]] = False
        middle = middle[~narrow]
        if not len(middle):
            return False
        owner, left, right = self._owner[chosen], self._left[chosen], self._right[chosen]
        new = self._node(owner, middle)
        self._owner = np.concatenate([self._owner[~chosen], owner, owner])
        errors = self._measured(np.concatenate([left, new]), np.concatenate([new, right]))
        self._left = np.concatenate([self._left[~chosen], left, new])
        self._right = np.concatenate([self._right[~chosen], new, right])
        self._errors = np.concatenate([self._errors[~chosen], errors])
        return True

    def result(self) -> Integral:
        """Add the panels up."""
        n, block = len(self._images), self._contrast.block
        contributions = {}
        for place in self._places:
            added = np.zeros((n, self._features[place].shape[1]))
            for image in range(n):
                own = np.flatnonzero(self._owner == image)
                for start in range(0, len(own), block):
                    part = own[start : start + block]
                    shares = self._trapezoid(place, self._left[part], self._right[part])
                    added[image] += shares.sum(axis=0, dtype=np.float64)
            contributions[place] = added.reshape(n, *self._contrast.shape(place))
        return Integral(contributions, self._changes, self._evaluations)


def _leaning(
    errors: NDArray[np.float64], sums: NDArray[np.float64], allowed: float
) -> NDArray[np.bool_]:
    """Choose the panels that make up a sum which is too large, though no error is: the largest.

    Args:
        errors: (panels, places).
        sums: (places,).
        allowed: of a sum.
    """
    place = int(np.abs(sums).argmax())
    along = errors[:, place] * np.sign(sums[place])
    order = np.argsort(-along, kind="stable")
    # Halving a panel at a kink halves its error, on average.
    enough = 2 * (abs(sums[place]) - allowed)
    count = int(np.searchsorted(np.cumsum(np.maximum(along[order], 0)), enough)) + 1
    chosen = np.zeros(len(errors), bool)
    chosen[order[:count]] = True
    return chosen
