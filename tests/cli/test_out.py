"""What lies at --out already: a model is not lost to a training that learns nothing."""

import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.commands import command, environment
from whynet.cli.run import run
from whynet.sequential import Sequential


@pytest.fixture
def model(few: Path, tmp_path: Path) -> Path:
    """A finished model."""
    out = tmp_path / "net.safetensors"
    assert train(few, out, "--epochs", 2, "--quiet") == 0
    return out


def train(data: Path, out: Path, *options: object) -> int:
    base = ["train", "--data", str(data), "--model", "perceptron", "--out", str(out)]
    return run([*base, *map(str, options)])


def test_a_finished_model_is_replaced_with_a_note(
    model: Path, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train(few, model, "--epochs", 1) == 0
    assert capsys.readouterr().err == f"note: replacing {model} (perceptron on {few}, 2 epochs)\n"
    assert len(Sequential.load(model).card.history) == 1


def test_a_training_that_diverges_at_once_leaves_the_model(
    model: Path, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = model.read_bytes()
    assert train(few, model, "--optimizer", "sgd", "--lr", "1e38", "--cost", "quadratic") == 1
    assert "learning rate ten times smaller" in capsys.readouterr().err
    assert model.read_bytes() == before


def test_so_it_does_when_it_was_saved_on_the_way(
    model: Path, few: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from whynet.cli.train import Keeper
    from whynet.train.loop import Training

    before = model.read_bytes()
    keepers = []

    def save(self: Keeper, run: Training) -> None:
        self._net.save(self._out)
        self.saved = True
        keepers.append(self)

    monkeypatch.setattr(Keeper, "save", save)
    assert train(few, model, "--optimizer", "sgd", "--lr", "1e38", "--cost", "quadratic") == 1
    assert keepers
    assert model.read_bytes() == before


def test_a_net_that_cannot_be_trained_leaves_the_model(
    model: Path, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = model.read_bytes()
    steps = tmp_path / "steps.toml"
    steps.write_text(
        '[net]\nlayers = [{type="Flatten"}, {type="Dense", units="classes"}, {type="Step"}]\n'
        '[recipe]\ncost = "quadratic"\noptimizer = {type="sgd"}\n'
    )
    assert run(["train", "--data", str(few), "--model", str(steps), "--out", str(model)]) == 2
    capsys.readouterr()
    assert model.read_bytes() == before


def test_after_divergence_a_new_file_is_no_hindrance(few: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    assert train(few, out, "--optimizer", "sgd", "--lr", "1e38", "--cost", "quadratic") == 1
    assert train(few, out, "--epochs", 1) == 0


def test_an_unfinished_training_is_not_replaced(
    few: Path, little: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    job = command("train", "--data", few, "--model", little, "--epochs", 500, "--out", out)
    with subprocess.Popen(
        job, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as training:
        assert training.stdout is not None
        for line in training.stdout:
            if line.startswith("epoch   1/"):
                training.send_signal(signal.SIGINT)
                break
        training.communicate()
    before = out.read_bytes()
    assert train(few, out) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "--resume" in told
    assert "of 500" in told
    assert out.read_bytes() == before


def test_a_strangers_file_is_never_replaced(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Ada")
    assert train(few, letter) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "is not a model" in told
    assert letter.read_text() == "Dear Ada"


def test_resuming_nothing_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", "--resume", "--out", str(tmp_path / "gone")]) == 2
    told = capsys.readouterr().err
    assert "leave --resume out" in told
    assert "--out" in told


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Pictures of various sizes in two classes."""
    random = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(12):
            height, width = random.integers(20, 60, 2)
            pixels = random.integers(0, 256, (height, width, 3), np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path / "photos"


def test_pictures_of_various_sizes(
    photos: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "photos.safetensors"
    assert train(photos, out, "--epochs", 1) == 2
    assert "--size" in capsys.readouterr().err
    assert train(photos, out, "--epochs", 1, "--size", "16x24") == 0
    assert Sequential.load(out).input_shape == (16, 24, 3)
    assert run(["evaluate", str(out)]) == 0
    assert run(["train", "--resume", "--epochs", "2", "--out", str(out)]) == 0
    assert run(["data", "show", str(photos), "--size", "16"]) == 0
    assert "16×16, RGB" in capsys.readouterr().out
    assert run(["train", "--resume", "--size", "16", "--out", str(out)]) == 2
    assert "16x24" in capsys.readouterr().err


@pytest.mark.parametrize("size", ["0", "big", "1x2x3", "-4", "99999999999", "x"])
def test_sizes_that_are_none(size: str, photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "show", str(photos), f"--size={size}"]) == 2
    assert capsys.readouterr().err.startswith("whynet: --size: expected pixels such as 28")


def test_only_folders_are_brought_to_a_size(few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "show", str(few), "--size", "32"]) == 2
    assert "expected a folder of pictures" in capsys.readouterr().err


def test_other_pictures_than_before_cannot_be_gone_on_with(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = tmp_path / "data.npz", tmp_path / "net.safetensors"
    data.write_bytes(few.read_bytes())
    assert train(data, out, "--epochs", 1, "--quiet") == 0
    labels = np.arange(480) % 10
    np.savez(data, x_train=np.zeros((480, 20, 20), np.uint8), y_train=labels)
    capsys.readouterr()
    assert run(["train", "--resume", "--epochs", "2", "--out", str(out)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "20×20 grey" in told


@pytest.mark.parametrize("here", [True, False])
def test_mnist_is_offered_where_it_is(
    here: bool,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WHYNET_DATA", str(data_dir if here else tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    options = ["--model", "perceptron", "--epochs", "0", "--examples", "20"]
    monkeypatch.setattr("whynet.data.sources.SOURCES", _small())
    assert run(["train", *options, "--out", str(tmp_path / "net")]) == 0
    told = capsys.readouterr().out
    assert ("--data mnist" in told) == here
    assert ("--confusion confusion.png" in told) != here


def _small() -> dict[str, object]:
    """The sets, with few drawn digits to test on."""
    from dataclasses import replace

    from whynet.data import SOURCES

    return {**SOURCES, "strokes": replace(SOURCES["strokes"], sizes=(20, 20))}
