"""Server: a thread that carries bytes between a simulated board and its port, with the faults of the line between.

Imports boards, ports, damage, mishaps. The rule it keeps: it never blocks the board: what the line does not take waits
in the board's outbox, and the board decides what to drop. One thread; it holds at most WIRE_BYTES itself.
"""

import os
import select
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Self

from eit_rt.errors import EitError, known
from eit_rt.simulation.boards import make_board
from eit_rt.simulation.damage import Damage
from eit_rt.simulation.mishaps import Mishaps
from eit_rt.simulation.ports import DevicePort, PtyPort, TcpPort
from eit_rt.simulation.scenario import Scenario
from eit_rt.simulation.served_board import ServedBoard

WIRE_BYTES = 4096
"""What is on its way between the board's memory and the kernel."""
LONGEST_WAIT_S = 0.5
JOIN_S = 30.0
"""A busy machine may take its time for one step of the tank."""


class Server:
    """A simulated board on a port. A context manager; `url` is what a host opens."""

    def __init__(
        self,
        board: ServedBoard,
        port: DevicePort,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.board = board
        self._port = port
        self._clock = clock
        faults, seed = board.scenario.faults, board.scenario.seed
        to_host, to_board = faults.direction != "to_board", faults.direction != "to_host"
        self._damage_out = Damage(faults, seed) if to_host else None
        self._damage_in = Damage(faults, seed, reverse=True) if to_board else None
        self._mishaps = Mishaps(faults)
        self._wire = b""
        self._is_connected = False
        self._ending = threading.Event()
        self._wake: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    @property
    def url(self) -> str:
        """What a host opens: /dev/pts/N, a link to it, or socket://host:port."""
        return self._port.url

    def start(self) -> Self:
        """Open the port and serve it from a thread. Raises LinkError if the port cannot be had."""
        if self._thread is None:
            self._port.open()
            self._is_connected = True
            self._wake = os.pipe()
            self._thread = threading.Thread(target=self._run, name="simulated-board", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """End the thread and close the port; a second call does nothing.

        Raises the error that ended the thread, EitError if it does not end: then its port stays open.
        """
        if self._thread is None or self._wake is None:
            return
        self._ending.set()
        os.write(self._wake[1], b"\0")
        self._thread.join(JOIN_S)
        if self._thread.is_alive():
            # It still reads and writes: what would be closed under its hands may be somebody else's by then.
            raise EitError(f"the simulated board did not end within {JOIN_S:g} s; end the program")
        for end in self._wake:
            os.close(end)
        self._thread = self._wake = None
        self._port.close()
        if self._error is not None:
            raise self._error

    @property
    def is_alive(self) -> bool:
        """False before `start`, after `stop`, and if an error ended it."""
        return self._thread is not None and self._thread.is_alive()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- the thread --------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._serve()
        except (EitError, OSError) as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - a thread's top: `stop` tells it
            traceback.print_exception(error)
            self._error = known(error)

    def _serve(self) -> None:
        began = self._clock()
        before_s = 0.0
        self.board.boot(0.0)
        while not self._ending.is_set():
            now_s = self._clock() - began
            self._suffer(before_s, now_s)
            is_stalled = self._mishaps.is_stalled(now_s)
            if not is_stalled:
                self._take_in(now_s)
            self.board.tick(now_s)
            if not is_stalled:
                self._give_out()
            self._wait(self._clock() - began, is_stalled)
            before_s = now_s

    def _suffer(self, before_s: float, now_s: float) -> None:
        if self._mishaps.reboots(before_s, now_s):
            self._wire = b""
            self.board.crash(now_s)
        should_connect = not self._mishaps.is_disconnected(now_s)
        if should_connect and not self._is_connected:
            self._port.open()
        elif self._is_connected and not should_connect:
            self._port.close()
        self._is_connected = should_connect

    def _take_in(self, now_s: float) -> None:
        if not (self._is_connected and self.board.wants_input):
            return
        data = self._port.read()
        if data:
            self.board.feed(self._damage_in.apply(data) if self._damage_in else data, now_s)

    def _give_out(self) -> None:
        while True:
            if not self._wire:
                sent = self.board.outbox.take(WIRE_BYTES)
                self._wire = self._damage_out.apply(sent) if self._damage_out else sent
                if not sent:
                    return
            if self._port.outlet() is None:
                # Nobody is connected: like a real line, it takes the bytes and they are gone.
                self._wire = b""
                continue
            taken = self._port.write(self._wire)
            self._wire = self._wire[taken:]
            if self._wire:
                return

    def _wait(self, now_s: float, is_stalled: bool) -> None:
        until_s = min(self.board.next_due(now_s), self._mishaps.next_change(now_s))
        timeout_s = min(max(until_s - now_s, 0.0), LONGEST_WAIT_S)
        readers = [self._wake[0]] if self._wake else []
        outlet = self._port.outlet()
        writers = [outlet] if outlet is not None and self._wire and not is_stalled else []
        if self._is_connected and self.board.wants_input and not is_stalled:
            readers += self._port.handles()
        select.select(readers, writers, [], timeout_s)


class PtyServer(Server):
    """A simulated board on a pseudo-terminal, which any serial program can open."""

    def __init__(self, board: ServedBoard, link: str | Path | None = None) -> None:
        """link: symbolic link that keeps naming the terminal over disconnections."""
        super().__init__(board, PtyPort(None if link is None else Path(link)))


class TcpServer(Server):
    """A simulated board on a TCP port of this machine, one host at a time."""

    def __init__(
        self,
        board: ServedBoard,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        allow_remote: bool = False,
    ) -> None:
        """port 0: any free one. Raises ConfigError for an address that others could reach, unless allowed."""
        super().__init__(board, TcpPort(host, port, allow_remote=allow_remote))


def simulated_board(
    scenario: str | Path | Scenario,
    kind: Literal["pty", "tcp"] = "pty",
    seed: int | None = None,
    board: str = "eitp",
    **options: int,
) -> Server:
    """A board for tests and demonstrations, served while the `with` block lasts; `.url` is what to open.

    scenario: a name, a file, or a Scenario. board: a name of `boards.BOARDS`. options: of that board, such as
    max_payload and tx_bytes of "eitp". Raises as `Scenario.load` and `make_board`.
    """
    wanted = scenario if isinstance(scenario, Scenario) else Scenario.load(scenario)
    served = make_board(board, wanted, seed=seed, **options)
    return PtyServer(served) if kind == "pty" else TcpServer(served)
