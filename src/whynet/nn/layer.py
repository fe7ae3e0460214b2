"""The protocol that every layer keeps. Read this first.

    build(input_shape, rng) -> output_shape      parameters are made here, shapes inferred here
    forward(x, *, training, rng, scratch) -> y, cache
    backward(dy, cache) -> dx, grads             grads by the parameters' names

Pictures are float32 arrays of batch × height × width × channels; kernels are
height × width × in × out; shapes passed to ``build`` leave the batch out.

**The one rule: forward and backward never assign to the layer.** While a step runs, parameters are
read-only; what backward needs travels to it in the ``cache``, by value; big temporary arrays come
from a ``scratch`` that belongs to one worker. So any number of threads, or machines, can run parts
of one batch through the same layers at once, and a layer can be reasoned about alone.

A batch is cut into parts ("shards"), so gradients are *sums* over the examples of ``dy``, never
means: the average's division is made once, in the gradient that the cost hands back.

A layer is a dataclass: its fields are its options, named as in Keras, and together with the class
name they are the layer's whole description in a model file (`config`, `layer_from_config`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np

from whynet.errors import ConfigError, ShapeError
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.options import make, whole

Cache = Any
Grads = dict[str, Array]

LAYERS: dict[str, type[Layer]] = {}
"""Every layer class by its name, as model files and TOML files call it."""


@dataclass(eq=False, kw_only=True)
class Layer(ABC):
    """One step from a batch of arrays to another, and back.

    Attributes:
        name: what messages, summaries and model files call this layer; printable, without dots.
            The net fills in blanks.
        input_shape, output_shape: without the batch; known once built.
        params: what is learnt, by name. Views into the net's one flat vector, once it is built.
        state: what is remembered but not learnt by gradient (a running mean), by name.
        in_net: whether a net owns the layer; another would take its parameters away.
    """

    name: str = ""

    input_shape: Shape = field(init=False, repr=False, default=())
    output_shape: Shape = field(init=False, repr=False, default=())
    params: Grads = field(init=False, repr=False, default_factory=dict)
    state: Grads = field(init=False, repr=False, default_factory=dict)
    in_net: bool = field(init=False, repr=False, default=False)

    decayed: ClassVar[tuple[str, ...]] = ("kernel",)
    """The parameters that weight decay and L2 regularisation shrink: weights, not biases."""
    random: ClassVar[bool] = False
    """Whether ``forward`` draws random numbers when training."""
    spans_batch: ClassVar[bool] = False
    """Whether training needs sums over the whole batch (see `BatchNormalization`)."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        LAYERS[cls.__name__] = cls

    @abstractmethod
    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """Make the parameters for inputs of this shape and return the shape of the outputs.

        Args:
            input_shape: of one example, without the batch.
            rng: where initial weights are drawn from. None works the shapes out and makes
                read-only stand-ins that take no memory, whatever size a file claims.
            dtype: of the parameters; float64 for checking gradients.

        Raises:
            ShapeError: the layer cannot take such an input.
        """

    @abstractmethod
    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
    ) -> tuple[Array, Cache]:
        """Return the output y (batch, *output_shape) and what `backward` will want to know.

        Args:
            x: (batch, *input_shape).
            training: whether dropout drops and batch normalisation uses the batch's own moments.
            rng: for layers that are `random`, when training.
            scratch: this worker's memory for big temporaries.
        """

    @abstractmethod
    def backward(
        self, dy: Array, cache: Cache, *, need_dx: bool = True, need_grads: bool = True
    ) -> tuple[Array | None, Grads]:
        """Apply the chain rule: from ∂C/∂y (batch, *output_shape) to ∂C/∂x and ∂C/∂parameters.

        Args:
            dy: the upstream gradient.
            cache: what `forward` returned with the y in question.
            need_dx: False spares the work where nobody asks, below the first layer.
            need_grads: False spares the parameters' where only dx is asked for, to explain.

        Returns:
            dx (batch, *input_shape), or None if not needed; and the gradients by the parameters'
            names, summed over the batch, or nothing if not needed.
        """

    @property
    def window(self) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """((rows, columns), (down, right)) of the window that one output sees, and its stride.

        None where one output sees the whole input.
        """
        return (1, 1), (1, 1)

    @property
    def multiply_adds(self) -> int:
        """Multiplications (each with its addition) for one example's forward pass."""
        return 0

    @property
    def parameter_count(self) -> int:
        """How many numbers this layer learns."""
        return sum(p.size for p in self.params.values())

    def config(self) -> dict[str, Any]:
        """Describe the layer: its class under ``type``, and all options but those left alone."""
        options = {
            f.name: getattr(self, f.name)
            for f in fields(self)
            if f.init and getattr(self, f.name) != f.default
        }
        return {"type": type(self).__name__, **options}

    def _expect_rank(self, input_shape: Shape, rank: int, meaning: str, hint: str = "") -> None:
        if len(input_shape) != rank:
            raise ShapeError(f"{self.name}: expected {meaning}, got shape {input_shape}{hint}")


def layer_from_config(config: dict[str, Any]) -> Layer:
    """Make the layer that `Layer.config` described.

    Raises:
        ConfigError: no such type, or options that it does not take.
    """
    if not isinstance(config, dict) or "type" not in config:
        raise ConfigError(f"expected a layer like {{type = 'Dense', units = 10}}, got {config!r}")
    options = dict(config)
    concrete = {name: cls for name, cls in LAYERS.items() if not cls.__abstractmethods__}
    return make("a layer type", concrete, options.pop("type"), options)


def pair(value: int | tuple[int, int] | list[int], what: str) -> tuple[int, int]:
    """Read a size such as 3 or (3, 5) as (rows, columns).

    Raises:
        ConfigError: it is neither, or holds anything but whole numbers of at least 1.
    """
    both = value if isinstance(value, (tuple, list)) else (value, value)
    try:
        rows, columns = (whole(side, what, least=1) for side in both)
    except ValueError:  # of one of them, or of their number
        raise ConfigError(
            f"expected {what} as one or two whole numbers of at least 1, got {value!r}"
        ) from None
    return rows, columns


def pair_fields(layer: Layer, *names: str) -> None:
    """Check sizes with `pair` and keep them in Python's ints, in the form they were given in."""
    for name in names:
        value = getattr(layer, name)
        rows, columns = pair(value, name)
        both = isinstance(value, (tuple, list))
        setattr(layer, name, type(value)((rows, columns)) if both else rows)
