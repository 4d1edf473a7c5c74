"""Signals: the first asks, the second Ctrl-C ends; handlers are put back."""

import os
import signal
import threading

import pytest

from eit_rt.training.interruption import asked_to_stop


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_stop(kind):
    before = signal.getsignal(kind)
    with asked_to_stop() as stop:
        assert not stop.is_set()
        os.kill(os.getpid(), kind)
        assert stop.wait(1.0)
    assert signal.getsignal(kind) is before


def test_a_second_interrupt_does_not_wait():
    def interrupted_twice():
        with asked_to_stop() as stop:
            os.kill(os.getpid(), signal.SIGINT)
            assert stop.wait(1.0)
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(1.0)

    with pytest.raises(KeyboardInterrupt):
        interrupted_twice()


def test_other_threads_are_never_asked():
    found = []

    def work():
        with asked_to_stop() as stop:
            found.append(stop.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [False]
