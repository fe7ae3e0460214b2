"""Callbacks: when they are told, what they write, and how they stop a run."""

import csv
import io
import math
import re
from pathlib import Path

import pytest

from helpers.training import StopAt, bits, blobs, full_recipe, small_net
from whynet import EarlyStopping, Sequential
from whynet.errors import ConfigError, DataNotFoundError
from whynet.optim import Constant
from whynet.train import Callback, Checkpoint, CSVLog, Progress

IMAGES, LABELS = blobs(50)
VALIDATION = blobs(20, seed=1)


class Diary(Callback):
    """Writes down every event with where the run stood."""

    def __init__(self, name: str, pages: list[str]) -> None:
        self.name, self.pages = name, pages

    def _write(self, event: str, run) -> None:
        self.pages.append(f"{self.name} {event} {len(run.history)}.{run.state.batch}")

    def on_train_begin(self, run) -> None:
        self._write("begin", run)

    def on_batch_end(self, run) -> None:
        self._write("batch", run)

    def on_epoch_end(self, run) -> None:
        self._write("epoch", run)

    def on_train_end(self, run) -> None:
        self._write("end", run)


def test_events_come_in_order_and_callbacks_in_theirs() -> None:
    pages: list[str] = []
    net = small_net()
    callbacks = [Diary("a", pages), Diary("b", pages)]
    net.train(IMAGES, LABELS, full_recipe(epochs=2, batch_size=30), callbacks=callbacks, threads=1)
    expected = ["begin 0.0", "batch 0.1", "batch 0.2", "epoch 1.0"]
    expected += ["batch 1.1", "batch 1.2", "epoch 2.0", "end 2.0"]
    assert pages == [f"{name} {event}" for event in expected for name in "ab"]


@pytest.mark.parametrize(("updates", "epochs"), [(1, 0), (2, 0), (3, 1), (5, 1)])
def test_stop_ends_after_the_batch(updates: int, epochs: int) -> None:
    pages: list[str] = []
    net = small_net()
    history = net.train(
        IMAGES, LABELS, full_recipe(), callbacks=[StopAt(updates), Diary("a", pages)], threads=1
    )
    assert len(history) == epochs
    assert sum("batch" in page for page in pages) == updates
    assert pages[-1].startswith("a end")


def test_the_first_reason_for_stopping_counts() -> None:
    class Two(Callback):
        def on_batch_end(self, run) -> None:
            run.stop("one")
            run.stop("two")

        def on_train_end(self, run) -> None:
            assert run.stopped == "one"

    small_net().train(IMAGES, LABELS, full_recipe(), callbacks=[Two()], threads=1)


def test_an_error_in_a_callback_comes_out() -> None:
    class Broken(Callback):
        def on_batch_end(self, run) -> None:
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        small_net().train(IMAGES, LABELS, full_recipe(), callbacks=[Broken()], threads=2)


# -- early stopping -----------------------------------------------------------------------------


class Script(Callback):
    """Puts a curve in the place of what was measured, and keeps every epoch's weights."""

    def __init__(self, curve: list[float], name: str = "validation_cost") -> None:
        self.curve, self.name = curve, name
        self.weights: list[bytes] = []

    def on_epoch_end(self, run) -> None:
        from dataclasses import replace

        last = len(run.history) - 1
        run.history.epochs[last] = replace(
            run.history.epochs[last], **{self.name: self.curve[last]}
        )
        self.weights.append(bits(run.network))


def early(curve: list[float], stopping: EarlyStopping, name: str = "validation_cost"):
    net, script = small_net(), Script(curve, name)
    recipe = full_recipe(epochs=len(curve), schedule=Constant())
    history = net.train(
        IMAGES, LABELS, recipe, validation=VALIDATION, callbacks=[script, stopping], threads=1
    )
    return len(history), script.weights, bits(net)


def test_early_stopping_waits_and_restores_the_best() -> None:
    curve = [3.0, 2.0, 2.5, 2.1, 1.9, 2.4, 2.0, 2.0, 9.0, 9.0]
    ran, weights, kept = early(curve, EarlyStopping(patience=3))
    assert ran == 8, "the best was the fifth, then three without a better one"
    assert kept == weights[4]


def test_early_stopping_can_leave_the_last_weights() -> None:
    ran, weights, kept = early([1.0, 2.0, 3.0], EarlyStopping(patience=1, restore_best=False))
    assert ran == 2
    assert kept == weights[1] != weights[0]


def test_equal_is_not_better() -> None:
    ran, weights, kept = early([1.0, 1.0, 1.0, 0.5], EarlyStopping(patience=2))
    assert ran == 3
    assert kept == weights[0]


def test_accuracy_is_better_when_higher() -> None:
    stopping = EarlyStopping(patience=2, monitor="validation_accuracy")
    ran, weights, kept = early([0.5, 0.7, 0.6, 0.6, 0.9], stopping, "validation_accuracy")
    assert ran == 4
    assert kept == weights[1]


def test_early_stopping_that_never_stops_restores_the_best_all_the_same() -> None:
    ran, weights, kept = early([3.0, 1.0, 2.0], EarlyStopping(patience=5))
    assert ran == 3
    assert kept == weights[1]


def test_an_interrupted_run_keeps_its_last_weights() -> None:
    """So that it can be resumed on the same bits."""

    class Interrupt(Callback):
        def on_epoch_end(self, run) -> None:
            if len(run.history) == 3:
                run.stop("interrupted")

    net, script = small_net(), Script([3.0, 1.0, 2.0, 2.0], "validation_cost")
    recipe = full_recipe(epochs=4, schedule=Constant())
    callbacks = [script, EarlyStopping(patience=5), Interrupt()]
    net.train(IMAGES, LABELS, recipe, validation=VALIDATION, callbacks=callbacks, threads=1)
    assert bits(net) == script.weights[2]


def test_a_checkpoint_is_told_how_to_save() -> None:
    with pytest.raises(ConfigError, match="expected save as a function of the run"):
        Checkpoint("net.safetensors")


def test_without_validation_the_training_curve_serves() -> None:
    net, script = small_net(), Script([1.0, 2.0, 3.0], "cost")
    callbacks = [script, EarlyStopping(patience=1)]
    history = net.train(IMAGES, LABELS, full_recipe(), callbacks=callbacks, threads=1)
    assert len(history) == 2


def test_bad_options() -> None:
    curves = "cost, accuracy, validation_cost, validation_accuracy"
    with pytest.raises(ConfigError, match=f"expected monitor to be one of {curves}, got 'loss'"):
        EarlyStopping(monitor="loss")
    with pytest.raises(ConfigError, match="expected a patience of at least 1, got 0"):
        EarlyStopping(patience=0)
    with pytest.raises(ConfigError, match=r"expected monitor to be one of .* got 'acc'"):
        Checkpoint(lambda run: None, best="acc")


# -- checkpoint ---------------------------------------------------------------------------------


def test_checkpoint_of_the_best(tmp_path: Path) -> None:
    path, net = tmp_path / "best.safetensors", small_net()
    script = Script([3.0, 1.0, 2.0, 1.5])
    keep = Checkpoint(lambda run: net.save(path), best="validation_cost")
    net.train(
        IMAGES,
        LABELS,
        full_recipe(epochs=4),
        validation=VALIDATION,
        callbacks=[script, keep],
        threads=1,
    )
    assert bits(Sequential.load(path)) == script.weights[1]
    assert bits(net) == script.weights[3]


@pytest.mark.parametrize(
    ("every", "saves"),
    [
        # Before the first batch, after each of 3 batches, after the epoch, and at the end.
        (0.0, [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 0)]),
        (math.inf, [(0, 0), (1, 0), (1, 0)]),
    ],
)
def test_when_a_checkpoint_is_saved(every: float, saves: list[tuple[int, int]]) -> None:
    seen = []
    keep = Checkpoint(lambda run: seen.append((run.state.epoch, run.state.batch)), every=every)
    small_net().train(IMAGES, LABELS, full_recipe(epochs=1), callbacks=[keep], threads=1)
    assert seen == saves


# -- what is written ----------------------------------------------------------------------------


def test_csv_log(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    lengths = []

    class Look(Callback):
        def on_epoch_end(self, run) -> None:
            lengths.append(len(path.read_text().splitlines()))

    net = small_net()
    history = net.train(
        IMAGES,
        LABELS,
        full_recipe(),
        validation=VALIDATION,
        callbacks=[CSVLog(path), Look()],
        threads=1,
    )
    assert lengths == [2, 3, 4], "a header, and a line after every epoch"
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [int(row["epoch"]) for row in rows] == [1, 2, 3]
    for row, epoch in zip(rows, history.config(), strict=True):
        assert {name: float(value) for name, value in row.items()} == epoch
    assert [file.name for file in tmp_path.iterdir()] == ["log.csv"]


def test_csv_log_of_a_resumed_run_is_whole(tmp_path: Path) -> None:
    net, path = small_net(), tmp_path / "log.csv"
    net.train(IMAGES, LABELS, full_recipe(), callbacks=[StopAt(4)], threads=1)
    net.train(IMAGES, LABELS, full_recipe(), callbacks=[CSVLog(path)], threads=1, resume=True)
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["validation_cost"] == "", "not measured"


def test_csv_log_into_nowhere(tmp_path: Path) -> None:
    log = CSVLog(tmp_path / "no" / "log.csv")
    with pytest.raises(DataNotFoundError, match="cannot be written"):
        small_net().train(IMAGES, LABELS, full_recipe(), callbacks=[log], threads=1)


LINE = r"epoch {0}/3  cost \d\.\d{{4}}  accuracy \d{{1,3}}\.\d\d%{1}  \d+\.\d s, \d+ s left"


def test_progress_with_validation() -> None:
    stream = io.StringIO()
    small_net().train(
        IMAGES,
        LABELS,
        full_recipe(),
        validation=VALIDATION,
        callbacks=[Progress(stream)],
        threads=1,
    )
    lines = stream.getvalue().splitlines()
    assert len(lines) == 3
    for number, line in enumerate(lines, 1):
        assert re.fullmatch(LINE.format(number, r"  validation \d\.\d{4} \d{1,3}\.\d\d%"), line)
    assert lines[-1].endswith(" 0 s left")


def test_progress_without_validation_and_stopped() -> None:
    stream = io.StringIO()
    callbacks = [Progress(stream), StopAt(4)]
    small_net().train(IMAGES, LABELS, full_recipe(), callbacks=callbacks, threads=1)
    first, last = stream.getvalue().splitlines()
    assert re.fullmatch(LINE.format(1, ""), first)
    assert last == "stopped: enough for now"


def test_progress_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    small_net().fit(IMAGES, LABELS, epochs=1)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("epoch 1/1  cost ")
