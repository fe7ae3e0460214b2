"""How a batch of examples lies in memory between two steps of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from whynet.ops.arrays import Array, Shape

Order = Literal["plain", "nc", "cn"]


@dataclass(frozen=True)
class Form:
    """The shape of the examples, how many there are, and in which order their numbers come.

    Attributes:
        n: how many examples.
        shape: of one, as layers know it: (height, width, channels) or (units,).
        order: "plain" is the layers' own, (n, *shape). Pictures are packed for speed as
            (height, width, n · channels), with one example's channels side by side ("nc") or one
            channel's examples ("cn"; see `whynet.ops.conv.prepared`). Vectors are plain or, in
            "cn", (units, n).
    """

    n: int
    shape: Shape
    order: Order

    @property
    def spatial(self) -> bool:
        """Whether examples are pictures."""
        return len(self.shape) == 3

    @property
    def array(self) -> Shape:
        """The shape of the array."""
        if self.order == "plain":
            return (self.n, *self.shape)
        if self.spatial:
            height, width, channels = self.shape
            return (height, width, self.n * channels)
        return (*self.shape, self.n)

    @property
    def channels(self) -> int:
        """How many channels or units an example has."""
        return self.shape[-1]

    @property
    def lines(self) -> Shape:
        """The array as lines (places, run), so that what belongs to channels repeats in each."""
        if self.order == "plain":
            return (-1, self.channels)
        return (-1, self.n * self.channels)

    @property
    def run(self) -> int:
        """How many numbers one of `lines` has."""
        return self.lines[1]

    def along(self, values: Array, line: Array) -> Array:
        """Repeat values (channels,) along a line (run,): fills and returns it."""
        if self.order == "cn":
            line.reshape(self.channels, self.n)[...] = values[:, None]
        else:
            line.reshape(-1, self.channels)[...] = values
        return line

    def by_channel(self, line: Array) -> Array:
        """Sum one line (run,) by channel: (channels,)."""
        if self.order == "plain":
            return line
        if self.order == "nc":
            of_nc: Array = line.reshape(self.n, self.channels).sum(axis=0)
            return of_nc
        of_cn: Array = line.reshape(self.channels, self.n).sum(axis=1)
        return of_cn

    def as_plain(self, array: Array) -> Array:
        """View an array of this form as layers know it: (n, *shape)."""
        if self.order == "plain":
            return array
        if not self.spatial:
            return array.T
        height, width, channels = self.shape
        if self.order == "nc":
            return array.reshape(height, width, self.n, channels).transpose(2, 0, 1, 3)
        return array.reshape(height, width, channels, self.n).transpose(3, 0, 1, 2)

    def to(self, order: Order) -> Form:
        """Return the same examples in another order."""
        return Form(self.n, self.shape, order)
