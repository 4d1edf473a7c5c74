"""What decoding costs: microseconds a frame, over the bare COBS + CRC-32 of the same bytes, in one run.

    python bench/decode.py [n_values]

Budget: 5 us a DATA packet of 208 values, so that 1000 frames a second cost half a percent of a core.
"""

import sys
import timeit
from zlib import crc32

import numpy as np
from cobs import cobs

from eit_rt.protocol import Decoder, FrameAssembler, Packet, encode_message, split_frame

FRAMES, REPEATS = 200, 25


def best_us(call) -> float:
    """Best of REPEATS, per frame."""
    return min(timeit.repeat(call, number=1, repeat=REPEATS)) / FRAMES * 1e6


def main() -> None:
    n_values = int(sys.argv[1]) if len(sys.argv) > 1 else 208
    values = np.random.default_rng(1).normal(size=n_values).astype(np.float32)
    packets = [
        encode_message(message, k)
        for k in range(FRAMES)
        for message in split_frame(values, k, k * 10_000, 1)
    ]
    wire = b"".join(packets)
    bare = best_us(lambda: [crc32(cobs.decode(packet[:-1])) for packet in packets])
    print(
        f"{n_values} values, {len(wire) / FRAMES:.0f} bytes and {len(packets) / FRAMES:g} packets a frame"
    )
    print(f"bare COBS and CRC-32       {bare:7.2f} us")
    for size in (len(wire), 4096, 512, 64):
        pieces = [wire[at : at + size] for at in range(0, len(wire), size)]
        decoder = Decoder()
        cost = best_us(lambda pieces=pieces, decoder=decoder: [decoder.feed(p) for p in pieces])
        print(f"Decoder, {size:7d} B a piece {cost:7.2f} us  {cost / bare:5.2f} x")
    parts = [item for item in Decoder().feed(wire) if isinstance(item, Packet)]

    def assemble() -> None:
        assembler = FrameAssembler(n_values, 1)
        for part in parts:
            assembler.push(part)

    cost = best_us(assemble)
    print(f"FrameAssembler             {cost:7.2f} us  {cost / bare:5.2f} x")


if __name__ == "__main__":
    main()
