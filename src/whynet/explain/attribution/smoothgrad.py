"""SmoothGrad: the gradient, averaged over noisy copies of the picture."""

from __future__ import annotations

import numpy as np

from whynet.explain.attribution.result import Attribution
from whynet.explain.contrast import Contrast
from whynet.ops.arrays import Array
from whynet.options import number, switch, whole
from whynet.randomness import keyed_generator

_STREAM = 0x5367  # keeps these keys apart from those of training


def smoothgrad(
    contrast: Contrast,
    *,
    samples: int = 50,
    noise: float = 0.15,
    seed: int = 0,
    squared: bool = False,
) -> Attribution:
    """Return the mean of ∂m/∂x over noisy copies of x (Smilkov et al. 2017, "SmoothGrad").

    Values (n, h, w, c). Noise is normal, keyed by the seed, the image's place and the sample, so
    the same whatever the threads. No sum is promised.

    Args:
        contrast: what is asked.
        samples: noisy copies of each picture.
        noise: its standard deviation, as a share of the picture's range (its largest pixel minus
            its smallest).
        seed: of the noise.
        squared: whether gradients are squared before the mean, which is known as SmoothGrad².

    Raises:
        ConfigError: an option makes no sense.
    """
    whole(samples, "samples", least=1)
    number(noise, "noise", least=0)
    whole(seed, "a seed", least=0)
    switch(squared, "squared")
    dtype = contrast.net.dtype

    def run(part: slice) -> Array:
        image = part.start
        picture = contrast.images[image]
        deviation = noise * float(np.ptp(picture))
        mean = np.zeros(picture.shape)
        for first in range(0, samples, contrast.block):
            drawn = [
                keyed_generator(seed, _STREAM, image, sample).standard_normal(picture.shape)
                for sample in range(first, min(first + contrast.block, samples))
            ]
            x = (picture + deviation * np.stack(drawn)).astype(dtype)
            found = contrast.run(x, np.full(len(x), image), (0,)).gradients[0]
            mean += (found * found if squared else found).sum(axis=0, dtype=np.float64)
        return (mean / samples).astype(dtype)

    return Attribution(
        method="smoothgrad",
        values=np.stack(contrast.share_out(run, 1)),
        margin=contrast.margins(),
        evaluations=np.full(len(contrast), samples),
    )
