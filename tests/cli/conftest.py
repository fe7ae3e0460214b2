"""A model that reads digits, and a data set so small that training takes no time."""

from pathlib import Path

import numpy as np
import pytest

from whynet.data import load
from whynet.presets import load_preset
from whynet.train.recipe import Recipe


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file: a small CNN that learnt from drawn strokes for some seconds."""
    preset = load_preset("lenet")
    net = preset.build()
    data = load("strokes", examples=10_000)
    recipe = Recipe.from_config({**preset.recipe.config(), "epochs": 2, "augment": None})
    net.train(data.images, data.known_labels, recipe)
    net.card.data = "strokes"
    path = tmp_path_factory.mktemp("model") / "reader.safetensors"
    net.save(path)
    return path


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An .npz with 480 digits to train on and 120 to test on."""
    digits = load("strokes", examples=600)
    path = tmp_path_factory.mktemp("data") / "few.npz"
    np.savez_compressed(
        path,
        x_train=digits.images[:480],
        y_train=digits.known_labels[:480],
        x_test=digits.images[480:],
        y_test=digits.known_labels[480:],
    )
    return path


@pytest.fixture(scope="session")
def little(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TOML file with a net that has all that could spoil repetition: dropout and augmentation."""
    path = tmp_path_factory.mktemp("nets") / "little.toml"
    path.write_text(
        """
        about = "for tests"
        [net]
        layers = [
          { type = "Flatten" },
          { type = "Dropout", rate = 0.1 },
          { type = "Dense", units = "classes" },
        ]
        [recipe]
        optimizer = { type = "adam", lr = 0.002 }
        schedule = "cosine"
        batch_size = 4
        epochs = 3
        augment = { shift = 1 }
        """
    )
    return path
