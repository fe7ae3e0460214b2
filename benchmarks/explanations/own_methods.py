"""Our methods as functions from questions to maps, for what is measured of maps alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from explanations.questions import Question, all_evidence
from explanations.simple import edges
from explanations.subjects import Subject
from whynet.explain import (
    Contrast,
    grad_cam,
    gradient_times_input,
    integrated_gradients,
    occlusion,
    saliency,
)

Maps = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Posed:
    """Questions to a net.

    Attributes:
        subject: the net that is asked, and donors.
        images: (n, h, w, 1) grey levels.
        predicted, rival: (n,) the classes a and b.
        starts: (n, h, w, 1), where the evidence's paths began for the trained net and the pictures
            without noise.
    """

    subject: Subject
    images: NDArray[np.uint8]
    predicted: NDArray[np.int64]
    rival: NDArray[np.int64]
    starts: NDArray[np.floating[Any]]

    @property
    def contrast(self) -> Contrast:
        """The same for `whynet.explain`."""
        return Contrast(self.subject.net, self.images, self.predicted, self.rival)


ANEW = "**evidence, asked anew**"


def anew(posed: Posed) -> Maps:
    """Return the evidence, with counterfactuals found anew; its classes are the net's own.

    Where the net now says b, it is asked why not a.
    """
    says = posed.subject.net.predict(posed.images)
    rivals = np.where(says == posed.rival, posed.predicted, posed.rival)
    questions = [Question(*each) for each in zip(posed.images, map(int, rivals), strict=True)]
    return np.stack([one.map[..., 0] for one, _ in all_evidence(posed.subject, questions)])


FAST: dict[str, Callable[[Posed], Maps]] = {
    "evidence, on the same path": lambda posed: (
        integrated_gradients(posed.contrast, posed.starts).map
    ),
    "integrated gradients, black": lambda posed: integrated_gradients(posed.contrast).map,
    "gradient × input": lambda posed: gradient_times_input(posed.contrast).map,
    "saliency": lambda posed: saliency(posed.contrast).map,
    "Grad-CAM": lambda posed: grad_cam(posed.contrast, positive=False).map,
    "occlusion 3, black": lambda posed: occlusion(posed.contrast, 3).map,
    "edges (Sobel)": lambda posed: edges(posed.images),
}
METHODS = {ANEW: anew} | FAST
