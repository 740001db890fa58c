import subprocess
import sys

import pytest

from benchmarks.endurance import vitals
from liveavatar.base.heap import give_back


@pytest.mark.skipif(sys.platform != "linux", reason="glibc keeps what is freed")
def test_what_was_freed_goes_back_though_some_of_it_is_kept() -> None:
    blocks = [bytes(20_000) for _ in range(4_000)]
    kept = blocks[::50] + blocks[-1:]
    blocks.clear()
    before = vitals.resident_mb()
    give_back()
    after = vitals.resident_mb()
    assert kept and before is not None and after is not None
    assert before - after > 40


STAGES = """
import sys, threading
from benchmarks.endurance import vitals
from liveavatar.base import heap

if sys.argv[1] == "shared":
    heap.share()
bytes(30_000_000)  # what is freed once in one piece is kept from then on
alive = threading.Barrier(8)

def stage():
    alive.wait()  # each in a heap of its own, where there is more than one
    blocks = [bytes(20_000) for _ in range(1_000)]
    alive.wait()

before = vitals.resident_mb()
for _ in range(2):
    threads = [threading.Thread(target=stage) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    heap.give_back()
print(vitals.resident_mb() - before)
"""
"""Stages come and go, each in a fresh thread; prints the MB they leave."""


@pytest.mark.skipif(sys.platform != "linux", reason="one heap elsewhere")
def test_threads_that_ended_leave_nothing_in_heaps_of_their_own() -> None:
    left = {
        how: float(subprocess.check_output([sys.executable, "-c", STAGES, how])) for how in ("shared", "own")
    }
    assert left["shared"] < 10 and left["own"] > 3 * left["shared"], left
