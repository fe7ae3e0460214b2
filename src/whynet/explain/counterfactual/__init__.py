"""What would have made it a 4? The closest plausible picture that a net reads as a rival class.

align.py    donors of the rival class, moved and bent so that they lie on the picture
regions.py  the difference between two pictures, as regions of ink to add and ink to erase
jury.py     who has to read the result as the rival
search.py   the search itself: `counterfactual`
morph.py    the way from the picture to its counterfactual: `morph`
"""

from whynet.explain.counterfactual.morph import Morph, morph
from whynet.explain.counterfactual.search import Counterfactual, counterfactual

__all__ = ["Counterfactual", "Morph", "counterfactual", "morph"]
