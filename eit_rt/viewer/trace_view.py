"""Global impedance: the mean of the picture over the last minute."""

from eit_rt.viewer import theme
from eit_rt.viewer.levels import SteadyRange
from eit_rt.viewer.panel import Panel
from eit_rt.viewer.trace import Trace

SPAN_S = 60.0
SPANS_S = (10.0, 20.0, 30.0, SPAN_S)
"""The axis is the shortest of these that holds all there is."""


class TraceView(Panel):
    """`add` with each painted picture, `redraw` a few times a second."""

    def __init__(self, title: str, paint_hz: float) -> None:
        super().__init__(title)
        self.trace = Trace(capacity=int(SPAN_S * paint_hz) + 64)
        self._range = SteadyRange()
        self._shown = (0.0, 0.0)
        self.plot.addLine(y=0, pen=theme.pen(theme.LINE))
        self._curve = self.plot.plot(pen=theme.pen(theme.ACCENT), connect="finite", antialias=True)
        self._span_s = 0.0
        self.plot.setLabel("bottom", "seconds before now")

    def add(self, time_s: float, value: float) -> None:
        self.trace.append(time_s, value)

    def redraw(self, now_s: float) -> None:
        times, values = self.trace.since(now_s - SPAN_S)
        self._curve.setData(times - now_s, values)
        age_s = now_s - times[0] if len(times) else 0.0
        span_s = next((span for span in SPANS_S if span >= age_s), SPAN_S)
        if span_s != self._span_s:
            self._span_s = span_s
            self.plot.setXRange(-span_s, 0, padding=0.01)
        shown = self._range.follow(values)
        if shown != self._shown:
            self._shown = shown
            self.plot.setYRange(*shown, padding=0)
