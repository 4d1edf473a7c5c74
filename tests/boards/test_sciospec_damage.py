"""Single damaged bytes in messages of Sciospec boards: what is seen, what is doubted, and that sound frames are not."""

import struct
from collections import Counter

import numpy as np
import pytest

from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.boards.sciospec_frames import SciospecDecoder
from eit_rt.boards.sciospec_setup import Settings, Setup
from eit_rt.simulation import Scenario
from eit_rt.simulation.damage import ONE_BYTE, one_byte
from tests.boards.sciospec_bytes import MESSAGE_BYTES, differences, kinds, measured, streamed

SETUP = Setup.of(Settings(), None, 20)
SCENARIO = Scenario.load("rod").changed(noise={"snr_db": 60.0})
SETTLED, PERIOD, EVERY = 60, 200, 4
N_FAULTS = 2000


class Faulty:
    """Frames of a moving rod at 60 dB, one byte of a value in every fourth frame damaged."""

    def __init__(self) -> None:
        sent = list(streamed(SCENARIO, SETUP, 20 + PERIOD))
        self._sent = [data for data, _ in sent]
        self._truth = [differences(SETUP, potentials) for _, potentials in sent]
        still = np.array(self._truth[:19])  # the tank is empty for a second
        spread = np.abs(still - still.mean(axis=0)) ** 2
        self.noise_v = float(np.sqrt(spread.sum(axis=0).mean() / 18 / 2))

    def _place(self, number: int) -> int:
        """The rod goes round in 200 frames, and round again."""
        return number if number < 20 else 20 + (number - 20) % PERIOD

    def data(self, number: int) -> bytes:
        data = bytearray(self._sent[self._place(number)])
        for k in range(16):
            stamp = 5000 + int(50 * (number + k / 16))
            data[MESSAGE_BYTES * k + 7 : MESSAGE_BYTES * k + 11] = struct.pack(">I", stamp)
        return bytes(data)

    def truth(self, number: int) -> np.ndarray:
        return self._truth[self._place(number)]

    def run(self, kind: str, seed: int) -> tuple[Counter[str], list[float]]:
        """(how faults ended, effect of those that nobody noticed over the noise)."""
        rng = np.random.default_rng(seed)
        decoder, judge = SciospecDecoder(SETUP), PartnerPlausibility(SETUP.pattern)
        ends: Counter[str] = Counter()
        effects: list[float] = []
        for number in range(SETTLED + EVERY * N_FAULTS):
            is_damaged = number >= SETTLED and number % EVERY == 0
            data = self.data(number)
            if is_damaged:
                at = MESSAGE_BYTES * int(rng.integers(16)) + 11 + int(rng.integers(128))
                data = one_byte(data, at, kind, rng)
            found = [*decoder.feed(data), *decoder.feed(b"")]
            for one in measured(found):
                values = one.values.copy()
                values[judge.doubtful(one.values)] = np.nan
                off = np.abs(values - self.truth(one.sequence))
                known = np.isfinite(off)
                worst = float(off[known].max()) / self.noise_v
                if not is_damaged:
                    assert (off[known] == 0).all()
                    ends["doubted without reason"] += int(np.count_nonzero(~known))
                elif worst > 0:
                    ends["unseen"] += 1
                    effects.append(worst)
                else:
                    ends["harmless" if known.all() else f"seen: {sorted(kinds(found))}"] += 1
            if is_damaged and not measured(found):
                ends["seen: frame lost"] += 1
        return ends, effects


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONE_BYTE)
def test_damaged_bytes_that_matter_are_seen(kind):
    """Low bits of a number change it by less than the noise: nobody can see that, and it does no harm."""
    ends, effects = Faulty().run(kind, seed=7)
    seen = sum(count for end, count in ends.items() if end.startswith("seen"))
    small, large = (sum(effect > limit for effect in effects) for limit in (1, 10))
    print(kind, {end: f"{100 * n / N_FAULTS:.2f} %" for end, n in ends.items()})
    worst = max(effects, default=0.0)
    shares = f"{100 * small / N_FAULTS:.2f} %, ten times it {100 * large / N_FAULTS:.2f} %"
    print(f"  above the noise {shares}; the largest {worst:.1f} times")
    assert seen >= 0.95 * (seen + large)
    assert worst < (40 if kind in ("another byte", "a bit flipped") else 1)
    assert ends["doubted without reason"] < 1e-4 * 208 * EVERY * N_FAULTS


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
