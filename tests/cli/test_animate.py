"""`whynet animate`: GIFs and pages for slides, or one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.commands import whynet
from helpers.counterfactuals import made
from helpers.drawn import draw_digit
from whynet import Conv2D, Dense, Flatten, Sequential
from whynet.cli.run import run


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file that carries donors."""
    net, donors, _ = made()
    path = tmp_path_factory.mktemp("model") / "whynet-lenet.safetensors"
    copy = Sequential.from_config(net.config(), weights=net.weights())
    copy.card = net.card
    donors.attach(copy)
    copy.save(path)
    return path


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five pictures that the model has not seen."""
    path = tmp_path_factory.mktemp("digits") / "digits.npy"
    np.save(path, made()[2].images[:5])
    return path


def answer(number: int) -> int:
    """What the model says to a picture."""
    net, _, data = made()
    return int(net.predict(data.images[number : number + 1])[0])


def complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a request that must be refused, and return what was said."""
    assert run(["animate", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    ("kind", "counts"), [("filter", range(28, 91)), ("morph", (62, 64)), ("evidence", (33,))]
)
def test_gifs(kind: str, counts: Sequence[int], model: Path, digits: Path, tmp_path: Path) -> None:
    """As users do: in a process, the model found in the folder."""
    out = tmp_path / f"{kind}.gif"
    ran = whynet("animate", kind, digits, "--number", 2, "--out", out, folder=model.parent)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"wrote {out}: ")
    assert ran.out.count("\n") == 1
    with Image.open(out) as gif:
        assert f"{gif.n_frames} pictures of {gif.width}×" in ran.out
        assert 480 <= gif.width <= 800
        assert gif.n_frames in counts
    assert 10_000 < out.stat().st_size < 2_000_000
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_pages(
    model: Path, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "evidence.HTML"
    rival = (answer(0) + 3) % 10
    arguments = ["animate", "evidence", digits, "--model", model, "--rival", rival, "--out", out]
    assert run(list(map(str, arguments))) == 0
    size = out.stat().st_size
    assert f"{size / 1e3:.0f} kB" in capsys.readouterr().out
    page = out.read_text(encoding="utf-8")
    assert f"the margin of {answer(0)} over {rival} is" in page
    assert f"Evidence: {digits}[0]" in page
    assert 'src="http' not in page


def test_a_filter_of_ones_choice(
    model: Path, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "filter.html"
    arguments = ["animate", "filter", str(digits), "--model", str(model), "--out", str(out)]
    assert run([*arguments, "--layer", "conv2d_2", "--unit", "11"]) == 0
    assert "Filter 11 of conv2d_2 at row 10 of 10, column 10 of 10" in out.read_text("utf-8")


def test_pictures_and_models_without_donors(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn, out = tmp_path / "four.png", tmp_path / "four.gif"
    draw_digit(4).save(drawn)
    arguments = [drawn, "--model", reader, "--out", out]
    assert run(["animate", "evidence", *map(str, arguments)]) == 0
    assert "wrote" in capsys.readouterr().out
    assert out.exists()
    out.unlink()
    said = complaint(capsys, "morph", *arguments)
    assert "this model carries none" in said
    assert "whynet train --donors" in said
    assert not out.exists()


def test_bad_requests(
    model: Path, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"--model": model, "--out": tmp_path / "out.gif"}

    def refused(kind: str, problem: str, **changes: object) -> None:
        chosen = good | {f"--{name}": value for name, value in changes.items()}
        options = [word for option in chosen.items() for word in option]
        assert problem in complaint(capsys, kind, digits, *options)
        assert not list(tmp_path.iterdir())

    refused("filters", "expected a kind of animation of filter, morph, evidence, got 'filters'")
    refused("filter", "--out: expected a file named .gif or .html", out=tmp_path / "out.png")
    refused("filter", "--out: there is no folder", out=tmp_path / "nowhere" / "out.gif")
    refused("filter", "expected a convolution (conv2d_1, conv2d_2)", layer="dense_1")
    refused("filter", "expected a layer of conv2d_1", layer="conv")
    refused("filter", "expected a filter of 'conv2d_1' as a whole number", unit=8)
    refused("morph", "--layer and --unit: they choose a filter", unit=1)
    refused("morph", "--layer and --unit: they choose a filter", layer="conv2d_1")
    refused("evidence", "expected a rival other than the predicted class", rival=answer(0))
    refused("evidence", "expected a class as rival of 0, 1, 2", rival="ten")
    refused("evidence", "--number: expected 0 to 4", number=5)
    refused("evidence", "nothing.safetensors", model=tmp_path / "nothing.safetensors")
    assert "Missing option '--out'" in complaint(capsys, "filter", digits, "--model", model)
    no_digits = complaint(capsys, "filter", "no.png", "--model", model, "--out", "out.gif")
    assert "no.png" in no_digits


def test_nets_that_see_no_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flat, seeing = tmp_path / "flat.safetensors", tmp_path / "seeing.safetensors"
    Sequential([Dense(2)], (64,)).save(flat)
    Sequential([Flatten(), Dense(2)], (8, 8, 1)).save(seeing)
    np.save(tmp_path / "one.npy", np.eye(8, dtype=np.uint8)[None] * 255)
    asked = tmp_path / "one.npy", "--out", tmp_path / "out.gif", "--model"
    assert "expected a net on pictures" in complaint(capsys, "filter", *asked, flat)
    assert "expected a net with a convolution" in complaint(capsys, "filter", *asked, seeing)


def test_an_old_file_stays_where_nothing_can_be_made(
    model: Path, digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "old.gif"
    out.write_bytes(b"old")
    complaint(capsys, "filter", digits, "--model", model, "--unit", 99, "--out", out)
    assert out.read_bytes() == b"old"


def test_colour_nets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net = Sequential([Conv2D(2, 3), Flatten(), Dense(2)], (12, 10, 3), classes=("cat", "dog"))
    net.card.preparation = "fit"
    net.save(tmp_path / "net.safetensors")
    Image.new("RGB", (64, 48), (200, 10, 10)).save(tmp_path / "red.png")
    asked = tmp_path / "red.png", "--model", tmp_path / "net.safetensors", "--out"
    for kind in ("filter", "evidence"):
        assert run(["animate", kind, *map(str, asked), str(tmp_path / f"{kind}.html")]) == 0
    capsys.readouterr()
    assert "this model carries none" in complaint(capsys, "morph", *asked, tmp_path / "m.gif")
