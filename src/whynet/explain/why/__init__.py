"""Why 9 and not 4? One answer in seven parts.

asking.py  `why` puts the parts together
answer.py  `Why`, what it returns
shares.py  through the layers: the share of every block and feature map
units.py   the units that carried most, and what they look for
words.py   sentences, each number looked up among the measurements
"""

from whynet.explain.why.answer import Why
from whynet.explain.why.asking import why
from whynet.explain.why.shares import LayerShare
from whynet.explain.why.units import UnitStory
from whynet.explain.why.words import Sentence

__all__ = ["LayerShare", "Sentence", "UnitStory", "Why", "why"]
