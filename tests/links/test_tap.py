"""The tap: passes everything, shows what is read."""

import pytest

from eit_rt.links import TapLink
from tests.links.contract import LinkContract, read_all
from tests.links.ends import memory_pair


class TestTap(LinkContract):
    @pytest.fixture
    def ends(self):
        link, far = memory_pair()
        yield TapLink(link, bytearray().extend), far
        link.close()
        far.hang_up()


def test_the_sink_gets_exactly_what_was_read():
    link, far = memory_pair()
    seen: list[bytes] = []
    tap = TapLink(link, seen.append)
    far.send(b"first")
    assert read_all(tap, 5) == b"first"
    tap.read(0.0)
    tap.write(b"not seen")
    far.send(b"discarded")
    tap.discard_input()
    assert b"".join(seen) == b"first"


def test_what_the_sink_raises_is_not_silent():
    link, far = memory_pair()

    def full(_data: bytes) -> None:
        raise OSError(28, "No space left on device")

    far.send(b"x")
    with pytest.raises(OSError, match="No space"):
        TapLink(link, full).read()
