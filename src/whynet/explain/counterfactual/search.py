"""The closest plausible picture that a net reads as a rival class.

1. The donors of the rival class that lie nearest to the picture are moved and bent onto it
   (`align`), beside the nearest ones as they are.
2. Each difference from the picture falls into regions of ink to add and ink to erase (`regions`).
3. Regions are given back, those first that matter least for the answer, as long as the net and
   readers trained apart (`jury`) still read the rival with confidence, and as long as the ink does
   not break into more pieces.
4. Of what is left, the closest is the answer.

So every pixel comes from the picture or from somebody's hand, and whole strokes come and go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual.align import bent, nearest
from whynet.explain.counterfactual.jury import Jury, read
from whynet.explain.counterfactual.regions import label, parts
from whynet.ops.arrays import Array
from whynet.sequential import Sequential

if TYPE_CHECKING:  # donors are chosen by the jury: they import this package
    from whynet.explain.donors import Donors

Grey = NDArray[np.uint8]

ALIGNED = 8
"""Donors that are moved and bent onto the picture."""

AS_THEY_ARE = 2
"""Donors, nearest pixel by pixel, that are tried unmoved: they bound the distance."""

_INK = 80
"""Grey level above which ink holds a stroke together."""

_TRIFLE = 1e-4  # weight of a region below which it is not asked about
_LEAST_LOSS = 0.02  # log-odds: below this, all losses are as good as none


@dataclass(frozen=True)
class Counterfactual:
    """The closest picture of the same handwriting that the net calls something else.

    Attributes:
        picture: uint8 (h, w, 1), whole grey levels.
        original: the picture that was asked about, the same.
        predicted: the net's answer to the original, by number: a.
        label: its answer to the counterfactual, the rival: b.
        probability: of the rival for the counterfactual.
        margin_before: z_a − z_b of the original: above 0.
        margin_after: z_a − z_b of the counterfactual: below 0.
        l1, l2: the distance from the original, of ink from 0 to 1: Σ|Δ| and √ΣΔ².
        pixels_changed: how many pixels differ at all.
        regions: how many connected pieces of ink were added or erased.
        donor: the number, among all donors, of the one that lent its strokes.
        donor_l2: the distance from the original to the nearest donor of the rival class, as `l2`.
        readers_agree: whether all the readers trained apart answer with the rival too.
        others: uint8 (k, h, w, 1), all pictures that were found, the closest (this one) first.
    """

    picture: Grey = field(repr=False)
    original: Grey = field(repr=False)
    predicted: int
    label: int
    probability: float
    margin_before: float
    margin_after: float
    l1: float
    l2: float
    pixels_changed: int
    regions: int
    donor: int
    donor_l2: float
    readers_agree: bool
    others: Grey = field(repr=False, compare=False)

    @property
    def difference(self) -> NDArray[np.int16]:
        """(h, w): grey levels added (above 0) and erased (below 0)."""
        return (self.picture.astype(np.int16) - self.original)[..., 0]


def counterfactual(
    net: Sequential,
    image: Grey,
    rival: int | str | None = None,
    *,
    donors: Donors,
    threads: int | None = None,
) -> Counterfactual | None:
    """Find the closest plausible picture that a net reads as the rival.

    Args:
        net: the net to be asked; its input has one channel.
        image: uint8, (h, w, 1) or (h, w).
        rival: the class it should become, by number or name; by default the runner-up.
        donors: see `Donors`.
        threads: how many to use; None takes all cores. The result does not depend on it.

    Returns:
        What was found; None if the net reads none of the rival's donors as the rival, so that
        there is nothing to start from.

    Raises:
        ConfigError: the image is not of whole grey levels, the rival is unknown or the predicted
            class, or has no donors; says what to do.
        ShapeError: the image does not fit the net.
    """
    contrast, grey = _asked(net, image, rival, threads)
    a, b = int(contrast.predicted[0]), int(contrast.rival[0])
    numbers = donors.of(b, net)
    ink = grey.astype(np.float32) / np.float32(255)
    pool = donors.images[numbers, ..., 0].astype(np.float32) / np.float32(255)
    distances = np.sqrt(np.square(pool - ink).sum(axis=(1, 2)))
    jury = Jury(net, donors.readers, b, threads)

    start, whose = _candidates(ink, pool, distances)
    whole = _pieces(_grey(start)) <= _pieces(grey[None])
    whole[-AS_THEY_ARE:] = True  # whoever wrote a 5 in two pieces meant it
    fit = whole & (jury.slack(_grey(start)) >= 0)
    if fit.any():
        start, whose = start[fit], whose[fit]
        found = give_back(ink, start, jury)
    else:
        # Nobody convinced everybody: then any donor that at least the net reads as the rival.
        said = read(net, donors.images[numbers, ..., 0], threads).argmax(axis=1) == b
        if not said.any():
            return None
        whose = np.flatnonzero(said)
        found = donors.images[numbers[whose], ..., 0]
    far = np.square(found.astype(np.float32) / np.float32(255) - ink).sum(axis=(1, 2))
    order = np.argsort(far, kind="stable")
    others = found[order] if fit.any() else found[order[:1]]
    return _told(contrast, grey, others, a, b, numbers[whose[order[0]]], distances, jury)


def _asked(
    net: Sequential, image: Grey, rival: int | str | None, threads: int | None
) -> tuple[Contrast, Grey]:
    """Check the request; return the question, and the image as (h, w)."""
    if net.input_shape[2:] != (1,):
        raise ConfigError(
            "counterfactuals are made of strokes: expected a net for pictures (height, width, 1), "
            f"got {net.input_shape}"
        )
    image = np.asarray(image)
    if image.dtype != np.uint8 and not (image.dtype.kind == "f" and not np.isfinite(image).all()):
        raise ConfigError(f"expected a picture of whole grey levels as uint8, got {image.dtype}")
    contrast = Contrast(net, image, rival=rival, threads=threads)  # refuses all the rest
    if len(contrast) != 1:
        raise ConfigError(f"expected one picture, got {len(contrast)}")
    return contrast, image.reshape(net.input_shape[:2])


def _candidates(ink: Array, pool: Array, distances: Array) -> tuple[Array, NDArray[np.int64]]:
    """Return donors to start from (k, h, w), and whose they are: the bent, moved and plain ones."""
    near, there = nearest(ink, pool, ALIGNED)
    plain = np.argsort(distances, kind="stable")[:AS_THEY_ARE]
    return (
        np.concatenate([bent(ink, there), there, pool[plain]]),
        np.concatenate([near, near, plain]),
    )


def give_back(ink: Array, start: Array, jury: Jury) -> Grey:
    """Give regions of each candidate back to the picture while the jury allows it.

    Args:
        ink: (h, w) of the picture, 0 to 1.
        start: (k, h, w) candidates, likewise, which the jury reads as the rival.
        jury: who has to go on doing so.

    Returns:
        (k, h, w) what is left of them, in whole grey levels.
    """
    # The grey levels count, so that a region which is kept whole is the donor's own to the bit.
    difference = _grey(start).astype(np.float32) / np.float32(255) - ink
    region, weight = parts(difference)
    count, most = weight.shape
    kept = np.ones((count, most), np.bool_)
    kept[weight < _TRIFLE] = False
    everyone = np.arange(count)

    def drawn(choice: NDArray[np.bool_], who: NDArray[np.int64]) -> Grey:
        there = np.take_along_axis(choice, region[who].reshape(len(who), -1), axis=1)
        return _grey(ink + there.reshape(-1, *ink.shape) * difference[who])

    def without(who: NDArray[np.int64], which: NDArray[np.int64]) -> NDArray[np.bool_]:
        less = kept[who]
        less[np.arange(len(who)), which] = False
        return less

    limit = np.maximum(_pieces(drawn(kept, everyone)), _pieces(_grey(ink[None])))

    def allowed(who: NDArray[np.int64], which: NDArray[np.int64]) -> NDArray[np.bool_]:
        pictures = drawn(without(who, which), who)
        read_as_rival = jury.slack(pictures) >= 0
        read_as_rival[read_as_rival] = _pieces(pictures[read_as_rival]) <= limit[who][read_as_rival]
        return read_as_rival

    if (short := jury.slack(drawn(kept, everyone)) < 0).any():
        kept[short] = True  # trifles that were none
    # What each region is worth: its weight, for the log-odds that it costs.
    who, which = np.nonzero(kept)
    loss = jury.slack(drawn(kept, everyone))[who] - jury.slack(drawn(without(who, which), who))
    worth = np.full((count, most), -np.inf)
    worth[who, which] = weight[who, which] / np.maximum(loss, _LEAST_LOSS)
    order = np.argsort(-worth, axis=1, kind="stable")
    for which in np.concatenate([order, order], axis=1).T:  # twice: what is held up may come free
        who = np.flatnonzero(kept[everyone, which])
        if not len(who):
            continue
        back = who[allowed(who, which[who])]
        kept[back, which[back]] = False
    return drawn(kept, everyone)


def _pieces(pictures: Grey) -> NDArray[np.int64]:
    """How many pieces of ink, joined at least by corners, pictures (k, h, w) have: (k,)."""
    count: NDArray[np.int64] = label(pictures > _INK, 8).max(axis=(1, 2), initial=0)
    return count


def _grey(ink: Array) -> Grey:
    """Whole grey levels of ink from 0 to 1."""
    levels: Grey = np.rint(np.clip(ink, 0, 1) * 255).astype(np.uint8)
    return levels


def _told(
    contrast: Contrast,
    original: Grey,
    others: Grey,
    a: int,
    b: int,
    donor: int,
    distances: Array,
    jury: Jury,
) -> Counterfactual:
    """Measure everything on the finished picture, the first of those that were found."""
    picture = others[0]
    change = picture.astype(np.float64) / 255 - original / 255
    kinds = np.sign(change).astype(np.int8)
    before, after = contrast.margins(np.stack([original, picture])[..., None], np.zeros(2, int))
    return Counterfactual(
        picture=picture[..., None],
        original=original[..., None].copy(),
        predicted=a,
        label=b,
        probability=float(read(jury.net, picture[None], jury.threads)[0, b]),
        margin_before=float(before),
        margin_after=float(after),
        l1=float(np.abs(change).sum()),
        l2=float(np.sqrt(np.square(change).sum())),
        pixels_changed=int(np.count_nonzero(kinds)),
        regions=int(label(kinds).max()),
        donor=int(donor),
        donor_l2=float(distances.min()),
        readers_agree=bool(jury.readers) and jury.others_agree(picture),
        others=others[..., None],
    )
