"""The commands under one name. What a command needs is imported when it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from whynet.cli.animate import animate
from whynet.cli.data import app as data
from whynet.cli.evaluate import evaluate
from whynet.cli.explain import explain
from whynet.cli.mistakes import mistakes
from whynet.cli.predict import predict
from whynet.cli.show import show
from whynet.cli.train import train

app = typer.Typer(
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (train, evaluate, predict, explain, mistakes, animate, show):
    app.command()(command)
app.add_typer(data, name="data")


def _version(wanted: bool) -> None:
    if wanted:
        from whynet import __version__

        typer.echo(f"whynet {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def whynet(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """The glass-box digit reader: train a small net, ask it, look into it.

    Begin with [bold]whynet train[/bold]: under a minute, no download.
    """
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
