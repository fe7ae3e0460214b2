"""Model files: one safetensors file with all that is needed to predict, and to go on training.

    tensors     conv2d_1.kernel, ...        every weight, under its layer's name
                optimizer.mean, ...         what the update rule remembers
                attached.donors.images, ... what travels with the model; see `attachment`
    metadata    whynet                      one JSON object: the net, the card, the run

Weights under their layers' names can be read by any program that knows safetensors; the JSON makes
them a net again. Nothing in the file is code, so nothing in it can run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from whynet.data.files import StrPath, existing_file, write_atomically
from whynet.errors import CheckpointError, ConfigError, ShapeError
from whynet.nn import Network
from whynet.nn.network import RESERVED
from whynet.ops.arrays import Array
from whynet.options import choice, number, read
from whynet.train.attachment import Attachment, pack, unpack
from whynet.train.history import History
from whynet.train.loop import State, shapes
from whynet.train.recipe import Recipe

FORMAT = 1
"""Grows when older programs could misread a file."""

PREPARATIONS = ("digit", "fit")
"""How a picture may become a net's input; see `Card`."""

_MEMORY = f"{RESERVED}."


@dataclass
class Card:
    """What is known about a model besides its weights.

    Attributes:
        classes: what each output stands for.
        model: the preset or file that it was made from.
        data: what it was trained on.
        preparation: how a picture becomes its input: "digit" for MNIST's way, "fit" for
            resizing with its proportions kept.
        recipe: how it was trained; None if it was not.
        history: how that went.
        figures: what was measured, such as validation_accuracy.
        version: the whynet that wrote the file.
    """

    classes: tuple[str, ...] = ()
    model: str = ""
    data: str = ""
    preparation: str = "digit"
    recipe: Recipe | None = None
    history: History = field(default_factory=History)
    figures: dict[str, float] = field(default_factory=dict)
    version: str = ""

    def config(self) -> dict[str, Any]:
        """Describe the card in plain values."""
        plain = {
            "recipe": None if self.recipe is None else self.recipe.config(),
            "history": self.history.config(),
        }
        return {name: plain.get(name, value) for name, value in vars(self).items()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Card:
        """Read what `config` returned.

        Raises:
            CheckpointError, ConfigError: it is something else.
        """
        card = read("model card", cls, config)
        if not isinstance(card.classes, list | tuple) or not all(
            isinstance(name, str | int | float) for name in card.classes
        ):
            raise CheckpointError(f"expected classes as a list of names, got {card.classes!r}")
        card.classes = tuple(str(name) for name in card.classes)
        choice(card.preparation, "a preparation", PREPARATIONS)
        if not isinstance(card.figures, dict):
            raise CheckpointError(f"expected figures as a table of numbers, got {card.figures!r}")
        for name, figure in card.figures.items():
            number(figure, name)
        card.history = History.from_config(config.get("history", []))
        if config.get("recipe") is not None:
            card.recipe = Recipe.from_config(config["recipe"])
        return card


@dataclass(frozen=True)
class Loaded:
    """What a model file holds: the net's description and weights, its card, its run, the rest."""

    network: dict[str, Any]
    weights: dict[str, Array]
    card: Card
    state: State | None
    attachments: dict[str, Attachment]


def save_model(
    path: StrPath,
    network: Network,
    card: Card,
    state: State | None = None,
    attachments: Mapping[str, Attachment] | None = None,
) -> None:
    """Write a model file; whatever happens, the old one or the whole new one is there.

    Args:
        path: the file, by custom ``.safetensors``.
        network: its layers and weights.
        card: what is known about it.
        state: where its training stands, so that it can be taken up again.
        attachments: what travels with it, by name.

    Raises:
        ConfigError: an attachment that no file could give back.
        DataNotFoundError: the folder is missing, or may not be written to.
    """
    from safetensors.numpy import save

    about = {"format": FORMAT, "network": network.config(), "card": card.config(), "state": None}
    tensors = {name: np.ascontiguousarray(array) for name, array in network.weights().items()}
    if state is not None:
        tensors |= {_MEMORY + name: array for name, array in state.memory.items()}
        # The optimizer's memory lies among the tensors, and the history on the card.
        left_out = {"memory": None, "history": None}
        about["state"] = {name: v for name, v in vars(state).items() if name not in left_out}
    if attachments:
        attached, about["attachments"] = pack(attachments)
        tensors |= {name: np.asarray(array, order="C") for name, array in attached.items()}
    with write_atomically(path) as file:
        file.write(save(tensors, metadata={"whynet": json.dumps(about, allow_nan=True)}))


def load_model(path: StrPath) -> Loaded:
    """Read a model file.

    Raises:
        DataNotFoundError: no such file.
        DataFormatError: a folder, or a file of 0 bytes.
        CheckpointError: not a model file of whynet's, damaged, or from a later version.
    """
    from safetensors import SafetensorError, safe_open

    path = existing_file(path)
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    # NumPy lacks some types that safetensors has: TypeError or AttributeError, by its version.
    except (SafetensorError, OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CheckpointError(
            f"{path}: not a model file, or damaged (expected whynet's safetensors: {error})"
        ) from error
    if "whynet" not in metadata:
        raise CheckpointError(f"{path}: a safetensors file, but not one that whynet wrote")
    try:
        return _interpret(json.loads(metadata["whynet"]), tensors)
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from None
    except (ConfigError, ShapeError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise CheckpointError(f"{path}: damaged model file ({error})") from error


def _interpret(about: Any, tensors: dict[str, Array]) -> Loaded:
    if about["format"] != FORMAT:
        raise CheckpointError(
            f"expected format {FORMAT}, got {about['format']!r}: use a newer whynet to read it"
        )
    attachments = unpack(about.get("attachments", {}), tensors)
    for name, tensor in tensors.items():
        numbers = tensor.dtype in (np.float32, np.float64)
        if not (numbers and (np.abs(tensor) <= np.finfo(np.float32).max).all()):  # NaN is not
            raise CheckpointError(f"expected finite float32 numbers in {name}")
    card = Card.from_config(about["card"])
    memory = {
        name.removeprefix(_MEMORY): tensors.pop(name)
        for name in list(tensors)
        if name.startswith(_MEMORY)
    }
    state = None
    if about["state"] is not None:
        state = read("training state", State, about["state"])
        if not (state.batch <= state.seen and state.correct <= state.seen):
            raise CheckpointError(
                f"expected at least {max(state.batch, state.correct)} examples seen in "
                f"{state.batch} batches with {state.correct} right, got {state.seen}"
            )
        state.memory, state.history = memory, card.history
    # Made once here so that a file which cannot be a net is refused where its name is known.
    network = Network.from_config(about["network"], weights=tensors)
    if card.classes and network.output_shape != (len(card.classes),):
        raise CheckpointError(
            f"expected {len(card.classes)} outputs, one a class, got {network.output_shape}"
        )
    card.classes = card.classes or tuple(map(str, range(network.output_shape[-1])))
    if state is not None and card.recipe is not None and memory:
        expected = shapes(card.recipe.optimizer.start(network.parameters))
        if shapes(memory) != expected:
            raise CheckpointError(f"expected optimizer memory {expected}, got {shapes(memory)}")
    return Loaded(about["network"], tensors, card, state, attachments)
