"""Serial devices and pseudo-terminals, set up by pyserial and read by DescriptorLink.

pyserial does what is hard (raw mode, any baud rate, exclusive lock); its `read` and `in_waiting` are not used: the
first waits for the whole time-out, the second raises a bare OSError when the device goes.
"""

import contextlib
import errno
import os
import termios
from pathlib import Path

import serial

from eit_rt.errors import ConfigError, LinkError
from eit_rt.links.descriptor import DescriptorLink
from eit_rt.links.ports import list_ports


def open_serial(path: str, baud: int, dtr: bool | None = None) -> DescriptorLink:
    """Open a serial device for us alone, 8N1. Raises LinkError, or ConfigError for an impossible baud rate."""
    port = serial.Serial()
    port.port = path
    port.timeout = 0
    port.exclusive = True
    # Set before opening: on many boards a change of DTR is a reset.
    port.dtr = Path(path).resolve().name.startswith("ttyACM") if dtr is None else dtr
    try:
        port.baudrate = baud
        port.open()
    except ValueError as error:
        raise ConfigError(f"{path} cannot run at {baud} baud: {error}") from error
    except OSError as error:  # SerialException is one
        raise _refusal(path, error) from error
    _lower_latency(port)
    return DescriptorLink(path, port.fileno(), lambda: _close(port))


def _lower_latency(port: serial.Serial) -> None:
    """FTDI chips hold bytes back for 16 ms unless told otherwise. A wish: pseudo-terminals and some drivers refuse."""
    with contextlib.suppress(ValueError, OSError, AttributeError, NotImplementedError):
        port.set_low_latency_mode(True)


def _close(port: serial.Serial) -> None:
    with contextlib.suppress(
        OSError
    ):  # the device may be gone; the descriptor is closed all the same
        port.close()


def _refusal(path: str, error: OSError) -> LinkError:
    number = _number(error)
    if number == errno.ENOENT:
        return LinkError(f"no port {path}; {_ports_there_are()}")
    if number in (errno.EBUSY, errno.EAGAIN):
        return LinkError(f"{path} is in use by another program; close that program and try again")
    if number in (errno.EACCES, errno.EPERM):
        return LinkError(_no_permission(path))
    if number in (errno.ENXIO, errno.ENODEV, errno.EIO):
        return LinkError(f"{path} has no device behind it ({_plain(error)}); {_ports_there_are()}")
    if number == errno.ENOTTY:
        return LinkError(f"{path} is not a serial port; {_ports_there_are()}")
    return LinkError(
        f"{path} is not a serial port or cannot be set up ({_plain(error)}); {_ports_there_are()}"
    )


def _number(error: OSError) -> int | None:
    """The errno; pyserial keeps that of terminal settings only in the error behind its own."""
    behind = error.__context__
    if error.errno is None and isinstance(behind, termios.error):
        return int(behind.args[0])
    return error.errno


def _plain(error: OSError) -> str:
    number = _number(error)
    return os.strerror(number).lower() if number else str(error)


def _no_permission(path: str) -> str:
    if Path(path).is_dir():
        return f"{path} is a folder, not a serial port; {_ports_there_are()}"
    return (
        f"no permission to open {path}; add yourself to the group dialout "
        "(`sudo usermod -aG dialout $USER`), log out and in again"
    )


def _ports_there_are() -> str:
    names = [port.device for port in list_ports()]
    return f"serial ports here: {', '.join(names)}" if names else "no serial ports are here"
