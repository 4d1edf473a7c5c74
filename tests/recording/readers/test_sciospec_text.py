"""Reading Sciospec text files: a folder, a file, frequencies, gaps, and a water tank measured with an EIT32."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eit_rt.errors import ConfigError, ReaderError
from eit_rt.frames import ValueKind
from eit_rt.pattern import Pattern
from eit_rt.recording.readers import detect, import_file, reader
from tests.recording.readers.contract import Content, Expected, ReaderContract
from tests.recording.readers.tank import transfer_impedance

ADJACENT = Pattern.by_name("adjacent", 16)
N_FRAMES = 4
TIMES_S = (0.0, 0.049, 0.1, 0.15)
RING = [(k + 1, (k + 1) % 16 + 1) for k in range(16)]


def head(number: int, **changes: str) -> list[str]:
    """The 18 lines; `changes` by the name of a line."""
    second = TIMES_S[number - 1] + 58.685 if number <= N_FRAMES else 59.0
    lines = {
        "count": "18",
        "version": "2",
        "name": f"setup_{number:05d}",
        "date": f"2025.02.12. 13:19:{second:06.3f}",
        "lowest": "10000.0",
        "highest": "10000.0",
        "scale": "1",
        "frequencies": "1",
        "current": "0.005",
        "rate": "20.0",
        "phase": "0.0",
        "gain": "1.0",
        "range": "1",
        "mode": "1",
        "boundary": "1",
        "switch": "1",
        "channels": "MeasurementChannels: " + ",".join(str(k + 1) for k in range(16)),
        "all": "MeasurementChannelsIndependentFromInjectionPattern: "
        + ",".join(str(k + 1) for k in range(32)),
    }
    return list((lines | changes).values())


def potentials(n_frames: int = N_FRAMES, n_electrodes: int = 16, seed: int = 5) -> np.ndarray:
    """(n_frames, n_electrodes, n_electrodes) complex, V for a current of 1 into each electrode."""
    real = transfer_impedance(n_electrodes, n_frames, seed)
    return real * np.exp(0.1j) * 0.4


def eit_file(
    z: np.ndarray,
    number: int = 1,
    pairs: list[tuple[int, int]] = RING,
    weights: tuple[float, ...] = (1.0,),
    **changes: str,
) -> bytes:
    """Of one frame: current into the first electrode of a pair; a row of 32 channels for each frequency."""
    lines = head(number, **changes)
    for a, b in pairs:
        lines.append(f"{a} {b}")
        row = np.full(32, 3e-6 + 0j)
        row[: len(z)] = z[:, a - 1] - z[:, b - 1]
        for weight in weights:
            numbers = [f"{part!r}" for v in (row * weight).tolist() for part in (v.real, v.imag)]
            lines.append("\t".join(numbers))
    return ("\n".join(lines) + "\n").encode()


def name(number: int) -> str:
    return f"setup_{number:05d}.eit"


def by_definition(z: np.ndarray) -> np.ndarray:
    """(208,) complex64: current from k into k+1 and V[j] - V[j+1], worked out from the potentials, row by row."""
    values = []
    for k in range(16):
        for j in range(16):
            after, drive = (j + 1) % 16, (k + 1) % 16
            if not {j, after} & {k, drive}:
                volts = z[:, drive] - z[:, k]
                values.append(volts[j] - volts[after])
    return np.array(values).astype(np.complex64)


class TestSciospecFolder(ReaderContract):
    reader_name = "sciospec"
    reach = 2

    def content(self) -> Content:
        files = {name(k + 1): eit_file(z, k + 1) for k, z in enumerate(potentials())}
        return files | {"setup.setUp": b"Setup type: EITsystem\n"}

    def expected(self) -> Expected:
        values = np.stack([by_definition(z) for z in potentials()])
        return Expected(
            values,
            ADJACENT,
            20.0,
            ValueKind.COMPLEX,
            "V",
            sequence=(1, 2, 3, 4),
            times_s=TIMES_S,
            rtol=1e-6,
        )


class TestSciospecFile(ReaderContract):
    reader_name = "sciospec"
    reach = 2

    def content(self) -> Content:
        return eit_file(potentials()[0])

    def expected(self) -> Expected:
        values = by_definition(potentials()[0])[np.newaxis]
        return Expected(values, ADJACENT, 20.0, ValueKind.COMPLEX, "V", rtol=1e-6)


def save(folder: Path, files: dict[str, bytes]) -> Path:
    path = folder / "run"
    path.mkdir(exist_ok=True)
    for file_name, content in files.items():
        (path / file_name).write_bytes(content)
    return path


def run(numbers: tuple[int, ...] = (1, 2, 3), **changes: str) -> dict[str, bytes]:
    return {name(n): eit_file(potentials()[n % N_FRAMES], n, **changes) for n in numbers}


def one(folder: Path, content: bytes, **options: Any) -> Any:
    path = folder / "one.eit"
    path.write_bytes(content)
    return import_file(path, "sciospec", **options)


# -- patterns --------------------------------------------------------------------------------------------------


def ring(step: int, n: int = 16, *, reverse: bool = False, first: int = 0) -> list[tuple[int, int]]:
    pairs = [((k + first) % n + 1, (k + first + step) % n + 1) for k in range(n)]
    return [(b, a) for a, b in pairs] if reverse else pairs


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (ring(1), "adjacent"),
        (ring(1, reverse=True), "adjacent"),
        (ring(1, first=5), "adjacent"),
        (ring(3), "skip2"),
        (ring(13), "skip2"),
        (ring(5, reverse=True, first=2), "skip4"),
        (ring(8), "opposite"),
    ],
)
def test_regular_injections_give_the_named_pattern_and_its_values(
    tmp_path: Path, pairs: list[tuple[int, int]], expected: str
) -> None:
    (z, *_) = potentials()
    made = one(tmp_path, eit_file(z, pairs=pairs))
    assert made.about.pattern.name == expected
    assert made.about.pattern == Pattern.by_name(expected, 16)
    (frame,) = made.frames
    np.testing.assert_allclose(frame.values, made.about.pattern.voltages(z), rtol=2e-5)


def test_irregular_injections_keep_their_order_with_adjacent_senses(tmp_path: Path) -> None:
    (z, *_) = potentials()
    made = one(tmp_path, eit_file(z, pairs=[(1, 2), (1, 6), (9, 4)]))
    pattern = made.about.pattern
    assert (pattern.n_meas, pattern.n_stimulations) == (13 + 12 + 12, 3)
    (frame,) = made.frames
    np.testing.assert_allclose(frame.values, pattern.voltages(z), rtol=2e-5)


def test_electrodes_of_the_ring_are_the_channels_in_their_order(tmp_path: Path) -> None:
    z = potentials(1, 32)[0]
    channels = [2 * k + 1 for k in range(16)]
    pairs = [(channels[k], channels[(k + 1) % 16]) for k in range(16)]
    listed = "MeasurementChannels: " + ",".join(map(str, channels))
    made = one(tmp_path, eit_file(z, pairs=pairs, channels=listed))
    assert made.about.pattern == ADJACENT
    (frame,) = made.frames
    expected = ADJACENT.voltages(z[::2, ::2])
    np.testing.assert_allclose(frame.values, expected, rtol=2e-5)


# -- frequencies -----------------------------------------------------------------------------------------------

SWEEP = {"lowest": "1000.0", "highest": "100000.0", "frequencies": "3"}


def sweep(**changes: str) -> bytes:
    return eit_file(potentials()[0], weights=(1.0, 2.0, 4.0), **(SWEEP | changes))


@pytest.mark.parametrize(("asked", "factor"), [(1000.0, 1), (10_000.0, 2), (100_500.0, 4)])
def test_one_of_several_frequencies_is_taken(tmp_path: Path, asked: float, factor: int) -> None:
    (frame,) = one(tmp_path, sweep(), frequency_hz=asked).frames
    np.testing.assert_allclose(frame.values, factor * by_definition(potentials()[0]), rtol=1e-5)


def test_without_a_choice_the_first_is_taken_and_the_others_are_listed(tmp_path: Path) -> None:
    made = one(tmp_path, sweep())
    (note,) = (note for note in made.notes if "frequencies" in note)
    for part in ("first of 3", "1000, 10000, 100000 Hz", "--frequency"):
        assert part in note
    (frame,) = made.frames
    np.testing.assert_allclose(frame.values, by_definition(potentials()[0]), rtol=1e-5)


def test_linear_sweeps_are_linear(tmp_path: Path) -> None:
    (frame,) = one(tmp_path, sweep(scale="0"), frequency_hz=50_500.0).frames
    np.testing.assert_allclose(frame.values, 2 * by_definition(potentials()[0]), rtol=1e-5)


@pytest.mark.parametrize("asked", [20_000.0, float("nan"), -1.0, 0.0])
def test_a_frequency_that_is_not_there_is_refused(tmp_path: Path, asked: float) -> None:
    with pytest.raises(ConfigError, match=r"no frequency .* Hz .*; it has 1000, 10000, 100000 Hz"):
        one(tmp_path, sweep(), frequency_hz=asked)


# -- a folder --------------------------------------------------------------------------------------------------


def test_a_missing_number_is_a_gap(tmp_path: Path) -> None:
    path = save(tmp_path, run((1, 2, 4)))
    frames = list(import_file(path).frames)
    assert [frame.sequence for frame in frames] == [1, 2, 4]
    assert [frame.t_board_ns for frame in frames] == [0, 49_000_000, 150_000_000]


def test_files_are_ordered_by_number_not_by_name(tmp_path: Path) -> None:
    files = {f"run_{n}.eit": eit_file(potentials()[n - 8], n - 7) for n in (8, 9, 10, 11)}
    frames = list(import_file(save(tmp_path, files)).frames)
    assert [frame.sequence for frame in frames] == [8, 9, 10, 11]
    assert [frame.t_host_ns for frame in frames] == [round(t * 1e9) for t in TIMES_S]


def test_a_damaged_file_is_left_out_and_told(tmp_path: Path) -> None:
    files = run((1, 2, 3))
    files[name(2)] = files[name(2)][:5000]
    made = import_file(save(tmp_path, files))
    assert [frame.sequence for frame in made.frames] == [1, 3]
    (note,) = (note for note in made.notes if "left out" in note)
    assert "1 of 3 files" in note
    assert "cut off" in note


def test_dates_that_go_back_are_replaced_by_the_rate(tmp_path: Path) -> None:
    files = run((1, 2, 4))
    files[name(2)] = files[name(2)].replace(b"2025.02.12", b"2024.02.12")
    made = import_file(save(tmp_path, files))
    assert [frame.t_board_ns for frame in made.frames] == [0, 50_000_000, 150_000_000]
    assert any("dates do not ascend" in note for note in made.notes)


def test_rate_of_the_user_comes_before_the_dates(tmp_path: Path) -> None:
    made = import_file(save(tmp_path, run()), rate_hz=10.0)
    assert [frame.t_board_ns for frame in made.frames] == [0, 100_000_000, 200_000_000]
    assert made.about.rate_hz == 10.0


OTHERS: dict[str, tuple[dict[str, bytes], str]] = {
    "another gain": (run((1,)) | run((2,), gain="10.0"), "other settings.*'10.0' instead of '1.0'"),
    "other injections": (
        run((1,)) | {name(2): eit_file(potentials()[1], 2, pairs=ring(3))},
        "other settings.*'others' instead of 'its injections'",
    ),
    "two runs": (
        run((1,)) | {"other_00001.eit": eit_file(potentials()[0])},
        "2 runs.*other, setup",
    ),
    "two of one number": (run((1,)) | {"setup_1.eit": eit_file(potentials()[0])}, "one number"),
    "no numbers": ({"a.eit": eit_file(potentials()[0])}, "no files NAME_00001.eit"),
    "all damaged": ({name(1): b"18\n2\n"}, "line 1 .* is '18'; expected the number of head lines"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_folders_that_are_no_run_are_refused(tmp_path: Path, case: str) -> None:
    files, message = OTHERS[case]
    with pytest.raises(ReaderError, match=message):
        import_file(save(tmp_path, files), "sciospec")


# -- mistakes --------------------------------------------------------------------------------------------------

GOOD = eit_file(potentials()[0])
MISTAKES: dict[str, tuple[bytes, str]] = {
    "no channels": (eit_file(potentials()[0], channels="Channels"), "no line `MeasurementChannels"),
    "three channels": (eit_file(potentials()[0], channels="MeasurementChannels: 1,2,3"), "3 elec"),
    "channel twice": (
        eit_file(potentials()[0], channels="MeasurementChannels: 1,2,3,3,4"),
        "different electrodes",
    ),
    "channel zero": (
        eit_file(potentials()[0], channels="MeasurementChannels: 0,1,2,3"),
        "from 1 on",
    ),
    "channel without column": (
        eit_file(potentials()[0], channels="MeasurementChannels: " + ",".join(map(str, range(1, 41)))),
        "at least 40",
    ),
    "rate": (eit_file(potentials()[0], rate="fast"), "line 10 .* is 'fast'; expected a number"),
    "rate zero": (eit_file(potentials()[0], rate="0.0"), "0 frames/s"),
    "frequencies": (eit_file(potentials()[0], frequencies="0"), "0 frequencies"),
    "half a frequency": (eit_file(potentials()[0], frequencies="1.5"), "1.5 frequencies"),
    "more frequencies": (eit_file(potentials()[0], frequencies="2"), "32 lines behind the 18 of its head"),
    "highest below lowest": (eit_file(potentials()[0], highest="10.0"), "10000 to 10 Hz"),
    "injection of one": (GOOD.replace(b"\n1 2\n", b"\n1 1\n"), "line 19 .* is '1 1' where"),
    "injection outside": (GOOD.replace(b"\n1 2\n", b"\n1 17\n"), "line 19 .* is '1 17' where"),
    "no last line end": (GOOD[:-1], "line 50, its last one, has no end"),
    "odd numbers": (GOOD.replace(b"\t", b" 7 ", 1), "line 20 .* is no list of real and imaginary"),
    "a name of a number": (GOOD[:-5] + b"\tnan\n", "line 50 .* is no list of real and imaginary"),
    "a column too few": (GOOD[: GOOD.rindex(b"\t", 0, GOOD.rindex(b"\t"))] + b"\n", "line 50 .* has 31 "),
    "all touch": (
        eit_file(
            potentials()[0], pairs=[(1, 3), (2, 4)], channels="MeasurementChannels: 1,2,3,4"
        ),
        "no usable pattern",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_are_told(tmp_path: Path, case: str) -> None:
    content, message = MISTAKES[case]
    with pytest.raises(ReaderError, match=message):
        one(tmp_path, content)


def test_a_number_too_large_for_float32_is_missing(tmp_path: Path) -> None:
    lines = GOOD.split(b"\n")
    lines[19] = b"\t".join([b"1e39", b"0.0", *lines[19].split(b"\t")[2:]])
    (frame,) = one(tmp_path, b"\n".join(lines)).frames
    # Injection 1-2 leaves electrode 1 out: its potential enters no measurement.
    assert not np.isnan(frame.values).any()
    lines[19] = b"\t".join([*lines[19].split(b"\t")[:8], b"1e39", *lines[19].split(b"\t")[9:]])
    (frame,) = one(tmp_path, b"\n".join(lines)).frames
    assert np.isnan(frame.values).sum() == 2


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.eit"
    path.write_bytes(GOOD)
    with path.open("ab") as file:
        file.truncate(1 << 33)
    with pytest.raises(ReaderError, match="larger than 128 MiB"):
        import_file(path, "sciospec")


# -- a measured tank -------------------------------------------------------------------------------------------


def test_water_tank_of_the_vendor_is_reciprocal(shared: Path) -> None:
    folder = shared / "real_data" / "sciospec_setup"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    assert detect(folder) == "sciospec"
    assert detect(folder / name(3)) == "sciospec"
    made = import_file(folder)
    frames = list(made.frames)
    assert made.n_frames == len(frames) == 5
    assert (made.about.pattern, made.about.rate_hz) == (ADJACENT, 20.0)
    assert [frame.sequence for frame in frames] == [1, 2, 3, 4, 5]
    assert made.started_ns is not None
    started = datetime.fromtimestamp(made.started_ns / 1e9, UTC)
    assert (started.year, started.month, started.day) == (2025, 2, 12)
    assert np.diff([frame.t_board_ns for frame in frames]).tolist() == [
        49_000_000,
        50_000_000,
        51_000_000,
        49_000_000,
    ]
    values = np.stack([frame.values for frame in frames])
    error = np.abs(values - values[:, ADJACENT.reciprocal]).mean() / np.abs(values).mean()
    assert 0.030 < error < 0.045
    # Current into the first electrode of a pair: adjacent voltages are positive.
    assert (values.real > 0).all()


def test_the_reader_takes_folders() -> None:
    assert reader("sciospec").takes_folders


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"frequencies": "1e999"}, "line 8 of .* too large"),
        ({"highest": "1e999"}, "line 6 of .* too large"),
        ({"rate": "1e999"}, "line 10 of .* too large"),
        ({"frequencies": "1e9"}, r"line 8 of .* names 1e\+09 frequencies"),
    ],
)
def test_numbers_without_bound_are_told(
    tmp_path: Path, changes: dict[str, str], message: str
) -> None:
    path = tmp_path / name(1)
    path.write_bytes(eit_file(potentials(1)[0], **changes))
    with pytest.raises(ReaderError, match=message):
        import_file(path, "sciospec")


@pytest.mark.parametrize("said", ["Ångström", "tank\x1c1", "tank\x0b\x0c2", "ein … zwei"])
def test_a_name_with_any_character_is_one_line(tmp_path: Path, said: str) -> None:
    """The second byte of Å in UTF-8 is a line end for Python's splitlines, in latin-1."""
    path, z = tmp_path / name(1), potentials(1)[0]
    path.write_bytes(eit_file(z, name=said))
    (frame,) = import_file(path).frames
    np.testing.assert_allclose(frame.values, by_definition(z), rtol=1e-6)
