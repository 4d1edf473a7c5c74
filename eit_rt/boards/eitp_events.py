"""What a board tells of itself over EITP, as events for people. Imports protocol and frames only."""

from eit_rt.frames import Event, Severity
from eit_rt.protocol import EventCode, EventMessage, LogMessage, ReadyMessage, ResetCause
from eit_rt.protocol import Severity as WireSeverity

_SEVERITIES = {
    WireSeverity.INFO: Severity.INFO,
    WireSeverity.WARNING: Severity.WARNING,
    WireSeverity.ERROR: Severity.ERROR,
}
_ELECTRODES = (EventCode.CONTACT_LOST, EventCode.CONTACT_RESTORED, EventCode.CURRENT_LIMIT)
_SENTENCES = {
    EventCode.CONTACT_LOST: "electrode {arg} lost contact",
    EventCode.CONTACT_RESTORED: "electrode {arg} has contact again",
    EventCode.SATURATION: "measurement {arg} clipped",
    EventCode.CURRENT_LIMIT: "the current source reached its limit at electrode {arg}",
    EventCode.FRAMES_DROPPED: "no room to send; {arg} frames dropped so far",
    EventCode.RX_OVERRUN: "it lost {arg} bytes of what we sent",
    EventCode.SUPPLY: "supply voltage out of range: {arg} mV",
    EventCode.TEMPERATURE: "too hot: {kelvin:.1f} K",
    EventCode.IDLE_STOP: "stopped, because it heard nothing from us for {arg} ms",
    EventCode.HARDWARE: "hardware failed, code {arg}",
}


def board_event(message: EventMessage, now_ns: int) -> Event:
    """An EVENT; electrodes are numbered from 1, as they are labelled."""
    arg = message.arg + (message.code in _ELECTRODES)
    try:
        sentence = _SENTENCES[EventCode(message.code)]
        text = sentence.format(arg=arg, kelvin=message.arg / 100)
    except (ValueError, KeyError):
        text = f"event {message.code:#06x}, argument {message.arg}"
    return Event("board", f"the board says: {text}", now_ns, _severity(message.severity))


def log_event(message: LogMessage, now_ns: int) -> Event:
    """A LOG; its text is shown as it is, unprintable characters replaced."""
    text = message.text.decode("utf-8", "replace").strip()
    shown = "".join(c if c.isprintable() else "·" for c in text)
    return Event("board", f"the board says: {shown}", now_ns, _severity(message.severity))


def reboot_event(message: ReadyMessage, now_ns: int) -> Event:
    """A READY in the middle of a run."""
    try:
        cause = ResetCause(message.reset_cause).name.lower().replace("_", " ")
    except ValueError:
        cause = f"cause {message.reset_cause}"
    text = f"the board rebooted ({cause}); it is configured and started again"
    return Event("reboot", text, now_ns, Severity.WARNING)


def _severity(number: int) -> Severity:
    return _SEVERITIES.get(number, Severity.WARNING)  # type: ignore[call-overload, no-any-return]
