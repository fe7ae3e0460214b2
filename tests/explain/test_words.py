"""Sentences say what was measured, as it was measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whynet.explain.why.words import Sentence, looked_up, told

DOCUMENT = {"margin": 2.5, "layers": [{"unit": 7}, {"unit": 9}], "found": {"label": "4"}}


def test_gaps_are_looked_up():
    found = Sentence.of("{margin:.1f} by {layers.1.unit} for {found.label}.", DOCUMENT)
    assert str(found) == "2.5 by 9 for 4."
    assert found.numbers == {"margin": 2.5, "layers.1.unit": 9, "found.label": "4"}


@pytest.mark.parametrize("path", ["none", "layers.2.unit", "found.none"])
def test_what_was_not_measured_cannot_be_said(path):
    with pytest.raises((KeyError, IndexError)):
        Sentence.of("{" + path + "}", DOCUMENT)


def test_what_stands_in_the_document_is_not_a_template():
    assert str(Sentence.of("{name}", {"name": "{margin}"})) == "{margin}"
    assert looked_up({"a": [{"b": 1}]}, "a.0.b") == 1


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0%"),
        (1e-9, "under 0.1%"),
        (0.25, "25.0%"),
        (0.99951, "over 99.9%"),
        (1.0, "100.0%"),
        (-0.1, "-10.0%"),
    ],
)
def test_shares(share, text):
    assert told(share, "%") == text


@given(st.floats(0, 1))
def test_no_share_is_rounded_to_certainty(share):
    text = told(share, "%")
    assert (text == "100.0%") == (share == 1)
    assert (text == "0.0%") == (share == 0)


@given(st.floats(1, 1e14))
def test_round_figures_keep_three_digits(value):
    assert float(told(value, "~").replace(",", "")) == pytest.approx(value, rel=6e-3)


def test_round_figures():
    assert told(727_734.0, "~") == "728,000"
    assert told(2.718281, "~") == "2.72"
    assert told(3.2e20, "~") == "3.2e+20"
