"""`Why`: one answer, with everything that was measured for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.data.files import StrPath, write_atomically
from whynet.explain.counterfactual import Counterfactual, Morph
from whynet.explain.counterfactual.regions import label
from whynet.explain.evidence import Evidence
from whynet.explain.paths import TOLERANCE
from whynet.explain.proof import Proof
from whynet.explain.similar import Similar
from whynet.explain.why.shares import LayerShare
from whynet.explain.why.units import UnitStory
from whynet.explain.why.words import Sentence
from whynet.ops.arrays import Array

_INK = 64
"""Grey level from which ink counts when it is told where on a digit something lies."""

_ODDS = 1e-3  # how closely two probabilities must match e^margin for their ratio to be told


@dataclass(eq=False)
class Why:
    """Why class a and not b: seven parts, and the numbers behind them.

    ``print(answer)`` says it in words; a notebook shows the whole page.

    Attributes:
        classes: their names.
        picture: (h, w, c) what was asked about, as it was given.
        predicted, rival: the classes a and b, by number.
        logits: (classes,) z.
        probabilities: (classes,).
        evidence: each pixel's contribution to the margin's change, and the counterfactual.
        morph: the way to the counterfactual; None where there is none.
        layers: each block's share, from the picture to the logits.
        units: those that carried most, and what they look for.
        similar: the nearest examples of a and of b; None where there are none.
        proof: whether the evidence holds on this picture.
        words: sentences made of these numbers alone.
        missing: what could not be told, and what to do about it.
        seconds: how long it took.
    """

    classes: tuple[str, ...]
    picture: NDArray[Any] = field(repr=False)
    predicted: int
    rival: int
    logits: Array = field(repr=False)
    probabilities: Array = field(repr=False)
    evidence: Evidence = field(repr=False)
    morph: Morph | None = field(repr=False)
    layers: tuple[LayerShare, ...] = field(repr=False)
    units: tuple[UnitStory, ...] = field(repr=False)
    similar: dict[int, Similar] | None = field(repr=False)
    proof: Proof | None = field(repr=False)
    missing: tuple[str, ...]
    words: tuple[Sentence, ...] = field(default=(), repr=False)
    seconds: float = 0.0

    @property
    def margin(self) -> float:
        """z_a − z_b: the log-odds of a against b."""
        return float(np.float64(self.logits[self.predicted]) - self.logits[self.rival])

    @property
    def counterfactual(self) -> Counterfactual | None:
        """The closest picture of the same handwriting that the net calls b."""
        return self.evidence.counterfactual

    @property
    def residual(self) -> float:
        """By how much the evidence map's sum misses the margin's change."""
        return self.evidence.residual

    @property
    def question(self) -> str:
        """Such as "Why 9 and not 4?"."""
        return f"Why {self.classes[self.predicted]} and not {self.classes[self.rival]}?"

    def __str__(self) -> str:
        return "\n".join([*(sentence.text for sentence in self.words), *self.missing])

    def to_dict(self) -> dict[str, Any]:
        """Return everything that was measured in plain values (for JSON), pictures aside.

        Classes are told by name. ``evidence_sum`` is what the map adds up to, ``margin_change``
        what it should, and ``residual`` the difference of the two, which ought to be at most
        ``residual_allowed``; `words` say so where it is not.
        """
        shares = self.probabilities.astype(np.float64)
        a, b = shares[self.predicted], shares[self.rival]
        odds = float(np.exp(self.margin))
        return {
            "predicted": self.classes[self.predicted],
            "rival": self.classes[self.rival],
            "probability": float(a),
            "rival_probability": float(b),
            "odds": odds if b > 0 and abs(a / b / odds - 1) < _ODDS else None,
            "margin": self.margin,
            "margin_change": self.evidence.change,
            "evidence_sum": float(self.evidence.attribution.total[0]),
            "residual": self.residual,
            "residual_allowed": TOLERANCE * abs(self.margin),
            "pixels": int(np.prod(self.picture.shape[:2])),
            "evidence": self._evidence(),
            "counterfactual": self._counterfactual(),
            "morph": self._morph(),
            "layers": [share.to_dict() for share in self.layers],
            "units": [unit.to_dict() for unit in self.units],
            "similar": self._similar(),
            "proof": None if self.proof is None else self.proof.to_dict(),
            "probabilities": dict(zip(self.classes, shares.tolist(), strict=True)),
            "logits": dict(zip(self.classes, self.logits.tolist(), strict=True)),
            "words": [sentence.text for sentence in self.words],
            "missing": list(self.missing),
            "seconds": self.seconds,
        }

    def to_html(self, path: StrPath | None = None) -> str:
        """Return one self-contained page that shows the whole answer; write it too, given a path.

        Raises:
            DataNotFoundError: the folder is missing, or may not be written to.
        """
        from whynet.explain.why.page import page_of  # pictures are drawn on demand

        html = page_of(self)
        if path is not None:
            with write_atomically(path) as file:
                file.write(html.encode())
        return html

    def to_png(self, path: StrPath | None = None) -> bytes:
        """Return a sheet of pictures and words as the bytes of a PNG; write it too, given a path.

        Raises:
            DataNotFoundError: the folder is missing, or may not be written to.
        """
        from whynet.explain.why.sheet import sheet_of

        png = sheet_of(self)
        if path is not None:
            with write_atomically(path) as file:
                file.write(png)
        return png

    def figure(self) -> Any:
        """Draw the answer with matplotlib; returns its ``Figure``.

        Raises:
            ConfigError: matplotlib is not installed; says how to get it.
        """
        from whynet.explain.why.figure import figure_of

        return figure_of(self)

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own so that styles don't mix."""
        from whynet.drawing.markup import element

        frame = "width:100%;height:60rem;border:0"
        return str(element("iframe", srcdoc=self.to_html(), title=self.question, style=frame))

    def _evidence(self) -> dict[str, Any]:
        values = self.evidence.map.astype(np.float64)
        start, found = self.evidence.baseline, self.counterfactual
        ink = self.picture.astype(np.float64) / (255 if self.picture.dtype == np.uint8 else 1)
        return {
            "for": float(values[values > 0].sum()),
            "against": float(values[values < 0].sum()),
            "ink_there": float(values[ink > start].sum()),
            "ink_missing": float(values[ink < start].sum()),
            "from_counterfactual": found is not None and _same(start, found.picture),
            "evaluations": int(self.evidence.attribution.evaluations[0]),
        }

    def _counterfactual(self) -> dict[str, Any] | None:
        found = self.counterfactual
        if found is None:
            return None
        return {
            "label": self.classes[found.label],
            "probability": found.probability,
            "margin": found.margin_after,
            "l1": found.l1,
            "l2": found.l2,
            "pixels_changed": found.pixels_changed,
            "regions": found.regions,
            "found": len(found.others),
            "main": _main_change(found),
            "nearest_example_l2": found.donor_l2,
            "readers_agree": found.readers_agree,
        }

    def _morph(self) -> dict[str, Any] | None:
        if self.morph is None:
            return None
        return {
            "positions": self.morph.positions.tolist(),
            "probabilities": {
                self.classes[each]: self.morph.probabilities[:, each].tolist()
                for each in (self.predicted, self.rival)
            },
            "flip": self.morph.flip,
            "flips_once": self.morph.flips_once,
        }

    def _similar(self) -> dict[str, Any] | None:
        if self.similar is None:
            return None
        a, b = self.similar[self.predicted], self.similar[self.rival]
        return {
            name: {**found.to_dict(), "class": self.classes[found.label]}
            for name, found in (("a", a), ("b", b))
        } | {"layer": a.layer}


def _same(start: Array, picture: NDArray[np.uint8]) -> bool:
    """Whether a path begins at this very picture."""
    return np.array_equal(np.rint(start * 255), picture)


def _main_change(found: Counterfactual) -> dict[str, Any]:
    """Tell of the largest region that changes: added or erased, its share of the ink, and where."""
    change = found.difference
    region = label(np.sign(change).astype(np.int8))
    weight = np.bincount(region.ravel(), np.abs(change).ravel().astype(np.float64))
    weight[0] = 0
    largest = region == int(weight.argmax())
    rows, columns = np.nonzero(largest)
    heavy = np.abs(change[largest]).astype(np.float64)
    whole = np.maximum(found.picture, found.original)[..., 0] >= _INK
    place = [
        _third(float(np.average(at, weights=heavy)), np.flatnonzero(whole.any(axis=axis)))
        for at, axis in ((rows, 1), (columns, 0))
    ]
    return {
        "added": bool(change[largest].sum() > 0),
        "share": float(weight.max() / weight.sum()),
        "where": _WHERE[place[0]][place[1]],
    }


_WHERE = (
    ("at the top left", "at the top", "at the top right"),
    ("at the left", "in the middle", "at the right"),
    ("at the bottom left", "at the bottom", "at the bottom right"),
)


def _third(at: float, inked: NDArray[np.int64]) -> int:
    """Return in which third of the inked lines a place lies."""
    first, last = float(inked[0]) - 0.5, float(inked[-1]) + 0.5
    return int(min(2, max(0, 3 * (at - first) // (last - first))))
