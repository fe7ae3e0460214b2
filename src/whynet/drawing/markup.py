"""HTML and SVG in the making: text is escaped wherever it is put in, markup is not."""

from __future__ import annotations

import html
import re

_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class Html(str):
    """Markup, to be taken as it is. Whatever comes from outside stays a plain `str`.

    >>> element("p", "1 < 2 ", element("b", "yes"))
    '<p>1 &lt; 2 <b>yes</b></p>'
    """

    __slots__ = ()


def escape(text: object) -> Html:
    """Return markup that shows a text as it is; `Html` stays what it is.

    Characters that neither HTML nor UTF-8 can hold become "�".
    """
    if isinstance(text, Html):
        return text
    return Html(html.escape(_UNFIT.sub("\ufffd", str(text)), quote=True))


def join(*parts: object) -> Html:
    """Return parts one after another, each escaped unless it is markup."""
    return Html("".join(escape(part) for part in parts))


def element(name: str, /, *content: object, **attributes: object) -> Html:
    """Return an element; ``class_`` is class, and ``stroke_width`` stroke-width.

    Args:
        name: such as "p". One without content that HTML never closes, such as "img", is left open.
        content: what is inside, escaped unless it is markup.
        attributes: escaped; those that are None or False are left out, True has no value.
    """
    told = "".join(
        f" {_spelt(key)}" if value is True else f' {_spelt(key)}="{escape(value)}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _NEVER_CLOSED:
        return Html(f"<{name}{told}>")
    return Html(f"<{name}{told}>{join(*content)}</{name}>")


_NEVER_CLOSED = ("br", "img", "input", "link", "meta", "source")


def _spelt(attribute: str) -> str:
    return attribute.rstrip("_").replace("_", "-")
