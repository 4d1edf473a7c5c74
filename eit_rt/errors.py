"""Every error a user can meet, as one tree. Each message says what was wrong, what was expected, what to do.

    EitError                    exit code 1
    ├── ConfigError             2  a file, option or value that the user wrote
    │   ├── PatternError           who injects and who measures
    │   └── LayoutError            where the electrodes are
    ├── LinkError               3  the port: absent, busy, refused
    │   └── LinkLost               it was open and went away
    ├── BoardError              3  the board answers wrongly, or not at all
    ├── MismatchError           4  two things that do not fit: pattern, layout, number of electrodes
    ├── ModelError              5  an ONNX file that cannot be used
    ├── RecordingError          6  a recording that cannot be read or written
    │   └── RecordingStopped       writing had to stop (disk full, recorder too slow); what was written is safe
    ├── ReaderError             6  a foreign file that cannot be imported
    └── PhysicsError            7  a mesh or conductivity that has no solution

Noise on a wire is not an error: the decoder yields faults and counts them. Catch by layer, never `except Exception`.
"""


class EitError(Exception):
    """Root of all errors raised on purpose. The command line prints it as one message, without a traceback."""

    exit_code = 1


class ConfigError(EitError):
    """A file, option or value that the user wrote is not usable."""

    exit_code = 2


class PatternError(ConfigError):
    """A pattern that is inconsistent, unknown or not applicable."""


class LayoutError(ConfigError):
    """An electrode layout that is inconsistent or not applicable."""


class LinkError(EitError):
    """A port that cannot be opened: it is absent, busy or refused."""

    exit_code = 3


class LinkLost(LinkError):
    """A port that was open and went away (unplugged, peer closed, device reset)."""


class BoardError(EitError):
    """The board answers wrongly, refuses a command, or does not answer."""

    exit_code = 3


class MismatchError(EitError):
    """Two things that must agree do not: pattern, layout or number of electrodes."""

    exit_code = 4


class ModelError(EitError):
    """An ONNX file that cannot be loaded or lacks what the runtime needs."""

    exit_code = 5


class RecordingError(EitError):
    """A recording that cannot be read or written."""

    exit_code = 6


class RecordingStopped(RecordingError):
    """Recording had to stop (disk full, disk too slow). What was written before is safe."""


class ReaderError(EitError):
    """A foreign file that cannot be imported; the message says why."""

    exit_code = 6


class PhysicsError(EitError):
    """A mesh, conductivity or contact impedance for which the forward problem has no solution."""

    exit_code = 7


def known(error: Exception) -> EitError:
    """The error, if it is one of these; else one that says that the program is at fault: for the top of a thread."""
    if isinstance(error, EitError):
        return error
    mistake = EitError(f"internal error: {error!r}; please report it")
    mistake.__cause__ = error
    return mistake
