"""`whynet evaluate`: figures for scripts, tables and pictures for people."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.commands import whynet
from whynet.cli.run import run

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


def test_classes_of_other_names_are_remarked_on(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for number in range(4):
            path = tmp_path / "pets" / name / f"{number}.png"
            Image.effect_noise((28, 28), 50 + number).save(path)
    assert run(["evaluate", str(reader), "--data", str(tmp_path / "pets"), "--json"]) == 0
    told = capsys.readouterr()
    assert told.err.startswith("note: the model answers 0, 1, 2")
    json.loads(told.out)
