"""The line of an emulator takes its time; the boards that can be simulated are known by name."""

from math import inf

import pytest

from eit_rt.errors import ConfigError
from eit_rt.simulation import Scenario
from eit_rt.simulation.boards import BOARDS, make_board
from eit_rt.simulation.emulator import PacedOutbox

BYTES_PER_S = 11520.0


def sent_by(outbox: PacedOutbox, until_s: float, step_s: float) -> int:
    """Bytes that have left at until_s, looking every step_s."""
    total, now_s = 0, 0.0
    while now_s <= until_s:
        outbox.let(now_s)
        total += len(outbox.take(4096))
        now_s += step_s
    return total


@pytest.mark.parametrize("step_s", [0.001, 0.005, 0.02])
def test_bytes_leave_at_the_speed_of_the_line(step_s):
    outbox = PacedOutbox(1 << 16, BYTES_PER_S)
    outbox.let(0.0)
    outbox.offer_frame([bytes(20_000)])
    assert sent_by(outbox, 1.0, step_s) == pytest.approx(BYTES_PER_S, abs=BYTES_PER_S * step_s + 2)


def test_an_idle_line_saves_nothing_up():
    outbox = PacedOutbox(1 << 16, BYTES_PER_S)
    outbox.let(0.0)
    outbox.let(100.0)
    outbox.offer_frame([bytes(20_000)])
    outbox.let(100.1)
    assert len(outbox.take(20_000)) <= BYTES_PER_S * 0.1 + 1


def test_a_line_without_a_speed_takes_everything_at_once():
    outbox = PacedOutbox(1 << 16, inf)
    outbox.offer_frame([bytes(20_000)])
    outbox.let(0.0)
    assert len(outbox.take(30_000)) == 20_000
    assert outbox.next_s(0.0) == inf


def test_an_unknown_board_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match=f"'spectra'; known: {', '.join(BOARDS)}"):
        make_board("spectra", Scenario.load("empty"))


def test_an_option_that_a_board_does_not_have_is_refused():
    with pytest.raises(ConfigError, match="does not take that"):
        make_board("eitp", Scenario.load("empty"), dirt=1.0)
