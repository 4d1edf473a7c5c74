"""Bytes of Sciospec boards and what should be made of them: for tests of the decoder alone."""

from collections import Counter

import numpy as np

from eit_rt.boards.found import Fault, Measured
from eit_rt.boards.sciospec_setup import Setup

MESSAGE_BYTES = 140
OK = bytes.fromhex("18018318")


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
