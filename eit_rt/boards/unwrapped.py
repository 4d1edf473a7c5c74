"""Unwrapped: a counter of few bits made endless. Imports nothing of the project."""


class Unwrapped:
    """Frame counters and clocks that begin again at 0 after 2^bits values.

    A number may be a little behind the newest one; what is far behind or far ahead is a board that was switched off and
    on: then the count is the number itself again, and whoever sees it go back knows.
    """

    def __init__(self, bits: int, longest_gap: int) -> None:
        """longest_gap: a step ahead above this, over the wrap, is no gap but a restart. At most half of 2^bits."""
        self._modulus = 1 << bits
        self._longest_gap = min(longest_gap, self._modulus // 2)
        self._newest: int | None = None

    def __call__(self, number: int) -> int:
        """The endless number for what the board sent, 0 <= number < 2^bits."""
        if self._newest is None:
            self._newest = number
            return number
        step = (number - self._newest) % self._modulus
        if step <= self._longest_gap:
            self._newest += step
            return self._newest
        behind = self._modulus - step
        if behind <= min(self._longest_gap, self._newest):
            return self._newest - behind
        self._newest = number
        return number
