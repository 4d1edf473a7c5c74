"""Lines of logs: every line end, any byte, any block border, bounded length."""

from pathlib import Path

import pytest

from eit_rt.recording.readers import text_lines as module
from eit_rt.recording.readers.text_lines import Line, text_lines


def lines_of(folder: Path, content: bytes, most_bytes: int | None = None) -> list[Line]:
    path = folder / "log.txt"
    path.write_bytes(content)
    return list(text_lines(path, most_bytes))


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\n"])
def test_every_line_end_ends_a_line(tmp_path: Path, end: bytes) -> None:
    lines = lines_of(tmp_path, end.join([b"", b"a b", b"\xe9\x00", b"c"]))
    assert lines == [Line("a b", True), Line("\xe9\x00", True), Line("c", False)]


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_borders_of_blocks_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    content = b"one\r\ntwo\rthree\n\r\nfour"
    whole = lines_of(tmp_path, content)
    monkeypatch.setattr(module, "BLOCK_BYTES", block)
    assert lines_of(tmp_path, content) == whole
    assert [line.text for line in whole] == ["one", "two", "three", "four"]


@pytest.mark.parametrize("length", [70_000, 200_000])
def test_a_line_too_long_is_empty_and_its_rest_is_no_line(tmp_path: Path, length: int) -> None:
    lines = lines_of(tmp_path, b"a\n" + b"1 " * (length // 2) + b"\nb\n")
    assert lines == [Line("a", True), Line("", True), Line("b", True)]


def test_only_so_many_bytes_are_read(tmp_path: Path) -> None:
    assert lines_of(tmp_path, b"ab\ncd\nef\n", 4) == [Line("ab", True), Line("c", False)]
    assert lines_of(tmp_path, b"") == []
