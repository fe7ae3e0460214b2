"""Words: sentences built only from measurements, each number traceable.

A sentence is a template whose gaps name measurements by their path in `Why.to_dict`, such as
``{counterfactual.pixels_changed}``. What stands in the text is looked up there: a sentence cannot
say a number that was not measured, and whether a sentence is said at all is decided from the same
document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CLEAR = 0.5
"""Probability of the answer below which there is said to be little to explain."""

_GAP = re.compile(r"\{([\w.]+)(?::([^{}]*))?\}")
_LEAST_SHARE = 1e-3


@dataclass(frozen=True)
class Sentence:
    """One sentence, and where its numbers come from.

    Attributes:
        template: with gaps such as ``{margin:.2f}``: a path in the document, and a format.
        text: with the gaps filled in.
        numbers: what was filled in, by path, as measured.
    """

    template: str
    text: str
    numbers: Mapping[str, Any]

    def __str__(self) -> str:
        return self.text

    @classmethod
    def of(cls, template: str, document: Mapping[str, Any]) -> Sentence:
        """Fill a template in from a document.

        Raises:
            KeyError, IndexError: it names something that was not measured.
        """
        numbers = {path: looked_up(document, path) for path, _ in _GAP.findall(template)}

        def filled(gap: re.Match[str]) -> str:
            return told(numbers[gap[1]], gap[2] or "")

        return cls(template, _GAP.sub(filled, template), numbers)


def told(value: Any, how: str) -> str:
    """Write a measurement: as a share of a hundred (%), in round figures (~), or as `format` does.

    A share that is not quite all or nothing is never rounded to either.
    """
    if how == "%":
        if 0 < value < _LEAST_SHARE:
            return f"under {_LEAST_SHARE:.1%}"
        return f"over {1 - _LEAST_SHARE:.1%}" if 1 - _LEAST_SHARE < value < 1 else f"{value:.1%}"
    if how == "~":
        return f"{float(f'{value:.3g}'):,.0f}" if 100 <= value < 1e15 else f"{value:.3g}"
    return format(value, how)


def looked_up(document: Any, path: str) -> Any:
    """Return what lies at a path such as ``layers.0.units.1.share``."""
    for key in path.split("."):
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def sentences(document: Mapping[str, Any]) -> tuple[Sentence, ...]:
    """Say what a `Why.to_dict` holds."""
    return tuple(Sentence.of(template, document) for template in _templates(document))


def _templates(told: Mapping[str, Any]) -> Iterator[str]:
    yield from _answer(told)
    if told["counterfactual"] is not None:
        yield from _counterfactual(told["counterfactual"])
    yield from _evidence(told)
    yield from _layers(told)
    if told["similar"] is not None:
        yield from _similar(told["similar"])
    if told["proof"] is not None:
        yield from _proof(told["proof"])


def _answer(told: Mapping[str, Any]) -> Iterator[str]:
    if told["margin"] <= 0:
        yield (
            "The net does not read this as a {predicted} rather than a {rival}: the margin between "
            "them is {margin:+.2f}, in favour of {rival}."
        )
    else:
        start = (
            "The net reads a {predicted} ({probability:%}) and not a {rival} "
            "({rival_probability:%})"
        )
        if told["odds"] is not None:
            yield (
                start + ": the margin between them is {margin:.2f}, which makes a {predicted} "
                "about {odds:~} times as likely."
            )
        else:
            yield start + ": the margin between them is {margin:.2f}."
    if told["probability"] < CLEAR:
        yield (
            "There is little to explain: with {probability:%} for {predicted}, the net hardly "
            "has an opinion."
        )


def _counterfactual(found: Mapping[str, Any]) -> Iterator[str]:
    main = "added" if found["main"]["added"] else "erased"
    largest = f"ink {main} {{counterfactual.main.where}}"
    if found["regions"] > 1:
        largest = (
            f"{{counterfactual.regions}} pieces, the largest of them {largest} "
            "({counterfactual.main.share:%} of all the ink that changes)"
        )
    yield (
        "It would be a {counterfactual.label} ({counterfactual.probability:%}) if "
        f"{{counterfactual.pixels_changed}} of {{pixels}} pixels changed: {largest}."
    )
    if not found["readers_agree"]:
        yield "Readers that were trained apart do not all see a {counterfactual.label} there."


def _evidence(told: Mapping[str, Any]) -> Iterator[str]:
    found = told["counterfactual"]
    if found is None:
        start = "From bare paper to here"
    elif told["evidence"]["from_counterfactual"]:
        start = "From there to this picture"
    else:
        start = "From what {counterfactual.found} such pictures have in common to this one"
    yield (
        f"{start} the margin changes by {{margin_change:+.2f}}: pixels that speak for "
        "{predicted} add {evidence.for:+.2f}, those that speak against it {evidence.against:+.2f}; "
        "together {evidence_sum:+.2f}, which misses the change by {residual:+.1g}."
    )
    if abs(told["residual"]) > told["residual_allowed"]:
        yield (
            "Beware: that is more than the {residual_allowed:.1g} that is promised, since the net "
            "bends too often on the way."
        )
    if found is None or told["margin_change"] <= 0:
        return
    present, missing = told["evidence"]["ink_there"], told["evidence"]["ink_missing"]
    if present > 0 and present >= missing:
        yield "Most of it is ink that is there: {evidence.ink_there:+.2f}."
    elif missing > 0:
        yield "Most of it is ink that is missing: {evidence.ink_missing:+.2f}."


def _layers(told: Mapping[str, Any]) -> Iterator[str]:
    for at, unit in enumerate(told["units"]):
        if unit["contribution"] <= 0:
            continue
        text = (
            f"Of the {unit['kind']}s of {{units.{at}.weighing}}, number {{units.{at}.unit}} "
            f"carries most: {{units.{at}.contribution:+.2f}}, {{units.{at}.share:%}} of the change"
        )
        if unit["margin_without"] is not None:
            text += f"; without it the margin would be {{units.{at}.margin_without:+.2f}}"
        yield text + "."


def _similar(found: Mapping[str, Any]) -> Iterator[str]:
    nearer = "a" if found["a"]["distances"][0] < found["b"]["distances"][0] else "b"
    yield (
        f"To the net it looks most like examples of {{similar.{nearer}.class}}: the nearest "
        "{similar.a.class} is {similar.a.distances.0:.1f} away and the nearest {similar.b.class} "
        "{similar.b.distances.0:.1f}, in {similar.layer}."
    )


def _proof(found: Mapping[str, Any]) -> Iterator[str]:
    flips = {name: order["deletion"]["flip"] for name, order in found["orders"].items()}
    if flips["evidence"] is not None and flips["evidence"] < found["pixels"]:
        text = (
            "Put to the proof: with the strongest evidence taken away first the answer changes "
            "after {proof.orders.evidence.deletion.flip:.0f} of {proof.pixels} pixels"
        )
        others = [
            f"{{proof.orders.{name}.deletion.flip:.0f}} {how}"
            for name, how in (("random", "in random order"), ("edges", "with edges first"))
            if flips[name] is not None
        ]
        yield text + (f", against {' and '.join(others)}." if others else ".")
    if found["holds"]:
        yield (
            "The margin falls faster than in random order and than with edges first (areas "
            "{proof.orders.evidence.deletion.area:.2f}, {proof.orders.random.deletion.area:.2f} "
            "and {proof.orders.edges.deletion.area:.2f}): the evidence holds on this picture."
        )
    else:
        yield (
            "The margin does not fall faster than both in random order and with edges first: on "
            "this picture the map is not proven."
        )
