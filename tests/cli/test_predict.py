"""`whynet predict`: digits as people draw them, and many at once."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from helpers.commands import whynet
from helpers.drawn import STROKES, draw_digit
from whynet.cli.run import run

PREDICT = {"image": str, "label": str, "probability": float, "probabilities": dict}


def answers(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[str]:
    assert run(["predict", *map(str, arguments), "--json"]) == 0
    return [entry["label"] for entry in json.loads(capsys.readouterr().out)]


@pytest.mark.parametrize(
    "style",
    [
        {},
        {"ink": 255, "ground": 0},
        {"pen": 5},
        {"pen": 30},
        {"ink": 90, "ground": 200},
        {"scale": 0.3},
        {"scale": 3, "size": (1600, 1000), "move": (180, 30)},
        {"move": (-120, 40)},
    ],
    ids=str,
)
def test_drawn_digits_are_read(
    style: dict[str, int], reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for digit in STROKES:
        paths.append(tmp_path / f"{digit}.png")
        draw_digit(digit, **style).save(paths[-1])
    assert answers(capsys, reader, *paths) == [str(digit) for digit in STROKES]


def test_colour_alpha_and_jpeg(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ink = draw_digit(3, ink=255, ground=0)
    white = ink.point(lambda level: 255 - level)
    red = Image.merge("RGB", [ink.point(lambda level: 255 - level // 4), white, white])
    red.save(tmp_path / "red.jpg", quality=60)
    clear = Image.new("RGBA", ink.size, (0, 0, 0, 0))
    clear.putalpha(ink)  # black ink on nothing
    clear.save(tmp_path / "clear.png")
    assert answers(capsys, reader, tmp_path / "red.jpg", tmp_path / "clear.png") == ["3", "3"]


def test_json_is_the_contract(reader: Path, tmp_path: Path) -> None:
    draw_digit(7).save(tmp_path / "seven.png")
    ran = whynet("predict", reader, "seven.png", "--json", folder=tmp_path)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    (told,) = json.loads(ran.out)
    assert {name: type(value) for name, value in told.items()} == PREDICT
    assert (told["image"], told["label"]) == ("seven.png", "7")
    assert list(told["probabilities"]) == list("0123456789")
    assert told["probability"] == max(told["probabilities"].values())
    assert sum(told["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_for_people(reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw_digit(5).save(tmp_path / "[five].png")  # brackets that Rich could take for markup
    assert run(["predict", str(reader), str(tmp_path / "[five].png")]) == 0
    line = capsys.readouterr().out
    assert line.split()[:2] == [str(tmp_path / "[five].png"), "5"]
    assert line.count("\n") == 1


def test_the_good_are_read_among_the_bad(reader: Path, tmp_path: Path) -> None:
    draw_digit(2).save(tmp_path / "two.png")
    Image.new("L", (300, 200), 255).save(tmp_path / "blank.png")
    (tmp_path / "text.png").write_text("hello")
    ran = whynet("predict", reader, "blank.png", "two.png", "text.png", "--json", folder=tmp_path)
    assert ran.code == 2
    assert [entry["image"] for entry in json.loads(ran.out)] == ["two.png"]
    first, second = ran.err.splitlines()
    assert first == "whynet: blank.png: the picture is blank: no ink stands out from its ground"
    assert second.startswith("whynet: text.png: is not a picture")


def test_arrays_of_the_nets_size_are_taken_as_they_are(
    reader: Path, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from whynet.sequential import Sequential

    with np.load(few) as arrays:
        images = arrays["x_test"].copy()
    images[0] = 0  # blank, which a picture must not be, but a row of a data set may
    np.save(tmp_path / "digits.npy", images[..., 0])
    expected = [str(label) for label in Sequential.load(reader).predict(images)]
    assert answers(capsys, reader, tmp_path / "digits.npy") == expected
    assert answers(capsys, reader, few)[1:] == expected[1:]


def test_other_arrays_are_prepared(
    reader: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn = [np.asarray(draw_digit(digit)) for digit in (4, 6)]
    np.savez(tmp_path / "drawn.npz", images=np.stack(drawn))
    np.save(tmp_path / "one.npy", drawn[0] / 255)
    labels = answers(capsys, reader, tmp_path / "drawn.npz", tmp_path / "one.npy")
    assert labels == ["4", "6", "4"]


def test_a_submission_for_kaggle(
    reader: Path, few: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with np.load(few) as arrays:
        rows, labels = arrays["x_test"].reshape(120, -1), arrays["y_test"]
    names = ",".join(f"pixel{number}" for number in range(784))
    np.savetxt(tmp_path / "test.csv", rows, "%d", ",", header=names, comments="")
    options = ["--data", str(tmp_path / "test.csv"), "--submission", str(tmp_path / "out.csv")]
    assert run(["predict", str(reader), *options]) == 0
    assert "120 answers" in capsys.readouterr().out
    written = np.loadtxt(tmp_path / "out.csv", int, delimiter=",", skiprows=1)
    assert written[:, 0].tolist() == list(range(1, 121))
    assert (written[:, 1] == labels).mean() > 0.8


def test_colour_nets_get_pictures_fitted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import whynet as w

    net = w.Sequential([w.Flatten(), w.Dense(2)], (8, 6, 3), classes=("cat", "dog"))
    net.card.preparation = "fit"
    net.save(tmp_path / "net.safetensors")
    draw_digit(1).save(tmp_path / "grey.png")
    Image.new("RGB", (640, 480), (200, 10, 10)).save(tmp_path / "red.png")
    model = tmp_path / "net.safetensors"
    labels = answers(capsys, model, tmp_path / "grey.png", tmp_path / "red.png")
    assert set(labels) <= {"cat", "dog"}


def test_pictures_are_fitted_as_those_of_folders(tmp_path: Path) -> None:
    import whynet as w
    from whynet.cli.inputs import for_net
    from whynet.data.pictures import fit

    net = w.Sequential([w.Flatten(), w.Dense(2)], (8, 6, 3))
    net.card.preparation = "fit"
    picture = np.random.default_rng(0).integers(0, 256, (30, 50, 3), np.uint8)
    np.testing.assert_array_equal(for_net(picture, net), fit(picture, 8, 6))


def test_a_submission_with_names_for_classes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import whynet as w

    net = w.Sequential([w.Flatten(), w.Dense(2)], (8, 6, 3), classes=("cat", "dog"))
    net.card.preparation = "fit"
    net.save(tmp_path / "net.safetensors")
    Image.new("RGB", (64, 48), (200, 10, 10)).save(tmp_path / "red.png")
    (tmp_path / "text.png").write_text("hello")
    out = tmp_path / "out.csv"
    options = ["--submission", str(out)]
    model, red = str(tmp_path / "net.safetensors"), str(tmp_path / "red.png")
    assert run(["predict", model, red, str(tmp_path / "text.png"), *options]) == 2
    assert f"{out} was not written, because 1 of 2 pictures" in capsys.readouterr().err
    assert not out.exists()
    assert run(["predict", model, red, *options]) == 0
    assert out.read_text() in ("ImageId,Label\n1,cat\n", "ImageId,Label\n1,dog\n")
