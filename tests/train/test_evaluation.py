"""Marks against hand-computed ones and slow loops."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from whynet.train import Evaluation
from whynet.train.evaluation import calibration_error

# Six pictures of three classes. Answers: 0, 0, 1, 1, 1, 0; truth: 0, 1, 1, 1, 0, 0.
PROBABILITIES = np.array(
    [
        [0.90, 0.05, 0.05],
        [0.60, 0.30, 0.10],
        [0.10, 0.80, 0.10],
        [0.20, 0.70, 0.10],
        [0.01, 0.98, 0.01],
        [0.50, 0.25, 0.25],
    ]
)
LABELS = np.array([0, 1, 1, 1, 0, 0])
COSTS = np.array([0.1, 1.2, 0.2, 0.4, 4.6, 0.7])


@pytest.fixture
def marks() -> Evaluation:
    return Evaluation.of(PROBABILITIES, COSTS, LABELS, ("zero", "one", "two"))


def test_by_hand(marks: Evaluation) -> None:
    assert marks.n == 6
    assert marks.accuracy == pytest.approx(4 / 6)
    assert marks.loss == pytest.approx(7.2 / 6)
    np.testing.assert_array_equal(marks.confusion, [[2, 1, 0], [1, 2, 0], [0, 0, 0]])


def test_classes_by_hand(marks: Evaluation) -> None:
    """zero: answered 3 times, 2 rightly; there are 3, 2 found: all ⅔. two: never came up."""
    zero, one, two = marks.per_class()
    thirds = pytest.approx(2 / 3)
    assert zero == {"label": "zero", "n": 3, "precision": thirds, "recall": thirds, "f1": thirds}
    assert one == {"label": "one", "n": 3, "precision": thirds, "recall": thirds, "f1": thirds}
    assert two == {"label": "two", "n": 0, "precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_precision_and_recall_are_not_mixed_up() -> None:
    """Everything is called 0: recall of 0 is 1, precision 1/4, F1 = 2·¼·1 / 1¼ = 0.4."""
    probabilities = np.tile([0.9, 0.1], (4, 1))
    marks = Evaluation.of(probabilities, np.zeros(4), np.array([0, 1, 1, 1]), ("a", "b"))
    assert marks.per_class()[0] == {
        "label": "a",
        "n": 1,
        "precision": 0.25,
        "recall": 1.0,
        "f1": pytest.approx(0.4),
    }
    np.testing.assert_array_equal(marks.confusion, [[1, 0], [3, 0]])


def test_calibration_by_hand(marks: Evaluation) -> None:
    """Bins of 1/15; each of the six confidences falls into one of its own.

    0.90 → bin 13 right, 0.60 → 9 (its lower edge) wrong, 0.80 → 12 right, 0.70 → 10 right,
    0.98 → 14 wrong, 0.50 → 7 right:
    (0.10 + 0.60 + 0.20 + 0.30 + 0.98 + 0.50) / 6 = 2.68 / 6
    """
    assert marks.ece == pytest.approx(2.68 / 6)


def test_calibration_averages_inside_a_bin() -> None:
    """0.81, 0.84 and 0.86 share bin 12: |2 of 3 right − 2.51/3|, all of the examples."""
    right = np.array([True, True, False])
    assert calibration_error(np.array([0.81, 0.84, 0.86]), right) == pytest.approx(0.51 / 3)


def test_perfect_calibration() -> None:
    assert calibration_error(np.ones(5), np.ones(5, bool)) == 0
    assert calibration_error(np.ones(5), np.zeros(5, bool)) == 1


def slow_calibration(confidence: np.ndarray, right: np.ndarray) -> float:
    total = 0.0
    for number in range(15):
        inside = [
            index for index, value in enumerate(confidence) if min(int(value * 15), 14) == number
        ]
        if inside:
            accuracy = sum(bool(right[index]) for index in inside) / len(inside)
            sure = sum(float(confidence[index]) for index in inside) / len(inside)
            total += len(inside) / len(confidence) * abs(accuracy - sure)
    return total


@given(
    st.integers(1, 60).flatmap(
        lambda n: st.tuples(
            hnp.arrays(np.float64, n, elements=st.floats(0, 1)), hnp.arrays(bool, n)
        )
    )
)
def test_calibration_against_a_slow_loop(answers: tuple[np.ndarray, np.ndarray]) -> None:
    confidence, right = answers
    found = calibration_error(confidence, right)
    assert found == pytest.approx(slow_calibration(confidence, right), abs=1e-12)
    assert 0 <= found <= 1


@given(st.integers(2, 30), st.integers(1, 80), st.integers(0, 1000))
def test_confusion_against_a_slow_loop(classes: int, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(classes), n)
    labels = rng.integers(0, classes, n)
    expected = np.zeros((classes, classes), int)
    for row, label in zip(probabilities, labels, strict=True):
        expected[label, row.argmax()] += 1
    names = tuple(map(str, range(classes)))
    for kind in (np.int64, np.uint8, np.uint64):  # 29 · 30 does not fit in a uint8
        marks = Evaluation.of(probabilities, np.zeros(n), labels.astype(kind), names)
        np.testing.assert_array_equal(marks.confusion, expected)
    for index, row in enumerate(marks.per_class()):
        truth, answer = labels == index, probabilities.argmax(axis=1) == index
        both = (truth & answer).sum()
        assert row["n"] == truth.sum()
        assert row["precision"] == pytest.approx(both / answer.sum() if answer.any() else 0)
        assert row["recall"] == pytest.approx(both / truth.sum() if truth.any() else 0)
        asked = truth.sum() + answer.sum()
        assert row["f1"] == pytest.approx(2 * both / asked if asked else 0)


def test_worst_errors(marks: Evaluation) -> None:
    assert marks.worst(5).tolist() == [4, 1], "0.98 sure and wrong, then 0.60"
    assert marks.worst(1).tolist() == [4]
    assert marks.worst(0).tolist() == []


def test_plain_values(marks: Evaluation) -> None:
    plain = marks.to_dict()
    assert list(plain) == ["accuracy", "loss", "n", "ece", "per_class", "confusion"]
    assert json.loads(json.dumps(plain)) == plain
    assert plain["confusion"] == [[2, 1, 0], [1, 2, 0], [0, 0, 0]]
