"""Single damaged bytes in messages of Sciospec boards: what is seen, what is doubted, and that sound frames are not."""

import struct

import numpy as np
import pytest

from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.boards.sciospec_frames import SciospecDecoder
from eit_rt.boards.sciospec_setup import Settings, Setup
from eit_rt.simulation import Scenario
from eit_rt.simulation.byte_faults import LARGE, tally
from eit_rt.simulation.damage import ONE_BYTE
from eit_rt.simulation.faulty_boards import SciospecMessages, rod, streamed
from tests.boards.sciospec_bytes import MESSAGE_BYTES, differences, measured

SCENARIO = rod()
N_FAULTS = 2000


@pytest.fixture(scope="module")
def messages():
    return SciospecMessages()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONE_BYTE)
def test_damaged_bytes_that_matter_are_seen(messages, kind):
    """Low bits of a number change it by less than the noise: nobody can see that, and it does no harm."""
    found = tally(messages, kind, N_FAULTS, seed=7)
    seen = found.share("seen by form") + found.share("doubted")
    assert seen >= 0.95 * (seen + found.unseen_above(LARGE))
    assert max(found.unseen, default=0.0) < (40 if kind in ("another byte", "a bit flipped") else 1)
    assert found.n_spoiled == 0
    assert found.n_false < 1e-4 * 208 * messages.every * N_FAULTS


def test_the_frames_that_are_damaged_are_those_of_the_tank(messages):
    """Worked out from the potentials and the pattern's table, not by the driver."""
    setup = Setup.of(Settings(), None, 20)
    for number, (_, potentials) in enumerate(streamed(SCENARIO, setup, 30)):
        np.testing.assert_array_equal(messages.true(number), differences(setup, potentials))


def test_what_damage_changes_is_known(messages):
    sound = messages.data(70)
    rest, value = MESSAGE_BYTES * 3 + 11, struct.Struct(">f")
    changes = {}
    for channel in range(16):
        at = rest + 8 * channel
        damaged = sound[:at] + bytes([sound[at] ^ 0x01]) + sound[at + 1 :]
        (before,), (after,) = (value.unpack_from(data, at) for data in (sound, damaged))
        changes[channel] = messages.change(sound, damaged), abs(after - before)
    # Pair 4, 5 injects: adjacent differences use no potential of these two.
    unused = {k for k, (change, _) in changes.items() if change == 0}
    assert unused == {3, 4}
    assert all(changes[k][0] == changes[k][1] for k in set(changes) - unused)
    no_number = sound[:rest] + bytes([0x7F, 0xC0 ^ sound[rest + 1]]) + sound[rest + 2 :]
    assert messages.change(sound, sound[: rest + 3] + sound[rest + 4 :]) is None
    assert messages.change(sound, no_number) > 1e30 or messages.change(sound, no_number) == np.inf


def alarms(scenario: Scenario, rate_hz: float, n_frames: int) -> float:
    """Share of the values of a sound board that are doubted, those that touch a loose electrode left out."""
    setup = Setup.of(Settings(), None, rate_hz)
    decoder, judge = SciospecDecoder(setup), PartnerPlausibility(setup.pattern)
    n = 0
    for number, (data, _) in enumerate(streamed(scenario, setup, n_frames)):
        for one in measured([*decoder.feed(data), *decoder.feed(b"")]):
            doubted = judge.doubtful(one.values) | np.isnan(one.values)
            for electrode in scenario.loose_at(number / rate_hz):
                doubted &= ~setup.pattern.touches(electrode)
            n += int(doubted.sum())
    return n / (n_frames * setup.pattern.n_meas)


@pytest.mark.slow
@pytest.mark.parametrize("rate_hz", [7.0, 70.0])
@pytest.mark.parametrize("snr_db", [60.0, 80.0])
@pytest.mark.parametrize("name", ["rod", "lungs", "loose-electrode", "two-objects", "empty"])
def test_what_moves_in_the_tank_raises_hardly_any_alarm(name, snr_db, rate_hz):
    """An electrode that came off catches random voltages, which leap indeed: they are not looked at."""
    scenario = Scenario.load(name).changed(noise={"snr_db": snr_db})
    assert alarms(scenario, rate_hz, 300) < 1.5e-4


@pytest.mark.slow
def test_stillness_then_motion_raises_hardly_any_alarm():
    objects = SCENARIO.model_dump()["objects"]
    objects[0]["presence"] = {"from_s": 5.0}
    assert alarms(SCENARIO.changed(objects=objects), 20.0, 300) < 1e-4
