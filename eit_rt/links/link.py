"""The contract of a link: where bytes come from and go to. `tests/links/contract.py` checks it."""

from typing import Protocol


class Link(Protocol):
    """A two-way byte stream that is open from its making until `close`."""

    url: str
    """What the user would type to open it again."""

    def read(self, timeout_s: float = 0.05) -> bytes:
        """What has arrived, at once if anything has; b"" after the time-out. Raises LinkLost if the peer is gone."""

    def write(self, data: bytes) -> None:
        """Send all of it. Raises LinkLost if the peer is gone."""

    def discard_input(self) -> None:
        """Forget what has arrived so far."""

    def close(self) -> None:
        """Give the port back; a second call does nothing. Never raises."""
