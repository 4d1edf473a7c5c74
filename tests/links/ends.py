"""Far ends made of operating system calls: a pseudo-terminal's master, a TCP server's connection."""

import contextlib
import os
import select
import socket
import time
import tty

from eit_rt.links import Link, MemoryLink
from tests.links.contract import PATIENCE_S, FarEnd


def pty_far_end() -> tuple[str, FarEnd, int]:
    """Path of a raw pseudo-terminal, its far end, and the descriptor of its own side (for the caller to close)."""
    master, slave = os.openpty()
    tty.setraw(slave)
    return os.ttyname(slave), descriptor_end(master), slave


def descriptor_end(fd: int) -> FarEnd:
    is_open = [True]

    def hang_up() -> None:
        if is_open.pop() if is_open else False:
            os.close(fd)

    def send(data: bytes) -> None:
        while data:
            data = data[os.write(fd, data) :]

    def receive(count: int) -> bytes:
        got, quiet_until = b"", time.monotonic() + PATIENCE_S
        while len(got) < count and time.monotonic() < quiet_until:
            if select.select([fd], [], [], 0.05)[0]:
                got += os.read(fd, count - len(got))
                quiet_until = time.monotonic() + PATIENCE_S
        return got

    return FarEnd(send, receive, hang_up)


def tcp_server() -> tuple[socket.socket, str]:
    """A listening socket and the URL that leads to it."""
    server = socket.create_server(("127.0.0.1", 0))
    return server, f"socket://127.0.0.1:{server.getsockname()[1]}"


def accepted(server: socket.socket) -> FarEnd:
    connection, _ = server.accept()
    return descriptor_end(connection.detach())


def memory_pair(capacity: int = 1 << 20) -> tuple[Link, FarEnd]:
    near, far = MemoryLink.pair(capacity)

    def receive(count: int) -> bytes:
        got, end = b"", time.monotonic() + PATIENCE_S
        with contextlib.suppress(Exception):
            while len(got) < count and time.monotonic() < end:
                got += far.read(0.05)
        return got

    return near, FarEnd(far.write, receive, far.close)
