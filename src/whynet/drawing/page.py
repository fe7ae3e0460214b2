"""One self-contained HTML page: nothing is fetched from anywhere, and nothing could be.

The page's own policy forbids it every request, and every script but the one it was made with. It
is light or dark as the reader's system is, fits a phone, and can be printed.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import fields

from whynet.drawing.colours import DARK, LIGHT, Theme, css
from whynet.drawing.markup import Html, element
from whynet.errors import ConfigError

_NUMBER = re.compile(r"[+−-]?[\d.,]*\d(e[+-]?\d+)?( ?[%×])?|–")
"""What stands right in a table, so that digits of one worth stand below each other."""


def page(title: str, *content: str, script: str = "", style: str = "") -> str:
    """Return a whole HTML page.

    Args:
        title: its name, and its first heading.
        content: what stands below: markup of this module's functions; any other text becomes a
            paragraph.
        script: JavaScript, to be run at the end. Data belongs into attributes of the content,
            where it is escaped.
        style: CSS, after the page's own.

    Raises:
        ConfigError: a script or style that would end its own element.
    """
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    policy += "base-uri 'none'; form-action 'none'"
    if script:
        script = _enclosed(script, "script")
        digest = hashlib.sha256(script.encode("utf-8")).digest()
        policy += f"; script-src 'sha256-{base64.b64encode(digest).decode('ascii')}'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href="data:,"),  # or browsers ask for one
        element("title", title),
        element("style", Html(_STYLE + _enclosed(style, "style"))),
    )
    body = element(
        "body",
        element("main", element("h1", title), *map(_block, content)),
        element("script", Html(script)) if script else "",
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def section(title: str, *content: str, level: int = 2) -> Html:
    """Return a part of a page with its heading; content as in `page`."""
    return element("section", element(f"h{level}", title), *map(_block, content))


def figure(
    picture: str, alt: str, caption: str = "", *, dark: str | None = None, width: int = 168
) -> Html:
    """Return a picture with its caption.

    Args:
        picture: as a data URI, see `raster.data_uri`; its pixels stay squares when enlarged.
        alt: what is to be seen, for those who don't see it.
        caption: below it; may be empty.
        dark: another picture for readers whose system is dark.
        width: how wide it is shown at most, in CSS pixels.

    Raises:
        ConfigError: no alternative text, or a picture that would have to be fetched.
    """
    if not alt.strip():
        raise ConfigError("expected words that say what the picture shows, got none")
    for uri in (picture, dark or picture):
        if not uri.startswith("data:image/"):
            raise ConfigError(f"expected a picture as a data URI, got {uri[:40]!r}")
    shown = element("img", src=picture, alt=alt)
    if dark is not None:
        other = element("source", srcset=dark, media="(prefers-color-scheme: dark)")
        shown = element("picture", other, shown)
    below = element("figcaption", caption) if caption else ""
    return element("figure", shown, below, style=f"--width: {width}px")


def drawing(svg: Html, caption: str = "") -> Html:
    """Return a chart, see `charts`, with its caption."""
    below = element("figcaption", caption) if caption else ""
    return element("figure", svg, below, class_="drawing")


def row(*figures: Html) -> Html:
    """Return figures beside each other, as many as fit."""
    return element("div", *figures, class_="row")


def table(head: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> Html:
    """Return a table; a row's first cell names it, and columns of numbers are set right.

    Args:
        head: a name for each column.
        rows: their cells: text, markup or numbers.
        caption: above it; may be empty.

    Raises:
        ConfigError: a row that is longer or shorter than the head.
    """
    lines = [tuple(cells) for cells in rows]
    for cells in lines:
        if len(cells) != len(head):
            raise ConfigError(f"expected {len(head)} cells in a row, got {len(cells)}")
    columns = list(zip(*lines, strict=True)) or [("",)] * len(head)
    sides = [
        "number" if all(_NUMBER.fullmatch(str(cell)) for cell in cells) else None
        for cells in columns
    ]

    def line(cells: Sequence[object], scopes: Sequence[str | None]) -> Html:
        told = zip(cells, scopes, sides, strict=True)
        return element(
            "tr",
            *(
                element("th" if scope else "td", cell, scope=scope, class_=side)
                for cell, scope, side in told
            ),
        )

    whole = element(
        "table",
        element("caption", caption) if caption else "",
        element("thead", line(head, ["col"] * len(head))),
        element("tbody", *(line(cells, ["row", *[None] * (len(head) - 1)]) for cells in lines)),
    )
    # Who reads on a phone, or without a mouse, moves a wide table inside of this.
    label = caption or ", ".join(head)
    return element("div", whole, class_="wide", tabindex=0, role="region", aria_label=label)


def _block(content: str) -> Html:
    return content if isinstance(content, Html) else element("p", content)


def _enclosed(text: str, name: str) -> str:
    """Return a script or style with plain line ends, which its digest needs."""
    if f"</{name}" in text.lower() or "<!--" in text:
        raise ConfigError(f"expected a {name} without '</{name}' and '<!--' in it")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _variables(theme: Theme) -> str:
    """Return a theme's colours as CSS variables: --paper, --positive and so on."""
    others = ("name", "series", "faint")
    names = [each.name for each in fields(theme) if each.name not in others]
    told = [f"--{name}: {css(getattr(theme, name))};" for name in names]
    told += [f"--series-{index}: {css(colour)};" for index, colour in enumerate(theme.series, 1)]
    return " ".join(told)


_STYLE = (
    f"""
:root {{ {_variables(LIGHT)} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}
"""
    + """
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--text);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1, h2, h3 { line-height: 1.2; font-weight: 650; text-wrap: balance; overflow-wrap: break-word; }
h1 { font-size: clamp(1.6rem, 5vw, 2.25rem); margin: 0 0 1rem; letter-spacing: -0.015em; }
h2 { font-size: 1.35rem; margin: 0 0 0.75rem; }
h3 { font-size: 1.1rem; margin: 0 0 0.5rem; }
section { margin: 2.25rem 0 0; }
section > section { margin-top: 1.5rem; }
p, ul, ol { margin: 0 0 1rem; max-width: 44rem; overflow-wrap: break-word; }
.row { display: flex; flex-wrap: wrap; gap: 1.25rem 1.25rem; margin: 1rem 0 1.25rem; }
figure { margin: 0; max-width: var(--width, none); }
.row > figure { flex: 1 1 8.5rem; }
figure img {
  display: block; width: 100%; height: auto; image-rendering: pixelated;
  outline: 1px solid var(--rule); border-radius: 2px;
}
figure.drawing { max-width: 30rem; }
figure.drawing svg { display: block; width: 100%; height: auto; }
.row > figure.drawing { flex-basis: 18rem; }
figcaption, caption { font-size: 0.875rem; line-height: 1.4; color: var(--pale); text-align: left; }
figcaption { margin-top: 0.45rem; }
caption { margin-bottom: 0.4rem; }
.wide { overflow-x: auto; margin: 1rem 0 1.25rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.95rem; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; }
thead th { border-bottom: 2px solid var(--rule); }
tbody th, tbody td { border-bottom: 1px solid var(--rule); }
.number { text-align: right; }
a { color: var(--positive); }
:focus-visible { outline: 2px solid var(--positive); outline-offset: 2px; }
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  figure, tr { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
}
"""
)
