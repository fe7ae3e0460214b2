"""Activation maximisation: a picture made, from noise, to excite one unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field as kept
from typing import Any

import numpy as np
from numpy.typing import NDArray

from whynet.errors import ConfigError
from whynet.explain.counterfactual.align import blurred
from whynet.explain.neurons.asked import check_sees_pictures, place_of, units_of
from whynet.explain.neurons.fields import Field, position_in, receptive_field
from whynet.explain.neurons.patches import exciting_patches
from whynet.explain.passes import unit_output, value_and_gradients
from whynet.nn import Activation, Dropout, Flatten, Layer, MaxPooling2D, Network
from whynet.ops.arrays import Array, Scratch
from whynet.options import number, whole
from whynet.randomness import keyed_generator
from whynet.train.shards import as_input
from whynet.train.workers import Workers

RATE = 0.1
"""Grey, of 0 to 1, by which a pixel moves in the first steps; falls to 0 towards the last."""

_STREAM = 0xAC71  # keeps these keys apart from those of training
_NOISE = 0.1  # the brightest pixel of the noise that pictures start from
_MOMENTUM = 0.8
_EDGE = 0.01  # steps of grey below which total variation counts them as none


@dataclass(frozen=True, eq=False)
class Synthesised:
    """A picture made to excite a unit.

    Attributes:
        layer: its name.
        unit: its number.
        position: its row and column in the feature map, or nothing in a vector.
        picture: uint8 (h, w, c), whole grey levels: black where the unit does not look.
        field: where it looks.
        activation: what the unit says to that picture.
        trace: (steps,) what it said along the way, to moved pictures, before its own activation
            function.
        real: the most that it says to any real picture, anywhere; None if none were given.
    """

    layer: str
    unit: int
    position: tuple[int, ...]
    picture: NDArray[np.uint8] = kept(repr=False)
    field: Field
    activation: float
    trace: Array = kept(repr=False)
    real: float | None = None

    @property
    def patch(self) -> NDArray[np.uint8]:
        """The part of the picture that the unit sees, as `Field.cut` cuts it."""
        return self.field.cut(self.picture)

    @property
    def beats_real(self) -> bool | None:
        """Whether it excites the unit more than any real picture did; None if none were given."""
        return None if self.real is None else self.activation > self.real

    @property
    def words(self) -> str:
        """What was measured, in a sentence."""
        said = f"unit {self.unit} of {self.layer} says {self.activation:.4g} to this picture"
        if self.real is None:
            return said
        than = "more than" if self.beats_real else "and no more than it says, at most,"
        return f"{said}, {than} to any real one ({self.real:.4g})"


def activation_maximisation(
    net: Network,
    layer: str | int,
    unit: int,
    *,
    position: tuple[int, int] | None = None,
    images: NDArray[Any] | None = None,
    steps: int = 200,
    starts: int = 4,
    smoothness: float | None = None,
    ink: float = 0.1,
    jitter: int | None = None,
    blur: float | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> Synthesised:
    """Make a picture that excites a unit, by gradient ascent (Erhan et al. 2009).

    Freely made, such pictures are noise that no one would write. So the usual priors keep them
    legible (Olah, Mordvintsev & Schubert 2017): pixels stay between 0 and 1; the picture is moved
    at random before each step; gradients are blurred; total variation and ink cost something. All
    of these are measured against the gradient, whose pixels are brought to a root mean square of 1.

    A monotone activation at the end is left out while climbing, and softmax too: where ReLU is off
    or a probability is 1, they give no direction. The result is measured with them.

    Args:
        net: a net of pictures from 0 to 1.
        layer: its name, or its number from 0.
        unit: the feature map, or the unit of a vector; a class, in the layer of logits.
        position: the row and column in the feature map; by default in its middle.
        images: real pictures to compare with, as `exciting_patches` takes them.
        steps: of gradient ascent.
        starts: pictures of noise to begin from; the most exciting result is returned.
        smoothness: weight of total variation; by default 0.4 where the unit sees 28 pixels each way
            or more, and less in proportion where it sees fewer.
        ink: weight of the pixels' sum.
        jitter: pixels by which the picture is moved at most; by default a 14th of what it sees.
        blur: standard deviation in pixels; by default a 28th of what it sees.
        seed: of noise and moves.
        threads: how many to use; None takes all cores. The result does not depend on it.

    Raises:
        ConfigError: no such layer, unit or position, or an option makes no sense, or the net is not
            finite.
        NotDifferentiableError: the net has a step function below the unit.
        ShapeError: the net does not take pictures, or the images don't fit it.
    """
    place = place_of(net, layer)
    check_sees_pictures(net)
    chosen = net.layers[place - 1]
    shape = chosen.output_shape
    unit = int(units_of(shape, whole(unit, "a unit"))[0])
    where: tuple[int, ...] = ()
    if len(shape) == 3:
        down, across = _middle(shape) if position is None else position_in(chosen, position)
        where, seen = (down, across), receptive_field(net, place - 1, (down, across))
    elif position is None:
        seen = receptive_field(net, place - 1, unit)
    else:
        raise ConfigError(
            f"expected no position in {chosen.name!r}, whose units form a vector, got {position!r}"
        )
    side = min(seen.height, seen.width)
    climb = _Climb(
        layers=_without_bends(net.layers[:place]),
        index=(*where, unit),
        input_shape=net.input_shape,
        dtype=net.dtype,
        seen=seen,
        steps=whole(steps, "steps", least=1),
        smoothness=(
            0.4 * min(side / 28, 1)
            if smoothness is None
            else number(smoothness, "smoothness", least=0)
        ),
        ink=number(ink, "ink", least=0),
        jitter=side // 14 if jitter is None else whole(jitter, "jitter", least=0, most=side),
        blur=side / 28 if blur is None else number(blur, "blur", least=0),
        seed=whole(seed, "a seed", least=0),
    )
    whole(starts, "starts", least=1)
    real = _most(net, place, unit, images, threads)
    with Workers(threads) as workers:
        found = workers.map(climb.run, starts)
    pictures = np.stack([picture for picture, _ in found])
    # Where an activation has levelled off, only what it bends tells the best from the others.
    best = int(climb.said(climb.layers, pictures).argmax())
    return Synthesised(
        layer=chosen.name,
        unit=unit,
        position=where,
        picture=pictures[best],
        field=seen,
        activation=float(climb.said(net.layers[:place], pictures[best : best + 1])[0]),
        trace=found[best][1],
        real=real,
    )


def _middle(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0] // 2, shape[1] // 2


def _most(
    net: Network, place: int, unit: int, images: NDArray[Any] | None, threads: int | None
) -> float | None:
    """Return the most that a unit says to real pictures."""
    if images is None:
        return None
    best = exciting_patches(net, place - 1, images, units=unit, count=1, threads=threads)[unit]
    return float(best.activations[0]) if len(best) else 0.0


def _without_bends(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Leave out the activations at the end: the largest pixel stays the largest without them.

    Max pooling changes places with a monotone function, so those before it are at the end too.
    """
    kept = list(layers)
    at = len(kept)
    while at and isinstance(kept[at - 1], Activation | MaxPooling2D | Dropout | Flatten):
        at -= 1
        bend = kept[at]
        if isinstance(bend, Activation) and (bend.function != "softmax" or at == len(kept) - 1):
            del kept[at]
    return tuple(kept)


@dataclass(frozen=True, kw_only=True)
class _Climb:
    """Gradient ascent on the pixels that a unit sees."""

    layers: tuple[Layer, ...]
    index: tuple[int, ...]
    input_shape: tuple[int, ...]
    dtype: np.dtype[Any]
    seen: Field
    steps: int
    smoothness: float
    ink: float
    jitter: int
    blur: float
    seed: int

    def run(self, start: int) -> tuple[NDArray[np.uint8], Array]:
        """Return a picture and its trace, from the noise of this number."""
        rng, scratch = keyed_generator(self.seed, _STREAM, start), Scratch()
        size = self.seen.height, self.seen.width, self.input_shape[2]
        patch = (_NOISE * rng.random(size)).astype(self.dtype)
        velocity = np.zeros_like(patch)
        trace = np.empty(self.steps, self.dtype)
        moves = rng.integers(-self.jitter, self.jitter, (self.steps, 2), endpoint=True)
        for step, move in enumerate(moves):
            trace[step], uphill = self._look(patch, move, scratch)
            uphill -= self.smoothness * _variation(patch) + self.ink
            velocity *= _MOMENTUM
            velocity += (1 - _MOMENTUM) * uphill
            patch += RATE * (1 - step / self.steps) * velocity
            np.clip(patch, 0, 1, out=patch)
        picture = np.zeros(self.input_shape, np.uint8)
        picture[self.seen.pixels] = np.rint(patch * 255)
        return picture, trace

    def said(self, layers: Sequence[Layer], pictures: NDArray[np.uint8]) -> Array:
        """Return what the unit says to pictures (n, h, w, c), at the end of some layers, (n,)."""
        x = as_input(pictures, self.dtype)
        return value_and_gradients(layers, x, unit_output(self.index), ()).values

    def _look(self, patch: Array, move: NDArray[np.int64], scratch: Scratch) -> tuple[Array, Array]:
        """Return what the unit says to a moved patch, and the way up: blurred, of unit size."""
        there, here = _shifted(patch.shape, move)
        x = np.zeros((1, *self.input_shape), self.dtype)
        x[0][self.seen.pixels][there] = patch[here]
        with np.errstate(over="ignore", invalid="ignore"):  # looked for below
            found = value_and_gradients(self.layers, x, unit_output(self.index), (0,), scratch)
        uphill = np.zeros_like(patch)
        uphill[here] = found.gradients[0][0][self.seen.pixels][there]
        if self.blur:
            uphill = np.moveaxis(blurred(np.moveaxis(uphill, -1, 0), self.blur), 0, -1)
        size = np.sqrt(np.square(uphill).mean())
        if not np.isfinite([size, found.values[0]]).all():
            raise ConfigError(
                "expected finite activations and gradients, got NaN or infinity: the weights are "
                "too large, or not finite themselves"
            )
        return found.values[0], uphill / size if size else uphill


def _shifted(
    shape: tuple[int, ...], move: NDArray[np.int64]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Return where the part of a patch that stays in sight goes to, and where it comes from."""
    there, here = (
        tuple(slice(max(by, 0), size + min(by, 0)) for by, size in zip(way, shape[:2], strict=True))
        for way in (move.tolist(), (-move).tolist())
    )
    return there, here  # type: ignore[return-value]


def _variation(patch: Array) -> Array:
    """Return the slope of total variation, Σ √(Δ² + ε²) over neighbours (Rudin et al. 1992)."""
    slope = np.zeros_like(patch)
    for axis in (0, 1):
        steps = np.diff(patch, axis=axis)
        steps /= np.sqrt(np.square(steps) + _EDGE**2)
        none = np.zeros_like(np.take(patch, [0], axis))
        slope -= np.diff(np.concatenate([none, steps, none], axis), axis=axis)
    return slope
