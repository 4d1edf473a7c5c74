"""What a run says in the terminal: a line that is written over while it runs, one line at its end. Not a command."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eit_rt.frames import Event
    from eit_rt.pipeline import Pipeline
    from eit_rt.pipeline.slideshow import Slideshow
    from eit_rt.viewer import Playback


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A line that is written over, on a terminal; nothing elsewhere."""
    is_terminal = sys.stderr.isatty()
    try:
        yield _write_over if is_terminal else (lambda text: None)
    finally:
        if is_terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _write_over(text: str) -> None:
    """As much as fits: of a line that wraps, only the last piece could be written over."""
    room = os.get_terminal_size(sys.stderr.fileno()).columns - 1
    print(f"\r\x1b[K{text[:room] if room > 0 else text}", end="", file=sys.stderr, flush=True)


class Teller:
    """Says once what else only the window would show: a lost link, a reboot, a poor reference."""

    def __init__(self) -> None:
        self._newest: Event | None = None
        self._said: dict[str, str] = {}
        """By kind, the last one: what is tried again and again is not said each time."""

    def tell(self, events: "Sequence[Event]") -> None:
        """events: the newest of a run, oldest first."""
        old = next((k for k, event in enumerate(events) if event is self._newest), -1)
        for event in events[old + 1 :]:
            self._newest = event
            if _is_notable(event) and self._said.get(event.kind) != event.text:
                self._said[event.kind] = event.text
                start = "\r\x1b[K" if sys.stderr.isatty() else ""
                print(start + event.text, file=sys.stderr, flush=True)


def _is_notable(event: "Event") -> bool:
    """What ends the run is told at its end."""
    return event.kind != "error" and (event.severity != "info" or event.kind == "link-restored")


def progress(pipeline: "Pipeline | Slideshow", playback: "Playback | None" = None) -> str:
    """The line of a running session."""
    counters = pipeline.counters()
    shown = ("received", "bad", "lost", "dropped", "imaged", "recorded")
    text = "  ".join(f"{name} {counters[name]}" for name in shown)
    latency = pipeline.latency_ms()
    text = f"{pipeline.rate_hz:6.1f}/s  {text}" + (
        f"  latency {latency['p50']:.2f} ms" if latency else ""
    )
    return f"{playback.summary}  {text}" if playback else text


def summary(report: dict[str, Any]) -> str:
    """One line about a run that has ended."""
    names = ("received", "bad", "lost", "dropped", "imaged", "recorded")
    text = ", ".join(f"{report[name]} {name}" for name in names)
    latency = report["latency_ms"]
    if latency["p50"] is not None:
        text += f"; last byte to picture {latency['p50']:.2f} ms (median), {latency['p99']:.2f} ms (99 %)"
    return f"{text}; {report['rate_hz']:.1f} frames/s"
