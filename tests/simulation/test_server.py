"""The whole board over real ports: values, faults on the line, hosts that come, go, or do not read."""

import os
import threading
import time
from math import inf

import numpy as np
import pytest
import serial

from eit_rt.boards import open_board
from eit_rt.errors import EitError, LinkError, LinkLost
from eit_rt.frames import Event, Frame
from eit_rt.pattern import Pattern
from eit_rt.protocol import Decoder, MessageType, encode_message, parse
from eit_rt.protocol.generated import (
    IdentifyRequest,
    PingRequest,
    ResetCause,
    StartRequest,
    StatusRequest,
    StopRequest,
)
from eit_rt.simulation import Scenario, simulated_board
from eit_rt.simulation.tank_source import TankSource
from tests.simulation.hand_host import PATIENCE_S, LineHost
from tests.simulation.served import SteadyClock, served

SMALL = Scenario.load("rod").changed(mesh={"elements": 400}, rate_hz=200.0)
BOTH = pytest.mark.parametrize("kind", ["pty", "tcp"])


def faulty(**faults):
    return SMALL.changed(faults=faults)


@pytest.fixture
def talk():
    """LineHost to a url, closed afterwards."""
    hosts = []

    def to(url):
        hosts.append(LineHost(url))
        return hosts[-1]

    yield to
    for host in hosts:
        host.close()


def assert_true_to_source(frames, scenario=SMALL):
    source = TankSource(scenario)
    for frame in frames:
        np.testing.assert_array_equal(frame.values, source.reading(frame.frame).values)


@BOTH
class TestBothPorts:
    def test_frames_arrive_as_the_source_made_them(self, kind, talk):
        with served(SMALL, kind) as server:
            host = talk(server.url)
            host.begin()
            frames = host.frames(100)
        assert_true_to_source(frames)
        assert [f.frame for f in frames] == list(range(len(frames)))
        assert all(abs(f.t_us - frames[0].t_us - 5000 * f.frame) <= 1 for f in frames)
        assert not host.faults

    def test_hosts_come_and_go(self, kind, talk):
        with served(SMALL, kind) as server:
            for session in range(3):
                host = talk(server.url)
                host.begin(session)
                frames = host.frames(5)
                host.close()
                assert_true_to_source(frames)

    def test_a_reboot_is_announced_and_the_board_works_again(self, kind, talk):
        clock = SteadyClock(until_s=0.0)
        with served(faulty(reboot_at_s=0.5), kind, clock=clock) as server:
            host = talk(server.url)
            host.begin()
            clock.until_s = inf
            ready = []
            deadline = time.monotonic() + PATIENCE_S
            while not ready and time.monotonic() < deadline:
                host.listen()
                pushed = [p for p in host.packets if p.type == MessageType.READY]
                ready = [m for m in map(parse, pushed) if m.reset_cause == ResetCause.WATCHDOG]
            assert ready[0].boot_count == 2
            host.packets.clear()
            host.begin(2)
            assert_true_to_source(host.frames(3))

    def test_damaged_bytes_cost_frames_but_never_falsify_one(self, kind, talk):
        bad = faulty(flip_rate=2e-5, drop_rate=2e-5, noise_rate=1e-5)
        with served(bad, kind) as server:
            host = talk(server.url)
            host.begin()
            frames = host.frames(300)
        assert host.faults
        assert_true_to_source(frames)
        assert host.assembler.lost > 0

    def test_no_thread_or_port_is_left(self, kind):
        server = simulated_board(SMALL, kind)
        with server:
            url = server.url
            assert server.is_alive
        server.stop()
        assert not server.is_alive
        with pytest.raises(LinkError):
            LineHost(url)


class TestMistakes:
    """A server that cannot go on says so, and gives back nothing that it still uses."""

    def test_a_mistake_in_the_board_ends_the_thread_and_is_told(self, capfd):
        server = served(SMALL)

        def tick(now_s):
            raise ZeroDivisionError("tank")

        server.board.tick = tick
        server.start()
        wait_until(lambda: not server.is_alive)
        with pytest.raises(EitError, match=r"internal error: ZeroDivisionError\('tank'\)"):
            server.stop()
        server.stop()
        assert "in tick" in capfd.readouterr().err

    def test_a_thread_that_does_not_end_keeps_its_port(self, monkeypatch):
        monkeypatch.setattr("eit_rt.simulation.server.JOIN_S", 0.05)
        server = served(SMALL)
        is_busy, may_go_on, tick = threading.Event(), threading.Event(), server.board.tick

        def slow_tick(now_s):
            is_busy.set()
            may_go_on.wait(PATIENCE_S)
            tick(now_s)

        server.board.tick = slow_tick
        server.start()
        assert is_busy.wait(PATIENCE_S)
        wake = server._wake
        with pytest.raises(EitError, match="did not end"):
            server.stop()
        for end in wake:
            os.fstat(end)
        may_go_on.set()
        wait_until(lambda: not server.is_alive)
        server.stop()
        for end in wake:
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(end)


class TestPty:
    def test_any_serial_program_can_open_it(self):
        with (
            served(SMALL) as server,
            serial.Serial(server.url, 921600, timeout=PATIENCE_S) as port,
        ):
            port.write(bytes(1) + encode_message(IdentifyRequest(), 7))
            decoder, answered = Decoder(), []
            while MessageType.IDENTIFY | 0x80 not in answered:
                heard = port.read_until(b"\0")
                assert heard, "the board says nothing"
                answered += [packet.type for packet in decoder.feed(heard)]

    def test_a_host_that_does_not_read_loses_whole_frames_that_are_counted(self, talk):
        with served(SMALL, tx_bytes=4096) as server:
            host = talk(server.url)
            host.begin()
            wait_until(lambda: server.board.frames_dropped >= 50)
            frames = host.frames(150)
        assert not host.faults
        assert_true_to_source(frames)
        assert frames[-1].dropped_total >= 50
        # Every missing number is one that the board says it dropped, at the very frame.
        assert all(f.frame == k + f.dropped_total for k, f in enumerate(frames))

    def test_answers_come_even_when_frames_find_no_room(self, talk):
        with served(SMALL, tx_bytes=4096) as server:
            host = talk(server.url)
            host.begin()
            wait_until(lambda: server.board.frames_dropped >= 20)
            assert host.ask(PingRequest(b"hello")).echo == b"hello"

    def test_a_stall_holds_frames_back_then_goes_on(self, talk):
        with served(faulty(stall={"every_s": 0.6, "for_s": 0.3}), tx_bytes=4096) as server:
            host = talk(server.url)
            host.begin()
            frames = host.frames(250)
        assert server.board.frames_dropped > 0
        assert_true_to_source(frames)
        assert not host.faults

    def test_a_disconnection_cuts_the_host_off_and_the_link_leads_back(self, talk, tmp_path):
        link, clock = tmp_path / "board", SteadyClock(until_s=0.0)
        gone = faulty(disconnect={"at_s": 0.5, "for_s": 0.3})
        with served(gone, link=link, clock=clock) as server:
            assert server.url == str(link)
            host = talk(server.url)
            host.begin()
            clock.until_s = inf
            with pytest.raises(LinkLost):
                host.frames(10_000)
            again = talk_when_there(talk, server.url)
            again.begin(2)
            assert_true_to_source(again.frames(3))

    def test_a_flood_of_commands_without_reading_is_answered_in_full(self, talk):
        with served(SMALL) as server:
            host = talk(server.url)
            host.ask(StopRequest())
            for k in range(200):
                host.seq += 1
                host.link.write(encode_message(PingRequest(bytes([k]) * 50), host.seq))
            deadline = time.monotonic() + PATIENCE_S
            while len(host.packets) < 200 and time.monotonic() < deadline:
                host.listen()
        echoes = [parse(p).echo for p in host.packets if p.type == MessageType.PING | 0x80]
        assert echoes == [bytes([k]) * 50 for k in range(200)]


class TestTcp:
    def test_without_a_host_the_stream_goes_nowhere_and_is_not_stale_afterwards(self, talk):
        with served(SMALL, "tcp") as server:
            host = talk(server.url)
            host.begin()
            host.frames(5)
            host.close()
            newest = host.assembler.frames
            wait_until(lambda: server.board.frames_sent > newest + 100)
            sent = server.board.frames_sent
            again = talk(server.url)
            status = again.ask(StatusRequest())
            assert status.frames > newest + 100
            assert status.dropped_total == 0
            again.assembler = host.assembler
            again.ask(StartRequest(1))
            frame = again.frames(1)[0]
            assert frame.frame >= sent - 20

    def test_a_disconnection_closes_the_connection_and_the_port_comes_back(self, talk):
        clock = SteadyClock(until_s=0.0)
        gone = faulty(disconnect={"at_s": 0.5, "for_s": 0.3})
        with served(gone, "tcp", clock=clock) as server:
            host = talk(server.url)
            host.begin()
            clock.until_s = 0.6
            with pytest.raises(LinkLost):
                host.frames(10_000)
            with pytest.raises(LinkError):
                LineHost(server.url)
            clock.until_s = inf
            again = talk_when_there(talk, server.url)
            again.begin(2)
            assert_true_to_source(again.frames(3))


@BOTH
class TestDriver:
    """The project's own driver takes it for a real board."""

    def test_frames_come_with_nothing_lost(self, kind):
        with served(SMALL, kind) as server, open_board("eitp", server.url) as board:
            stream = board.configure(Pattern.by_name("adjacent", 16), 100.0)
            assert stream.rate_hz == 100.0
            board.start()
            frames = first(board, 100)
            counters = board.counters
        assert (counters.received, counters.bad, counters.lost) == (100, 0, 0)
        scenario = SMALL.changed(rate_hz=100.0)
        source = TankSource(scenario)
        for frame in frames:
            np.testing.assert_array_equal(frame.values, source.reading(frame.sequence).values)

    def test_the_board_tells_its_own_pattern(self, kind):
        scenario = SMALL.changed(pattern="skip4-half")
        with served(scenario, kind) as server, open_board("eitp", server.url) as board:
            assert board.configure().pattern == Pattern.by_name("skip4-half", 16)

    def test_another_pattern_is_uploaded(self, kind):
        wanted = Pattern.by_name("opposite-half", 16)
        with served(SMALL, kind) as server, open_board("eitp", server.url) as board:
            assert board.configure(wanted).pattern == wanted
            board.start()
            frames = first(board, 3)
        source = TankSource(SMALL, wanted)
        np.testing.assert_array_equal(frames[2].values, source.reading(2).values)

    def test_a_reboot_is_mended(self, kind):
        clock = SteadyClock(until_s=0.0)
        with (
            served(faulty(reboot_at_s=1.0), kind, clock=clock) as server,
            open_board("eitp", server.url) as board,
        ):
            board.configure()
            board.start()
            clock.until_s = inf
            kinds = []
            for item in board.frames():
                if isinstance(item, Event):
                    kinds.append(item.kind)
                elif "restarted" in kinds:
                    break
            assert "reboot" in kinds


def first(board, count) -> list[Frame]:
    """The first frames of a running board."""
    found = []
    for item in board.frames():
        if isinstance(item, Frame):
            found.append(item)
        if len(found) == count:
            board.stop()
            return found
    raise AssertionError("the frames ended")


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)


def talk_when_there(talk, url):
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return talk(url)
        except LinkError:
            assert time.monotonic() < deadline, f"{url} did not come back"
            time.sleep(0.02)
