"""Setup of an EITP board: from what the user wants to CONFIGURE and its answer. SPEC.md, "Commands".

Imports protocol, pattern, frames, errors. The rule it keeps: what a setup did once it does again, the same way, after
the board has rebooted; and a board that then has another pattern is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite

from eit_rt.boards.eitp_line import Line, Refused
from eit_rt.boards.eitp_pattern import Ring, hash_of, read_back, ring_of, upload
from eit_rt.errors import BoardError, ConfigError, MismatchError
from eit_rt.frames import Stream, ValueKind
from eit_rt.pattern import Pattern
from eit_rt.protocol import (
    IDLE_TIMEOUT_MS,
    Capability,
    ConfigureAnswer,
    ConfigureRequest,
    DataKind,
    DataUnit,
    DType,
    IdentifyAnswer,
    PatternAnswer,
    PatternKind,
    PatternRequest,
    Status,
)

MILLI = 1000
HIGHEST_RATE_HZ = 1e6
_KINDS = {
    DataKind.MAGNITUDE: ValueKind.MAGNITUDE,
    DataKind.REAL: ValueKind.REAL,
    DataKind.COMPLEX: ValueKind.COMPLEX,
}
_COUNTS = (DType.I16, DType.I24, DType.I32)


@dataclass(frozen=True, slots=True)
class Setup:
    """What is wanted of a board; `agree` makes it so."""

    board: IdentifyAnswer
    pattern: Pattern | None
    """None: the board's own."""
    rate_hz: float | None
    """None: the board's own."""
    amplitude_ma: float | None = None
    frequency_hz: float | None = None

    def __post_init__(self) -> None:
        if self.rate_hz is not None and not 0 < self.rate_hz <= HIGHEST_RATE_HZ:
            raise ConfigError(
                f"rate is {self.rate_hz:g} frames per second; expected a positive one"
            )
        self._refuse("a current amplitude", self.amplitude_ma, Capability.SET_AMPLITUDE)
        self._refuse("an excitation frequency", self.frequency_hz, Capability.SET_FREQUENCY)
        if self.pattern is not None and self.pattern.n_electrodes > self.board.max_electrodes:
            raise MismatchError(
                f"pattern {self.pattern.describe()} needs {self.pattern.n_electrodes} electrodes; "
                f"the board has {self.board.max_electrodes}"
            )

    def agree(
        self, line: Line, is_wanted: Callable[[], bool] = lambda: True
    ) -> tuple[ConfigureAnswer, Stream]:
        """Upload what is needed, CONFIGURE, check. Raises BoardError, MismatchError (both patterns named), LinkLost."""

        def ask(request: PatternRequest) -> PatternAnswer:
            return line.ask(request, PatternAnswer, is_wanted=is_wanted)

        ring = ring_of(self.pattern) if self.pattern else None
        for kind in self._kinds(ring):
            if kind is PatternKind.UPLOADED and self.pattern is not None:
                upload(self.pattern, self.board.rx_window, ask)
            request = self._request(kind, ring if kind is PatternKind.RING else None)
            try:
                answer = line.ask(request, ConfigureAnswer, is_wanted=is_wanted)
            except Refused as error:
                # A board may offer some rings only.
                if kind is PatternKind.RING and error.refusal.status == Status.UNSUPPORTED:
                    continue
                raise
            return answer, self._stream(answer, self._agreed_pattern(answer, ask))
        raise AssertionError("the last kind is OWN, which ends the loop")

    # -- parts -------------------------------------------------------------------------------------------------

    def _kinds(self, ring: Ring | None) -> list[PatternKind]:
        """Ways in which the board can be given the pattern, simplest first; OWN at last: then the hashes decide."""
        can, kinds = Capability(self.board.capabilities), []
        if ring is not None and Capability.RING_PATTERN in can:
            kinds.append(PatternKind.RING)
        if self.pattern and self.pattern.is_pairwise and Capability.UPLOAD_PATTERN in can:
            kinds.append(PatternKind.UPLOADED)
        return [*kinds, PatternKind.OWN]

    def _request(self, kind: PatternKind, ring: Ring | None) -> ConfigureRequest:
        n_electrodes = self.pattern.n_electrodes if self.pattern else 0
        return ConfigureRequest(
            n_electrodes=0 if kind is PatternKind.OWN else n_electrodes,
            pattern_kind=kind,
            pattern_flags=ring.flags if ring else 0,
            drive_step=ring.drive_step if ring else 0,
            sense_step=ring.sense_step if ring else 0,
            dtype=DType.OWN,
            rate_millihertz=max(1, round(self.rate_hz * MILLI)) if self.rate_hz else 0,
            amplitude_ua=round(self.amplitude_ma * MILLI) if self.amplitude_ma else 0,
            frequency_hz=round(self.frequency_hz) if self.frequency_hz else 0,
            idle_timeout_ms=IDLE_TIMEOUT_MS,
        )

    def _agreed_pattern(
        self, answer: ConfigureAnswer, ask: Callable[[PatternRequest], PatternAnswer]
    ) -> Pattern:
        if self.pattern is not None and hash_of(self.pattern) == answer.pattern_hash:
            return self.pattern
        try:
            own = read_back(answer.pattern_hash, self.board.max_electrodes, ask)
        except Refused as error:
            if self.pattern is None:
                raise BoardError(
                    f"the board does not tell its pattern ({error}); name the pattern that it measures"
                ) from error
            raise self._mismatch(f"hash {answer.pattern_hash.hex()}") from error
        if self.pattern is not None:
            raise self._mismatch(own.describe())
        return own

    def _mismatch(self, theirs: str) -> MismatchError:
        assert self.pattern is not None
        return MismatchError(
            f"the board measures pattern {theirs}, asked for is {self.pattern.describe()}, and the board cannot be "
            "given another one; use a profile and model for the board's pattern"
        )

    def _stream(self, answer: ConfigureAnswer, pattern: Pattern) -> Stream:
        kind = _KINDS.get(answer.kind)  # type: ignore[call-overload]
        if kind is None or answer.n_meas != pattern.n_meas:
            raise BoardError(
                f"the board's answer to CONFIGURE contradicts itself: {answer.n_meas} values of kind {answer.kind} "
                f"for pattern {pattern.describe()}"
            )
        if not (isfinite(answer.scale) and answer.scale > 0) and answer.dtype in _COUNTS:
            raise BoardError(
                f"the board's answer to CONFIGURE contradicts itself: counts with a scale of {answer.scale:g}; "
                "expected the unit's worth of one count, a positive number"
            )
        return Stream(
            pattern,
            answer.rate_millihertz / MILLI,
            kind,
            saturation=answer.saturation if 0 < answer.saturation < inf else None,
            unit="V" if answer.unit == DataUnit.VOLT else "",
        )

    def _refuse(self, what: str, value: float | None, needed: Capability) -> None:
        if value is None:
            return
        if value <= 0:
            raise ConfigError(f"{what} of {value:g} is not possible; expected a positive number")
        if needed not in Capability(self.board.capabilities):
            raise BoardError(f"this board does not let {what} be chosen; leave that option out")
