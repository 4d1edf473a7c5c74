"""Contact impedances that were put in come out again."""

import numpy as np
import pytest

from eit_rt.pattern import Pattern
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.selftest.contact import contact_shares
from tests.selftest.tank import IMPEDANCE, LAYOUT

MESH = disc_mesh(LAYOUT, n_elements=1500, seed=5)


def voltages(pattern: Pattern, contact: np.ndarray) -> np.ndarray:
    return 0.002 * pattern.voltages(ForwardModel(MESH, contact).transfer_impedance(0.2))


def test_one_poor_contact_stands_out():
    contact = np.full(16, 0.01)
    contact[4] = 0.2
    pattern = Pattern.by_name("adjacent-all", 16)
    shares = contact_shares(voltages(pattern, contact), pattern, IMPEDANCE)
    assert shares is not None
    assert shares.argmax() == 4
    others = np.delete(shares, 4)
    assert shares[4] > 0.15
    assert np.abs(others).max() < 0.05


def test_it_grows_with_the_contact():
    pattern = Pattern.by_name("adjacent-all", 16)
    found = []
    for z in (0.02, 0.1, 0.3):
        shares = contact_shares(voltages(pattern, np.full(16, z)), pattern, IMPEDANCE)
        found.append(np.median(shares))
    assert found == sorted(found)
    assert found[2] > 2 * found[1]


@pytest.mark.parametrize("name", ["adjacent", "opposite", "skip4-next1"])
def test_patterns_without_driven_electrodes_do_not_show_it(name):
    pattern = Pattern.by_name(name, 16)
    assert contact_shares(pattern.voltages(IMPEDANCE), pattern, IMPEDANCE) is None


def test_clipped_at_every_driven_electrode_is_not_measured():
    pattern = Pattern.by_name("adjacent-all", 16)
    values = pattern.voltages(IMPEDANCE)
    driven = (pattern.senses * pattern.currents[pattern.stimulation]).any(axis=1)
    assert contact_shares(np.where(driven, np.nan, values), pattern, IMPEDANCE) is None
    values[driven & pattern.touches(6)] = np.nan
    shares = contact_shares(values, pattern, IMPEDANCE)
    assert shares is not None
    assert np.flatnonzero(np.isnan(shares)).tolist() == [6]
