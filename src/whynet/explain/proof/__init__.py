"""The proof on this very picture: take the strongest evidence away first, and the margin must fall.

**Deletion** begins at the picture and gives its pixels the baseline's values, one after another in
some order; **insertion** begins at the baseline and gives the picture's pixels back (Samek et al.
2017, "Evaluating the visualization of what a deep neural network has learned"; Petsiuk, Das &
Saenko 2018, "RISE"). If the evidence is what it claims to be, the margin falls faster in its order
than in others when pixels go, and rises faster when they come back.

**What is counted.** Only pixels that differ from the baseline, each once. To "remove" any other
changes nothing, so an axis of all pixels would flatter every order that merely knows where the two
pictures differ: against a counterfactual that differs in 60 of 784 pixels, any such order would be
done when a random one has hardly begun. Counted this way a random order over the whole picture and
one over the pixels that differ are the same thing, and every order has the same way to go.

**Against what.** Orders that do not know what the evidence knows: random ones, edges first (an edge
detector sees the picture, not the net) and the largest change of ink first, which knows both
pictures and lacks the net alone. The last is the hardest to beat.

An order read backwards takes the pictures of deletion through in reverse, which is the insertion of
the reversed order. So one kind of run does for both, and each random draw serves twice.

orders.py   what goes first: by evidence, edges or change, or at random
removal.py  pictures on the way, and what the net says to them: `proof`
result.py   the curves, their areas, and whether the evidence beats the rest
"""

from whynet.explain.proof.removal import proof
from whynet.explain.proof.result import Curve, Order, Proof

__all__ = ["Curve", "Order", "Proof", "proof"]
