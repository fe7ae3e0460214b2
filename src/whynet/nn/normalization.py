"""Batch normalisation: bring every channel back to mean 0 and variance 1, then let it choose."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

from whynet.nn.initializers import initial
from whynet.nn.layer import Cache, Grads, Layer
from whynet.ops.arrays import Array, Scratch, Shape
from whynet.ops.channels import along, lines, total
from whynet.options import number_fields


@dataclass(eq=False)
class BatchNormalization(Layer):
    """y = γ · (x − µ) / √(σ² + ε) + β for each channel (Ioffe & Szegedy 2015).

    While training, µ and σ² are those of the batch; at prediction, running means of them. Input
    and output (n, ..., channels) have one shape. Parameters: gamma, beta (channels,). State:
    mean, variance (channels,).

    The batch's moments span all of its shards, so this layer is the one place where shards meet:
    `moments` and `upstream_sums` return what one shard adds, the sums of all shards go to `forward`
    and `backward`, and `remember` moves the running means afterwards. Called without such sums,
    a shard is a batch of its own.

    Attributes:
        momentum: how much of the running means each batch leaves as it is (PyTorch's momentum is
            one minus this).
        epsilon: keeps a constant channel from dividing by 0.

    Raises:
        ConfigError: momentum outside 0 to 1, or epsilon not above 0.
    """

    momentum: float = 0.9
    epsilon: float = 1e-5

    decayed: ClassVar[tuple[str, ...]] = ()
    spans_batch: ClassVar[bool] = True

    def __post_init__(self) -> None:
        number_fields(self, "momentum", least=0, below=1)
        number_fields(self, "epsilon", above=0)

    def build(
        self,
        input_shape: Shape,
        rng: np.random.Generator | None,
        dtype: np.dtype[Any] | type = np.float32,
    ) -> Shape:
        """See `Layer.build`."""
        channels = input_shape[-1]
        begin = partial(initial, shape=(channels,), rng=rng, fans=(1, 1), dtype=dtype)
        self.params = {"gamma": begin("ones"), "beta": begin("zeros")}
        self.state = {"mean": begin("zeros"), "variance": begin("ones")}
        self.input_shape = self.output_shape = input_shape
        return input_shape

    def moments(self, x: Array) -> Array:
        """Return this shard's count, Σx and Σx² by channel, (3, channels) float64: they add up.

        The squares are taken around the shard's own mean first, since Σx² alone would lose a
        small variance beside a large mean.
        """
        count = x.size // x.shape[-1]
        mean = total(x) / x.dtype.type(count)
        centred = lines(x) - along(mean, x)
        centred *= centred
        spread = total(centred.reshape(x.shape)).astype(np.float64)
        mean = mean.astype(np.float64)
        return np.stack([np.full_like(mean, count), count * mean, spread + count * mean * mean])

    def forward(
        self,
        x: Array,
        *,
        training: bool = False,
        rng: np.random.Generator | None = None,
        scratch: Scratch | None = None,
        moments: Array | None = None,
    ) -> tuple[Array, Cache]:
        """See `Layer.forward`. ``moments`` are the whole batch's, when x is only a shard of it."""
        if training:
            count, sums, squares = self.moments(x) if moments is None else moments
            mean = sums / count
            variance = np.maximum(squares / count - mean * mean, 0)
        else:
            count = None
            mean, variance = self.state["mean"], self.state["variance"]
        inverse = (1 / np.sqrt(variance + self.epsilon)).astype(x.dtype)
        normal = lines(x) - along(mean.astype(x.dtype), x)
        normal *= along(inverse, x)
        y = normal * along(self.params["gamma"], x)
        y += along(self.params["beta"], x)
        return y.reshape(x.shape), (normal.reshape(x.shape), inverse, count)

    def upstream_sums(self, dy: Array, cache: Cache) -> Array:
        """Return this shard's Σdy and Σdy·x̂ by channel, (2, channels) float64: they add up."""
        return np.stack([total(dy), total(dy * cache[0])]).astype(np.float64)

    def backward(
        self,
        dy: Array,
        cache: Cache,
        *,
        need_dx: bool = True,
        need_grads: bool = True,
        sums: Array | None = None,
    ) -> tuple[Array | None, Grads]:
        """See `Layer.backward`. ``sums`` are the whole batch's, when dy is only a shard's.

        x moves its own output, and through µ and σ² all others: with x̂ the normalised input,
        dx = γ/√(σ² + ε) · (dy − mean(dy) − x̂ · mean(dy · x̂)). At prediction µ and σ² are given
        numbers, and only the first term is left.
        """
        normal, inverse, count = cache
        scale = self.params["gamma"] * inverse
        if count is None and not need_grads:
            return (lines(dy) * along(scale, dy)).reshape(dy.shape), {}
        own = self.upstream_sums(dy, cache)
        dbeta, dgamma = own.astype(dy.dtype)
        grads = {"gamma": dgamma, "beta": dbeta} if need_grads else {}
        if not need_dx:
            return None, grads
        if count is None:
            return (lines(dy) * along(scale, dy)).reshape(dy.shape), grads
        mean_dy, mean_product = ((own if sums is None else sums) / count).astype(dy.dtype)
        dx = lines(normal) * along(mean_product, dy)
        dx += along(mean_dy, dy)
        np.subtract(lines(dy), dx, out=dx)
        dx *= along(scale, dy)
        return dx.reshape(dy.shape), grads

    def remember(self, moments: Array) -> None:
        """Move the running means towards a batch's moments (all shards' sums).

        Called between steps, never inside one. The running variance is the unbiased one, as in
        PyTorch.
        """
        count, sums, squares = moments
        mean = sums / count
        variance = np.maximum(squares / count - mean * mean, 0) * count / np.maximum(count - 1, 1)
        for name, value in (("mean", mean), ("variance", variance)):
            self.state[name] *= self.momentum
            self.state[name] += (1 - self.momentum) * value
