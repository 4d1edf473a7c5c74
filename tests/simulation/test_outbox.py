"""The transmit memory: order, whole frames or none, room for answers."""

from eit_rt.simulation.outbox import ANSWER_BYTES, Outbox


def test_packets_leave_in_order_however_they_are_taken():
    outbox = Outbox(100)
    outbox.offer_frame([b"abc", b"def"])
    outbox.offer_answer(b"GH")
    outbox.offer_frame([b"ijk"])
    assert len(outbox) == 11
    assert [outbox.take(n) for n in (2, 5, 100, 1)] == [b"ab", b"cdefG", b"Hijk", b""]
    assert len(outbox) == 0


def test_a_frame_fits_whole_or_not_at_all():
    outbox = Outbox(10)
    assert outbox.offer_frame([b"1234", b"567"])
    assert not outbox.offer_frame([b"12", b"34"])
    assert outbox.take(99) == b"1234567"
    assert outbox.offer_frame([b"12", b"34"])


def test_answers_do_not_wait_for_frames_room():
    outbox = Outbox(4)
    outbox.offer_frame([b"full"])
    assert outbox.offer_answer(b"yes")
    assert outbox.take(99) == b"fullyes"


def test_room_for_answers_ends_too():
    outbox = Outbox(4)
    while outbox.offer_answer(bytes(1000)):
        pass
    assert len(outbox) == ANSWER_BYTES // 1000 * 1000
    assert not outbox.has_answer_room
    outbox.take(len(outbox))
    assert outbox.has_answer_room


def test_frames_are_forgotten_unless_begun():
    outbox = Outbox(100)
    for packet in (b"one", b"two"):
        outbox.offer_frame([packet])
    outbox.offer_answer(b"YES")
    outbox.take(1)
    outbox.forget_frames()
    assert outbox.take(99) == b"neYES"
    assert outbox.frame_room == 100


def test_high_water_is_remembered():
    outbox = Outbox(100)
    outbox.offer_frame([bytes(60)])
    outbox.take(60)
    outbox.offer_answer(bytes(5))
    assert outbox.high_water == 60
