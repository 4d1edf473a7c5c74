"""Self-test of the simulated board: what can be tried without a wire. Imports protocol and source."""

from zlib import crc32

import numpy as np

from eit_rt.protocol.generated import SelftestAnswer, SelftestItem
from eit_rt.simulation.source import FrameSource

CRC_CHECK = 0xCBF43926
"""CRC-32 of b"123456789", the check value of the polynomial."""


def selftest(source: FrameSource) -> SelftestAnswer:
    """Try the checksum and take one frame."""
    passed = SelftestItem(0)
    if crc32(b"123456789") == CRC_CHECK:
        passed |= SelftestItem.CRC
    reading = source.reading(0)
    if len(reading.values) == source.pattern.n_meas and not reading.status:
        passed |= SelftestItem.ADC
    if np.any(np.nan_to_num(reading.values)):
        passed |= SelftestItem.CURRENT_SOURCE
    tested = SelftestItem.CRC | SelftestItem.ADC | SelftestItem.CURRENT_SOURCE
    return SelftestAnswer(tested=tested, passed=passed)
