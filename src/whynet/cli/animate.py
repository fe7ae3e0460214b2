"""``whynet animate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from whynet.cli.console import Output, escaped
from whynet.cli.options import Threads, check_writable
from whynet.errors import ConfigError
from whynet.options import choice

if TYPE_CHECKING:
    from whynet.cli.inputs import Picture
    from whynet.drawing.animation import Animation
    from whynet.sequential import Sequential

KINDS = ("filter", "morph", "evidence")
"""What can be shown."""

_FORMATS = (".gif", ".html")


def animate(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            help="filter: one slides and fills its feature map. morph: how it would become a "
            "RIVAL. evidence: how it adds up.",
            show_default=False,
        ),
    ],
    image: Annotated[
        str,
        typer.Argument(
            metavar="IMAGE",
            help="A picture (PNG, JPEG, ...), or an .npz, .npy or .csv file of many.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="The file to write.", metavar="FILE.gif|FILE.html", show_default=False),
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
    layer: Annotated[
        str | None,
        typer.Option(
            help="A convolution's name, as `whynet show` tells it, for filter.",
            show_default="the first",
            metavar="NAME",
        ),
    ] = None,
    unit: Annotated[
        int | None,
        typer.Option(
            help="The filter's number, from 0.",
            show_default="the one that carries most of the answer",
            metavar="N",
        ),
    ] = None,
    number: Annotated[
        int, typer.Option(min=0, help="Which picture of a file of many, from 0.", metavar="N")
    ] = 0,
    threads: Threads = None,
) -> None:
    """Make an animation for slides: a GIF, or a page with a player.

    [dim]whynet animate filter nine.png --out filter.gif[/dim]
    [dim]whynet animate morph nine.png --rival 4 --out morph.html[/dim]
    [dim]whynet animate evidence digits.npz --number 7 --out evidence.gif[/dim]
    """
    from whynet.cli.explain import check_explainable
    from whynet.cli.inputs import picked_input
    from whynet.cli.models import only_model
    from whynet.data.files import write_atomically
    from whynet.sequential import Sequential

    output = Output()
    choice(kind, "a kind of animation", KINDS)
    _check_options(kind, out, layer, unit)
    model = model or only_model()
    net = Sequential.load(model)
    check_explainable(net, model)
    entry = picked_input(image, number, net)
    assert entry.picture is not None
    with output.busy("drawing"):
        made = _made(kind, net, entry.picture, rival, layer, unit, threads)
        page = out.suffix.lower() == ".html"
        title = f"{kind.capitalize()}: {entry.name}"
        content = made.html(title).encode() if page else made.gif()
    with write_atomically(out) as file:
        file.write(content)
    _, height, width, _ = made.frames.shape
    output.say(
        f"wrote [bold]{escaped(out)}[/bold]: {len(made)} pictures of {width}×{height}, "
        f"{sum(made.seconds):.0f} s, {_size(len(content))}"
    )


def _check_options(kind: str, out: Path, layer: str | None, unit: int | None) -> None:
    """Refuse what cannot be written, or would be passed over."""
    if out.suffix.lower() not in _FORMATS:
        raise ConfigError(f"--out: expected a file named .gif or .html, got {str(out)[:60]!r}")
    check_writable(out, "--out")
    if kind != "filter" and (layer is not None or unit is not None):
        raise ConfigError(
            f"--layer and --unit: they choose a filter; leave them out, or ask for `whynet animate "
            f"filter` instead of {kind}"
        )


def _made(
    kind: str,
    net: Sequential,
    picture: Picture,
    rival: str | None,
    layer: str | None,
    unit: int | None,
    threads: int | None,
) -> Animation:
    from whynet.explain.animations import evidence_accumulating, filter_sliding, morphing

    if kind == "filter":
        return filter_sliding(net, picture, layer, unit, rival=rival, threads=threads)
    if kind == "morph":
        return morphing(net, picture, rival, threads=threads)
    return evidence_accumulating(net, picture, rival, threads=threads)


def _size(count: int) -> str:
    """Write a number of bytes as people read it."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
