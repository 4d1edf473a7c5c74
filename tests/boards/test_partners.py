"""Partners: pairs that part are doubted, whatever the tank does; without pairs it is plain plausibility."""

import numpy as np
import pytest

from eit_rt.boards.partners import PartnerPlausibility
from eit_rt.boards.plausibility import SETTLING_FRAMES
from eit_rt.pattern import Pattern
from eit_rt.simulation import Scenario
from eit_rt.simulation.source import open_source

ADJACENT = Pattern.by_name("adjacent", 16)
FRAME_S = 4.8


@pytest.fixture(scope="module")
def turning() -> np.ndarray:
    """Frames of a rod that goes on by half a turn from one to the next: nothing is left of its past."""
    scenario = Scenario.load("rod").changed(rate_hz=1 / FRAME_S, noise={"snr_db": 60.0})
    source = open_source(scenario)
    return np.stack([source.reading(k).values for k in range(30)]).astype(np.float64)


def judged(frames: np.ndarray, pattern: Pattern = ADJACENT, **more) -> list[np.ndarray]:
    judge = PartnerPlausibility(pattern, **more)
    return [np.flatnonzero(judge.doubtful(frame)) for frame in frames]


def test_motion_parts_no_pair(turning):
    assert not any(len(doubted) for doubted in judged(turning))


def test_a_value_that_its_partner_contradicts_is_doubted(turning):
    frames = turning.copy()
    frames[20, 40] *= 1.5
    doubted = judged(frames)
    assert 40 in doubted[20]
    assert set(doubted[20]) <= {40, ADJACENT.reciprocal[40]}
    assert not any(len(found) for k, found in enumerate(doubted) if k != 20)


def test_its_past_alone_does_not_show_it(turning):
    frames = turning.copy()
    frames[20, 40] *= 1.5
    without = Pattern.by_name("opposite", 16)
    assert (without.reciprocal < 0).all()
    assert not judged(frames[:, :192], without)[20].size


def test_gains_that_differ_by_channel_are_learned(turning):
    gains = 1 + 0.03 * np.random.default_rng(1).standard_normal(turning.shape[1])
    assert not any(len(doubted) for doubted in judged(turning * gains))


@pytest.mark.parametrize("factor", [1.3, 10.0])
@pytest.mark.parametrize("damaged", range(SETTLING_FRAMES))
def test_damage_in_the_first_frames_does_not_look_usual_afterwards(turning, damaged, factor):
    frames = turning.copy()
    frames[damaged, 40] *= factor
    frames[10, 40] *= 1.05
    doubted = judged(frames)
    assert [k for k, found in enumerate(doubted) if len(found)] == [10]
    assert 40 in doubted[10]


def test_magnitudes_have_partners_too(turning):
    frames = np.abs(turning)
    frames[20, 40] *= 1.5
    assert 40 in judged(frames, signed=False)[20]


def test_a_change_of_a_pair_that_lasts_is_believed(turning):
    frames = turning.copy()
    frames[15:, 40] *= 1.2
    doubted = judged(frames)
    assert sum(40 in found for found in doubted[15:]) <= 2


def test_many_pairs_that_part_together_are_an_event(turning):
    frames = turning.copy()
    loose = ADJACENT.touches(3)
    frames[15:, loose] *= np.random.default_rng(2).uniform(-5, 5, loose.sum())
    assert not len(judged(frames)[15])
