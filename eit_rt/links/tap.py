"""A tap: a link that shows every byte read to a sink, unchanged. For recording raw bytes and for finding faults."""

from collections.abc import Callable

from eit_rt.links.link import Link


class TapLink:
    """Passes everything to `link` and gives a copy of what is read to `sink`.

    sink: called with each non-empty chunk in the reading thread before `read` returns (example: `file.write`); what it
    raises is raised by `read`, so a full disk is not silent.
    """

    def __init__(self, link: Link, sink: Callable[[bytes], object]) -> None:
        self.url = link.url
        self._link = link
        self._sink = sink

    def read(self, timeout_s: float = 0.05) -> bytes:
        data = self._link.read(timeout_s)
        if data:
            self._sink(data)
        return data

    def write(self, data: bytes) -> None:
        self._link.write(data)

    def discard_input(self) -> None:
        self._link.discard_input()

    def close(self) -> None:
        self._link.close()
