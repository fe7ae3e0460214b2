"""`whynet train` leaves donors in the model file: where they are of use, and unless told not to."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from whynet.cli.console import Output
from whynet.cli.progress import share_bar
from whynet.cli.run import run
from whynet.data import load
from whynet.explain.donors import Donors
from whynet.sequential import Sequential

LEARN = ("--model", "perceptron", "--optimizer", "adam", "--lr", "0.01", "--threads", "1")


def train(*options: object) -> int:
    return run(["train", *LEARN, *map(str, options)])


@pytest.fixture(scope="module")
def trained(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten epochs, with donors."""
    out = tmp_path_factory.mktemp("model") / "net.safetensors"
    assert train("--data", few, "--epochs", 10, "--out", out, "--quiet") == 0
    return out


def _npz(path: Path, images: np.ndarray, labels: np.ndarray) -> Path:
    np.savez(path, x_train=images, y_train=labels)
    return path


def test_they_are_learnt_pictures_that_the_net_reads_well(trained: Path, few: Path) -> None:
    net = Sequential.load(trained)
    donors = Donors.find(net)
    assert len(donors) > 20
    assert len(donors.readers) == 2
    assert donors.source == str(few)
    assert (net.predict(donors.images) == donors.labels).all()
    learnt, validation = load(str(few)).split(40, 0)
    known = {image.tobytes() for image in learnt.images}
    assert all(image.tobytes() in known for image in donors.images)
    assert not any(image.tobytes() in known for image in validation.images)


def test_json_and_words_say_how_many(
    few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net"
    assert train("--data", few, "--epochs", 10, "--out", out, "--json") == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["donors"] == len(Donors.find(Sequential.load(out)))
    assert told["donors_seconds"] > 0
    assert f"{told['donors']} donors for explanations, gathered in " in printed.err


def test_no_donors(few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "net"
    options = ("--data", few, "--epochs", 2, "--no-donors", "--out", out, "--json")
    assert train(*options) == 0
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert (told["donors"], told["donors_seconds"]) == (0, 0.0)
    assert "donors for" not in printed.err
    assert Donors.attached(Sequential.load(out)) is None


def test_training_on_replaces_them(trained: Path, few: Path, tmp_path: Path) -> None:
    """They are then those that all epochs at once would have had, to the bit; or none."""
    out, whole = tmp_path / "net", tmp_path / "whole"
    out.write_bytes(trained.read_bytes())
    assert train("--data", few, "--epochs", 12, "--out", whole, "--quiet") == 0
    resume = ["train", "--resume", "--out", str(out), "--quiet"]
    assert run([*resume, "--epochs", "12", "--threads", "2"]) == 0
    older, resumed, at_once = (Donors.find(Sequential.load(path)) for path in (trained, out, whole))
    np.testing.assert_array_equal(resumed.images, at_once.images)
    assert older.images.shape != resumed.images.shape or (older.images != resumed.images).any()
    for mine, other in zip(resumed.readers, at_once.readers, strict=True):
        np.testing.assert_array_equal(mine.parameters, other.parameters)
    assert run([*resume, "--epochs", "13", "--no-donors"]) == 0
    assert Sequential.load(out).attachments == {}


def test_ctrl_c_while_gathering_keeps_the_model(
    few: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    @contextmanager
    def pressed(output: Output, doing: str) -> Iterator[Callable[[float], None]]:
        yield lambda share: signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("whynet.cli.gathering.share_bar", pressed)
    out = tmp_path / "net"
    assert train("--data", few, "--epochs", 2, "--out", out, "--json") == 130
    printed = capsys.readouterr()
    told = json.loads(printed.out)
    assert told["donors"] == 0
    assert told["test_accuracy"] > 0
    last = printed.err.splitlines()[-1]
    assert f"interrupted: {out} keeps the model" in last
    assert "explanations will do without donors" in last
    net = Sequential.load(out)
    assert net.card.figures["test_accuracy"] == told["test_accuracy"]
    assert net.attachments == {}
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_thirty_pictures_are_enough_to_train_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digits = load("strokes", examples=30)
    data = _npz(tmp_path / "thirty.npz", digits.images, digits.known_labels)
    for epochs in (1, 30):
        out = tmp_path / f"net-{epochs}"
        assert train("--data", data, "--epochs", epochs, "--out", out, "--json") == 0
        printed = capsys.readouterr()
        told = json.loads(printed.out)["donors"]
        donors = Donors.attached(Sequential.load(out))
        assert told == (0 if donors is None else len(donors))
        assert "donors for explanations" in printed.err


@pytest.mark.parametrize(
    ("shape", "classes", "epochs", "says"),
    [
        ((9, 9, 3), 2, 1, "pictures of one channel, not of 3"),
        ((9, 7, 1), 2, 1, "at least 8 × 8 pixels, not of 9 × 7"),
        ((9, 9, 1), 37, 1, "2 to 36 classes, not for 37"),
        ((9, 9, 1), 2, 0, "the net has learnt nothing yet"),
    ],
)
def test_where_there_are_none_a_line_says_why(
    shape: tuple[int, ...],
    classes: int,
    epochs: int,
    says: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (80, *shape)).astype(np.uint8)
    data = _npz(tmp_path / "noise.npz", images, np.arange(80) % classes)
    out = tmp_path / "net"
    options = ("--data", data, "--epochs", epochs, "--out", out)
    assert train(*options) == 0
    printed = capsys.readouterr()
    lines = [line for line in printed.out.splitlines() if "donors" in line]
    assert len(lines) == 1
    assert lines[0].startswith("no donors for explanations: ")
    assert says in lines[0]
    assert printed.err == ""
    assert Sequential.load(out).attachments == {}
    if epochs:  # asked for in so many words, they are refused before the training
        before = out.read_bytes()
        assert train(*options, "--donors") == 2
        said = capsys.readouterr().err
        assert said.startswith("whynet: --donors: they are for ")
        assert says in said
        assert out.read_bytes() == before


def test_find_lr_gathers_nothing(few: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["train", "--find-lr", "--data", str(few), "--donors"]) == 2
    assert "leave --donors to the training that follows" in capsys.readouterr().err


def test_show_tells_of_them(
    trained: Path, reader: Path, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = len(Donors.find(Sequential.load(trained)))
    assert run(["show", str(trained)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  donors ")]
    assert len(lines) == 1
    assert lines[0].split(maxsplit=1)[1] == f"{count} pictures of {few}"
    assert run(["show", str(trained), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["donors"] == {"count": count, "source": str(few)}
    assert run(["show", str(reader), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["donors"] is None


def test_a_terminal_gets_a_bar(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with share_bar(Output(), "gathering donors") as progress:
        progress(0.5)
        progress(1.0)
    assert "gathering donors" in capsys.readouterr().out
    with share_bar(Output(quiet=True), "gathering donors") as progress:
        progress(0.5)
    assert capsys.readouterr().out == ""
