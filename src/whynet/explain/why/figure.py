"""An answer as a matplotlib figure."""

from __future__ import annotations

from typing import Any

from whynet.drawing.figure import panels
from whynet.explain.why.answer import Why
from whynet.explain.why.panels import Panels


def figure_of(answer: Why) -> Any:
    """Return the ``matplotlib.figure.Figure``; see `Why.figure`."""
    return panels(Panels(answer).rows(), title=answer.question)
