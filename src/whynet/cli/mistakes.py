"""``whynet mistakes``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from whynet.cli.console import Output, escaped, percent
from whynet.cli.errors import INTERRUPTED, complain
from whynet.cli.options import AsJson, ModelFile, Threads, check_writable
from whynet.errors import ConfigError


def mistakes(
    model: ModelFile,
    data: Annotated[
        str | None,
        typer.Option(
            help="strokes, mnist, ... or a path.",
            show_default="what the model was trained on",
            metavar="NAME|PATH",
        ),
    ] = None,
    count: Annotated[
        int, typer.Option(min=1, help="How many to explain, the worst first.", metavar="N")
    ] = 24,
    out: Annotated[
        Path | None,
        typer.Option(
            help="The page to write.", show_default="MODEL-mistakes.html", metavar="FILE.html"
        ),
    ] = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Explain the mistakes that a net was surest of, in one page.

    What speaks for the wrong answer, and the closest picture that would have been read rightly.

    [dim]whynet mistakes whynet-lenet-strokes.safetensors[/dim]
    [dim]whynet mistakes lenet.safetensors --data mnist --count 100 --out mistakes.html[/dim]
    """
    from whynet.cli.explain import check_explainable, warn_of_residual
    from whynet.cli.gallery import Gallery
    from whynet.cli.marking import marked
    from whynet.cli.progress import share_bar
    from whynet.explain.why import why
    from whynet.sequential import Sequential

    output = Output(as_json=as_json)
    page = _checked(out or Path(f"{model.stem}-mistakes.html"))
    net = Sequential.load(model)
    check_explainable(net, model)
    with output.busy("reading the test pictures"):
        examined, marks = marked(net, model, data, threads, output)
    worst = marks.worst(count).tolist()
    wrong = marks.n - int(marks.confusion.trace())
    if not as_json:
        output.say(
            f"[bold]{wrong:,}[/bold] of {marks.n:,} pictures of {escaped(examined.name)} read "
            f"wrongly ({percent(wrong / marks.n)})"
        )
    if not worst:
        if not as_json:
            output.say("no mistakes to explain: no page was written")
        output.document([])
        return
    gallery = Gallery(net.card.model or model.stem, examined.name, marks)
    documents = []
    with suppress(KeyboardInterrupt), share_bar(output, "explaining") as progress:
        for done, position in enumerate(worst):
            progress(done / len(worst))
            truth = int(marks.labels[position])
            name = f"{examined.name}[{position}]"
            answer = why(net, examined.images[position], truth, units=False, threads=threads)
            gallery.add(position, answer)
            documents.append({"image": name, "truth": answer.classes[truth], **answer.to_dict()})
            warn_of_residual(answer, name, output)
    if documents:
        gallery.write(page)
        if not as_json:
            which = "all" if len(documents) == wrong else f"the worst {len(documents)}"
            output.say(f"{which} explained in [bold]{escaped(page)}[/bold]")
    output.document(documents)
    if len(documents) < len(worst):
        kept = f"{page} holds the worst {len(documents)}" if documents else "no page was written"
        complain(f"interrupted after {len(documents)} of {len(worst)} mistakes; {kept}")
        raise typer.Exit(INTERRUPTED)


def _checked(page: Path) -> Path:
    """Return ``page`` if a page could be put there, rather than in a model's place by mistake."""
    if page.suffix.lower() not in (".html", ".htm"):
        raise ConfigError(f"--out: expected a name that ends in .html, got {str(page)[:60]!r}")
    return check_writable(page, "--out")
