"""Presets: what each is, that it fits its data, and files of a user's own."""

from pathlib import Path

import numpy as np
import pytest

from helpers.training import bits
from whynet import SGD, AdamW, Recipe, load_preset, preset_names
from whynet.errors import ConfigError, DataNotFoundError, WhynetError
from whynet.optim import OneCycle

PARAMETERS = {
    "perceptron": 784 * 10 + 10,
    "sigmoid-30": 784 * 30 + 30 + 30 * 10 + 10,
    "sigmoid-100": 784 * 100 + 100 + 100 * 10 + 10,
    "mlp": 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10,
    "lenet": 25 * 8 + 8 + 25 * 8 * 16 + 16 + 400 * 128 + 128 + 128 * 10 + 10,
    "fast": 25 * 16 + 9 * 16 * 48 + 9 * 48 * 96 + 2 * (16 + 48 + 96) + 9 * 96 * 10 + 10,
    "fast-99.4": 25 * 16 + 9 * 16 * 48 + 9 * 48 * 64 + 2 * (16 + 48 + 64) + 9 * 64 * 10 + 10,
    "numpy-cnn": (
        (9 * 32 + 32)
        + (9 * 32 * 32 + 32)
        + (9 * 32 * 64 + 64)
        + (9 * 64 * 64 + 64)
        + (7 * 7 * 64 * 256 + 256)
        + (256 * 32 + 32)
        + (32 * 10 + 10)
    ),
    "tiny": 4994,
    "small": 7754,
}

every_preset = pytest.mark.parametrize("name", PARAMETERS)


def test_the_list() -> None:
    assert preset_names() == tuple(PARAMETERS)


@every_preset
def test_parameters(name: str) -> None:
    preset = load_preset(name)
    net = preset.build()
    assert net.summary().parameters == net.parameters.size == PARAMETERS[name]
    assert net.input_shape == (28, 28, 1)
    assert net.output_shape == (10,)
    assert net.card.classes == tuple("0123456789")
    assert net.card.model == preset.name == name
    assert 20 < len(preset.about) < 100


def test_the_small_ones_are_small() -> None:
    assert PARAMETERS["tiny"] <= 5000
    assert PARAMETERS["small"] <= 8000


def test_nielsens_recipe() -> None:
    recipe = Recipe(cost="quadratic", optimizer=SGD(lr=3.0), batch_size=10, epochs=30)
    assert load_preset("sigmoid-30").recipe == load_preset("sigmoid-100").recipe == recipe


def test_a_recipe_with_tables() -> None:
    recipe = load_preset("tiny").recipe
    assert recipe.optimizer == AdamW(lr=0.015, weight_decay=1e-4)
    assert recipe.schedule == OneCycle(warm_up=0.2)
    assert recipe.augment is not None
    assert recipe.augment.elastic == 0.5


@every_preset
def test_other_data(name: str) -> None:
    """Colour pictures of another size, with another number of classes."""
    net = load_preset(name).build((32, 32, 3), ("cat", "dog", "frog"))
    assert net.output_shape == (3,)
    assert net.card.classes == ("cat", "dog", "frog")
    assert net.predict_proba(np.zeros((1, 32, 32, 3), np.uint8)).shape == (1, 3)


@every_preset
def test_seeds(name: str) -> None:
    preset = load_preset(name)
    assert bits(preset.build(seed=1)) == bits(preset.build(seed=1))
    assert bits(preset.build(seed=1)) != bits(preset.build(seed=2))


@every_preset
def test_a_preset_survives_its_own_description(name: str) -> None:
    recipe = load_preset(name).recipe
    assert Recipe.from_config(recipe.config()) == recipe


def test_unknown_names() -> None:
    with pytest.raises(ConfigError) as caught:
        load_preset("resnet")
    assert str(caught.value) == (
        f"expected a model of {', '.join(PARAMETERS)}, or a .toml file, got 'resnet'"
    )
    with pytest.raises(DataNotFoundError, match="no such file"):
        load_preset("missing.toml")


MINE = """
about = "mine"
[net]
layers = [
  { type = "Flatten" },
  { type = "Dense", units = 4, name = "hidden" },
  { type = "Tanh" },
  { type = "Dense", units = "classes" },
]
[recipe]
optimizer = "sgd"
epochs = 2
"""


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    for given in (path, str(path)):
        preset = load_preset(given)
        assert (preset.name, preset.about) == ("mine", "mine")
        assert preset.recipe == Recipe(optimizer=SGD(), epochs=2)
        net = preset.build((3, 3, 1), ("a", "b"))
        assert [layer.name for layer in net.layers][1] == "hidden"
        assert net.parameters.size == 9 * 4 + 4 + 4 * 2 + 2


def test_a_file_without_a_recipe_takes_the_usual_one(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text("[net]\nlayers = [{ type = 'Flatten' }, { type = 'Dense', units = 10 }]\n")
    assert load_preset(path).recipe == Recipe()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"layers = [", "not a TOML file"),
        (b"\xff\xfe", "not a TOML file"),
        (b"[net]\nlayers = 3\n", r"expected a table \[net\] with a list of layers"),
        (b"[net]\nlayers = [3]\n", r"expected a table \[net\] with a list of layers"),
        (b"net = 3\n", r"expected a table \[net\] with a list of layers"),
        (b"[recipe]\nepochs = 3\n", r"expected a table \[net\] with a list of layers"),
        (b"recipe = 3\n[net]\nlayers = []\n", r"expected a table \[recipe\], got 3"),
        (b"[net]\nlayers = []\n[recpie]\n", "expected about, net and recipe, got recpie"),
        (b"[net]\nlayers = []\nlayer = 1\n", "net: expected options of layers, got layer"),
        (b"[net]\nlayers = []\n[recipe]\nepoch = 3\n", "recipe: expected options of cost"),
        (b"[net]\nlayers = []\n[recipe]\noptimizer = 'adm'\n", "expected an optimizer of adam"),
    ],
)
def test_broken_files(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=message) as caught:
        load_preset(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("[]", "expected at least one layer, got none"),
        ("[{ units = 10 }]", "expected a layer like"),
        ("[{ type = 'Dens', units = 10 }]", "expected a layer type of Activation, "),
        ("[{ type = 'Dense' }]", "odd: layer 1: Dense: expected units, got none"),
        ("[{ type = 'Dense', units = 'clases' }]", "odd: layer 1: Dense: expected units as"),
        ("[{ type = 'Flatten' }, { type = 'Conv2D', filters = 3 }]", "expected pictures"),
        ("[{ type = 'Flatten' }, { type = 'Dense', units = 7 }]", "odd: expected 10 outputs"),
        ("[{ type = 'Flatten' }, { type = 'Dropout', rate = '1' }]", "odd: layer 2: Dropout: exp"),
    ],
)
def test_layers_that_make_no_net(layers: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(f"[net]\nlayers = {layers}\n")
    with pytest.raises(WhynetError, match=message):
        load_preset(path).build()
