"""The benchmarks start, compare the right things, and notice when they differ."""

import importlib.util
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from whynet import Conv2D, Dense, Flatten, MaxPooling2D, ReLU, Sequential

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="the other side is PyTorch"
)


def script(name: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, BENCHMARKS / name, *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def speed(monkeypatch):
    """Let tests import the benchmark's package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))


def test_list():
    done = script("speed.py", "--list")
    assert done.returncode == 0, done.stderr
    named = [line.split()[0] for line in done.stdout.splitlines()]
    assert {"train-numpy-cnn-128", "predict-lenet-1", "time-to-99", "ceiling"} <= set(named)
    assert len(named) == 11


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("speed.py", ["--only", "trian-lenet-64"], "got 'trian-lenet-64'"),
        ("speed.py", ["--rounds", "0"], "--rounds of at least 1, got 0"),
        ("speed.py", ["--fast-forward"], "--fast-forward"),
        ("scaling.py", ["--seconds", "-1"], "--seconds above 0, got -1"),
        ("scaling.py", ["--svg", "no/such/folder/x.svg"], "a folder that exists"),
        ("explanations.py", ["--only", "ground-turth"], "got 'ground-turth'"),
    ],
)
def test_bad_arguments(name, arguments, says):
    done = script(name, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


@needs_torch
def test_json():
    done = script("speed.py", "--only", "import", "--quick", "--rounds", "1", "--json")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert (row["work"], row["peer"]) == ("import", "PyTorch")
    assert row["ratio"] == pytest.approx(row["theirs"] / row["ours"])
    assert row["spread"] == 0


@needs_torch
def test_both_sides_compute_the_same():
    done = script("speed.py", "--check", "--only", "train-lenet-64")
    assert done.returncode == 0, done.stderr
    assert "same as PyTorch: outputs within" in done.stderr


def test_tables_of_explanations():
    done = script("explanations.py", "--list")
    assert done.returncode == 0, done.stderr
    named = [line.split()[0] for line in done.stdout.splitlines()]
    assert named[0] == "ground-truth"
    assert {"completeness", "counterfactuals", "agreement", "sanity", "stability"} < set(named)


def test_explanations_add_up_and_agree_with_captum():
    done = script("explanations.py", "--quick", "--only=completeness", "--only=agreement", "--json")
    assert done.returncode == 0, done.stderr
    tables = json.loads(done.stdout)["tables"]
    assert {"the picture", "conv2d_1", "dense_2"} < {row["at"] for row in tables["Completeness"]}
    for row in tables["Completeness"]:
        assert row["worst"] <= 1.2e-4, row
    if importlib.util.find_spec("captum") is None:
        return
    rows = tables["Agreement with Captum"]
    assert {"saliency", "Grad-CAM", "occlusion 3, black"} < {row["method"] for row in rows}
    for row in rows:
        assert row["largest"] < 1e-4, row


class Fixed:
    """A side with given answers."""

    kind = "fixed"

    def __init__(self, losses, answers):
        self._found = {"losses": losses, "answers": answers}

    def call(self, name, **arguments):
        return self._found[name]


def test_a_mismatch_is_noticed(speed):
    from speed.check import MismatchError, same_training

    ours = Fixed([2.0, 1.0], [[1.0, 2.0]])
    assert "costs of 20 steps within 5.0e-05" in same_training(
        ours, Fixed([2.0001, 1.0], [[1.0, 2.0]]), 8
    )
    with pytest.raises(MismatchError, match="the costs"):
        same_training(ours, Fixed([2.0, 1.01], [[1.0, 2.0]]), 8)
    with pytest.raises(MismatchError, match="the outputs"):
        same_training(ours, Fixed([2.0, 1.0], [[1.0, 2.001]]), 8)
    with pytest.raises(MismatchError, match="nan"):
        same_training(ours, Fixed([2.0, float("nan")], [[1.0, 2.0]]), 8)


def test_a_side_that_fails_says_why(speed):
    from speed.process import Side, SideError

    with Side("ours") as side, pytest.raises(SideError, match=r"job\.json"):
        side.call("open", folder="/no/such/folder")


def test_weights_are_put_into_the_order_of_channels_first(speed):
    from speed.channels_first import translated

    net = Sequential(
        [Conv2D(3, (3, 2), padding="same"), ReLU(), MaxPooling2D(), Flatten(), Dense(4)], (6, 8, 2)
    )
    steps, arrays = translated(net)
    assert [step["kind"] for step in steps] == ["conv", "relu", "max_pool", "flatten", "dense"]
    assert arrays["0.kernel"].shape == (3, 2, 3, 2)
    assert (steps[0]["before"], steps[0]["after"]) == ([1, 0], [1, 1])
    maps = np.random.default_rng(0).random((5, 3, 4, 3), dtype=np.float32)
    theirs = maps.transpose(0, 3, 1, 2).reshape(5, -1) @ arrays["4.kernel"]
    np.testing.assert_allclose(theirs, maps.reshape(5, -1) @ net.layers[4].params["kernel"], 1e-5)


def test_the_table_goes_between_its_marks(speed, tmp_path):
    from speed.report import BEGIN, END, markdown, put_into, table
    from speed.rows import compared

    row = compared(
        "w", "p", [1.0, 2.0, 3.0], [4.0, 4.0, 6.0], targets=(1.5, 2.5), unit="s", setting="1 thread"
    )
    assert (row.ratio, row.spread, row.reached) == (2.0, 1.0, "at least")
    assert replace(row, disturbed=True).reached == "disturbed"
    assert "p (1 thread)" in table([row])
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    put_into(page, markdown([row], ["this machine"]))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| `w` | p (1 thread) | 2 | 4 | s | 2.00 | 1.00 | 1.5 | 2.5 | at least |" in text


def test_the_plot_is_well_formed(speed):
    from xml.etree import ElementTree

    from scaling import Point, svg

    points = [
        Point("cores", 1, 10.0, 100.0, 1.0),
        Point("cores", 2, 20.0, 50.0, 2.0),
        Point("side", 28, 1.0, 1000.0, 1.0),
    ]
    ElementTree.fromstring(svg(points, "a < b & c"))
