"""What an emulated Sciospec board sends, without port, thread or clock: for tests of the decoder alone."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from eit_rt.boards.found import Fault, Measured
from eit_rt.boards.sciospec_setup import START, Setup
from eit_rt.simulation import Scenario
from eit_rt.simulation.sciospec import SciospecEmulator

MESSAGE_BYTES = 140
OK = bytes.fromhex("18018318")


def told(board: SciospecEmulator, command: bytes, now_s: float = 0.01) -> bytes:
    """What the board says to a command."""
    board.feed(command, now_s)
    board.tick(now_s)
    return board.outbox.take(1 << 20)


def streamed(
    scenario: Scenario, setup: Setup, n_frames: int, **options
) -> Iterator[tuple[bytes, np.ndarray]]:
    """(bytes, potentials) of each frame; the set-up is told and acknowledged first."""
    board = SciospecEmulator(scenario, **({"dirt": 0.0} | options))
    board.boot(0.0)
    for command in [*(one.bytes for one in setup.commands()), START]:
        assert told(board, command) == OK, command.hex()
    for number in range(n_frames):
        data = b""
        while board.frames_made == number + 1:
            board.tick(board.next_due(0.0) + 1e-9)
            data += board.outbox.take(1 << 20)
        yield data, board.potentials(number)


def differences(setup: Setup, potentials: np.ndarray) -> np.ndarray:
    """(n_meas,) what a driver should make of potentials (n_excitations, n_frequencies, n_channels).

    Worked out from the pattern's table, row by row.
    """
    places: dict[tuple[int, int], int] = {}
    values = []
    for into, out, plus, minus in setup.pattern.table.tolist():
        k = places.setdefault((into, out), len(places))
        one = potentials[k, setup.settings.row].astype(np.complex128)
        values.append(one[plus] - one[minus])
    return np.array(values).astype(np.complex64)


def kinds(found: list) -> Counter[str]:
    return Counter(one.kind for one in found if isinstance(one, Fault))


def measured(found: list) -> list[Measured]:
    return [one for one in found if isinstance(one, Measured)]
