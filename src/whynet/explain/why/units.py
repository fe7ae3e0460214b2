"""The units that carried the answer: their weights, what excites them, and life without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.contrast import Contrast
from whynet.explain.neurons import Patches, ablate, exciting_patches, weights_as_pictures
from whynet.explain.why.shares import LayerShare
from whynet.ops.arrays import Array


@dataclass(frozen=True, eq=False)
class UnitStory:
    """One feature map or unit that carried the answer.

    Attributes:
        layer: the block's last layer, after its activation and pooling.
        weighing: the layer of the block that weighs.
        unit: its number.
        kind: "feature map", or "unit" of a vector.
        contribution: to the margin's change.
        share: of the margin's change.
        margin_without: z_a − z_b of the picture with the unit switched off (its output 0).
        weights: (height, width, channels) what it weighs what it sees with.
        patches: the examples that excite it most; None where there are no examples.
    """

    layer: str
    weighing: str
    unit: int
    kind: str
    contribution: float
    share: float
    margin_without: float
    weights: Array | None = field(repr=False)
    patches: Patches | None = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers in plain values (for JSON)."""
        return {
            "layer": self.layer,
            "weighing": self.weighing,
            "kind": self.kind,
            "unit": self.unit,
            "contribution": self.contribution,
            "share": self.share,
            "margin_without": self.margin_without,
            "excited_most_by": None if self.patches is None else self.patches.images.tolist(),
        }


def strongest_units(
    contrast: Contrast,
    shares: Sequence[LayerShare],
    examples: NDArray[Any] | None,
    *,
    each: int = 1,
    count: int = 9,
) -> tuple[UnitStory, ...]:
    """Tell of the units that carried most of the answer, in every block but the logits.

    Args:
        contrast: one picture.
        shares: of the blocks, the logits last.
        examples: pictures (n, h, w, c) among which the exciting ones are found.
        each: how many units of a block.
        count: how many exciting patches of a unit.
    """
    return tuple(
        _story(contrast, share, unit, examples, count)
        for share in shares[:-1]
        for unit in share.strongest(each)
    )


def _story(
    contrast: Contrast,
    share: LayerShare,
    unit: int,
    examples: NDArray[Any] | None,
    count: int,
) -> UnitStory:
    net, threads = contrast.net, contrast.threads
    weighing = share.block[0]
    try:
        weights = weights_as_pictures(net, weighing)[unit]
    except ConfigError:  # a layer of another kind, which weighs nothing
        weights = None
    patches = None
    if examples is not None:
        units = [unit]
        found = exciting_patches(
            net, share.layer, examples, units=units, count=count, threads=threads
        )
        patches = found[unit]
    a, b = int(contrast.predicted[0]), int(contrast.rival[0])
    without = ablate(
        net, share.layer, [unit], contrast.images, predicted=a, rival=b, threads=threads
    )
    whole = share.attribution.expected
    assert whole is not None
    contribution = float(share.by_map[unit])
    return UnitStory(
        layer=share.layer,
        weighing=weighing,
        unit=unit,
        kind="feature map" if share.values.ndim == 3 else "unit",
        contribution=contribution,
        share=contribution / float(whole[0]) if whole[0] else 0.0,
        margin_without=float(without.margins_after[0]),
        weights=weights,
        patches=patches,
    )
