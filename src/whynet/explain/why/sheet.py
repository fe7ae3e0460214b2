"""An answer as one sheet: pictures and words, ready to be pasted."""

from __future__ import annotations

from whynet.drawing.charts import LineChart
from whynet.drawing.raster import Panel, png, sheet
from whynet.explain.why.answer import Why
from whynet.explain.why.panels import Panels


def sheet_of(answer: Why) -> bytes:
    """Return the sheet as the bytes of a PNG; see `Why.to_png`."""
    rows: list[list[Panel] | str] = [
        [Panel(each.picture()) if isinstance(each, LineChart) else each for each in row]
        for row in Panels(answer).rows()
    ]
    rows.append("\n".join(sentence.text for sentence in answer.words))
    return png(sheet([*rows, *answer.missing], title=answer.question))
