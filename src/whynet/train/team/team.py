"""What a team of workers is: members that do the same work on different parts, and meet.

The work is a function ``work(member, meet)``. Every `Team.run` calls it once for every member, side
by side; inside, ``meet()`` waits until all members have come as far. The caller is member 0 and
works too. Arrays that members pass each other lie in memory from `Team.array`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whynet.ops.arrays import Shape

Meet = Callable[[], None]
Work = Callable[[int, Meet], None]


class Team(ABC):
    """Members that share work; to be used in a ``with`` block.

    Args:
        members: how many, the caller included.

    Attributes:
        members: how many there are.
        apart: whether members have copies of the caller's arrays, except of those from `array`;
            known for certain once the team has begun.
    """

    apart: bool = False

    def __init__(self, members: int) -> None:
        self.members = members
        self._work: Work = nothing

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def array(self, shape: Shape, dtype: DTypeLike) -> NDArray[Any]:
        """Return zeros that all members see. Before `begin`."""
        return np.zeros(shape, dtype)

    def common(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return an array that all members see with what this one holds; itself, if all see it."""
        if not self.apart:
            return array
        shared = self.array(array.shape, array.dtype)
        shared[...] = array
        return shared

    @abstractmethod
    def begin(self, work: Work) -> None:
        """Call the members together and tell them what the work is."""

    @abstractmethod
    def run(self) -> None:
        """Let every member do the work once.

        Raises:
            WorkerError: a member is gone, or its error is of a kind that is not known here.
            Exception: whatever went wrong in a member's work; the team is of no use afterwards.
        """

    @abstractmethod
    def close(self) -> None:
        """Send the members home, and forget the work. May be called twice, or before `begin`."""


class Solo(Team):
    """A team of one: nobody to wait for."""

    def __init__(self) -> None:
        super().__init__(1)

    def begin(self, work: Work) -> None:
        """See `Team.begin`."""
        self._work = work

    def run(self) -> None:
        """See `Team.run`."""
        self._work(0, _nobody)

    def close(self) -> None:
        """See `Team.close`."""
        self._work = nothing


def nothing(member: int, meet: Meet) -> None:
    """Do nothing: the work of a team that has none."""


def _nobody() -> None:
    """Wait for nobody."""
