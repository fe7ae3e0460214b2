"""``whynet data``: list, get, show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whynet.cli.console import Output, escaped
from whynet.cli.options import AsJson, Size, check_examples, check_writable, picked_size

if TYPE_CHECKING:
    from whynet.data import Source

app = typer.Typer()


@app.callback(invoke_without_command=True)
def data(context: typer.Context) -> None:
    """Find, download and look at data sets."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("list")
def list_sets(as_json: AsJson = False) -> None:
    """List the sets that have a name, and where they lie."""
    from whynet.data import SOURCES

    output = Output(as_json=as_json)
    rows = [
        {
            "name": source.name,
            "about": source.about,
            "classes": len(source.classes),
            "train": source.sizes[0],
            "test": source.sizes[1],
            "drawn": source.drawn,
            "where": place_of(source),
        }
        for source in SOURCES.values()
    ]
    output.document(rows)
    if as_json:
        return
    for row in rows:
        place = "drawn on the spot" if row["drawn"] else row["where"]
        if place is None:
            place = f"not here: whynet data get {row['name']}"
        output.say(f"[bold]{row['name']:<14}[/bold] {row['about']}")
        output.say(
            f"{'':<14} [dim]{row['train']:,} + {row['test']:,} pictures; {escaped(place)}[/dim]"
        )


def place_of(source: Source) -> str | None:
    """Return the folder that a set lies in; None if it is drawn, or not on this machine."""
    from whynet.data.cifar import cifar10_files
    from whynet.data.idx import idx_files
    from whynet.data.places import data_folders

    if source.drawn:
        return None
    for folder in data_folders():
        place = folder / source.name
        if idx_files(place, "train") or cifar10_files(place, "train"):
            return str(place)
    return None


@app.command()
def get(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="mnist, fashion-mnist, kmnist or cifar10.")
    ],
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where to make the folder NAME.",
            show_default="whynet's folder in your cache",
            metavar="FOLDER",
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors only.")] = False,
) -> None:
    """Download a data set, checked, and continued if it was broken off.

    [dim]whynet data get mnist[/dim]
    """
    from whynet.data import get as fetch

    output = Output(quiet=quiet)
    if output.live:
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        with Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            DownloadColumn(),
            TimeRemainingColumn(compact=True),
            console=output.console,
            expand=True,
        ) as bar:
            tasks: dict[str, Any] = {}

            def report(file: str, done: int, total: int | None) -> None:
                if file not in tasks:
                    tasks[file] = bar.add_task(file, total=total)
                bar.update(tasks[file], completed=done, total=total)

            place = fetch(name, folder, report)
    else:
        place = fetch(name, folder)
    output.say(f"{escaped(name)} is in [bold]{escaped(place)}[/bold]")


@app.command()
def show(
    data: Annotated[str, typer.Argument(metavar="NAME|PATH", help="A data set.")],
    split: Annotated[str, typer.Option(help="train or test.", metavar="SPLIT")] = "train",
    examples: Annotated[
        int, typer.Option(min=1, max=1000, help="How many pictures to draw.", metavar="N")
    ] = 100,
    out: Annotated[
        Path | None,
        typer.Option(help="Draw the first pictures on a sheet.", metavar="SHEET.png"),
    ] = None,
    size: Size = None,
) -> None:
    """Tell what is in a data set, and draw its first pictures.

    [dim]whynet data show strokes --out strokes.png[/dim]
    """
    import numpy as np

    from whynet.cli.matching import check_size
    from whynet.data import SOURCES, load

    output = Output()
    check_examples(examples)
    sides = picked_size(size)
    if out is not None:
        check_writable(out, "--out")
    source = SOURCES.get(data)
    endless = source is not None and source.drawn
    found = load(data, split=split, examples=examples if endless else None, size=sides)
    if sides is not None:
        check_size(found, sides)
    height, width, channels = found.image_shape
    colours = "grey" if channels == 1 else "RGB"
    count = source.sizes[split == "test"] if endless and source is not None else len(found)
    output.say(
        f"[bold]{escaped(found.name)}[/bold]: {count:,} pictures of {height}×{width}, {colours}, "
        f"{len(found.classes)} classes"
    )
    if found.labels is not None and not endless:
        counts = np.bincount(found.labels, minlength=len(found.classes))
        for name, number in zip(found.classes, counts, strict=True):
            output.say(f"  {escaped(name):<14} {number:>7,}")
    if out is not None:
        from whynet.cli.sheets import draw_examples, save_png

        save_png(draw_examples(found[:examples]), out)
        output.say(f"the first {min(examples, len(found)):,} are on [bold]{escaped(out)}[/bold]")
