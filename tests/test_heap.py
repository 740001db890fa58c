import sys

import pytest

from benchmarks import vitals
from liveavatar.heap import give_back


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
