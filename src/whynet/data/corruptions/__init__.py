"""The fifteen corruptions of MNIST-C: what happens to pictures outside of data sets.

They were chosen by Mu & Gilmer (2019), "MNIST-C: A Robustness Benchmark for Computer Vision",
arXiv 1906.02337, to change a picture without changing which digit it shows. These are written anew
from that description, with the strengths that its authors published
(github.com/google-research/mnist-c). Random numbers belong to a picture's own place in its set, so
results resemble the published files without repeating them.

    noise.py       shot noise, impulse noise
    blur.py        glass blur, motion blur
    geometry.py    shear, scale, rotate, translate
    weather.py     brightness, fog, spatter
    lines.py       stripe, dotted line, zigzag
    edges.py       Canny edges
    draws.py       random numbers that are a picture's own
    shades.py      what they share: grey as fractions, Gaussian smoothing
    registry.py    all of them by name, and `corrupt`

They are for measuring. A net that trained on them has seen the examination.
"""

from whynet.data.corruptions.registry import CORRUPTIONS, Corruption, corrupt

__all__ = ["CORRUPTIONS", "Corruption", "corrupt"]
