"""`whynet evaluate`: figures for scripts, tables and pictures for people."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.commands import whynet
from whynet import Dense, Flatten, Sequential
from whynet.cli.run import run
from whynet.data import load
from whynet.data.corruptions import CORRUPTIONS, corrupt

EVALUATE = {
    "model": str,
    "data": str,
    "split": str,
    "accuracy": float,
    "loss": float,
    "n": int,
    "ece": float,
    "per_class": list,
    "confusion": list,
}


def test_json_is_the_contract(reader: Path, few: Path) -> None:
    ran = whynet("evaluate", reader, "--data", few, "--json")
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = json.loads(ran.out)
    assert {name: type(value) for name, value in told.items()} == EVALUATE
    confusion = np.array(told["confusion"])
    assert confusion.shape == (10, 10)
    assert confusion.sum() == told["n"] == 120
    assert told["accuracy"] == pytest.approx(np.trace(confusion) / 120)
    assert told["accuracy"] > 0.8
    assert 0 <= told["ece"] <= 1
    assert [row["label"] for row in told["per_class"]] == list("0123456789")
    assert set(told["per_class"][0]) == {"label", "n", "precision", "recall", "f1"}


def test_the_data_is_by_default_what_the_model_learnt_from(
    reader: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(reader), "--examples", "50", "--split", "train", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["data"], told["n"], told["split"]) == ("strokes", 50, "train")


def test_tables_fit_80_columns(reader: Path, few: Path) -> None:
    ran = whynet("evaluate", reader, "--data", few)
    assert (ran.code, ran.err) == (0, "")
    assert "truth ↓ answer →" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_pictures(
    reader: Path, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    confusion, errors = tmp_path / "confusion.png", tmp_path / "errors.png"
    options = ["--data", str(few), "--confusion", str(confusion), "--errors", str(errors)]
    assert run(["evaluate", str(reader), *options, "--json"]) == 0
    json.loads(capsys.readouterr().out)
    for path in (confusion, errors):
        with Image.open(path) as image:
            image.load()
            assert image.format == "PNG"
            assert min(image.size) > 100
            assert len(np.unique(np.asarray(image.convert("L")))) > 20


def test_pictures_of_many_classes_and_of_no_errors(tmp_path: Path) -> None:
    from whynet.cli.sheets import draw_confusion, draw_errors
    from whynet.data import Dataset
    from whynet.train.evaluation import Evaluation

    classes = tuple(f"špatně {number}" for number in range(60))
    labels = np.arange(60)
    data = Dataset(np.zeros((60, 9, 7, 3), np.uint8), labels, classes, "données")
    marks = Evaluation.of(np.eye(60), np.zeros(60), labels, classes)
    assert draw_confusion(marks, "many").size[0] < 1200
    assert draw_errors(marks, data, "none").size[0] > 100


def make_folder(folder: Path, classes: str, size: tuple[int, int] = (28, 28)) -> Path:
    """Fill a folder with twelve noisy pictures for each class."""
    for name in classes.split():
        (folder / name).mkdir(parents=True)
        for number in range(12):
            Image.effect_noise(size, 50 + number).save(folder / name / f"{number}.png")
    return folder


def test_classes_go_by_their_names(
    reader: Path, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(few) as arrays:
        images, labels = arrays["x_train"], arrays["y_train"]
    for digit in (3, 7):
        (tmp_path / "two" / str(digit)).mkdir(parents=True)
        for number, image in enumerate(images[labels == digit]):
            picture = Image.fromarray(image.reshape(28, 28))
            picture.save(tmp_path / "two" / str(digit) / f"{number}.png")
    options = ["--data", str(tmp_path / "two"), "--errors", str(tmp_path / "errors.png")]
    assert run(["evaluate", str(reader), *options, "--json"]) == 0
    told = capsys.readouterr()
    marks = json.loads(told.out)
    assert told.err == ""
    assert marks["accuracy"] > 0.7
    assert {row["label"] for row in marks["per_class"] if row["n"]} == {"3", "7"}


def test_as_many_classes_of_other_names_are_remarked_on(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(tmp_path / "letters", "a b c d e f g h i j")
    assert run(["evaluate", str(reader), "--data", str(folder), "--json"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith("note: the model answers 0, 1, 2")
    json.loads(told.out)


def test_other_classes_are_refused(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(tmp_path / "pets", "cat dog")
    assert run(["evaluate", str(reader), "--data", str(folder)]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in told
    assert "cat, dog" in told


def test_folders_are_brought_to_the_nets_size(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(tmp_path / "large", "3 7", (90, 60))
    Image.effect_noise((40, 50), 20).save(folder / "3" / "odd.png")
    assert run(["evaluate", str(reader), "--data", str(folder), "--json"]) == 0
    json.loads(capsys.readouterr().out)


def test_other_sizes_and_colours_are_refused(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = np.arange(40) % 10
    for shape, told_as in (((40, 32, 32), "32×32 grey"), ((40, 28, 28, 3), "28×28 RGB")):
        np.savez(tmp_path / "other.npz", images=np.zeros(shape, np.uint8), labels=labels)
        assert run(["evaluate", str(reader), "--data", str(tmp_path / "other.npz")]) == 2
        told = capsys.readouterr().err
        assert told.count("\n") == 1
        assert str(reader) in told
        assert "28×28 grey" in told
        assert told_as in told


# -- corrupted ------------------------------------------------------------------------------------


def test_corrupted_marks_stand_beside_the_clean_ones(
    reader: Path, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["evaluate", str(reader), "--data", str(few), "--json"]
    assert run(options) == 0
    clean = json.loads(capsys.readouterr().out)
    assert run([*options, "--corrupted", "all"]) == 0
    told = json.loads(capsys.readouterr().out)
    corrupted = told.pop("corrupted")
    assert told == clean
    each = corrupted["corruptions"]
    assert list(each) == list(CORRUPTIONS)
    assert all(set(marks) == {"accuracy", "loss", "ece"} for marks in each.values())
    for figure in ("accuracy", "ece"):
        mean = np.mean([marks[figure] for marks in each.values()])
        assert corrupted[f"mean_{figure}"] == pytest.approx(mean)
    assert 0.2 < corrupted["mean_accuracy"] < clean["accuracy"]


def test_corrupted_marks_are_those_of_the_corrupted_pictures(
    reader: Path, few: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", str(few), "--corrupted", "rotate, fog", "--json"]
    assert run(["evaluate", str(reader), *options]) == 0
    each = json.loads(capsys.readouterr().out)["corrupted"]["corruptions"]
    assert list(each) == ["rotate", "fog"]
    net, digits = Sequential.load(reader), load(few, split="test")
    for name, marks in each.items():
        found = net.evaluate(corrupt(name, digits.images), digits.known_labels)
        assert marks["accuracy"] == found.accuracy
        assert (marks["loss"], marks["ece"]) == pytest.approx((found.loss, found.ece))


def test_the_table_of_corruptions_fits_80_columns(reader: Path, few: Path) -> None:
    ran = whynet("evaluate", reader, "--data", few, "--corrupted", "all")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= 80
    begins = [line.split("  ")[0] for line in lines]
    assert begins[-17:] == ["clean", *CORRUPTIONS, "mean of 15"]
    assert "truth ↓ answer →" not in ran.out


@pytest.mark.parametrize("names", ["snow", "fog,snow", "", "all,fog", "Fog"])
def test_unknown_corruptions_get_a_sentence(
    names: str, reader: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", str(reader), "--corrupted", names, "--json"]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert "--corrupted: expected all, or some of shot_noise, impulse_noise" in told.err


def test_colours_cannot_be_corrupted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = Sequential([Flatten(), Dense(2)], (8, 8, 3), classes=("cat", "dog"))
    net.save(tmp_path / "pets.safetensors")
    folder = make_folder(tmp_path / "pets", "cat dog", (8, 8))
    for path in folder.rglob("*.png"):
        with Image.open(path) as image:
            image.convert("RGB").save(path)
    options = ["--data", str(folder), "--corrupted", "fog"]
    assert run(["evaluate", str(tmp_path / "pets.safetensors"), *options]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "--corrupted: expected grey pictures" in told
