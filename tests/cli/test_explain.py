"""`whynet explain`: one answer for people, for scripts, and as files."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console

import whynet as w
from helpers.commands import whynet
from helpers.counterfactuals import made
from helpers.drawn import draw_digit
from whynet.cli.explain import warn_of_residual
from whynet.cli.run import run
from whynet.drawing.colours import DARK, LIGHT
from whynet.explain.why import Why, why

CONTRACT = {
    "image": str,
    "predicted": str,
    "rival": str,
    "margin": float,
    "evidence_sum": float,
    "residual": float,
    "counterfactual": dict,
    "layers": list,
    "words": list,
    "seconds": float,
    "files": dict,
}
COUNTERFACTUAL = {"label": str, "probability": float, "l2": float, "pixels_changed": int}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that carries donors, under the name that `whynet train` would give it."""
    net, donors, _ = made()
    path = tmp_path_factory.mktemp("model") / "whynet-lenet-digits.safetensors"
    donors.attach(net)
    net.save(path)
    net.attachments.clear()
    return path


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten digits that the net has not seen, as an array."""
    path = tmp_path_factory.mktemp("digits") / "digits.npy"
    np.save(path, made()[2].images[:10])
    return path


@pytest.fixture(scope="module")
def answer() -> Why:
    net, donors, unseen = made()
    return why(net, unseen.images[2], donors=donors)


def other(net: w.Sequential, picture: NDArray[np.uint8]) -> str:
    """The class that is the least likely."""
    return net.card.classes[int(net.predict_proba(picture[None])[0].argmin())]


def tiny(shape: tuple[int, ...], classes: tuple[str, ...], path: Path) -> w.Sequential:
    """A net that has learnt nothing, in a file."""
    flat = [] if len(shape) == 1 else [w.Flatten()]
    net = w.Sequential([*flat, w.Dense(len(classes))], shape, classes=classes, seed=1)
    net.save(path)
    return net


# -- for scripts ------------------------------------------------------------------------------


def test_json_is_the_contract(model: Path, digits: Path) -> None:
    ran = whynet("explain", digits, "--number", 3, "--model", model, "--json")
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = json.loads(ran.out)
    assert {name: type(told[name]) for name in CONTRACT} == CONTRACT
    found = told["counterfactual"]
    assert {name: type(found[name]) for name in COUNTERFACTUAL} == COUNTERFACTUAL
    assert (told["image"], told["model"]) == (f"{digits}[3]", str(model))
    assert found["label"] == told["rival"] != told["predicted"]
    assert told["files"] == {}


def test_the_numbers_are_those_of_why(
    model: Path, digits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net, donors, unseen = made()
    rival = other(net, unseen.images[5])
    assert run(["explain", str(digits), "--number", "5", "--model", str(model), "--rival", rival,
                "--threads", "1", "--json"]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    expected = json.loads(json.dumps(why(net, unseen.images[5], rival, donors=donors).to_dict()))
    del expected["seconds"]
    assert {name: told[name] for name in expected} == expected


def test_without_donors_the_counterfactual_is_null(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_digit(4).save(tmp_path / "four.png")
    arguments = ["explain", str(tmp_path / "four.png"), "--model", str(reader)]
    assert run([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["predicted"] == "4"
    assert told["counterfactual"] is None
    assert run(arguments) == 0
    shown = capsys.readouterr().out
    assert "missing: counterfactual" in shown
    assert "instead" not in shown


# -- for people -------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [30, 80, 130])
def test_a_pipe_gets_plain_text_as_wide_as_it_is(columns: int, model: Path, digits: Path) -> None:
    ran = whynet("explain", digits, "--model", model, COLUMNS=str(columns))
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= columns
    assert re.fullmatch(r"Why \d and not \d\?", lines[0])
    assert {"▓", "+"} <= set(ran.out)  # ink, and evidence
    if columns != 80:  # where it depends on the digit whether there is room for what changes
        assert ("The change" in ran.out) == (columns > 80)


def test_all_words_are_said_and_the_verdict_last(
    model: Path, digits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", str(digits), "--model", str(model), "--json"]) == 0
    words = json.loads(capsys.readouterr().out)["words"]
    assert run(["explain", str(digits), "--model", str(model)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    places = [said.index(sentence) for sentence in words]
    assert places == sorted(places)
    assert said.endswith(words[-1])


def shown(answer: Why, width: int, **options: Any) -> str:
    from whynet.cli.panels import pictures_of

    options = {"force_terminal": True, "color_system": "truecolor", **options}
    return pictures_of(answer, Console(width=width, **options))


def test_colours_are_those_of_the_terminal(answer: Why, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[38;2;" in shown(answer, 130)
    assert "evidence: blue" in shown(answer, 130)
    assert "\x1b[38;5;" in shown(answer, 130, color_system="256")
    for plain in ({"color_system": None}, {"color_system": "standard"}, {"no_color": True}):
        assert "\x1b" not in shown(answer, 130, **plain)
        assert "evidence: +" in shown(answer, 130, **plain)


def test_terminals_that_say_so_get_dark_ink(answer: Why, monkeypatch: pytest.MonkeyPatch) -> None:
    from whynet.cli.panels import theme_of

    assert [theme_of(told) for told in ("", "15;0", "7;8", "12;default")] == [DARK] * 4
    assert [theme_of(told) for told in ("0;15", "0;default;15", "0;7")] == [LIGHT] * 3
    for told, theme in (("0;15", LIGHT), ("15;0", DARK)):
        monkeypatch.setenv("COLORFGBG", told)
        red, green, blue = theme.paper
        assert f"\x1b[38;2;{red};{green};{blue}" in shown(answer, 80)


def test_the_pictures_show_all_ink_and_some_paper(answer: Why) -> None:
    from whynet.cli.panels import pictures_of

    first = pictures_of(answer, Console(width=12, color_system=None)).split("\n\n")[0]
    assert "█" in first or "▓" in first
    lines = pictures_of(answer, Console(width=40, color_system=None)).split("\n\n")[0].split("\n")
    picture = [line for line in lines if not re.search(r"\w", line)]
    rows, columns = np.nonzero(answer.picture[..., 0])
    assert len(picture) >= (np.ptp(rows) + 1) / 2
    widest = max(map(len, picture))
    assert np.ptp(columns) <= widest <= answer.picture.shape[1] + 2


def test_pictures_wider_than_the_terminal_shrink(answer: Why) -> None:
    for width in (12, 7):
        lines = shown(answer, width, color_system=None).split("\n")
        assert max(len(line) for line in lines if not re.search(r"\w", line)) <= width


def test_a_blank_picture(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "blank.npy", np.zeros((28, 28), np.uint8))
    assert run(["explain", str(tmp_path / "blank.npy"), "--model", str(model)]) == 0
    assert capsys.readouterr().out.startswith("Why ")


def test_colour_pictures_for_colour_nets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny((8, 6, 3), ("cat", "dog"), tmp_path / "net.safetensors")
    Image.effect_noise((60, 80), 60).convert("RGB").save(tmp_path / "noise.png")
    arguments = [str(tmp_path / "noise.png"), "--model", str(tmp_path / "net.safetensors")]
    assert run(["explain", *arguments, "--out", str(tmp_path / "why")]) == 0
    assert re.match(r"Why (cat and not dog|dog and not cat)\?", capsys.readouterr().out)
    assert len(list((tmp_path / "why").iterdir())) == 2


# -- files ------------------------------------------------------------------------------------


def test_a_page_and_a_sheet_are_written(
    model: Path, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "folder"
    arguments = ["explain", str(digits), "--number", "1", "--model", str(model), "--out", str(out)]
    assert run([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    name = f"digits-1-why-{told['predicted']}-not-{told['rival']}"
    assert told["files"] == {kind: str(out / f"{name}.{kind}") for kind in ("png", "html")}
    assert sorted(path.name for path in out.iterdir()) == [f"{name}.html", f"{name}.png"]
    with Image.open(told["files"]["png"]) as sheet:
        sheet.load()
        assert min(sheet.size) > 400
    page = Path(told["files"]["html"]).read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert told["words"][1] in page
    # Once more: what is there is replaced.
    Path(told["files"]["html"]).write_text("old")
    assert run(arguments) == 0
    assert "wrote" in capsys.readouterr().out
    assert Path(told["files"]["html"]).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert len(list(out.iterdir())) == 2


@pytest.mark.parametrize("names", [("../up", "a/b"), ("", "."), ("\x1b[1mé", "x" * 300)], ids=repr)
def test_files_have_safe_names(
    names: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny((8, 8, 1), names, tmp_path / "net.safetensors")
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8), np.uint8)
    np.save(tmp_path / "[odd] name.npy", pixels)
    out = tmp_path / "out"
    arguments = [str(tmp_path / "[odd] name.npy"), "--model", str(tmp_path / "net.safetensors")]
    assert run(["explain", *arguments, "--out", str(out)]) == 0
    assert "\x1b" not in capsys.readouterr().out
    written = [path.name for path in out.iterdir()]
    assert len(written) == 2
    for name in written:
        assert re.fullmatch(r"odd_name-0-why-[\w.-]{1,60}-not-[\w.-]{1,60}\.(png|html)", name)


# -- which model and which picture --------------------------------------------------------------


def test_the_only_model_of_a_folder_is_meant(
    model: Path, digits: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert run(["explain", str(digits)]) == 2
    assert "`whynet train`" in capsys.readouterr().err
    first = tmp_path / "whynet-lenet-first.safetensors"
    first.write_bytes(model.read_bytes())
    assert run(["explain", str(digits), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["model"] == first.name
    (tmp_path / "whynet-lenet-second.safetensors").write_bytes(model.read_bytes())
    assert run(["explain", str(digits)]) == 2
    told = capsys.readouterr().err
    assert "first.safetensors, whynet-lenet-second.safetensors): name one" in told


def test_pictures_are_prepared_as_predict_does(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw_digit(7, scale=2, size=(900, 700), move=(100, 30)).save(tmp_path / "seven.png")
    arguments = [str(tmp_path / "seven.png"), "--json"]
    assert run(["predict", str(reader), *arguments]) == 0
    (read,) = json.loads(capsys.readouterr().out)
    assert run(["explain", "--model", str(reader), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["image"] == read["image"]
    assert told["predicted"] == read["label"] == "7"
    assert told["probabilities"] == read["probabilities"]


# -- bad requests -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def junk(tmp_path_factory: pytest.TempPathFactory, model: Path, digits: Path) -> Path:
    """A folder of models and pictures that cannot be asked about."""
    folder = tmp_path_factory.mktemp("junk")
    (folder / "m.safetensors").write_bytes(model.read_bytes())
    (folder / "cut.safetensors").write_bytes(model.read_bytes()[:20_000])
    (folder / "digits.npy").write_bytes(digits.read_bytes())
    draw_digit(7).save(folder / "seven.png")
    Image.new("L", (300, 200), 255).save(folder / "blank.png")
    (folder / "text.png").write_text("hello")
    tiny((784,), tuple("0123456789"), folder / "rows.safetensors")
    relu = w.Sequential([w.Flatten(), w.Dense(10), w.ReLU()], seed=0)
    relu.save(folder / "relu.safetensors")
    mad = w.Sequential([w.Flatten(), w.Dense(10)], seed=0)
    mad.parameters[3] = np.nan
    mad.save(folder / "nan.safetensors")
    return folder


M = ("--model", "m.safetensors")
BAD = [
    (("digits.npy", *M, "--rival", "{predicted}"), "other than the predicted class"),
    (("digits.npy", *M, "--rival", "ten"), "expected a class as rival of 0, 1, 2"),
    (("digits.npy", *M, "--number", "10"), "expected 0 to 9 for digits.npy, got 10"),
    (("digits.npy", *M, "--number", "-1"), "--number"),
    (("seven.png", *M, "--number", "1"), "holds one picture"),
    (("text.png", *M), "text.png: is not a picture"),
    (("blank.png", *M), "blank.png: the picture is blank"),
    (("nothing.png", *M), "nothing.png: no such file"),
    (("digits.npy", *M, "--out", "text.png"), "text.png is a file"),
    (("digits.npy", *M, "--out", "text.png/in"), "text.png/in: Not a directory"),
    (("digits.npy", *M, "--out", "a" * 400), "no folder can have the name"),
    (("digits.npy", "--model", "cut.safetensors"), "cut.safetensors"),
    (("digits.npy", "--model", "gone.safetensors"), "gone.safetensors"),
    (("digits.npy", "--model", "rows.safetensors"), "expected a net on pictures"),
    (("digits.npy", "--model", "relu.safetensors"), "ends in logits"),
    (("digits.npy", "--model", "nan.safetensors"), "finite"),
    (M, "IMAGE"),
]


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=lambda case: " ".join(case)[:40])
def test_one_sentence_and_nothing_written(
    arguments: tuple[str, ...],
    said: str,
    junk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(junk)
    net, _, unseen = made()
    predicted = str(net.predict(unseen.images[:1])[0])
    words = [word.format(predicted=predicted) for word in arguments]
    before = sorted(junk.iterdir())
    assert run(["explain", *(["--out", "new"] if "--out" not in words else []), *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("whynet: ")
    assert told.err.count("\n") == 1
    assert said in told.err
    assert sorted(junk.iterdir()) == before


def test_a_residual_that_is_too_large_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    from whynet.cli.console import Output

    for residual, noted in ((9e-4, False), (-1.1e-3, True)):
        answer: Any = SimpleNamespace(margin=-10.0, residual=residual)
        warn_of_residual(answer, "nine.png", Output(as_json=True))
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith("note: nine.png: the evidence misses") == noted


def test_class_names_cannot_command_the_terminal(
    model: Path, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = w.Sequential.load(model)
    net.card = replace(net.card, classes=tuple(f"[bold]{digit}\x1b[1m" for digit in range(10)))
    net.save(tmp_path / "loud.safetensors")
    assert run(["explain", str(digits), "--model", str(tmp_path / "loud.safetensors")]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("Why [bold]")
    assert r"\x1b[1m and not" in told.out.splitlines()[0]
    assert "\x1b" not in told.out + told.err
