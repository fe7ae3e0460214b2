from concurrent.futures import ThreadPoolExecutor

import numpy as np

from whynet.ops.arrays import Scratch


def test_scratch_lends_the_same_memory_again():
    scratch = Scratch()
    first = scratch.array("patches", (4, 6), np.float32)
    assert first.shape == (4, 6)
    assert first.dtype == np.float32
    smaller = scratch.array("patches", (2, 3), np.float32)
    assert np.shares_memory(first, smaller)
    assert smaller.flags.c_contiguous


def test_scratch_keeps_borrowers_apart():
    scratch = Scratch()
    one = scratch.array("patches", (4,), np.float32)
    assert not np.shares_memory(one, scratch.array("taps", (4,), np.float32))
    assert not np.shares_memory(one, Scratch().array("patches", (4,), np.float32))


def test_scratch_makes_more_room_or_another_type_when_asked():
    scratch = Scratch()
    scratch.array("patches", (4,), np.float32)
    assert scratch.array("patches", (40, 2), np.float32).shape == (40, 2)
    assert scratch.array("patches", (2,), np.float64).dtype == np.float64
    assert scratch.array("patches", (0, 3), np.float64).shape == (0, 3)


def test_scratch_lends_every_thread_memory_of_its_own():
    scratch = Scratch()
    mine = scratch.array("patches", (4,), np.float32)
    with ThreadPoolExecutor(1) as pool:
        theirs = pool.submit(scratch.array, "patches", (4,), np.float32).result()
    assert not np.shares_memory(mine, theirs)
