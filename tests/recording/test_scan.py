"""Cut at every byte, flipped at every byte, random bytes: whatever is whole is read, and the rest is told."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.opcode import Opcode
from mcap.writer import CompressionType

from eit_rt.errors import RecordingError
from eit_rt.frames import Event
from eit_rt.recording import Recorder, Recording, recover
from eit_rt.recording.appender import CHUNK_HEAD, MAGIC, MESSAGE_HEAD, RECORD_HEAD
from eit_rt.recording.editing import annotate, join, rereference, trim
from eit_rt.recording.messages import pack_frame, unpack_frame
from eit_rt.recording.recorder import EVENT_CHANNEL, FRAME_CHANNEL
from eit_rt.recording.scan import Contents, scan
from eit_rt.recording.scan_chunk import LARGEST_CHUNK
from tests.recording.samples import bits, some_about, some_frames, write_all
from tests.recording.test_recording import write_with_library

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


class Watched(BytesIO):
    """A file that knows how much was asked of it at once, at most."""

    largest = 0

    def read(self, size: int | None = -1) -> bytes:
        self.largest = max(self.largest, size or 0)
        return super().read(size)


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
    watched = Watched(bytes(data))
    contents = scan(watched, len(data))
    assert watched.largest <= 2 * bound
    assert sum(channel == FRAME_CHANNEL for channel in contents.channel_of) >= len(FRAMES) - 10


# -- what describes the messages -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """17 frames, an event and a status, finished."""
    path = tmp_path_factory.mktemp("told") / "told.mcap"
    with Recorder(path, some_about(), wall_offset_ns=0) as recorder:
        for frame in FRAMES:
            recorder.write(frame)
        recorder.write(EVENT)
        recorder.write_status({"received": 17})
    return path.read_bytes()


def channel_records(data: bytes) -> Iterator[tuple[int, int]]:
    """(start, stop) of the channels in the head of a file."""
    position = len(MAGIC)
    while data[position] != Opcode.CHUNK:
        stop = position + RECORD_HEAD.size + RECORD_HEAD.unpack_from(data, position)[1]
        if data[position] == Opcode.CHANNEL:
            yield position, stop
        position = stop


def without_index(data: bytes) -> bytes:
    """As if the program had been killed: nothing behind the last chunk's message indexes."""
    return data[: data.rindex(bytes([Opcode.DATA_END, 4, 0, 0, 0, 0, 0, 0, 0]))]


def edit_all(recording: Recording, folder: Path) -> None:
    """Every way to a new file."""
    for number, edit in enumerate(
        (
            lambda out: trim(recording, out, 0, len(recording)),
            lambda out: join([recording, recording], out),
            lambda out: rereference(recording, out, np.ones(10), "x"),
            lambda out: annotate(recording, out, [(0.0, "x")]),
            lambda out: recover(recording.path, out),
        )
    ):
        out = folder / f"new-{number}.mcap"
        edit(out)
        with Recording.open(out) as new:
            assert (new.torn, new.damage) == (None, ())
        out.unlink()


@pytest.mark.parametrize("mask", [0x01, 0x08, 0xFF])
def test_a_damaged_channel_costs_nothing_if_the_index_lists_it(
    told: bytes, tmp_path: Path, mask: int
) -> None:
    path = tmp_path / "flipped.mcap"
    for start, stop in channel_records(told):
        for position in range(start, stop):
            damaged = bytearray(told)
            damaged[position] ^= mask
            path.write_bytes(damaged)
            with Recording.open(path) as recording:
                assert [bits(f) for f in recording.frames()] == [bits(f) for f in FRAMES], position
                assert recording.events == [EVENT], position
                assert recording.statuses == [{"received": 17}], position


def test_messages_of_a_lost_channel_are_told_and_never_reach_editing(
    told: bytes, tmp_path: Path
) -> None:
    _, event_channel, _ = channel_records(told)
    path = tmp_path / "torn.mcap"
    for position in range(event_channel[0] + RECORD_HEAD.size, event_channel[0] + 11):  # its id
        damaged = bytearray(without_index(told))
        damaged[position] ^= 0x08
        path.write_bytes(damaged)
        with Recording.open(path) as recording:
            assert (len(recording), recording.events) == (17, [])
            assert len(recording.statuses) == 1
            (lost,) = recording.damage
            assert f"channel {EVENT_CHANNEL} is not described: 1 messages" in str(lost)
            assert damaged[lost.offset] == Opcode.MESSAGE
            edit_all(recording, tmp_path)


def test_a_damaged_schema_costs_nothing_else(told: bytes, tmp_path: Path) -> None:
    path = tmp_path / "torn.mcap"
    damaged = without_index(told).replace(b"eit-rt/event/1", b"eit-rt/event\xff1")
    path.write_bytes(damaged)
    with Recording.open(path) as recording:
        assert (len(recording), recording.events) == (17, [EVENT])
        assert "a damaged record" in str(recording.damage[0])
        edit_all(recording, tmp_path)


# -- chunks with a wrong checksum, without one, compressed -----------------------------------------------------


def test_an_event_that_may_have_changed_is_told(told: bytes, tmp_path: Path) -> None:
    """It has no checksum of its own, so that a changed letter can be in any event of the chunk."""
    path = tmp_path / "flipped.mcap"
    path.write_bytes(told.replace(b"between", b"betweem"))
    with Recording.open(path) as recording:
        assert [event.text for event in recording.events] == ["betweem"]
        assert ["may have changed" in str(damage) for damage in recording.damage] == [True]
    path.write_bytes(told.replace(b'"text"', b'"tixt"'))
    with Recording.open(path) as recording:
        assert recording.events == []
        assert "wrong checksum" in str(recording.damage[0])


@pytest.mark.parametrize("compression", [CompressionType.NONE, CompressionType.ZSTD])
def test_without_checksums_of_chunks_each_frame_proves_itself(
    tmp_path: Path, compression: CompressionType
) -> None:
    """MCAP allows 0 for "not calculated", and some programs write it to save time."""
    path = tmp_path / "bare.mcap"
    write_with_library(path, FRAMES, compression=compression, enable_crcs=False)
    written = [bits(frame) for frame in FRAMES]
    data = path.read_bytes()
    with Recording.open(path) as recording:
        assert [bits(f) for f in recording.frames()] == written
        assert (recording.torn, recording.damage) == (None, ())
        place = recording.contents.place_of[-1]
    lost = 0
    start = place if place >= 0 else data.rindex(b"zstd", 0, -500)
    for position in range(start, data.rindex(b"eit-rt/frame") - 50, 3):
        damaged = bytearray(data)
        damaged[position] ^= 1
        path.write_bytes(damaged)
        with Recording.open(path) as recording:
            read = [bits(f) for f in recording.frames()]
            assert is_subsequence(read, written), position
            assert read == written or recording.damage or recording.torn, position
            lost += len(read) < len(written)
    assert lost > 20


@pytest.mark.parametrize("compression", [CompressionType.LZ4, CompressionType.ZSTD])
def test_a_damaged_compressed_chunk_costs_no_other(
    tmp_path: Path, compression: CompressionType
) -> None:
    path = tmp_path / "zip.mcap"
    write_with_library(path, some_frames(120), compression=compression)
    data = bytearray(path.read_bytes())
    with Recording.open(path) as recording:
        chunks = sorted({chunk for chunk, _ in recording.contents.compressed})
    data[chunks[2] + 200] ^= 0xFF
    path.write_bytes(data)
    with Recording.open(path) as recording:
        assert 120 - 20 < len(recording) < 120
        assert [damage.offset for damage in recording.damage] == [chunks[2]]
        assert recording.torn is None
        edit_all(recording, tmp_path)


def test_a_damaged_message_outside_of_chunks_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "plain.mcap"
    write_with_library(path, FRAMES, use_chunking=False)
    data = path.read_bytes()
    path.write_bytes(data.replace(FRAMES[4].values.tobytes(), FRAMES[5].values.tobytes()))
    with Recording.open(path) as recording:
        assert [f.sequence for f in recording.frames()] == [
            f.sequence for k, f in enumerate(FRAMES) if k != 4
        ]
        assert ["a damaged record" in str(damage) for damage in recording.damage] == [True]


# -- sizes that cannot be believed -----------------------------------------------------------------------------


def test_large_records_that_nobody_asked_for_are_not_read(whole: bytes, first_chunk: int) -> None:
    attachment = RECORD_HEAD.pack(Opcode.ATTACHMENT, 1 << 23) + bytes(1 << 23)
    data = whole[:first_chunk] + attachment + without_index(whole[first_chunk:])
    watched = Watched(data)
    contents = scan(watched, len(data))
    assert contents.channel_of.count(FRAME_CHANNEL) == len(FRAMES)
    assert contents.damage == []
    assert watched.largest < 1 << 20


def test_a_head_of_gigabytes_is_damage(whole: bytes, first_chunk: int, tmp_path: Path) -> None:
    """The file has a hole of five gigabytes, which take no room on the disk."""
    path = tmp_path / "hole.mcap"
    with path.open("wb") as file:
        file.write(whole[:first_chunk] + RECORD_HEAD.pack(Opcode.METADATA, 5 << 30))
        file.seek(5 << 30, 1)
        file.write(whole[first_chunk:])
    with Recording.open(path) as recording:
        assert len(recording) == len(FRAMES)
        (damage,) = recording.damage
        assert damage.n_bytes > 5 << 30 > LARGEST_CHUNK


def test_the_shortest_file_that_is_closed_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "short.mcap"
    path.write_bytes(MAGIC + RECORD_HEAD.pack(Opcode.DATA_END, 4) + bytes(4))
    with pytest.raises(RecordingError, match="cut off inside its head"):
        Recording.open(path)


def test_a_chunk_that_is_right_for_the_search_only_ends_the_walk(
    whole: bytes, first_chunk: int
) -> None:
    """Its checksum is right, its codec unknown: a search that offered it again would never end."""
    body = RECORD_HEAD.pack(0x80, 50) + bytes(50)
    head = CHUNK_HEAD.pack(
        Opcode.CHUNK,
        CHUNK_HEAD.size - RECORD_HEAD.size + len(body),
        *(0, 0, len(body), zlib.crc32(body), 7, len(body)),
    )
    data = whole[:first_chunk] + b"\0" + head + body
    contents = scan(BytesIO(data), len(data))
    assert contents.torn is not None
