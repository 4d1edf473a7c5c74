"""Packets <-> messages: what a payload means. SPEC.md, "Messages".

Imports the generated messages, framing and errors. The rule it keeps: bytes from outside give a message or a Fault,
never an exception; numbers from inside that do not fit their field give a ConfigError.
"""

import struct

from eit_rt.errors import ConfigError
from eit_rt.protocol.framing import Fault, Packet, encode
from eit_rt.protocol.generated import (
    MESSAGES,
    REFUSAL,
    RESPONSE_BIT,
    TYPE_OF,
    FaultKind,
    Message,
    MessageType,
    Refusal,
    Status,
)

__all__ = ["encode_message", "encode_refusal", "explain", "parse"]


def encode_message(message: Message, seq: int, flags: int = 0) -> bytes:
    """A message as it goes over the wire. Its type follows from its class; a Refusal needs `encode_refusal`.

    Raises ConfigError if a number or text does not fit its field, or if the payload is too long.
    """
    kind = type(message)
    if kind not in TYPE_OF:
        raise ConfigError(f"{kind.__name__} has no type of its own and cannot be sent alone")
    try:
        payload = message.pack()
    except struct.error as error:
        raise ConfigError(f"{message} cannot be sent: {error}") from error
    return encode(TYPE_OF[kind], seq, payload, flags)


def encode_refusal(request: Packet, status: Status, detail: int = 0) -> bytes:
    """The answer that says no: to this request, for this reason."""
    return encode(request.type | RESPONSE_BIT, request.seq, Refusal(status, detail).pack())


def parse(packet: Packet) -> Message | Fault:
    """What a packet means: one of the messages, a Refusal, or a Fault if the type is unknown or the payload too short.

    A longer payload than this version knows is welcome: a later minor version may have appended fields.
    """
    known = MESSAGES.get(packet.type)
    if known is None:
        return Fault(FaultKind.UNKNOWN_TYPE, f"type 0x{packet.type:02X}")
    kind, smallest = known
    payload = packet.payload
    if packet.type & RESPONSE_BIT and len(payload) >= REFUSAL.size and payload[0] != Status.OK:
        return Refusal.unpack(payload)
    if len(payload) < smallest:
        return Fault(
            FaultKind.SHORT_PAYLOAD,
            f"{kind.__name__} of {len(payload)} bytes, expected at least {smallest}",
        )
    return kind.unpack(payload)


def explain(refusal: Refusal, request: Message) -> str:
    """Why the board said no, for people: names the field of the request where the status does."""
    if refusal.status == Status.BAD_ARGUMENT:
        fields = getattr(type(request), "_fields", ())
        if 0 < refusal.detail <= len(fields):
            name = fields[refusal.detail - 1]
            return f"{name} = {getattr(request, name)} is not possible"
    try:
        reason = Status(refusal.status).name
    except ValueError:
        reason = f"status {refusal.status}"
    command = MessageType(TYPE_OF[type(request)]).name
    return f"{command} was answered with {reason}" + (
        f", detail {refusal.detail}" if refusal.detail else ""
    )
