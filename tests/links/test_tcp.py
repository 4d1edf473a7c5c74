"""TCP links against a real listening socket."""

import os
import socket
import time

import pytest

from eit_rt.errors import ConfigError, LinkError
from eit_rt.links import open_link
from eit_rt.links.tcp import parse
from tests.links.contract import PATIENCE_S, LinkContract, read_all
from tests.links.ends import accepted, tcp_server


class TestTcp(LinkContract):
    @pytest.fixture
    def ends(self):
        server, url = tcp_server()
        link = open_link(url)
        far = accepted(server)
        yield link, far
        link.close()
        far.hang_up()
        server.close()


def test_what_the_board_says_first_is_not_thrown_away():
    server, url = tcp_server()
    link = open_link(url)
    far = accepted(server)
    far.send(b"READY")
    assert read_all(link, 5) == b"READY"
    link.close()
    far.hang_up()
    server.close()


def test_small_writes_are_not_held_back():
    """With Nagle's algorithm a second small write waits up to 40 ms for the first one's acknowledgement."""
    server, url = tcp_server()
    link = open_link(url)
    with socket.socket(fileno=os.dup(link._fd)) as probe:
        assert probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    link.close()
    server.close()


def test_nobody_listening_is_told():
    server, url = tcp_server()
    server.close()
    with pytest.raises(LinkError, match=f"nothing answers at {url}"):
        open_link(url)


def test_an_unknown_host_is_told():
    with pytest.raises(LinkError, match="nothing answers at"):
        open_link("socket://no-such-host.invalid:5000")


@pytest.mark.parametrize(
    "url",
    ["socket://", "socket://host", "socket://:5000", "socket://host:0", "socket://host:99999",
     "socket://host:port", "socket://host:5000/path"],
)  # fmt: skip
def test_a_malformed_address_is_refused_with_the_form(url):
    with pytest.raises(ConfigError, match="socket://host:port"):
        open_link(url)


def test_addresses_of_both_families_are_understood():
    assert parse("socket://[::1]:5000") == ("::1", 5000)
    assert parse("socket://board.local:1") == ("board.local", 1)


def test_close_is_quick():
    """pyserial's socket:// sleeps 0.3 s here: with a hundred, that is told from a busy machine."""
    server, url = tcp_server()
    begin = time.monotonic()
    for _ in range(100):
        link = open_link(url)
        far = accepted(server)
        link.close()
        far.hang_up()
    assert time.monotonic() - begin < PATIENCE_S
    server.close()
