"""A team of processes: no lock in common, so that even short operations run side by side.

Members are made by ``fork``: they begin with all that the caller has (pictures, net, plans) without
a copy, need no importable main program, and so work in scripts, notebooks and servers alike. What
members change for each other to see lies in anonymous shared memory, which has no name and is gone
with the last process that has it. What the caller changes elsewhere later on, they do not see.

Nobody waits for the dead: whoever waits looks round now and then. Members leave when the caller has
gone, and the caller raises `WorkerError` when a member has.

**Who sees what when.** Members write to shared arrays and read there what others wrote, with only
semaphores between: whatever is written before ``release`` is seen by all who take that token or a
later one, on every kind of processor (POSIX lists ``sem_post`` and ``sem_wait`` among the calls
that synchronise memory), and also by those whom *they* tell afterwards. In `ProcessTeam._meet` a
token does not say who left it. But nobody passes the k-th meeting before all have come to it: the
first to do so too early would have had to count two tokens of someone who had passed it before.
Only the flag that somebody failed is read in between, and nothing is concluded from its being down.
"""

from __future__ import annotations

import gc
import json
import math
import mmap
import os
import signal
import sys
import threading
import time
import traceback
import warnings
from contextlib import suppress
from math import prod
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike, NDArray

from whynet.errors import WorkerError
from whynet.ops.arrays import Shape
from whynet.train.team.team import Team, Work, nothing
from whynet.train.team.threads import ThreadTeam

_SPIN_SECONDS = 0.002
"""How long to ask again and again before going to sleep: waking up takes a twentieth of it."""
_LOOK_ROUND = 0.2
"""How often those asleep look whether the others still live, in seconds."""
_LEAVING_SECONDS = 1.0
"""How long members get to leave by themselves; being killed does them no harm, though."""
_COMING_SECONDS = 10.0
"""How long members get to begin. One that takes longer was born with a lock that nobody opens."""
_CALM_SECONDS = 0.5
"""How long to wait for threads that a library has at work."""
_WORDS = 1 << 16
"""Bytes for what a member tells about its error."""


def possible() -> bool:
    """Whether processes can be made this way here, safely.

    On macOS, system libraries do not survive a fork; Windows has none.
    """
    return sys.platform.startswith("linux") and hasattr(os, "fork")


class ProcessTeam(Team):
    """Members are processes on this machine; or threads, where no processes can be had.

    That is so where memory, the number of processes or a sandbox forbids them. The result is the
    same, only later; and who could do something about it would rather train than be told.

    Arguments and attributes as `Team`.
    """

    apart = True

    def __init__(self, members: int) -> None:
        super().__init__(members)
        self._pids: dict[int, int] = {}
        self._owner = os.getpid()
        self._instead: ThreadTeam | None = None

    def array(self, shape: Shape, dtype: DTypeLike) -> NDArray[Any]:
        """See `Team.array`."""
        dtype = np.dtype(dtype)
        size = prod(shape) * dtype.itemsize
        try:
            block = mmap.mmap(-1, max(size, 1))
        except OSError as error:
            raise MemoryError(f"no {size:,} bytes for workers to share: {error.strerror}") from None
        return np.frombuffer(block, dtype, count=prod(shape)).reshape(shape)

    def begin(self, work: Work) -> None:
        """See `Team.begin`."""
        self._work = work
        try:
            self._call()
        except (OSError, ImportError, AttributeError, WorkerError):  # no fork, or no semaphores
            self.close()
            self.apart = False
            self._instead = ThreadTeam(self.members)
            self._instead.begin(work)

    def _call(self) -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self._orders = [context.Semaphore(0) for _ in range(self.members)]
        self._arrivals = [context.Semaphore(0) for _ in range(self.members)]
        self._done = context.Semaphore(0)
        self._failed = self.array((1,), np.int8)
        self._leaving = self.array((1,), np.int8)
        self._words = self.array((self.members, _WORDS), np.uint8)
        if not _calm():
            raise TimeoutError
        for member in range(1, self.members):
            # A signal that comes before the new process has put its house in order would let it
            # run the caller's handlers, or unwind the caller's stack.
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
            try:
                pid = _fork()
                if pid == 0:
                    self._serve(member, mask)
                self._pids[member] = pid
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        until = time.monotonic() + _COMING_SECONDS
        for _ in range(1, self.members):
            self._await(self._done, until=until)

    # -- as a member ------------------------------------------------------------------------

    def _serve(self, member: int, mask: set[int]) -> NoReturn:
        """Do the work whenever it is ordered, until the caller is done or gone."""
        status = 1
        try:
            gc.disable()  # nothing of the caller's is this process's to finalise
            self._pids.clear()
            _leave_to_the_caller(mask)
            _rehearse()
            self._done.release()
            while True:
                self._await(self._orders[member])
                if self._leaving[0]:
                    break
                try:
                    self._work(member, lambda: self._meet(member))
                except _AbandonedError:
                    pass
                except BaseException as error:
                    self._report(member, error)
                self._done.release()
            status = 0
        finally:
            os._exit(status)  # no clean-up of what belongs to the caller

    def _report(self, member: int, error: BaseException) -> None:
        """Tell the caller what went wrong, each member in a place of its own."""
        try:
            words = _told(error)
            self._words[member, : len(words)] = np.frombuffer(words, np.uint8)
        finally:
            self._fail()

    # -- as anybody -------------------------------------------------------------------------

    def _meet(self, member: int) -> None:
        for other, arrivals in enumerate(self._arrivals):
            if other != member:
                arrivals.release()
        for _ in range(self.members - 1):
            self._await(self._arrivals[member])
            if self._failed[0]:
                raise _AbandonedError

    def _fail(self) -> None:
        """Let nobody wait for this member; the team is of no use any more."""
        self._failed[0] = 1
        for arrivals in self._arrivals:
            for _ in range(self.members):
                arrivals.release()  # only to wake them: see `_meet`

    def _await(self, semaphore: Any, *, until: float = math.inf) -> None:
        """Take a token, unless those who should bring it are gone."""
        end = time.perf_counter() + _SPIN_SECONDS
        while time.perf_counter() < end:
            for _ in range(16):
                if semaphore.acquire(False):
                    return
            os.sched_yield()  # where there are more members than cores, let the others get on
        while not semaphore.acquire(True, _LOOK_ROUND):
            if os.getpid() == self._owner:
                self._look_round()
            elif os.getppid() != self._owner:
                os._exit(1)
            if time.monotonic() > until:
                raise TimeoutError

    # -- as the caller ----------------------------------------------------------------------

    def run(self) -> None:
        """See `Team.run`."""
        if self._instead is not None:
            self._instead.run()
            return
        try:
            for orders in self._orders[1:]:
                orders.release()
            with suppress(_AbandonedError):
                self._work(0, lambda: self._meet(0))
            for _ in range(1, self.members):
                self._await(self._done)
        except BaseException:
            self._fail()
            raise
        if self._failed[0]:
            raise self._first_error()

    def _first_error(self) -> BaseException:
        """Return the error that a member reported."""
        for row in self._words:
            words = row.tobytes().rstrip(b"\0")
            if words:
                return _retold(words)
        return WorkerError("a worker failed and could not say why")

    def _look_round(self) -> None:
        """Make sure that all members live.

        Raises:
            WorkerError: one does not.
        """
        for member, pid in list(self._pids.items()):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:  # someone else in this program asked how it ended
                ended, status = pid, None
            if ended:
                del self._pids[member]
                raise WorkerError(
                    f"a worker process was ended{_cause(status)}; --threads 1 (threads=1) "
                    "does without them"
                )

    def close(self) -> None:
        """See `Team.close`."""
        if os.getpid() != self._owner:
            return
        if self._instead is not None:
            self._instead.close()
        if self._pids:
            self._leaving[0] = 1
            self._fail()
            for orders in self._orders:
                orders.release()
        end = time.monotonic() + _LEAVING_SECONDS
        while self._pids:
            for member, pid in list(self._pids.items()):
                with suppress(ChildProcessError):
                    if os.waitpid(pid, os.WNOHANG)[0] == 0:
                        if time.monotonic() > end:
                            os.kill(pid, signal.SIGKILL)
                        continue
                del self._pids[member]
            time.sleep(0.001 if self._pids else 0)
        self._work = nothing


class _AbandonedError(Exception):
    """Another member has failed, and will not come."""


# -- being born -----------------------------------------------------------------------------

_forking = threading.Lock()


def _calm() -> bool:
    """Wait until no thread is at work that Python knows nothing of; False if that takes too long.

    The matrix library ends its threads when a process forks, and waits for ever for one that is in
    the middle of something. Training holds the library to one thread beforehand (`train.workers`),
    so that only what others began a moment ago can still be under way.
    """
    end = time.monotonic() + _CALM_SECONDS
    while True:
        known = {str(thread.native_id) for thread in threading.enumerate()}
        try:
            if not any(
                _at_work(thread)
                for thread in Path("/proc/self/task").iterdir()
                if thread.name not in known
            ):
                return True
        except FileNotFoundError:  # no such table here
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.001)


def _at_work(thread: Path) -> bool:
    try:
        return (thread / "stat").read_text().rpartition(") ")[2][0] in "RD"
    except OSError:  # it is gone
        return False


def _fork() -> int:
    # From Python 3.12 on, a fork beside threads is warned of: locks that they hold stay shut in the
    # new process. Ours computes with NumPy and touches nothing of theirs; see `_rehearse`.
    if sys.version_info < (3, 12):
        return os.fork()
    with _forking, warnings.catch_warnings():  # which are the whole program's: one at a time
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _leave_to_the_caller(mask: set[int]) -> None:
    """Give up what a new process shares with the caller and only the caller should act on.

    Args:
        mask: the signals that the caller has blocked.
    """
    # Ctrl-C goes to the caller and its members alike, and the caller says what to do; likewise with
    # all else that it has a handler for. What ends the caller may end its members too.
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    # A connection ends for the other side once nobody holds it open, and a file is unlocked then.
    kept = {0, 1, 2}
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):  # None, or not a file: anything may stand there
            kept.add(stream.fileno())
    with suppress(OSError):
        for held in {int(name) for name in os.listdir("/proc/self/fd")} - kept:  # noqa: PTH208
            with suppress(OSError):
                os.close(held)


def _rehearse() -> None:
    """Multiply two matrices, to find out now whether the matrix library works here.

    It has a lock of its own, for a moment in each product. If another thread of the caller's was in
    that moment, the lock stays shut for ever here, and the caller must do without this process.
    """
    for dtype in (np.float32, np.float64):
        matrix = np.ones((160, 160), dtype)  # libraries do small ones without their lock
        np.matmul(matrix, matrix)


# -- errors ---------------------------------------------------------------------------------


def _told(error: BaseException) -> bytes:
    """Put an error into words."""
    kinds = [(kind.__module__, kind.__qualname__) for kind in type(error).__mro__]
    trace = "".join(traceback.format_tb(error.__traceback__))[-4000:] + kinds[0][1]
    message = ""
    with suppress(Exception):  # its own code: anything may happen
        message = str(error)[:2000]
    given = error.args
    if isinstance(error, OSError) and error.filename is not None:
        given = (*given, error.filename)  # which OSError itself takes out
    words = {"kinds": kinds, "message": message, "trace": trace}
    for arguments in ({"arguments": given}, {}):
        with suppress(TypeError, ValueError):  # not all arguments can be put into words
            told = json.dumps({**words, **arguments}, ensure_ascii=False)
            encoded = told.encode("utf-8", "backslashreplace")
            if len(encoded) <= _WORDS:
                return encoded
    return b'{"kinds": [["builtins", "Exception"]], "message": "", "trace": ""}'


def _retold(words: bytes) -> BaseException:
    """Make an error of the same kind, or of the nearest kind that takes the same message."""
    told = json.loads(words)
    message, error = told["message"], None
    for module, name in told["kinds"]:
        if name in ("Exception", "BaseException") and [module, name] != told["kinds"][0]:
            break  # says less than the name does
        kind = getattr(sys.modules.get(module), name, None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            error = _made(kind, message, told.get("arguments"))
        if error is not None:
            break
    if error is None:
        error = WorkerError(f"a worker failed: {told['kinds'][0][1]}: {message}")
    error.add_note(f"In a worker process:\n\n{told['trace']}")
    return error


def _made(kind: type[Exception], message: str, arguments: Any) -> Exception | None:
    """Make an error that says just this, if that can be."""
    for given in (arguments, [message]):
        with suppress(Exception):  # constructors ask for what they like
            error = kind(*given)
            if str(error) == message:
                return error
    return None


def _cause(status: int | None) -> str:
    """Tell how a process ended, as far as is known."""
    if status is None:
        return ""
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return f" with status {code}"
    with suppress(ValueError):
        name = signal.Signals(-code).name
        return f" by {name}" + (", perhaps for want of memory" if name == "SIGKILL" else "")
    return f" by signal {-code}"
