"""EITP, the project's own wire protocol: bytes <-> packets <-> messages and frames. firmware_protocol/SPEC.md.

Imports numpy, cobs and errors. No I/O, no clock, no threads: the caller reads, writes, waits and counts time.

    decoder = Decoder()
    for item in decoder.feed(link.read()):              # Packet | Fault, in their order; never raises on bytes
        if isinstance(item, Fault):    counters.add_fault(item.word)
        elif item.type == MessageType.DATA:
            for found in assembler.push(item): ...      # RawFrame | Fault
        else: message = parse(item)                     # IdentifyAnswer, Refusal, EventMessage, ... | Fault
    link.write(encode_message(ConfigureRequest(n_electrodes=16, rate_millihertz=100_000), seq))

Answers repeat the seq of their request; every try of a command takes a new seq. `FrameAssembler.of(answer)` fits what
CONFIGURE agreed on; call `restart()` at each START or READY. A board answers with `encode_message(XAnswer(...), seq)`
or `encode_refusal(packet, Status.BUSY)`, and streams `split_frame(...)`. UNKNOWN_TYPE without PacketFlag.CRITICAL is to
be ignored: a later minor version may send more.

Names: Decoder Packet Fault encode DELIMITER wire_size (framing) · parse explain encode_message encode_refusal
(messages) · FrameAssembler RawFrame split_frame (assembler) · values_to_bytes values_from_bytes rows_to_bytes
rows_from_bytes entry_bytes_for (values) · every message, enumeration and limit (generated).
"""

from eit_rt.protocol.assembler import *  # noqa: F403
from eit_rt.protocol.framing import *  # noqa: F403
from eit_rt.protocol.generated import *  # noqa: F403
from eit_rt.protocol.messages import *  # noqa: F403
from eit_rt.protocol.values import *  # noqa: F403
