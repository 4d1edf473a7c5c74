"""Numbers with their nouns. Not a command."""


def counted(number: int, noun: str) -> str:
    """`1 frame`, `7 frames`."""
    return f"{number} {noun}" + ("" if number == 1 else "s")
