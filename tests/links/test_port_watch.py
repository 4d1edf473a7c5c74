"""What is plugged in and pulled out, from one look to the next."""

import pytest

from eit_rt.links import Port, PortWatch

A = Port("/dev/ttyUSB0", vendor_id=0x0403, product_id=0x6001, serial_number="A1")
B = Port("/dev/ttyUSB1", vendor_id=0x0403, product_id=0x6001, serial_number="B2")
A_ELSEWHERE = Port("/dev/ttyUSB1", vendor_id=0x0403, product_id=0x6001, serial_number="A1")
LEGACY = Port("/dev/ttyS0")


@pytest.mark.parametrize(
    ("before", "now", "appeared", "gone"),
    [
        ([], [], (), ()),
        ([], [A, LEGACY], (A, LEGACY), ()),
        ([A], [A], (), ()),
        ([A], [], (), (A,)),
        ([A, B], [B], (), (A,)),
        ([A], [A, B], (B,), ()),
        ([A], [A_ELSEWHERE], (A_ELSEWHERE,), (A,)),
        ([B], [A_ELSEWHERE], (A_ELSEWHERE,), (B,)),  # another device under the same name
    ],
)
def test_changes(before, now, appeared, gone):
    watch = PortWatch()
    watch.changes(before)
    changes = watch.changes(now)
    assert (changes.appeared, changes.gone) == (appeared, gone)
    assert bool(changes) is bool(appeared or gone)
    assert watch.ports == now


def test_a_text_that_the_system_learns_later_is_no_change():
    watch = PortWatch()
    watch.changes([A])
    named = Port(A.device, "FT232R", A.vendor_id, A.product_id, A.serial_number, "FTDI")
    assert not watch.changes([named])
    assert watch.ports == [named]


def test_look_asks_the_operating_system(monkeypatch):
    there = [A]
    monkeypatch.setattr("eit_rt.links.port_watch.list_ports", lambda: list(there))
    watch = PortWatch()
    assert watch.look().appeared == (A,)
    assert not watch.look()
    there.clear()
    assert watch.look().gone == (A,)
