"""Teams: everyone works, meetings are waited for, errors come out, the dead are missed at once."""

import gc
import os
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkContext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from helpers.processes import alive, children, kill, open_files, processor_seconds, until
from whynet.errors import ShapeError, WorkerError
from whynet.train.team import ProcessTeam, Solo, Team, ThreadTeam, gather, possible, processes
from whynet.train.workers import _openblas, one_blas_thread

needs_fork = pytest.mark.skipif(not possible(), reason="processes are not made by fork here")
KINDS = ["threads", pytest.param("processes", marks=needs_fork)]
both_kinds = pytest.mark.parametrize("kind", KINDS)

AT_ONCE = 5.0
"""Seconds in which a team must notice what happened; machines have their pauses."""


def marks() -> dict[str, Any]:
    """What a team could leave behind."""
    found: dict[str, Any] = {"threads": threading.active_count()}
    if possible():
        shared = [x for x in Path("/proc/self/maps").read_text().splitlines() if "/dev/" in x]
        found |= {
            "processes": children(os.getpid()),
            "files": open_files(),
            "shared memory": len(shared),
        }
    return found


@pytest.fixture(autouse=True)
def _nothing_left() -> Iterator[None]:
    """No process, zombie, thread, open file or shared memory outlives a test."""
    before = marks()
    yield
    if marks() != before:  # what only waits for the collector is no leak
        gc.collect()
    after = marks()
    if possible():
        assert after.pop("shared memory") <= before.pop("shared memory")
    assert after == before


@contextmanager
def at_once() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < AT_ONCE


def pids(members: int) -> list[int]:
    found = sorted(children(os.getpid()))
    assert len(found) == members - 1
    return found


# -- work and meetings ----------------------------------------------------------------------


def test_who_is_gathered() -> None:
    assert isinstance(gather(1, "processes"), Solo)
    assert isinstance(gather(2, "threads"), ThreadTeam)
    assert isinstance(gather(2), ProcessTeam if possible() else ThreadTeam)


@both_kinds
@pytest.mark.parametrize("members", [1, 2, 3, 7])
def test_every_member_works_once_a_run(kind: str, members: int) -> None:
    with gather(members, kind) as team:
        counts = team.array((members,), np.int64)

        def work(member: int, meet: Callable[[], None]) -> None:
            counts[member] += member + 1

        team.begin(work)
        for runs in range(1, 40):
            team.run()
            assert counts.tolist() == [runs * member for member in range(1, members + 1)]


@needs_fork
def test_processes_really_are_processes() -> None:
    with gather(3, "processes") as team:
        seen = team.array((3,), np.int64)
        team.begin(lambda member, meet: seen.__setitem__(member, os.getpid()))
        team.run()
        assert seen[0] == os.getpid()
        assert set(seen[1:].tolist()) == set(pids(3))


@both_kinds
@pytest.mark.parametrize("members", [2, 4])
def test_nobody_leaves_a_meeting_before_all_have_come(kind: str, members: int) -> None:
    """Whoever is late, and through how many meetings: what others wrote is there afterwards."""
    with gather(members, kind) as team:
        table, turns = team.array((members,), np.int64), team.array((1,), np.int64)
        early = team.array((members,), np.int64)

        def work(member: int, meet: Callable[[], None]) -> None:
            for turn in range(int(turns[0]), int(turns[0]) + 6):
                if turn % members == member:
                    time.sleep(0.001)
                table[member] = turn
                meet()
                early[member] += np.count_nonzero(table != turn)
                meet()

        team.begin(work)
        for turn in range(0, 60, 6):
            turns[0] = turn
            team.run()
        assert early.tolist() == [0] * members
        assert table.tolist() == [59] * members


@both_kinds
def test_meetings_in_quick_succession(kind: str) -> None:
    """Tokens of several meetings and runs lie side by side then; the sums know of any mistaken."""
    with gather(3, kind) as team:
        parts, sums = team.array((2, 3), np.int64), team.array((3,), np.int64)

        def work(member: int, meet: Callable[[], None]) -> None:
            for turn in range(50):
                parts[turn % 2, member] = turn * (member + 1)
                meet()
                sums[member] += parts[turn % 2].sum()

        team.begin(work)
        for _ in range(10):
            team.run()
        assert sums.tolist() == [10 * 6 * sum(range(50))] * 3


@both_kinds
def test_arrays_in_common(kind: str) -> None:
    with gather(2, kind) as team:
        fresh = team.array((2, 3), np.float32)
        assert (fresh.dtype, fresh.tolist()) == (np.float32, [[0, 0, 0], [0, 0, 0]])
        assert team.array((0, 4), np.float64).shape == (0, 4)
        own = np.arange(4.0)
        common = team.common(own)
        assert common.tolist() == own.tolist()
        assert (common is own) == (kind == "threads")

        def work(member: int, meet: Callable[[], None]) -> None:
            if member:
                common[member] = 7

        team.begin(work)
        team.run()
        common[2] = 8
        assert common.tolist() == [0, 7, 8, 3]


@both_kinds
def test_closing_at_any_time(kind: str) -> None:
    never = gather(3, kind)
    never.close()
    never.close()
    with gather(3, kind) as team:
        team.begin(lambda member, meet: None)
        team.close()
        team.close()
    with gather(2, kind) as team:
        team.begin(lambda member, meet: meet())
        team.run()
    team.close()
    with pytest.raises(ZeroDivisionError), gather(2, kind) as team:  # noqa: PT012
        team.begin(lambda member, meet: None)
        raise ZeroDivisionError


@both_kinds
def test_a_closed_team_forgets_the_work(kind: str) -> None:
    """And with it whatever the work knows: a net, plans, pictures."""

    class Knowledge:
        pass

    known, gone = Knowledge(), []
    known_address = id(known)
    team = gather(2, kind)
    team.begin(lambda member, meet, known=known: None)
    team.run()
    team.close()
    del known
    gone = [x for x in gc.get_objects() if type(x) is Knowledge and id(x) == known_address]
    assert not gone


@both_kinds
def test_a_team_of_another_thread(kind: str) -> None:
    done = []

    def elsewhere() -> None:
        with gather(2, kind) as team:
            total = team.array((2,), np.int64)
            team.begin(lambda member, meet: total.__setitem__(member, total[member] + 1))
            for _ in range(20):
                team.run()
            done.append(total.tolist())

    threads = [threading.Thread(target=elsewhere) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert done == [[20, 20]] * 3


# -- errors ---------------------------------------------------------------------------------


class OddError(Exception):
    """Takes more than a message."""

    def __init__(self, shape: tuple[int, int], *, place: str) -> None:
        super().__init__(f"{shape} in {place}")


class PairError(Exception):
    """Takes two words, and says another."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one, other)

    def __str__(self) -> str:
        return f"{self.args[0]} and {self.args[1]}"


class OwnValueError(OddError, ValueError):
    """Is a ValueError too."""


class DumbError(Exception):
    """Cannot even be printed."""

    def __str__(self) -> str:
        raise RuntimeError("no words")


def unicode_error() -> UnicodeDecodeError:
    return UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")


SAME = [
    ShapeError("expected (3,), got (4,)"),
    ValueError("Größe: \udcff \x00 \N{GRINNING FACE}"),
    ValueError("long: " + "x\n" * 100_000),
    KeyError("weights"),
    OSError(28, "No space left on device"),
    FileNotFoundError(2, "No such file", "a.npz"),
    np.linalg.LinAlgError("Singular matrix"),
    PairError("this", "that"),
    ZeroDivisionError(),
    Exception("plain"),
]


def failing(error: BaseException, bad: int, *, meets: int = 2) -> Callable[..., None]:
    def work(member: int, meet: Callable[[], None]) -> None:
        if member == bad:
            raise error
        for _ in range(meets):
            meet()

    return work


def raised(kind: str, members: int, work: Callable[..., None]) -> BaseException:
    """The error that comes out of a team's first run."""
    with at_once(), gather(members, kind) as team:
        team.begin(work)
        with pytest.raises(BaseException) as caught:
            team.run()
    return caught.value


@both_kinds
@pytest.mark.parametrize("error", SAME, ids=lambda error: type(error).__name__)
def test_the_error_of_another_member_comes_out(kind: str, error: Exception) -> None:
    found = raised(kind, 3, failing(error, bad=2))
    assert type(found) is type(error)
    told = str(error)
    assert str(found) == told if len(told) < 1000 else str(found).startswith(told[:1000])
    if isinstance(error, OSError):
        assert found.errno == error.errno
    if kind == "processes":
        assert "in work\n    raise error" in found.__notes__[0], "where it happened"


@both_kinds
@pytest.mark.parametrize("bad", [0, 1, 2])
@pytest.mark.parametrize("meets", [0, 1, 3])
def test_nobody_waits_for_one_who_failed(kind: str, bad: int, meets: int) -> None:
    found = raised(kind, 3, failing(ShapeError("no"), bad, meets=meets))
    assert (type(found), str(found)) == (ShapeError, "no")


@both_kinds
def test_an_error_behind_a_meeting_that_others_have_left(kind: str) -> None:
    def work(member: int, meet: Callable[[], None]) -> None:
        meet()
        if member == 1:
            time.sleep(0.02)
            raise ShapeError("late")

    assert str(raised(kind, 3, work)) == "late"


@both_kinds
def test_when_all_fail_one_of_them_is_heard(kind: str) -> None:
    def work(member: int, meet: Callable[[], None]) -> None:
        raise ValueError("all of us")

    assert str(raised(kind, 4, work)) == "all of us"


@needs_fork
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OwnValueError((3, 4), place="Dense"), "(3, 4) in Dense"),
        (unicode_error(), str(unicode_error())),
    ],
)
def test_the_nearest_kind_that_takes_the_message(error: Exception, told: str) -> None:
    found = raised("processes", 2, failing(error, bad=1))
    assert isinstance(found, ValueError)
    assert str(found) == told
    assert type(error).__name__ in found.__notes__[0]


@needs_fork
def test_no_memory_is_no_memory() -> None:
    """NumPy's own kind of it cannot be made from a message."""

    def work(member: int, meet: Callable[[], None]) -> None:
        if member:
            np.empty((1 << 40, 1 << 4))

    found = raised("processes", 2, work)
    assert isinstance(found, MemoryError)
    assert "Unable to allocate" in str(found)


@needs_fork
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OddError((3, 4), place="Dense"), "a worker failed: OddError: (3, 4) in Dense"),
        (SystemExit(3), "a worker failed: SystemExit: 3"),
        (KeyboardInterrupt(), "a worker failed: KeyboardInterrupt: "),
        (DumbError(), "a worker failed: DumbError: "),
    ],
)
def test_errors_that_cannot_be_made_again(error: BaseException, told: str) -> None:
    found = raised("processes", 2, failing(error, bad=1))
    assert (type(found), str(found)) == (WorkerError, told)


@both_kinds
@pytest.mark.parametrize("error", [KeyboardInterrupt, LookupError, SystemExit])
def test_the_callers_own_error_is_the_very_same(kind: str, error: type[BaseException]) -> None:
    own = []

    def work(member: int, meet: Callable[[], None]) -> None:
        if not member:
            own.append(error("mine"))
            raise own[0]
        meet()

    assert raised(kind, 3, work) is own.pop()


@both_kinds
def test_ctrl_c_while_the_others_work(kind: str) -> None:
    """The caller is interrupted while it waits; the others are in the middle of something."""
    with at_once(), gather(2, kind) as team:
        started = team.array((1,), np.int8)

        def work(member: int, meet: Callable[[], None]) -> None:
            if member:
                started[0] = 1
                time.sleep(0.3)
            meet()

        team.begin(work)
        # Programs in the background are started with SIGINT ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        press = threading.Thread(
            target=lambda: until(lambda: started[0] == 1) and os.kill(os.getpid(), signal.SIGINT)
        )
        press.start()
        with pytest.raises(KeyboardInterrupt):
            team.run()
        press.join()
        signal.signal(signal.SIGINT, before)


# -- the dead -------------------------------------------------------------------------------


@needs_fork
@pytest.mark.parametrize("members", [2, 4])
@pytest.mark.parametrize("where", ["waiting", "working", "in a meeting", "missing in a meeting"])
def test_a_killed_member_is_missed(where: str, members: int) -> None:
    with gather(members, "processes") as team:
        fatal, there = team.array((1,), np.int8), team.array((members,), np.int8)

        def work(member: int, meet: Callable[[], None]) -> None:
            if not fatal[0]:
                return
            there[member] = 1
            victim = member == members - 1
            if where == "working" and victim:
                time.sleep(60)
            elif where == "missing in a meeting" and victim:
                os.kill(os.getpid(), signal.SIGKILL)
            elif where == "in a meeting" and not member:
                time.sleep(0.1)
                kill(found[-1])
            if "meeting" in where:
                meet()

        team.begin(work)
        team.run()
        found = pids(members)
        fatal[0] = 1
        if where == "waiting":
            kill(found[-1])
        elif where == "working":
            strike = threading.Thread(
                target=lambda: until(lambda: there[-1] == 1) and kill(found[-1])
            )
            strike.start()
        with at_once(), pytest.raises(WorkerError) as caught:
            team.run()
        assert str(caught.value) == (
            "a worker process was ended by SIGKILL, perhaps for want of memory; "
            "--threads 1 (threads=1) does without them"
        )
        with at_once():
            team.close()
        assert not any(alive(pid) for pid in found)
        if where == "working":
            strike.join()


@needs_fork
@pytest.mark.parametrize(
    ("end", "told"),
    [
        (lambda: os._exit(3), "was ended with status 3;"),
        (lambda: os.kill(os.getpid(), signal.SIGTERM), "was ended by SIGTERM;"),
        (lambda: os.kill(os.getpid(), signal.SIGRTMIN + 3), "was ended by signal "),
    ],
)
def test_other_ways_to_go(end: Callable[[], None], told: str) -> None:
    def work(member: int, meet: Callable[[], None]) -> None:
        if member:
            end()
        meet()

    found = raised("processes", 2, work)
    assert isinstance(found, WorkerError)
    assert told in str(found)


@needs_fork
def test_a_member_that_never_ends_is_ended() -> None:
    with gather(2, "processes") as team:
        team.begin(lambda member, meet: time.sleep(600) if member else 1 / 0)
        with at_once(), pytest.raises(ZeroDivisionError):
            team.run()
        with at_once():
            team.close()


@needs_fork
@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda number, frame: os.wait()])
def test_programs_that_ask_for_their_children_themselves(handler: object) -> None:
    """As servers do that start processes of their own: then we never learn how a member ended."""
    before = signal.signal(signal.SIGCHLD, handler)
    try:
        with gather(3, "processes") as team:
            team.begin(lambda member, meet: meet())
            team.run()
            kill(pids(3)[0])
            with (
                at_once(),
                pytest.raises(WorkerError, match="a worker process was ended; --threads"),
            ):
                team.run()
            # The other one leaves by itself.
            with at_once():
                team.close()
    finally:
        signal.signal(signal.SIGCHLD, before)


# -- what members share with the caller -----------------------------------------------------


@needs_fork
def test_members_ignore_what_the_caller_hears() -> None:
    """Ctrl-C in a terminal goes to all of them; the caller's handlers are the caller's."""
    heard = []
    number = signal.SIGUSR1
    before = signal.signal(number, lambda *_: heard.append(os.getpid()))
    try:
        with gather(2, "processes") as team:
            told = team.array((1,), np.int64)
            team.begin(lambda member, meet: told.__setitem__(0, len(heard)) if member else None)
            for signalled in (signal.SIGINT, number):
                os.kill(pids(2)[0], signalled)
            team.run()
            assert told[0] == 0
    finally:
        signal.signal(number, before)


@needs_fork
def test_a_signal_at_birth_finds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """It must not run the caller's handler, nor unwind the caller's stack, in the new process."""
    with gather(2, "processes") as team:
        heard = team.array((1,), np.int64)

        def handle(number: int, frame: object) -> None:
            heard[0] = os.getpid()
            raise KeyboardInterrupt

        def fork() -> int:
            pid = os.fork()
            if not pid:
                os.kill(os.getpid(), signal.SIGINT)
                sum(range(1000))  # handlers run between two such steps
            return pid

        before = signal.signal(signal.SIGINT, handle)
        try:
            monkeypatch.setattr(processes, "_fork", fork)
            team.begin(lambda member, meet: meet())
            assert len(pids(2)) == 1, "a process, not a thread in its place"
            team.run()
            assert heard[0] == 0
        finally:
            signal.signal(signal.SIGINT, before)


@needs_fork
def test_the_callers_signals_are_as_before() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
    try:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        with gather(2, "processes") as team:
            team.begin(lambda member, meet: None)
            assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR2])


@needs_fork
def test_connections_end_when_the_caller_ends_them() -> None:
    """Or clients of a server would wait for the end of a training that is none of theirs."""
    ours, theirs = socket.socketpair()
    with gather(3, "processes") as team:
        team.begin(lambda member, meet: None)
        ours.close()
        theirs.settimeout(AT_ONCE)
        assert theirs.recv(1) == b""
    theirs.close()


@needs_fork
def test_members_can_print(capfd: pytest.CaptureFixture[str]) -> None:
    """Layers that people write may do so."""

    def work(member: int, meet: Callable[[], None]) -> None:
        if member:
            print("hello from a layer", file=sys.stderr, flush=True)

    with gather(2, "processes") as team:
        team.begin(work)
        team.run()
    assert capfd.readouterr().err == "hello from a layer\n"


@needs_fork
def test_idle_members_take_no_processor_time() -> None:
    """While the caller validates, saves or draws."""
    with gather(3, "processes") as team:
        team.begin(lambda member, meet: meet())
        team.run()
        found = pids(3)
        time.sleep(0.1)
        before = [processor_seconds(pid) for pid in found]
        time.sleep(1.0)
        spent = [processor_seconds(pid) - start for pid, start in zip(found, before, strict=True)]
        assert max(spent) <= 0.1


# -- where no processes can be had ----------------------------------------------------------


def fork_never() -> int:
    raise BlockingIOError(11, "Resource temporarily unavailable")


class OnlyOnce:
    """The second call finds no memory."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> int:
        self.calls += 1
        if self.calls > 1:
            raise OSError(12, "Cannot allocate memory")
        return FORK()


FORK = getattr(os, "fork", None)


def works(team: Team) -> None:
    counts = team.array((team.members,), np.int64)

    def work(member: int, meet: Callable[[], None]) -> None:
        counts[member] += 1
        meet()

    team.begin(work)
    team.run()
    team.run()
    assert counts.tolist() == [2] * team.members


@needs_fork
@pytest.mark.parametrize("fork", [fork_never, OnlyOnce()], ids=["never", "once"])
def test_threads_where_fork_fails(fork: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fork", fork)
    with gather(3, "processes") as team:
        assert team.apart
        works(team)
        assert not team.apart
        assert not children(os.getpid())


@needs_fork
@pytest.mark.parametrize("error", [ImportError, PermissionError])
def test_threads_where_there_are_no_semaphores(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def semaphore(*_: object) -> None:
        raise error

    monkeypatch.setattr(ForkContext, "Semaphore", semaphore)
    with gather(2, "processes") as team:
        works(team)


@needs_fork
def test_threads_where_a_new_process_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread of the caller's may have held a lock of the matrix library's just then."""
    monkeypatch.setattr(processes, "_rehearse", lambda: time.sleep(600))
    monkeypatch.setattr(processes, "_COMING_SECONDS", 0.1)
    with at_once(), gather(3, "processes") as team:
        works(team)
        assert not children(os.getpid())


@contextmanager
def multiplying(size: int) -> Iterator[None]:
    """Another thread that multiplies matrices of this size, one after the other."""
    stop = threading.Event()

    def multiply() -> None:
        matrix = np.ones((size, size), np.float32)
        while not stop.is_set():
            matrix @ matrix

    busy = threading.Thread(target=multiply)
    busy.start()
    try:
        yield
    finally:
        stop.set()
        busy.join()


def multiplies(team: Team) -> None:
    total = team.array((1,), np.float64)

    def work(member: int, meet: Callable[[], None]) -> None:
        if member:
            total[0] = (np.ones((200, 200)) @ np.ones((200, 200))).sum()

    team.begin(work)
    team.run()
    assert total[0] == 200**3


@needs_fork
@pytest.mark.parametrize("size", [30, 120, 400])
def test_fork_beside_a_thread_that_multiplies(size: int) -> None:
    """A fork waits for ever for the matrix library's threads if it comes in the wrong moment."""
    with multiplying(size):
        for _ in range(8):
            with one_blas_thread(), gather(2, "processes") as team:
                multiplies(team)
                assert team.apart, "processes were possible"


@needs_fork
def test_no_fork_while_the_matrix_library_is_at_work() -> None:
    """Here nobody holds it to one thread: threads rather than a fork that might not come back."""
    control = _openblas()
    if control is None:
        pytest.skip("NumPy was not built with the OpenBLAS of its wheels")
    get, put = control
    before = get()
    put(max(2, before))
    try:
        with at_once(), multiplying(2000), gather(2, "processes") as team:
            time.sleep(0.05)
            works(team)
            assert not team.apart
    finally:
        put(before)


def test_not_even_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start
    started = []

    def seldom(thread: threading.Thread) -> None:
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", seldom)
    with pytest.raises(WorkerError) as caught, gather(3, "threads") as team:
        team.begin(lambda member, meet: None)
    assert str(caught.value) == (
        "no worker could be started (can't start new thread): use --threads 1 (threads=1)"
    )


@needs_fork
def test_a_fork_of_the_caller_leaves_its_team_alone() -> None:
    """Whoever else forks gets a copy of the team; closing that must not send members home."""
    with gather(2, "processes") as team:
        team.begin(lambda member, meet: meet())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if not pid:
            try:
                team.close()
            finally:
                os._exit(0)
        os.waitpid(pid, 0)
        team.run()


@needs_fork
def test_shared_memory_has_no_name() -> None:
    """So nothing is left in /dev/shm, whoever is killed."""
    with gather(2, "processes") as team:
        team.array((1000,), np.float64)
        team.begin(lambda member, meet: None)
        for pid in ("self", *pids(2)):
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                if "/dev/" in line:
                    assert line.endswith("(deleted)"), line


@needs_fork
def test_no_memory_to_share(monkeypatch: pytest.MonkeyPatch) -> None:
    def mmap(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("mmap.mmap", mmap)
    with pytest.raises(MemoryError, match="no 8,000 bytes for workers to share: Cannot allocate"):
        gather(2, "processes").array((1000,), np.float64)
