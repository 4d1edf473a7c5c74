"""`socket://host:port`: a board behind a network, an emulator or a serial-to-TCP bridge. Imports errors and descriptor.

A socket of our own instead of pyserial's `socket://`: that one leaves Nagle's algorithm on (40 ms on small answers),
throws away what the board says first (a READY message), and sleeps 0.3 s on close.
"""

import os
import socket
from urllib.parse import urlsplit

from eit_rt.errors import ConfigError, LinkError
from eit_rt.links.descriptor import DescriptorLink

CONNECT_TIMEOUT_S = 5.0
SILENCE_TIMEOUT_MS = 10_000
"""A peer that acknowledges nothing for so long (cable out, host down) is gone."""


def open_tcp(url: str) -> DescriptorLink:
    """Connect. Raises ConfigError for a malformed URL, LinkError if nobody answers."""
    host, port = parse(url)
    try:
        connection = socket.create_connection((host, port), CONNECT_TIMEOUT_S)
    except OSError as error:
        raise LinkError(
            f"nothing answers at {url} ({_plain(error)}); is the board or bridge running, and the port number right?"
        ) from error
    return link_over(connection, url)


def link_over(connection: socket.socket, url: str) -> DescriptorLink:
    """Link over a connected socket (also one that a server accepted). Takes the socket over."""
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", 3),
        ("TCP_KEEPINTVL", 2),
        ("TCP_KEEPCNT", 3),
        ("TCP_USER_TIMEOUT", SILENCE_TIMEOUT_MS),
    ):
        if hasattr(socket, option):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return DescriptorLink(url, connection.fileno(), connection.close)


def parse(url: str) -> tuple[str, int]:
    """Host and port of `socket://host:port`. Raises ConfigError."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"{url} is not an address: {error}; expected {_FORM}") from error
    if not host or not port or parts.path.strip("/") or parts.query:
        raise ConfigError(f"{url} is not an address; expected {_FORM}")
    return host, port


_FORM = "socket://host:port, for example socket://192.168.1.20:5000"


def _plain(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer in {CONNECT_TIMEOUT_S:g} s"
    if isinstance(error, socket.gaierror):
        return "no such host"
    return os.strerror(error.errno) if error.errno else str(error)
