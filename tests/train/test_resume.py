"""A run that was stopped, by whatever means, and resumed ends on the bits of one that was not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from helpers.training import StopAt, bits, blobs, full_recipe, small_net
from whynet import SGD, Adam, RMSProp, Sequential
from whynet.errors import ConfigError
from whynet.optim import Constant, ReduceOnPlateau
from whynet.train import Callback, Checkpoint

IMAGES, LABELS = blobs(50)
VALIDATION = blobs(20, seed=1)

RULES = {
    "adamw": {},
    "plain": {"optimizer": SGD(lr=0.1)},
    "nesterov": {"optimizer": SGD(lr=0.05, momentum=0.9, nesterov=True)},
    "rmsprop": {"optimizer": RMSProp(lr=0.005)},
    "plateau": {"schedule": ReduceOnPlateau(patience=1, threshold=0.5), "optimizer": Adam(lr=0.01)},
}


def uninterrupted(**changed) -> tuple[bytes, list[float]]:
    net = small_net()
    history = net.train(IMAGES, LABELS, full_recipe(**changed), validation=VALIDATION, threads=1)
    return bits(net), [*history["cost"], *history["validation_cost"], *history["lr"]]


@pytest.mark.parametrize("updates", [1, 2, 3, 4, 6, 8])
def test_stopped_saved_loaded_and_resumed(updates: int, tmp_path: Path) -> None:
    """Three batches an epoch: 3 and 6 are between epochs, the others in the middle of one."""
    net = small_net()
    history = net.train(
        IMAGES,
        LABELS,
        full_recipe(),
        validation=VALIDATION,
        callbacks=[StopAt(updates)],
        threads=2,
    )
    assert len(history) == updates // 3
    net.save(tmp_path / "half.safetensors")

    again = Sequential.load(tmp_path / "half.safetensors")
    assert again.training_state is not None
    assert (again.training_state.epoch, again.training_state.batch) == divmod(updates, 3)
    history = again.train(
        IMAGES, LABELS, again.card.recipe, validation=VALIDATION, threads=1, resume=True
    )
    assert (bits(again), [*history["cost"], *history["validation_cost"], *history["lr"]]) == (
        uninterrupted()
    )
    assert again.card.history is history
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_goes_on_where_it_was(rule: str, tmp_path: Path) -> None:
    net = small_net()
    recipe = full_recipe(**RULES[rule])
    net.train(IMAGES, LABELS, recipe, validation=VALIDATION, callbacks=[StopAt(5)], threads=1)
    net.save(tmp_path / "half.safetensors")
    again = Sequential.load(tmp_path / "half.safetensors")
    assert again.card.recipe == recipe
    again.train(IMAGES, LABELS, recipe, validation=VALIDATION, threads=1, resume=True)
    assert bits(again) == uninterrupted(**RULES[rule])[0]


def test_a_finished_run_can_be_prolonged(tmp_path: Path) -> None:
    """Where the schedule does not look at the end, more epochs are as if asked for at once."""
    steady = {"schedule": Constant()}
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(epochs=2, **steady), threads=1)
    net.save(tmp_path / "two.safetensors")
    again = Sequential.load(tmp_path / "two.safetensors")
    again.train(IMAGES, LABELS, full_recipe(epochs=3, **steady), threads=1, resume=True)
    whole = small_net()
    whole.train(IMAGES, LABELS, full_recipe(epochs=3, **steady), threads=1)
    assert bits(again) == bits(whole)


def test_a_finished_run_stays_finished() -> None:
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(), threads=1)
    before = bits(net)
    history = net.train(IMAGES, LABELS, full_recipe(), threads=1, resume=True)
    assert bits(net) == before
    assert len(history) == 3


def test_without_resume_training_begins_anew() -> None:
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(), threads=1)
    history = net.train(IMAGES, LABELS, full_recipe(epochs=1), threads=1)
    assert len(history) == 1


def test_nothing_to_resume() -> None:
    with pytest.raises(ConfigError, match="expected a model with a training state to resume"):
        small_net().train(IMAGES, LABELS, full_recipe(), resume=True)


def test_another_rule_cannot_take_over(tmp_path: Path) -> None:
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(epochs=1), threads=1)
    momentum = full_recipe(optimizer=SGD(momentum=0.9))
    with pytest.raises(ConfigError) as caught:
        net.train(IMAGES, LABELS, momentum, threads=1, resume=True)
    assert str(caught.value) == (
        "expected to resume with what SGD remembers (velocity), got mean, squares, steps"
    )


class Interrupt(Callback):
    """Presses Ctrl-C in the middle of training."""

    def __init__(self, updates: int) -> None:
        self.updates = updates

    def on_batch_end(self, run) -> None:
        self.updates -= 1
        if self.updates == 0:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_ends_after_the_batch_and_can_be_resumed() -> None:
    net = small_net()
    before = signal.getsignal(signal.SIGINT)
    net.train(IMAGES, LABELS, full_recipe(), callbacks=[Interrupt(4)], threads=1)
    assert signal.getsignal(signal.SIGINT) is before
    assert (net.training_state.epoch, net.training_state.batch) == (1, 1)
    net.train(IMAGES, LABELS, full_recipe(), threads=1, resume=True)
    assert bits(net) == uninterrupted()[0]


def test_the_second_ctrl_c_ends_at_once() -> None:
    class Twice(Callback):
        def on_batch_end(self, run) -> None:
            signal.raise_signal(signal.SIGINT)
            assert run.stopped == "interrupted"
            signal.raise_signal(signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        small_net().train(IMAGES, LABELS, full_recipe(), callbacks=[Twice()], threads=1)
    assert signal.getsignal(signal.SIGINT) is before


SCRIPT = """
import sys, time
from helpers.training import blobs, full_recipe, small_net
from whynet.train import Callback, Checkpoint

class Slowly(Callback):
    def on_batch_end(self, run):
        print(run.state.epoch, run.state.batch, flush=True)
        time.sleep(0.05)
    def on_train_end(self, run):
        print("ended:", run.stopped, flush=True)

net = small_net()
keep = Checkpoint(lambda run: net.save(sys.argv[1]), every=0)
net.train(*blobs(50), full_recipe(), validation=blobs(20, seed=1), callbacks=[keep, Slowly()],
          threads=2)
"""


def start(path: Path) -> subprocess.Popen:
    path_of_tests = str(Path(__file__).parents[1])
    search = os.pathsep.join(filter(None, [path_of_tests, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path)],
        env={**os.environ, "PYTHONPATH": search},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX systems")
@pytest.mark.parametrize("number", ["SIGINT", "SIGKILL"])
@pytest.mark.parametrize("lines", [1, 4, 6])
def test_a_process_that_was_stopped_leaves_a_file_to_go_on_from(
    number: str, lines: int, tmp_path: Path
) -> None:
    path = tmp_path / "net.safetensors"
    with start(path) as process:
        for _ in range(lines):
            assert process.stdout.readline(), process.stderr.read()
        time.sleep(0.01 * lines)  # somewhere in the next batch or in the pause
        process.send_signal(getattr(signal, number))
        said, errors = process.communicate(timeout=60)
    if number == "SIGINT":
        assert process.returncode == 0, errors
        assert said.splitlines()[-1] == "ended: interrupted"
        assert errors == ""
    else:
        assert process.returncode == -signal.SIGKILL

    net = Sequential.load(path)
    done = net.training_state.epoch * 3 + net.training_state.batch
    assert lines <= done < 9, "it was stopped in the middle, and little was lost"
    net.train(IMAGES, LABELS, net.card.recipe, validation=VALIDATION, threads=1, resume=True)
    assert bits(net) == uninterrupted()[0]


def test_training_outside_the_main_thread_leaves_signals_alone() -> None:
    import threading

    before = signal.getsignal(signal.SIGINT)
    seen, net = [], small_net()

    class Look(Callback):
        def on_batch_end(self, run) -> None:
            seen.append(signal.getsignal(signal.SIGINT))

    work = threading.Thread(
        target=net.train,
        args=(IMAGES, LABELS, full_recipe(epochs=1)),
        kwargs={"callbacks": [Look()]},
    )
    work.start()
    work.join()
    assert set(seen) == {before}


def test_a_checkpoint_is_there_from_the_first_moment(tmp_path: Path) -> None:
    net = small_net()
    first = bits(net)
    path = tmp_path / "net.safetensors"
    found = []

    class Look(Callback):
        def on_train_begin(self, run) -> None:
            found.append(bits(Sequential.load(path)))

    keep = Checkpoint(lambda run: net.save(path), every=1e9)
    net.train(IMAGES, LABELS, full_recipe(epochs=1), callbacks=[keep, Look()], threads=1)
    assert found == [first]
    assert bits(Sequential.load(path)) == bits(net)
    assert np.isfinite(net.parameters).all()
