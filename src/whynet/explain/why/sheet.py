"""An answer as one sheet: pictures and words, ready to be pasted."""

from __future__ import annotations

from whynet.drawing.raster import Panel, png, sheet
from whynet.explain.why.answer import Why
from whynet.explain.why.panels import Panels, Shown


def sheet_of(answer: Why) -> bytes:
    """Return the sheet as the bytes of a PNG; see `Why.to_png`."""
    panels = Panels(answer)
    rows: list[list[Panel] | str] = [[_panel(shown) for shown in panels.main()]]
    if answer.morph is not None:
        rows.append([_panel(shown) for shown in panels.morph()])
    charts = [chart.picture() for chart in (panels.flip(), panels.removal()) if chart is not None]
    if charts:
        rows.append([Panel(chart) for chart in charts])
    rows.append("\n".join(sentence.text for sentence in answer.words))
    rows += answer.missing
    return png(sheet(rows, title=answer.question))


def _panel(shown: Shown) -> Panel:
    return Panel(shown.picture, shown.title, shown.caption)
