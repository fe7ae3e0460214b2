"""Convolution: one operation, interchangeable algorithms.

    convolve(x, kernel, windows)             y  = the filter's answer at every place
    convolve_backward(dy, x, kernel, windows)  dx, dkernel

An algorithm is a module with a ``forward`` and a ``backward`` of the same signature; `ALGORITHMS`
names them and `choose` picks one for the shapes at hand. All of them agree with `reference`, which
is what the tests hold them to.
"""

from __future__ import annotations

from typing import Protocol

from whynet.errors import ConfigError
from whynet.ops.arrays import Array, Scratch
from whynet.ops.conv import im2col, reference
from whynet.ops.conv.geometry import Windows


class Algorithm(Protocol):
    """What a module of this room offers."""

    def forward(
        self, x: Array, kernel: Array, windows: Windows, groups: int, scratch: Scratch | None
    ) -> Array:
        """Return y; see `convolve`."""

    def backward(
        self,
        dy: Array,
        x: Array,
        kernel: Array,
        windows: Windows,
        groups: int,
        need_dx: bool,
        scratch: Scratch | None,
    ) -> tuple[Array | None, Array]:
        """Return dx and dkernel; see `convolve_backward`."""


ALGORITHMS: dict[str, Algorithm] = {"reference": reference, "im2col": im2col}

__all__ = ["ALGORITHMS", "Algorithm", "Windows", "choose", "convolve", "convolve_backward"]


def choose(windows: Windows, channels: int, filters: int, groups: int) -> str:
    """Name the fastest algorithm that we have for these shapes."""
    return "im2col"


def _algorithm(name: str, x: Array, kernel: Array, windows: Windows, groups: int) -> Algorithm:
    if name == "auto":
        name = choose(windows, x.shape[-1], kernel.shape[-1], groups)
    try:
        return ALGORITHMS[name]
    except KeyError:
        known = ", ".join(["auto", *ALGORITHMS])
        raise ConfigError(f"expected a convolution algorithm of {known}, got {name!r}") from None


def convolve(
    x: Array,
    kernel: Array,
    windows: Windows,
    *,
    groups: int = 1,
    algorithm: str = "auto",
    scratch: Scratch | None = None,
) -> Array:
    """Slide every filter over every picture.

    Args:
        x: (n, height, width, channels).
        kernel: (kh, kw, channels / groups, filters).
        windows: where the filter stands (sizes, strides, padding).
        groups: channels and filters are cut into this many groups that don't see each other;
            as many as channels makes it depthwise.
        algorithm: "auto" or a name in `ALGORITHMS`.
        scratch: the worker's memory for temporaries.

    Returns:
        y (n, rows, columns, filters).

    Raises:
        ConfigError: no such algorithm.
    """
    return _algorithm(algorithm, x, kernel, windows, groups).forward(
        x, kernel, windows, groups, scratch
    )


def convolve_backward(
    dy: Array,
    x: Array,
    kernel: Array,
    windows: Windows,
    *,
    groups: int = 1,
    need_dx: bool = True,
    algorithm: str = "auto",
    scratch: Scratch | None = None,
) -> tuple[Array | None, Array]:
    """Return dx (n, height, width, channels) and dkernel, given dy (n, rows, columns, filters).

    ``dkernel`` is summed over the n pictures. With ``need_dx=False`` dx is None and its work is
    spared: nothing lies below the first layer. Other arguments and errors as `convolve`.
    """
    return _algorithm(algorithm, x, kernel, windows, groups).backward(
        dy, x, kernel, windows, groups, need_dx, scratch
    )
