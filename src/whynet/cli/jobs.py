"""What `whynet train` is about to do: net, recipe and data, all checked before any work begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from whynet.cli.matching import check_pictures, check_size, listed, picture_size
from whynet.cli.recipes import Changes
from whynet.data import SOURCES, Dataset, load
from whynet.errors import (
    CheckpointError,
    ConfigError,
    DataFormatError,
    DataNotFoundError,
    WhynetError,
)
from whynet.handwriting.digit import is_prepared
from whynet.presets import load_preset
from whynet.sequential import Sequential
from whynet.train.recipe import Recipe


def default_out(model: str, data: str) -> Path:
    """Return the file that a model is kept in if nobody says otherwise."""
    names = [Path(text).name or "data" for text in (model, data)]
    short = [Path(n).stem if n.endswith((".toml", ".npz", ".csv")) else n for n in names]
    return Path("-".join(["whynet", *short]) + ".safetensors")


def check_replaceable(out: Path) -> str:
    """Look at what a new training would replace.

    Args:
        out: the model file to be.

    Returns:
        A remark on the finished model that lies there; empty if nothing is lost.

    Raises:
        ConfigError: there is a training to go on with, or a file that is no model at all.
    """
    if not out.exists() or not out.stat().st_size:
        return ""  # an empty file has been made only to have a name
    other = "give another file by --out"
    try:
        net = Sequential.load(out)
    except WhynetError as error:
        raise ConfigError(
            f"--out: {out} is there already and is not a model that could be replaced "
            f"by a new one: {other}"
        ) from error
    card, state = net.card, net.training_state
    if state is not None and not state.epoch and not state.batch:
        return ""  # weights that nobody has trained
    # Training that ended by itself was marked, even if it ended before its last epoch.
    ended = "validation_accuracy" in card.figures
    wanted = card.recipe.epochs if card.recipe is not None else 0
    if state is not None and state.epoch < wanted and not ended:
        raise ConfigError(
            f"--out: {out} holds a training that stands at epoch {state.epoch} of {wanted}: "
            f"go on with it by --resume, or {other}"
        )
    epochs = len(card.history)
    what = f"{card.model or 'a net'} on {card.data or 'unknown data'}"
    return f"replacing {out} ({what}, {epochs} epoch{'s' * (epochs != 1)})"


@dataclass(frozen=True)
class Job:
    """All that one training needs, checked.

    Attributes:
        net: with its card filled in.
        recipe: how to train it.
        learn, validation: the two parts of the training set.
        test: None where the data has no test set.
        out: the model file.
        resume: whether to go on from the net's training state.
    """

    net: Sequential
    recipe: Recipe
    learn: Dataset
    validation: Dataset
    test: Dataset | None
    out: Path
    resume: bool


def fresh_job(
    out: Path,
    changes: Changes,
    model: str,
    data: str,
    examples: int | None,
    size: tuple[int, int] | None = None,
) -> Job:
    """Make a new net from a preset, to be trained on some data.

    Args:
        out: the model file to be.
        changes: to the preset's recipe.
        model: a preset's name or a TOML file.
        data: a set's name or path.
        examples: how many pictures; None takes all.
        size: height and width to bring the pictures of a folder to.

    Raises:
        WhynetError: something is missing, damaged, or does not fit together.
    """
    preset = load_preset(model)
    recipe = changes.applied_to(preset.recipe)
    whole, test = _load(data, examples, size)
    if size is not None:
        check_size(whole, size)
    net = preset.build(whole.image_shape, whole.classes, seed=recipe.seed)
    net.card.data, net.card.preparation = data, _preparation(whole)
    net.card.figures = {"examples": len(whole)}
    return Job(net, recipe, *_deal(whole, recipe.seed), test, out, resume=False)


def _preparation(data: Dataset) -> str:
    """Tell how other pictures must be prepared to look like these; see `Card`."""
    first = data.images[:200]
    if first.shape[3] != 1:
        return "fit"
    return "digit" if sum(map(is_prepared, first)) > len(first) / 2 else "fit"


def resumed_job(
    out: Path,
    changes: Changes,
    model: str | None,
    data: str | None,
    examples: int | None,
    size: tuple[int, int] | None = None,
) -> Job:
    """Read back a training that ended early, or that is to go on for more epochs.

    Args:
        out: the model file.
        changes: what the command line says; it must not contradict the recipe in the file.
        model: the preset or TOML file, if the command line names one; likewise.
        data: the set, likewise.
        examples: how many, likewise.
        size: of the pictures, likewise.

    Raises:
        WhynetError: the file holds no such training, or an option contradicts it.
    """
    if not out.exists():
        raise DataNotFoundError(
            f"--resume: there is no file {out} to go on with: name the training's own by --out, "
            "or leave --resume out to begin a new one"
        )
    net = Sequential.load(out)
    card = net.card
    if card.recipe is None or net.training_state is None or "examples" not in card.figures:
        raise CheckpointError(f"{out}: holds no training of `whynet train` to resume")
    held = int(card.figures["examples"])
    given = Path(model).stem if model is not None and model.endswith(".toml") else model
    for option, asked, stored in (
        ("--model", given, card.model),
        ("--data", data, card.data),
        ("--examples", examples, held),
        ("--size", _sides(size), _sides(picture_size(net))),
    ):
        if asked not in (None, stored):
            raise ConfigError(
                f"{option}: {out} was trained with {stored}, so it cannot be resumed with {asked}"
            )
    recipe = changes.resumed(card.recipe, str(out))
    whole, test = _load(card.data, held, picture_size(net))
    check_pictures(net, whole, out)
    if whole.classes != card.classes:
        raise ConfigError(
            f"{out} was trained on {listed(card.classes)} and {card.data} has "
            f"{listed(whole.classes)}: bring the old data back, or train anew without --resume"
        )
    card.figures = {"examples": held}
    return Job(net, recipe, *_deal(whole, recipe.seed), test, out, resume=True)


def _sides(size: tuple[int, int] | None) -> str | None:
    return None if size is None else "{}x{}".format(*size)


def _load(
    data: str, examples: int | None, size: tuple[int, int] | None
) -> tuple[Dataset, Dataset | None]:
    """Load what to train on, and what to test on if there is such a part.

    Always with the same seed, so that one set is divided in the same way for every training and
    for `whynet evaluate`, and no picture is ever learnt from in one and tested on in the other.
    """
    whole = load(data, examples=examples, size=size)
    if len(whole) < 2:
        raise ConfigError(f"{data}: expected at least 2 examples, one of them for validation")
    whole.known_labels  # noqa: B018 - raises where there are none
    try:
        test = load(data, split="test", size=size)
    except DataNotFoundError:
        if data in SOURCES:
            raise
        return whole, None
    if test.image_shape != whole.image_shape or test.classes != whole.classes:
        raise DataFormatError(
            f"{data}: expected test pictures like those to train on, {whole.image_shape} "
            f"of {len(whole.classes)} classes, got {test.image_shape} of {len(test.classes)}"
        )
    test.known_labels  # noqa: B018
    return whole, test


def _deal(whole: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    """Hold out a twelfth for validation, at most 5,000."""
    return whole.split(max(1, min(5000, len(whole) // 12)), seed)
