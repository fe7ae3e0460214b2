"""From any picture of handwriting to what a net was trained on.

digit.py    one digit: any size, colours and polarity
"""

from whynet.handwriting.digit import prepare

__all__ = ["prepare"]
