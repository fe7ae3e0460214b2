"""`whynet train`: what it prints, where, and what it leaves behind."""

import csv
import json
from pathlib import Path

import pytest

from helpers.commands import whynet
from whynet.sequential import Sequential

TRAIN = {
    "model": str,
    "data": str,
    "parameters": int,
    "epochs": int,
    "seconds": float,
    "seed": int,
    "validation_accuracy": float,
    "test_accuracy": float,
    "donors": int,
    "donors_seconds": float,
    "out": str,
}


def test_json_is_the_contract(few: Path, tmp_path: Path) -> None:
    ran = whynet(
        *("train", "--data", few, "--model", "perceptron", "--epochs", 2, "--seed", 7, "--json"),
        folder=tmp_path,
    )
    assert ran.code == 0
    assert ran.out.count("\n") == 1
    told = json.loads(ran.out)
    assert {name: type(value) for name, value in told.items()} == TRAIN
    assert told["model"] == "perceptron"
    assert told["data"] == str(few)
    assert (told["parameters"], told["epochs"], told["seed"]) == (7850, 2, 7)
    assert 0 < told["test_accuracy"] <= 1
    assert told["out"] == "whynet-perceptron-few.safetensors"
    card = Sequential.load(tmp_path / told["out"]).card
    assert card.figures["test_accuracy"] == told["test_accuracy"]
    assert card.figures["validation_accuracy"] == told["validation_accuracy"]
    assert (card.data, card.model, card.preparation) == (str(few), "perceptron", "digit")
    assert card.recipe is not None
    assert (card.recipe.seed, card.recipe.epochs) == (7, 2)
    lines = [line for line in ran.err.splitlines() if line.startswith("epoch")]
    assert len(lines) == 2  # for people, on the other stream


def test_piped_it_prints_a_line_an_epoch(few: Path, little: Path, tmp_path: Path) -> None:
    (tmp_path / "few.npz").write_bytes(few.read_bytes())
    ran = whynet("train", "--data", "few.npz", "--model", little, folder=tmp_path)
    assert ran.code == 0
    assert ran.err == ""
    assert "\x1b" not in ran.out
    assert "\r" not in ran.out
    lines = ran.out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("epoch")] == ["1/3", "2/3", "3/3"]
    assert max(map(len, lines)) <= 80
    assert "whynet predict whynet-little-few.safetensors picture.png" in ran.out
    assert (tmp_path / "whynet-little-few.safetensors").is_file()


def test_quiet_prints_nothing(few: Path, tmp_path: Path) -> None:
    options = ("train", "--data", few, "--model", "perceptron", "--epochs", 1, "--quiet")
    ran = whynet(*options, folder=tmp_path)
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    ran = whynet(*options, "--json", folder=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["epochs"] == 1


def test_options_override_the_preset(few: Path, tmp_path: Path) -> None:
    out, log = tmp_path / "net.safetensors", tmp_path / "log.csv"
    ran = whynet(
        *("train", "--data", few, "--model", "sigmoid-30", "--epochs", 3, "--batch-size", "full"),
        *("--optimizer", "sgd,momentum=0.5", "--lr", 0.25, "--schedule", "step,every=2"),
        *("--augment", "--examples", 240, "--out", out, "--log", log, "--threads", 1),
    )
    assert ran.code == 0, ran.err
    recipe = Sequential.load(out).card.recipe
    assert recipe is not None
    told = recipe.config()
    assert told["optimizer"]["lr"] == 0.25
    assert told["optimizer"]["momentum"] == 0.5
    assert told["schedule"] == {"type": "step", "every": 2, "gamma": 0.1}
    assert told["augment"]["shift"] == 1.5
    assert (told["batch_size"], told["epochs"], told["cost"]) == ("full", 3, "quadratic")
    with log.open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2", "3"]


def test_another_optimizer_begins_at_its_own_rate(few: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    ran = whynet(
        *("train", "--data", few, "--model", "sigmoid-30", "--optimizer", "adam", "--epochs", 0),
        *("--out", out, "--quiet"),
    )
    assert ran.code == 0
    recipe = Sequential.load(out).card.recipe
    assert recipe is not None
    assert recipe.optimizer.lr == 0.001


def test_advice_comes_as_notes(few: Path, tmp_path: Path) -> None:
    ran = whynet(
        *("train", "--data", few, "--model", "perceptron", "--epochs", 1, "--optimizer", "adam"),
        *("--lr", 0.5, "--json"),
        folder=tmp_path,
    )
    assert ran.code == 0
    assert ran.err.startswith("note: lr: 0.5 is far above")
    json.loads(ran.out)


def test_early_stopping_says_so(few: Path, tmp_path: Path) -> None:
    ran = whynet(
        *("train", "--data", few, "--model", "perceptron", "--epochs", 200, "--lr", 0.5),
        *("--early-stopping", 2, "--json"),
        folder=tmp_path,
    )
    told = json.loads(ran.out)
    assert ran.code == 0
    assert told["epochs"] < 200
    assert told["stopped"].startswith("no better validation_cost")


def test_divergence_is_one_sentence_and_exit_code_1(few: Path, tmp_path: Path) -> None:
    net = tmp_path / "wild.toml"
    net.write_text(
        '[net]\nlayers = [{type="Flatten"}, {type="Dense", units=50},'
        ' {type="Dense", units="classes"}]\n'
        '[recipe]\ncost = "quadratic"\noptimizer = {type="sgd", lr=1e6}\n'
    )
    ran = whynet("train", "--data", few, "--model", net, folder=tmp_path)
    assert ran.code == 1
    complaints = [line for line in ran.err.splitlines() if not line.startswith("note:")]
    assert len(complaints) == 1
    assert "learning rate ten times smaller" in complaints[0]
    assert "Traceback" not in ran.err


def test_data_without_a_test_part(few: Path, tmp_path: Path) -> None:
    import numpy as np

    with np.load(few) as arrays:
        np.savez(tmp_path / "train.npz", x_train=arrays["x_train"], y_train=arrays["y_train"])
    ran = whynet(
        *("train", "--data", "train.npz", "--model", "perceptron", "--epochs", 1, "--json"),
        folder=tmp_path,
    )
    assert ran.code == 0
    told = json.loads(ran.out)
    assert told["test_accuracy"] is None
    assert told["validation_accuracy"] > 0


@pytest.mark.parametrize("options", [(), ("--help",), ("train", "--help"), ("data", "--help")])
def test_help(options: tuple[str, ...]) -> None:
    ran = whynet(*options)
    assert ran.code == 0
    assert "Usage: whynet" in ran.out
    assert ran.err == ""


def test_version() -> None:
    from whynet import __version__

    assert whynet("--version").out == f"whynet {__version__}\n"


def test_an_empty_file_is_only_a_name(few: Path, tmp_path: Path) -> None:
    """As `mktemp` makes it: nothing is lost by writing there."""
    out = tmp_path / "made-before"
    out.touch()
    ran = whynet(
        *("train", "--data", few, "--model", "perceptron", "--epochs", 1, "--out", out),
        folder=tmp_path,
    )
    assert ran.code == 0, ran.err
    assert Sequential.load(out).card.model == "perceptron"
