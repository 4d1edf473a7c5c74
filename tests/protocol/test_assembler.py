"""DATA packets -> frames: golden vectors, splitting and joining, what may and may not begin anew."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eit_rt.errors import ConfigError
from eit_rt.protocol import (
    ConfigureAnswer,
    DType,
    Fault,
    FaultKind,
    FrameAssembler,
    MessageType,
    Packet,
    RawFrame,
    split_frame,
)
from tests.protocol.vectors import cases, name_of


def data(payload: bytes) -> Packet:
    return Packet(MessageType.DATA, 0, 0, payload)


def plain_value(value: complex) -> Any:
    if isinstance(value, np.complexfloating):
        return [float(value.real), float(value.imag)]
    return None if math.isnan(value) else float(value)


def plain(item: RawFrame | Fault) -> dict[str, Any]:
    if isinstance(item, Fault):
        return {"fault": item.word}
    return item._asdict() | {"values": [plain_value(v) for v in item.values]}


@pytest.mark.parametrize("case", cases("frames"), ids=name_of)
def test_parts_give_exactly_their_frames_and_faults(case: dict[str, Any]) -> None:
    assembler = FrameAssembler(
        case["n_meas"], case["config_id"], case["scale"], case["first_frame"]
    )
    found = []
    for number, step in enumerate(case["steps"]):
        if "restart" in step:
            assembler.restart(step["restart"])
            continue
        items = assembler.push(data(bytes.fromhex(step["data"])))
        found += [{"step": number} | plain(item) for item in items]
    assert found == case["expect"]
    assert assembler.frames == sum("frame" in row for row in case["expect"])
    assert assembler.lost == sum(row.get("lost_before", 0) for row in case["expect"])
    assert sum(assembler.faults.values()) == sum("fault" in row for row in case["expect"])


@given(
    st.sampled_from([DType.F32, DType.C64, DType.I16, DType.I24, DType.I32]),
    st.integers(1, 400),
    st.integers(32, 700),
    st.integers(0, 2**40),
)
def test_a_frame_split_and_joined_is_the_frame(
    dtype: DType, n: int, room: int, number: int
) -> None:
    counts = np.random.default_rng(n).integers(-30000, 30000, n)
    values = counts.astype(np.complex64 if dtype == DType.C64 else np.float32) * np.float32(0.25)
    parts = split_frame(values, number, 5, 9, dtype, 0.25, max_payload=room)
    assert all(len(part.pack()) <= room for part in parts)
    scale = 1.0 if dtype in (DType.F32, DType.C64) else 0.25
    assembler = FrameAssembler(n, 9, scale, first_frame=number)
    found = [item for part in parts for item in assembler.push(data(part.pack()))]
    (frame,) = found
    assert isinstance(frame, RawFrame)
    assert (frame.frame, frame.t_us, frame.lost_before) == (number, 5, 0)
    np.testing.assert_array_equal(frame.values, values)


def test_a_frame_that_fits_goes_in_one_packet_of_the_size_that_the_specification_states() -> None:
    (part,) = split_frame(np.zeros(208), 0, 0, 1)
    assert len(part.pack()) == 24 + 832


def test_frames_are_read_only_and_single_parts_are_not_copied() -> None:
    (part,) = split_frame(np.ones(208), 0, 0, 1)
    payload = part.pack()
    (frame,) = FrameAssembler(208, 1).push(data(payload))
    assert isinstance(frame, RawFrame)
    assert frame.values.dtype == np.float32
    assert not frame.values.flags.writeable
    assert np.shares_memory(frame.values, np.frombuffer(payload, np.uint8))


def test_joined_and_scaled_frames_are_read_only_too() -> None:
    for dtype, scale in ((DType.F32, 1.0), (DType.I24, 1e-3)):
        assembler = FrameAssembler(208, 1, scale)
        for part in split_frame(np.ones(208), 0, 0, 1, dtype, scale, max_payload=256):
            found = assembler.push(data(part.pack()))
        assert isinstance(found[0], RawFrame)
        assert found[0].values.dtype == np.float32
        assert not found[0].values.flags.writeable


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_no_bytes_raise(payloads: list[bytes]) -> None:
    assembler = FrameAssembler(4, 0, 1.0, first_frame=None)
    for payload in payloads:
        for item in assembler.push(data(payload)):
            assert isinstance(item, RawFrame | Fault)


def test_the_largest_frame_goes_through() -> None:
    values = np.arange(65536, dtype=np.float32)
    assembler = FrameAssembler(65536, 1)
    parts = split_frame(values, 0, 0, 1)
    found = [item for part in parts for item in assembler.push(data(part.pack()))]
    assert len(parts) == 33  # 2042 values of 4 bytes fit beside 24 bytes of head in 8192
    assert isinstance(found[0], RawFrame)
    np.testing.assert_array_equal(found[0].values, values)


def test_a_repeated_part_damages_only_its_own_frame() -> None:
    assembler = FrameAssembler(4, 1)
    first, second = split_frame(np.arange(4.0), 0, 0, 1, max_payload=32)
    assert assembler.push(data(first.pack())) == []
    (fault,) = assembler.push(data(first.pack()))
    assert isinstance(fault, Fault)
    assert fault.kind is FaultKind.INCOMPLETE_FRAME
    assert fault.detail == "frame 0: 2 of 4 values, then a part from value 0"
    assert assembler.push(data(second.pack())) == []
    (frame,) = assembler.push(data(split_frame(np.arange(4.0), 1, 0, 1)[0].pack()))
    assert isinstance(frame, RawFrame)
    assert (frame.frame, frame.lost_before) == (1, 1)


def test_an_old_frame_number_does_not_damage_the_frame_that_is_open() -> None:
    assembler = FrameAssembler(4, 1)
    old, *_ = split_frame(np.arange(4.0), 0, 0, 1)
    assembler.push(data(old.pack()))
    first, second = split_frame(np.arange(4.0), 1, 0, 1, max_payload=32)
    assembler.push(data(first.pack()))
    (fault,) = assembler.push(data(old.pack()))
    assert isinstance(fault, Fault)
    assert fault.kind is FaultKind.OUT_OF_ORDER
    assert isinstance(assembler.push(data(second.pack()))[0], RawFrame)


def test_assembler_follows_what_the_board_announced() -> None:
    assembler = FrameAssembler.of(ConfigureAnswer(config_id=7, n_meas=104, scale=0.5))
    assert (assembler.n_meas, assembler.config_id, assembler.scale) == (104, 7, 0.5)


@pytest.mark.parametrize("n_meas", [0, -1, 65537])
def test_an_impossible_number_of_values_is_refused(n_meas: int) -> None:
    with pytest.raises(ConfigError, match=r"1\.\.65536"):
        FrameAssembler(n_meas, 1)


def test_a_payload_without_room_for_a_value_is_refused() -> None:
    with pytest.raises(ConfigError, match="holds no value of C64"):
        split_frame(np.zeros(3), 0, 0, 1, DType.C64, max_payload=31)
