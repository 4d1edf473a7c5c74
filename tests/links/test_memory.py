"""Links in memory."""

import threading
import time

import pytest

from eit_rt.errors import LinkLost
from eit_rt.links import MemoryLink
from tests.links.contract import PATIENCE_S, LinkContract, read_all, wait_until
from tests.links.ends import memory_pair


class TestMemory(LinkContract):
    @pytest.fixture
    def ends(self):
        link, far = memory_pair()
        yield link, far
        link.close()
        far.hang_up()


class TestMemorySmallerThanWhatIsSent(LinkContract):
    @pytest.fixture
    def ends(self):
        link, far = memory_pair(capacity=512)
        yield link, far
        link.close()
        far.hang_up()


def test_a_full_pipe_makes_the_writer_wait_until_the_reader_reads():
    near, far = MemoryLink.pair(capacity=100)
    writer = threading.Thread(target=near.write, args=[bytes(250)])
    writer.start()
    assert wait_until(lambda: len(near._outbox.waiting) == 100)
    assert writer.is_alive()
    assert len(read_all(far, 250)) == 250
    writer.join(PATIENCE_S)
    assert not writer.is_alive()


def test_a_reader_that_never_reads_counts_as_gone(monkeypatch):
    monkeypatch.setattr("eit_rt.links.memory.WRITE_TIMEOUT_S", 0.05)
    near, _far = MemoryLink.pair(capacity=10)
    begin = time.monotonic()
    with pytest.raises(LinkLost, match="does not read"):
        near.write(bytes(11))
    assert 0.049 < time.monotonic() - begin < PATIENCE_S


def test_what_was_sent_before_the_end_can_still_be_read():
    near, far = MemoryLink.pair()
    far.write(b"last words")
    far.close()
    assert near.read() == b"last words"
    with pytest.raises(LinkLost):
        near.read()
