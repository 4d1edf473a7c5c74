"""Single damaged bytes in answers of the CN0565: what their form shows, what is doubted, what goes unseen.

At the board's own rate, two frames in a turn of the rod, with noise 60 dB below the signal. And that sound frames are
not doubted, whatever happens in the tank.
"""

import numpy as np
import pytest

from eit_rt.boards.cn0565 import POINT_S
from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.pattern import Pattern
from eit_rt.simulation import Scenario
from eit_rt.simulation.byte_faults import Tally, tally
from eit_rt.simulation.cn0565 import FULL_SCALE_V
from eit_rt.simulation.damage import ONE_BYTE
from eit_rt.simulation.faulty_boards import CASES, SNR_DB
from eit_rt.simulation.source import open_source

ADJACENT = Pattern.by_name("adjacent", 16)
N = ADJACENT.n_meas
OWN_HZ = 1 / (N * POINT_S)
N_FAULTS = 500
"""Of each damage."""

LEAST_SEEN = {
    # share of all faults, share that is seen or changes a value by less than the noise
    "cn0565 raw": (0.97, 0.99),
    "cn0565 raw, other polarity": (0.95, 0.97),
    "cn0565 Z": (0.93, 0.99),
    "cn0565 M": (0.96, 0.99),
    "cn0565 ZM": (0.93, 0.99),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", LEAST_SEEN)
def test_nearly_all_damage_is_seen_and_the_rest_is_small(case):
    answers, found = CASES[case](), Tally()
    for number, damage in enumerate(ONE_BYTE):
        found += tally(answers, damage, N_FAULTS, seed=number)
    least, least_or_small = LEAST_SEEN[case]
    assert found.n_faults == N_FAULTS * len(ONE_BYTE)
    assert 1 - found.share("not seen") >= least
    assert 1 - found.unseen_above(1) >= least_or_small
    assert max(found.unseen) < 12
    assert found.n_spoiled == 0
    assert found.n_false < 1e-4 * 2 * found.n_faults * N


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
