"""Histories: curves, the best epoch, plain values and back."""

import csv
import io
import json
import math

import pytest

from whynet.errors import CheckpointError, ConfigError
from whynet.train import Epoch, History


def epoch(number: int, cost: float, accuracy: float, validation=None) -> Epoch:
    return Epoch(number, cost, accuracy, *(validation or (None, None)), lr=0.1, seconds=2.0)


@pytest.fixture
def history() -> History:
    return History(
        [
            epoch(1, 0.9, 0.5, (0.8, 0.6)),
            epoch(2, 0.7, 0.7, (0.5, 0.9)),
            epoch(3, 0.5, 0.8, (0.6, 0.9)),
        ]
    )


def test_curves(history: History) -> None:
    assert len(history) == 3
    assert history["cost"] == [0.9, 0.7, 0.5]
    assert history["validation_accuracy"] == [0.6, 0.9, 0.9]
    assert history.seconds == 6.0
    assert history.watched == (0.8, 0.5, 0.6)


def test_the_best_epoch(history: History) -> None:
    assert history.best() == 1
    assert history.best("cost") == 2
    assert history.best("accuracy") == 2
    assert history.best("validation_accuracy") == 1, "the first of equals"


def test_without_validation() -> None:
    history = History([epoch(1, 0.5, 0.9), epoch(2, 0.7, 0.8)])
    assert history.watched == (0.5, 0.7)
    assert history.best("validation_cost") == 0
    assert history.best("validation_accuracy") == 0


def test_nan_is_never_best() -> None:
    assert History([epoch(1, math.nan, 0.5), epoch(2, 3.0, 0.4)]).best("cost") == 1


def test_plain_values_and_back(history: History) -> None:
    plain = json.loads(json.dumps(history.config()))
    assert History.from_config(plain) == history


@pytest.mark.parametrize("broken", [None, 5, [3], [{"epoch": 1}], [{"surprise": 1}], {"a": 1}])
def test_what_is_no_history_is_refused(broken: object) -> None:
    with pytest.raises(CheckpointError, match="expected a history as a list of epochs"):
        History.from_config(broken)


def test_csv(history: History) -> None:
    rows = list(csv.DictReader(io.StringIO(history.to_csv())))
    assert list(rows[0]) == [
        *("epoch", "cost", "accuracy", "validation_cost", "validation_accuracy", "lr", "seconds")
    ]
    assert [row["validation_cost"] for row in rows] == ["0.8", "0.5", "0.6"]
    assert History().to_csv().strip() == ",".join(rows[0])


LINE = epoch(1, 0.5, 0.5).__dict__


@pytest.mark.parametrize(
    "change",
    [
        {"cost": "abc"},
        {"cost": math.nan},
        {"cost": 10**400},
        {"accuracy": [1]},
        {"lr": None},
        {"epoch": 1.5},
        {"epoch": 10**30},
        {"validation_cost": "a"},
        {"seconds": True},
    ],
    ids=str,
)
def test_values_of_a_wrong_type_are_refused(change: dict) -> None:
    with pytest.raises(CheckpointError, match=f"epoch 2: expected {next(iter(change))} as a "):
        History.from_config([LINE, LINE | change])


@pytest.mark.parametrize("curve", ["val_acc", 0, ["cost"], "best"])
def test_no_such_curve(history: History, curve: object) -> None:
    for ask in (history.__getitem__, history.best):
        with pytest.raises(ConfigError, match=r"expected a curve of epoch, cost, .*, got "):
            ask(curve)


def test_nothing_is_best_of_nothing() -> None:
    with pytest.raises(ConfigError, match="expected at least one epoch to find the best of"):
        History().best()
