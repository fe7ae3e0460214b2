"""``whynet explain``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from whynet.cli.console import Output, escaped
from whynet.cli.errors import printable
from whynet.cli.options import AsJson, Threads
from whynet.errors import ConfigError, DataNotFoundError

if TYPE_CHECKING:
    from whynet.explain.why import Why
    from whynet.sequential import Sequential

_WIDEST = 100
"""Characters of a line of words: longer ones are hard to read."""

_LONGEST = 60
"""Letters that a part of a file's name may have."""


def explain(
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE",
            help="A picture (PNG, JPEG, ...), or an .npz, .npy or .csv file of many.",
            show_default=False,
        ),
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            help="A model file.",
            show_default="the one that `whynet train` left in this folder",
            metavar="MODEL",
        ),
    ] = None,
    rival: Annotated[
        str | None,
        typer.Option(
            help="The class that it might have been.", show_default="the runner-up", metavar="CLASS"
        ),
    ] = None,
    number: Annotated[
        int, typer.Option(min=0, help="Which picture of a file of many, from 0.", metavar="N")
    ] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a page (HTML) and a sheet (PNG) to this folder.", metavar="DIR"),
    ] = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Say why a net reads a picture so and not otherwise.

    The evidence, the closest picture that it would read otherwise, and the proof: in numbers that
    add up.

    [dim]whynet explain nine.png --rival 4[/dim]
    [dim]whynet explain digits.npz --number 7 --model lenet.safetensors --out why[/dim]
    """
    from whynet.cli.inputs import picked_input
    from whynet.cli.models import only_model
    from whynet.explain.why import why
    from whynet.sequential import Sequential

    output = Output(as_json=as_json)
    if out is not None:
        _check_folder(out)
    model = model or only_model()
    net = Sequential.load(model)
    check_explainable(net, model)
    entry = picked_input(image, number, net)
    assert entry.picture is not None
    with output.busy("asking why"):
        answer = why(net, entry.picture, rival, threads=threads)
        stem = Path(image).stem + ("" if entry.name == image else f"-{number}")
        files = {} if out is None else _write(answer, out, stem)
    if not as_json:
        _tell(answer, files, output)
    warn_of_residual(answer, entry.name, output)
    output.document({"image": entry.name, "model": str(model), **answer.to_dict(), "files": files})


def check_explainable(net: Sequential, model: object) -> None:
    """Refuse nets that see no pictures.

    Args:
        net: what is to be asked.
        model: the net's file, for the message.

    Raises:
        ConfigError: its input is no picture.
    """
    shape = net.input_shape
    if len(shape) != 3 or shape[2] not in (1, 3):
        raise ConfigError(
            f"{model}: expected a net on pictures (height, width, 1 or 3), whose strokes can be "
            f"told of, got one on inputs of shape {shape}"
        )


def warn_of_residual(answer: Why, name: str, output: Output) -> None:
    """Say so where the evidence fails to add up as closely as is promised.

    Args:
        answer: what was found.
        name: the picture's, for the message.
        output: where to say it.
    """
    from whynet.explain.paths import TOLERANCE

    most = TOLERANCE * abs(answer.margin)
    if abs(answer.residual) > most:
        output.note(
            f"{name}: the evidence misses the margin's change by {answer.residual:+.1g}, which is "
            f"more than {TOLERANCE:g} of the margin ({most:.1g})"
        )


def _check_folder(folder: Path) -> None:
    try:
        there = folder.exists() and not folder.is_dir()
    except (OSError, ValueError):
        raise DataNotFoundError(
            f"--out: no folder can have the name {str(folder)[:60]!r}"
        ) from None
    if there:
        raise DataNotFoundError(f"--out: {folder} is a file; give the name of a folder")


def _write(answer: Why, folder: Path, stem: str) -> dict[str, str]:
    """Write the sheet and the page, and return their paths."""
    a, b = answer.classes[answer.predicted], answer.classes[answer.rival]
    name = f"{_safe(stem)}-why-{_safe(a)}-not-{_safe(b)}"
    png, html = folder / f"{name}.png", folder / f"{name}.html"
    folder.mkdir(parents=True, exist_ok=True)
    answer.to_png(png)
    answer.to_html(html)
    return {"png": str(png), "html": str(html)}


def _safe(text: str) -> str:
    """Return text that any system takes as part of a file's name."""
    return re.sub(r"[^\w.-]+", "_", text).strip("._")[:_LONGEST] or "_"


def _tell(answer: Why, files: dict[str, Any], output: Output) -> None:
    """Print the question, the pictures, the words, the verdict, and what there is besides."""
    from whynet.cli.panels import pictures_of

    console = output.console
    output.say(f"[bold]{escaped(answer.question)}[/bold]")
    output.say()
    console.file.write(pictures_of(answer, console) + "\n")
    output.say()
    words = [sentence.text for sentence in answer.words]
    verdict = words.pop() if answer.proof is not None else ""
    for sentence in words:
        _say_wrapped(sentence, "", output, "· ")
    if answer.proof is not None:
        output.say()
        _say_wrapped(verdict, "bold green" if answer.proof.holds else "bold yellow", output)
    if answer.missing:
        output.say()
    for line in answer.missing:
        _say_wrapped(f"missing: {line}", "dim", output)
    if files:
        output.say()
        for path in files.values():
            output.say(f"wrote [bold]{escaped(path)}[/bold]")


def _say_wrapped(text: str, style: str, output: Output, mark: str = "") -> None:
    """Print a sentence on as many lines as it takes, behind a mark if there is one."""
    from rich.text import Text

    width = min(output.console.width, _WIDEST) - len(mark)
    for line in Text(printable(text)).wrap(output.console, max(1, width)):
        output.console.print(Text(mark + line.plain.rstrip(), style=style), soft_wrap=True)
        mark = " " * len(mark)
