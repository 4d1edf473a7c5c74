"""Ports: the far end of a line, as a board has it: a pseudo-terminal or a listening TCP socket, never blocking.

Imports errors. The rule they keep: `read` and `write` return at once and never raise for a host that comes and goes;
without a host, bytes go nowhere. Any serial program can open a pseudo-terminal port.
"""

import errno
import os
import socket
import stat
import tty
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from eit_rt.errors import ConfigError, LinkError

CHUNK = 65536
COARSE_CLOCK_S = 2.0
"""Times of files are no finer than that everywhere."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SEND_BUFFER_BYTES = 32768
"""Kernel memory of a TCP connection on our side: a serial chip has little, and what waits there grows stale."""


class DevicePort(Protocol):
    """What a server needs of a port."""

    url: str
    """What a host opens."""

    def open(self) -> None:
        """Make it appear. Raises LinkError if it cannot."""

    def close(self) -> None:
        """Make it disappear, cutting off the host; a second call does nothing."""

    def handles(self) -> list[int]:
        """Descriptors that become readable when a host comes or sends."""

    def outlet(self) -> int | None:
        """Descriptor that becomes writable when the host takes bytes; None without a host."""

    def read(self) -> bytes:
        """What the host sent; b"" if nothing."""

    def write(self, data: bytes) -> int:
        """How many of the bytes the host's side took."""


class PtyPort:
    """A pseudo-terminal in raw mode. We keep its host side open too, so that it outlives the hosts that use it."""

    def __init__(self, link: Path | None = None) -> None:
        """link: symbolic link to keep pointing at the terminal; a stable name over disconnections."""
        self._link = link
        self._own, self._host_side = -1, -1
        self._terminal = ""
        self.url = ""

    def open(self) -> None:
        if self._link is not None:
            refuse_served(
                self._link
            )  # before: the new terminal may get the name of one that is gone
        self._own, self._host_side = os.openpty()
        # Raw: otherwise the terminal echoes, waits for line ends and eats control characters (0x03, 0x11, 0x13).
        tty.setraw(self._host_side)
        os.set_blocking(self._own, False)
        self._terminal = self.url = os.ttyname(self._host_side)
        if self._link is not None:
            try:
                point(self._link, self._terminal)
            except LinkError:
                self.close()
                raise
            self.url = str(self._link)

    def close(self) -> None:
        if self._own < 0:
            return
        os.close(self._host_side)
        os.close(self._own)
        self._own, self._host_side = -1, -1
        if self._link is not None:
            self._remove(self._link)

    def _remove(self, link: Path) -> None:
        """Unless another board has taken the name over meanwhile."""
        with suppress(OSError):
            if os.readlink(link) == self._terminal:
                link.unlink()

    def handles(self) -> list[int]:
        return [self._own] if self._own >= 0 else []

    def outlet(self) -> int | None:
        return self._own if self._own >= 0 else None

    def read(self) -> bytes:
        try:
            return os.read(self._own, CHUNK)
        except OSError:
            return b""

    def write(self, data: bytes) -> int:
        try:
            return os.write(self._own, data)
        except OSError:
            return 0


class TcpPort:
    """A listening socket that serves one host at a time; the next one waits its turn."""

    def __init__(
        self, host: str = "127.0.0.1", port: int = 0, *, allow_remote: bool = False
    ) -> None:
        """port 0: any free one, kept from then on. Raises ConfigError for a host that is not this machine."""
        if host not in LOOPBACK and not allow_remote:
            raise ConfigError(
                f"the simulated board serves this machine only, not {host}: it has no password; "
                "use 127.0.0.1, or allow other machines with --allow-remote"
            )
        self._host, self._port = host, port
        self._listener: socket.socket | None = None
        self._host_side: socket.socket | None = None
        self.url = ""

    def open(self) -> None:
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            listener.listen(1)
        except OSError as error:
            listener.close()
            raise LinkError(
                f"cannot listen on {self._host}:{self._port}: {error.strerror or error}; choose another port, 0 for any"
            ) from error
        listener.setblocking(False)
        self._listener = listener
        self._port = listener.getsockname()[1]
        shown = f"[{self._host}]" if family == socket.AF_INET6 else self._host
        self.url = f"socket://{shown}:{self._port}"

    def close(self) -> None:
        # The listener first: a host that is cut off tries again at once and must find the door shut.
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self._hang_up()

    def handles(self) -> list[int]:
        waiting = self._host_side or self._listener
        return [waiting.fileno()] if waiting is not None else []

    def outlet(self) -> int | None:
        return self._host_side.fileno() if self._host_side is not None else None

    def read(self) -> bytes:
        if self._host_side is None:
            self._accept()
        if self._host_side is None:
            return b""
        try:
            data = self._host_side.recv(CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        if not data:
            self._hang_up()
        return data

    def write(self, data: bytes) -> int:
        if self._host_side is None:
            return 0
        try:
            return self._host_side.send(data)
        except BlockingIOError:
            return 0
        except OSError:
            self._hang_up()
            return 0

    def _accept(self) -> None:
        if self._listener is None:
            return
        with suppress(OSError):
            self._host_side, _ = self._listener.accept()
            self._host_side.setblocking(False)
            self._host_side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._host_side.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def _hang_up(self) -> None:
        if self._host_side is not None:
            self._host_side.close()
            self._host_side = None


def point(link: Path, target: str) -> None:
    """Make the symbolic link point at target; replaces an older link, never a file. Raises LinkError."""
    if link.exists() and not link.is_symlink():
        raise LinkError(f"{link} exists and is not a symbolic link; choose another name for --link")
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    try:
        fresh.symlink_to(target)
        fresh.replace(link)
    except OSError as error:
        reason = os.strerror(error.errno or errno.EIO)
        raise LinkError(
            f"cannot make the link {link}: {reason}; choose another place for --link"
        ) from error


def refuse_served(link: Path) -> None:
    """Raises LinkError if the link leads to a terminal that was there when it was made.

    A terminal is gone with its board; one of the same name that was made later belongs to someone else.
    """
    try:
        terminal, made = link.stat(), link.lstat()
    except OSError:
        return
    is_older = terminal.st_ctime <= made.st_mtime + COARSE_CLOCK_S
    if link.is_symlink() and stat.S_ISCHR(terminal.st_mode) and is_older:
        raise LinkError(
            f"{link} leads to {os.readlink(link)}, which another simulated board serves; end that one, or choose "
            "another name for --link"
        )
