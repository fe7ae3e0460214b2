"""A net's mistakes as one page: thumbnails that unfold into explanations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from whynet.cli.console import percent
from whynet.data.files import write_atomically
from whynet.drawing.colours import DARK, LIGHT, Rgb, Theme, ink
from whynet.drawing.markup import Html, element, join
from whynet.drawing.page import figure, page, row, section, table
from whynet.drawing.raster import data_uri
from whynet.explain.why import Why
from whynet.explain.why.panels import Panels, as_bytes
from whynet.explain.why.words import told
from whynet.train.evaluation import Evaluation

_PAIRS = 8
"""Kinds of mistakes to list, the commonest first."""

_DRAWN = 5  # times that pictures are enlarged: enough for signs in the evidence, and still small
_SHOWN = 224  # CSS pixels


class Gallery:
    """Collects explained mistakes, and writes them as one self-contained page.

    An explanation is turned into markup as soon as it is added, so that a hundred of them take
    little memory.

    Args:
        model: the net's name.
        data: the name of the pictures.
        marks: the net's marks on them.
    """

    def __init__(self, model: str, data: str, marks: Evaluation) -> None:
        self.model, self.data, self.marks = model, data, marks
        self._entries: list[Html] = []
        self._kinds: dict[tuple[int, int], list[int]] = {}

    def add(self, position: int, answer: Why) -> None:
        """Add a mistake.

        Args:
            position: of the picture among the data.
            answer: why the net's answer, and not the right class as its rival.
        """
        number = len(self._entries) + 1
        self._kinds.setdefault((answer.rival, answer.predicted), []).append(number)
        self._entries.append(
            _entry(number, f"picture {position:,} of {self.data}, counted from 0", answer)
        )

    def write(self, path: Path) -> None:
        """Write the page, all of it or nothing.

        Raises:
            DataNotFoundError: the folder is missing, or may not be written to.
        """
        with write_atomically(path) as file:
            file.write(self.page().encode())

    def page(self) -> str:
        """Return all of it: the summary, the commonest mistakes and the thumbnails."""
        wrong = self.marks.n - int(self.marks.confusion.trace())
        shown = len(self._entries)
        lead = (
            f"{self.model} reads {wrong:,} of {self.marks.n:,} pictures of {self.data} wrongly "
            f"({percent(wrong / self.marks.n)}). "
        )
        lead += (
            "Here is the one that it was surest of"
            if shown == 1
            else f"Here are the {shown} that it was surest of, the surest first"
        )
        lead += (
            ": what speaks for the wrong answer against the right one, and what would have had to "
            "be different. Choose a picture to unfold its explanation."
        )
        return page(
            f"The mistakes of {self.model}",
            element("p", lead, class_="lead"),
            section("The commonest mistakes", self._pairs()),
            section("The surest mistakes", element("div", *self._entries, class_="gallery")),
            style=_STYLE,
            script=_SCRIPT,
        )

    def _pairs(self) -> Html:
        """Return a table of the commonest mistakes, with links to those that are shown."""
        wrong = self.marks.confusion.copy()
        np.fill_diagonal(wrong, 0)
        order = np.argsort(-wrong, axis=None, kind="stable")[:_PAIRS]
        rows = []
        for truth, answer in zip(*np.unravel_index(order, wrong.shape), strict=True):
            if not wrong[truth, answer]:
                break
            links = [
                join(" " if at else "", element("a", number, href=f"#mistake-{number}"))
                for at, number in enumerate(self._kinds.get((int(truth), int(answer)), ()))
            ]
            names = self.marks.classes[truth], self.marks.classes[answer]
            rows.append((*names, f"{int(wrong[truth, answer]):,}", join(*links)))
        return table(("right", "read as", "times", "explained below"), rows)


def _entry(number: int, name: str, answer: Why) -> Html:
    a, b = answer.classes[answer.predicted], answer.classes[answer.rival]
    sure = told(float(answer.probabilities[answer.predicted]), "%")
    thumbnail = figure(
        data_uri(_thumbnail(answer, LIGHT)),
        f"Mistake {number}: right is {b}, read as {a}",
        join(element("strong", f"{b} read as {a}"), element("br"), sure),
        dark=data_uri(_thumbnail(answer, DARK)),
        width=112,
    )
    lines = [sentence.text for sentence in answer.words] + list(answer.missing)
    return element(
        "details",
        element("summary", thumbnail),
        element("h3", f"{number}. {answer.question}"),
        element("p", f"Right is {b}: {name}."),
        row(*_figures(answer)),
        element("ul", *(element("li", line) for line in lines)),
        id=f"mistake-{number}",
    )


def _thumbnail(answer: Why, theme: Theme) -> Rgb:
    return ink(as_bytes(answer.picture), theme)


def _figures(answer: Why) -> Iterator[Html]:
    """Yield the picture, the counterfactual, the change and the evidence, in both themes."""
    size = _DRAWN * answer.picture.shape[1]
    light, dark = (Panels(answer, theme, size).main() for theme in (LIGHT, DARK))
    for day, night in zip(light, dark, strict=True):
        yield figure(
            data_uri(day.picture),
            f"{day.title}. {day.caption}",
            join(element("strong", day.title), element("br"), day.caption),
            dark=data_uri(night.picture),
            width=_SHOWN,
        )


_STYLE = """
.lead { font-size: 1.15rem; }
.gallery {
  display: grid; gap: 1.25rem 1rem; grid-auto-flow: dense;
  grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr));
}
details { min-width: 0; scroll-margin-top: 1rem; }
details[open] {
  grid-column: 1 / -1; padding: 1rem 0 0.5rem;
  border-top: 2px solid var(--rule); border-bottom: 2px solid var(--rule);
}
summary { list-style: none; cursor: pointer; }
summary::-webkit-details-marker { display: none; }
summary figure { max-width: 7rem; }
summary:hover img { outline: 2px solid var(--positive); }
details[open] > summary { margin-bottom: 1rem; }
details[open] > summary figcaption { display: none; }
details[open] > summary figure { max-width: 4rem; }
"""

_SCRIPT = """
function unfold() {
  const found = document.getElementById(location.hash.slice(1));
  if (found instanceof HTMLDetailsElement) { found.open = true; found.scrollIntoView(); }
}
addEventListener("hashchange", unfold);
unfold();
"""
