"""Every way of writing that the writer knows: one file for each character."""

from whynet.data.strokes.ways.eight import eight
from whynet.data.strokes.ways.five import five
from whynet.data.strokes.ways.four import four
from whynet.data.strokes.ways.nine import nine
from whynet.data.strokes.ways.one import one
from whynet.data.strokes.ways.seven import seven
from whynet.data.strokes.ways.six import six
from whynet.data.strokes.ways.three import three
from whynet.data.strokes.ways.ticks import cross, tick
from whynet.data.strokes.ways.two import two
from whynet.data.strokes.ways.zero import zero

DIGITS = (zero, one, two, three, four, five, six, seven, eight, nine)
TICKS = (cross, tick)

__all__ = ["DIGITS", "TICKS"]
