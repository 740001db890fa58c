import threading
import time
import traceback

import pytest

from liveavatar.base.mailbox import Closed, Mailbox, worker
from tests.helpers.running import GENEROUS


def test_the_newest_item_wins_and_drops_are_counted() -> None:
    box: Mailbox[int] = Mailbox()
    for item in (1, 2, 3):
        box.put(item)
    assert box.take() == 3
    assert box.drops == 2


def test_take_waits_only_as_long_as_asked() -> None:
    box: Mailbox[int] = Mailbox()
    assert box.take(timeout=0) is None
    start = time.perf_counter()
    assert box.take(timeout=0.05) is None
    assert time.perf_counter() - start > 0.04


def test_the_last_item_is_delivered_before_the_end() -> None:
    box: Mailbox[int] = Mailbox()
    box.put(7)
    box.close()
    assert list(box) == [7]
    with pytest.raises(Closed):
        box.take()


def test_falsy_items_are_delivered() -> None:
    box: Mailbox[int] = Mailbox()
    box.put(0)
    box.close()
    assert list(box) == [0]


def test_put_on_a_closed_box_ends_the_producer_quietly() -> None:
    box: Mailbox[int] = Mailbox()
    ended = []

    def produce() -> None:
        try:
            while True:
                box.put(1)
        finally:
            ended.append(True)

    thread = worker(produce, box, "producer")
    box.take()
    box.close()
    thread.join(timeout=GENEROUS)
    assert not thread.is_alive() and ended
    with pytest.raises(Closed):
        box.put(2)


def test_a_failure_crosses_after_the_last_item_with_its_traceback() -> None:
    box: Mailbox[int] = Mailbox()

    def break_here() -> None:
        raise ValueError("broken")

    def produce() -> None:
        box.put(5)
        break_here()

    worker(produce, box, "producer").join()
    received = []
    with pytest.raises(ValueError, match="broken") as caught:
        for item in box:
            received.append(item)
    assert received == [5]
    assert "break_here" in "".join(traceback.format_tb(caught.value.__traceback__))


def test_the_first_close_counts() -> None:
    box: Mailbox[int] = Mailbox()
    box.close()
    box.close(ValueError("late"))
    with pytest.raises(Closed):
        box.take()


def test_a_waiting_taker_wakes_when_the_box_closes() -> None:
    box: Mailbox[int] = Mailbox()
    seen: list[int] = []
    thread = threading.Thread(target=lambda: seen.extend(box))
    thread.start()
    box.put(1)
    while not seen:
        time.sleep(0.001)
    box.close()
    thread.join(timeout=GENEROUS)
    assert not thread.is_alive() and seen == [1]
