"""Is there a screen, and can Qt use it? Asked before Qt is touched: where it cannot, Qt ends the whole process.

Imports errors only; no Qt. The rule it keeps: one clear line says why there is no window and what to do.
"""

import ctypes
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from eit_rt.errors import ConfigError

Requested = Literal["auto", "window", "headless"]

QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
}
"""What any Qt window needs: shared library and its Debian package. Found by ldd, proven in a bare Debian 12."""
XCB_LIBRARIES = {
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
WAYLAND_LIBRARIES = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
X_ATTEMPTS, X_PAUSE_S = 4, 0.05
_connections: dict[str, int] = {}
"""Open connections to X servers by display, kept until the process ends."""
INVISIBLE_PLATFORMS = ("offscreen", "minimal", "minimalegl")
"""Qt platforms that paint where nobody can look."""


@dataclass(frozen=True, slots=True)
class Mode:
    """Whether a window is opened."""

    kind: Literal["window", "headless"]
    reason: str = ""
    """One line for the user: why there is no window. "" when it was asked for."""

    @property
    def is_window(self) -> bool:
        return self.kind == "window"


@dataclass(frozen=True, slots=True)
class Screen:
    """The way to a screen, or why there is none."""

    qt_platform: str
    """Value for QT_QPA_PLATFORM; "" = Qt's own choice is right."""
    trouble: str = ""
    """Why no window can be opened; "" if one can."""


def can_load(library: str) -> bool:
    """Whether the dynamic loader finds this library with all that it needs."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def choose_mode(
    requested: Requested,
    environ: Mapping[str, str] = os.environ,
    *,
    platform: str = sys.platform,
    loads: Callable[[str], bool] = can_load,
) -> Mode:
    """Window or headless. "auto" opens a window where one can be seen, and else says why not.

    Raises ConfigError if a window was asked for and cannot be opened (without this, Qt would abort the process).
    """
    if requested == "headless":
        return Mode("headless")
    qt_platform = environ.get("QT_QPA_PLATFORM", "").split(":")[0]
    if requested == "auto" and qt_platform in INVISIBLE_PLATFORMS:
        return Mode(
            "headless", f"no window: QT_QPA_PLATFORM={qt_platform} paints where nobody can see it"
        )
    screen = find_screen(environ, platform=platform, loads=loads)
    if not screen.trouble:
        return Mode("window")
    if requested == "window":
        raise ConfigError(f"cannot open a window: {screen.trouble}, or run with --headless")
    return Mode("headless", f"no window: {screen.trouble}; running headless")


def find_screen(
    environ: Mapping[str, str] = os.environ,
    *,
    platform: str = sys.platform,
    loads: Callable[[str], bool] = can_load,
) -> Screen:
    """The Qt platform that will work here. macOS and Windows have one screen and no variable that names it."""
    if not platform.startswith(("linux", "freebsd", "openbsd", "netbsd")):
        return Screen("")
    if missing := _missing(QT_LIBRARIES, loads):
        return Screen("", _install(missing))
    if chosen := environ.get("QT_QPA_PLATFORM"):
        needs_xcb = chosen.split(":")[0] == "xcb"
        return _x11(environ, loads) if needs_xcb else Screen(chosen)
    return _first_that_works(environ, loads)


def _first_that_works(environ: Mapping[str, str], loads: Callable[[str], bool]) -> Screen:
    tried = []
    if environ.get("WAYLAND_DISPLAY"):
        tried.append(_wayland(environ, loads))
    if environ.get("DISPLAY"):
        tried.append(_x11(environ, loads))
    if not tried:
        return Screen(
            "", "there is no screen (neither DISPLAY nor WAYLAND_DISPLAY is set); log in with one"
        )
    return next((screen for screen in tried if not screen.trouble), tried[-1])


def _x11(environ: Mapping[str, str], loads: Callable[[str], bool]) -> Screen:
    if missing := _missing(XCB_LIBRARIES, loads):
        return Screen("", _install(missing))
    display = environ.get("DISPLAY", "")
    if not display or not _x_server_answers(display):
        return Screen("", f"the X server DISPLAY={display!r} does not answer; start it or unset it")
    return Screen("xcb")


def _x_server_answers(display: str) -> bool:
    """Connect as Qt will, authority file included.

    The connection is kept: a server whose last client leaves resets itself (Xvfb does), and Qt's own attempt a moment
    later would fall into that. For the same reason a refusal is asked again.
    """
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    held = _connections.get(display)
    if held is not None and xcb.xcb_connection_has_error(held) == 0:
        return True
    for _attempt in range(X_ATTEMPTS):
        connection = xcb.xcb_connect(display.encode(), None)
        if xcb.xcb_connection_has_error(connection) == 0:
            _connections[display] = connection
            return True
        xcb.xcb_disconnect(connection)
        time.sleep(X_PAUSE_S)
    return False


def _wayland(environ: Mapping[str, str], loads: Callable[[str], bool]) -> Screen:
    if missing := _missing(WAYLAND_LIBRARIES, loads):
        return Screen("", _install(missing))
    path = os.path.join(environ.get("XDG_RUNTIME_DIR", ""), environ["WAYLAND_DISPLAY"])
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)
    except OSError:
        return Screen("", f"the Wayland compositor at {path!r} does not answer")
    return Screen("wayland")


def _missing(libraries: Mapping[str, str], loads: Callable[[str], bool]) -> list[str]:
    return [package for library, package in libraries.items() if not loads(library)]


def _install(packages: list[str]) -> str:
    return (
        "system libraries that Qt needs are missing; "
        f"run `sudo apt-get install -y {' '.join(packages)}` (names of Debian and Ubuntu)"
    )
