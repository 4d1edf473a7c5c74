"""Single damaged bytes in answers of the CN0565: what their form shows, what is doubted, what goes unseen.

At the board's own rate, two frames in a turn of the rod, with noise 60 dB below the signal. And that sound frames are
not doubted, whatever happens in the tank.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest

from eit_rt.boards.cn0565 import POINT_S
from eit_rt.boards.cn0565_text import Kind, read_answer
from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.pattern import Pattern
from eit_rt.simulation import Scenario
from eit_rt.simulation.cn0565 import FULL_SCALE_V, Cn0565Emulator
from eit_rt.simulation.cn0565_words import Asked
from eit_rt.simulation.damage import ONE_BYTE, one_byte
from eit_rt.simulation.source import open_source

ADJACENT = Pattern.by_name("adjacent", 16)
N = ADJACENT.n_meas
OWN_HZ = 1 / (N * POINT_S)
SNR_DB = 60.0
SOUND_FRAMES = 12
N_FRAMES = 600
"""Different ones; they come again and again."""
N_FAULTS = 500
"""Of each damage."""


def turned(answer: bytes) -> bytes:
    """The same with the other polarity."""
    return b",".join(b"%x" % (-int(field, 16) & 0xFFFFFFFF) for field in answer.split(b","))


class Answers:
    """Answers of a board, by number, and the noise in them."""

    def __init__(self, kind: Kind, *, swapped: bool = False) -> None:
        scenario = Scenario.load("rod").changed(noise={"snr_db": SNR_DB}, rate_hz=OWN_HZ)
        asked = Asked(10, (16, 1, 1, 0), kind.is_impedance, kind.is_magnitude)
        tank = Cn0565Emulator(scenario, dirt=0.0).measured(asked)
        self.texts = [
            b",".join(tank.printed(k, asked, has_current=kind.is_impedance))
            for k in range(N_FRAMES)
        ]
        if swapped:
            self.texts = [turned(text) for text in self.texts]
        self.values = [read_answer(text, N, kind).values for text in self.texts]
        self.noise = float(np.sqrt(np.mean(np.abs(self.values[0]) ** 2))) * 10 ** (-SNR_DB / 20)


@dataclass
class Tally:
    """What became of the faults of one damage."""

    seen: Counter[str]
    unseen: list[float]
    """How wrong a value is, in times the noise."""
    n_false: int


def tally(kind: Kind, answers: Answers, damage: str) -> Tally:
    rng = np.random.default_rng(ONE_BYTE.index(damage))
    judge = PartnerPlausibility(
        ADJACENT, 0.0 if kind.is_impedance else 1.0, signed=not kind.is_magnitude
    )
    found = Tally(Counter(), [], 0)
    for number in range(SOUND_FRAMES + 3 * N_FAULTS):
        text, true = answers.texts[number % N_FRAMES], answers.values[number % N_FRAMES]
        is_hit = number >= SOUND_FRAMES and number % 3 == 0
        data = one_byte(text, int(rng.integers(len(text))), damage, rng) if is_hit else text
        answer = None if b"\n" in data else read_answer(data, N, kind)
        if answer is None:
            found.seen["form"] += 1
            continue
        doubted = judge.doubtful(answer.values)
        if not is_hit:
            found.n_false += int(doubted.sum())
            continue
        off = np.abs(answer.values - true)
        off[doubted | ~np.isfinite(off)] = 0.0
        if off.any():
            found.unseen.append(float(off.max()) / answers.noise)
        else:
            found.seen["form" if answer.n_damaged else "doubted"] += 1
    return found


LEAST_SEEN = {
    # kind, polarity swapped: share of all faults, share that is seen or changes a value by less than the noise
    (Kind.RAW, False): (0.97, 0.99),
    (Kind.RAW, True): (0.95, 0.97),
    (Kind.IMPEDANCE, False): (0.93, 0.99),
    (Kind.MAGNITUDE, False): (0.93, 0.99),
}


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "swapped"), LEAST_SEEN)
def test_nearly_all_damage_is_seen_and_the_rest_is_small(kind, swapped):
    answers = Answers(kind, swapped=swapped)
    tallies = {damage: tally(kind, answers, damage) for damage in ONE_BYTE}
    unseen = np.array([size for one in tallies.values() for size in one.unseen])
    n = N_FAULTS * len(ONE_BYTE)
    for damage, one in tallies.items():
        shares = {what: f"{100 * count / N_FAULTS:.1f} %" for what, count in one.seen.items()}
        print(kind, swapped, damage, shares, f"unseen {100 * len(one.unseen) / N_FAULTS:.1f} %")
    print("all unseen", len(unseen) / n, "above the noise", (unseen > 1).sum() / n, max(unseen))
    least, least_or_small = LEAST_SEEN[kind, swapped]
    assert 1 - len(unseen) / n >= least
    assert 1 - np.count_nonzero(unseen > 1) / n >= least_or_small
    assert unseen.max() < 12
    assert sum(one.n_false for one in tallies.values()) < 1e-4 * 2 * n * N


# -- sound frames ----------------------------------------------------------------------------------------------

N_SOUND = 150
STILL_THEN_MOVING = {
    "objects": [
        {
            "name": "rod", "shape": "disc", "radius": 0.2, "conductivity_ratio": 0.05,
            "motion": {"kind": "circle", "radius": 0.5, "period_s": 60},
            "presence": {"from_s": 200},
        }
    ]
}  # fmt: skip
LOOSE = {"electrode_faults": [{"electrode": 5, "from_s": 150.0, "until_s": 400.0}]}
TANKS = {
    "rod": ("rod", {}),
    "breathing": ("lungs", {}),
    "electrode off": ("rod", LOOSE),
    "still, then moving": ("empty", STILL_THEN_MOVING),
}


@pytest.mark.slow
@pytest.mark.parametrize("drawn_out", [False, True], ids=["at once", "one after the other"])
@pytest.mark.parametrize("rate", [OWN_HZ, 10 * OWN_HZ])
@pytest.mark.parametrize("tank", TANKS)
def test_sound_frames_are_hardly_ever_doubted(tank, rate, drawn_out):
    """drawn_out: as on the real board, where each current is measured later than the one before.

    Then pairs part when something begins to move, until that is usual.
    """
    name, changes = TANKS[tank]
    finer = 16 if drawn_out else 1
    scenario = Scenario.load(name).changed(
        rate_hz=rate * finer,
        noise={"snr_db": SNR_DB},
        adc={"bits": 18, "full_scale_v": FULL_SCALE_V},
        **changes,
    )
    source = open_source(scenario)
    judge = PartnerPlausibility(ADJACENT, FULL_SCALE_V / (1 << 17))
    n_doubted = 0
    for k in range(N_SOUND):
        parts = [source.reading(finer * k + i).values for i in range(finer)]
        values = np.choose(ADJACENT.stimulation, parts) if drawn_out else parts[0]
        doubted = judge.doubtful(values)
        for loose in scenario.loose_at(k / rate):
            doubted &= ~ADJACENT.touches(loose)  # what it picks up is nothing to believe
        n_doubted += int(doubted.sum())
    assert n_doubted <= (5e-4 if drawn_out else 1e-4) * N_SOUND * N
