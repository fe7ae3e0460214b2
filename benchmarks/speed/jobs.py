"""What both sides are given: one net's weights, one recipe and one set of pictures, as files.

The parent makes them once. A peer gets the same weights in its own layout, so no side has to know
how the other keeps them, and PyTorch's process never imports whynet (which would add to its
memory).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import whynet
from speed.channels_first import translated

PICTURES = 12_800
"""A whole number of batches of 10, 64, 128 and 256, so that every batch timed is full."""

HELD_OUT = 5_000


@dataclass(frozen=True)
class Job:
    """Something to train or ask, in one folder on disk.

    Attributes:
        folder: where its files are.
        net: the net that the weights came from, for whoever counts its work.
    """

    folder: Path
    net: whynet.Sequential


def steady(recipe: whynet.Recipe, batch: int | None = None) -> whynet.Recipe:
    """Return a recipe without what would make one batch differ from the next."""
    recipe = replace(recipe, batch_size=batch or recipe.batch_size)
    return whynet.Recipe.from_config(recipe.config() | {"schedule": "constant", "augment": None})


def make_job(folder: Path, preset: str, data: Path, recipe: whynet.Recipe) -> Job:
    """Write down a preset's net and a recipe for both sides.

    Args:
        folder: a new folder for the files.
        preset: a name or a TOML file.
        data: what `save_pictures` wrote.
        recipe: how to train; its seed is the weights' too.
    """
    net = whynet.load_preset(preset).build(seed=recipe.seed)
    folder.mkdir()
    steps, arrays = translated(net)
    np.savez(folder / "weights.npz", **_any(net.weights()))
    np.savez(folder / "peer.npz", **_any(arrays))
    described = {
        "net": net.config(),
        "recipe": recipe.config(),
        "steps": steps,
        "data": str(data),
    }
    (folder / "job.json").write_text(json.dumps(described), encoding="utf-8")
    return Job(folder, net)


def save_pictures(path: Path, n: int | None, held_out: int = 0) -> str:
    """Write pictures down for both sides, and return where they come from.

    MNIST's training images if WHYNET_DATA holds them, else what whynet's own writer draws.

    Args:
        path: the file.
        n: how many; None takes all there are.
        held_out: how many more to put aside for validation.
    """
    total = None if n is None else n + held_out
    source = "mnist" if os.environ.get("WHYNET_DATA") else "strokes"
    try:
        found = whynet.load(source, examples=total)
    except whynet.WhynetError:
        source, found = "strokes", whynet.load("strokes", examples=total)
    arrays: dict[str, NDArray[Any]] = {}
    if held_out:
        found, validation = found.split(held_out)
        arrays = {"val_images": validation.images, "val_labels": validation.known_labels}
    # Uncompressed, so that reading them takes no more memory than they do.
    np.savez(path, **_any(arrays | {"images": found.images, "labels": found.known_labels}))
    return source


def _any(arrays: dict[str, Any]) -> dict[str, Any]:
    """Let arrays pass as keyword arguments, whose types NumPy's stubs take for other options."""
    return arrays
