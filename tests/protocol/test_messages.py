"""Payloads <-> messages: golden vectors, minor versions, refusals, numbers that do not fit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eit_rt.errors import ConfigError
from eit_rt.protocol import (
    MESSAGES,
    RESPONSE_BIT,
    TYPE_OF,
    ConfigureRequest,
    Decoder,
    Fault,
    FaultKind,
    Header,
    IdentifyAnswer,
    LogMessage,
    MessageType,
    Packet,
    PingAnswer,
    PingRequest,
    Refusal,
    StartAnswer,
    Status,
    StopAnswer,
    encode_message,
    encode_refusal,
    explain,
    generated,
    parse,
)
from tests.protocol.vectors import cases, name_of

MESSAGE_CASES = cases("messages")


def message_of(case: dict[str, Any]) -> Any:
    kind = getattr(generated, case["struct"])
    fields = {
        name: bytes.fromhex(value) if kind.__annotations__[name] is bytes else value
        for name, value in case["fields"].items()
    }
    if case["tail"]:
        fields[kind._fields[-1]] = bytes.fromhex(case["tail"])
    return kind(**fields)


@pytest.mark.parametrize("case", MESSAGE_CASES, ids=name_of)
def test_fields_give_the_payload_and_the_payload_the_fields(case: dict[str, Any]) -> None:
    message, payload = message_of(case), bytes.fromhex(case["payload"])
    assert message.pack() == payload
    parsed = parse(Packet(case["type"], 0, 0, payload))
    assert parsed == message
    assert type(parsed) is type(message)


@pytest.mark.parametrize("case", MESSAGE_CASES, ids=name_of)
def test_bytes_appended_by_a_later_minor_version_are_ignored(case: dict[str, Any]) -> None:
    message = message_of(case)
    parsed: Any = parse(Packet(case["type"], 0, 0, bytes.fromhex(case["payload"]) + b"\x07new"))
    fixed = len(message) if not _has_tail(message) else len(message) - 1
    assert parsed[:fixed] == message[:fixed]


@pytest.mark.parametrize("case", MESSAGE_CASES, ids=name_of)
def test_a_payload_cut_short_is_a_fault_and_not_an_exception(case: dict[str, Any]) -> None:
    payload = bytes.fromhex(case["payload"])
    _, smallest = MESSAGES[case["type"]]
    for size in range(smallest):
        found = parse(Packet(case["type"], 0, 0, payload[:size]))
        assert isinstance(found, Fault)
        assert found.kind is FaultKind.SHORT_PAYLOAD


def _has_tail(message: Any) -> bool:
    return message._fields[-1:] in [("echo",), ("rows",), ("values",), ("text",)]


def test_every_message_has_a_vector() -> None:
    assert {case["struct"] for case in MESSAGE_CASES} == {kind.__name__ for kind in TYPE_OF}


def test_started_is_laid_out_as_the_specification_draws_it() -> None:
    # status 0, detail 0, reserved 00 00, session, 64 bit of time: written out by hand, least significant byte first.
    by_hand = bytes.fromhex("00 00 0000 0100feca 0807060504030201")
    assert StartAnswer(session=0xCAFE0001, t_us=0x0102030405060708).pack() == by_hand


def test_type_of_answers_is_the_requests_with_the_top_bit() -> None:
    assert TYPE_OF[PingRequest] == 0x07
    assert TYPE_OF[PingAnswer] == 0x87 == TYPE_OF[PingRequest] | RESPONSE_BIT


def test_unknown_type_is_a_fault() -> None:
    found = parse(Packet(0x3E, 0, 0, b""))
    assert isinstance(found, Fault)
    assert (found.kind, found.word, found.detail) == (
        FaultKind.UNKNOWN_TYPE,
        "unknown_type",
        "type 0x3E",
    )


@given(st.integers(0, 255), st.binary(max_size=200))
def test_no_payload_of_any_type_raises(kind: int, payload: bytes) -> None:
    parse(Packet(kind, 0, 0, payload))


def test_a_refusal_answers_its_request_and_needs_four_bytes_only() -> None:
    request = Packet(MessageType.CONFIGURE, 77, 0, b"")
    (packet,) = Decoder().feed(encode_refusal(request, Status.BAD_ARGUMENT, 6))
    assert isinstance(packet, Packet)
    assert (packet.type, packet.seq, len(packet.payload)) == (0x82, 77, 4)
    assert parse(packet) == Refusal(Status.BAD_ARGUMENT, 6)


def test_a_refusal_names_the_field_that_it_refuses() -> None:
    request = ConfigureRequest(n_electrodes=16, dtype=2)
    assert explain(Refusal(Status.BAD_ARGUMENT, 6), request) == "dtype = 2 is not possible"
    assert explain(Refusal(Status.BUSY), request) == "CONFIGURE was answered with BUSY"
    assert explain(Refusal(99, 3), request) == "CONFIGURE was answered with status 99, detail 3"


def test_an_answer_without_fields_still_tells_ok_from_refusal() -> None:
    assert isinstance(parse(Packet(0x84, 0, 0, bytes(4))), StopAnswer)
    assert isinstance(parse(Packet(0x84, 0, 0, b"\4\0\0\0")), Refusal)


def test_a_number_that_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="rate_millihertz"):
        encode_message(ConfigureRequest(rate_millihertz=1 << 32), 0)


def test_what_has_no_type_of_its_own_cannot_be_sent() -> None:
    with pytest.raises(ConfigError, match="Header"):
        encode_message(Header(), 0)


def test_text_is_cut_to_its_field_and_need_not_be_ascii() -> None:
    answer = IdentifyAnswer(hardware="x" * 30, firmware="µC")
    parsed = parse(Packet(0x81, 0, 0, answer.pack()))
    assert isinstance(parsed, IdentifyAnswer)
    assert (parsed.hardware, parsed.serial, parsed.firmware) == ("x" * 24, "", "µC")


def test_text_that_is_no_utf8_is_shown_and_does_not_raise() -> None:
    payload = IdentifyAnswer().pack()
    parsed = parse(Packet(0x81, 0, 0, payload[:32] + b"\xff\xfe" + payload[34:]))
    assert isinstance(parsed, IdentifyAnswer)
    assert parsed.hardware == "\ufffd\ufffd"


def test_log_keeps_its_bytes() -> None:
    (packet,) = Decoder().feed(encode_message(LogMessage(1, "é".encode()), 0))
    assert isinstance(packet, Packet)
    assert parse(packet) == LogMessage(1, "é".encode())
