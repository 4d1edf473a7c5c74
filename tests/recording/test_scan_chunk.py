"""Compressed chunks that lie, bombs, and too little memory: told, within bounds."""

import subprocess
import sys
import zlib
from pathlib import Path

import lz4.frame
import pytest
import zstandard

from eit_rt.recording import Recording
from eit_rt.recording.appender import CHUNK_HEAD, MESSAGE_HEAD, RECORD_HEAD
from eit_rt.recording.scan_chunk import LARGEST_CHUNK, decompressed, has_checksum, records_in
from tests.recording.samples import some_frames, write_all

PACK = {
    b"zstd": zstandard.ZstdCompressor().compress,
    b"lz4": lz4.frame.compress,
}
BODY = MESSAGE_HEAD.pack(5, 32, 1, 0, 3, 3) + bytes(10)


def chunk(codec: bytes, body: bytes, size: int | None = None, crc: int | None = None) -> bytes:
    """Record of a chunk that holds `body`, or says that it is something else."""
    packed = PACK[codec](body)
    head = CHUNK_HEAD.pack(
        *(6, CHUNK_HEAD.size - RECORD_HEAD.size + len(codec) + len(packed), 0, 0),
        len(body) if size is None else size,
        zlib.crc32(body) if crc is None else crc,
        len(codec),
        0,
    )[:-8]
    return head + codec + len(packed).to_bytes(8, "little") + packed


@pytest.mark.parametrize("codec", PACK)
def test_only_what_is_as_it_says_is_taken(codec: bytes) -> None:
    whole = chunk(codec, BODY)
    assert decompressed(whole) == BODY
    assert has_checksum(whole)
    assert decompressed(chunk(codec, BODY, crc=0)) == BODY
    assert not has_checksum(chunk(codec, BODY, crc=0))
    assert decompressed(chunk(codec, BODY, crc=1)) is None
    for size in (0, len(BODY) - 1, len(BODY) + 1, LARGEST_CHUNK + 1, 2**64 - 1):
        assert decompressed(chunk(codec, BODY, size=size)) is None
    assert decompressed(chunk(codec, bytes(LARGEST_CHUNK + 1))) is None


@pytest.mark.parametrize("codec", PACK)
def test_any_cut_and_any_flipped_bit_is_noticed(codec: bytes) -> None:
    whole = chunk(codec, BODY)
    for size in range(len(whole)):
        assert decompressed(whole[:size]) in (None, BODY)
    for position in range(CHUNK_HEAD.size - 24, len(whole)):
        for bit in range(8):
            damaged = bytearray(whole)
            damaged[position] ^= 1 << bit
            assert decompressed(bytes(damaged)) in (None, BODY), (position, bit)


def test_zeros_are_no_records() -> None:
    assert list(records_in(BODY + bytes(1000) + BODY, 0)) == [(5, 0, len(BODY))]


def test_what_is_no_record_in_a_chunk_is_told(tmp_path: Path) -> None:
    path = write_all(tmp_path / "r.mcap", some_frames(3))
    path.write_bytes(head_of(path) + chunk(b"zstd", bytes(1 << 20)))
    with Recording.open(path) as recording:
        assert [damage.n_bytes for damage in recording.damage] == [1 << 20]
        assert "no records" in str(recording.damage[0])


def head_of(path: Path) -> bytes:
    """What is before the first chunk."""
    with Recording.open(path) as recording:
        first = recording.contents.place_of[0] - CHUNK_HEAD.size
    return path.read_bytes()[:first]


LITTLE_MEMORY = """
import resource, sys
import zstandard, lz4.frame
from eit_rt.errors import RecordingError
from eit_rt.recording import Recording

pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + (40 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    with Recording.open(sys.argv[1]) as recording:
        print(len(recording), *recording.damage)
except RecordingError as error:
    print("refused:", error)
"""


def opened_with_little_memory(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LITTLE_MEMORY, path], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/statm")
@pytest.mark.parametrize("size", [1000, 1 << 29])
@pytest.mark.parametrize("codec", PACK)
def test_half_a_gigabyte_in_a_small_file_is_never_unpacked(
    tmp_path: Path, codec: bytes, size: int
) -> None:
    path = write_all(tmp_path / "bomb.mcap", some_frames(3))
    whole = path.read_bytes()
    head = head_of(path)
    bomb = bytearray(chunk(codec, bytes(1 << 25), size=size))
    path.write_bytes(head + bomb + whole[len(head) :])
    told = opened_with_little_memory(path)
    assert told.startswith("3 a compressed chunk is damaged"), told
    assert ("too large: 536870912 bytes" in told) == (size > LARGEST_CHUNK)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc/self/statm")
def test_too_little_memory_is_told(tmp_path: Path) -> None:
    path = write_all(tmp_path / "large.mcap", some_frames(3))
    body = RECORD_HEAD.pack(0x80, 60 << 20)
    with path.open("r+b") as file:
        file.seek(len(head_of(path)))
        n_bytes = len(body) + (60 << 20)
        length = CHUNK_HEAD.size - RECORD_HEAD.size + n_bytes
        file.write(CHUNK_HEAD.pack(6, length, 0, 0, n_bytes, 1, 0, n_bytes) + body)
        file.truncate(file.tell() + (60 << 20))
    assert "refused: the recording needs more memory than there is" in opened_with_little_memory(
        path
    )
