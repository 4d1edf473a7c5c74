"""Serial devices, by way of pseudo-terminals."""

import os

import pytest

from eit_rt.errors import ConfigError, LinkError
from eit_rt.links import open_link
from tests.links.contract import LinkContract, read_all
from tests.links.ends import pty_far_end


@pytest.fixture
def pty():
    path, far, slave = pty_far_end()
    yield path, far
    far.hang_up()
    os.close(slave)


class TestSerialOverPty(LinkContract):
    @pytest.fixture
    def ends(self):
        path, far, slave = pty_far_end()
        link = open_link(path)
        os.close(slave)  # only the link holds this side now
        yield link, far
        link.close()
        far.hang_up()


class TestSerialByASymbolicLink(LinkContract):
    @pytest.fixture
    def ends(self, tmp_path):
        path, far, slave = pty_far_end()
        name = tmp_path / "board"
        name.symlink_to(path)
        link = open_link(str(name))
        assert link.url == str(name)
        os.close(slave)
        yield link, far
        link.close()
        far.hang_up()


def test_a_pseudo_terminal_in_its_first_cooked_state_is_made_raw():
    master, slave = os.openpty()  # canonical, echoing, as the kernel makes it
    link = open_link(os.ttyname(slave))
    try:
        os.write(master, b"\x03\r\x11\x13\x04no newline")
        assert read_all(link, 15) == b"\x03\r\x11\x13\x04no newline"
        link.write(b"\n\x00")
        assert os.read(master, 10) == b"\n\x00"  # no carriage return added, nothing echoed
    finally:
        link.close()
        os.close(master)
        os.close(slave)


def test_a_port_that_another_program_holds_is_told_as_busy(pty):
    path, _ = pty
    first = open_link(path)
    with pytest.raises(LinkError, match=r"in use by another program"):
        open_link(path)
    first.close()
    open_link(path).close()


def test_a_port_that_is_absent_is_told_with_the_ports_there_are():
    with pytest.raises(LinkError, match=r"no port /dev/ttyUSB99; (serial ports here|no serial)"):
        open_link("/dev/ttyUSB99")


def test_a_file_is_not_a_port(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(
        LinkError, match=r"notes\.txt is not a serial port; (serial ports|no serial)"
    ):
        open_link(str(tmp_path / "notes.txt"))


def test_a_folder_is_not_a_port(tmp_path):
    with pytest.raises(LinkError, match=r"folder|not a serial port"):
        open_link(str(tmp_path))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_port_without_permission_names_the_group(pty):
    path, _ = pty
    os.chmod(path, 0)
    with pytest.raises(LinkError, match="dialout"):
        open_link(path)


def test_a_refused_permission_names_the_group(pty, monkeypatch):
    path, _ = pty

    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serialposix.os.open", refuse)
    with pytest.raises(LinkError, match="group dialout"):
        open_link(path)


@pytest.mark.parametrize("baud", [9600, 921600, 3_000_000])
def test_any_baud_rate_opens_a_pseudo_terminal(pty, baud):
    open_link(pty[0], baud).close()


@pytest.mark.parametrize("baud", [0, -9600])
def test_a_baud_rate_that_cannot_be_is_refused(pty, baud):
    with pytest.raises(ConfigError, match="baud"):
        open_link(pty[0], baud)


def test_closing_gives_the_descriptor_back(pty):
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        open_link(pty[0]).close()
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_failed_opening_leaves_no_descriptor_behind(tmp_path):
    path = tmp_path / "file"
    path.touch()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        with pytest.raises(LinkError):
            open_link(str(path))
    assert len(os.listdir("/proc/self/fd")) == before
