"""A team of threads: works everywhere, but its members wait for Python's lock now and then."""

from __future__ import annotations

import threading
from queue import SimpleQueue

from whynet.errors import WorkerError
from whynet.train.team.team import Team, Work, nothing


class ThreadTeam(Team):
    """Members are threads of this process. Arguments and attributes as `Team`.

    NumPy lets go of Python's lock inside every large operation, so threads run side by side. In
    between, each needs the lock for a moment, and to wake up for it can take longer than a small
    operation does.
    """

    def __init__(self, members: int) -> None:
        super().__init__(members)
        self._barrier = threading.Barrier(members)
        self._done: SimpleQueue[BaseException | None] = SimpleQueue()
        self._orders: list[SimpleQueue[bool]] = []
        self._threads: list[threading.Thread] = []

    def begin(self, work: Work) -> None:
        """See `Team.begin`.

        Raises:
            WorkerError: the system allows no more threads.
        """
        self._work = work
        for member in range(1, self.members):
            orders: SimpleQueue[bool] = SimpleQueue()
            thread = threading.Thread(
                target=self._serve, args=(member, orders), name=f"whynet-{member}", daemon=True
            )
            try:
                thread.start()
            except RuntimeError as error:
                self.close()
                raise WorkerError(
                    f"no worker could be started ({error}): use --threads 1 (threads=1)"
                ) from None
            self._orders.append(orders)
            self._threads.append(thread)

    def _serve(self, member: int, orders: SimpleQueue[bool]) -> None:
        while orders.get():
            self._done.put(self._try(member))

    def _try(self, member: int) -> BaseException | None:
        try:
            self._work(member, self._meet)
        except BaseException as error:
            self._barrier.abort()  # nobody shall wait for this member
            return error
        return None

    def _meet(self) -> None:
        self._barrier.wait()

    def run(self) -> None:
        """See `Team.run`."""
        for orders in self._orders:
            orders.put(True)
        errors = [self._try(0), *(self._done.get() for _ in self._threads)]
        found = [error for error in errors if error is not None]
        # A broken barrier is what the others saw of the error.
        found.sort(key=lambda error: isinstance(error, threading.BrokenBarrierError))
        if found:
            raise found[0]

    def close(self) -> None:
        """See `Team.close`."""
        self._barrier.abort()  # the caller may have left in the middle of a run
        for orders in self._orders:
            orders.put(False)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._work = nothing
