"""Cut at every byte, flipped at every byte, random bytes: whatever is whole is read, and the rest is told."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eit_rt.errors import RecordingError
from eit_rt.frames import Event
from eit_rt.recording import Recording
from eit_rt.recording.appender import CHUNK_HEAD, MAGIC, MESSAGE_HEAD, RECORD_HEAD
from eit_rt.recording.messages import pack_frame, unpack_frame
from eit_rt.recording.recorder import FRAME_CHANNEL
from eit_rt.recording.scan import Contents, scan
from tests.recording.samples import bits, some_frames, write_all

FRAMES = some_frames(17)
EVENT = Event("note", "between", 10**15 + 1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A finished file of 17 small frames in chunks of 10, 3 (with the event), and 4."""
    path = tmp_path_factory.mktemp("scan") / "whole.mcap"
    return write_all(path, [*FRAMES[:13], EVENT, *FRAMES[13:]]).read_bytes()


@pytest.fixture(scope="module")
def ends(whole: bytes) -> list[int]:
    """Offset behind each frame's record, found by searching for its bytes."""
    messages = [pack_frame(frame) for frame in FRAMES]
    assert all(whole.count(message) == 1 for message in messages)
    return [whole.index(message) + len(message) for message in messages]


@pytest.fixture(scope="module")
def first_chunk(ends: list[int]) -> int:
    """Offset of the first chunk record: what is before it is the head."""
    return ends[0] - len(pack_frame(FRAMES[0])) - MESSAGE_HEAD.size - CHUNK_HEAD.size


def frames_in(data: bytes) -> tuple[list[tuple[object, ...]], Contents]:
    """Frames that a scan finds, without a file on disk."""
    contents = scan(BytesIO(data), len(data))
    found = []
    for channel, place in zip(contents.channel_of, contents.place_of, strict=True):
        if channel == FRAME_CHANNEL:
            end = place + RECORD_HEAD.size + RECORD_HEAD.unpack_from(data, place)[1]
            found.append(bits(unpack_frame(data[place + MESSAGE_HEAD.size : end])))
    return found, contents


@pytest.mark.slow
def test_a_file_cut_at_any_byte_gives_all_whole_frames(
    whole: bytes, ends: list[int], first_chunk: int, tmp_path: Path
) -> None:
    path = tmp_path / "cut.mcap"
    for size in [*range(first_chunk, ends[-1] + 50), *range(ends[-1] + 50, len(whole), 7)]:
        path.write_bytes(whole[:size])
        expected = sum(end <= size for end in ends)
        recording = Recording.open(path)
        assert [bits(f) for f in recording.frames()] == [bits(f) for f in FRAMES[:expected]], size
        assert recording.torn is not None, size
        assert recording.torn.offset + recording.torn.n_bytes == size
        assert recording.damage == ()
        recording.close()


def test_a_file_cut_inside_its_head_is_a_clear_error(
    whole: bytes, first_chunk: int, tmp_path: Path
) -> None:
    path = tmp_path / "cut.mcap"
    for size in range(0, first_chunk - 200, 3):
        path.write_bytes(whole[:size])
        with pytest.raises(
            RecordingError, match=r"cut off in|first \d+ bytes|empty|list of channels"
        ):
            Recording.open(path)


def test_a_cut_file_tells_how_many_bytes_are_lost(
    whole: bytes, ends: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "cut.mcap"
    path.write_bytes(whole[: ends[11] + 25])
    torn = Recording.open(path).torn
    assert torn is not None
    assert (torn.offset, torn.n_bytes) == (ends[11], 25)
    assert "25 bytes lost" in str(torn)


@pytest.mark.parametrize("mask", [0x01, 0xFF])
def test_a_flipped_byte_costs_one_chunk_at_most_and_never_goes_unseen(
    whole: bytes, first_chunk: int, mask: int
) -> None:
    written = [bits(frame) for frame in FRAMES]
    for position in range(first_chunk, len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= mask
        read, contents = frames_in(bytes(damaged))
        assert is_subsequence(read, written), position
        assert len(read) >= len(written) - 10, position
        assert contents.damage or contents.torn or read == written, position
        assert max(contents.time_of) - min(contents.time_of) < 10**9, position


def test_one_damaged_value_costs_one_frame(whole: bytes, ends: list[int], tmp_path: Path) -> None:
    path = tmp_path / "flipped.mcap"
    damaged = bytearray(whole)
    damaged[ends[4] - 10] ^= 4
    path.write_bytes(damaged)
    recording = Recording.open(path)
    assert [f.sequence for f in recording.frames()] == [
        f.sequence for k, f in enumerate(FRAMES) if k != 4
    ]
    assert recording.events == [EVENT]
    assert recording.torn is None
    assert [str(damage).split(" (")[0] for damage in recording.damage] == [
        "a message has a wrong checksum"
    ]


@pytest.mark.parametrize("n_bytes", [1, 200, 1000])
def test_a_hole_of_zeros_costs_what_it_covers(
    whole: bytes, ends: list[int], first_chunk: int, tmp_path: Path, n_bytes: int
) -> None:
    """As after a power failure on a file system that had not written a block."""
    path = tmp_path / "hole.mcap"
    starts = [end - len(pack_frame(FRAMES[0])) - MESSAGE_HEAD.size for end in ends]
    for offset in range(first_chunk, ends[-1] - n_bytes, 97):
        path.write_bytes(whole[:offset] + bytes(n_bytes) + whole[offset + n_bytes :])
        read = {f.sequence - 7 for f in Recording.open(path).frames()}
        covered = {
            k
            for k, (start, end) in enumerate(zip(starts, ends, strict=True))
            if start < offset + n_bytes and end > offset
        }
        lost = set(range(len(FRAMES))) - read
        # With a chunk's head gone the frames behind it in that chunk are out of reach.
        assert len(lost) <= len(covered) + 10, offset


def test_zeros_behind_the_end_are_a_torn_tail(
    whole: bytes, ends: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "zeros.mcap"
    path.write_bytes(whole[: ends[14]] + bytes(5000))
    recording = Recording.open(path)
    assert len(recording) == 15
    assert recording.torn is not None
    assert recording.torn.n_bytes == 5000


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_random_damage_never_gives_a_wrong_frame_or_another_error(
    whole: bytes, first_chunk: int, tmp_path: Path, data: st.DataObject
) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(len(MAGIC), len(damaged) - 1))
        what = data.draw(st.binary(min_size=0, max_size=40))
        damaged[at : at + data.draw(st.integers(0, 60))] = what
    path = tmp_path / "fuzz.mcap"
    path.write_bytes(damaged)
    try:
        recording = Recording.open(path)
    except RecordingError:
        return
    assert is_subsequence([bits(f) for f in recording.frames()], [bits(f) for f in FRAMES])
    recording.close()


@settings(
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(noise=st.binary(max_size=2000))
def test_noise_behind_the_magic_is_a_clear_error(tmp_path: Path, noise: bytes) -> None:
    path = tmp_path / "noise.mcap"
    path.write_bytes(MAGIC + noise)
    with pytest.raises(RecordingError):
        Recording.open(path)


def is_subsequence(part: list[object], full: list[object]) -> bool:
    rest: Iterator[object] = iter(full)
    return all(item in rest for item in part)


def test_a_damaged_chunk_length_does_not_load_the_rest_of_the_file(
    whole: bytes, first_chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bound is made small and a hole as long as sixteen bounds put behind the recording."""
    bound = 1 << 12
    monkeypatch.setattr("eit_rt.recording.scan.LARGEST_CHUNK", bound)
    monkeypatch.setattr("eit_rt.recording.scan._SEARCH_BYTES", bound)
    data = bytearray(whole + bytes(16 * bound))
    data[first_chunk + 1 + 5] = 1  # the length now says a terabyte
    largest = 0

    class Watched(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            nonlocal largest
            largest = max(largest, size or 0)
            return super().read(size)

    contents = scan(Watched(bytes(data)), len(data))
    assert largest <= 2 * bound
    assert sum(channel == FRAME_CHANNEL for channel in contents.channel_of) >= len(FRAMES) - 10
