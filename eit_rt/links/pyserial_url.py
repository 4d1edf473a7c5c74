"""All other pyserial URLs (`loop://`, `rfc2217://`, `spy://`, `hwgrep://` ...), which have no descriptor to wait on.

Strategy: wait for one byte, then take what is there. `in_waiting` counts right on these, unlike on `socket://`.
"""

import contextlib

import serial

from eit_rt.errors import ConfigError, LinkError, LinkLost

READ_SLICE_S = 0.05


class PyserialLink:
    """A link over `serial.serial_for_url`."""

    def __init__(self, url: str, baud: int) -> None:
        """Raises ConfigError for a URL that pyserial does not know, LinkError if it cannot be opened."""
        self.url = url
        try:
            self._port = serial.serial_for_url(url, baudrate=baud, timeout=READ_SLICE_S)
        except ValueError as error:
            raise ConfigError(
                f"{url} is not a port: {error}; expected a device path, socket://host:port or another pyserial URL"
            ) from error
        except OSError as error:
            raise LinkError(f"{url} cannot be opened: {error}") from error
        self._closed = False

    def read(self, timeout_s: float = 0.05) -> bytes:
        """What has arrived, at once if anything has; b"" after the time-out. Raises LinkLost if the peer is gone."""
        self._refuse_if_closed()
        try:
            if self._port.timeout != timeout_s:
                # Costs a reconfiguration of the port on some back ends: only when it changes.
                self._port.timeout = timeout_s
            first = self._port.read(1)
            return bytes(first + self._port.read(self._port.in_waiting)) if first else b""
        except (OSError, TypeError) as error:
            # pyserial's rfc2217 and loop raise TypeError when another thread closes them while they read.
            raise self._lost(error) from error

    def write(self, data: bytes) -> None:
        """Send all of it. Raises LinkLost if the peer is gone."""
        self._refuse_if_closed()
        try:
            self._port.write(data)
        except (OSError, TypeError) as error:
            raise self._lost(error) from error

    def discard_input(self) -> None:
        """Forget what has arrived so far."""
        self._refuse_if_closed()
        try:
            self._port.reset_input_buffer()
        except (OSError, TypeError) as error:
            raise self._lost(error) from error

    def close(self) -> None:
        """Give the port back; a second call does nothing. Never raises."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(OSError):
            self._port.close()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise LinkLost(f"{self.url} was closed; open it again")

    def _lost(self, error: Exception) -> LinkLost:
        return LinkLost(f"{self.url} went away ({error}); check the cable, then open it again")
