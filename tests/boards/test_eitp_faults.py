"""The EITP driver when things go wrong: noise, reboots, silence. Noise is counted, never raised."""

from math import inf

import numpy as np
import pytest

from eit_rt.boards import open_board
from eit_rt.errors import MismatchError
from eit_rt.frames import Severity
from eit_rt.pattern import Pattern
from eit_rt.protocol import (
    BoardState,
    EventCode,
    EventMessage,
    LogMessage,
    StatusRequest,
)
from eit_rt.protocol import Severity as WireSeverity
from eit_rt.simulation import Scenario
from tests.boards.clocks import HandClock, TickingClock
from tests.boards.contract import Listener, take
from tests.boards.device import values_of
from tests.simulation.served import SteadyClock, served


def run_until(board, frames: int) -> Listener:
    board.configure()
    board.start()
    listener = Listener(board)
    listener.wait_for(lambda: len(listener.frames) >= frames)
    return listener


def stop(board, listener: Listener) -> None:
    board.stop()
    listener.join()
    assert listener.error is None


def flip_a_bit(rng):
    def damage(packet: bytes) -> bytes:
        if rng.random() > 0.1:
            return packet
        place = rng.integers(len(packet))
        return packet[:place] + bytes([packet[place] ^ 1 << rng.integers(8)]) + packet[place + 1 :]

    return damage


def drop_bytes(rng):
    def damage(packet: bytes) -> bytes:
        if rng.random() > 0.1:
            return packet
        place = rng.integers(len(packet))
        return packet[:place] + packet[place + rng.integers(1, 4) :]

    return damage


def insert_noise(rng):
    def damage(packet: bytes) -> bytes:
        return rng.bytes(rng.integers(1, 300)) + b"\0" + packet if rng.random() < 0.1 else packet

    return damage


@pytest.mark.parametrize("damage", [flip_a_bit, drop_bytes, insert_noise])
def test_noise_is_counted_and_no_frame_is_delivered_that_was_not_sent(bench, damage):
    board, _ = bench(TickingClock(0.02), rate_hz=4000, damage=damage(np.random.default_rng(1)))
    listener = run_until(board, 400)
    stop(board, listener)
    n_meas = board.stream.pattern.n_meas
    for frame in listener.frames:
        np.testing.assert_array_equal(frame.values, values_of(frame.sequence, n_meas))
    counters = board.counters
    assert counters.received == len(listener.frames)
    assert counters.received + counters.lost == listener.frames[-1].sequence + 1
    assert counters.bad == sum(counters.faults.values()) > 10
    assert counters.bad == sum(e.count for e in listener.events if e.kind == "fault")
    assert counters.lost == sum(e.count for e in listener.events if e.kind == "lost")
    for kind in ("fault", "lost"):
        told = [e.t_host_ns for e in listener.events if e.kind == kind]
        assert (np.diff(told[:-1]) >= 1e9).all()  # once a second, and what is left at the end


def test_most_frames_survive_when_a_tenth_of_the_packets_is_hit(bench):
    board, _ = bench(rate_hz=1000, damage=flip_a_bit(np.random.default_rng(2)))
    listener = run_until(board, 300)
    stop(board, listener)
    # A hit packet costs its frame, a hit delimiter two; 40 values fit one packet.
    assert board.counters.lost < 0.25 * len(listener.frames)


def test_a_reboot_is_seen_and_the_run_goes_on(bench):
    board, device = bench()
    listener = run_until(board, 20)
    device.reboot()
    listener.wait_for(lambda: "restarted" in listener.kinds())
    after = len(listener.frames)
    listener.wait_for(lambda: len(listener.frames) > after + 20)
    stop(board, listener)
    assert listener.kinds()[:2] == ["reboot", "restarted"]
    assert "watchdog" in listener.events[0].text
    numbers = [frame.sequence for frame in listener.frames]
    assert (np.diff(numbers) == 1).all()
    assert (board.counters.lost, board.counters.bad) == (0, 0)


def test_another_board_behind_the_same_port_is_refused_until_ours_is_back(bench):
    """As behind a serial bridge: the port stays open, the board behind it changes."""
    board, device = bench(serial="A1")
    listener = run_until(board, 5)
    device.serial = "B2"
    device.reboot()
    listener.wait_for(lambda: any("B2" in event.text for event in listener.events))
    held = len(listener.frames)
    device.serial = "A1"
    listener.wait_for(lambda: "restarted" in listener.kinds())
    listener.wait_for(lambda: len(listener.frames) > held)
    stop(board, listener)
    assert [e.severity for e in listener.events if "B2" in e.text] == [Severity.ERROR]


def test_a_board_that_comes_back_with_another_pattern_ends_the_run(bench):
    """Its frames would be taken for measurements that they are not."""
    board, device = bench(pattern=Pattern.by_name("adjacent", 16))
    board.configure()
    board.start()
    assert take(board, 5)
    device._own = Pattern.by_name("opposite", 16)
    device.reboot()
    with pytest.raises(MismatchError, match=r"came back with pattern .*192 .* run has .*208 "):
        take(board, 1000)


def test_an_uploaded_pattern_is_uploaded_again_after_a_reboot(bench):
    rng = np.random.default_rng(3)
    wanted = Pattern.pairwise([rng.permutation(16)[:4] for _ in range(50)], 16)
    board, device = bench()
    board.configure(wanted)
    board.start()
    listener = Listener(board)
    listener.wait_for(lambda: len(listener.frames) > 5)
    device.reboot()
    listener.wait_for(lambda: "restarted" in listener.kinds())
    before = len(listener.frames)
    listener.wait_for(lambda: len(listener.frames) > before + 5)
    stop(board, listener)
    assert {len(frame.values) for frame in listener.frames} == {50}
    assert device.pattern == wanted


def test_a_reboot_whose_ready_was_lost_is_found_out_by_asking(bench):
    board, device = bench()
    listener = run_until(board, 5)
    device.reboot(says_ready=False)
    listener.wait_for(lambda: "restarted" in listener.kinds())
    before = len(listener.frames)
    listener.wait_for(lambda: len(listener.frames) > before + 5)
    stop(board, listener)
    assert listener.kinds()[:3] == ["stall", "reboot", "restarted"]


def test_a_board_that_stopped_because_it_heard_nothing_is_started_again(bench):
    board, device = bench()
    listener = run_until(board, 5)
    device.state = BoardState.CONFIGURED
    device.push(EventMessage(EventCode.IDLE_STOP, WireSeverity.WARNING, 5, 3000))
    listener.wait_for(lambda: "restarted" in listener.kinds())
    before = len(listener.frames)
    listener.wait_for(lambda: len(listener.frames) > before + 5)
    stop(board, listener)
    assert listener.kinds() == ["board", "restarted"]
    assert "3000 ms" in listener.events[0].text


def test_silence_is_told_once_and_its_end_too(bench):
    board, device = bench()
    listener = run_until(board, 5)
    device.is_silent = True
    unsent = device.frames_sent + 62
    listener.wait_for(lambda: device.count(StatusRequest) >= 2 and device.frames_sent > unsent)
    device.is_silent = False
    listener.wait_for(lambda: "resumed" in listener.kinds())
    stop(board, listener)
    kinds = listener.kinds()
    assert kinds.count("stall") == kinds.count("resumed") == 1
    assert "lost" in kinds
    assert "restarted" not in kinds  # it was running all the time
    numbers = [frame.sequence for frame in listener.frames]
    assert board.counters.lost == numbers[-1] + 1 - len(numbers) > 60


def test_stopping_while_a_board_is_brought_back_ends_at_once(bench):
    """By this clock, which stands, the board would have to be waited for for ever."""
    board, device = bench(HandClock())
    listener = run_until(board, 5)
    device.deaf_to = dict.fromkeys(map(type, device.heard), 99)  # deaf to all it has ever heard
    device.reboot()
    listener.wait_for(lambda: "reboot" in listener.kinds())
    stop(board, listener)


def test_a_board_that_cannot_be_brought_back_is_told_once_and_tried_again(bench):
    board, device = bench()
    listener = run_until(board, 5)
    device.deaf_to = dict.fromkeys(map(type, device.heard), 3)
    device.reboot()
    listener.wait_for(lambda: "restarted" in listener.kinds())
    stop(board, listener)
    failures = [e for e in listener.events if "cannot start the board again" in e.text]
    assert failures
    assert len({e.text for e in failures}) == len(failures)


def test_what_the_board_tells_of_itself_becomes_events(bench):
    board, device = bench()
    listener = run_until(board, 2)
    device.push(EventMessage(EventCode.CONTACT_LOST, WireSeverity.ERROR, 2, 4))
    device.push(EventMessage(0x9123, WireSeverity.INFO, 2, 77))
    device.push(LogMessage(WireSeverity.WARNING, "gr\u00fc\u00dfe\x1b[31m".encode()))
    listener.wait_for(lambda: len(listener.events) >= 3)
    stop(board, listener)
    texts = [e.text for e in listener.events]
    assert texts[0] == "the board says: electrode 5 lost contact"
    assert "0x9123" in texts[1]
    assert "77" in texts[1]
    assert texts[2] == "the board says: gr\u00fc\u00dfe\u00b7[31m"
    assert [e.severity for e in listener.events] == [
        Severity.ERROR,
        Severity.INFO,
        Severity.WARNING,
    ]


FAULTS = {
    "dropped bytes": {"drop_rate": 2e-4},
    "all of them, both ways": {
        "drop_rate": 1e-4, "flip_rate": 1e-4, "noise_rate": 1e-4, "direction": "both",
    },
}  # fmt: skip


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS.keys())
def test_a_noisy_simulated_board_gives_the_frames_of_a_clean_one(faults, empty_tank):
    """The same scenario and seed with and without faults: whatever arrives is bit for bit the same frame."""
    scenario = empty_tank
    with served(scenario) as server, open_board("eitp", server.url) as board:
        board.configure()
        board.start()
        clean = {frame.sequence: frame.values for frame in take(board, 110)}
    noisy = scenario.changed(faults=faults)
    with served(noisy) as server, open_board("eitp", server.url) as board:
        board.configure()
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: listener.frames and listener.frames[-1].sequence >= 100)
        stop(board, listener)
        assert board.counters.bad > 0
        assert board.counters.lost > 0
    compared = [frame for frame in listener.frames if frame.sequence in clean]
    assert len(compared) > 50
    for frame in compared:
        np.testing.assert_array_equal(frame.values, clean[frame.sequence])


def test_a_simulated_board_that_reboots_comes_back():
    scenario = Scenario.load("empty").changed(faults={"reboot_at_s": 0.7})
    clock = SteadyClock(until_s=0.0)
    with served(scenario, clock=clock) as server, open_board("eitp", server.url) as board:
        board.configure()
        board.start()
        clock.until_s = inf
        listener = Listener(board)
        listener.wait_for(lambda: "restarted" in listener.kinds())
        before = len(listener.frames)
        listener.wait_for(lambda: len(listener.frames) > before + 10)
        stop(board, listener)
        assert board.counters.lost == 0


def test_a_line_that_stalls_loses_nothing_that_the_counters_do_not_tell(hasty):
    scenario = Scenario.load("empty").changed(
        rate_hz=100, faults={"stall": {"every_s": 1.2, "for_s": 0.6}}
    )
    with served(scenario) as server, open_board("eitp", server.url) as board:
        board.configure()
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: "resumed" in listener.kinds())
        stop(board, listener)
    numbers = [frame.sequence for frame in listener.frames]
    assert numbers[-1] + 1 == len(numbers) + board.counters.lost
