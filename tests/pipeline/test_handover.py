"""Hand-over between threads: newest wins and drops are counted; or nothing is lost and the putter waits."""

import threading
import time

from eit_rt.pipeline.handover import Newest, Waiting

PATIENCE_S = 20.0


class TestNewest:
    def test_taker_gets_the_newest_and_the_rest_is_counted(self):
        slot = Newest()
        for number in range(5):
            slot.put(number)
        assert slot.take() == 4
        assert slot.dropped == 4

    def test_nothing_is_dropped_when_each_item_is_taken_in_time(self):
        slot = Newest()
        taken = []
        for number in range(100):
            slot.put(number)
            taken.append(slot.take())
        assert taken == list(range(100))
        assert slot.dropped == 0

    def test_take_gives_up_after_the_timeout(self):
        began = time.monotonic()
        assert Newest().take(timeout_s=0.02) is None
        assert time.monotonic() - began >= 0.015

    def test_closing_wakes_a_waiting_taker(self):
        slot = Newest()
        taken = []
        taker = threading.Thread(target=lambda: taken.append(slot.take(timeout_s=60)))
        taker.start()
        slot.close()
        taker.join(PATIENCE_S)
        assert taken == [None]
        assert slot.is_finished

    def test_an_item_put_before_closing_can_still_be_taken(self):
        slot = Newest()
        slot.put("last")
        slot.close()
        assert not slot.is_finished
        assert slot.take() == "last"
        assert slot.is_finished

    def test_what_is_put_is_taken_or_counted_under_contention(self):
        slot, taken, n = Newest(), [], 20_000

        def take_all():
            while not slot.is_finished:
                item = slot.take(0.01)
                if item is not None:
                    taken.append(item)

        taker = threading.Thread(target=take_all)
        taker.start()
        for number in range(n):
            slot.put(number)
        slot.close()
        taker.join(PATIENCE_S)
        assert len(taken) + slot.dropped == n
        assert taken == sorted(taken)
        assert taken[-1] == n - 1


class TestWaiting:
    def test_a_slow_taker_gets_everything_in_order(self):
        line, n = Waiting(bound=4), 500
        putter = threading.Thread(target=lambda: [line.put(i) for i in range(n)] and line.close())
        putter.start()
        taken = []
        while not line.is_finished:
            item = line.take()
            if item is not None:
                taken.append(item)
        putter.join(PATIENCE_S)
        assert taken == list(range(n))

    def test_closing_frees_a_waiting_putter(self):
        line = Waiting(bound=1)
        line.put(1)
        putter = threading.Thread(target=line.put, args=(2,))
        putter.start()
        line.close()
        putter.join(PATIENCE_S)
        assert not putter.is_alive()
