"""Who speaks next: orders, questions, lost and late answers, on a clock that the test advances."""

from dataclasses import replace

import numpy as np
import pytest

from eit_rt.boards.cn0565_dialogue import FIRST_SILENCE_NS, SECOND_NS, Dialogue, Setup
from eit_rt.boards.cn0565_text import Kind
from eit_rt.boards.found import Fault, Lost, Measured, Remark

STOP, OTHER, CONFIGURE, ASK = b"\nO \n", b"other\n", b"wanted\n", b"V \n"
N = 8
BODY = b",".join(b"%x,ffffffff" % k for k in range(1, N + 1))
VALUES = np.array([-k + 1j for k in range(1, N + 1)], dtype=np.complex64)
"""In the sense of a Pattern: turned."""
ANSWER = b"!CMD V OK\n!V " + BODY + b"\n"


class Talk:
    """A dialogue, and the time."""

    def __init__(self, **changes) -> None:
        self.dialogue = Dialogue(replace(Setup(OTHER, CONFIGURE, N, Kind.RAW, 0.2), **changes))
        self.ns = 10**12

    def due(self, after_s: float = 0.0) -> bytes:
        self.ns += round(after_s * SECOND_NS)
        return self.dialogue.due(self.ns)

    def hear(self, *words: bytes) -> list:
        return [one for word in words for one in self.dialogue.feed(word)]

    def order(self) -> None:
        assert self.due() == STOP
        assert self.hear(b"\n!O \n") == []
        assert self.due() == OTHER
        assert self.hear(b"!CMD C OK\nRtiaReal:9991.20,Imag:-1.100000\n!C OK\n") == []
        assert self.due() == CONFIGURE
        assert self.hear(b"!CMD C OK\nRtiaReal:9991.20,Imag:-1.000000\n!C OK\n") == []
        assert self.dialogue.is_ready

    def ask(self) -> None:
        assert self.due() == ASK

    def answered(self, answer: bytes = ANSWER) -> None:
        (frame,) = self.hear(answer)
        np.testing.assert_array_equal(frame.values, VALUES)


@pytest.fixture
def talk() -> Talk:
    made = Talk()
    made.order()
    return made


def test_one_question_at_a_time(talk):
    for _ in range(3):
        talk.ask()
        assert talk.due(0.05) == talk.due(0.05) == b""
        talk.answered()


def test_an_answer_may_come_in_pieces(talk):
    talk.ask()
    for k in range(len(ANSWER) - 1):
        assert talk.hear(ANSWER[k : k + 1]) == []
        assert talk.due(0.01) == b""
    (frame,) = talk.hear(b"\n")
    assert isinstance(frame, Measured)


def test_a_swapped_polarity_and_a_magnitude_are_not_turned():
    talk = Talk(swapped=True)
    talk.order()
    talk.ask()
    np.testing.assert_array_equal(talk.hear(ANSWER)[0].values, -VALUES)
    talk = Talk(kind=Kind.MAGNITUDE)
    talk.order()
    talk.ask()
    (frame,) = talk.hear(b"!V " + b",".join([b"40a00000"] * N) + b"\n")
    np.testing.assert_array_equal(frame.values, np.full(N, 5, np.float32))


def test_frames_are_asked_for_no_faster_than_wanted():
    talk = Talk(period_ns=SECOND_NS // 2)
    talk.order()
    talk.ask()
    talk.answered()
    assert talk.due(0.4) == b""
    assert talk.due(0.1) == ASK


def test_no_answer_is_lost_and_the_board_is_set_up_anew(talk):
    talk.ask()
    assert talk.due(FIRST_SILENCE_NS / SECOND_NS - 0.1) == b""
    assert talk.due(0.1) == STOP
    assert talk.hear(b"") == [Lost("no answer", 1)]
    assert talk.hear(b"") == []


def test_once_its_pace_is_known_a_board_is_given_up_sooner(talk):
    talk.ask()
    talk.due(0.1)
    talk.answered()
    talk.ask()
    assert talk.due(0.9) == b""
    assert talk.due(0.1) == STOP


def test_a_board_that_prints_in_portions_is_waited_for(talk):
    """Longer than a second between two portions, if its good answers are like that."""
    talk.ask()
    talk.hear(ANSWER[:20])
    talk.due(0.05)
    talk.hear(b"")
    talk.due(2.0)
    talk.hear(ANSWER[20:30])
    talk.due(0.05)
    talk.hear(ANSWER[30:])
    talk.ask()
    assert talk.due(4.0) == b""
    assert talk.due(4.1) == STOP


def test_a_flood_without_an_answer_does_not_keep_a_question_alive(talk):
    talk.ask()
    talk.due(0.1)
    talk.answered()
    talk.ask()
    for _ in range(100):
        talk.hear(b"?\n")
        if talk.due(0.1):
            break
    else:
        pytest.fail("it waits for ever")


def test_a_late_answer_is_not_taken_for_the_next_ones(talk):
    talk.ask()
    assert talk.due(6.0) == STOP
    late = ANSWER.replace(b"1,", b"2,")
    assert [type(one) for one in talk.hear(late[:30])] == [Lost]
    # It goes on with the old answer until it has heard the stop.
    assert talk.hear(late[30:], b"\n!O \n") == []
    assert talk.due() == OTHER
    talk.hear(b"!C OK\n")
    talk.due()
    talk.hear(b"!C OK\n")
    talk.ask()
    talk.answered()


@pytest.mark.parametrize(
    "answer", [ANSWER[:-12] + b"\n", ANSWER.replace(b",5,", b","), ANSWER.replace(b"!V ", b"!V 7,")]
)
def test_a_wrong_number_of_numbers_costs_the_frame(talk, answer):
    talk.ask()
    assert talk.hear(answer) == [Fault("wrong number of values", 1)]
    assert talk.due() == STOP


def test_a_damaged_number_costs_one_value_only(talk):
    talk.ask()
    fault, frame = talk.hear(ANSWER.replace(b",5,", b",x5,"))
    assert fault == Fault("damaged value")
    assert np.flatnonzero(np.isnan(frame.values)).tolist() == [4]
    assert talk.due() == ASK


def test_an_answer_cut_by_a_line_end_is_one_fault(talk):
    talk.ask()
    assert talk.hear(ANSWER.replace(b",5,", b",\n5,")) == [Fault("wrong number of values", 1)]


def test_an_answer_whose_beginning_is_damaged_is_given_up_at_once(talk):
    talk.ask()
    assert talk.hear(b"!CMD V OK\n?V " + BODY + b"\n") == [Fault("garbled answer", 1)]
    assert talk.due() == STOP


def test_a_lost_line_end_before_an_answer_does_not_matter(talk):
    talk.ask()
    talk.answered(b"!CMD V OK!V " + BODY + b"\n")
    talk.ask()
    fault, frame = talk.hear(b"\xff\xfe!V " + BODY + b"\n")
    assert fault == Fault("unknown line")
    assert isinstance(frame, Measured)


def test_a_reboot_within_an_answer(talk):
    talk.ask()
    cut, told = talk.hear(ANSWER[:25] + b"Hello!\n")
    assert cut == Fault("cut answer", 1)
    assert isinstance(told, Remark)
    assert talk.due() == STOP


def test_a_reboot_before_the_answer_and_one_without_a_question():
    talk = Talk()
    talk.order()
    assert [type(one) for one in talk.hear(b"Hello!\n")] == [Remark]
    talk.order()
    talk.ask()
    lost, told = talk.hear(b"Hello!\n")
    assert lost == Lost("the board rebooted", 1)
    assert "configured again" in told.text


def test_a_board_that_wants_to_be_configured_first_is(talk):
    talk.ask()
    lost, told = talk.hear(b"!Send C Command first to configure!\n")
    assert lost == Lost("the board was not configured", 1)
    assert isinstance(told, Remark)
    talk.order()
    talk.ask()
    talk.answered()


def test_a_refused_configuration_is_tried_again_after_a_while():
    talk = Talk()
    talk.due()
    talk.hear(b"\n!O \n")
    talk.due()
    assert talk.hear(b"!CMD C ERROR\n") == [Fault("configuration refused")]
    assert talk.dialogue.is_refused
    assert talk.due(0.5) == b""
    assert talk.due(0.5) == STOP


def test_a_mute_board_is_told_of_once_and_its_return_too():
    talk = Talk()
    told = []
    for _ in range(40):
        talk.due(0.25)
        told += talk.hear(b"")
    assert [type(one) for one in told] == [Remark]
    while talk.due(0.25) != STOP:
        pass
    for answer in (b"\n!O \n", b"!C OK\n", b"!C OK\n"):
        told += talk.hear(answer)
        talk.due()
    assert [one.text for one in told[1:]] == ["the board answers again"]


def test_lines_that_nobody_knows_are_counted_and_a_line_without_end_is_given_up(talk):
    assert talk.hear(b"what?\n") == [Fault("unknown line")]
    talk.ask()
    assert talk.hear(b"\x80" * 1000) == [Fault("overlong line", 1)]
    assert talk.due() == STOP


def test_garbage_never_raises_and_memory_is_bounded():
    rng = np.random.default_rng(1)
    talk = Talk()
    words = [b"!O \n", b"!C OK\n", ANSWER, b"Hello!\n", b"!V ", b"\n", b",", BODY]
    for _ in range(5000):
        talk.due(float(rng.choice([0.0, 0.05, 1.0])))
        data = (
            words[rng.integers(len(words))]
            if rng.random() < 0.7
            else rng.bytes(int(rng.integers(40)))
        )
        for one in talk.hear(data):
            assert isinstance(one, Measured | Fault | Lost | Remark)
            if isinstance(one, Measured):
                assert one.values.shape == (N,)
        assert len(talk.dialogue._lines._rest) < 1000
