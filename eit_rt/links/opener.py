"""From what a user types to an open link. Imports errors and the links; each kind only when it is asked for."""

from eit_rt.errors import ConfigError
from eit_rt.links.link import Link

DEFAULT_BAUD = 921600


def open_link(url: str, baud: int = DEFAULT_BAUD, *, dtr: bool | None = None) -> Link:
    """Open a port.

    url: a serial device (`/dev/ttyUSB0`, `/dev/pts/3`, a symbolic link to one, `COM3`), `socket://host:port`, or any
    other pyserial URL (`rfc2217://`, `loop://`, `spy://`, `hwgrep://`). baud: 8N1; means nothing to TCP and
    pseudo-terminals. dtr: state of the DTR line while open; None = on for USB-CDC devices (`ttyACM*`: many send nothing
    without it), off elsewhere (on many boards it is wired to reset).
    Raises LinkError: absent, busy, refused, not a port. ConfigError: a baud rate or URL that cannot be.
    """
    url = url.strip()
    if not url:
        raise ConfigError("no port was given; `eit-rt ports` lists the serial ports")
    if baud <= 0:
        raise ConfigError(f"baud rate is {baud}; expected a positive number, for example 115200")
    scheme, separator, _ = url.partition("://")
    if not separator:
        from eit_rt.links.serial_port import open_serial

        return open_serial(url, baud, dtr)
    if scheme.lower() == "socket":
        from eit_rt.links.tcp import open_tcp

        return open_tcp(url)
    from eit_rt.links.pyserial_url import PyserialLink

    return PyserialLink(url, baud)
