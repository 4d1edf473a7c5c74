"""What every link must do. Subclass it, make a link and its far end, and the tests run."""

import fcntl
import sys
import termios
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from eit_rt.errors import LinkLost
from eit_rt.links import Link, MemoryLink, TapLink

ALL_BYTES = bytes(range(256))
PATIENCE_S = 20.0
"""For what is expected to happen at once, on a machine that may be busy."""
MINUTE_S = 60.0
"""How long a read takes that does not do what is expected of it."""


@dataclass
class FarEnd:
    """The other side of the link under test, driven by plain operating system calls."""

    send: Callable[[bytes], object]
    receive: Callable[[int], bytes]
    """Exactly so many bytes, or what came before patience was over."""
    hang_up: Callable[[], object]


def read_all(link: Link, count: int) -> bytes:
    """count bytes from the link, or what came before patience was over."""
    got, end = b"", time.monotonic() + PATIENCE_S
    while len(got) < count and time.monotonic() < end:
        got += link.read(0.05)
    return got


def write_often(link: Link) -> None:
    """The first write after the end may still be accepted by the kernel; the next ones are not."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        link.write(b"anyone?")
        time.sleep(0.005)


def wait_until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


def unread(link: Link) -> int:
    """How many bytes have arrived and wait to be read."""
    if isinstance(link, TapLink):
        return unread(link._link)
    if isinstance(link, MemoryLink):
        return len(link._inbox.waiting)
    return int.from_bytes(fcntl.ioctl(link._fd, termios.FIONREAD, bytes(4)), sys.byteorder)


class LinkContract:
    """Subclasses give `ends`: a fixture that yields (link, far end) and cleans up."""

    @pytest.fixture(autouse=True)
    def _patient(self, monkeypatch):
        """A far end that a busy machine holds up is not gone."""
        for module in ("descriptor", "memory"):
            monkeypatch.setattr(f"eit_rt.links.{module}.WRITE_TIMEOUT_S", MINUTE_S)

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
        for word in (b"answer", b"x", b"y"):
            far.send(word)
            begin = time.monotonic()
            assert link.read(MINUTE_S)
            assert time.monotonic() - begin < PATIENCE_S

    def test_read_wakes_up_when_bytes_arrive_during_the_wait(self, ends):
        link, far = ends
        timer = threading.Timer(0.1, far.send, [b"late"])
        timer.start()
        begin = time.monotonic()
        got = link.read(MINUTE_S)
        timer.join()
        assert got
        assert b"late".startswith(got)
        assert time.monotonic() - begin < PATIENCE_S

    def test_read_gives_nothing_after_the_time_out(self, ends):
        link, _ = ends
        begin = time.monotonic()
        assert link.read(0.1) == b""
        assert 0.099 < time.monotonic() - begin < PATIENCE_S

    def test_read_with_no_time_out_does_not_wait(self, ends):
        link, _ = ends
        begin = time.monotonic()
        for _ in range(1000):  # so many, that 20 ms in each would be told from a busy machine
            assert link.read(0.0) == b""
        assert time.monotonic() - begin < PATIENCE_S

    def test_discard_input_forgets_what_came_before_and_nothing_after(self, ends):
        link, far = ends
        far.send(b"old" * 100)
        assert wait_until(lambda: unread(link) == 300)
        link.discard_input()
        assert unread(link) == 0
        far.send(b"new")
        assert read_all(link, 3) == b"new"

    def test_a_large_write_is_sent_whole(self, ends):
        link, far = ends
        payload = ALL_BYTES * 800
        received: list[bytes] = []
        reader = threading.Thread(target=lambda: received.append(far.receive(len(payload))))
        reader.start()
        link.write(payload)
        reader.join(PATIENCE_S)
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
        begins = threading.Event()

        def wait() -> None:
            begins.set()
            try:
                link.read(MINUTE_S)
            except LinkLost:
                outcome.append("lost")

        reader = threading.Thread(target=wait)
        reader.start()
        assert begins.wait(PATIENCE_S)
        time.sleep(
            0.02
        )  # it waits by now; if it does not yet, it finds the link closed, which is right, too
        link.close()
        reader.join(PATIENCE_S)
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
            thread.join(PATIENCE_S)
        assert got == b"12345678" * count
        assert bytes(sent) == b"ping" * count

    def test_the_url_says_how_to_open_it_again(self, ends):
        link, _ = ends
        assert link.url
