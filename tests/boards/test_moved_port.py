"""A board that is pulled out and plugged in elsewhere: found again by its USB serial number, over real terminals."""

import threading
from types import SimpleNamespace

import pytest

from eit_rt.boards import open_reconnecting
from tests.boards.contract import Listener
from tests.simulation.served import served


class Sockets:
    """What the operating system would list: which device is at which path."""

    def __init__(self) -> None:
        self.there: dict[str, str | None] = {}
        self.looked = threading.Event()

    def comports(self) -> list[SimpleNamespace]:
        self.looked.set()
        return [
            SimpleNamespace(
                device=path, description="FT232R USB UART", vid=0x0403, pid=0x6001,
                serial_number=number, manufacturer="FTDI", product=None, location="1-1",
            )
            for path, number in self.there.items()
        ]  # fmt: skip


@pytest.fixture
def sockets(monkeypatch):
    sockets = Sockets()
    monkeypatch.setattr("serial.tools.list_ports.comports", sockets.comports)
    return sockets


def test_a_board_that_moves_to_another_port_goes_on_there(sockets):
    # All three are the same board by its own word; which one is meant, only the USB serial number tells.
    with served("empty") as first, served("empty") as stranger, served("empty") as second:
        sockets.there = {first.url: "A1", stranger.url: "B2"}
        with open_reconnecting("eitp", first.url) as board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: len(listener.frames) > 5)
            sockets.there = {stranger.url: "B2"}
            first.stop()
            listener.wait_for(lambda: "link-lost" in listener.kinds())
            sockets.looked.clear()
            listener.wait_for(sockets.looked.is_set)
            assert "link-restored" not in listener.kinds()
            sockets.there = {stranger.url: "B2", second.url: "A1"}
            listener.wait_for(lambda: "link-restored" in listener.kinds())
            before = len(listener.frames)
            listener.wait_for(lambda: len(listener.frames) > before + 5)
            board.stop()
            listener.join()
        assert stranger.board.frames_sent == 0
        assert second.board.frames_sent > 0
    lost = next(event for event in listener.events if event.kind == "link-lost")
    assert lost.text.startswith("waiting for the USB device with serial number A1, wherever it is")
    assert first.url in lost.text
    numbers = [frame.sequence for frame in listener.frames]
    assert numbers == sorted(set(numbers))
    assert board.counters.received == len(numbers)


@pytest.mark.parametrize("number", [None, ""])
def test_without_a_serial_number_no_device_is_named(sockets, number):
    with served("empty") as server:
        sockets.there = {server.url: number}
        with open_reconnecting("eitp", server.url) as board:
            board.configure()
            board.start()
            listener = Listener(board)
            listener.wait_for(lambda: len(listener.frames) > 5)
            sockets.there = {}
            server.stop()
            listener.wait_for(lambda: "link-lost" in listener.kinds())
            board.stop()
            listener.join()
    assert "trying to open it again" in listener.events[-1].text
