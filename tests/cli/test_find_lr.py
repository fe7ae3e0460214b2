"""`whynet train --find-lr`: what it prints, and that it leaves nothing behind."""

import json
import shlex
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from helpers.commands import command, environment, whynet
from whynet.cli.find_lr import curve
from whynet.cli.run import run
from whynet.sequential import Sequential
from whynet.train import RangeTest

DOCUMENT = {
    "model": str,
    "data": str,
    "rates": list,
    "costs": list,
    "smoothed": list,
    "suggested": float,
    "steepest": float,
    "diverged_at": float,
}


def test_json_is_the_contract(few: Path, tmp_path: Path) -> None:
    options = ("train", "--find-lr", "--data", few, "--model", "perceptron", "--json")
    ran = whynet(*options, "--threads", 1, folder=tmp_path)
    assert ran.code == 0, ran.err
    assert ran.out.count("\n") == 1
    told = json.loads(ran.out)
    assert {name: type(value) for name, value in told.items()} == DOCUMENT
    assert (told["model"], told["data"]) == ("perceptron", str(few))
    assert len(told["rates"]) == len(told["costs"]) == len(told["smoothed"]) > 100
    assert told["rates"] == sorted(told["rates"])
    assert told["steepest"] < told["suggested"] < told["diverged_at"] == told["rates"][-1]
    assert "suggested learning rate" in ran.err  # for people, on the other stream
    assert list(tmp_path.iterdir()) == []
    ran = whynet(*options, "--threads", 2, "--quiet", folder=tmp_path)
    assert ran.err == ""
    assert json.loads(ran.out) == told


def test_people_get_a_curve_and_a_command_that_works(few: Path, tmp_path: Path) -> None:
    (tmp_path / "a few.npz").write_bytes(few.read_bytes())
    ran = whynet(
        *("train", "--find-lr", "--data", "a few.npz", "--model", "mlp", "--batch-size", 16),
        *("--optimizer", "sgd,momentum=0.5", "--no-augment", "--seed", 3, "--out", "my net"),
        folder=tmp_path,
    )
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    lines = ran.out.splitlines()
    *drawn, last = lines
    assert max(map(len, drawn)) <= 80
    assert sum("*" in line for line in lines) >= 5
    suggested = next(line for line in lines if line.startswith("suggested")).split()[-1]
    words = shlex.split(last)
    assert words == [
        *("whynet", "train", "--data", "a few.npz", "--model", "mlp", "--out", "my net"),
        *("--batch-size", "16", "--optimizer", "sgd,momentum=0.5", "--seed", "3"),
        *("--no-augment", "--lr", suggested),
    ]
    assert not (tmp_path / "my net").exists()
    ran = whynet(*words[1:], "--epochs", 1, folder=tmp_path)
    assert ran.code == 0, ran.err
    recipe = Sequential.load(tmp_path / "my net").card.recipe
    assert recipe is not None
    assert recipe.optimizer.lr == float(suggested)


@pytest.mark.parametrize("content", [b"", b"a letter"])
def test_whatever_lies_at_out_stays(content: bytes, few: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    out.write_bytes(content)
    base = ["train", "--find-lr", "--data", str(few), "--model", "perceptron", "--quiet"]
    assert run([*base, "--out", str(out)]) == 0
    assert out.read_bytes() == content


@pytest.mark.parametrize(
    "options",
    [
        ("--resume",),
        ("--epochs", "3"),
        ("--lr", "0.1"),
        ("--schedule", "constant"),
        ("--early-stopping", "2"),
        ("--log", "log.csv"),
    ],
)
def test_options_of_a_training_are_refused(
    options: tuple[str, ...], few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "--find-lr", "--data", str(few), *options]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == (
        f"whynet: --find-lr looks for a rate and trains nothing: leave {options[0]} "
        "to the training that follows\n"
    )


def test_ctrl_c_ends_it_cleanly(few: Path, tmp_path: Path) -> None:
    """A test of some minutes, so that it is surely under way."""
    job = command(
        *("train", "--find-lr", "--data", few, "--model", "lenet", "--batch-size", 1),
        *("--threads", 1),
    )
    with subprocess.Popen(
        job,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(PYTHONUNBUFFERED="1"),
        cwd=tmp_path,
        # Programs in the background are started with SIGINT ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as testing:
        assert testing.stdout is not None
        assert testing.stdout.readline().startswith("trying learning rates on lenet")
        testing.send_signal(signal.SIGINT)
        _, complaint = testing.communicate(timeout=60)
    assert testing.returncode == 130
    assert complaint.startswith("whynet: interrupted")
    assert complaint.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_suggestion_is_one_sentence(tmp_path: Path) -> None:
    """White pictures with labels that mean nothing."""
    data = tmp_path / "white.npz"
    np.savez(data, x_train=np.zeros((1200, 28, 28), np.uint8), y_train=np.tile(np.arange(10), 120))
    ran = whynet("train", "--find-lr", "--data", data, "--model", "perceptron", "--json")
    assert ran.code == 1
    told = json.loads(ran.out)
    assert told["suggested"] is None
    assert told["steepest"] is None
    assert ran.err.splitlines()[-1].startswith("whynet: the cost fell at no learning rate from")
    assert "Traceback" not in ran.err


def test_the_curve_shows_the_fall_and_the_suggestion() -> None:
    rates = tuple(10.0**power for power in np.linspace(-4, 0, 100))
    smoothed = tuple(2.0 if rate < 1e-2 else 1.0 if rate < 0.5 else 1e9 for rate in rates)
    test = RangeTest(rates, smoothed, smoothed, 0.01, 0.03, 1.0)
    drawn = curve(test)
    assert "2.1" in drawn[0]
    assert "*" not in drawn[0]  # what ran away would press all else flat
    assert sum("[green]|[/]" in row for row in drawn[:9]) == 8  # and a point of the curve
    assert drawn[8].split("|")[0].strip() == "1"
    assert drawn[-1].split() == ["0.0001", "0.001", "0.01", "0.1", "1"]


@pytest.mark.parametrize("costs", [(1.0,), (1.0, 1.0), (1e-300, 1e300)])
def test_any_curve_can_be_drawn(costs: tuple[float, ...]) -> None:
    rates = tuple(10.0**power for power in range(len(costs)))
    assert len(curve(RangeTest(rates, costs, costs, None, None, None))) == 11
