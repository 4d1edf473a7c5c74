"""Lines of a text board: however the bytes are cut, whatever they are."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from eit_rt.boards.lines import Lines


def fed(data: bytes, cuts=(), longest=100, **more) -> list[bytes]:
    lines = Lines(longest, **more)
    places = [0, *sorted(cuts), len(data)]
    return [line for a, b in pairwise(places) for line in lines.feed(data[a:b])]


TEXT = b"first\nsecond\r\n\nlast but one\nno end"


@given(st.lists(st.integers(0, len(TEXT)), max_size=20))
def test_cuts_do_not_matter(cuts):
    assert fed(TEXT, cuts, joins_midway=False) == [b"first", b"second", b"", b"last but one"]


def test_the_rest_of_a_line_is_left_out_when_joining():
    assert fed(TEXT)[:2] == [b"second", b""]


def test_a_line_without_end_is_thrown_away_once_and_bounded():
    lines = Lines(10, joins_midway=False)
    found = []
    for _ in range(1000):
        found += lines.feed(b"x" * 7)
        assert len(lines._rest) <= 10
    assert found == []
    assert lines.overlong == 1
    assert lines.feed(b"\nshort\n") == [b"short"]
    assert lines.overlong == 1


def test_a_long_line_that_comes_at_once_is_thrown_away():
    lines = Lines(10, joins_midway=False)
    assert lines.feed(b"y" * 50 + b"\nshort\n") == [b"short"]
    assert lines.overlong == 1


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_nothing_is_ever_raised(chunks):
    lines = Lines(20)
    for chunk in chunks:
        for line in lines.feed(chunk):
            assert len(line) <= 20
            assert b"\n" not in line
