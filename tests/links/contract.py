"""What every link must do. Subclass it, make a link and its far end, and the tests run."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from eit_rt.errors import LinkLost
from eit_rt.links import Link

ALL_BYTES = bytes(range(256))


@dataclass
class FarEnd:
    """The other side of the link under test, driven by plain operating system calls."""

    send: Callable[[bytes], object]
    receive: Callable[[int], bytes]
    """Exactly so many bytes, or what came within a second."""
    hang_up: Callable[[], object]


def read_all(link: Link, count: int, deadline_s: float = 5.0) -> bytes:
    """count bytes from the link, or what came before the deadline."""
    got, end = b"", time.monotonic() + deadline_s
    while len(got) < count and time.monotonic() < end:
        got += link.read(0.05)
    return got


def write_often(link: Link) -> None:
    """The first write after the end may still be accepted by the kernel; the next ones are not."""
    for _ in range(100):
        link.write(b"anyone?")
        time.sleep(0.005)


def wait_until(condition: Callable[[], bool], deadline_s: float = 5.0) -> bool:
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


class LinkContract:
    """Subclasses give `ends`: a fixture that yields (link, far end) and cleans up."""

    @pytest.fixture
    def ends(self):
        raise NotImplementedError

    def test_every_byte_value_arrives_unchanged(self, ends):
        link, far = ends
        far.send(ALL_BYTES)
        assert read_all(link, 256) == ALL_BYTES

    def test_every_byte_value_is_sent_unchanged(self, ends):
        link, far = ends
        link.write(ALL_BYTES)
        assert far.receive(256) == ALL_BYTES

    def test_read_returns_at_once_when_bytes_are_there(self, ends):
        link, far = ends
        far.send(b"answer")
        assert read_all(link, 1)[:1] == b"a"
        far.send(b"x")
        begin = time.monotonic()
        read_all(link, 1)
        assert time.monotonic() - begin < 0.5  # a read that waits for its time-out would take 2 s
        far.send(b"y")
        begin = time.monotonic()
        assert link.read(2.0)
        assert time.monotonic() - begin < 0.5

    def test_read_wakes_up_when_bytes_arrive_during_the_wait(self, ends):
        link, far = ends
        timer = threading.Timer(0.1, far.send, [b"late"])
        timer.start()
        begin = time.monotonic()
        got = link.read(5.0)
        timer.join()
        assert got
        assert b"late".startswith(got)
        assert time.monotonic() - begin < 2.0

    def test_read_gives_nothing_after_the_time_out(self, ends):
        link, _ = ends
        begin = time.monotonic()
        assert link.read(0.1) == b""
        assert 0.05 < time.monotonic() - begin < 1.0

    def test_read_with_no_time_out_does_not_wait(self, ends):
        link, _ = ends
        begin = time.monotonic()
        assert link.read(0.0) == b""
        assert time.monotonic() - begin < 0.2

    def test_discard_input_forgets_what_came_before_and_nothing_after(self, ends):
        link, far = ends
        far.send(b"old" * 100)
        read_all(link, 1)
        time.sleep(0.02)  # let the rest of the old bytes cross the kernel
        link.discard_input()
        far.send(b"new")
        assert read_all(link, 3) == b"new"

    def test_a_large_write_is_sent_whole(self, ends):
        link, far = ends
        payload = ALL_BYTES * 800
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(far.receive(len(payload))))
        reader.start()
        link.write(payload)
        reader.join(10)
        assert received == [payload]

    def test_a_peer_that_goes_raises_link_lost(self, ends):
        link, far = ends
        far.hang_up()
        with pytest.raises(LinkLost, match="went away"):
            read_all(link, 1)

    def test_writing_to_a_peer_that_went_raises_link_lost(self, ends):
        link, far = ends
        far.hang_up()
        with pytest.raises(LinkLost):
            write_often(link)

    def test_close_may_be_repeated_and_also_after_the_peer_went(self, ends):
        link, far = ends
        far.hang_up()
        link.close()
        link.close()

    def test_a_closed_link_says_so(self, ends):
        link, _ = ends
        link.close()
        with pytest.raises(LinkLost, match="closed"):
            link.read(0.05)
        with pytest.raises(LinkLost, match="closed"):
            link.write(b"x")
        with pytest.raises(LinkLost, match="closed"):
            link.discard_input()

    def test_closing_from_another_thread_ends_a_waiting_read(self, ends):
        link, _ = ends
        outcome: list[str] = []

        def wait() -> None:
            try:
                link.read(10.0)
            except LinkLost:
                outcome.append("lost")

        reader = threading.Thread(target=wait)
        reader.start()
        time.sleep(0.02)
        link.close()
        reader.join(2.0)
        assert outcome == ["lost"]

    def test_reading_and_writing_at_the_same_time_keeps_both_whole(self, ends):
        link, far = ends
        count, sent = 200, bytearray()
        writer = threading.Thread(target=lambda: [link.write(b"ping") for _ in range(count)])
        sender = threading.Thread(target=lambda: [far.send(b"12345678") for _ in range(count)])
        receiver = threading.Thread(target=lambda: sent.extend(far.receive(4 * count)))
        for thread in (writer, sender, receiver):
            thread.start()
        got = read_all(link, 8 * count)
        for thread in (writer, sender, receiver):
            thread.join(5)
        assert got == b"12345678" * count
        assert bytes(sent) == b"ping" * count

    def test_the_url_says_how_to_open_it_again(self, ends):
        link, _ = ends
        assert link.url
