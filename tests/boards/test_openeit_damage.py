"""Single damaged bytes among the values of OpenEIT lines: what their form shows, what is doubted, what goes unseen."""

import pytest

from eit_rt.simulation.byte_faults import Tally, tally
from eit_rt.simulation.damage import ONE_BYTE
from eit_rt.simulation.faulty_boards import OpenEitLines

N_FAULTS = 500
"""Of each damage."""


@pytest.mark.slow
def test_nearly_all_damage_is_seen():
    lines, found = OpenEitLines(), Tally()
    for number, damage in enumerate(ONE_BYTE):
        one = tally(lines, damage, N_FAULTS, seed=number)
        if damage in ("a byte lost", "a byte put in"):
            assert one.share("seen by form") == 1
        found += one
    assert found.share("seen by form") > 0.97
    assert found.share("not seen") < 0.015
    assert max(found.unseen) * lines.noise <= 20  # ohm of 80: what the rod itself does
    assert (found.n_false, found.n_spoiled) == (0, 0)
