"""Training by a team: the same bits by any kind, in any program, and all in order afterwards."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from helpers.processes import alive, children, kill, until
from helpers.training import StopAt, bits, blobs, full_recipe, small_net
from whynet import SGD, Adam, AdamW, RMSProp, Sequential
from whynet.errors import WorkerError
from whynet.nn import BatchNormalization, Conv2D, Dense, Dropout, Flatten, ReLU
from whynet.optim.optimizer import OPTIMIZERS
from whynet.train import Callback, EarlyStopping, shards
from whynet.train.team import possible

needs_fork = pytest.mark.skipif(not possible(), reason="processes are not made by fork here")
KINDS = ["threads", pytest.param("processes", marks=needs_fork)]

IMAGES, LABELS = blobs(50)
VALIDATION = blobs(20, seed=1)
SMALL = {"WORTHWHILE": 0, "SMALLEST": 8}
"""Shards of 8, so that a batch of 20 has three and the last one, of 10, has two."""


@pytest.fixture(autouse=True)
def _small_shards(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in SMALL.items():
        monkeypatch.setattr(shards, name, value)
    yield
    if possible():
        assert not children(os.getpid())


def double_net() -> Sequential:
    """In float64, with two batch normalisations and dropout between convolutions."""
    layers = [
        Conv2D(3, 3, use_bias=False),
        BatchNormalization(),
        ReLU(),
        Dropout(0.3),
        Conv2D(4, 3),
        BatchNormalization(),
        ReLU(),
        Flatten(),
        Dropout(0.2),
        Dense(3),
    ]
    return Sequential(layers, (8, 8, 1), seed=5, dtype=np.float64)


def trained(net: Sequential, threads: int, workers: str, **options: object) -> bytes:
    net.train(IMAGES, LABELS, full_recipe(**options), threads=threads, workers=workers)
    memory = net.training_state.memory
    return bits(net) + b"".join(memory[name].tobytes() for name in sorted(memory))


RULES = {
    "sgd": SGD(lr=0.1),
    "momentum": SGD(lr=0.05, momentum=0.9),
    "nesterov": SGD(lr=0.05, momentum=0.9, nesterov=True),
    "rmsprop": RMSProp(lr=0.005),
    "adam": Adam(lr=0.01),
    "adamw": AdamW(lr=0.01),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("make", [small_net, double_net])
def test_every_rule_on_every_team(rule: str, make: Callable[[], Sequential]) -> None:
    """Weights, running means and what the rule remembers."""
    alone = trained(make(), 1, "auto", optimizer=RULES[rule], epochs=2)
    for workers in ("threads", "processes") if possible() else ("threads",):
        for threads in (2, 4):
            assert trained(make(), threads, workers, optimizer=RULES[rule], epochs=2) == alone


TEAMS = [(1, "auto"), (2, "threads"), (2, "processes"), (3, "processes")]


@needs_fork
@pytest.mark.parametrize("first", TEAMS, ids=str)
@pytest.mark.parametrize("then", TEAMS, ids=str)
def test_one_team_goes_on_where_another_stopped(
    first: tuple[int, str], then: tuple[int, str]
) -> None:
    whole, parts = double_net(), double_net()
    whole.train(IMAGES, LABELS, full_recipe(epochs=2), threads=1)
    for updates, (threads, workers) in ((2, first), (100, then)):
        parts.train(
            *(IMAGES, LABELS, full_recipe(epochs=2)),
            callbacks=[StopAt(updates)],
            threads=threads,
            workers=workers,
            resume=updates == 100,
        )
    assert bits(parts) == bits(whole)


class Halve(Callback):
    """Changes the weights between updates, as callbacks may."""

    def on_batch_end(self, run) -> None:
        if run.state.batch == 2:
            run.network.parameters *= np.float32(0.5)
            run.network.state += np.float32(0.25)


@pytest.mark.parametrize("workers", KINDS)
def test_all_members_see_what_callbacks_do_to_the_weights(workers: str) -> None:
    nets = small_net(), small_net(), small_net()
    plain = nets[2]
    for net, threads in ((nets[0], 1), (nets[1], 3)):
        net.train(
            *(IMAGES, LABELS, full_recipe()), callbacks=[Halve()], threads=threads, workers=workers
        )
    plain.train(IMAGES, LABELS, full_recipe(), threads=1)
    assert bits(nets[0]) == bits(nets[1]) != bits(plain)


@pytest.mark.parametrize("workers", KINDS)
def test_the_best_weights_come_back(workers: str) -> None:
    nets = small_net(), small_net()
    for net, threads in zip(nets, (1, 2), strict=True):
        net.train(
            *(IMAGES, LABELS, full_recipe(optimizer=SGD(lr=3.0), epochs=8)),
            validation=VALIDATION,
            callbacks=[EarlyStopping(2)],
            threads=threads,
            workers=workers,
        )
    assert bits(nets[0]) == bits(nets[1])


@pytest.mark.parametrize("workers", KINDS)
def test_another_run_sees_its_own_pictures(workers: str) -> None:
    nets = small_net(), small_net()
    for net, threads in zip(nets, (1, 2), strict=True):
        images = IMAGES.copy()
        for _ in range(3):
            net.train(images, LABELS, full_recipe(epochs=1), threads=threads, workers=workers)
            images[:] = images[::-1] // 2
    assert bits(nets[0]) == bits(nets[1])


@pytest.mark.parametrize("workers", KINDS)
def test_two_trainings_at_once_beside_other_threads(workers: str) -> None:
    """As in a server: neither runs in the main thread, and others predict meanwhile."""
    expected = trained(small_net(), 1, "auto")
    found, stop = [], threading.Event()
    asked = small_net()

    def predict() -> None:
        while not stop.is_set():
            asked.predict(IMAGES, threads=1)

    def train() -> None:
        found.extend(trained(small_net(), 2, workers) for _ in range(2))

    others = threading.Thread(target=predict)
    trainings = [threading.Thread(target=train) for _ in range(2)]
    others.start()
    for thread in trainings:
        thread.start()
    for thread in trainings:
        thread.join(100)
    stop.set()
    others.join(10)
    assert found == [expected] * 4


@needs_fork
def test_where_no_process_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = trained(small_net(), 1, "auto")

    def fork() -> int:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(os, "fork", fork)
    net = small_net()
    assert trained(net, 3, "processes") == expected
    net.parameters[...] = 0  # ordinary memory of the net's own
    assert not small_net().training_state


@pytest.mark.parametrize("workers", KINDS)
def test_a_callback_that_raises(workers: str) -> None:
    class Bad(Callback):
        def on_batch_end(self, run) -> None:
            if run.state.batch == 2:
                raise ZeroDivisionError("in a callback")

    net, same = small_net(), small_net()
    with pytest.raises(ZeroDivisionError, match="in a callback"):
        net.train(IMAGES, LABELS, full_recipe(), callbacks=[Bad()], threads=2, workers=workers)
    # Nothing was lost: the update before it is whole, and can be gone on from.
    assert (net.training_state.epoch, net.training_state.batch) == (0, 2)
    net.train(IMAGES, LABELS, full_recipe(), threads=2, workers=workers, resume=True)
    same.train(IMAGES, LABELS, full_recipe(), threads=1)
    assert bits(net) == bits(same)


class InTheMiddle(SGD):
    """Fails in a certain update, when half of the parameters have been written."""

    error: type[BaseException] = KeyboardInterrupt
    calls = 0

    def update(self, parameters, gradient, memory, **options) -> None:
        super().update(parameters, gradient, memory, **options)
        type(self).calls += 1
        if type(self).calls == 5:
            raise self.error("in the middle")


OPTIMIZERS.pop("inthemiddle")  # for nobody to choose by name


@pytest.mark.parametrize(("threads", "workers"), [(1, "auto"), (2, "threads"), (2, "processes")])
def test_an_update_cut_short_is_taken_back(threads: int, workers: str) -> None:
    """To the end of the last epoch, whence training goes on to the same bits."""
    if workers == "processes" and not possible():
        pytest.skip("processes are not made by fork here")
    InTheMiddle.calls = 0
    net, same = small_net(), small_net()
    recipe = full_recipe(optimizer=SGD(lr=0.1, momentum=0.9))
    with pytest.raises(KeyboardInterrupt):
        net.train(
            *(IMAGES, LABELS, full_recipe(optimizer=InTheMiddle(lr=0.1, momentum=0.9))),
            threads=threads,
            workers=workers,
        )
    assert (net.training_state.epoch, net.training_state.batch) == (1, 0)
    net.train(IMAGES, LABELS, recipe, threads=1, resume=True)
    same.train(IMAGES, LABELS, recipe, threads=1)
    assert bits(net) == bits(same)


@needs_fork
@pytest.mark.parametrize("moment", ["on_train_begin", "on_batch_end", "on_epoch_end"])
def test_a_worker_that_is_killed(moment: str) -> None:
    class Kill(Callback):
        done = False

        def strike(self, run) -> None:
            if not self.done and (moment == "on_train_begin" or run.state.epoch == 1):
                self.done = True
                kill(max(children(os.getpid())))

    setattr(Kill, moment, Kill.strike)
    net, same = small_net(), small_net()
    began = time.monotonic()
    with pytest.raises(WorkerError, match="a worker process was ended by SIGKILL"):
        net.train(
            *(IMAGES, LABELS, full_recipe()), callbacks=[Kill()], threads=3, workers="processes"
        )
    assert time.monotonic() - began < 10
    assert net.training_state.batch == 0
    net.train(IMAGES, LABELS, full_recipe(), threads=2, resume=True)
    same.train(IMAGES, LABELS, full_recipe(), threads=1)
    assert bits(net) == bits(same)


# -- programs -------------------------------------------------------------------------------

SCRIPT = """
import sys
import numpy as np
from helpers.training import bits, blobs, full_recipe, small_net
from whynet.train import Callback, shards

shards.WORTHWHILE, shards.SMALLEST = 0, 8
{before}
net = small_net()
net.train(*blobs(50), full_recipe(), threads=2, workers="processes", callbacks=[{callback}])
{after}
print(net.parameters.tobytes().hex())
"""


def script(before: str = "", callback: str = "Callback()", after: str = "") -> str:
    return SCRIPT.format(before=before, callback=callback, after=after)


def start(how: list[str], **options) -> subprocess.Popen:
    search = os.pathsep.join(
        filter(None, [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH")])
    )
    return subprocess.Popen(
        [sys.executable, *how],
        env={**os.environ, "PYTHONPATH": search, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


@needs_fork
@pytest.mark.parametrize("how", ["file", "-c", "stdin", "strict"])
def test_a_program_without_a_guard(how: str, tmp_path: Path) -> None:
    """No `if __name__ == "__main__"`, and no importable main program at all."""
    text = script()
    path = tmp_path / "program.py"
    path.write_text(text)
    arguments = {
        "file": [str(path)],
        "-c": ["-c", text],
        "stdin": ["-"],
        "strict": ["-X", "dev", "-W", "error", str(path)],
    }[how]
    with start(arguments, stdin=subprocess.PIPE) as process:
        out, err = process.communicate(text if how == "stdin" else None, timeout=60)
    assert (process.returncode, err) == (0, "")
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(), threads=1)
    assert out.split() == [net.parameters.tobytes().hex()]


TELL = """
import os, time
class Tell(Callback):
    def on_batch_end(self, run):
        from helpers.processes import children
        print(os.getpid(), *children(os.getpid()), flush=True)
        time.sleep({pause})
    def on_train_end(self, run):
        print("ended:", run.stopped, flush=True)
"""


@needs_fork
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_members_leave_when_the_program_is_ended(number: signal.Signals) -> None:
    with start(["-c", script(TELL.format(pause=30), "Tell()")]) as process:
        assert process.stdout is not None
        owner, *members = map(int, process.stdout.readline().split())
        assert owner == process.pid
        assert len(members) == 1
        process.send_signal(number)
        process.wait(timeout=30)
        assert until(lambda: not any(map(alive, members)), 10)
        _, err = process.communicate(timeout=30)  # ends only when nobody holds the pipe open
    assert process.returncode == -number
    assert err == ""


@needs_fork
@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_in_a_terminal(presses: int) -> None:
    """Goes to the program and its workers alike."""
    text = script(TELL.format(pause=0.2), "Tell()")
    with start(["-c", text], start_new_session=True) as process:
        assert process.stdout is not None
        _, *members = map(int, process.stdout.readline().split())
        os.killpg(process.pid, signal.SIGINT)
        if presses == 2:
            time.sleep(0.05)
            os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert not any(map(alive, members))
    if presses == 1:
        assert (process.returncode, err) == (0, "")
        assert "ended: interrupted" in out
    else:
        assert process.returncode == -signal.SIGINT
        assert err.count("Traceback") == 1
        assert err.splitlines()[-1] == "KeyboardInterrupt"


@needs_fork
def test_nobody_reads_the_output() -> None:
    with start(["-c", script(TELL.format(pause=0), "Tell()")]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        err = process.stderr.read()  # ends only when no worker is left
        process.wait(timeout=60)
    assert process.returncode != 0
    assert err.count("Traceback") == 1
    assert "BrokenPipeError" in err
