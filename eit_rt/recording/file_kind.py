"""What kind of file is this? Judged by its first bytes, so that a refusal can say what to do instead.

Imports nothing of the project.
"""

from pathlib import Path

FIRST_BYTES = 512
MCAP = b"\x89MCAP0\r\n"
"""How a recording begins."""

_KINDS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", "`eit-rt import {path} -o NEW.mcap` makes a recording of it"),
    (b"PK\x03\x04", "an .npz or other zip archive", "`eit-rt import {path} -o NEW.mcap` makes a recording of it"),
    (b"\x93NUMPY", "a single NumPy array (.npy)", "save it as array `frames` in an .npz file, then `eit-rt import`"),
    (b"MATLAB 5.0", "a MATLAB file", "`eit-rt import {path} -o NEW.mcap` makes a recording of it"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first"),
)  # fmt: skip


def kind_of(first: bytes) -> tuple[str, str]:
    """(what a file is, what to do with it) from its first bytes."""
    for magic, kind, advice in _KINDS:
        if first.startswith(magic):
            return kind, advice
    if not first:
        return "an empty file", "check whether the program that wrote it had room on the disk"
    if not first.strip(b"\x00"):
        return "a file of zeros", "it was never written to disk (power failure?); use a copy"
    if _is_text(first):
        return "a text file", "`eit-rt import` reads other systems' files"
    return (
        "a file of unknown kind",
        "`eit-rt import --help` lists what can be turned into a recording",
    )


def refusal(path: Path, first: bytes) -> str:
    """Why a file is not opened as a recording."""
    if first and MCAP.startswith(first):
        return f"{path} is the first {len(first)} bytes of a recording; nothing is left of it"
    kind, advice = kind_of(first)
    return f"{path} is {kind}, not a recording (.mcap); {advice.format(path=path)}"


def _is_text(first: bytes) -> bool:
    try:
        text = first.decode()
    except UnicodeDecodeError as error:
        # The first bytes may end in the middle of a character.
        if error.start < len(first) - 3:
            return False
        text = first[: error.start].decode()
    return all(character.isprintable() or character in "\r\n\t\f" for character in text)
