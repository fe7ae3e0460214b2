"""Convolution: one operation, interchangeable algorithms.

    convolve(x, kernel, windows)             y  = the filter's answer at every place
    convolve_backward(dy, x, kernel, windows)  dx, dkernel

An algorithm has a ``forward`` and a ``backward`` of one signature; `ALGORITHMS` names them. The
fast ones are made ready once for pictures of one shape (`prepared`, `PREPARED`), and `choose` picks
one for the shapes at hand. All agree with `reference`, which is what the tests hold them to.
"""

from __future__ import annotations

from typing import Protocol

from whynet.errors import ConfigError
from whynet.ops.arrays import Array, Scratch
from whynet.ops.conv import im2col, partial_im2col, reference, winograd
from whynet.ops.conv.geometry import Windows
from whynet.ops.conv.packed import Packed, Room
from whynet.ops.conv.prepared import Job


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
        need_dkernel: bool,
        scratch: Scratch | None,
    ) -> tuple[Array | None, Array | None]:
        """Return dx and dkernel; see `convolve_backward`."""


PREPARED: dict[str, Room] = {
    "im2col": im2col,
    "partial_im2col": partial_im2col,
    "winograd": winograd,
}
"""The fast ones: made ready once for a number of pictures, then run (see `prepared`)."""

ALGORITHMS: dict[str, Algorithm] = {
    "reference": reference,
    "im2col": im2col,
    "partial_im2col": Packed(partial_im2col),
    "winograd": Packed(winograd),
}

__all__ = [
    "ALGORITHMS",
    "PREPARED",
    "Algorithm",
    "Job",
    "Windows",
    "check_algorithm",
    "choose",
    "convolve",
    "convolve_backward",
]

_FEW = 16
"""Below so many channels or filters, Winograd's transforms are not worth their while."""


def choose(job: Job) -> str:
    """Name the prepared algorithm that should be fastest, by estimate.

    The choice depends on shapes alone, never on the machine: it decides the last bits of results.
    """
    able = {
        "im2col": im2col.estimate(job),
        "partial_im2col": partial_im2col.estimate(job),
    }
    square = job.windows.size == (3, 3) and job.windows.strides == (1, 1)
    if square and min(job.channels, job.filters) >= _FEW:
        able["winograd"] = winograd.estimate(job)
    return min(able, key=lambda name: able[name])


def check_algorithm(name: str, windows: Windows, groups: int) -> None:
    """Make sure that the algorithm of this name, or "auto", can do such a convolution.

    Raises:
        ConfigError: it can't.
    """
    if name in PREPARED:
        PREPARED[name].check(windows, groups)


def _algorithm(name: str) -> Algorithm:
    try:
        return ALGORITHMS["im2col" if name == "auto" else name]
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
    return _algorithm(algorithm).forward(x, kernel, windows, groups, scratch)


def convolve_backward(
    dy: Array,
    x: Array,
    kernel: Array,
    windows: Windows,
    *,
    groups: int = 1,
    need_dx: bool = True,
    need_dkernel: bool = True,
    algorithm: str = "auto",
    scratch: Scratch | None = None,
) -> tuple[Array | None, Array | None]:
    """Return dx (n, height, width, channels) and dkernel, given dy (n, rows, columns, filters).

    ``dkernel`` is summed over the n pictures. With ``need_dx=False`` dx is None and its work is
    spared: nothing lies below the first layer; likewise dkernel, where nothing is learnt. Other
    arguments and errors as `convolve`.
    """
    run = _algorithm(algorithm).backward
    return run(dy, x, kernel, windows, groups, need_dx, need_dkernel, scratch)
