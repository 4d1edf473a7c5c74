"""Reading tables of numbers: our export, and other programs' with one line a frame."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.errors import EitError, ReaderError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording.readers import detect, import_file, reader
from eit_rt.recording.readers.csv import GUESSED, TIMPEL_COLUMNS
from tests.recording.readers import exported
from tests.recording.readers.contract import Expected, ReaderContract

FRAMES = np.random.default_rng(5).normal(size=(7, 208)).astype(np.float32)


class TestExport(ReaderContract):
    reader_name = "csv"
    head_bytes = exported.content(".csv").rindex(b"\n# time_s")

    def content(self) -> bytes:
        return exported.content(".csv")

    def expected(self) -> Expected:
        return exported.expected()


def values_of(path: Path, **options: Any) -> np.ndarray:
    return np.stack([frame.values for frame in import_file(path, **options).frames])


def table(folder: Path, text: str) -> Path:
    path = folder / "measured.csv"
    path.write_text(text, errors="surrogateescape")
    return path


def rows(values: np.ndarray, delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(map(str, row)) for row in values.tolist())


@pytest.mark.parametrize("delimiter", [",", ";", "\t", ", ", " ", "   "])
@pytest.mark.parametrize("head", ["", "# taken on Monday\n", "\ufeff"])
def test_a_plain_table_with_a_known_number_of_columns(
    tmp_path: Path, delimiter: str, head: str
) -> None:
    path = table(tmp_path, head + rows(FRAMES, delimiter))
    assert not delimiter.strip() or detect(path) == "csv"
    imported = import_file(path, "csv")
    assert imported.about.pattern == Pattern.by_name("adjacent", 16)
    assert any("pattern taken from the number of columns" in note for note in imported.notes)
    assert all(note in imported.about.source for note in imported.notes)
    assert values_of(path, reader_name="csv").tobytes() == FRAMES.tobytes()


def test_names_of_the_columns_and_seconds_in_front(tmp_path: Path) -> None:
    times_s = np.arange(7) / 4 + 100
    names = ",".join(["t", *(f"v{k}" for k in range(208))])
    path = table(tmp_path, f"{names}\n{rows(np.column_stack([times_s, FRAMES]))}\n")
    imported = import_file(path)
    frames = list(imported.frames)
    assert [frame.t_board_ns for frame in frames] == [k * 250_000_000 for k in range(7)]
    assert imported.about.rate_hz == 4.0
    assert frames[3].values.tobytes() == FRAMES[3].tobytes()


def test_any_pattern_that_the_user_names(tmp_path: Path) -> None:
    path = table(tmp_path, rows(FRAMES[:, :192]))
    about = import_file(path, pattern="opposite", electrodes=16, rate_hz=5.0, unit="mV").about
    assert about.pattern == Pattern.by_name("opposite", 16)
    assert (about.rate_hz, about.unit) == (5.0, "mV")
    with pytest.raises(ReaderError, match=r"192 columns.*needs 208 values a line, or 209"):
        import_file(path, pattern="adjacent", electrodes=16)
    with pytest.raises(ReaderError, match="add --electrodes"):
        import_file(path, pattern="opposite")


def test_complex_values_stand_in_pairs(tmp_path: Path) -> None:
    path = table(tmp_path, rows(FRAMES))
    options = {"pattern": "adjacent-half", "electrodes": 16, "value_kind": ValueKind.COMPLEX}
    expected = (FRAMES[:, ::2] + 1j * FRAMES[:, 1::2]).astype(np.complex64)
    assert values_of(path, **options).tobytes() == expected.tobytes()


def test_no_two_known_patterns_have_the_same_number_of_columns() -> None:
    sizes = [Pattern.by_name(*named).n_meas for named in GUESSED]
    both = sizes + [size + 1 for size in sizes]
    assert len(set(both)) == len(both)


def test_pictures_of_timpel_are_left_alone(tmp_path: Path) -> None:
    found = reader("csv").detect(table(tmp_path, rows(np.zeros((3, TIMPEL_COLUMNS)))))
    assert not found.is_match
    assert "Timpel" in found.reason


def test_reference_of_another_table(tmp_path: Path) -> None:
    path = table(tmp_path, rows(FRAMES))
    (tmp_path / "empty.csv").write_text(rows(FRAMES[:3]))
    reference = import_file(path, reference=tmp_path / "empty.csv").about.reference
    np.testing.assert_array_equal(reference, np.median(FRAMES[:3], axis=0))


def test_a_file_that_lacks_frames_says_so(tmp_path: Path) -> None:
    lines = exported.content(".csv").splitlines(keepends=True)
    path = tmp_path / "short.csv"
    path.write_bytes(b"".join(lines[:-2]))
    imported = import_file(path)
    assert imported.n_frames == 10
    assert imported.notes == ("the file announces 12 frames and has 10",)


OURS = exported.content(".csv").decode()
MANY, ROW = rows(np.zeros((40, 208))), rows(np.zeros((1, 207)))
MISTAKES: dict[str, tuple[str, dict[str, Any], str]] = {
    "ragged": (rows(FRAMES) + "\n1,2,3\n" + rows(FRAMES), {}, "equally many: line 8 has 3 columns"),
    "ragged late": (f"{MANY}\n1,2\n", {}, "line 41 has 2 columns, those before it 208"),
    "text late": (f"# a remark\n\n{MANY}\nhello\n", {}, "line 43 has 'hello' in column 1"),
    "a word late": (f"{MANY}\n{ROW},?\n", {}, r"line 41 has '\?' in column 208"),
    "infinite late": (f"{MANY}\n{ROW},-inf\n", {}, "line 41 has '-inf' in column 208, inf"),
    "too large late": (f"{MANY}\n{ROW},1e39\n", {}, "line 41 has '1e39' in .* too large"),
    "no text late": (f"{MANY}\n{MANY}\n\udcff,1\n", {}, "line 81 has '\ufffd' in column 1"),
    "no pattern": (rows(FRAMES[:, :150]), {}, "150 columns, which tell no pattern; add --pattern"),
    "cut in a number": (OURS.rstrip("\n"), {}, "cut off in its last line"),
    "no frames": (OURS[: OURS.rindex("\n# time_s") + 1] + "# x\n", {}, "no line of numbers"),
    "broken fact": (OURS.replace("# unit = ", "# unit = {"), {}, "line [0-9]+ of .* is damaged"),
    "odd fact": (OURS.replace('# unit = "V"', "# unit = [[1], {}]"), {}, "unit"),
    "numbers back": (OURS.replace(",2,", ",1,", 1), {}, "does not ascend at 1 places"),
    "half a number": (OURS.replace(",2,", ",1.5,", 1), {}, "not all whole numbers"),
    "times back": (OURS.replace("\n0.020000000", "\n0.000000001"), {}, "not ascending"),
    "times of ages": (OURS.replace("\n0.0", "\n1e30"), {}, "in column 1, infinite or too large"),
    "infinite": (OURS.replace("\n0.000000000,0,", "\n0.000000000,0,inf#"), {}, "table"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, name: str) -> None:
    text, options, message = MISTAKES[name]
    with pytest.raises(EitError, match=message):
        import_file(table(tmp_path, text), "csv", **options)


@pytest.mark.parametrize("has_time", [False, True])
def test_columns_of_complex_values_tell_their_pattern(tmp_path: Path, has_time: bool) -> None:
    pairs = np.random.default_rng(3).normal(size=(4, 2 * 208))
    columns = np.column_stack([np.arange(4) / 10, pairs]) if has_time else pairs
    path = table(tmp_path, rows(columns))
    made = import_file(path, value_kind=ValueKind.COMPLEX)
    assert made.about.pattern == Pattern.by_name("adjacent", 16)
    (first, *_) = made.frames
    assert first.values == pytest.approx(pairs[0, ::2] + 1j * pairs[0, 1::2], rel=1e-6)


def test_the_counter_of_an_export_is_read_in_full(tmp_path: Path) -> None:
    lines = OURS.splitlines(keepends=True)
    k = next(k for k, line in enumerate(lines) if not line.startswith("#"))
    numbers = [2**62 + 3 * n for n in range(len(lines) - k)]
    for n, number in enumerate(numbers, start=k):
        time_s, _, values = lines[n].split(",", 2)
        lines[n] = f"{time_s},{number},{values}"
    frames = list(import_file(table(tmp_path, "".join(lines))).frames)
    assert [frame.sequence for frame in frames] == numbers
    lines[-1] = lines[-1].replace(str(numbers[-1]), f"{numbers[-1]}.5")
    with pytest.raises(ReaderError, match="not all whole numbers"):
        import_file(table(tmp_path, "".join(lines)))


@pytest.mark.parametrize("content", [OURS, rows(FRAMES) + "\n"])
def test_a_number_cut_by_a_hash_is_refused(tmp_path: Path, content: str) -> None:
    damaged = content.rstrip("\n")
    damaged = damaged[:-2] + "#" + damaged[-1] + "\n"
    with pytest.raises(ReaderError, match="which is no number"):
        import_file(table(tmp_path, damaged), "csv")


def test_a_remark_behind_blanks_is_no_row(tmp_path: Path) -> None:
    path = table(tmp_path, "  # taken on Monday\n" + rows(FRAMES) + "\n\t# the end\n")
    assert detect(path) == "csv"
    assert values_of(path).tobytes() == FRAMES.tobytes()
