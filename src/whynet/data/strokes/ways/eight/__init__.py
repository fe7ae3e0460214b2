"""Ways of writing 8."""

from whynet.data.strokes.ways.eight.closed import closed
from whynet.data.strokes.ways.eight.opened import opened

eight = closed + opened

__all__ = ["eight"]
