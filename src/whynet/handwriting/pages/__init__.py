"""A picture of a page → its digits, each in the form that nets were trained on.

One idea a file, in the order of the steps:

ground.py    the paper under its light, divided out; light on dark turned over
rules.py     ruled and squared lines taken away
ink.py       which pixels are ink, and the pieces they make
parts.py     pieces put together to digits
cuts.py      digits that touch, cut where there is least ink
choosing.py  joining and cutting as a net likes it
lines.py     digits grouped into lines, in reading order
crops.py     each digit as a picture of 28 × 28
page.py      all of it: `find_digits`
"""

from whynet.handwriting.pages.choosing import Judge
from whynet.handwriting.pages.page import Found, Page, Steps, find_digits

__all__ = ["Found", "Judge", "Page", "Steps", "find_digits"]
