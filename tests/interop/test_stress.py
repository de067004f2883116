"""Crossings from eight threads at once: every deleter is called once, no memory is kept.

TESSERA_CROSSINGS: how many each test makes, 40 000 by default.
"""
import gc
import os
import sys
import threading
import weakref

import numpy as np
import pytest

import tessera as ts
from raw_dlpack import Producer

THREADS = 8
EACH = max(int(os.environ.get("TESSERA_CROSSINGS", "40000")) // THREADS, 100)


def in_threads(work):
    """Calls `work(thread)` in all threads, which start together, and raises what any of them raised."""
    errors = []
    start = threading.Barrier(THREADS)

    def run(thread):
        try:
            start.wait()
            work(thread)
        except BaseException as error:  # whatever it was, the test must fail by it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def resident_bytes() -> int:
    gc.collect()
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def assert_flat(work):
    """Runs the work once to fill caches, then again, when resident memory must not grow (8 MiB: 8 bytes of each of a
    million crossings)."""
    in_threads(work)
    before = resident_bytes()
    in_threads(work)
    assert resident_bytes() - before < 8 << 20


def there_and_back(take):
    """Crosses from shared arrays to what `take` makes of them and back; checks values and that nothing is held."""
    shared = [ts.reshape(ts.arange(6.0), (2, 3)) + k for k in range(4)]
    references = [sys.getrefcount(x) for x in shared]

    def work(thread):
        for i in range(EACH):
            k = (thread + i) % len(shared)
            back = ts.from_dlpack(take(shared[k]))
            if i % 97 == 0:
                assert back[1, 2].item() == 5 + k
            if thread == 0 and i % (EACH // 10) == 0:
                gc.collect()

    assert_flat(work)
    gc.collect()
    assert [sys.getrefcount(x) for x in shared] == references
    last = weakref.ref(shared.pop())
    gc.collect()
    assert last() is None


def test_to_numpy_and_back():
    there_and_back(np.from_dlpack)


def test_through_the_array_interface_and_back():
    there_and_back(np.asarray)


def test_to_torch_and_back():
    there_and_back(pytest.importorskip("torch").from_dlpack)


def test_deleters_of_imported_structs_are_called_once_whichever_thread_drops_them():
    made = []
    taken: list = [None] * (8 * THREADS)  # arrays are dropped by the thread that overwrites their place

    def work(thread):
        for i in range(EACH // 10):
            producer = Producer(versioned=i % 2 == 0)
            made.append(producer)
            taken[(i * 7 + thread) % len(taken)] = ts.from_dlpack(producer)

    in_threads(work)
    taken.clear()
    gc.collect()
    assert len(made) == THREADS * (EACH // 10)
    assert {producer.deleted for producer in made} == {1}


def test_unused_capsules_free_what_they_hold():
    x = ts.zeros((100, 1000))

    def work(thread):
        for i in range(EACH):
            x.__dlpack__(copy=i % 100 == 0 or None, max_version=(1, 3))

    assert_flat(work)
