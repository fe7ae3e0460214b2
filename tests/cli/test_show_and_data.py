"""`whynet show` and `whynet data`."""

import json
from pathlib import Path

import pytest
from PIL import Image

from helpers.commands import whynet
from whynet.cli.run import run
from whynet.presets import preset_names


@pytest.mark.parametrize("name", preset_names())
def test_presets_are_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", name]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"{name}\n")
    assert "parameters" in told
    assert max(map(len, told.splitlines())) <= 80


def test_a_model_says_where_it_came_from(reader: Path) -> None:
    ran = whynet("show", reader)
    assert (ran.code, ran.err) == (0, "")
    for words in ("conv2d_1", "56,042", "trained on", "strokes", "one_cycle", "history"):
        assert words in ran.out


def test_show_as_json(reader: Path, little: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", str(reader), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["parameters"] == 56042
    assert (told["model"], told["data"], told["preparation"]) == ("lenet", "strokes", "digit")
    assert len(told["history"]) == 2
    assert told["recipe"]["optimizer"]["type"] == "adam"
    assert run(["show", str(little), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == "little"


def test_the_sets_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHYNET_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run(["data", "list"]) == 0
    told = capsys.readouterr().out
    assert "not here: whynet data get mnist" in told
    assert max(map(len, told.splitlines())) <= 80
    assert run(["data", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["mnist"]["where"] is None
    assert rows["strokes"]["drawn"] is True


def test_a_set_that_is_here_is_not_fetched(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WHYNET_DATA", str(data_dir))
    assert run(["data", "get", "mnist"]) == 0
    assert capsys.readouterr().out == f"mnist is in {data_dir / 'mnist'}\n"


def test_a_sheet_of_a_set(few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "sheet.png"
    assert run(["data", "show", str(few), "--out", str(sheet)]) == 0
    assert "480 pictures of 28×28, grey, 10 classes" in capsys.readouterr().out
    with Image.open(sheet) as image:
        assert image.format == "PNG"
        assert image.size[0] > 600
    assert run(["data", "show", "ticks", "--examples", "30"]) == 0
    assert "10,000 pictures" in capsys.readouterr().out
