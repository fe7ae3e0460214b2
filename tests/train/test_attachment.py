"""What travels with a model comes back, is kept by who does not know it, and harms nobody."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from helpers.training import bits, blobs, full_recipe, small_net
from whynet import Dense, Flatten, Sequential
from whynet.errors import CheckpointError, ConfigError
from whynet.train import Attachment, load_model
from whynet.train.attachment import KINDS

ABOUT = {"source": "a test", "parts": [1, 2.5, None, True, {"é": "ü"}]}


def arrays() -> dict[str, np.ndarray]:
    """One array of every type, of shapes from () to three axes, and one that is empty."""
    whole = np.arange(24).reshape(2, 3, 4)
    return {
        "images": whole.astype(np.uint8),
        "labels": np.array([-(2**62), 2**62]),
        "reader.kernel": (whole[0] / 7).astype(np.float32),
        "number": np.array(1e300),
        "none": np.empty((0, 3), np.uint8),
        "turned": whole.astype(np.float64).T,
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "net.safetensors"


@pytest.fixture(scope="module")
def net() -> Sequential:
    net = small_net()
    net.train(*blobs(50), full_recipe(epochs=1), threads=1)
    net.attachments["donors"] = Attachment(arrays(), ABOUT)
    net.attachments["a thing from later"] = Attachment({}, {})
    return net


@pytest.fixture(scope="module")
def whole(net: Sequential, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("model") / "net.safetensors"
    net.save(path)
    return path.read_bytes()


def split(content: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Take a file apart: its JSON and its tensors."""
    (length,) = struct.unpack("<Q", content[:8])
    metadata = json.loads(content[8 : 8 + length])["__metadata__"]
    return json.loads(metadata["whynet"]), load_tensors(content)


def join(about: Any, tensors: dict[str, np.ndarray]) -> bytes:
    return save_tensors(tensors, metadata={"whynet": json.dumps(about)})


def same(one: dict[str, Attachment], other: dict[str, Attachment]) -> bool:
    return one.keys() == other.keys() and all(
        one[title].about == other[title].about
        and list(one[title].tensors) == list(other[title].tensors)
        and all(
            (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape)
            and np.array_equal(mine, theirs)
            for mine, theirs in zip(
                one[title].tensors.values(), other[title].tensors.values(), strict=True
            )
        )
        for title in one
    )


# -- everything comes back ----------------------------------------------------------------------


def test_round_trip(net: Sequential, whole: bytes, path: Path) -> None:
    path.write_bytes(whole)
    again = Sequential.load(path)
    assert same(again.attachments, net.attachments)
    assert bits(again) == bits(net)
    assert again.training_state is not None
    again.save(path)  # by someone who knows nothing of what is attached
    assert same(Sequential.load(path).attachments, net.attachments)


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    title=NAMES.filter(lambda name: "." not in name),
    tensors=st.dictionaries(
        NAMES,
        st.sampled_from(KINDS).flatmap(
            lambda kind: hnp.arrays(
                kind,
                hnp.array_shapes(min_dims=0, min_side=0, max_side=3),
                elements={"allow_nan": False, "allow_infinity": False}
                if kind.startswith("float")
                else None,
            )
        ),
        max_size=3,
    ),
)
def test_any_names_and_arrays(title: str, tensors: dict[str, np.ndarray], path: Path) -> None:
    net = Sequential([Flatten(name="attached"), Dense(2, name=title)], (3, 3, 1))
    net.attachments = {title: Attachment(tensors, {"title": title})}
    net.save(path)
    again = Sequential.load(path)
    assert same(again.attachments, net.attachments)
    assert bits(again) == bits(net)


def test_a_layer_may_have_the_prefix_for_a_name(path: Path) -> None:
    net = Sequential([Flatten(), Dense(2, name="attached")], (3, 3, 1))
    net.attachments["kernel"] = Attachment({"kernel": np.zeros(3, np.uint8)}, {})
    net.save(path)
    again = Sequential.load(path)
    assert bits(again) == bits(net)
    assert same(again.attachments, net.attachments)


def test_without_attachments_the_file_is_what_it_always_was(path: Path) -> None:
    Sequential([Flatten(), Dense(2)], (3, 3, 1)).save(path)
    about, tensors = split(path.read_bytes())
    assert about.keys() == {"format", "network", "card", "state"}
    assert tensors.keys() == {"dense_1.kernel", "dense_1.bias"}
    assert Sequential.load(path).attachments == {}
    assert load_model(path).attachments == {}


def test_a_new_net_has_none_and_shares_none() -> None:
    one, other = (Sequential([Flatten(), Dense(2)], (3, 3, 1)) for _ in range(2))
    one.attachments["a"] = Attachment({}, {})
    assert other.attachments == {}


# -- what cannot be attached ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tensors", "about", "says"),
    [
        ({"a": np.zeros(2, np.float16)}, {}, "expected a as an array of float32, .*, got float16"),
        ({"a": np.zeros(2, ">f4")}, {}, "got >f4"),
        ({"a": np.zeros(2, bool)}, {}, "got bool"),
        ({"a": [1, 2]}, {}, "got list"),
        ({"a": np.float32(1)}, {}, "got float32"),
        ({"a": np.array([1, math.nan])}, {}, "expected finite numbers in a"),
        ({"a": np.array([1, -math.inf], np.float32)}, {}, "expected finite numbers in a"),
        ({"": np.zeros(2)}, {}, "tensor's name as printable text, got ''"),
        ({"a\n": np.zeros(2)}, {}, "tensor's name as printable text"),
        ({3: np.zeros(2)}, {}, "tensor's name as printable text, got 3"),
        ([np.zeros(2)], {}, "expected an attachment of tensors by name"),
        ({}, ["a"], "and a table about them"),
        ({}, {"a": np.zeros(2)}, "expected plain values about an attachment"),
        ({}, {"a": math.nan}, "expected plain values about an attachment"),
    ],
)
def test_what_no_file_could_hold(tensors: Any, about: Any, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        Attachment(tensors, about)


@pytest.mark.parametrize(
    ("title", "value", "says"),
    [
        ("a.b", Attachment({}, {}), "name as printable text without dots, got 'a.b'"),
        ("", Attachment({}, {}), "without dots, got ''"),
        (3, Attachment({}, {}), "without dots, got 3"),
        ("a", {"tensors": {}}, "attachment 'a': expected an Attachment"),
    ],
)
def test_saving_what_would_not_come_back(title: Any, value: Any, says: str, path: Path) -> None:
    net = Sequential([Flatten(), Dense(2)], (3, 3, 1))
    net.attachments[title] = value
    path.write_bytes(b"the old file")
    with pytest.raises(ConfigError, match=says):
        net.save(path)
    assert path.read_bytes() == b"the old file"


# -- damaged files --------------------------------------------------------------------------------


def refused(path: Path, content: bytes) -> str:
    """Load these bytes; return what was said, which is one line and names the file."""
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as caught:
        Sequential.load(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert "\n" not in said
    return said


def test_a_tensor_that_is_missing(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    del tensors["attached.donors.labels"]
    said = refused(path, join(about, tensors))
    assert "attachment 'donors': 'attached.donors.labels' is missing" in said


def test_a_tensor_of_nobody(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    tensors["attached.donors.more"] = np.zeros(2, np.float32)
    assert "attached.donors.more belongs to no layer" in refused(path, join(about, tensors))
    tensors["attached.donors.more"] = np.zeros(2, np.uint8)
    assert "float32 numbers in attached.donors.more" in refused(path, join(about, tensors))


def test_tensors_of_other_types_and_nan(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    for bad in (np.zeros(2, np.float16), np.zeros(2, bool), np.array([0, math.nan])):
        changed = {**tensors, "attached.donors.reader.kernel": bad}
        said = refused(path, join(about, changed))
        assert "attachment 'donors': damaged (expected " in said
        assert "reader.kernel" in said


def test_weights_may_still_be_floats_only(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    tensors["dense_1.bias"] = tensors["dense_1.bias"].astype(np.int64)
    assert "expected finite float32 numbers in dense_1.bias" in refused(path, join(about, tensors))


def test_weights_cannot_be_called_an_attachment(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    about["attachments"]["donors"]["tensors"].append("dense_1.bias")
    assert "'attached.donors.dense_1.bias' is missing" in refused(path, join(about, tensors))


def test_a_list_that_names_a_tensor_twice(whole: bytes, path: Path) -> None:
    about, tensors = split(whole)
    about["attachments"]["donors"]["tensors"].append("labels")
    assert "'attached.donors.labels' is missing" in refused(path, join(about, tensors))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("place", [(), ("donors",), ("donors", "tensors"), ("donors", "about")])
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=anything)
def test_json_that_says_something_else(
    place: tuple[str, ...], value: object, whole: bytes, path: Path
) -> None:
    about, tensors = split(whole)
    told, keys = about, ("attachments", *place)
    for key in keys[:-1]:
        told = told[key]
    told[keys[-1]] = value
    path.write_bytes(join(about, tensors))
    try:
        loaded = Sequential.load(path)
    except CheckpointError:
        return
    # Only what they say about themselves may have changed.
    assert place == ("donors", "about")
    assert loaded.attachments["donors"].about == value
