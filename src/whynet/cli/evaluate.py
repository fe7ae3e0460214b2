"""``whynet evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whynet.cli.console import Output, escaped, percent
from whynet.cli.errors import printable
from whynet.cli.options import (
    AsJson,
    Examples,
    ModelFile,
    Threads,
    check_examples,
    check_writable,
)

if TYPE_CHECKING:
    from whynet.cli.marking import Robustness
    from whynet.data import Dataset
    from whynet.train.evaluation import Evaluation

_MOST_COLUMNS = 12
"""Classes whose confusion matrix still fits a terminal of 80 columns."""


def evaluate(
    model: ModelFile,
    data: Annotated[
        str | None,
        typer.Option(
            help="strokes, mnist, ... or a path.",
            show_default="what the model was trained on",
            metavar="NAME|PATH",
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="test or train.", metavar="SPLIT")] = "test",
    examples: Examples = None,
    confusion: Annotated[
        Path | None,
        typer.Option(help="Draw the confusion matrix as a picture.", metavar="OUT.png"),
    ] = None,
    errors: Annotated[
        Path | None,
        typer.Option(help="Draw the worst errors as a picture.", metavar="OUT.png"),
    ] = None,
    corrupted: Annotated[
        str | None,
        typer.Option(
            help="Mark corrupted pictures too: all of MNIST-C's fifteen ways, or some by name.",
            metavar="all|NAME,...",
        ),
    ] = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Mark a net's answers on a data set.

    [dim]whynet evaluate whynet-lenet-strokes.safetensors --data mnist[/dim]
    [dim]whynet evaluate lenet.safetensors --confusion confusion.png --errors errors.png[/dim]
    [dim]whynet evaluate lenet.safetensors --corrupted all[/dim]
    """
    from whynet.cli.marking import marked, marked_corrupted, picked_corruptions
    from whynet.cli.progress import share_bar
    from whynet.cli.sheets import draw_confusion, draw_errors, save_png
    from whynet.sequential import Sequential

    output = Output(as_json=as_json)
    check_examples(examples)
    for option, path in (("--confusion", confusion), ("--errors", errors)):
        if path is not None:
            check_writable(path, option)
    names = picked_corruptions(corrupted) if corrupted is not None else ()
    net = Sequential.load(model)
    examined, marks = marked(net, model, data, threads, output, split=split, examples=examples)
    robustness = None
    if names:
        with share_bar(output, "corrupting") as progress:
            robustness = marked_corrupted(net, examined, names, threads, progress)
    title = f"{net.card.model} on {examined.name}"
    # Before anything is printed: whoever reads may close the pipe half-way.
    if confusion is not None:
        save_png(draw_confusion(marks, title), confusion)
    if errors is not None:
        save_png(draw_errors(marks, examined, title), errors)
    if not as_json:
        _tell(marks, examined, output)
        if robustness is None:
            _tell_classes(marks, output)
        else:
            _tell_corrupted(marks, robustness, output)
        for name, path in (("confusion matrix", confusion), ("worst errors", errors)):
            if path is not None:
                output.say(f"{name}: [bold]{escaped(path)}[/bold]")
    about = {"model": str(model), "data": data or net.card.data, "split": split}
    harder = {} if robustness is None else {"corrupted": robustness.to_dict()}
    output.document({**about, **marks.to_dict(), **harder})


def _tell(marks: Evaluation, examined: Dataset, output: Output) -> None:
    """Print the figures in brief."""
    output.say(
        f"[bold green]{percent(marks.accuracy)}[/] of {marks.n:,} pictures of "
        f"{escaped(examined.name)} read rightly"
    )
    output.say(f"loss {marks.loss:.4f}, calibration error (ECE) {percent(marks.ece)}")


def _tell_corrupted(clean: Evaluation, robustness: Robustness, output: Output) -> None:
    """Print a table of corruptions below the clean pictures, and their mean."""
    from rich.table import Table

    from whynet.data.corruptions import CORRUPTIONS

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    table.add_column("pictures")
    for heading in ("accuracy", "points", "ECE"):
        table.add_column(heading, justify="right")
    table.add_column("what happened to them")
    table.add_row("clean", percent(clean.accuracy), "", percent(clean.ece), "nothing")
    for name, marks in robustness.marks.items():
        lost = f"{100 * (marks.accuracy - clean.accuracy):+.2f}"
        about = CORRUPTIONS[name].about
        table.add_row(name, percent(marks.accuracy), lost, percent(marks.ece), about)
    lost = f"{100 * (robustness.accuracy - clean.accuracy):+.2f}"
    table.add_row(
        f"mean of {len(robustness.marks)}",
        percent(robustness.accuracy),
        lost,
        percent(robustness.ece),
        style="bold",
    )
    output.say()
    output.console.print(table)


def _tell_classes(marks: Evaluation, output: Output) -> None:
    """Print each class's figures, the confusion matrix and the pairs mixed up most."""
    from rich.table import Table

    wrong = marks.confusion.copy()
    for index in range(len(wrong)):
        wrong[index, index] = 0

    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    table.add_column("class")
    for heading in ("pictures", "precision", "recall", "F1"):
        table.add_column(heading, justify="right")
    table.add_column("most often taken for")
    for index, row in enumerate(marks.per_class()):
        other = int(wrong[index].argmax())
        count = int(wrong[index, other])
        table.add_row(
            escaped(row["label"]),
            f"{row['n']:,}",
            *(percent(row[name]) for name in ("precision", "recall", "f1")),
            f"{escaped(marks.classes[other])} ({count:,})" if count else "",
        )
    output.say()
    output.console.print(table)
    if len(marks.classes) <= _MOST_COLUMNS:
        output.say()
        output.console.print(_matrix(marks))
    _pairs(marks, output)


def _matrix(marks: Evaluation) -> object:
    from rich.table import Table
    from rich.text import Text

    classes = [printable(name) for name in marks.classes]
    names = [name if len(name) <= 5 else name[:4] + "…" for name in classes]
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("truth ↓ answer →", style="bold", no_wrap=True, max_width=16)
    for name in names:
        table.add_column(Text(name), justify="right", min_width=4, no_wrap=True)
    for truth, name in enumerate(classes):
        cells = []
        for answer in range(len(names)):
            count = int(marks.confusion[truth, answer])
            style = "green" if truth == answer else "yellow" if count else "dim"
            cells.append(Text(f"{count}" if count else "·", style=style))
        table.add_row(Text(name), *cells)
    return table


def _pairs(marks: Evaluation, output: Output) -> None:
    """Name the pairs that are mixed up most, both ways taken together."""
    both = marks.confusion + marks.confusion.T
    found = sorted(
        ((int(both[a, b]), a, b) for a in range(len(both)) for b in range(a)), reverse=True
    )
    worst = [
        f"{escaped(marks.classes[b])} and {escaped(marks.classes[a])} ({count:,})"
        for count, a, b in found[:3]
        if count
    ]
    if worst:
        output.say()
        output.say(f"most often mixed up: {', '.join(worst)}")
