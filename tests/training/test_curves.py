"""Loss curves: marks where the numbers say, and a real PNG."""

import io
import math

from eit_rt.training.curves import COLUMNS, ROWS, sparkline, text_curves, write_png

HISTORY = [
    {"step": 10.0 * k, "training": 1.0 / k, "loss": 2.0 / k, "correlation": 0.1 * k}
    for k in range(1, 6)
]


def test_sparkline_falls_with_the_loss():
    assert sparkline([4, 3, 2, 1]) == "█▆▃▁"
    assert sparkline([1, math.nan, 2]) == "▁ █"
    assert sparkline([5, 5]) == "▁▁"
    assert sparkline([math.nan]) == ""
    assert len(sparkline(range(100), width=24)) == 24


def test_text_shows_both_curves():
    text = text_curves(HISTORY)
    lines = text.splitlines()
    plot = [line.split("|", 1)[1] for line in lines[:ROWS]]
    assert plot[0].index("o") == int(
        10 / 50 * (COLUMNS - 1)
    )  # the largest value: the first validation
    assert plot[-1].rstrip().endswith(".")  # the smallest: the last training loss
    assert lines[0].split("|")[0].strip() == "2"
    assert "step 50" in text
    assert sum(line.count("o") for line in plot) == 5


def test_text_without_numbers():
    assert "no validation" in text_curves([])
    only = [{"step": 1.0, "training": math.nan, "loss": 3.0, "correlation": math.nan}]
    assert "o" in text_curves(only)


def test_png_is_drawn_and_the_same_again():
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        write_png(HISTORY, "title", file)
    assert files[0].getvalue().startswith(b"\x89PNG")
    assert files[0].getvalue() == files[1].getvalue()
    write_png([], "nothing yet", io.BytesIO())
