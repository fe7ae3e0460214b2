"""A training that is broken off, in whatever way, ends on the bits of one that was not."""

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from helpers.commands import command, environment, whynet
from whynet.sequential import Sequential

EPOCHS = 30


def weights_agree(one: Path, other: Path) -> bool:
    a, b = load_file(one), load_file(other)
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.fixture(scope="module")
def whole(few: Path, little: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training that nobody interrupted."""
    out = tmp_path_factory.mktemp("whole") / "net.safetensors"
    ran = whynet(
        *("train", "--data", few, "--model", little, "--epochs", EPOCHS, "--out", out, "--quiet")
    )
    assert ran.code == 0, ran.err
    return out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_broken_off_and_resumed(
    number: signal.Signals, whole: Path, few: Path, little: Path, tmp_path: Path
) -> None:
    out = tmp_path / "net.safetensors"
    job = command("train", "--data", few, "--model", little, "--epochs", EPOCHS, "--out", out)
    with subprocess.Popen(
        job, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as training:
        assert training.stdout is not None
        assert training.stderr is not None
        for line in training.stdout:
            if line.startswith("epoch  2/"):
                training.send_signal(number)
                break
        training.stdout.read()
        complaint = training.stderr.read()
    if number is signal.SIGINT:
        assert training.returncode == 130
        assert complaint.count("\n") == 1
        assert f"whynet train --resume --out {out}" in complaint
    done = len(Sequential.load(out).card.history)
    assert 1 <= done < EPOCHS
    ran = whynet("train", "--resume", "--out", out, "--json", "--threads", 1)
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["epochs"] == EPOCHS
    assert weights_agree(out, whole)
    assert len(Sequential.load(out).card.history) == EPOCHS


def test_more_epochs_are_as_good_as_all_at_once(few: Path, tmp_path: Path) -> None:
    base = ("train", "--data", few, "--model", "perceptron", "--quiet")
    for name, epochs in (("parts", 2), ("whole", 4)):
        assert whynet(*base, "--epochs", epochs, "--out", name, folder=tmp_path).code == 0
    ran = whynet("train", "--resume", "--epochs", 4, "--out", "parts", folder=tmp_path)
    assert ran.code == 0
    assert weights_agree(tmp_path / "parts", tmp_path / "whole")


@pytest.mark.parametrize(
    "options",
    [
        ("--lr", 0.5),
        ("--optimizer", "adam"),
        ("--seed", 3),
        ("--epochs", 5),
        ("--model", "mlp"),
        ("--data", "strokes"),
        ("--examples", 100),
        ("--no-augment",),
    ],
)
def test_options_may_not_contradict_the_recipe(
    options: tuple[object, ...], whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from whynet.cli.run import run

    before = whole.read_bytes()
    code = run(["train", "--resume", "--out", str(whole), *map(str, options)])
    told = capsys.readouterr()
    assert code == 2
    assert told.err.count("\n") == 1
    assert whole.read_bytes() == before
