"""`whynet mistakes`: the worst errors, explained on one page."""

import json
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import whynet as w
from helpers.commands import whynet
from helpers.counterfactuals import made
from whynet.cli.run import run
from whynet.explain.why import why

Reader = tuple[Path, Path]


def write(folder: Path, wrong: int, classes: tuple[str, ...] = ()) -> Reader:
    """Write a model with donors, and 30 pictures of which it reads so many wrongly."""
    net, donors, unseen = made()
    before = net.card.classes
    images = unseen.images[:30]
    ranked = np.argsort(-net.predict_proba(images), axis=1)
    labels = np.where(np.arange(30) < wrong, ranked[:, 1], ranked[:, 0])
    np.savez(folder / "some.npz", x_test=images, y_test=labels)
    donors.attach(net)
    net.card.classes = classes or before
    net.card.data, net.card.model = str(folder / "some.npz"), "lenet"
    net.save(folder / "net.safetensors")
    net.attachments.clear()
    net.card.classes = before
    return folder / "net.safetensors", folder / "some.npz"


@pytest.fixture(scope="module")
def reader_of_some(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return write(tmp_path_factory.mktemp("some"), wrong=3)


def test_json_is_a_list_of_documents_the_surest_first(
    reader_of_some: Reader, tmp_path: Path
) -> None:
    model, _ = reader_of_some
    ran = whynet("mistakes", model, "--count", 2, "--json", folder=tmp_path)
    assert (ran.code, ran.err, ran.out.count("\n")) == (0, "", 1)
    told = json.loads(ran.out)
    assert [entry["truth"] for entry in told] == [entry["rival"] for entry in told]
    sure = [entry["probability"] for entry in told]
    assert sure == sorted(sure, reverse=True)
    places = [int(re.fullmatch(r"some\.npz test\[(\d+)\]", entry["image"])[1]) for entry in told]
    assert set(places) < set(range(3))
    for entry, place in zip(told, places, strict=True):
        net, donors, unseen = made()
        expected = why(net, unseen.images[place], entry["truth"], donors=donors, units=False)
        assert entry["words"] == [sentence.text for sentence in expected.words]
        assert entry["counterfactual"]["label"] == entry["truth"] != entry["predicted"]
    assert (tmp_path / "net-mistakes.html").exists()


def test_the_page(
    reader_of_some: Reader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, data = reader_of_some
    path = tmp_path / "page.html"
    arguments = ["mistakes", str(model), "--data", str(data), "--out", str(path)]
    assert run(arguments) == 0
    told = capsys.readouterr()
    assert "3 of 30 pictures of some.npz test read wrongly (10.00%)" in told.out
    assert str(path) in told.out
    assert run([*arguments, "--json"]) == 0
    documents = json.loads(capsys.readouterr().out)
    page = path.read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "lenet reads 3 of 30 pictures of some.npz test wrongly (10.00%)" in page
    # Every mistake is there once, can be linked to, and says all of its words.
    names = re.findall(r'<details id="([^"]+)"', page)
    assert names == [f"mistake-{number}" for number in range(1, 4)]
    assert set(re.findall(r'href="#([^"]+)"', page)) == set(names)
    for entry in documents:
        assert f"{entry['truth']} read as {entry['predicted']}" in page
        for sentence in entry["words"]:
            assert f"<li>{sentence}</li>" in page
    # The table counts them all.
    rows = re.findall(r'<tr><th scope="row"[^>]*>(\d)</th>(.*?)</tr>', page)
    counted = [re.findall(r"<td[^>]*>(\d+)</td>", cells)[1] for _, cells in rows]
    assert sum(map(int, counted)) == 3
    # Nothing is fetched from anywhere, and a hundred would still be light.
    assert not re.findall(r'(?:src|href|srcset)="(?!data:|#)', page)
    assert len(page) < 20_000 + 3 * 25_000


def test_class_names_are_text(tmp_path: Path) -> None:
    classes = tuple(f"<b>{digit}&" for digit in range(10))
    model, _ = write(tmp_path, wrong=2, classes=classes)
    assert run(["mistakes", str(model), "--out", str(tmp_path / "page.html")]) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<b>" not in page
    assert re.search(r"&lt;b&gt;\d&amp; read as &lt;b&gt;\d&amp;", page)


@pytest.mark.parametrize("as_json", [False, True])
def test_no_mistakes(as_json: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, _ = write(tmp_path, wrong=0)
    before = sorted(tmp_path.iterdir())
    options = ["--out", str(tmp_path / "page.html"), *["--json"] * as_json]
    assert run(["mistakes", str(model), *options]) == 0
    told = capsys.readouterr()
    assert told.out == "[]\n" if as_json else "no mistakes to explain" in told.out
    assert told.err == ""
    assert sorted(tmp_path.iterdir()) == before


def interrupted_after(count: int) -> Callable[..., Any]:
    """`why`, until someone presses Ctrl-C."""
    calls = iter(range(count))

    def ask(*arguments: Any, **options: Any) -> Any:
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return why(*arguments, **options)

    return ask


@pytest.mark.parametrize("count", [0, 2])
def test_ctrl_c_keeps_what_is_explained(
    count: int,
    reader_of_some: Reader,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(import_module("whynet.explain.why"), "why", interrupted_after(count))
    path = tmp_path / "page.html"
    assert run(["mistakes", str(reader_of_some[0]), "--out", str(path), "--json"]) == 130
    told = capsys.readouterr()
    assert told.err.startswith(f"whynet: interrupted after {count} of 3 mistakes; ")
    assert told.err.count("\n") == 1
    assert len(json.loads(told.out)) == count
    if not count:
        assert "no page was written" in told.err
        assert not path.exists()
    else:
        assert f"{path} holds the worst 2" in told.err
        page = path.read_text(encoding="utf-8")
        assert page.count("<details") == 2
        assert "Here are the 2 that it was surest of" in page


def test_one_mistake_without_donors(tmp_path: Path) -> None:
    net = w.Sequential([w.Flatten(), w.Dense(10)], (8, 8, 1), seed=2)
    net.save(tmp_path / "net.safetensors")
    picture = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 1), np.uint8)
    wrong = int(net.predict_proba(picture)[0].argmin())
    np.savez(tmp_path / "one.npz", x_test=picture, y_test=[wrong])
    (tmp_path / "page.html").write_text("old")
    options = ["--data", str(tmp_path / "one.npz"), "--out", str(tmp_path / "page.html")]
    assert run(["mistakes", str(tmp_path / "net.safetensors"), *options]) == 0
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Here is the one that it was surest of" in page
    assert "counterfactual: this model carries no donors" in page


BAD = [
    (("gone.safetensors",), "gone.safetensors"),
    (("net.safetensors", "--data", "nowhere"), "nowhere"),
    (("net.safetensors", "--count", "0"), "--count"),
    (("net.safetensors", "--out", "no/where.html"), "there is no folder no"),
    (("net.safetensors", "--out", "net.safetensors"), "expected a name that ends in .html"),
    (("rows.safetensors", "--data", "some.npz"), "expected a net on pictures"),
    (("relu.safetensors", "--data", "some.npz"), "ends in logits"),
    (("relu.safetensors",), "choose with --data"),
    (("nan.safetensors", "--data", "some.npz"), "finite"),
    (("small.safetensors", "--data", "some.npz"), "takes pictures of 8×8"),
    ((), "MODEL"),
]


@pytest.fixture(scope="module")
def junk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models that cannot be asked."""
    folder = tmp_path_factory.mktemp("junk")
    write(folder, wrong=3)
    w.Sequential([w.Dense(10)], (784,)).save(folder / "rows.safetensors")
    w.Sequential([w.Flatten(), w.Dense(10), w.ReLU()]).save(folder / "relu.safetensors")
    w.Sequential([w.Flatten(), w.Dense(10)], (8, 8, 1)).save(folder / "small.safetensors")
    mad = w.Sequential([w.Flatten(), w.Dense(10)])
    mad.parameters[3] = np.nan
    mad.save(folder / "nan.safetensors")
    return folder


@pytest.mark.parametrize(("arguments", "said"), BAD, ids=lambda case: " ".join(case)[:40])
def test_one_sentence_and_nothing_written(
    arguments: tuple[str, ...],
    said: str,
    junk: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(junk)
    before = sorted(junk.iterdir())
    assert run(["mistakes", *arguments]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("whynet: ")
    assert told.err.count("\n") == 1
    assert said in told.err
    assert sorted(junk.iterdir()) == before
