"""`whynet show --plan`."""

import json
from pathlib import Path

import pytest

from helpers.commands import whynet
from whynet.cli.run import run
from whynet.presets import load_preset
from whynet.train.shards import shard_size

FORCED = """
about = "for tests"
[net]
layers = [
  { type = "Conv2D", filters = 3, algorithm = "winograd" },
  { type = "ReLU" },
  { type = "Conv2D", filters = 3 },
  { type = "Flatten" },
  { type = "Dense", units = "classes" },
]
"""


@pytest.fixture(scope="module")
def forced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("nets") / "forced.toml"
    path.write_text(FORCED)
    return path


def test_a_plan_is_shown() -> None:
    ran = whynet("show", "lenet", "--plan")
    assert (ran.code, ran.err) == (0, "")
    for words in ("batches of 64", "convolution", "max pooling", "estimated", "measured"):
        assert words in ran.out
    for words in ("GFLOP/s", "a batch is", "scratch", "gradients", "Adam", "together"):
        assert words in ran.out


def test_one_document_with_json() -> None:
    size = shard_size(load_preset("numpy-cnn").build(), 40)
    ran = whynet("show", "numpy-cnn", "--plan", "--json", "--batch-size", size + 8)
    assert (ran.code, ran.err) == (0, "")
    told = json.loads(ran.out)
    assert told["model"] == "numpy-cnn"
    assert (told["batch_size"], told["shard_size"], told["shards"]) == (size + 8, size, 2)
    examples = [told[plan]["examples"] for plan in ("training", "last_shard", "prediction")]
    assert examples == [size, 8, size]
    plan = told["training"]
    for times in ("estimated_us", "measured_us"):
        parts = [step[times][way] for step in plan["steps"] for way in ("forward", "backward")]
        assert sum(parts) == pytest.approx(plan[times]["total"])
        assert plan[times]["forward"] + plan[times]["backward"] == plan[times]["total"]
    assert set(plan["steps"][0]) == {
        "layer",
        "name",
        "does",
        "algorithm",
        "forced",
        "order",
        "multiply_adds",
        "estimated_us",
        "measured_us",
    }
    memory = plan["memory"]
    assert memory["kept"] + memory["common"] + memory["scratch"] == memory["total"]
    parts = told["memory"].copy()
    parts.pop("whole_plans")
    assert parts.pop("total") == sum(parts.values())
    # Adam's two averages, and a count of steps.
    assert parts["optimizer"] == pytest.approx(2 * parts["parameters"], abs=64)


@pytest.mark.parametrize("name", ["sigmoid-30", "lenet", "numpy-cnn", "tiny"])
def test_tables_are_whole_and_narrow(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert run(["show", name, "--plan", "--batch-size", "33"]) == 0
    told = capsys.readouterr().out
    table = told.split("µs an image")[0].splitlines()
    first_words = {line.split()[0] for line in table if line and not line.startswith(" ")}
    assert {layer.name for layer in load_preset(name).build().layers} <= first_words
    assert max(map(len, told.splitlines())) <= 100


def test_forced_algorithms_are_marked(forced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", str(forced), "--plan"]) == 0
    told = capsys.readouterr().out
    assert told.count("winograd*") == 1
    assert "the net asks for this algorithm" in told
    assert run(["show", str(forced), "--plan", "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["training"]["steps"]
    marks = [step["forced"] for step in steps if step["does"] == "convolution"]
    assert marks == [True, False]


def test_model_files_have_plans(
    forced: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    net = load_preset(forced).build()
    net.save(tmp_path / "mine.safetensors")  # untrained: without a recipe
    assert run(["show", str(tmp_path / "mine.safetensors"), "--plan"]) == 0
    told = capsys.readouterr().out
    assert "batches of 128" in told
    assert "winograd*" in told
    assert "not known" in told


def test_a_recipe_may_take_everything_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "full.toml"
    path.write_text(FORCED + '[recipe]\nbatch_size = "full"\n')
    assert run(["show", str(path), "--plan", "--json"]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["batch_size"] == 128
    assert "all pictures at once" in told.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--batch-size", "64"], "--batch-size belongs to --plan"),
        (["--plan", "--batch-size", "0"], "expected 1 to 10,000,000, got 0"),
        (["--plan", "--batch-size", "-3"], "expected 1 to 10,000,000, got -3"),
        (["--plan", "--batch-size", str(10**30)], "expected 1 to 10,000,000"),
        (["--plan", "--batch-size", "many"], "should be a valid integer"),
    ],
)
def test_bad_sizes_get_a_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["show", "lenet", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err
    assert len(told.err.splitlines()) == 1
