"""The Sciospec driver against the emulated board: contract, values, pictures, dirt, faults, power cycles."""

import numpy as np
import pytest

from eit_rt.boards import Board, State, open_board, open_reconnecting
from eit_rt.boards.sciospec_messages import MEASUREMENT, message
from eit_rt.calibration import Calibration
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.pipeline import Imager, Pipeline
from eit_rt.reconstruction import Reconstructor
from eit_rt.simulation import PtyServer, Scenario
from eit_rt.simulation.boards import make_board
from eit_rt.simulation.sciospec_run import DIRT
from eit_rt.simulation.witness import Witness
from tests.boards.contract import Listener, items, take
from tests.boards.emulated import CLEAN, FAULTS, BeginAgainContract, emulated, run, url_of
from tests.boards.sciospec_bytes import differences
from tests.simulation.served import served

url, tcp_url = url_of("sciospec"), url_of("sciospec", "tcp")


# Well-formed messages of a channel group that there is not.
CHATTER = message(MEASUREMENT, bytes([99]) + bytes(136))


class TestSciospec(BeginAgainContract):
    driver = "sciospec"
    chatter = CHATTER


class TestSciospecOverTcp(BeginAgainContract):
    driver = "sciospec"
    port = "tcp_url"
    chatter = CHATTER


def wrong(server, board, frames, tolerance_v: float = 0.0) -> int:
    """Values that are not those of the emulator's frame with the same number."""
    n = 0
    for frame in frames:
        true = differences(board._setup, server.board.potentials(frame.sequence))
        known = np.isfinite(frame.values)
        n += int(np.count_nonzero(np.abs(frame.values - true)[known] > tolerance_v))
    return n


# -- who and what ----------------------------------------------------------------------------------------------


def test_the_board_says_who_it_is(url):
    with open_board("sciospec", url) as board:
        identity = board.identify()
        assert (identity.driver, identity.model) == ("sciospec", "EIT")
        assert identity.serial == "01-0019-0001-0E17"
        assert identity.firmware == "0009-02CD-0006-0011-001A-000C"


def test_a_running_board_can_be_asked(url):
    """Another program left it running: measurements come before the answer."""
    with open_board("sciospec", url) as board:
        board.configure()
        board.start()
        take(board, 2)
        board._stop = lambda: None  # this program dies
    with open_board("sciospec", url) as board:
        assert board.identify().serial
        board.configure()
        board.start()
        assert [frame.sequence for frame in take(board, 3)] == [0, 1, 2]


def test_the_stream_is_complex_volt(url):
    with open_board("sciospec", url) as board:
        stream = board.configure()
        assert stream.pattern == Pattern.by_name("adjacent", 16)
        assert (stream.rate_hz, stream.unit) == (20.0, "V")
        assert stream.value_kind is ValueKind.COMPLEX


def test_another_board_is_not_taken_for_one(pty_url, monkeypatch):
    monkeypatch.setattr("eit_rt.boards.sciospec.ANSWER_S", 0.1)
    with (
        open_board("sciospec", pty_url) as board,
        pytest.raises(BoardError, match=r"no Sciospec board answers .* in 0\.4 s"),
    ):
        board.identify()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"amplitude_ma": 50.0}, "0.0001 to 10"),
        ({"frequencies_hz": [1000, 5000], "stream_frequency": 3000}, "none of 1000, 5000"),
        ({"polarity": "up"}, "first, second"),
        ({"adc_range_v": 3}, "1, 5, 10"),
        ({"electrodes": 1}, "3 or more"),
    ],
)
def test_options_that_cannot_be_are_refused(url, options, words):
    with pytest.raises(ConfigError, match=words):
        open_board("sciospec", url, **options)


def test_what_the_board_refuses_is_named(url):
    with open_board("sciospec", url) as board:
        with pytest.raises(MismatchError, match=r"refuses the excitation pair 17-16: .*32 electro"):
            board.configure(Pattern.by_name("adjacent", 32))
        with pytest.raises(MismatchError, match="too many"):
            board.configure(rate_hz=90)
    with (
        open_board("sciospec", url, frequencies_hz=10.0) as board,
        pytest.raises(BoardError, match=r"says 81 \(not_executed\) to: frequencies"),
    ):
        board.configure()


# -- values ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_thousand_frames_have_no_wrong_value_and_all_dirt_is_counted():
    with (
        emulated("sciospec", "rod", rate_hz=200, dirt=0.1) as server,
        open_board("sciospec", server.url) as board,
    ):
        frames, _ = run(board, 1000)
        assert wrong(server, board, frames) == 0
        numbers = [frame.sequence for frame in frames]
        assert numbers == sorted(set(numbers))
        made, counters = server.board.dirt_made, board.counters
        assert set(made) == set(DIRT)
        costly = sum(made.values()) - made["stray acknowledgement"]
        # Frames at the end were made after the last one that was taken here.
        assert counters.lost == numbers[-1] - 999
        assert costly - 5 <= counters.lost <= costly
        held = made["hold-up in a frame"] + made["hold-up of a frame"]
        assert held - 5 <= counters.faults["data hold-up"] <= held
        assert counters.faults.get("implausible value", 0) == 0


@pytest.mark.parametrize("name", ["opposite", "skip3", "adjacent-all", "skip1/skip4-rotated"])
def test_any_pattern_of_pairs_is_measured(url, name):
    pattern = Pattern.by_name(name, 16)
    with emulated("sciospec", **CLEAN) as server, open_board("sciospec", server.url) as board:
        board.configure(pattern)
        board.start()
        frames = take(board, 4)
        assert frames[0].values.shape == (pattern.n_meas,)
        assert wrong(server, board, frames) == 0


@pytest.mark.parametrize(
    ("options", "emulator"),
    [
        ({"frequencies_hz": "1000:100000:3:log", "stream_frequency": 10_000}, {"row_base": 0}),
        ({"frequencies_hz": [1e4, 2e4], "stream_frequency": 2e4}, {"frequency_outermost": True}),
        ({"amplitude_ma": 0.2}, {"channels": 64}),
        ({"electrodes": 12}, {}),
    ],
)
def test_settings_reach_the_board_and_frames_are_right(options, emulator):
    changes = {"layout": {"n_electrodes": options.get("electrodes", 16)}}
    with (
        emulated("sciospec", "rod", changes=changes, rate_hz=40, **(CLEAN | emulator)) as server,
        open_board("sciospec", server.url, **options) as board,
    ):
        board.configure(rate_hz=5)
        board.start()
        frames = take(board, 4)
        assert [frame.sequence for frame in frames] == [0, 1, 2, 3]
        assert wrong(server, board, frames) == 0


def test_32_electrodes_come_in_two_groups():
    changes = {"layout": {"n_electrodes": 32}}
    with (
        emulated("sciospec", changes=changes, rate_hz=40, **CLEAN) as server,
        open_board("sciospec", server.url, electrodes=32) as board,
    ):
        frames, _ = run(board, 3)
        assert frames[0].values.shape == (928,)
        assert wrong(server, board, frames) == 0


def mean_value(**options) -> float:
    with (
        emulated("sciospec", changes={"noise": {"snr_db": None}}, **CLEAN) as server,
        open_board("sciospec", server.url, **options) as board,
    ):
        frames, _ = run(board, 1)
        return float(frames[0].values.real.mean())


def test_the_amplitude_scales_the_values_and_the_polarity_turns_them():
    plain = mean_value()
    assert plain > 0
    assert mean_value(amplitude_ma=3.0) == pytest.approx(3 * plain, rel=1e-4)
    assert mean_value(polarity="second") == pytest.approx(-plain, rel=1e-4)


def test_clipped_channels_are_missing():
    """Range 1 V behind a gain of 100: the driven electrodes stand above 10 mV, their neighbours do not."""
    pattern = Pattern.by_name("adjacent-all", 16)
    with (
        emulated("sciospec", **CLEAN) as server,
        open_board("sciospec", server.url, adc_range_v=1, gain=100, amplitude_ma=0.5) as board,
    ):
        board.configure(pattern)
        board.start()
        (frame,) = take(board, 1)
    touches = [bool(set(row[:2]) & set(row[2:])) for row in pattern.table.tolist()]
    assert np.isnan(frame.values).tolist() == touches


@pytest.mark.slow
@pytest.mark.parametrize("polarity", ["first", "second"])
def test_the_rod_is_where_the_scenario_has_it(polarity):
    scenario = Scenario.load("rod").changed(rate_hz=50.0)
    with (
        served(scenario, board="sciospec", dirt=0.02) as server,
        open_board("sciospec", server.url, polarity=polarity) as board,
    ):
        stream = board.configure(rate_hz=50.0)
        imager = Imager(stream, Calibration(None, stream), Reconstructor.load("adjacent16-mlp"))
        witness = Witness(scenario, imager.reconstructor.metadata.extent)
        pipeline = Pipeline(board, imager, None, max_frames=200, on_image=witness.see)
        pipeline.start()
        assert pipeline.wait(60.0)
        pipeline.stop()
    assert witness.count > 100
    assert witness.mean_centre_error < 0.05


# -- trouble ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("only", [None, "drop_rate", "flip_rate", "noise_rate"])
def test_byte_faults_never_raise_and_never_mix_frames(only):
    """Eight electrodes: at this rate of damage hardly any frame of more arrives whole."""
    faults = FAULTS if only is None else {only: 1e-3, "direction": "to_host"}
    changes = {"faults": faults, "layout": {"n_electrodes": 8}, "noise": {"snr_db": 60.0}}
    with (
        emulated("sciospec", "rod", changes=changes, rate_hz=400, **CLEAN) as server,
        open_board("sciospec", server.url, electrodes=8) as board,
    ):
        for _ in range(20):  # acknowledgements are damaged, too
            try:
                board.configure(rate_hz=50)
                board.start()
                break
            except BoardError:
                continue
        frames = [item for item in items(board, 300) if hasattr(item, "values")]
        noise_v = 1e-3 * float(np.abs(server.board.potentials(0)).max())
        n_values = len(frames) * 40
        # Nothing but flipped bits can change a number unseen, and those that matter are seen, all but a few.
        assert wrong(server, board, frames, 10 * noise_v) <= (
            2e-3 * n_values if only in (None, "flip_rate") else 0
        )
        if only in ("drop_rate", "noise_rate"):
            assert wrong(server, board, frames) <= 2
        assert board.counters.bad > 20


def test_a_power_cycle_is_told_and_the_run_goes_on(hasty):
    changes = {"faults": {"reboot_at_s": 1.0}}
    with (
        emulated("sciospec", changes=changes, **CLEAN) as server,
        open_board("sciospec", server.url) as board,
    ):
        board.configure(rate_hz=50)
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: "resumed" in listener.kinds())
        before = len(listener.frames)
        listener.wait_for(lambda: len(listener.frames) > before + 20)
        board.stop()
        listener.join()
        texts = " ".join(event.text for event in listener.events)
        assert "the board has started anew" in texts
        numbers = [frame.sequence for frame in listener.frames]
        assert numbers == list(range(len(numbers)))
        assert board.counters.lost == 0


def test_silence_is_told_and_the_board_is_started_again(hasty):
    with (
        emulated("sciospec", **CLEAN) as server,
        open_board("sciospec", server.url) as board,
    ):
        board.configure(rate_hz=50)
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: len(listener.frames) > 5)
        board._link.write(bytes.fromhex("B40100B4"))  # somebody else stops it
        listener.wait_for(lambda: "resumed" in listener.kinds())
        before = len(listener.frames)
        listener.wait_for(lambda: len(listener.frames) > before + 5)
        board.stop()
        listener.join()
        assert "stall" in listener.kinds()
        numbers = [frame.sequence for frame in listener.frames]
        assert numbers == sorted(set(numbers))


def test_a_board_that_stays_silent_is_told_once(hasty, monkeypatch):
    monkeypatch.setattr("eit_rt.boards.sciospec.ANSWER_S", 0.1)
    monkeypatch.setattr("eit_rt.boards.plain.ASK_AGAIN_NS", 50_000_000)
    changes = {"faults": {"reboot_at_s": 0.5}}
    with (
        emulated("sciospec", changes=changes, boot_s=60.0, **CLEAN) as server,
        open_board("sciospec", server.url) as board,
    ):
        board.configure(rate_hz=50)
        board.start()
        listener = Listener(board)
        listener.wait_for(lambda: any("not begin again" in one.text for one in listener.events))
        board.stop()
        listener.join()
        told = [event for event in listener.events if "not begin again" in event.text]
        assert len(told) == 1
        assert "does not answer to: stop" in told[0].text


def test_a_lost_port_is_waited_for(tmp_path):
    link = tmp_path / "board"
    faults = {"disconnect": {"at_s": 1.5, "for_s": 0.6}}
    scenario = Scenario.load("empty").changed(rate_hz=100, faults=faults)
    with PtyServer(make_board("sciospec", scenario, dirt=0.0), link):
        board: Board = open_reconnecting("sciospec", str(link))
        with board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: "link-restored" in listener.kinds())
            before = len(listener.frames)
            listener.wait_for(lambda: len(listener.frames) > before + 5)
            board.stop()
            listener.join()
            assert board.state is State.CONFIGURED
        numbers = [frame.sequence for frame in listener.frames]
        assert numbers == sorted(set(numbers))
