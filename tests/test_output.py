"""Output files: whole or not at all, never replaced unasked, refusals before the work."""

import os
import stat
import threading

import pytest

from eit_rt.errors import ConfigError
from eit_rt.output import refuse_existing, refuse_other_kind, whole_file
from tests.full_disk import files_up_to


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with whole_file(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_while_writing_leaves_everything_as_it_was(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write(b"half" * (1 // 0))
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path):
    with (
        files_up_to(1000),
        pytest.raises(ConfigError, match=r"a\.bin cannot be written: File too large"),
        whole_file(tmp_path / "a.bin") as file,
    ):
        file.write(bytes(100_000))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_told(tmp_path):
    with (
        pytest.raises(ConfigError, match=r"no/a\.bin cannot be written"),
        whole_file(tmp_path / "no" / "a.bin"),
    ):
        pytest.fail("there is nothing to write to")


def test_refusals_come_before_the_work(tmp_path):
    path = tmp_path / "a.bin"
    refuse_existing(path)
    path.touch()
    with pytest.raises(ConfigError, match="--force"):
        refuse_existing(path)
    refuse_existing(path, force=True)
    with pytest.raises(ConfigError, match="no folder"):
        refuse_existing(tmp_path / "no" / "a.bin", force=True)


def test_a_report_replaces_a_report_and_nothing_else(tmp_path):
    path = tmp_path / "r.json"
    refuse_other_kind(path, b"{")
    for content in (b"", b'{"received": 1}'):
        path.write_bytes(content)
        refuse_other_kind(path, b"{")
    refuse_other_kind(tmp_path, b"{")  # writing to it will fail
    path.write_bytes(b"\x89MCAP0")
    with pytest.raises(ConfigError, match="something else; choose another name"):
        refuse_other_kind(path, b"{")


def test_a_pipe_is_written_through_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with whole_file(pipe) as file:
        file.write(b"new")
    reader.join()
    assert read == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_is_written_through_and_stays_one(tmp_path):
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"longer than the new one")
    link.symlink_to(target)
    with whole_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_folder_is_told(tmp_path):
    with (
        pytest.raises(ConfigError, match="cannot be written: Is a directory"),
        whole_file(tmp_path),
    ):
        pytest.fail("there is nothing to write to")
