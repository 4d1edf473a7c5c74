"""The pipeline on real input: a simulated board's bytes through a pseudo-terminal, the shipped model, real files."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from eit_rt.boards import Board, ReplayBoard, State, open_board
from eit_rt.calibration import Calibration
from eit_rt.errors import BoardError, ConfigError, LinkLost, MismatchError, RecordingStopped
from eit_rt.frames import BoardIdentity, Event, Frame, Stream
from eit_rt.layout import Layout
from eit_rt.pattern import Pattern
from eit_rt.pipeline import Imager, Pipeline
from eit_rt.pipeline.album import make_album
from eit_rt.pipeline.tape import Tape
from eit_rt.reconstruction import Reconstructor
from eit_rt.recording import About, Recorder, Recording
from eit_rt.simulation import Scenario
from eit_rt.simulation.witness import Witness
from tests.full_disk import files_up_to
from tests.simulation.served import served

MODEL = "adjacent16-gn"
ADJACENT = Pattern.by_name("adjacent", 16)
PATIENCE_S = 60.0
"""For what takes a second or two on a machine that is not busy."""
LIMIT_BYTES = 20_000
"""Largest file in the tests of a full disk."""


@pytest.fixture(scope="module")
def reconstructor() -> Reconstructor:
    return Reconstructor.load(MODEL)


def imager_for(stream: Stream, reconstructor: Reconstructor) -> Imager:
    return Imager(stream, Calibration(None, stream), reconstructor)


def frame_number(k: int, values: np.ndarray | None = None) -> Frame:
    base = np.linspace(1, 2, 208, dtype=np.float32) if values is None else values
    return Frame(
        (base * (1 + 0.01 * np.sin(k + base))).astype(np.float32), k, k * 10**7, time.monotonic_ns()
    )


class ScriptedBoard(Board):
    """Plays a list; an exception in it is raised, a function called. For what a well-behaved board never does."""

    def __init__(self, script: list, pause_s: float = 0.0) -> None:
        super().__init__()
        self._script, self._pause_s = script, pause_s

    def _identify(self) -> BoardIdentity:
        return BoardIdentity("test", "script")

    def _configure(self, pattern: Pattern | None, rate_hz: float | None) -> Stream:
        return Stream(ADJACENT, 100.0)

    def _start(self) -> None: ...

    def _frames(self) -> Iterator[Frame | Event]:
        for item in self._script:
            if self.state is not State.RUNNING:
                return
            if isinstance(item, Exception):
                raise item
            if callable(item):
                item()
                continue
            self.counters.received += isinstance(item, Frame)
            time.sleep(self._pause_s)
            yield item

    def _stop(self) -> None: ...

    def _close(self) -> None: ...


def scripted(script: list, pause_s: float = 0.0) -> ScriptedBoard:
    board = ScriptedBoard(script, pause_s)
    board.configure()
    return board


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two seconds of the rod, imaged and recorded."""
    path = tmp_path_factory.mktemp("live") / "rod.mcap"
    scenario = Scenario.load("rod").changed(rate_hz=50.0)
    with served(scenario) as server, open_board("eitp", server.url) as board:
        stream = board.configure()
        imager = imager_for(stream, Reconstructor.load(MODEL))
        witness = Witness(scenario, imager.reconstructor.metadata.extent)
        images = []
        recorder = Recorder(path, About.of(stream, board.identify(), layout=imager.layout))

        def on_image(image):
            images.append(image)
            witness.see(image)

        pipeline = Pipeline(board, imager, recorder, max_frames=150, on_image=on_image)
        pipeline.start()
        assert pipeline.wait(PATIENCE_S)
        pipeline.stop()
    return pipeline, images, witness, path, imager


class TestLive:
    def test_every_frame_is_received_and_recorded(self, run):
        report = run[0].report()
        assert (report["received"], report["bad"], report["lost"], report["recorded"]) == (
            150,
            0,
            0,
            150,
        )
        assert report["error"] is None

    def test_each_frame_is_imaged_or_counted_as_dropped(self, run):
        pipeline, images, *_ = run
        counters = pipeline.counters()
        assert counters["imaged"] == len(images)
        assert (
            counters["imaged"] + counters["dropped"] == 150 - 19
        )  # the twentieth frame completes the reference

    def test_taking_the_reference_is_an_event_of_the_recording_too(self, run):
        with Recording.open(run[3]) as recording:
            assert [event.kind for event in recording.events].count("reference") == 1

    def test_unit_of_the_board_is_kept(self, run):
        with Recording.open(run[3]) as recording:
            assert recording.about.unit == recording.about.stream.unit == "V"

    def test_object_is_where_the_scenario_has_it(self, run):
        witness = run[2]
        assert witness.count > 50
        assert witness.mean_centre_error < 0.08

    def test_latency_and_newest_snapshot(self, run):
        pipeline, images, *_ = run
        assert set(pipeline.latency_ms()) == {"p50", "p99", "max"}
        assert pipeline.newest().image is images[-1]
        assert not images[-1].values.flags.writeable

    def test_playback_and_offline_images_are_equal_to_the_last_bit(self, run, reconstructor):
        path = run[3]
        with Recording.open(path) as recording:
            album = make_album(recording, imager_for(recording.about.stream, reconstructor), 20)
            board = ReplayBoard(recording, float("inf"))
            board.configure()
            played = []
            pipeline = Pipeline(
                board,
                imager_for(board.stream, reconstructor),
                every_frame=True,
                on_image=played.append,
            )
            pipeline.start()
            assert pipeline.wait(PATIENCE_S)
        assert len(album) == 150
        assert pipeline.counters()["dropped"] == 0
        np.testing.assert_array_equal(
            np.array([image.values for image in played]), album.images[-len(played) :]
        )

    def test_live_and_offline_images_are_equal_to_the_last_bit(self, run):
        """Against the reference of the run: a busy machine may have left out some of the first twenty frames."""
        _, images, _, path, imager = run
        with Recording.open(path) as recording:
            offline = {frame.sequence: imager.image(frame).values for frame in recording.frames()}
        for image in images:
            np.testing.assert_array_equal(image.values, offline[image.frame.sequence])


def test_layout_of_the_source_turns_the_picture(reconstructor):
    """The same voltages on a mirrored ring are the mirrored picture."""
    frames = [frame_number(k) for k in range(2)]
    pictures = []
    for layout in (Layout.ring(16), Layout.ring(16, direction="counterclockwise")):
        stream = Stream(ADJACENT, 100.0, layout=layout)
        imager = imager_for(stream, reconstructor)
        imager.calibration.set_reference(frames[:1])
        pictures.append(imager.image(frames[1]).values)
    np.testing.assert_array_equal(pictures[1], pictures[0][:, ::-1])


def test_pattern_of_the_source_must_be_the_models(reconstructor):
    stream = Stream(Pattern.by_name("opposite", 16), 50.0)
    with pytest.raises(MismatchError, match=r"adjacent.*opposite"):
        Imager(stream, Calibration(None, stream), reconstructor)


def test_a_lost_port_ends_the_run_with_its_error_and_keeps_the_recording(tmp_path, reconstructor):
    board = scripted([*(frame_number(k) for k in range(30)), LinkLost("the port went away")])
    path = tmp_path / "lost.mcap"
    recorder = Recorder(path, About.of(board.stream, board.identify()))
    pipeline = Pipeline(board, imager_for(board.stream, reconstructor), recorder)
    pipeline.start()
    assert pipeline.wait(PATIENCE_S)
    assert isinstance(pipeline.failure, LinkLost)
    assert "error" in [event.kind for event in pipeline.events()]
    with Recording.open(path) as recording:
        assert len(recording) == 30
        assert recording.torn is None


def test_a_stop_before_the_reader_runs_is_an_end_and_no_mistake():
    class Slow(ScriptedBoard):
        """As if the reader's thread came late to its turn."""

        stopped = threading.Event()

        def frames(self):
            if threading.current_thread() is not threading.main_thread():
                assert self.stopped.wait(PATIENCE_S)
            return super().frames()

        def _stop(self) -> None:
            self.stopped.set()

    board = Slow([frame_number(0)], pause_s=0.1)
    board.configure()
    pipeline = Pipeline(board, None)
    pipeline.start()
    pipeline.stop()
    assert pipeline.failure is None


def test_a_board_that_does_not_start_leaves_a_finished_file(tmp_path):
    class Refusing(ScriptedBoard):
        def _start(self) -> None:
            raise BoardError("no")

    board = Refusing([])
    board.configure()
    path = tmp_path / "none.mcap"
    with pytest.raises(BoardError):
        Pipeline(board, None, Recorder(path, About.of(board.stream, board.identify()))).start()
    with Recording.open(path) as recording:
        assert len(recording) == 0
        assert recording.torn is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_a_driver_is_told_and_the_recording_is_finished(tmp_path, capsys):
    board = scripted([frame_number(0), ZeroDivisionError("bug")])
    path = tmp_path / "bug.mcap"
    pipeline = Pipeline(board, None, Recorder(path, About.of(board.stream, board.identify())))
    pipeline.start()
    assert pipeline.wait(PATIENCE_S)
    assert "internal error" in pipeline.error
    assert "ZeroDivisionError" in capsys.readouterr().err
    with Recording.open(path) as recording:
        assert len(recording) == 1


def test_a_slow_imaging_stage_drops_the_oldest_and_counts(reconstructor):
    """The picture of the first frame takes until all others have come."""
    n = 60
    begun, all_sent = threading.Event(), threading.Event()
    frames = [frame_number(k) for k in range(n)]
    board = scripted([frames[0], lambda: begun.wait(PATIENCE_S), *frames[1:], all_sent.set])
    seen = []

    def slow(image):
        begun.set()
        all_sent.wait(PATIENCE_S)
        seen.append(image.frame.sequence)

    pipeline = Pipeline(
        board, imager_for(board.stream, reconstructor), reference_frames=1, on_image=slow
    )
    pipeline.start()
    assert pipeline.wait(PATIENCE_S)
    assert seen == [0, n - 1]
    assert pipeline.counters()["dropped"] == n - 2


def test_a_new_reference_can_be_taken_while_running(reconstructor):
    still = np.linspace(1, 2, 208, dtype=np.float32)
    other = (still * 1.1).astype(np.float32)
    frames = [Frame(still.copy(), k, 0, time.monotonic_ns()) for k in range(10)]
    frames += [Frame(other.copy(), k, 0, time.monotonic_ns()) for k in range(10, 40)]
    heights = {}
    board = scripted(frames)

    def see(image):
        heights[image.frame.sequence] = float(np.nanmax(np.abs(image.values)))
        if image.frame.sequence == 15:
            pipeline.set_reference()

    pipeline = Pipeline(
        board,
        imager_for(board.stream, reconstructor),
        every_frame=True,
        reference_frames=5,
        on_image=see,
    )
    pipeline.start()
    assert pipeline.wait(PATIENCE_S)
    assert heights[9] == pytest.approx(0, abs=1e-4)
    assert heights[14] > 0.01
    assert heights[39] == pytest.approx(0, abs=1e-4)
    assert pipeline.report()["events"]["reference"] == 2


def wait_for_failure(pipeline: Pipeline) -> None:
    end = time.monotonic() + PATIENCE_S
    while pipeline.failure is None:
        assert time.monotonic() < end, "it goes on"
        time.sleep(0.002)


class TestFullDisk:
    def test_recording_alone_ends_at_once(self, tmp_path):
        frames = [frame_number(k) for k in range(200)]
        board = scripted([*frames[:100], lambda: wait_for_failure(pipeline), *frames[100:]])
        path = tmp_path / "full.mcap"
        pipeline = Pipeline(board, None, Recorder(path, About.of(board.stream, board.identify())))
        with files_up_to(LIMIT_BYTES):
            pipeline.start()
            assert pipeline.wait(PATIENCE_S)
        assert pipeline.counters()["received"] <= 101
        assert isinstance(pipeline.failure, RecordingStopped)
        with Recording.open(path) as recording:
            assert len(recording) == pipeline.counters()["recorded"] > 0

    def test_pictures_go_on_and_the_end_is_told(self, tmp_path, reconstructor):
        frames = [frame_number(k) for k in range(200)]
        board = scripted([*frames[:100], lambda: wait_for_failure(pipeline), *frames[100:]])
        recorder = Recorder(tmp_path / "full.mcap", About.of(board.stream, board.identify()))
        pipeline = Pipeline(board, imager_for(board.stream, reconstructor), recorder)
        with files_up_to(LIMIT_BYTES):
            pipeline.start()
            assert pipeline.wait(PATIENCE_S)
        assert pipeline.counters()["received"] == 200
        assert pipeline.newest().image.frame.sequence == 199
        assert [event.kind for event in pipeline.events()].count("recording") == 1
        assert isinstance(pipeline.failure, RecordingStopped)


def test_a_recording_that_cannot_keep_up_stops_loudly_and_keeps_what_it_has(tmp_path):
    """The tape is not started yet, so its queue fills as it would behind a disk that hangs."""
    board = scripted([frame_number(k) for k in range(50)])
    recorder = Recorder(tmp_path / "slow.mcap", About.of(board.stream, board.identify()))
    tape = Tape(recorder, dict, bound=4)
    for k in range(6):
        tape.put(frame_number(k))
    assert "too slow" in str(tape.error)
    tape.start()
    tape.close()
    with Recording.open(recorder.path) as recording:
        assert len(recording) == 4


def test_a_frame_that_cannot_be_recorded_ends_the_recording_with_a_finished_file(tmp_path):
    odd = Frame(np.zeros(208, np.float64), 5, 0, time.monotonic_ns())
    board = scripted([*(frame_number(k) for k in range(5)), odd, frame_number(6)])
    recorder = Recorder(tmp_path / "odd.mcap", About.of(board.stream, board.identify()))
    pipeline = Pipeline(board, None, recorder)
    pipeline.start()
    assert pipeline.wait(PATIENCE_S)
    assert "float64" in pipeline.error
    with Recording.open(recorder.path) as recording:
        assert recording.torn is None
        assert len(recording) == pipeline.counters()["recorded"] == 5


def test_a_bug_behind_the_recorder_is_told_and_the_file_is_finished(tmp_path, capsys):
    board = scripted([])
    recorder = Recorder(tmp_path / "bug.mcap", About.of(board.stream, board.identify()))
    tape = Tape(recorder, lambda: {"share": 1 / 0})
    tape.start()
    tape.put(frame_number(0))
    tape.close()
    assert "internal error" in str(tape.error)
    assert "ZeroDivisionError" in capsys.readouterr().err
    with Recording.open(recorder.path) as recording:
        assert recording.torn is None
        assert len(recording) == tape.recorded == 1


class TestLargeAlbum:
    @pytest.fixture
    def recording(self, tmp_path):
        path = tmp_path / "r.mcap"
        with Recorder(path, About(ADJACENT)) as recorder:
            for k in range(30):
                recorder.write(frame_number(k))
        with Recording.open(path) as recording:
            yield recording

    def test_pictures_on_disk_are_those_in_memory(
        self, recording, reconstructor, tmp_path, monkeypatch
    ):
        small = make_album(recording, imager_for(recording.about.stream, reconstructor), 5)
        monkeypatch.setattr("eit_rt.pipeline.album.IN_MEMORY_BYTES", 0)
        large = make_album(recording, imager_for(recording.about.stream, reconstructor), 5)
        assert isinstance(large.images, np.memmap)
        large.save(tmp_path / "large.npz")
        with np.load(tmp_path / "large.npz") as saved:
            np.testing.assert_array_equal(saved["images"], small.images)

    def test_no_room_for_them_is_told_before_the_work(self, recording, reconstructor, monkeypatch):
        monkeypatch.setattr("eit_rt.pipeline.album.IN_MEMORY_BYTES", 0)
        with (
            files_up_to(LIMIT_BYTES),
            pytest.raises(ConfigError, match=r"30 pictures need 0\.0 GB"),
        ):
            make_album(recording, imager_for(recording.about.stream, reconstructor), 5)


def test_a_frame_without_one_measurement_is_no_picture(reconstructor):
    stream = Stream(ADJACENT, 100.0)
    imager = imager_for(stream, reconstructor)
    imager.calibration.set_reference([frame_number(0)])
    empty = imager.image(frame_number(1, np.full(208, np.nan, dtype=np.float32)))
    assert empty.difference.valid_fraction == 0
    assert np.isnan(empty.values).all()
