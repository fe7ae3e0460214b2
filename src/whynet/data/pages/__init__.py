"""Composed pages: photographs of handwritten digits that were never taken, boxes and labels known.

Read in this order: `kinds` (what pages there are), `glyphs` (a digit's picture as a path of the
pen), `ink` (that path inked, broken or whole), `paper` (colour, fibres, rules, light), `camera`
(perspective, blur, noise, JPEG) and `compose`, which lays out a page and takes its picture.
"""

from whynet.data.pages.compose import Composed, Written, compose
from whynet.data.pages.kinds import KINDS, Kind

__all__ = ["KINDS", "Composed", "Kind", "Written", "compose"]
