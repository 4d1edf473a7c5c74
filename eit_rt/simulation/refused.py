"""Refused: how the parts of the simulated board say no to a command. Imports the protocol's numbers only."""

from eit_rt.protocol.generated import Status


class Refused(Exception):
    """A command that will be answered with a status other than OK. Never leaves this room."""

    def __init__(self, status: Status, detail: int = 0) -> None:
        super().__init__(f"{status.name}, detail {detail}")
        self.status = status
        self.detail = detail


def bad_argument(message: type, field: str) -> Refused:
    """BAD_ARGUMENT whose detail is the number of the field, from 1."""
    fields: tuple[str, ...] = getattr(message, "_fields", ())
    return Refused(Status.BAD_ARGUMENT, fields.index(field) + 1)
