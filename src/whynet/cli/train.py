"""``whynet train``."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whynet.cli.console import Output, escaped, percent
from whynet.cli.errors import DIVERGED, INTERRUPTED, complain
from whynet.cli.options import AsJson, Examples, Threads, check_examples, check_writable
from whynet.errors import CheckpointError, ConfigError, DataFormatError, DataNotFoundError

if TYPE_CHECKING:
    from whynet.cli.recipes import Changes
    from whynet.data import Dataset
    from whynet.sequential import Sequential
    from whynet.train.loop import Callback, Training
    from whynet.train.recipe import Recipe

_OPTION = typer.Option
_RECIPE = "The recipe (by default the preset's own)"


def train(
    data: Annotated[
        str | None,
        _OPTION(
            help="strokes, mnist, ... (see [bold]whynet data list[/bold]), or a path.",
            show_default="strokes",
            metavar="NAME|PATH",
        ),
    ] = None,
    model: Annotated[
        str | None,
        _OPTION(
            help="perceptron, sigmoid-30, sigmoid-100, mlp, lenet, numpy-cnn, tiny, small, "
            "or a file of the same form.",
            show_default="lenet",
            metavar="PRESET|FILE.toml",
        ),
    ] = None,
    examples: Examples = None,
    out: Annotated[
        Path | None,
        _OPTION(
            help="Where to keep the model.",
            show_default="whynet-MODEL-DATA.safetensors in this folder",
            metavar="FILE",
        ),
    ] = None,
    resume: Annotated[
        bool,
        _OPTION("--resume", help="Go on with the training that --out (or its default) holds."),
    ] = False,
    epochs: Annotated[
        int | None, _OPTION(help="Passes over the data.", rich_help_panel=_RECIPE, metavar="N")
    ] = None,
    batch_size: Annotated[
        str | None,
        _OPTION(help="Examples an update.", rich_help_panel=_RECIPE, metavar="N|full"),
    ] = None,
    lr: Annotated[
        float | None, _OPTION(help="The learning rate.", rich_help_panel=_RECIPE, metavar="RATE")
    ] = None,
    optimizer: Annotated[
        str | None,
        _OPTION(
            help="sgd, rmsprop, adam or adamw, at its usual rate; with options: "
            "sgd,momentum=0.9,nesterov=true.",
            rich_help_panel=_RECIPE,
            metavar="NAME",
        ),
    ] = None,
    schedule: Annotated[
        str | None,
        _OPTION(
            help="constant, step, cosine, one_cycle or plateau; with options: step,every=5.",
            rich_help_panel=_RECIPE,
            metavar="NAME",
        ),
    ] = None,
    cost: Annotated[
        str | None,
        _OPTION(
            help="softmax_cross_entropy, sigmoid_cross_entropy or quadratic.",
            rich_help_panel=_RECIPE,
            metavar="NAME",
        ),
    ] = None,
    augment: Annotated[
        bool | None,
        _OPTION(
            "--augment/--no-augment",
            help="Show every picture a little changed each time.",
            rich_help_panel=_RECIPE,
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        _OPTION(
            help="The same seed gives the same net, bit for bit.",
            rich_help_panel=_RECIPE,
            metavar="N",
        ),
    ] = None,
    early_stopping: Annotated[
        int | None,
        _OPTION(
            help="Stop after so many epochs without a better validation cost; keep the best.",
            metavar="N",
        ),
    ] = None,
    log: Annotated[
        Path | None, _OPTION(help="Write every epoch's figures as CSV.", metavar="FILE.csv")
    ] = None,
    threads: Threads = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, _OPTION("--quiet", help="Print errors only (and the JSON).")] = False,
) -> None:
    """Train a net and keep it in a file.

    With no options: a small CNN on digits that whynet draws itself, in under a minute.

    [dim]whynet train --data mnist --model lenet --epochs 3[/dim]
    [dim]whynet train --model mynet.toml --augment --out mynet.safetensors[/dim]
    [dim]whynet train --resume[/dim]
    """
    from whynet.cli.recipes import Changes

    output = Output(as_json=as_json, quiet=quiet)
    changes = Changes(epochs, batch_size, lr, optimizer, schedule, cost, augment, seed)
    check_examples(examples)
    out = check_writable(out or default_out(model or "lenet", data or "strokes"), "--out")
    if log is not None:
        check_writable(log, "--log")
    callbacks: list[Callback] = []
    if early_stopping is not None:
        from whynet.train.callbacks import EarlyStopping

        callbacks.append(EarlyStopping(early_stopping))
    if log is not None:
        from whynet.train.callbacks import CSVLog

        callbacks.append(CSVLog(log))
    job = (
        _resumed(out, changes, model, data, examples)
        if resume
        else _fresh(model or "lenet", data or "strokes", examples, changes, out)
    )
    _advise(job, output)
    _introduce(job, output)
    seconds, stopped = _run(job, callbacks, threads, output)
    _finish(job, seconds, stopped, threads, output)


def default_out(model: str, data: str) -> Path:
    """Return the file that a model is kept in if nobody says otherwise."""
    names = (
        Path(text).stem if text.endswith((".toml", ".npz", ".csv")) else text
        for text in (model, data)
    )
    return Path(
        "-".join(["whynet", *(Path(name).name or "data" for name in names)]) + ".safetensors"
    )


@dataclass(frozen=True)
class _Job:
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


def _fresh(model: str, data: str, examples: int | None, changes: Changes, out: Path) -> _Job:
    from whynet.presets import load_preset

    preset = load_preset(model)
    recipe = changes.applied_to(preset.recipe)
    whole, test = _load(data, examples)
    net = preset.build(whole.image_shape, whole.classes, seed=recipe.seed)
    net.card.data, net.card.preparation = data, _preparation(whole)
    net.card.figures = {"examples": len(whole)}
    return _Job(net, recipe, *_deal(whole, recipe.seed), test, out, resume=False)


def _preparation(data: Dataset) -> str:
    """Tell how other pictures must be prepared to look like these; see `Card`."""
    from whynet.handwriting.digit import is_prepared

    first = data.images[:200]
    if first.shape[3] != 1:
        return "fit"
    return "digit" if sum(map(is_prepared, first)) > len(first) / 2 else "fit"


def _resumed(
    out: Path, changes: Changes, model: str | None, data: str | None, examples: int | None
) -> _Job:
    from whynet.sequential import Sequential

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
    ):
        if asked not in (None, stored):
            raise ConfigError(
                f"{option}: {out} was trained with {stored}, so it cannot be resumed with {asked}"
            )
    recipe = changes.resumed(card.recipe, str(out))
    whole, test = _load(card.data, held)
    card.figures = {"examples": held}
    return _Job(net, recipe, *_deal(whole, recipe.seed), test, out, resume=True)


def _load(data: str, examples: int | None) -> tuple[Dataset, Dataset | None]:
    """Load what to train on, and what to test on if there is such a part.

    Always with the same seed, so that one set is divided in the same way for every training and
    for `whynet evaluate`, and no picture is ever learnt from in one and tested on in the other.
    """
    from whynet.data import SOURCES, load

    whole = load(data, examples=examples)
    if len(whole) < 2:
        raise ConfigError(f"{data}: expected at least 2 examples, one of them for validation")
    whole.known_labels  # noqa: B018 - raises where there are none
    try:
        test = load(data, split="test")
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


def _advise(job: _Job, output: Output) -> None:
    from whynet.train.lint import lint

    for advice in lint(job.net, job.recipe.cost, job.recipe.optimizer):
        output.note(str(advice))
    stored = job.net.card.recipe
    if job.resume and stored is not None and stored.epochs < job.recipe.epochs:
        from whynet.optim import Constant

        if not isinstance(stored.schedule, Constant):
            name = stored.schedule.config()["type"]
            output.note(f"the {name} schedule now spans {job.recipe.epochs} epochs")


def _introduce(job: _Job, output: Output) -> None:
    net = job.net
    verb = "going on with" if job.resume else "training"
    output.say(
        f"{verb} [bold]{escaped(net.card.model)}[/bold] ({net.parameters.size:,} parameters) "
        f"on {len(job.learn):,} pictures of [bold]{escaped(net.card.data)}[/bold]"
    )


def _run(
    job: _Job, callbacks: list[Callback], threads: int | None, output: Output
) -> tuple[float, str]:
    """Train; return the seconds that it took and why it ended early, if it did."""
    from whynet.cli.progress import Watch
    from whynet.train.callbacks import Checkpoint

    net = job.net

    def save(run: Training) -> None:
        net.save(job.out)

    began = time.perf_counter()
    with Watch(output) as watch:
        try:
            net.train(
                job.learn.images,
                job.learn.known_labels,
                job.recipe,
                validation=(job.validation.images, job.validation.known_labels),
                # In this order: early stopping may bring older weights back, which are then saved.
                callbacks=[watch, *callbacks, Checkpoint(save)],
                threads=threads,
                resume=job.resume,
            )
        except KeyboardInterrupt:  # pressed twice: not even the batch was finished
            watch.stopped = "interrupted"
    return time.perf_counter() - began, watch.stopped


def _finish(job: _Job, seconds: float, stopped: str, threads: int | None, output: Output) -> None:
    """Measure, keep and report."""
    net, card = job.net, job.net.card
    report: dict[str, Any] = {
        "model": card.model,
        "data": card.data,
        "parameters": int(net.parameters.size),
        "epochs": len(card.history),
        "seconds": round(seconds, 3),
        "seed": job.recipe.seed,
        "validation_accuracy": None,
        "test_accuracy": None,
        "out": str(job.out),
    }
    if stopped:
        report["stopped"] = stopped
    if stopped == "interrupted":
        complain(
            f"interrupted after {len(card.history)} of {job.recipe.epochs} epochs; {job.out} keeps "
            f"the training, and `whynet train --resume --out {job.out}` goes on with it"
        )
        output.document(report)
        raise typer.Exit(INTERRUPTED)
    for name, part in (("validation_accuracy", job.validation), ("test_accuracy", job.test)):
        if part is not None:
            marks = net.evaluate(part.images, part.known_labels, threads=threads)
            report[name] = card.figures[name] = marks.accuracy
    net.save(job.out)
    _tell(job, report, output)
    output.document(report)
    if stopped.startswith("the cost became"):
        complain(f"{stopped}: try a learning rate ten times smaller")
        raise typer.Exit(DIVERGED)


def _tell(job: _Job, report: dict[str, Any], output: Output) -> None:
    """Say how it went, where the model is, and what to do with it."""
    out = escaped(shlex.quote(str(job.out)))
    if "stopped" in report:
        output.say(f"stopped: {escaped(report['stopped'])}")
    output.say()
    if job.test is not None:
        output.say(
            f"[bold green]{percent(report['test_accuracy'])}[/] of {len(job.test):,} test pictures "
            f"read rightly ({percent(report['validation_accuracy'])} in validation), "
            f"{report['seconds']:.0f} s of training"
        )
    else:
        output.say(
            f"[bold green]{percent(report['validation_accuracy'])}[/] of {len(job.validation):,} "
            f"validation pictures read rightly, {report['seconds']:.0f} s of training"
        )
    output.say(f"the model is in [bold]{escaped(job.out)}[/bold]")
    output.say()
    output.say("next:")
    other = " --data mnist" if job.net.card.data == "strokes" else " --confusion confusion.png"
    output.say(f"  whynet predict {out} picture.png")
    output.say(f"  whynet evaluate {out}{other}")
    output.say(f"  whynet show {out}")
