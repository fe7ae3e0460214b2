"""``whynet train``."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whynet.cli.console import Output, escaped, percent
from whynet.cli.errors import DIVERGED, INTERRUPTED, complain
from whynet.cli.options import (
    AsJson,
    Examples,
    Size,
    Threads,
    check_examples,
    check_writable,
    picked_size,
)
from whynet.errors import DivergedError, WorkerError

if TYPE_CHECKING:
    from whynet.cli.jobs import Job
    from whynet.train.loop import Callback, Training

_OPTION = typer.Option
_RECIPE = "The recipe (by default the preset's own)"


def train(
    context: typer.Context,
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
            help="perceptron, sigmoid-30, sigmoid-100, mlp, lenet, fast, fast-99.4, "
            "numpy-cnn, tiny, small, or a file of the same form.",
            show_default="lenet",
            metavar="PRESET|FILE.toml",
        ),
    ] = None,
    examples: Examples = None,
    size: Size = None,
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
    find_lr: Annotated[
        bool,
        _OPTION(
            "--find-lr", help="Look for a good learning rate instead of training; keep nothing."
        ),
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
    donors: Annotated[
        bool | None,
        _OPTION(
            "--donors/--no-donors",
            help="Keep some training pictures in the file, for explanations to borrow from.",
            show_default="donors, where they are of use",
        ),
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
    [dim]whynet train --model mynet.toml --find-lr[/dim]
    """
    from whynet.cli.gathering import check_wanted
    from whynet.cli.jobs import check_replaceable, default_out, fresh_job, resumed_job
    from whynet.cli.recipes import Changes

    output = Output(as_json=as_json, quiet=quiet)
    changes = Changes(epochs, batch_size, lr, optimizer, schedule, cost, augment, seed)
    check_examples(examples)
    sides = picked_size(size)
    if find_lr:
        from whynet.cli.find_lr import check_options, run_test

        check_options(context.params)
        where = out or default_out(model or "lenet", data or "strokes")
        with output.busy("preparing pictures and net"):
            job = fresh_job(where, changes, model or "lenet", data or "strokes", examples, sides)
        run_test(job, context.params, output)
        return
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
    replaced = "" if resume else check_replaceable(out)
    with output.busy("preparing pictures and net"):
        if resume:
            job = resumed_job(out, changes, model, data, examples, sides)
        else:
            job = fresh_job(out, changes, model or "lenet", data or "strokes", examples, sides)
    check_wanted(job, donors)
    if replaced:
        output.note(replaced)
    _advise(job, output)
    _introduce(job, output)
    keeper = Keeper(job)
    seconds, stopped = _run(job, keeper, callbacks, threads, output)
    _finish(job, keeper, seconds, stopped, donors, threads, output)


def _advise(job: Job, output: Output) -> None:
    from whynet.train.lint import lint

    for advice in lint(job.net, job.recipe.cost, job.recipe.optimizer):
        output.note(str(advice))
    stored = job.net.card.recipe
    if job.resume and stored is not None and stored.epochs < job.recipe.epochs:
        from whynet.optim import Constant

        if not isinstance(stored.schedule, Constant):
            name = stored.schedule.config()["type"]
            output.note(f"the {name} schedule now spans {job.recipe.epochs} epochs")


def _introduce(job: Job, output: Output) -> None:
    net = job.net
    verb = "going on with" if job.resume else "training"
    output.say(
        f"{verb} [bold]{escaped(net.card.model)}[/bold] ({net.parameters.size:,} parameters) "
        f"on {len(job.learn):,} pictures of [bold]{escaped(net.card.data)}[/bold]"
    )


class Keeper:
    """Saves a net while it trains, and spares the file that it replaces until there is a reason.

    A new training has nothing to show before its first update, and nothing worth keeping if its
    cost becomes NaN before the end of its first epoch. A model that lies in its place then stays.

    Args:
        job: what is trained, and where it is kept.

    Attributes:
        saved: whether the file holds this training.
    """

    def __init__(self, job: Job) -> None:
        self._net, self._out = job.net, job.out
        self.saved = job.resume
        there = not job.resume and job.out.exists()
        self._before = (job.out.read_bytes() or None) if there else None

    def save(self, run: Training) -> None:
        """Save, unless that would put untrained weights in place of a model."""
        begun = run.state.epoch or run.state.batch
        if begun or self.saved or self._before is None:
            self._net.save(self._out)
            self.saved = True

    def bring_back(self) -> None:
        """Put the file that was there before in its place again."""
        from whynet.data.files import write_atomically

        if self._before is not None and self.saved:
            with write_atomically(self._out) as file:
                file.write(self._before)


def _run(
    job: Job, keeper: Keeper, callbacks: list[Callback], threads: int | None, output: Output
) -> tuple[float, str]:
    """Train; return the seconds that it took and why it ended early, if it did."""
    from whynet.cli.progress import Watch
    from whynet.train.callbacks import Checkpoint

    began = time.perf_counter()
    with Watch(output) as watch:
        try:
            job.net.train(
                job.learn.images,
                job.learn.known_labels,
                job.recipe,
                validation=(job.validation.images, job.validation.known_labels),
                # In this order: early stopping may bring older weights back, which are then saved.
                callbacks=[watch, *callbacks, Checkpoint(keeper.save)],
                threads=threads,
                resume=job.resume,
            )
        except KeyboardInterrupt:  # pressed twice: not even the batch was finished
            watch.stopped = "interrupted"
        except WorkerError as error:
            kept = _kept(job) if keeper.saved else f"{job.out} is as it was"
            raise WorkerError(f"{error}; {kept}") from error
        except DivergedError:  # in the first epoch: nothing was learnt
            keeper.bring_back()
            raise
    return time.perf_counter() - began, watch.stopped


def _finish(
    job: Job,
    keeper: Keeper,
    seconds: float,
    stopped: str,
    donors: bool | None,
    threads: int | None,
    output: Output,
) -> None:
    """Measure, keep and report."""
    from whynet.cli.gathering import Gathered, gather

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
        "donors": 0,
        "donors_seconds": 0.0,
        "out": str(job.out),
    }
    if stopped:
        report["stopped"] = stopped
    if stopped == "interrupted":
        complain(
            f"interrupted after {len(card.history)} of {job.recipe.epochs} epochs; "
            + (_kept(job) if keeper.saved else f"{job.out} is as it was")
        )
        output.document(report)
        raise typer.Exit(INTERRUPTED)
    with output.busy("marking"):
        _mark(job, report, threads)
    net.save(job.out)
    diverged = stopped.startswith("the cost became")
    gathered = Gathered() if diverged else gather(job, donors, threads, output)
    report |= {"donors": gathered.count, "donors_seconds": round(gathered.seconds, 3)}
    _tell(job, report, "" if gathered.interrupted else gathered.told, output)
    output.document(report)
    if gathered.interrupted:
        complain(gathered.told)
        raise typer.Exit(INTERRUPTED)
    if diverged:
        complain(f"{stopped}: try a learning rate ten times smaller")
        raise typer.Exit(DIVERGED)


def _kept(job: Job) -> str:
    """Say how to go on with a training that ended early."""
    return (
        f"{job.out} keeps the training, and `whynet train --resume --out "
        f"{shlex.quote(str(job.out))}` goes on with it"
    )


def _mark(job: Job, report: dict[str, Any], threads: int | None) -> None:
    """Put the net's marks into the report and on its card."""
    for name, part in (("validation_accuracy", job.validation), ("test_accuracy", job.test)):
        if part is not None:
            marks = job.net.evaluate(part.images, part.known_labels, threads=threads)
            report[name] = job.net.card.figures[name] = marks.accuracy


def _tell(job: Job, report: dict[str, Any], of_donors: str, output: Output) -> None:
    """Say how it went, where the model is, and what to do with it."""
    from whynet.cli.data import place_of
    from whynet.data import SOURCES

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
    if of_donors:
        output.say(escaped(of_donors))
    output.say(f"the model is in [bold]{escaped(job.out)}[/bold]")
    output.say()
    output.say("next:")
    other = " --confusion confusion.png"
    if job.net.card.data == "strokes" and place_of(SOURCES["mnist"]):
        other = " --data mnist"
    output.say(f"  whynet predict {out} picture.png")
    output.say(f"  whynet evaluate {out}{other}")
    output.say(f"  whynet show {out}")
