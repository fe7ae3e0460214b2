"""The field's named nets, each a few readable lines of TOML beside this file.

A file holds a net and the recipe that suits it:

    about = "one line for the list"

    [net]
    layers = [{ type = "Flatten" }, { type = "Dense", units = "classes" }]

    [recipe]
    optimizer = { type = "adam", lr = 0.001 }
    epochs = 10

``units = "classes"`` stands for the number of classes in the data, and the input's shape comes from
the data too. A user's own file looks just the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from whynet.data.files import StrPath, open_file
from whynet.errors import ConfigError, ShapeError
from whynet.nn.layer import layer_from_config
from whynet.ops.arrays import Shape
from whynet.sequential import Sequential
from whynet.train.recipe import Recipe

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Preset:
    """A net to be made for some data, and how to train it.

    Attributes:
        name: the preset's, or the file's.
        about: what it is, in a line.
        layers: their descriptions; see `whynet.nn.layer_from_config`.
        recipe: how to train it.
    """

    name: str
    about: str
    layers: tuple[dict[str, Any], ...]
    recipe: Recipe

    def build(
        self, input_shape: Shape = (28, 28, 1), classes: tuple[str, ...] = (), *, seed: int = 0
    ) -> Sequential:
        """Make the net, with fresh weights.

        Args:
            input_shape: of one picture.
            classes: what the outputs stand for; the ten digits by default.
            seed: of the initial weights.

        Raises:
            ConfigError, ShapeError: the layers don't fit together, or don't fit the pictures.
        """
        classes = classes or tuple("0123456789")
        layers = []
        for number, layer in enumerate(self.layers, 1):
            options = {k: len(classes) if v == "classes" else v for k, v in layer.items()}
            with _named(f"{self.name}: layer {number}"):
                layers.append(layer_from_config(options))
        with _named(self.name):
            net = Sequential(layers, input_shape, classes=classes, seed=seed)
        net.card.model = self.name
        return net


@contextmanager
def _named(where: str) -> Iterator[None]:
    """Say in every complaint where the mistake stands."""
    try:
        yield
    except (ConfigError, ShapeError) as error:
        raise type(error)(f"{where}: {error}") from None


@cache
def preset_names() -> tuple[str, ...]:
    """The names of the presets that come with whynet, from the smallest idea to the largest."""
    return tuple(sorted((path.stem for path in _FOLDER.glob("*.toml")), key=_ORDER.index))


_ORDER = [
    "perceptron",
    "sigmoid-30",
    "sigmoid-100",
    "mlp",
    "lenet",
    "fast",
    "fast-99.4",
    "numpy-cnn",
    "tiny",
    "small",
]


def load_preset(name: StrPath) -> Preset:
    """Read a preset by its name, or a TOML file of the same form by its path.

    Raises:
        ConfigError: no such preset, or the file is not of that form.
        DataNotFoundError: no such file.
    """
    text = str(name)
    if text in preset_names():
        return _read(_FOLDER / f"{text}.toml", text)
    if not text.endswith(".toml"):
        raise ConfigError(
            f"expected a model of {', '.join(preset_names())}, or a .toml file, got {text!r}"
        )
    return _read(Path(text), Path(text).stem)


def _read(path: Path, name: str) -> Preset:
    try:
        with open_file(path) as file:
            content = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not a TOML file ({error})") from None
    unknown = sorted(set(content) - {"about", "net", "recipe"})
    if unknown:
        raise ConfigError(f"{path}: expected about, net and recipe, got {', '.join(unknown)}")
    net, recipe = content.get("net"), content.get("recipe", {})
    net = net if isinstance(net, dict) else {}
    layers = net.get("layers")
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        raise ConfigError(f"{path}: expected a table [net] with a list of layers")
    unknown = sorted(set(net) - {"layers"})
    if unknown:
        raise ConfigError(f"{path}: net: expected options of layers, got {', '.join(unknown)}")
    if not isinstance(recipe, dict):
        raise ConfigError(f"{path}: expected a table [recipe], got {recipe!r}")
    try:
        made = Recipe.from_config(recipe)
        return Preset(name, str(content.get("about", "")), tuple(layers), made)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None
