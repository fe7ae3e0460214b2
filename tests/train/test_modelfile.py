"""Model files: everything comes back, and whatever is wrong with one ends in one sentence."""

import ast
import json
import math
import struct
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

import whynet
from helpers.training import StopAt, bits, blobs, full_recipe, small_net
from whynet import SGD, Dense, Flatten, Sequential
from whynet.errors import CheckpointError, DataFormatError, DataNotFoundError
from whynet.train import modelfile

IMAGES, LABELS = blobs(50)


@pytest.fixture(scope="module")
def net() -> Sequential:
    """Stopped in the middle of its second epoch."""
    net = small_net()
    recipe = full_recipe(epochs=2)
    net.train(IMAGES, LABELS, recipe, validation=blobs(20), callbacks=[StopAt(4)], threads=1)
    net.card.model, net.card.data = "small", "blobs"
    net.card.figures = {"validation_accuracy": 0.5}
    return net


@pytest.fixture(scope="module")
def whole(net: Sequential, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of that net's file."""
    path = tmp_path_factory.mktemp("model") / "net.safetensors"
    net.save(path)
    return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


def split(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Take a file apart: its JSON and its tensors."""
    (length,) = struct.unpack("<Q", content[:8])
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    return json.loads(metadata["whynet"]), load_tensors(content)


def join(about: Any, tensors: dict[str, np.ndarray]) -> bytes:
    return save_tensors(tensors, metadata={"whynet": json.dumps(about)})


# -- everything comes back ----------------------------------------------------------------------


def test_round_trip(net: Sequential, path: Path) -> None:
    net.save(path)
    again = Sequential.load(path)
    assert bits(again) == bits(net)
    assert again.config() == net.config()
    assert again.card == net.card
    assert again.card.recipe == full_recipe(epochs=2)
    state, kept = again.training_state, net.training_state
    assert {**vars(state), "memory": None} == {**vars(kept), "memory": None}
    assert state.memory.keys() == kept.memory.keys()
    for name, array in state.memory.items():
        assert array.dtype == kept.memory[name].dtype
        np.testing.assert_array_equal(array, kept.memory[name])
    assert state.history is again.card.history


def test_predictions_are_the_same_bits(net: Sequential, path: Path) -> None:
    net.save(path)
    again = Sequential.load(path)
    assert again.outputs(IMAGES).tobytes() == net.outputs(IMAGES).tobytes()
    assert again.predict_proba(IMAGES).tobytes() == net.predict_proba(IMAGES).tobytes()


def test_a_loaded_net_saves_the_same_bytes(whole: bytes, path: Path) -> None:
    path.write_bytes(whole)
    Sequential.load(path).save(path)
    assert split(path.read_bytes())[0] == split(whole)[0]
    for name, array in split(whole)[1].items():
        assert split(path.read_bytes())[1][name].tobytes() == array.tobytes()


def test_a_net_that_was_never_trained(path: Path) -> None:
    net = Sequential([Flatten(), Dense(2)], (3, 3, 1), classes=("cross", "tick"))
    net.save(path)
    again = Sequential.load(path)
    assert again.training_state is None
    assert again.card.recipe is None
    assert again.card.classes == ("cross", "tick")
    assert again.card.version == whynet.__version__
    assert bits(again) == bits(net)


def test_a_net_without_parameters(path: Path) -> None:
    Sequential([Flatten()], (2, 2, 1)).save(path)
    assert Sequential.load(path).output_shape == (4,)


def test_other_programs_can_read_the_weights(whole: bytes) -> None:
    """Plain safetensors: names say which layer, kernels are height × width × in × out."""
    tensors = load_tensors(whole)
    assert tensors["conv2d_1.kernel"].shape == (3, 3, 1, 4)
    assert tensors["batchnormalization_1.variance"].shape == (4,)
    assert "optimizer.mean" in tensors


def test_loaded_weights_can_be_trained(whole: bytes, path: Path) -> None:
    path.write_bytes(whole)
    again = Sequential.load(path)
    again.train(IMAGES, LABELS, again.card.recipe, resume=True, threads=1)
    assert len(again.card.history) == 2


def test_nothing_in_whynet_pickles() -> None:
    root = Path(whynet.__file__).parent
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            else:
                continue
            forbidden = {"pickle", "cPickle", "dill", "shelve", "marshal", "joblib", "cloudpickle"}
            assert not forbidden & {name.split(".")[0] for name in names}, file
        assert "allow_pickle=True" not in file.read_text(encoding="utf-8"), file


# -- the file on the disk -----------------------------------------------------------------------


def test_a_failure_while_writing_keeps_the_old_file(
    net: Sequential, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"the old file")

    def full_disk(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        net.save(path)
    assert path.read_bytes() == b"the old file"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_failure_while_packing_keeps_the_old_file(
    net: Sequential, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import safetensors.numpy

    path.write_bytes(b"the old file")

    def broken(*args: Any, **kwargs: Any) -> bytes:
        raise MemoryError

    monkeypatch.setattr(safetensors.numpy, "save", broken)
    with pytest.raises(MemoryError):
        net.save(path)
    assert path.read_bytes() == b"the old file"
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_saving_into_nowhere(net: Sequential, tmp_path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="cannot be written"):
        net.save(tmp_path / "missing" / "net.safetensors")


def test_no_file_a_folder_an_empty_file(path: Path) -> None:
    with pytest.raises(DataNotFoundError, match="no such file"):
        Sequential.load(path)
    with pytest.raises(DataFormatError, match="expected a file, got a folder"):
        Sequential.load(path.parent)
    path.touch()
    with pytest.raises(DataFormatError, match=r"the file is empty \(0 bytes\)"):
        Sequential.load(path)


# -- what is no model file ----------------------------------------------------------------------


def refused(path: Path, content: bytes) -> str:
    """Load these bytes; return what was said, which is one line and names the file."""
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        Sequential.load(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said


@pytest.mark.parametrize(
    "content",
    [
        b"\x00",
        b"hello, world",
        b"PK\x03\x04" + bytes(100),
        b"\x89HDF\r\n\x1a\n" + bytes(100),
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2**40) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 100_000) + b"[" * 100_000,
        struct.pack("<Q", 90_000) + b'{"a":' * 18_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_garbage(content: bytes, path: Path) -> None:
    refused(path, content)


def test_a_foreign_safetensors_file(path: Path) -> None:
    content = save_tensors({"a": np.zeros(3, np.float32)}, metadata={"format": "pt"})
    assert "a safetensors file, but not one that whynet wrote" in refused(path, content)
    assert "not one that whynet wrote" in refused(path, save_tensors({}))


@pytest.mark.parametrize("kind", ["float16", "int64", "uint8", "bool", "int8"])
def test_other_types_of_number(kind: str, whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    tensors["dense_1.bias"] = tensors["dense_1.bias"].astype(kind)
    assert "expected finite float32 numbers in dense_1.bias" in refused(path, join(about, tensors))


@pytest.mark.parametrize("kind", ["BF16", "F8_E4M3", "F8_E5M2", "C64", "U8", "F4", "X9", ""])
def test_types_of_number_that_numpy_may_not_know(kind: str, whole: bytes, path: Path) -> None:
    (length,) = struct.unpack("<Q", whole[:8])
    header = json.loads(whole[8 : 8 + length])
    header = {"__metadata__": header["__metadata__"]}
    size = {"BF16": 2, "C64": 8}.get(kind, 1)
    shape = [2] if kind == "F4" else [1]
    header["dense_1.bias"] = {"dtype": kind, "shape": shape, "data_offsets": [0, size]}
    text = json.dumps(header).encode()
    refused(path, struct.pack("<Q", len(text)) + text + bytes(size))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["dense_1.kernel", "batchnormalization_1.mean", "optimizer.mean"])
def test_nan(bad: float, name: str, whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    tensors[name] = tensors[name].copy()
    tensors[name].flat[-1] = bad
    assert f"expected finite float32 numbers in {name}" in refused(path, join(about, tensors))


def test_weights_that_do_not_fit(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    missing = {name: array for name, array in tensors.items() if name != "dense_2.bias"}
    assert "dense_2.bias is missing" in refused(path, join(about, missing))
    extra = {**tensors, "dense_9.bias": tensors["dense_2.bias"]}
    assert "dense_9.bias belongs to no layer" in refused(path, join(about, extra))
    turned = {**tensors, "dense_1.kernel": np.ascontiguousarray(tensors["dense_1.kernel"].T)}
    said = refused(path, join(about, turned))
    assert "dense_1.kernel: expected (36, 8), got (8, 36)" in said
    no_state = {name: array for name, array in tensors.items() if not name.endswith(".variance")}
    assert "batchnormalization_1.variance is missing" in refused(path, join(about, no_state))


def test_memory_that_does_not_fit(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    short = {**tensors, "optimizer.mean": tensors["optimizer.mean"][:-1].copy()}
    assert "expected optimizer memory" in refused(path, join(about, short))
    renamed = {name.replace("er.mean", "er.meam"): array for name, array in tensors.items()}
    assert "expected optimizer memory" in refused(path, join(about, renamed))
    square = {**tensors, "optimizer.mean": tensors["optimizer.mean"].reshape(-1, 1)}
    assert "expected optimizer memory" in refused(path, join(about, square))


def test_a_file_from_the_future(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    about["format"] = modelfile.FORMAT + 1
    said = refused(path, join(about, tensors))
    assert "expected format 1, got 2: use a newer whynet to read it" in said


@pytest.mark.parametrize(
    "units", [10**6, 10**12, 2**62, 2**63, 10**30, 10**400, -1, 0, 1.5, "ten", None, [3], True]
)
def test_absurd_sizes_are_refused_at_once(units: object, whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    layer = next(x for x in about["network"]["layers"] if x["type"] == "Dense")
    layer["units"] = units
    _quick_and_small(path, join(about, tensors))


@pytest.mark.parametrize(
    "change",
    [
        {"filters": 10**12},
        {"kernel_size": 10**12},
        {"kernel_size": [10**12, 10**12], "padding": "same"},
        {"kernel_size": [2**62, 4], "padding": "same"},
        {"strides": 10**15},
        {"type": "MaxPooling2D", "pool_size": 10**11, "padding": "same"},
    ],
)
def test_absurd_convolutions(change: dict, whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    about["network"]["layers"][0] |= change
    _quick_and_small(path, join(about, tensors))


@pytest.mark.parametrize(
    "shape",
    [
        [10**12, 10**12, 1],
        [10**30, 1, 1],
        [2**63, 1, 1],
        [8, 8, 10**12],
        [10**15],
        [],
        [0, 0, 0],
        [-8, 8, 1],
        [8.0, 8, 1],
        "8x8",
        None,
        [1] * 5000,
    ],
    ids=lambda shape: str(shape)[:30],
)
def test_absurd_inputs(shape: object, whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    about["network"]["input_shape"] = shape
    _quick_and_small(path, join(about, tensors))


def _quick_and_small(path: Path, content: bytes) -> None:
    began = time.perf_counter()
    tracemalloc.start()
    try:
        refused(path, content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20_000_000
    assert time.perf_counter() - began < 5


def _set(*keys: str | int) -> Callable[[Any, Any], None]:
    def change(about: Any, value: Any) -> None:
        for key in keys[:-1]:
            about = about[key]
        about[keys[-1]] = value

    return change


PLACES = {
    "network": _set("network"),
    "layers": _set("network", "layers"),
    "first layer": _set("network", "layers", 0),
    "its type": _set("network", "layers", 0, "type"),
    "its size": _set("network", "layers", 0, "kernel_size"),
    "its name": _set("network", "layers", 0, "name"),
    "card": _set("card"),
    "classes": _set("card", "classes"),
    "data": _set("card", "data"),
    "preparation": _set("card", "preparation"),
    "figures": _set("card", "figures"),
    "line": _set("card", "history", 0),
    "its rate": _set("card", "history", 0, "lr"),
    "history": _set("card", "history"),
    "recipe": _set("card", "recipe"),
    "optimizer": _set("card", "recipe", "optimizer"),
    "rate": _set("card", "recipe", "optimizer", "lr"),
    "schedule": _set("card", "recipe", "schedule"),
    "augment": _set("card", "recipe", "augment"),
    "epochs": _set("card", "recipe", "epochs"),
    "state": _set("state"),
    "batch": _set("state", "batch"),
    "cost": _set("state", "cost"),
    "format": _set("format"),
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)

FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("place", PLACES)
@settings(FEW, max_examples=20)
@given(value=anything)
def test_json_that_says_something_else(place: str, value: object, whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    PLACES[place](about, value)
    _loads_or_is_refused(path, join(about, tensors))


def _first_line(about: Any) -> Any:
    return about["card"]["history"][0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda about: _first_line(about).update(cost="abc"), "expected cost as a number"),
        (lambda about: _first_line(about).update(accuracy=[1]), "expected accuracy as a number"),
        (lambda about: _first_line(about).update(lr=None), "expected lr as a number"),
        (lambda about: about["card"].update(figures={"a": "b"}), "expected a as a number"),
        (lambda about: about["card"].update(figures={"a": None}), "expected a as a number"),
        (lambda about: about["card"].update(figures={"a": math.nan}), "expected a as a number"),
        (lambda about: about["card"].update(figures=[1]), "expected figures as a table"),
        (lambda about: about["card"].update(preparation=["digit"]), "expected preparation as text"),
        (lambda about: about["card"].update(preparation="x"), "expected a preparation of digit"),
        (lambda about: about["card"].update(classes="012"), "expected classes as a list of names"),
        (lambda about: about["card"].update(classes=[[0], 1, 2]), "expected classes as a list"),
        (lambda about: about["card"].update(data=5), "expected data as text, got 5"),
        (lambda about: about["card"].update(data=["strokes"]), "expected data as text"),
        (lambda about: about["card"].update(data="a\0b"), "expected data as text"),
        (lambda about: about["card"].update(model=None), "expected model as text"),
        (lambda about: about.update(card=[1]), "model card: expected a table"),
        (
            lambda about: about["card"]["recipe"]["optimizer"].update(epsilon="a"),
            "expected epsilon as a number above 0, got 'a'",
        ),
        (lambda about: about["card"]["recipe"].update(epochs=10**30), "expected epochs as a whole"),
        (lambda about: about["card"].update(recipe=[1]), "recipe: expected a table of options"),
        (lambda about: about.update(format="a\nb"), r"expected format 1, got 'a\nb'"),
        (lambda about: about["state"].update(batch=10**9, seen=0), "expected at least 1000000000"),
        (lambda about: about["state"].update(correct=10**9), "expected at least 1000000000"),
        (lambda about: about["state"].update(epoch=10**30), "expected epoch as a whole number"),
        (lambda about: about["state"].update(cost=math.inf), "expected cost as a number"),
        (lambda about: about["network"]["layers"][0].update(name=3), "expected a layer's name"),
    ],
)
def test_a_malformed_card(
    change: Callable[[Any], None], message: str, whole: bytes, path: Path
) -> None:
    about, tensors = split(whole)
    change(about)
    assert message in refused(path, join(about, tensors))


def test_a_card_without_classes_gets_their_numbers(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    about["card"]["classes"] = []
    path.write_bytes(join(about, tensors))
    assert Sequential.load(path).card.classes == ("0", "1", "2")


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, [1], {"format": 1}])
def test_json_that_is_no_model(value: object, whole: bytes, path: Path) -> None:
    refused(path, join(value, split(whole)[1]))


@pytest.mark.parametrize("text", ["", "{", "nul", "[" * 100_000, "1" * 10_000, '{"format": 1'])
def test_json_that_is_no_json(text: str, whole: bytes, path: Path) -> None:
    refused(path, save_tensors(split(whole)[1], metadata={"whynet": text}))


def _loads_or_is_refused(path: Path, content: bytes) -> bool:
    """Any other exception, or a warning, fails the test. True if it loaded, and then it works."""
    path.write_bytes(content)
    try:
        loaded = Sequential.load(path)
    except (CheckpointError, DataFormatError):
        return False
    assert np.isfinite(loaded.parameters).all()
    assert loaded.outputs(IMAGES[:2]).shape == (2, 3)
    return True


def _header_length(content: bytes) -> int:
    return 8 + struct.unpack("<Q", content[:8])[0]


@FEW
@given(share=st.floats(0, 1, exclude_max=True))
def test_truncated_anywhere(share: float, whole: bytes, path: Path) -> None:
    assert not _loads_or_is_refused(path, whole[: int(share * len(whole))])


@pytest.mark.parametrize("kept", [1, 7, 8, 9])
def test_truncated_at_an_edge(kept: int, whole: bytes, path: Path) -> None:
    header = _header_length(whole)
    for cut in (kept, header - kept, header, header + kept, len(whole) - kept):
        refused(path, whole[:cut])


@FEW
@given(data=st.data())
def test_bytes_flipped_in_the_header(data: st.DataObject, whole: bytes, path: Path) -> None:
    """It is refused, or it still says something sensible, as when a name's letter changed."""
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, _header_length(whole) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    _loads_or_is_refused(path, bytes(content))


@FEW
@given(data=st.data())
def test_bytes_flipped_in_the_weights(data: st.DataObject, whole: bytes, path: Path) -> None:
    content = bytearray(whole)
    place = data.draw(st.integers(_header_length(whole), len(whole) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    _loads_or_is_refused(path, bytes(content))


@FEW
@given(rest=st.binary(min_size=1, max_size=100))
def test_bytes_after_the_end(rest: bytes, whole: bytes, path: Path) -> None:
    refused(path, whole + rest)


@FEW
@given(content=st.binary(min_size=1, max_size=300))
def test_any_bytes(content: bytes, path: Path) -> None:
    assert not _loads_or_is_refused(path, content)


def test_a_float64_weight_beyond_float32(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    tensors["dense_1.bias"] = np.full(8, 1e300)
    refused(path, join(about, tensors))


def test_the_memory_of_plain_sgd_is_empty(path: Path) -> None:
    net = small_net()
    net.train(IMAGES, LABELS, full_recipe(optimizer=SGD(), epochs=1), threads=1)
    net.save(path)
    assert Sequential.load(path).training_state.memory == {}


def test_files_can_be_read_while_they_are_open_elsewhere(whole: bytes, path: Path) -> None:
    """A loaded net owns its weights: the file may be replaced or cut short under it."""
    path.write_bytes(whole)
    loaded = Sequential.load(path)
    before = bits(loaded)
    with path.open("r+b") as file:
        file.truncate(10)
    assert bits(loaded) == before
