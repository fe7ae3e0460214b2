"""The built-in writer: digits, ticks and crosses drawn from strokes, without any download."""

from whynet.data.strokes.writer import Inked, digits, digits_with_strokes, ticks

__all__ = ["Inked", "digits", "digits_with_strokes", "ticks"]
