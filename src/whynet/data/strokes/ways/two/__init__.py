"""Ways of writing 2."""

from whynet.data.strokes.ways.two.looped import looped
from whynet.data.strokes.ways.two.plain import plain

two = plain + looped

__all__ = ["two"]
