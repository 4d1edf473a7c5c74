"""Examiner: all findings about a board from one run on a still, homogeneous tank.

Imports calibration (health of electrodes, reciprocity), physics (the homogeneous model), frames, and this room.
"""

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.calibration import Health, electrode_health
from eit_rt.calibration.reciprocity import relative_reciprocity_error
from eit_rt.errors import MismatchError
from eit_rt.frames import BoardCounters, ValueKind
from eit_rt.layout import Layout
from eit_rt.physics import ForwardModel, disc_mesh
from eit_rt.selftest.arrangement import Comparison, compare
from eit_rt.selftest.channels import Channels
from eit_rt.selftest.contact import contact_shares, unlike_the_rest
from eit_rt.selftest.examination import Examination
from eit_rt.selftest.finding import Finding, Grade
from eit_rt.selftest.taken import Taken

Floats = NDArray[np.float64]

MODEL_ELEMENTS = 3000
MODEL_SEED = 11
MODEL_CONTACT = 0.005
"""Contact impedance of good electrodes, ohm m2 over a tank radius of 1 m and a conductivity of 1 S/m."""
BITS_PER_BYTE = 10
MOSTLY = 0.5
FITS, MAY_FIT = 0.8, 0.5
"""Agreement with the model: of a board in order, and of one that may be so in a tank far from round."""
AS_WELL = 0.02
"""An order that agrees better by less than this is not better."""


def examine(taken: Taken, layout: Layout | None = None) -> Examination:
    """Judge a run of frames of a still tank without objects.

    layout: where the electrodes are; None: the stream's, or else a ring. Raises ConfigError for fewer than 10 frames,
    MismatchError for a layout of other electrodes or a run in which most measurements are missing.
    """
    return _Examiner(taken, layout).examination()


class _Examiner:
    def __init__(self, taken: Taken, layout: Layout | None) -> None:
        self._taken = taken
        self._stream = taken.stream
        self._pattern = taken.stream.pattern
        self._layout = layout or taken.stream.layout or Layout.ring(self._pattern.n_electrodes)
        # Refuses a layout of another tank.
        replace(taken.stream, layout=self._layout)
        self._values = (
            np.stack([frame.values for frame in taken.frames])
            if taken.frames
            else (np.empty((0, self._pattern.n_meas), dtype=np.float32))
        )
        self._times_s = np.array([f.t_host_ns for f in taken.frames], dtype=np.float64) / 1e9
        self._board_s = np.array([f.t_board_ns for f in taken.frames], dtype=np.float64) / 1e9

    def examination(self) -> Examination:
        channels, comparison = self._channels, self._comparison
        findings = [self._arrived(), self._rate(), *self._line(), *self._whole(), self._order()]
        findings += [self._sign(), self._reciprocity(), self._noise(), self._drift()]
        findings += [*self._contact(), self._electrodes()]
        return Examination(
            self._taken,
            tuple(findings),
            channels,
            self._health,
            comparison,
            self._expected(),
            self._contacts,
        )

    # -- what the findings rest on -----------------------------------------------------------------------------

    @cached_property
    def _channels(self) -> Channels:
        return Channels.of(self._values, self._board_s, self._stream.saturation)

    @cached_property
    def _unclipped(self) -> NDArray[Any]:
        """(n_meas,) levels, NaN where the board clips: those say nothing of the tank."""
        return np.where(self._channels.saturated > MOSTLY, np.nan, self._channels.level)

    @cached_property
    def _impedance(self) -> Floats:
        mesh = disc_mesh(self._layout, n_elements=MODEL_ELEMENTS, seed=MODEL_SEED)
        return ForwardModel(mesh, MODEL_CONTACT).transfer_impedance(1.0)

    @cached_property
    def _comparison(self) -> Comparison:
        is_magnitude = self._stream.value_kind is ValueKind.MAGNITUDE
        clipped = float(np.mean(self._channels.saturated > MOSTLY))
        if clipped > MOSTLY:
            raise MismatchError(
                f"{100 * clipped:.0f} % of the measurements are clipped most of the time; lower the current or the gain"
            )
        return compare(self._unclipped, self._pattern, self._impedance, is_magnitude=is_magnitude)

    @cached_property
    def _health(self) -> Health:
        return electrode_health(
            self._values,
            self._pattern,
            value_kind=self._stream.value_kind,
            saturation=self._stream.saturation,
        )

    @cached_property
    def _contacts(self) -> Floats | None:
        """None if they are not measured, or not where the pattern says."""
        if not self._is_in_order:
            return None
        return contact_shares(self._unclipped, self._pattern, self._impedance)

    @property
    def _fits(self) -> bool:
        """Some order fits."""
        return self._comparison.agreement >= FITS

    @property
    def _is_in_order(self) -> bool:
        """The configured one does, or as well as the best."""
        found = self._comparison
        is_best = not found.arrangement.text
        return self._fits and (is_best or found.agreement - abs(found.as_configured) < AS_WELL)

    def _expected(self) -> Floats:
        model = np.abs(np.asarray(self._pattern.voltages(self._impedance)))
        level = np.abs(self._unclipped)
        known = np.isfinite(level) & (model > 0)
        scale = float(np.median(level[known] / model[known]))
        return np.asarray(scale * model)

    # -- findings ----------------------------------------------------------------------------------------------

    def _arrived(self) -> Finding:
        counters = self._taken.counters or BoardCounters(received=len(self._taken.frames))
        text = f"{len(self._taken.frames)} frames, {counters.bad} damaged parts, {counters.lost} frames lost"
        if counters.faults:
            kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(counters.faults.items()))
            text += f" ({kinds})"
        kinds_seen = Counter(event.kind for event in self._taken.events)
        others = {k: n for k, n in kinds_seen.items() if k not in ("fault", "lost")}
        if others:
            text += "; events: " + ", ".join(f"{n} {kind}" for kind, n in sorted(others.items()))
        share = (counters.bad + counters.lost) / max(1, counters.received + counters.lost)
        if share == 0:
            return Finding("arrived", Grade.GOOD, text)
        advice = "check cable, ground and baud rate; a shorter cable or a slower rate may help"
        return Finding("arrived", Grade.LOOK if share < 0.1 else Grade.BAD, text, advice)

    def _rate(self) -> Finding:
        span_s = float(self._times_s[-1] - self._times_s[0])
        if span_s <= 0:
            return Finding("rate", Grade.UNKNOWN, "all frames came at once: not a live board")
        measured = (len(self._times_s) - 1) / span_s
        steps_ms = np.diff(self._times_s) * 1e3
        text = f"{measured:.4g} frames/s, longest pause {steps_ms.max():.3g} ms"
        nominal = self._stream.rate_hz
        if not nominal:
            return Finding("rate", Grade.GOOD, text + "; the board announces none")
        text += f"; announced {nominal:.4g}"
        if abs(measured / nominal - 1) < 0.05:
            return Finding("rate", Grade.GOOD, text)
        slower = measured < nominal
        advice = (
            "frames are missing or the line is too slow for this rate"
            if slower
            else "the board is quicker than it says: check its clock or the driver's rate"
        )
        return Finding("rate", Grade.LOOK, text, advice)

    def _line(self) -> list[Finding]:
        taken = self._taken
        span_s = float(self._times_s[-1] - self._times_s[0])
        if taken.bytes_in is None or span_s <= 0:
            return []
        a_frame = taken.bytes_in / max(1, len(taken.frames))
        text = f"{a_frame:.0f} bytes a frame"
        if not taken.baud:
            return [Finding("line", Grade.GOOD, text + "; the line has no speed of its own")]
        limit = taken.baud / BITS_PER_BYTE
        used = taken.bytes_in / span_s / limit
        text += f", {100 * used:.0f} % of {taken.baud} baud: {limit / a_frame:.3g} frames/s at most"
        if used < 0.9:
            return [Finding("line", Grade.GOOD, text)]
        return [Finding("line", Grade.GOOD, text, "the line sets the rate: more needs more baud")]

    def _whole(self) -> list[Finding]:
        findings = []
        for name, share, advice in (
            (
                "missing",
                self._channels.missing,
                "connect all electrodes (see below); if the board leaves out what it clips, lower current or gain",
            ),
            ("saturated", self._channels.saturated, "lower the current or the gain"),
        ):
            mean = float(share.mean())
            grade = Grade.GOOD if mean == 0 else Grade.LOOK if mean < 0.1 else Grade.BAD
            if name == "saturated" and self._stream.saturation is None:
                findings.append(
                    Finding(name, Grade.UNKNOWN, "the board does not say where it clips")
                )
                continue
            text = f"{100 * mean:.3g} % of the values"
            findings.append(Finding(name, grade, text, "" if mean == 0 else advice))
        return findings

    def _order(self) -> Finding:
        found = self._comparison
        if not np.nan_to_num(self._unclipped).any():
            advice = "is the current on, and are the electrodes connected?"
            return Finding("order", Grade.BAD, "all values are zero", advice)
        text = f"agrees to {found.agreement:.3f} with a round homogeneous tank"
        if not found.shows_order:
            text += ", in which all values of this pattern are alike: no order could be told"
            return Finding("order", Grade.UNKNOWN, text)
        if not self._fits:
            advice = "is the tank still, homogeneous, round, every electrode wetted, and is this its layout?"
            grade = Grade.LOOK if found.agreement >= MAY_FIT else Grade.BAD
            return Finding("order", grade, f"no order fits: at best {text}", advice)
        if self._is_in_order:
            text += (
                f"; as configured {found.as_configured:.3f}"
                if found.arrangement.text
                else ", as configured"
            )
            return Finding("order", Grade.GOOD, text)
        text = (
            f"likely {found.arrangement.name}: {found.arrangement.text} "
            f"(agreement {found.agreement:.3f}, as configured {abs(found.as_configured):.3f})"
        )
        return Finding("order", Grade.BAD, text, found.arrangement.advice)

    def _sign(self) -> Finding:
        found = self._comparison
        kind = self._stream.value_kind
        if kind is ValueKind.MAGNITUDE:
            return Finding(
                "sign", Grade.GOOD, "magnitudes, as announced: normalised differences only"
            )
        if not self._fits:
            return Finding("sign", Grade.UNKNOWN, "cannot be told while no order fits")
        wrong = [mistake for mistake in found.mistakes if mistake.name != found.arrangement.name]
        if not wrong:
            return Finding("sign", Grade.GOOD, f"as the pattern says ({kind})")
        text = "; ".join(f"likely {mistake.name}: {mistake.text}" for mistake in wrong)
        return Finding("sign", Grade.LOOK, text, "; ".join(mistake.advice for mistake in wrong))

    def _reciprocity(self) -> Finding:
        signed = self._stream.value_kind is not ValueKind.MAGNITUDE
        level = self._channels.level
        off = self._pattern.reciprocity_error(level, signed=signed)
        if off is None:
            return Finding("reciprocity", Grade.UNKNOWN, "this pattern has no reciprocal pairs")
        typical = relative_reciprocity_error(level, self._pattern, signed=signed)
        text = f"{100 * off:.2g} % of the mean value (median {100 * np.nanmedian(typical):.2g} %)"
        if off < 0.06:
            return Finding("reciprocity", Grade.GOOD, text)
        if off < 0.2:
            return Finding(
                "reciprocity", Grade.LOOK, text, "contacts differ, or channels have other gains"
            )
        advice = "above 20 % means a wrong order, or a sign or gain that differs between channels"
        return Finding("reciprocity", Grade.BAD, text, advice)

    def _noise(self) -> Finding:
        snr = self._channels.snr_db
        known = snr[~np.isnan(snr)]
        if not len(known):
            return Finding("noise", Grade.UNKNOWN, "no measurement is there often enough")
        middle = float(np.median(known))
        if middle == np.inf:
            return Finding(
                "noise",
                Grade.LOOK,
                "no value ever changes",
                "real electronics have noise: are the values frozen?",
            )
        low = int((known < 20).sum())
        text = f"signal to noise {middle:.0f} dB (median), worst {known.min():.0f} dB"
        text += f"; {low} measurements below 20 dB" if low else ""
        grade = (
            Grade.GOOD if middle >= 40 and not low else Grade.LOOK if middle >= 25 else Grade.BAD
        )
        advice = (
            ""
            if grade is Grade.GOOD
            else "more current, better contacts, or averaging on the board"
        )
        return Finding("noise", grade, text, advice)

    def _drift(self) -> Finding:
        drift = np.abs(self._channels.drift_per_minute)
        known = drift[np.isfinite(drift)]
        span_s = float(self._board_s[-1] - self._board_s[0])
        if not len(known) or span_s <= 0:
            return Finding("drift", Grade.UNKNOWN, "no time passed between the frames")
        # Noise alone gives a slope, too: 12^0.5 / (n^0.5 T) of its standard deviation.
        noise = 10 ** (-self._channels.snr_db / 20)
        chance = np.sqrt(12 / len(self._values)) / span_s * 60 * noise
        middle, by_chance = float(np.median(known)), float(np.nanmedian(chance))
        text = f"{100 * middle:.2g} % a minute (median; {100 * by_chance:.2g} % by chance) over {span_s:.0f} s"
        if middle < 3 * by_chance or middle < 0.01:
            return Finding("drift", Grade.GOOD, text)
        return Finding(
            "drift",
            Grade.LOOK,
            text,
            "does something move in the tank? else let it settle in temperature",
        )

    def _contact(self) -> list[Finding]:
        shares = self._contacts
        if shares is None:
            text = (
                "not measured: what touches driven electrodes is left out, or clipped; see the electrodes below"
                if self._is_in_order
                else "cannot be told while the order does not fit"
            )
            return [Finding("contacts", Grade.UNKNOWN, text)]
        middle = float(np.nanmedian(shares))
        unlike = unlike_the_rest(shares)
        text = f"{100 * middle:.3g} % of the tank between neighbours (median), highest {100 * np.nanmax(shares):.3g} %"
        if not unlike.any():
            return [Finding("contacts", Grade.GOOD, text)]
        numbers = ", ".join(str(k + 1) for k in np.flatnonzero(unlike))
        return [
            Finding(
                "contacts", Grade.LOOK, f"{text}; unlike the rest: {numbers}", "clean or wet them"
            )
        ]

    def _electrodes(self) -> Finding:
        bad, suspect = self._health.bad, self._health.suspect
        if not bad and not suspect:
            return Finding("electrodes", Grade.GOOD, f"all {self._pattern.n_electrodes} look alike")
        text = "; ".join(self._health.remarks())
        advice = "check contact and cable, or exclude them with `eit-rt calibrate`"
        return Finding("electrodes", Grade.BAD if bad else Grade.LOOK, text, advice)
