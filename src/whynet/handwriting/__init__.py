"""From any picture of handwriting to what a net was trained on.

digit.py    one digit: any size, colours and polarity
pages/      where the digits on a page are, line by line
"""

from whynet.handwriting.digit import prepare

__all__ = ["prepare"]
