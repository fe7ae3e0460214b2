"""`whynet train` with worker processes: Ctrl-C, and workers that are killed."""

import os
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from helpers.commands import command, environment, whynet
from helpers.processes import alive, children, kill, until
from whynet.sequential import Sequential
from whynet.train.team import possible

pytestmark = pytest.mark.skipif(not possible(), reason="processes are not made by fork here")

EPOCHS = 12


def training(few: Path, out: Path) -> list[str]:
    """LeNet's batches of 64 are cut in two, for two workers."""
    return command(
        *("train", "--data", few, "--model", "lenet", "--epochs", EPOCHS, "--out", out),
        *("--threads", 2),
    )


@pytest.fixture(scope="module")
def whole(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training by one worker that nobody interrupted."""
    out = tmp_path_factory.mktemp("whole") / "net.safetensors"
    ran = whynet(*training(few, out)[3:-2], "--quiet", "--threads", 1)
    assert ran.code == 0, ran.err
    return out


def start(job: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        job,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        start_new_session=True,  # a terminal's Ctrl-C goes to the command and its workers alike
    )


def follow(process: subprocess.Popen[str], line: str) -> list[int]:
    """Wait until a line is printed; return the workers."""
    assert process.stdout is not None
    for printed in process.stdout:
        if printed.startswith(line):
            break
    found = sorted(children(process.pid))
    assert len(found) == 1, "one worker besides the command itself"
    return found


def goes_on_to(whole: Path, out: Path, threads: int) -> None:
    done = len(Sequential.load(out).card.history)
    assert 1 <= done < EPOCHS
    ran = whynet("train", "--resume", "--out", out, "--quiet", "--threads", threads)
    assert ran.code == 0, ran.err
    a, b = load_file(out), load_file(whole)
    assert a.keys() == b.keys()
    assert all(np.array_equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c(presses: int, whole: Path, few: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    with start(training(few, out)) as process:
        workers = follow(process, "epoch  2/")
        for _ in range(presses):
            os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.count("\n") == 1
    assert f"whynet train --resume --out {out}" in err
    assert not any(map(alive, workers))
    goes_on_to(whole, out, threads=presses)


def test_a_killed_worker(whole: Path, few: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    with start(training(few, out)) as process:
        workers = follow(process, "epoch  3/")
        kill(workers[0])
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1, "nothing is wrong with the request: not 2"
    assert err == (
        "whynet: a worker process was ended by SIGKILL, perhaps for want of memory; "
        f"--threads 1 (threads=1) does without them; {out} keeps the training, and "
        f"`whynet train --resume --out {out}` goes on with it\n"
    )
    goes_on_to(whole, out, threads=1)


def test_the_command_is_killed(whole: Path, few: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    with start(training(few, out)) as process:
        workers = follow(process, "epoch  2/")
        process.kill()
        process.wait(timeout=60)
        assert until(lambda: not any(map(alive, workers)), 10)
        process.communicate(timeout=60)
    goes_on_to(whole, out, threads=2)
