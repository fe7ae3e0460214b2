"""Layers in a row: the whole net's forward pass and backward pass.

Everything that the net learns lies in one flat vector, and everything that it remembers (running
means) in another; layers hold views into them. So an optimizer is a few array operations, and a
checkpoint one write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np

from whynet.errors import ConfigError, ShapeError
from whynet.nn.layer import Cache, Grads, Layer, layer_from_config
from whynet.nn.normalization import BatchNormalization
from whynet.nn.summary import Summary, summarize
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.options import whole

RESERVED = "optimizer"
"""No layer's name: model files keep what the update rule remembers under it."""


class Network:
    """A stack of layers with its parameters: forward, backward, and nothing that trains it.

    Attributes:
        layers: in order, each with a name of its own.
        input_shape, output_shape: of one example.
        parameters: everything learnt, one vector; the layers' ``params`` are views into it.
        state: everything remembered but not learnt, one vector; views likewise.

    Raises:
        ConfigError: no layer, something that is none, one layer twice or in another net already,
            two of one name, a name that no model file could hold, or an impossible dtype.
        ShapeError: a layer can't take what the one before hands it, or given weights don't fit.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        input_shape: Shape = (28, 28, 1),
        *,
        seed: int = 0,
        dtype: np.dtype[Any] | type = np.float32,
        weights: Mapping[str, Array] | None = None,
    ) -> None:
        if not isinstance(layers, Sequence):
            raise ConfigError(f"expected a list of layers, got {layers!r}")
        if not layers:
            raise ConfigError("expected at least one layer, got none")
        for layer in layers:
            if not isinstance(layer, Layer):
                raise ConfigError(f"expected layers such as Flatten(), got {layer!r}")
        if len({id(layer) for layer in layers}) < len(layers):
            raise ConfigError("expected every layer once: make a second one with the same options")
        for layer in layers:
            if layer.in_net:
                raise ConfigError(
                    f"expected new layers, but {layer.name!r} is part of a net already: "
                    "make another with the same options"
                )
        shape, dtype = _checked_shape(input_shape), _checked_dtype(dtype)
        self.layers = tuple(layers)
        self.input_shape = shape
        self._name_layers()
        rng = np.random.default_rng(seed) if weights is None else None
        for layer in self.layers:
            shape = layer.build(shape, rng, dtype)
        self.output_shape = shape
        if weights is not None:
            self._take(weights, dtype)
        self.parameters = _gather([layer.params for layer in self.layers], dtype)
        self.state = _gather([layer.state for layer in self.layers], dtype)
        for layer in self.layers:
            layer.in_net = True

    def _name_layers(self) -> None:
        for layer in self.layers:
            name: object = layer.name
            # A model file holds its weights as name.kernel, among optimizer.mean and the like.
            if not isinstance(name, str) or (name and not _can_name(name)):
                raise ConfigError(
                    "expected a layer's name as printable text without dots, other than "
                    f"{RESERVED!r}, got {name!r}"
                )
        seen: Counter[str] = Counter()
        taken = {layer.name for layer in self.layers}
        for layer in self.layers:
            kind = type(layer).__name__.lower()
            while not layer.name:
                seen[kind] += 1
                usual = f"{kind}_{seen[kind]}"
                layer.name = "" if usual in taken else usual
        twice = [name for name, n in Counter(layer.name for layer in self.layers).items() if n > 1]
        if twice:
            raise ConfigError(f"expected a different name for every layer, got {twice[0]!r} twice")

    def _take(self, weights: Mapping[str, Array], dtype: np.dtype[Any] | type) -> None:
        """Put given arrays in the place of the stand-ins, once names and shapes agree."""
        expected = {name: stand_in.shape for name, stand_in in self.weights().items()}
        for name in sorted(expected.keys() ^ weights.keys()):
            problem = "is missing" if name in expected else "belongs to no layer"
            raise ShapeError(f"weights: {name} {problem}")
        for name, shape in expected.items():
            if weights[name].shape != shape:
                raise ShapeError(f"weights: {name}: expected {shape}, got {weights[name].shape}")
        for layer in self.layers:
            for arrays in (layer.params, layer.state):
                arrays |= {name: weights[f"{layer.name}.{name}"].astype(dtype) for name in arrays}

    # -- the two passes ---------------------------------------------------------------------

    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
    ) -> tuple[Array, list[Cache]]:
        """Run x (n, *input_shape) through every layer.

        Returns:
            y (n, *output_shape), and each layer's cache for `backward`.

        Raises:
            ShapeError: x does not have the net's input shape.
        """
        self.check_input(x)
        caches = []
        for layer in self.layers:
            x, cache = layer.forward(x, training=training, rng=rng, scratch=scratch)
            caches.append(cache)
        return x, caches

    def backward(
        self, dy: Array, caches: list[Cache], *, need_dx: bool = True
    ) -> tuple[Array | None, Array]:
        """Run the chain rule back through every layer.

        Args:
            dy: ∂C/∂y, (n, *output_shape).
            caches: what `forward` returned.
            need_dx: whether ∂C/∂x is wanted.

        Returns:
            dx (n, *input_shape) or None, and the gradient of `parameters`, in the same order.
        """
        gradient = np.zeros_like(self.parameters)
        views = self.by_layer(gradient)
        upstream: Array | None = dy
        for index in reversed(range(len(self.layers))):
            # Below the lowest layer that learns, nobody asks for a gradient.
            wanted = need_dx or any(views[:index])
            if upstream is None:
                break
            upstream, grads = self.layers[index].backward(upstream, caches[index], need_dx=wanted)
            for name, view in views[index].items():
                view[...] = grads[name]
        return upstream, gradient

    def by_layer(self, vector: Array) -> list[Grads]:
        """View a vector laid out like `parameters` by layer, and by parameters' names."""
        views: list[Grads] = []
        start = 0
        for layer in self.layers:
            views.append({})
            for name, parameter in layer.params.items():
                part = vector[start : start + parameter.size]
                views[-1][name] = part.reshape(parameter.shape)
                start += parameter.size
        return views

    def move(self, parameters: Array) -> None:
        """Let the parameters lie in another vector of the same size, with what it holds."""
        self.parameters = parameters
        for layer, params in zip(self.layers, self.by_layer(parameters), strict=True):
            layer.params = params

    def remember(self, met: list[Array]) -> None:
        """Let batch normalisation move its running means by the moments that a step met."""
        for layer, moments in zip(self._normalizations(), met, strict=True):
            layer.remember(moments)

    def _normalizations(self) -> Iterator[BatchNormalization]:
        return (layer for layer in self.layers if isinstance(layer, BatchNormalization))

    # -- what the net is --------------------------------------------------------------------

    def check_input(self, x: Array) -> None:
        """Make sure that x is a batch of what the net takes.

        Raises:
            ShapeError: it is not.
        """
        if x.shape[1:] != self.input_shape:
            expected = ", ".join(str(size) for size in ("n", *self.input_shape))
            raise ShapeError(
                f"{self.layers[0].name}: expected input of shape ({expected}), got {x.shape}"
            )

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the parameters, and of everything computed with them."""
        return self.parameters.dtype

    @property
    def random(self) -> bool:
        """Whether training draws random numbers."""
        return any(layer.random for layer in self.layers)

    @property
    def decayed(self) -> Array:
        """1 for every parameter that weight decay shrinks (weights), 0 for the others (biases)."""
        marks = [
            np.full(parameter.size, name in layer.decayed, self.dtype)
            for layer in self.layers
            for name, parameter in layer.params.items()
        ]
        return np.concatenate(marks) if marks else np.zeros(0, self.dtype)

    @property
    def multiply_adds(self) -> int:
        """Multiplications (each with its addition) for one example's forward pass."""
        return sum(layer.multiply_adds for layer in self.layers)

    def summary(self) -> Summary:
        """Return the net as a table: shapes, parameters, receptive fields, multiply-adds."""
        return summarize(self.layers, self.input_shape)

    def weights(self) -> dict[str, Array]:
        """Every parameter and remembered array as ``layer.name``: views, not copies."""
        return {
            f"{layer.name}.{name}": array
            for layer in self.layers
            for name, array in (layer.params | layer.state).items()
        }

    def config(self) -> dict[str, Any]:
        """Describe the net in plain values; `from_config` makes it again, with fresh weights."""
        return {
            "input_shape": list(self.input_shape),
            "layers": [layer.config() for layer in self.layers],
        }

    @classmethod
    def from_config(
        cls,
        config: dict[str, Any],
        *,
        seed: int = 0,
        weights: Mapping[str, Array] | None = None,
    ) -> Self:
        """Make the net that `config` described.

        Args:
            config: input_shape and layers.
            seed: for fresh weights.
            weights: what `weights` returned, in place of fresh ones.

        Raises:
            ConfigError: something in the description makes no sense.
            ShapeError: the layers don't fit together, or the weights don't fit them.
        """
        if not isinstance(config, dict):
            raise ConfigError(f"expected a net as {{input_shape, layers}}, got {config!r}")
        shape, layers = config.get("input_shape"), config.get("layers")
        if not isinstance(shape, list) or not all(type(size) is int for size in shape):
            raise ConfigError(f"expected input_shape as a list like [28, 28, 1], got {shape!r}")
        if not isinstance(layers, list):
            raise ConfigError(f"expected layers as a list, got {layers!r}")
        made = [layer_from_config(layer) for layer in layers]
        return cls(made, tuple(shape), seed=seed, weights=weights)


def _can_name(name: str) -> bool:
    return bool(name.strip()) and name.isprintable() and "." not in name and name != RESERVED


def _checked_shape(input_shape: Shape) -> Shape:
    try:
        shape = tuple(whole(size, "a side", least=1) for size in input_shape)
    except (TypeError, ConfigError):
        shape = ()
    if not shape:
        raise ShapeError(f"expected an input shape like (28, 28, 1), got {input_shape!r}")
    return shape


def _checked_dtype(dtype: np.dtype[Any] | type) -> np.dtype[Any]:
    try:
        checked = np.dtype(dtype)
    except TypeError:
        checked = np.dtype(object)
    if checked not in (np.float32, np.float64):
        raise ConfigError(f"expected dtype float32 or float64, got {dtype!r}")
    return checked


def _gather(owned: list[Grads], dtype: np.dtype[Any] | type) -> Array:
    """Move the layers' arrays into one vector and leave them views of it."""
    arrays = [array for arrays in owned for array in arrays.values()]
    vector = np.concatenate([array.ravel() for array in arrays]) if arrays else np.zeros(0, dtype)
    start = 0
    for held in owned:
        for name, array in held.items():
            held[name] = vector[start : start + array.size].reshape(array.shape)
            start += array.size
    return vector
