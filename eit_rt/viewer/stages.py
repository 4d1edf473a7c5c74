"""Which stage stopped? Watches the counters and names the first one that stands still. No Qt; the clock is given."""

from collections.abc import Mapping


class StageWatch:
    """Notes when each counter last grew.

    rate_hz: expected frames per second, 0 if unknown. A stage is said to stand still after three frames' time, at least
    one second, at most ten.
    """

    STAGES = ("received", "bad", "imaged", "recorded")

    def __init__(self, rate_hz: float, now_s: float) -> None:
        self.patience_s = min(max(1.0, 3.0 / rate_hz), 10.0) if rate_hz > 0 else 2.0
        self._seen = dict.fromkeys(self.STAGES, 0)
        self._grew_s = dict.fromkeys(self.STAGES, now_s)

    def look(self, counters: Mapping[str, int], now_s: float) -> str:
        """One sentence about the stage that stopped; "" while all go on."""
        for stage in self.STAGES:
            if (count := counters.get(stage, 0)) != self._seen[stage]:
                self._seen[stage], self._grew_s[stage] = count, now_s
        silent_s = {stage: now_s - since for stage, since in self._grew_s.items()}
        if silent_s["received"] > self.patience_s:
            return self._no_frames(silent_s)
        if silent_s["imaged"] > self.patience_s:
            return (
                f"no pictures for {silent_s['imaged']:.0f} s: frames arrive, the imaging stage "
                "stands still (no reference yet, or it stopped)"
            )
        if self._seen["recorded"] and silent_s["recorded"] > self.patience_s:
            return f"nothing recorded for {silent_s['recorded']:.0f} s: the recorder stopped"
        return ""

    def _no_frames(self, silent_s: Mapping[str, float]) -> str:
        head = f"no frames for {silent_s['received']:.0f} s: "
        if silent_s["bad"] <= self.patience_s and self._seen["bad"]:
            return head + "bytes arrive, but damaged (check baud rate, wiring, ground)"
        if not self._seen["received"]:
            return head + "the board has sent none yet (check port, power, firmware)"
        return head + "the board or its link stopped sending"
