"""The built-in writer: digits, ticks and crosses drawn from strokes, without any download.

Read in this order: `ways` (how each character is written), `skeleton` (the language they are told
in), `curves`, `hand` and `alphabet` (from characters to the path of a pen), `render` (ink),
`sheet` and `writer` (unlimited sequences of pictures), `pairs` and `tiny`.
"""

from whynet.data.strokes.pairs import KINDS, Pairs, pairs
from whynet.data.strokes.tiny import tiny_ticks
from whynet.data.strokes.writer import Inked, digits, digits_with_strokes, ticks

__all__ = [
    "KINDS",
    "Inked",
    "Pairs",
    "digits",
    "digits_with_strokes",
    "pairs",
    "ticks",
    "tiny_ticks",
]
