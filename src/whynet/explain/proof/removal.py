"""Pictures between a picture and its baseline, and what the net says to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError, ShapeError
from whynet.explain.contrast import Contrast
from whynet.explain.paths import baseline_images
from whynet.explain.proof.orders import Ranks, at_random, largest_first, sobel
from whynet.explain.proof.result import Curve, Order, Proof
from whynet.ops.activations import softmax
from whynet.ops.arrays import Array, Integers
from whynet.options import whole

_ROUNDING = 4  # units in the last place of the largest logit


def proof(
    contrast: Contrast,
    evidence: NDArray[Any],
    baseline: float | NDArray[Any] | None,
    *,
    steps: int = 24,
    draws: int = 16,
    seed: int = 0,
) -> Proof:
    """Take pixels away, the strongest evidence first, and see how fast the margin falls.

    Args:
        contrast: one picture, of which it is asked why a and not b. The margin is what is measured,
            whatever the contrast's target.
        evidence: (h, w) or (h, w, c), what each pixel contributes to the margin, such as integrated
            gradients from the baseline. Channels are added up; ties are broken at random.
        baseline: the picture that pixels are replaced from, such as the counterfactual; a number
            for a uniform one; None for black.
        steps: how many times the net is asked on the way, at even distances; where fewer pixels
            differ, after each of them. Flips are found at these places.
        draws: how many random orders.
        seed: of the random orders, and of how ties are broken.

    Raises:
        ConfigError: more than one picture, a baseline that is the picture itself, evidence that is
            not finite, or an option that makes no sense.
        ShapeError: the net takes no pictures, or the evidence or the baseline does not fit it.
    """
    steps, draws = whole(steps, "steps", least=1), whole(draws, "draws", least=1)
    whole(seed, "a seed", least=0)
    if len(contrast) != 1:
        raise ConfigError(f"expected one picture, got {len(contrast)}: prove them one by one")
    worth = _by_place(contrast, evidence)
    picture, start = contrast.images[0], baseline_images(contrast, baseline)[0]
    at = np.flatnonzero((picture != start).any(axis=2))
    if not len(at):
        raise ConfigError(
            "expected a baseline other than the picture, got the picture itself: nothing can go"
        )
    change = np.abs(picture.astype(np.float64) - start).sum(axis=2)
    known = [largest_first(v.ravel()[at], seed) for v in (worth, sobel(picture), change)]
    orders = known + [order[::-1] for order in known] + at_random(len(at), draws, seed)
    counts = np.rint(np.linspace(0, len(at), min(steps, len(at)) + 1)).astype(np.int64)
    logits = _removed(contrast, start, at, orders, counts)
    read = [_order(contrast, logits[i : i + 1], logits[i + 3 : i + 4], counts) for i in range(3)]
    margins = read[0].deletion.margins[0]
    return Proof(
        predicted=int(contrast.predicted[0]),
        rival=int(contrast.rival[0]),
        margin=float(margins[0]),
        baseline_margin=float(margins[-1]),
        pixels=len(at),
        evidence=read[0],
        random=_order(contrast, logits[6:], logits[6:], counts),
        edges=read[1],
        change=read[2],
    )


def _by_place(contrast: Contrast, evidence: NDArray[Any]) -> NDArray[np.float64]:
    """Check the evidence and return it with its channels added up, (h, w)."""
    shape = contrast.net.input_shape
    if len(shape) != 3:
        raise ShapeError(
            f"expected a net of pictures (height, width, channels), got input shape {shape}"
        )
    evidence = np.asarray(evidence)
    if evidence.shape not in (shape[:2], shape):
        raise ShapeError(f"expected evidence of shape {shape[:2]} or {shape}, got {evidence.shape}")
    if evidence.dtype.kind not in "iuf" or not np.isfinite(evidence).all():
        raise ConfigError("expected evidence as finite numbers, got something else among them")
    values: NDArray[np.float64] = evidence.astype(np.float64)
    return values if values.ndim == 2 else values.sum(axis=2)


def _removed(
    contrast: Contrast, start: Array, at: Integers, orders: Sequence[Ranks], counts: Integers
) -> Array:
    """Return the logits after the first so many pixels of each order have been replaced.

    Args:
        contrast: whose picture.
        start: (h, w, c), what pixels are replaced from.
        at: (n,) which places differ.
        orders: of these n.
        counts: (k,) how many have gone, from none to all.

    Returns:
        (orders, k, classes).
    """
    turn = np.argsort(np.stack(orders), axis=1)  # when each pixel goes
    between = counts[1:-1]
    # Both ends are the same in every order, and asked about once.
    of = np.concatenate([np.repeat(np.arange(len(turn)), len(between)), [0, 0]])
    gone = np.concatenate([np.tile(between, len(turn)), counts[[0, -1]]])
    shape, last = contrast.net.input_shape, len(contrast.layers)
    picture, other = contrast.images[0].reshape(-1, shape[2]), start.reshape(-1, shape[2])

    def run(part: slice) -> Array:
        replaced = turn[of[part]] < gone[part, None]
        x = np.repeat(picture[None], len(replaced), axis=0)
        x[:, at] = np.where(replaced[..., None], other[at], picture[at])
        zeros = np.zeros(len(x), np.int64)
        return contrast.run(x.reshape(-1, *shape), zeros, (last,)).features[last]

    asked = np.concatenate(contrast.share_out(run, contrast.block, len(of)))
    classes = asked.shape[1]
    logits = np.empty((len(turn), len(counts), classes), asked.dtype)
    logits[:, 1:-1] = asked[:-2].reshape(len(turn), len(between), classes)
    logits[:, 0], logits[:, -1] = asked[-2], asked[-1]
    return logits


def _order(contrast: Contrast, there: Array, back: Array, counts: Integers) -> Order:
    """Read deletions of an order, and those of the order reversed as its insertions."""
    a, b = int(contrast.predicted[0]), int(contrast.rival[0])
    own = int(there[0, 0].argmax())

    def curve(logits: Array, passed: Integers, baseline: int, kept: bool) -> Curve:
        margins = logits[..., a] - logits[..., b]
        scale = np.abs(margins[0, 0] - margins[0, -1])
        same = scale <= _ROUNDING * np.finfo(logits.dtype).eps * np.abs(logits[0]).max()
        turned = (logits.argmax(axis=2) == own) != kept
        return Curve(
            counts=passed,
            margins=margins,
            probabilities=softmax(logits)[..., a],
            rescaled=None if same else (margins - margins[0, baseline]) / scale,
            flips=tuple(int(passed[row.argmax()]) if row.any() else None for row in turned),
        )

    coming = counts[-1] - counts[::-1]
    return Order(curve(there, counts, -1, True), curve(back[:, ::-1], coming, 0, False))
