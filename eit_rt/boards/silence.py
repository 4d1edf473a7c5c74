"""What a person can do where nobody answers in a driver's words. Imports nothing of the project.

The rule it keeps: a board that hangs on another driver's words, as some firmware does, looks like none at all.
"""

import shlex


def advice(url: str) -> str:
    """The end of a driver's message that its board is not at this port."""
    return (
        " If another program, or another driver, has written to the board, switch it off and on; "
        f"`eit-rt ports --identify {shlex.quote(url)}` finds the driver that fits"
    )
