"""Packets: binary packets of one size behind a mark, found in bytes cut anywhere. Imports found only.

The rule it keeps: after damage the search goes on one byte later, so a whole packet behind half a one is not lost; a
stretch of bytes that are no packet is one fault, however long it is.
"""

from collections.abc import Callable

from eit_rt.boards.found import Fault

NO_PACKET = "not a packet"
WRONG_CHECKSUM = "wrong checksum"


class Packets:
    """Holds less than two packets."""

    def __init__(
        self,
        mark: bytes,
        size: int,
        is_sound: Callable[[bytes], bool],
        *,
        joins_midway: bool = False,
    ) -> None:
        """mark: how a packet begins. size: bytes of a whole packet, mark included. is_sound: its checksum is right.

        joins_midway: the board talked before we listened, so that the first bytes may be the rest of a packet.
        """
        self._mark, self._size, self._is_sound = mark, size, is_sound
        self._bytes = bytearray()
        self._is_told = joins_midway
        """The stretch that we are in has been told as a fault, or needs not be."""

    def feed(self, data: bytes) -> list[bytes | Fault]:
        """The packets that these bytes complete, and the faults between them, in order."""
        self._bytes += data
        found: list[bytes | Fault] = []
        while (place := self._bytes.find(self._mark)) >= 0:
            self._skip(place, NO_PACKET, found)
            if len(self._bytes) < self._size:
                return found
            packet = bytes(self._bytes[: self._size])
            if self._is_sound(packet):
                del self._bytes[: self._size]
                self._is_told = False
                found.append(packet)
            else:
                self._skip(1, WRONG_CHECKSUM, found)
        # The end may be the beginning of a mark.
        kept = next(
            (n for n in range(len(self._mark) - 1, 0, -1) if self._bytes.endswith(self._mark[:n])),
            0,
        )
        self._skip(len(self._bytes) - kept, NO_PACKET, found)
        return found

    def _skip(self, count: int, kind: str, found: list[bytes | Fault]) -> None:
        if not count:
            return
        del self._bytes[:count]
        if not self._is_told:
            found.append(Fault(kind))
        self._is_told = True
