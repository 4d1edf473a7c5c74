"""Pictures played at their times: pace, pause, step, seek, loop, end."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.pipeline.slideshow import Slideshow
from eit_rt.recording.images import Album
from tests.boards.clocks import MINUTE_S
from tests.recording.image_readers.files import some_album

N = 12
PATIENCE_S = MINUTE_S
SLOW = 0.1


class JumpingClock:
    """Time passes by waiting only; notes when each wait ended."""

    def __init__(self) -> None:
        self.time_ns = 10**12

    def now_ns(self) -> int:
        return self.time_ns

    def wait(self, changed: threading.Condition, seconds: float) -> None:
        self.time_ns += round(seconds * 1e9)
        changed.wait(0)  # gives the lock free for a moment


class Recorder(Slideshow):
    """Notes number and moment of each picture that is shown."""

    def __init__(self, shown: Album, *words, **options) -> None:
        super().__init__(shown, *words, **options)
        self.seen: list[tuple[int, float]] = []

    def _show(self, number: int) -> None:
        self.seen.append((number, self._clock.now_ns() / 1e9))
        super()._show(number)


@pytest.fixture
def show():
    made = []

    def show(*words, shown=None, jumping=True, **options) -> Recorder:
        clock = JumpingClock() if jumping else None
        made.append(Recorder(shown or some_album(), *words, clock=clock, **options))
        return made[-1]

    yield show
    for one in made:
        one.stop()


def finished(slideshow: Recorder) -> list[int]:
    slideshow.start()
    assert slideshow.wait(PATIENCE_S)
    return [number for number, _ in slideshow.seen]


@pytest.mark.parametrize("speed", [0.1, 1, 100])
def test_every_picture_is_shown_at_its_time(show, speed):
    times_s = np.array([0, 0.1, 0.2, 1.2, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 9.0, 9.1]) + 3
    slideshow = show(speed, shown=replace(some_album(), time_s=times_s))
    assert finished(slideshow) == list(range(N))
    moments = np.array([moment for _, moment in slideshow.seen])
    np.testing.assert_allclose(moments - moments[0], (times_s - 3) / speed, atol=1e-6)


def test_what_the_viewer_gets(show):
    slideshow = show(np.inf)
    finished(slideshow)
    newest = slideshow.newest()
    np.testing.assert_array_equal(newest.image.values, some_album().images[-1])
    assert newest.image.frame.sequence == 18
    assert slideshow.layout == some_album().layout
    assert (slideshow.stream, slideshow.quantity, slideshow.unit) == (None, "contrast", "S/m")
    assert [event.text for event in slideshow.events()][:3] == ["cough", "suction", "PEEP 10"]
    report = slideshow.report()
    assert (report["received"], report["imaged"], report["lost"]) == (N, N, 0)
    assert report["events"] == {"note": 3, "end": 1}


def test_a_loop_goes_on_with_the_step_of_before(show):
    slideshow = show(loop=True, max_frames=30)
    assert finished(slideshow) == [k % N for k in range(30)]
    moments = np.array([moment for _, moment in slideshow.seen])
    np.testing.assert_allclose(np.diff(moments), 0.05, atol=1e-6)


def test_it_begins_where_it_is_told(show):
    slideshow = show()
    slideshow.seek_time(0.26)
    assert finished(slideshow) == list(range(5, N))


@pytest.mark.parametrize("place", [-1, N])
def test_a_place_that_is_not_there_is_refused(show, place):
    with pytest.raises(ConfigError, match=f"no frame {place}; .* 0 to 11"):
        show().seek_frame(place)
    with pytest.raises(ConfigError, match=r"expected 0 to 0\.55"):
        show().seek_time(-0.1)
    with pytest.raises(ConfigError, match="speed"):
        show(1000)


def until(slideshow: Recorder, condition) -> None:
    end = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if condition():
            return
        end.wait(0.01)
    raise AssertionError(f"waited in vain; seen {slideshow.seen}")


def test_pause_step_seek_and_resume(show):
    slideshow = show(np.inf, jumping=False)
    slideshow.hold_at_end = True
    slideshow.pause()
    slideshow.start()
    slideshow.step()
    until(slideshow, lambda: slideshow.position == 1)
    slideshow.step(2)
    until(slideshow, lambda: slideshow.position == 3)
    assert slideshow.is_paused
    slideshow.seek_frame(8)
    slideshow.step()
    until(slideshow, lambda: slideshow.position == 9)
    slideshow.resume()
    until(slideshow, lambda: slideshow.position == N and slideshow.is_paused)
    until(slideshow, lambda: len(slideshow.seen) == 7)
    assert [number for number, _ in slideshow.seen] == [0, 1, 2, 8, 9, 10, 11]
    assert slideshow.is_running
    slideshow.speed = 100.0
    slideshow.resume()
    until(slideshow, lambda: len(slideshow.seen) >= 8)
    assert slideshow.seen[7][0] == 0, "from the end it begins again"


def test_stop_ends_a_long_wait(show):
    slideshow = show(SLOW, shown=replace(some_album(), time_s=np.arange(N) * 1000.0), jumping=False)
    slideshow.start()
    until(slideshow, lambda: slideshow.newest() is not None)
    slideshow.stop()
    assert not slideshow.is_running
    slideshow.stop()


def test_stop_before_start_does_nothing(show):
    show().stop()
