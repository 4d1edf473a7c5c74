"""What every reader of a foreign format must do. Subclass it, give a valid file and what is in it, and the tests run.

class TestGoettingen(ReaderContract):
    reader_name = "goettingen"

    def content(self):             # a whole file, made byte by byte; a dict {name: bytes} for a folder
        return VALUES.tobytes()

    def expected(self):
        return Expected(VALUES, Pattern.by_name("adjacent", 16), rate_hz=13.0)
"""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from eit_rt.errors import ConfigError, EitError, ReaderError
from eit_rt.frames import Frame, ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording import Recording
from eit_rt.recording.readers import detect, import_file, reader, write_recording
from tests.recording.samples import bits

Content = bytes | Mapping[str, bytes]

NAMES = ("measured", "measured.npz", "measured.mat", "measured.eit", "measured.get", "measured.txt")
"""A file keeps its format under any of these names."""
N_CUTS, N_DAMAGED = 40, 100
STRANGE: dict[str, bytes] = {
    "nothing": b"",
    "zeros": bytes(4096),
    "noise": np.random.default_rng(9).bytes(8192),
    "small numbers": np.random.default_rng(9).normal(size=2048).astype("<f4").tobytes(),
    "a table": b"time,a,b\n" + b"1.0,2.0,3.0\n" * 300,
    "columns of numbers": b"0.5 1.25 -3e-4\n" * 200,
    "a letter": b"Dear colleague,\nthe tank leaks.\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "a page": b"<?xml version='1.0'?><tank n='16'/>\n",
    "a recording": b"\x89MCAP0\r\n" + bytes(300),
}
"""Files that no reader takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """What a file holds, worked out by the test and not by the reader."""

    values: NDArray[Any]
    """(n_frames, n_meas), float32 or complex64, in the order of `pattern`; NaN = missing."""
    pattern: Pattern
    rate_hz: float
    value_kind: ValueKind = ValueKind.REAL
    unit: str = ""
    sequence: tuple[int, ...] | None = None
    """None: 0, 1, 2..."""
    times_s: tuple[float, ...] | None = None
    """Since the first frame; None: sequence / rate_hz."""
    rtol: float = 0.0
    """0: bit by bit."""

    def numbers(self) -> tuple[int, ...]:
        return self.sequence or tuple(range(len(self.values)))


class ReaderContract:
    """Subclasses set `reader_name` and give `content` and `expected`."""

    reader_name: ClassVar[str]
    options: ClassVar[dict[str, Any]] = {}
    """Options that every import of the file needs."""
    reach: ClassVar[int] = 1
    """So many values of a frame may change with one damaged byte, where damage cannot be noticed."""
    head_bytes: ClassVar[int] = 0
    """A damaged byte before this place (of each file) says something of all frames, and may change all their values."""

    def content(self) -> Content:
        raise NotImplementedError

    def expected(self) -> Expected:
        raise NotImplementedError

    def imported(self, path: Path) -> Any:
        return import_file(path, self.reader_name, **self.options)

    # -- found ------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("name", NAMES)
    def test_it_is_recognised_by_content_whatever_its_name(self, tmp_path: Path, name: str) -> None:
        path = save(tmp_path / name, self.content())
        assert detect(path) == self.reader_name
        assert reader(self.reader_name).detect(path).reason

    @pytest.mark.parametrize("kind", STRANGE)
    def test_strange_files_are_refused_with_a_reason(self, tmp_path: Path, kind: str) -> None:
        path = save(tmp_path / "strange", STRANGE[kind])
        found = reader(self.reader_name).detect(path)
        assert not found.is_match
        assert found.reason
        with pytest.raises(EitError) as refused:
            self.imported(path)
        assert str(refused.value)

    def test_an_empty_folder_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ReaderError):
            self.imported(save(tmp_path / "folder", {}))

    def test_files_of_other_formats_are_left_to_their_readers(self, tmp_path: Path) -> None:
        mine = reader(self.reader_name)
        for k, other in enumerate(formats()):
            path = save(tmp_path / f"other-{k}", other.content())
            if other.reader_name == self.reader_name or not takes(mine, path):
                continue
            found = mine.detect(path)
            assert not found.is_match, f"taken from {other.reader_name}: {found.reason}"
            assert found.reason

    def test_an_option_that_it_does_not_take_is_refused(self, tmp_path: Path) -> None:
        path = save(tmp_path / "measured", self.content())
        candidates = {"removed": 2, "reference": path, "electrodes": 16, "value_kind": "real"}
        name = next(key for key in candidates if key not in reader(self.reader_name).options)
        typed = "--" + name.replace("_", "-")
        with pytest.raises(ConfigError, match=f"takes no {typed}"):
            import_file(path, self.reader_name, **self.options, **{name: candidates[name]})

    # -- read -------------------------------------------------------------------------------------------------

    def test_frames_pattern_rate_and_times_are_the_files(self, tmp_path: Path) -> None:
        imported, expected = self.imported(save(tmp_path / "f", self.content())), self.expected()
        about, frames = imported.about, list(imported.frames)
        assert imported.n_frames == len(frames) == len(expected.values)
        assert about.pattern == expected.pattern
        assert about.value_kind == expected.value_kind
        assert about.unit == expected.unit
        assert about.rate_hz == pytest.approx(expected.rate_hz)
        assert about.layout is not None
        assert about.layout.n_electrodes == about.pattern.n_electrodes
        assert [frame.sequence for frame in frames] == list(expected.numbers())
        times_s = expected.times_s or [k / expected.rate_hz for k in expected.numbers()]
        for clock in ("t_host_ns", "t_board_ns"):
            seen_s = [getattr(frame, clock) * 1e-9 for frame in frames]
            np.testing.assert_allclose(seen_s, times_s, atol=2e-9)
        for frame, values in zip(frames, expected.values, strict=True):
            assert is_same(frame, values, expected.rtol)

    def test_it_becomes_a_recording_of_the_same_frames(self, tmp_path: Path) -> None:
        path = save(tmp_path / "f", self.content())
        out = tmp_path / "out.mcap"
        assert write_recording(self.imported(path), out) == len(self.expected().values)
        imported = self.imported(path)
        with Recording.open(out) as recording:
            assert [bits(f) for f in recording.frames()] == [bits(f) for f in imported.frames]
            assert recording.about.pattern == imported.about.pattern
            for note in imported.notes:
                assert note in recording.about.source

    # -- cut off and damaged ----------------------------------------------------------------------------------

    def test_cut_anywhere_it_gives_whole_frames_or_an_error(self, tmp_path: Path) -> None:
        expected, path = self.expected(), tmp_path / "cut"
        for content in cuts(self.content()):
            for frame in self.survivors(save(path, content)):
                assert frame.sequence in expected.numbers()
                values = expected.values[expected.numbers().index(frame.sequence)]
                assert is_same(frame, values, expected.rtol), "a frame that is not in the file"

    def test_damaged_bytes_give_frames_or_an_error(self, tmp_path: Path) -> None:
        expected, path = self.expected(), tmp_path / "damaged"
        for content, position in damaged(self.content()):
            for frame in self.survivors(save(path, content)):
                if position >= self.head_bytes:
                    changed = min(n_changed(frame, row, expected.rtol) for row in expected.values)
                    assert changed <= self.reach, f"byte {position}: {changed} values changed"

    def survivors(self, path: Path) -> list[Frame]:
        """Frames of a damaged file, up to where an error of ours stops them."""
        reader(self.reader_name).detect(path)
        frames: list[Frame] = []
        n_meas = None
        # Anything but an error of ours comes through and fails the test.
        with suppress(EitError):
            imported = self.imported(path)
            n_meas = imported.about.pattern.n_meas
            frames.extend(imported.frames)
            assert imported.n_frames == len(frames)
        check_sane(frames, n_meas)
        return frames


def check_sane(frames: list[Frame], n_meas: int | None) -> None:
    """Whole frames of finite or missing numbers, in ascending order of counter and host time."""
    for frame in frames:
        assert frame.values.shape == (n_meas,)
        assert frame.values.dtype in (np.float32, np.complex64)
        assert not np.isinf(frame.values).any()
        assert abs(frame.t_board_ns) < 1 << 63
        assert 0 <= frame.t_host_ns < 1 << 63
    for before, after in pairwise(frames):
        assert before.sequence < after.sequence
        assert before.t_host_ns <= after.t_host_ns


def is_same(frame: Frame, values: NDArray[Any], rtol: float) -> bool:
    return n_changed(frame, values, rtol) == 0 and frame.values.dtype == values.dtype


def n_changed(frame: Frame, values: NDArray[Any], rtol: float) -> int:
    """How many values differ; NaN equals NaN."""
    if frame.values.shape != values.shape:
        return max(frame.values.size, values.size)
    same = np.isclose(frame.values, values, rtol=rtol, atol=0.0, equal_nan=True)
    return int(np.count_nonzero(~same))


# -- files -----------------------------------------------------------------------------------------------------


def save(path: Path, content: Content) -> Path:
    """A file, or a folder of files; replaces what was there."""
    if isinstance(content, bytes):
        path.write_bytes(content)
        return path
    path.mkdir(exist_ok=True)
    for name, part in content.items():
        (path / name).write_bytes(part)
    return path


def takes(chosen: Any, path: Path) -> bool:
    return path.is_file() or getattr(chosen, "takes_folders", False)


def parts_of(content: Content) -> list[tuple[str | None, bytes]]:
    return [(None, content)] if isinstance(content, bytes) else list(content.items())


def with_part(content: Content, name: str | None, part: bytes) -> Content:
    return part if isinstance(content, bytes) or name is None else {**content, name: part}


def cuts(content: Content) -> Iterator[Content]:
    """The content cut at some 40 places: evenly spread, near both ends, and by chance."""
    chance = np.random.default_rng(3)
    parts = parts_of(content)
    for k in range(N_CUTS):
        name, part = parts[k % len(parts)]
        size = len(part)
        near = [1, 4, size - 1, size - 2, size - 5]
        place = near[k] if k < len(near) else k * size // N_CUTS + int(chance.integers(-3, 4))
        yield with_part(content, name, part[: min(max(place, 0), size - 1)])


def damaged(content: Content) -> Iterator[tuple[Content, int]]:
    """(content with one byte changed, place of the byte in its file): every fifth near the beginning."""
    chance = np.random.default_rng(4)
    parts = parts_of(content)
    for k in range(N_DAMAGED):
        name, part = parts[k % len(parts)]
        limit = min(len(part), 200) if k % 5 == 0 else len(part)
        place, step = int(chance.integers(limit)), int(chance.integers(1, 256))
        changed = bytearray(part)
        changed[place] = (changed[place] + step) % 256
        yield with_part(content, name, bytes(changed)), place


def formats() -> list[ReaderContract]:
    """One of each contract in the test modules beside this one."""
    for module in sorted(Path(__file__).parent.glob("test_*.py")):
        importlib.import_module(f"tests.recording.readers.{module.stem}")
    return [contract() for contract in _subclasses(ReaderContract)]


def _subclasses(contract: type[ReaderContract]) -> Iterator[type[ReaderContract]]:
    for found in contract.__subclasses__():
        if hasattr(found, "reader_name"):
            yield found
        yield from _subclasses(found)
