"""Asking: `why` puts the seven parts of an answer together."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.contrast import Contrast
from whynet.explain.counterfactual import Counterfactual, counterfactual, morph
from whynet.explain.donors import Donors
from whynet.explain.evidence import Evidence, blend
from whynet.explain.paths import TOLERANCE
from whynet.explain.proof import Proof, proof
from whynet.explain.similar import Similar, similar
from whynet.explain.why.answer import Why
from whynet.explain.why.shares import through_layers
from whynet.explain.why.units import strongest_units
from whynet.explain.why.words import sentences
from whynet.options import switch
from whynet.sequential import Sequential

MORPHED = 9
"""Pictures on the way to the counterfactual."""

_STRICTEST = 0.01  # of `TOLERANCE`: near the border between two classes a margin may be almost 0


def why(
    net: Sequential,
    image: NDArray[Any],
    rival: int | str | None = None,
    *,
    donors: Donors | None = None,
    units: bool = True,
    threads: int | None = None,
) -> Why:
    """Say why a net answers as it does, and not with a rival class: in seven parts that add up.

    >>> answer = why(net, image, rival=4)
    >>> print(answer)
    >>> answer.to_html("nine.html")

    The counterfactual, the evidence map, the share of every layer and feature map, what the units
    look for that carried most, similar training examples, the proof on this picture, and words.
    Each part is also a function of its own in `whynet.explain`.

    Args:
        net: a net that ends in logits, or in softmax or sigmoid of logits.
        image: one picture, uint8 (h, w, c) or (h, w).
        rival: the class b, by number or name; by default the runner-up.
        donors: real pictures of every class; by default those that the model carries. Without any,
            the counterfactual and similar examples are missing, and the evidence starts from black.
        units: whether to tell what the units look for.
        threads: how many to use; None takes all cores. The answer does not depend on it.

    Raises:
        ConfigError: the rival is unknown or the net's own answer, the net has no logits or is not
            finite, or the picture is none.
        ShapeError: the picture does not fit the net.
    """
    began = time.perf_counter()
    switch(units, "units")
    contrast = Contrast(net, image, rival=rival, threads=threads)
    if len(contrast) != 1:
        raise ConfigError(f"expected one picture, got {len(contrast)}: ask about them one by one")
    picture = np.asarray(image).reshape(net.input_shape)
    if donors is None:
        donors = Donors.attached(net)
    missing: list[str] = []
    found = _counterfactual(contrast, picture, donors, missing)
    start = np.zeros_like(contrast.images) if found is None else blend(contrast, found)
    shared, layers = through_layers(contrast, start, tolerance=_tolerance(contrast, start))
    evidence = Evidence(shared, found, start[0])
    alike, examples = _similar(contrast, donors, missing)
    answer = Why(
        classes=contrast.classes,
        picture=picture,
        predicted=int(contrast.predicted[0]),
        rival=int(contrast.rival[0]),
        logits=contrast.logits[0],
        probabilities=net.predict_proba(contrast.images, threads=threads)[0],
        evidence=evidence,
        morph=None if found is None else morph(net, found, MORPHED, threads=threads),
        layers=layers,
        units=strongest_units(contrast, layers, examples) if units else (),
        similar=alike,
        proof=_proof(contrast, evidence, missing),
        missing=tuple(missing),
    )
    answer.words = sentences(answer.to_dict())
    answer.seconds = time.perf_counter() - began
    return answer


def _counterfactual(
    contrast: Contrast, picture: NDArray[Any], donors: Donors | None, missing: list[str]
) -> Counterfactual | None:
    if donors is None:
        missing.append(
            "counterfactual: this model carries no donors to lend their strokes; train it by "
            "`whynet train --donors`, or gather some by Donors.from_data(net, images, labels)"
        )
        return None
    net, rival = contrast.net, int(contrast.rival[0])
    assert isinstance(net, Sequential)
    name = contrast.classes[rival]
    if rival not in donors.labels:
        missing.append(f"counterfactual: there are no donors of class {name}")
        return None
    found = counterfactual(net, picture, rival, donors=donors, threads=contrast.threads)
    if found is None:
        missing.append(f"counterfactual: the net reads none of its examples of {name} as {name}")
    return found


def _tolerance(contrast: Contrast, start: NDArray[Any]) -> float:
    """Return the share of the change that may be missed, so that it is that of the margin too."""
    margin = float(contrast.margins()[0])
    change = margin - float(contrast.margins(start)[0])
    share = abs(margin) / abs(change) if change else 1.0
    return TOLERANCE * min(1.0, max(share, _STRICTEST))


def _similar(
    contrast: Contrast, donors: Donors | None, missing: list[str]
) -> tuple[dict[int, Similar] | None, NDArray[Any] | None]:
    """Return similar examples, and all those of the two classes."""
    if donors is None:
        missing.append("similar examples: this model carries none")
        return None, None
    a, b = int(contrast.predicted[0]), int(contrast.rival[0])
    both = np.isin(donors.labels, (a, b))
    known = set(donors.labels[both].tolist())
    if known != {a, b}:
        names = " and ".join(contrast.classes[each] for each in sorted({a, b} - known))
        missing.append(f"similar examples: the model carries none of class {names}")
        return None, donors.images[both] if known else None
    threads = contrast.threads
    found = similar(contrast.net, contrast.images[0], (a, b), among=donors, threads=threads)
    return found, donors.images[both]


def _proof(contrast: Contrast, evidence: Evidence, missing: list[str]) -> Proof | None:
    if (contrast.images[0] == evidence.baseline).all():
        missing.append("proof: the picture is black, so nothing can be taken away")
        return None
    return proof(contrast, evidence.map, evidence.baseline)
