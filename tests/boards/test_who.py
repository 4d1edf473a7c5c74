"""Who is at a port: real terminals with boards, with nothing, with rubbish, and what is written to them."""

import importlib.util
import os
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from eit_rt.boards.guess import FTDI_BRIDGE, HIGH_SPEED, Guess, Sure
from eit_rt.boards.registry import BUILT_IN, open_board
from eit_rt.boards.who import ask, questions
from eit_rt.errors import BoardError, ConfigError, LinkError
from eit_rt.protocol import Decoder, MessageType, Packet
from eit_rt.simulation import Scenario
from eit_rt.simulation.boards import BOARDS
from tests.boards.contract import wait_for
from tests.simulation.served import served

ALL = ["openeit", "eitp", "cn0565", "sciospec"]
HASTE = {
    "openeit.LISTEN_S": 0.2,
    "eitp.IDENTIFY_TIMEOUT_MS": 50,
    "cn0565.TRY_NS": 50_000_000,
    "sciospec.ANSWER_S": 0.05,
}
"""How long they listen is their own tests' affair."""


FAST = Scenario.load("empty").changed(rate_hz=100.0)


def is_written(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def has_driver(name: str) -> bool:
    return is_written(BUILT_IN[name][0])


@pytest.fixture(params=ALL)
def driver(request):
    if not has_driver(request.param):
        pytest.skip(f"no driver {request.param}")
    return request.param


@pytest.fixture(params=ALL)
def name(request):
    """Of a board that can be emulated."""
    if not (has_driver(request.param) and is_written(BOARDS[request.param][0])):
        pytest.skip(f"no driver or no emulator {request.param}")
    return request.param


@pytest.fixture
def hasty(monkeypatch):
    for place, value in HASTE.items():
        if has_driver(place.partition(".")[0]):
            monkeypatch.setattr(f"eit_rt.boards.{place}", value)


class FarEnd:
    """The other side of a terminal: keeps what is written to it, and says something all the time if it is told to."""

    def __init__(self, says: bytes) -> None:
        self._own, self._host_side = os.openpty()
        tty.setraw(self._host_side)
        os.set_blocking(self._own, False)
        self.url = os.ttyname(self._host_side)
        self.written = b""
        self._says = says
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._ending.wait(0.005):
            with suppress(BlockingIOError):
                os.write(self._own, self._says)
            with suppress(BlockingIOError):
                self.written += os.read(self._own, 65536)

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        with suppress(BlockingIOError):
            self.written += os.read(self._own, 65536)
        os.close(self._own)
        os.close(self._host_side)


@contextmanager
def far_end(says: bytes = b"") -> Iterator[FarEnd]:
    end = FarEnd(says)
    try:
        yield end
    finally:
        end.close()


# -- what is asked, in which order -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("guess", "order"),
    [
        (None, ["openeit", "cn0565", "eitp", "sciospec"]),
        (FTDI_BRIDGE, ["openeit", "cn0565", "eitp", "sciospec"]),
        (Guess("sciospec", Sure.LIKELY, ""), ["openeit", "sciospec", "cn0565", "eitp"]),
        (HIGH_SPEED, ["openeit", "cn0565", "eitp", "sciospec"]),
        (Guess("", Sure.UNKNOWN, ""), ["openeit", "cn0565", "eitp", "sciospec"]),
    ],
)
def test_who_listens_comes_first_then_the_guessed_driver(guess, order):
    assert [question.driver for question in questions(guess)] == order


def test_every_built_in_board_is_asked_for():
    assert {question.driver for question in questions()} == set(BUILT_IN) - {"replay"}


def test_one_driver_alone_is_asked_if_it_is_named():
    assert [question.driver for question in questions(FTDI_BRIDGE, "eitp")] == ["eitp"]


def test_drivers_that_cannot_be_asked_are_refused():
    with pytest.raises(ConfigError, match="plays files"):
        questions(driver="replay")
    with pytest.raises(ConfigError, match="did you mean 'eitp'"):
        questions(driver="eitpp")


def test_a_plug_in_is_asked_only_by_name_and_says_that_it_is_one(monkeypatch):
    monkeypatch.setattr("eit_rt.boards.who.opener_of", lambda driver: None)
    (question,) = questions(driver="mine")
    assert question.sends is None
    assert "a plug-in" in str(question)


# -- what is written --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("says", [b"", b"1f,2a,30\n" * 4, bytes(range(256))])
def test_what_was_told_beforehand_is_all_that_arrives(driver, hasty, says):
    (question,) = questions(driver=driver)
    with far_end(says) as end:
        assert ask(question, end.url).identity is None
    assert question.sends is not None
    assert bool(end.written) is bool(question.sends)
    left = _without_commands(end.written) if driver == "eitp" else end.written
    for data in sorted((data for _, data in question.sends), key=len, reverse=True):
        left = left.replace(data, b"")
    assert left == b""


def _without_commands(written: bytes) -> bytes:
    """What is none of the commands that were told; their numbers count up, and with them the bytes."""
    (question,) = questions(driver="eitp")
    assert written.startswith(b"".join(data for _, data in question.sends or ()))
    found = Decoder().feed(written)
    assert all(isinstance(item, Packet) for item in found)
    assert [item.type for item in found] == [MessageType.STOP, *[MessageType.IDENTIFY] * 4]
    return b""


def test_who_listens_writes_nothing(hasty):
    (question,) = questions(driver="openeit")
    assert "nothing is written" in str(question)
    with far_end(b"rubbish\n") as end:
        ask(question, end.url)
    assert end.written == b""


def test_bytes_and_meaning_are_told():
    (question,) = questions(driver="sciospec")
    assert str(question).startswith(
        "asking with sciospec: sends d1 00 d1 (device info?), d2 00 d2 ("
    )


# -- who answers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pty", "tcp"])
def test_a_board_is_found_by_its_driver(name, kind):
    with served(FAST, kind, board=name) as server:
        (question,) = questions(driver=name)
        answer = ask(question, server.url)
        assert answer.identity is not None
        assert answer.identity.driver == name
        assert answer.identity.max_electrodes >= 16
        assert ask(question, server.url).identity == answer.identity  # the port was given back


def test_no_board_answers_to_a_wrong_driver(name, hasty):
    with served(FAST, board=name) as server:
        for other in questions():
            if other.driver != name and has_driver(other.driver):
                assert ask(other, server.url).identity is None


@pytest.mark.parametrize("guessed", ["", "sciospec"])
def test_in_the_order_of_the_questions_every_board_is_found(name, guessed, hasty, monkeypatch):
    """The others' questions, which came before, have done it no harm: some boards can be hung by them."""
    guess = Guess(guessed, Sure.LIKELY if guessed else Sure.UNKNOWN, "")
    with served(FAST, board=name) as server:
        for question in questions(guess):
            if question.driver == name:
                monkeypatch.undo()  # this one has its time
                assert ask(question, server.url).identity is not None
                return
            assert ask(question, server.url).identity is None


@pytest.mark.parametrize(
    "says", [b"", bytes(range(256)), b"\x00" * 64, b"$GPGGA,123519,4807.038,N*47\r\n"]
)
def test_silence_and_rubbish_are_no_board_and_the_driver_says_what_it_heard(driver, hasty, says):
    (question,) = questions(driver=driver)
    with far_end(says) as end:
        answer = ask(question, end.url)
    assert answer.identity is None
    assert end.url in answer.heard
    assert ("bytes" in answer.heard) is bool(says)


@pytest.mark.parametrize("says", [b"", b"$GPGGA,123519,4807.038,N*47\r\n"])
def test_who_opens_a_port_without_its_board_is_told_of_the_other_drivers(driver, hasty, says):
    with far_end(says) as end:
        with pytest.raises(BoardError) as failed, open_board(driver, end.url) as board:
            board.identify()
        assert "switch it off and on" in str(failed.value)
        assert f"`eit-rt ports --identify {end.url}` finds the driver" in str(failed.value)
        (question,) = questions(driver=driver)
        assert "--identify" not in ask(question, end.url).heard  # that is what is being done


@pytest.mark.parametrize("name", ["cn0565", "openeit"])
def test_a_board_that_hangs_on_the_words_of_another_driver_is_told_to_be_switched_off(name, hasty):
    """As the firmware of both does; the first driver of all is the one that is taken if none is named."""
    if not (has_driver(name) and is_written(BOARDS[name][0])):
        pytest.skip(f"no driver or no emulator {name}")
    with served(FAST, board=name) as server:

        def is_hung() -> bool:
            with pytest.raises(BoardError, match="--identify"):
                open_board("eitp", server.url)
            return server.board.is_hung

        wait_for(is_hung)  # while it boots it hears nothing
        with (
            open_board(name, server.url) as board,
            pytest.raises(BoardError, match=r"nothing .* another driver, .* switch it off and on"),
        ):
            board.identify()


def test_an_absent_port_is_the_links_error(driver):
    (question,) = questions(driver=driver)
    with pytest.raises(LinkError, match="no port"):
        ask(question, "/dev/ttyUSB99")
