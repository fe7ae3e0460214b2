"""``whynet show``."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whynet.cli.console import Output, escaped, percent
from whynet.cli.options import AsJson
from whynet.errors import DataNotFoundError

if TYPE_CHECKING:
    from whynet.sequential import Sequential
    from whynet.train.recipe import Recipe

_LAST = 5
"""Epochs of the history to print."""


def show(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL", help="A model file, a preset's name, or a .toml file of that form."
        ),
    ],
    plan: Annotated[
        bool,
        typer.Option(
            "--plan", help="Show how it is run: algorithms, memory, estimated and measured times."
        ),
    ] = False,
    batch_size: Annotated[
        int | None,
        typer.Option(
            help="The batch that --plan is for.", show_default="the recipe's", metavar="N"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a net is made of and where it came from, or how it is run.

    [dim]whynet show whynet-lenet-strokes.safetensors[/dim]
    [dim]whynet show lenet[/dim]
    [dim]whynet show lenet --plan[/dim]
    """
    from whynet.cli.plan import check_batch_size, show_plan
    from whynet.presets import load_preset, preset_names
    from whynet.sequential import Sequential

    check_batch_size(batch_size, plan=plan)
    output = Output(as_json=as_json)
    recipe: Recipe | None
    if model in preset_names() or model.endswith(".toml"):
        preset = load_preset(model)
        net, about, recipe = preset.build(), preset.about, preset.recipe
    else:
        try:
            net, about = Sequential.load(model), ""
        except DataNotFoundError as error:
            raise DataNotFoundError(
                f"{error}, and no preset of that name ({', '.join(preset_names())})"
            ) from None
        recipe = net.card.recipe
    if plan:
        show_plan(net, net.card.model or model, recipe, batch_size, output)
        return
    if as_json:
        output.document(_document(net, about, recipe))
        return
    output.say(f"[bold]{escaped(net.card.model or model)}[/bold]")
    if about:
        output.console.print(escaped(about))
    output.say()
    _layers(net, output)
    if not about:
        output.say()
        _origin(net, output)
    if recipe is not None:
        output.say()
        output.say("[bold]recipe[/bold]")
        for name, value in vars(recipe).items():
            if name == "batch_size" and value is None:
                value = "full"
            output.say(f"  {name:<14} {escaped(_words(value))}")
    if len(net.card.history):
        _history(net, output)
    if about:
        output.say()
        output.say(f"train it with: whynet train --model {escaped(model)}")


def _document(net: Sequential, about: str, recipe: Recipe | None) -> dict[str, Any]:
    from whynet.explain.donors import Donors

    donors = Donors.attached(net)
    card = net.card.config()
    summary = net.summary()
    return {
        "model": card["model"],
        "about": about,
        "data": card["data"],
        "classes": list(card["classes"]),
        "preparation": card["preparation"],
        "input_shape": list(net.input_shape),
        "parameters": summary.parameters,
        "multiply_adds": summary.multiply_adds,
        "layers": net.config()["layers"],
        "recipe": None if recipe is None else recipe.config(),
        "figures": card["figures"],
        "donors": None if donors is None else {"count": len(donors), "source": donors.source},
        "history": card["history"],
        "version": card["version"],
    }


def _layers(net: Sequential, output: Output) -> None:
    """Print the summary; layers named after their type need no column for it."""
    from rich.table import Table

    summary = net.summary()
    spoken = all(row.name.startswith(row.kind.lower()) for row in summary.rows)
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    table.add_column("layer")
    if not spoken:
        table.add_column("type")
    for heading in ("output", "parameters", "sees", "multiply-adds"):
        table.add_column(heading, justify="right")
    for row in summary.rows:
        name, kind, *figures = row.cells()
        table.add_row(escaped(name), *([] if spoken else [kind]), *figures)
    output.console.print(table)
    shape = "×".join(str(size) for size in summary.input_shape)
    output.say(
        f"input {shape}, [bold]{summary.parameters:,}[/bold] parameters, "
        f"{summary.multiply_adds:,} multiply-adds a picture"
    )


def _origin(net: Sequential, output: Output) -> None:
    from whynet.explain.donors import Donors

    card = net.card
    donors = Donors.attached(net)
    kept = donors and f"{len(donors):,} pictures of {donors.source or 'unknown origin'}"
    figures = {
        name.replace("_", " "): percent(value) if "accuracy" in name else f"{value:,.10g}"
        for name, value in card.figures.items()
    }
    lines = {
        "trained on": card.data or "nothing that it knows of",
        "classes": ", ".join(card.classes),
        "pictures": {
            "digit": "one digit, cropped, fitted and centred as MNIST's",
            "fit": "resized to its input, proportions kept",
        }.get(card.preparation, card.preparation),
        **figures,
        "donors": kept or "",
        "written by": f"whynet {card.version}" if card.version else "",
    }
    output.say("[bold]where it came from[/bold]")
    for name, value in lines.items():
        if value:
            output.say(f"  {name:<20} {escaped(value)}")


def _words(value: object) -> str:
    """Write a recipe's entry as the command line takes it: ``adam,lr=0.001``.

    Options at their defaults are left out, except for the learning rate.
    """
    from whynet.data.augment import Augmentation
    from whynet.optim import Optimizer, Schedule

    if value is None:
        return "none"
    if not isinstance(value, Optimizer | Schedule | Augmentation):
        return str(value)
    config = value.config()
    usual = {field.name: field.default for field in fields(value) if field.name != "lr"}
    told = [f"{k}={v}" for k, v in config.items() if k != "type" and usual.get(k) != v]
    return ",".join([config["type"], *told] if "type" in config else told)


def _history(net: Sequential, output: Output) -> None:
    from rich.table import Table

    epochs = net.card.history.epochs
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for heading in ("epoch", "cost", "accuracy", "validation", "rate", "seconds"):
        table.add_column(heading, justify="right")
    for line in epochs[-_LAST:]:
        table.add_row(
            str(line.epoch),
            f"{line.cost:.4f}",
            percent(line.accuracy),
            percent(line.validation_accuracy),
            f"{line.lr:.3g}",
            f"{line.seconds:.1f}",
        )
    output.say()
    left_out = len(epochs) - _LAST
    output.say("[bold]history[/bold]" + (f" ({left_out} epochs before)" if left_out > 0 else ""))
    output.console.print(table)
