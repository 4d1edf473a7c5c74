"""SimulatorProcess: `eit-rt simulate` as a child process, so that board and host do not share an interpreter.

Imports errors and the standard library. The rule it keeps: the child never outlives its parent: it ends when its
standard input closes, which the kernel does even for a parent that was killed.
"""

import select
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Literal, Self

from eit_rt.errors import BoardError

START_S = 60.0
"""A child that fails is noticed at once; a small or busy machine takes its time to load everything."""
END_S = 5.0
PORT_WORD = "port: "


class SimulatorProcess:
    """A simulated board in a process of its own. A context manager; `url` is what a host opens."""

    def __init__(
        self,
        scenario: str | Path = "rod",
        kind: Literal["pty", "tcp"] = "pty",
        *options: str,
    ) -> None:
        """scenario: a name or file. options: further words of `eit-rt simulate`, such as "--rate", "100"."""
        port = ["--pty"] if kind == "pty" else ["--tcp", "0"]
        self._command = [sys.executable, "-m", "eit_rt", "simulate", "--scenario", str(scenario)]
        self._command += [*port, "--with-parent", *options]
        self._child: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> Self:
        """Start it and wait until the port is there. Raises BoardError with what the child said if it does not come."""
        if self._child is None:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            self.url = self._read_port(self._child)
        return self

    def stop(self) -> str:
        """End it; what it said last (its status line). A second call does nothing."""
        child, self._child = self._child, None
        if child is None:
            return ""
        child.terminate()
        try:
            _, said = child.communicate(timeout=END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            _, said = child.communicate()
        return said

    @property
    def is_alive(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _read_port(self, child: "subprocess.Popen[str]") -> str:
        assert child.stdout is not None
        line = _line(child.stdout, time.monotonic() + START_S)
        if line.startswith(PORT_WORD):
            return line.removeprefix(PORT_WORD).strip()
        said = self.stop().strip()
        raise BoardError(
            f"the simulated board did not start within {START_S:g} s: {said or 'it said nothing'}"
        )


def _line(stream: IO[str], deadline: float) -> str:
    """The first line, or what there is of it at the deadline or the end of the stream."""
    ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
    return stream.readline() if ready else ""
