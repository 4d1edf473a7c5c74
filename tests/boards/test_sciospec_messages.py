"""Messages of Sciospec boards: found in bytes cut anywhere, damaged ones told and left out."""

import numpy as np
import pytest

from eit_rt.boards.found import Fault
from eit_rt.boards.sciospec_messages import (
    ASKED,
    DEVICE,
    NO_MESSAGE,
    Code,
    Message,
    Messages,
    message,
)

RNG = np.random.default_rng(5)
CONTENT = bytes([1, 1, 2, 0, 1, 0, 0, 4, 2]) + bytes(RNG.integers(0, 0xB0, 128).astype(np.uint8))
MEASUREMENT = message(0xB4, CONTENT)
OK = message(0x18, b"\x83")


def found(data: bytes, **more) -> list[Message | Fault]:
    messages = Messages(**more)
    return [*messages.feed(data), *messages.feed(b"")]


def test_whole_messages_are_found_in_order():
    assert found(OK + MEASUREMENT + OK) == [
        Message(0x18, b"\x83"),
        Message(0xB4, CONTENT),
        Message(0x18, b"\x83"),
    ]
    assert Message(0x18, b"\x83").code is Code.OK
    assert Message(0x18, b"\x55").code is None
    assert Message(0xB4, CONTENT).code is None


def test_cuts_do_not_matter():
    messages = Messages()
    data = (MEASUREMENT + OK) * 3
    out = [one for k in range(len(data)) for one in messages.feed(data[k : k + 1])]
    assert out == found(data)
    assert len(out) == 6


@pytest.mark.parametrize("place", range(1, len(MEASUREMENT)))
def test_a_lost_byte_costs_its_message_and_no_other(place):
    """The end that is one byte too early is the beginning of the next message: what follows shows it."""
    data = MEASUREMENT[:place] + MEASUREMENT[place + 1 :]
    after = found(OK + data + MEASUREMENT + OK)
    kept = [one for one in after if isinstance(one, Message)]
    if place == len(MEASUREMENT) - 1:  # its own end: the beginning of the next one is taken for it
        assert kept == [Message(0x18, b"\x83"), Message(0xB4, CONTENT), Message(0x18, b"\x83")]
    else:
        assert kept == [Message(0x18, b"\x83"), Message(0xB4, CONTENT), Message(0x18, b"\x83")]
    assert Fault(NO_MESSAGE) in after


@pytest.mark.parametrize("place", range(1, len(MEASUREMENT) - 1))
def test_an_inserted_byte_costs_its_message_and_no_other(place):
    data = MEASUREMENT[:place] + b"\x33" + MEASUREMENT[place:]
    kept = [one for one in found(data + MEASUREMENT + OK) if isinstance(one, Message)]
    assert kept == [Message(0xB4, CONTENT), Message(0x18, b"\x83")]


def test_a_message_that_ends_like_a_beginning_waits_for_what_follows():
    content = CONTENT[:-1] + b"\xb4"
    messages = Messages()
    assert messages.feed(message(0xB4, content)) == []
    assert messages.feed(b"\xb4") == [Message(0xB4, content)]
    assert Messages().feed(message(0xB4, content) + OK)[0] == Message(0xB4, content)


def test_or_for_silence():
    content = CONTENT[:-1] + b"\xb4"
    messages = Messages()
    assert messages.feed(message(0xB4, content)) == []
    assert messages.feed(b"") == [Message(0xB4, content)]


def test_noise_between_messages_is_one_fault_a_stretch():
    assert found(b"noise" + OK + b"\x00\x01" + MEASUREMENT) == [
        Fault(NO_MESSAGE),
        Message(0x18, b"\x83"),
        Fault(NO_MESSAGE),
        Message(0xB4, CONTENT),
    ]


def test_only_what_is_expected_is_a_message():
    device = message(DEVICE, bytes(7))
    assert found(device) == [Fault(NO_MESSAGE)]
    assert found(device, lengths=ASKED) == [Message(DEVICE, bytes(7))]


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_raised_whatever_comes(seed):
    rng = np.random.default_rng(seed)
    messages = Messages()
    for _ in range(200):
        messages.feed(rng.bytes(300))
        assert len(messages._bytes) < 2 * 140
    assert Message(0x18, b"\x83") in messages.feed(OK * 200)
