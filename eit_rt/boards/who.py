"""Who is at a port? Each driver's own harmless question, one driver after the other.

Imports registry, guess, silence, errors. The rule it keeps: what listens comes before what writes, a short question
before a long one, what will be written is known beforehand, and the port is closed between two drivers. Only a person
asks: a stranger's instrument may take any byte for a command.
"""

from collections.abc import Callable
from dataclasses import dataclass

from eit_rt.boards.guess import Guess
from eit_rt.boards.registry import BUILT_IN, open_board, opener_of
from eit_rt.boards.silence import advice
from eit_rt.errors import BoardError, ConfigError, LinkLost
from eit_rt.frames import BoardIdentity

Words = tuple[tuple[str, bytes], ...]
NO_HARDWARE = "replay"
LISTENS = "openeit"
"""An OpenEIT board hangs on the questions of the others; but it talks all the time, so they come after it was heard."""
FRAIL = "cn0565"
"""Its memory for a command has 32 bytes and no guard; its own question has four and does nothing to the others."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a driver does to find out whether its board is there."""

    driver: str
    sends: Words | None
    """Meaning and bytes, in order, each perhaps several times; (): it only listens; None: a plug-in, not known here."""

    def __str__(self) -> str:
        if self.sends is None:
            return f"asking with {self.driver}: a plug-in, which sends what it likes"
        if not self.sends:
            return f"listening with {self.driver} for some seconds: nothing is written"
        words = ", ".join(f"{data.hex(' ')} ({meaning})" for meaning, data in self.sends)
        return f"asking with {self.driver}: sends {words}"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a question ended."""

    identity: BoardIdentity | None
    heard: str = ""
    """What the driver says that it heard, if that was no board of its own."""


def questions(guess: Guess | None = None, driver: str | None = None) -> list[Question]:
    """What to ask, in order: first who only listens, then the guessed driver, then the rest, the frail first.

    driver: only this one, which may be a plug-in. Raises ConfigError if there is none of that name, or it plays files.
    """
    if driver is not None:
        if driver == NO_HARDWARE:
            raise ConfigError("the driver 'replay' plays files; give the driver of a board")
        opener_of(driver)
        return [_question(driver)]
    guessed = [guess.driver] if guess and guess.names_a_driver else []
    names = dict.fromkeys([LISTENS, *guessed, FRAIL, *BUILT_IN])
    return [_question(name) for name in names if name != NO_HARDWARE]


def ask(question: Question, url: str, **options: object) -> Answer:
    """Ask it; the port is closed afterwards. options: of the driver.

    Raises LinkError if the port cannot be opened, ConfigError for an option that the driver has not got.
    """
    try:
        with open_board(question.driver, url, **options) as board:
            return Answer(board.identify())
    except (BoardError, LinkLost) as error:
        return Answer(None, str(error).removesuffix(advice(url)))


def _question(driver: str) -> Question:
    return Question(driver, _WORDS[driver]() if driver in _WORDS else None)


# What a driver's `_identify` sends; tests/boards/test_who.py holds it against what arrives.


def _eitp() -> Words:
    from eit_rt.protocol import (
        DELIMITER,
        IDENTIFY_TRIES,
        IdentifyRequest,
        StopRequest,
        encode_message,
    )

    again = f"IDENTIFY, up to {IDENTIFY_TRIES} times, numbered"
    return (
        ("STOP", DELIMITER + encode_message(StopRequest(), 1)),
        (again, encode_message(IdentifyRequest(), 2)),
    )


def _openeit() -> Words:
    return ()


def _cn0565() -> Words:
    from eit_rt.boards.cn0565_text import IDENTIFY, STOP

    return (
        ("which numbers of electrodes?", b"\n" + IDENTIFY),
        ("the same after a stop, to a board that is measuring", b"\n" + STOP + IDENTIFY),
    )


def _sciospec() -> Words:
    from eit_rt.boards.sciospec_messages import DEVICE, FIRMWARE, message

    return (
        ("device info?", message(DEVICE)),
        ("if that is answered: firmware?", message(FIRMWARE)),
    )


_WORDS: dict[str, Callable[[], Words]] = {
    "eitp": _eitp,
    "openeit": _openeit,
    "cn0565": _cn0565,
    "sciospec": _sciospec,
}
