"""The board's side of real pseudo-terminals and sockets."""

import os
import socket
import time

import pytest
import serial

from eit_rt.errors import ConfigError, LinkError
from eit_rt.simulation.ports import PtyPort, TcpPort

EVERY_BYTE = bytes(range(256))
PATIENCE_S = 20.0


@pytest.fixture
def pty():
    port = PtyPort()
    port.open()
    yield port
    port.close()


@pytest.fixture
def tcp():
    port = TcpPort()
    port.open()
    yield port
    port.close()


def until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.002)
    return found


def gathered(read, count=256):
    """So many bytes: the system may hand them over in pieces."""
    got = b""

    def is_complete():
        nonlocal got
        got += read()
        return len(got) >= count

    until(is_complete)
    return got


def is_cut_off(host):
    """A hung-up terminal reads as end of file or as an input/output error."""
    try:
        return os.read(host, 1) == b""
    except OSError:
        return True


def connect(tcp):
    host, port = tcp.url.removeprefix("socket://").split(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE_S)


class TestPty:
    def test_every_byte_passes_unchanged_both_ways_without_the_host_setting_anything(self, pty):
        host = os.open(pty.url, os.O_RDWR | os.O_NOCTTY)
        os.write(host, EVERY_BYTE)
        assert gathered(pty.read) == EVERY_BYTE
        assert pty.write(EVERY_BYTE) == 256
        assert gathered(lambda: os.read(host, 999)) == EVERY_BYTE
        os.close(host)

    def test_pyserial_opens_it(self, pty):
        with serial.Serial(pty.url, 921600, timeout=PATIENCE_S) as host:
            host.write(b"hello")
            assert gathered(pty.read, 5) == b"hello"
            pty.write(EVERY_BYTE)
            assert host.read(256) == EVERY_BYTE

    def test_hosts_come_and_go(self, pty):
        for _ in range(3):
            with serial.Serial(pty.url, timeout=PATIENCE_S) as host:
                pty.write(b"x\x03\x11\r\n")
                assert host.read(5) == b"x\x03\x11\r\n"
            assert pty.read() == b""

    def test_a_host_that_does_not_read_is_noticed_not_waited_for(self, pty):
        taken = [pty.write(bytes(4096)) for _ in range(20)]
        assert taken[-1] == 0

    def test_closing_cuts_the_host_off(self, pty):
        host = os.open(pty.url, os.O_RDWR | os.O_NOCTTY)
        pty.close()
        pty.close()
        assert is_cut_off(host)
        os.close(host)
        assert (pty.read(), pty.write(b"x")) == (b"", 0)

    def test_a_link_keeps_the_name(self, tmp_path):
        link = tmp_path / "board"
        port = PtyPort(link)
        for _ in range(2):
            port.open()
            assert port.url == str(link)
            with serial.Serial(port.url, timeout=PATIENCE_S) as host:
                port.write(b"hi")
                assert host.read(2) == b"hi"
            port.close()
            assert not link.is_symlink()

    def test_a_link_that_another_board_serves_is_left_to_it(self, tmp_path):
        first, second = (PtyPort(tmp_path / "board") for _ in range(2))
        first.open()
        terminal = os.readlink(tmp_path / "board")
        n_open = len(os.listdir("/proc/self/fd"))
        with pytest.raises(LinkError, match=f"leads to {terminal}, which another simulated board"):
            second.open()
        assert len(os.listdir("/proc/self/fd")) == n_open
        second.close()
        assert os.readlink(tmp_path / "board") == terminal
        first.close()
        second.open()
        assert os.readlink(tmp_path / "board") == second._terminal
        second.close()
        assert not (tmp_path / "board").is_symlink()

    def test_a_link_that_a_killed_board_left_behind_is_replaced(self, tmp_path):
        (tmp_path / "board").symlink_to("/dev/pts/99999")
        port = PtyPort(tmp_path / "board")
        port.open()
        assert os.path.exists(port.url)
        port.close()

    def test_a_link_to_a_terminal_that_was_made_later_is_replaced(self, tmp_path, pty):
        """The number of a terminal is given out again."""
        (tmp_path / "board").symlink_to(pty.url)
        hour_ago = time.time() - 3600
        os.utime(tmp_path / "board", (hour_ago, hour_ago), follow_symlinks=False)
        port = PtyPort(tmp_path / "board")
        port.open()
        assert os.readlink(tmp_path / "board") != pty.url
        port.close()

    def test_a_link_that_somebody_has_turned_is_left(self, tmp_path):
        port = PtyPort(tmp_path / "board")
        port.open()
        (tmp_path / "board").unlink()
        (tmp_path / "board").symlink_to("elsewhere")
        port.close()
        assert os.readlink(tmp_path / "board") == "elsewhere"

    def test_a_link_never_replaces_a_file(self, tmp_path):
        precious = tmp_path / "thesis.txt"
        precious.write_text("years of work")
        with pytest.raises(LinkError, match="not a symbolic link"):
            PtyPort(precious).open()
        assert precious.read_text() == "years of work"

    def test_a_link_in_no_folder_is_told(self, tmp_path):
        with pytest.raises(LinkError, match="cannot make the link"):
            PtyPort(tmp_path / "nowhere" / "board").open()


class TestTcp:
    def test_bytes_pass_both_ways(self, tcp):
        with connect(tcp) as host:
            host.sendall(EVERY_BYTE)
            assert gathered(tcp.read) == EVERY_BYTE
            tcp.write(EVERY_BYTE)
            assert gathered(lambda: host.recv(999)) == EVERY_BYTE

    def test_without_a_host_bytes_go_nowhere(self, tcp):
        assert tcp.outlet() is None
        assert (tcp.read(), tcp.write(b"x")) == (b"", 0)

    def test_a_second_host_waits_until_the_first_leaves(self, tcp):
        first, second = connect(tcp), connect(tcp)
        first.sendall(b"1")
        second.sendall(b"2")
        assert until(tcp.read) == b"1"
        assert tcp.read() == b""
        first.close()
        assert until(tcp.read) == b"2"
        second.close()

    def test_it_comes_back_at_the_same_address(self, tcp):
        url = tcp.url
        host = connect(tcp)
        until(lambda: tcp.read() == b"" and tcp.outlet())
        tcp.close()
        assert host.recv(9) == b""
        host.close()
        with pytest.raises(OSError):
            connect(tcp)
        tcp.open()
        assert tcp.url == url
        connect(tcp).close()

    def test_a_busy_address_is_told(self, tcp):
        busy = int(tcp.url.rsplit(":", 1)[1])
        with pytest.raises(LinkError, match="choose another port"):
            TcpPort("127.0.0.1", busy).open()

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", ""])
    def test_other_machines_are_kept_out_unless_asked_for(self, host):
        with pytest.raises(ConfigError, match="this machine only"):
            TcpPort(host, 0)
        TcpPort(host, 0, allow_remote=True)
