"""An answer as one self-contained page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from whynet.drawing.colours import DARK, LIGHT
from whynet.drawing.markup import Html, element, join
from whynet.drawing.page import drawing, figure, page, row, section, table
from whynet.drawing.raster import Panel, data_uri
from whynet.explain.why.answer import Why
from whynet.explain.why.panels import Panels, Rgb

_NARROWEST = 176  # CSS pixels: captions need some room
_LEAD = 3  # sentences that stand at the top


def page_of(answer: Why) -> str:
    """Return the page; see `Why.to_html`."""
    return page(answer.question, *content_of(answer), style=_STYLE)


def content_of(answer: Why) -> list[Html]:
    """Return what stands on the page, for pages that show several answers."""
    light, dark = Panels(answer, LIGHT), Panels(answer, DARK)
    both = _Both(light, dark)
    told = [sentence.text for sentence in answer.words]
    parts = [
        element("p", " ".join(told[:_LEAD]), class_="lead"),
        row(*both.figures(Panels.main, 224)),
        *_morph(light, both),
        _layers(answer, light, both),
        *_units(answer, both),
        *_similar(answer, both),
        *_proof(answer, light),
        section("In words", element("ul", *(element("li", line) for line in told))),
        _numbers(answer),
    ]
    if answer.missing:
        lines = (element("li", line) for line in answer.missing)
        parts.append(section("What is missing", element("ul", *lines)))
    return parts


class _Both:
    """Every picture in both themes, so that the reader's system can choose."""

    def __init__(self, light: Panels, dark: Panels) -> None:
        self.light, self.dark = light, dark

    def figures(self, draw: Callable[[Panels], Iterable[Panel]], width: int) -> list[Html]:
        """Return figures of what one of the panels' methods shows."""
        return [
            figure(
                data_uri(light.picture),
                f"{light.title}. {light.caption}",
                join(element("strong", light.title), element("br"), light.caption),
                dark=data_uri(dark.picture),
                width=width,
            )
            for light, dark in zip(draw(self.light), draw(self.dark), strict=True)
        ]

    def figure(self, draw: Callable[[Panels], Rgb | None], alt: str, caption: str) -> list[Html]:
        """Return a figure of one picture, or nothing if there is none."""
        light, dark = draw(self.light), draw(self.dark)
        if light is None or dark is None:
            return []
        width = max(_NARROWEST, light.shape[1])
        return [figure(data_uri(light), alt, caption, dark=data_uri(dark), width=width)]


def _morph(light: Panels, both: _Both) -> list[Html]:
    chart = light.flip()
    if chart is None:
        return []
    strip = row(*both.figures(Panels.morph, 84))
    return [section(f"From {light.a} to {light.b}", strip, drawing(chart.svg()))]


def _layers(answer: Why, light: Panels, both: _Both) -> Html:
    parts = []
    for share in answer.layers:
        names = ", ".join(share.block)
        maps = both.figure(
            lambda panels, share=share: panels.maps(share),  # type: ignore[misc]
            f"Where the strongest feature maps of {share.layer} contribute",
            "the strongest maps, and where they contribute: blue for, orange against",
        )
        caption = f"{share.total:+.2f} in all, residual {share.residual:+.1g}"
        chart = drawing(light.shares(share).svg(), caption)
        parts.append(section(names, row(chart, *maps), level=3))
    text = (
        f"The same {answer.evidence.change:+.2f}, shared out over the units of every layer "
        "(layer conductance). Layers that work channel by channel pass shares on as they are, so "
        "one place speaks for them all."
    )
    return section("Through the layers", text, *parts)


def _units(answer: Why, both: _Both) -> list[Html]:
    parts = []
    for unit in answer.units:
        name = f"{unit.kind} {unit.unit} of {unit.weighing}"
        weights = both.figure(
            lambda panels, unit=unit: panels.weights(unit),  # type: ignore[misc]
            f"Weights of {name}",
            "its weights: blue likes ink, orange dislikes it",
        )
        patches = both.figure(
            lambda panels, unit=unit: panels.patches(unit),  # type: ignore[misc]
            f"What excites {name} most",
            "the examples that excite it most, as far as it sees them",
        )
        text = (
            f"It contributes {unit.contribution:+.2f}. Switched off, the margin would be "
            f"{unit.margin_without:+.2f} instead of {answer.margin:+.2f}."
        )
        parts.append(section(name[:1].upper() + name[1:], text, row(*weights, *patches), level=3))
    return [section("What these units look for", *parts)] if parts else []


def _similar(answer: Why, both: _Both) -> list[Html]:
    if answer.similar is None:
        return []
    rows = [
        row(*both.figures(lambda panels, found=found: panels.alike(found), 112))  # type: ignore[misc]
        for found in answer.similar.values()
    ]
    layer = next(iter(answer.similar.values())).layer
    text = f"The nearest examples of both classes, by what the net makes of them in {layer}."
    return [section("It looks like these", text, *rows)]


def _proof(answer: Why, light: Panels) -> list[Html]:
    chart = light.removal()
    if chart is None or answer.proof is None:
        return []
    verdict = "The evidence holds" if answer.proof.holds else "The evidence is not proven"
    text = (
        "Pixels are turned into those of the counterfactual, the strongest evidence first. If the "
        "map is right, the margin falls faster than in any order that knows less."
    )
    return [section("The proof", text, drawing(chart.svg(), f"{verdict} on this picture."))]


def _numbers(answer: Why) -> Html:
    evidence, found = answer.evidence, answer.counterfactual
    total = float(evidence.attribution.total[0])
    rows: list[Sequence[object]] = [
        ("margin (log-odds)", f"{answer.margin:+.4f}"),
        ("its change along the path", f"{evidence.change:+.4f}"),
        ("sum of the evidence", f"{total:+.4f}"),
        ("residual", f"{evidence.residual:+.1e}"),
        ("pictures run through the net", f"{int(evidence.attribution.evaluations[0]):,}"),
    ]
    if found is not None:
        rows += [
            ("distance of the counterfactual (L2)", f"{found.l2:.3f}"),
            ("distance of the nearest example of its class", f"{found.donor_l2:.3f}"),
            ("pixels changed", f"{found.pixels_changed}"),
        ]
    rows.append(("seconds", f"{answer.seconds:.2f}"))
    return section("The numbers", table(("what", "how much"), rows))


_STYLE = ".lead{font-size:1.15rem}"
