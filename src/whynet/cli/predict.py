"""``whynet predict``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whynet.cli.console import Output, escaped
from whynet.cli.errors import WRONG, complain
from whynet.cli.options import AsJson, ModelFile, Threads, check_writable
from whynet.errors import ConfigError

if TYPE_CHECKING:
    from whynet.cli.inputs import Input
    from whynet.ops.arrays import Array


def predict(
    model: ModelFile,
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IMAGE...",
            help="Pictures (PNG, JPEG, ...), or .npz, .npy or .csv files of many.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="A .csv or .npz file of pictures to read.", metavar="FILE"),
    ] = None,
    submission: Annotated[
        Path | None,
        typer.Option(help="Write the answers as Kaggle wants them.", metavar="FILE.csv"),
    ] = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Read pictures with a trained net.

    A digit may be of any size, in colour or grey, dark on light or light on dark.

    [dim]whynet predict whynet-lenet-strokes.safetensors seven.png[/dim]
    [dim]whynet predict mnist.safetensors --data test.csv --submission submission.csv[/dim]
    """
    from whynet.cli.inputs import read_inputs
    from whynet.sequential import Sequential

    output = Output(as_json=as_json)
    paths = [*(images or []), *([] if data is None else [str(data)])]
    if not paths:
        raise ConfigError("expected pictures to read, got none: name them after the model")
    if submission is not None:
        check_writable(submission, "--submission")
    net = Sequential.load(model)
    inputs = [entry for path in paths for entry in read_inputs(path, net)]
    read = [entry for entry in inputs if entry.picture is not None]
    for entry in inputs:
        if entry.problem:
            complain(entry.problem)
    answers: list[dict[str, Any]] = []
    if read:
        import numpy as np

        stack = np.stack([entry.picture for entry in read if entry.picture is not None])
        answers = _answers(read, net.predict_proba(stack, threads=threads), net.card.classes)
    failed = len(read) < len(inputs)
    if submission is not None and failed:
        complain(
            f"--submission: {submission} was not written, because {len(inputs) - len(read):,} of "
            f"{len(inputs):,} pictures could not be read: repair them or leave them out"
        )
    if submission is not None and not failed:
        _submit(submission, answers, net.card.classes, output)
    elif not as_json:
        _tell(answers, output)
    output.document(answers)
    if failed:
        raise typer.Exit(WRONG)


def _answers(
    inputs: list[Input], probabilities: Array, classes: tuple[str, ...]
) -> list[dict[str, Any]]:
    return [
        {
            "image": entry.name,
            "label": classes[int(row.argmax())],
            "probability": float(row.max()),
            "probabilities": {name: float(p) for name, p in zip(classes, row, strict=True)},
        }
        for entry, row in zip(inputs, probabilities, strict=True)
    ]


def _tell(answers: list[dict[str, Any]], output: Output) -> None:
    """Print a line a picture: the answer, how sure, and what else it might be."""
    widest = max((len(answer["image"]) for answer in answers), default=0)
    for answer in answers:
        ranked = sorted(answer["probabilities"].items(), key=lambda pair: -pair[1])
        line = (
            f"{escaped(answer['image'].ljust(widest))}  [bold green]{escaped(answer['label'])}[/]"
        )
        line += f"  {answer['probability']:.1%}"
        rest = [f"{escaped(name)} {p:.1%}" for name, p in ranked[1:3] if p >= 0.001]
        output.say(line + (f"  [dim](or {', '.join(rest)})[/dim]" if rest else ""))


def _submit(
    path: Path, answers: list[dict[str, Any]], classes: tuple[str, ...], output: Output
) -> None:
    from whynet.data import write_submission

    labels = [classes.index(answer["label"]) for answer in answers]
    write_submission(path, labels, classes=classes)
    output.say(f"wrote {len(answers):,} answers to [bold]{escaped(path)}[/bold]")
