"""One picture drawn without Qt: every pixel where it belongs, the scale beside it, walls and electrodes where known."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.recording.images import Album
from eit_rt.viewer import palette
from eit_rt.viewer.still import LEAST_SIDE, Still, steady_limit
from tests.recording.image_readers.files import CHEST12, some_album


def plain(**changes) -> Album:
    """32 x 32 chest, nothing known of a wall."""
    return some_album(layout=None, extent=(-1.0, 1.0, -1.0, 1.0), **changes)


def test_every_pixel_is_a_square_of_its_colour():
    still = Still(plain(), 50.0)
    image = still.image(6)
    assert image.shape == (still.size[1], still.size[0], 3)
    expected = palette.coloured(CHEST12[6], 50.0)
    side = LEAST_SIDE // 32
    for row, column in ((0, 0), (13, 9), (14, 22), (31, 31)):
        x, y = (column + 0.5) / 16 - 1, 1 - (row + 0.5) / 16
        r, c = still.place(x, y)
        square = image[r - side // 2 : r + side // 2, c - side // 2 : c + side // 2]
        assert (square == expected[row, column]).all()


@pytest.mark.parametrize("shape", [(32, 32), (7, 13), (64, 64), (300, 200), (1, 1)])
def test_sizes_are_even_and_no_picture_is_small(shape):
    still = Still(plain(images=np.ones((12, *shape), np.float32)), 1.0)
    assert not still.size[0] % 2
    assert not still.size[1] % 2
    assert min(still.size) >= LEAST_SIDE
    assert still.image(0).shape == (still.size[1], still.size[0], 3)


def test_the_extent_gives_the_shape():
    still = Still(some_album(layout=None), 1.0)  # half as high as wide
    right, top = still.place(1.0, 0.5)[1], still.place(1.0, 0.5)[0]
    left, bottom = still.place(-1.0, -0.5)[1], still.place(-1.0, -0.5)[0]
    assert right - left == 2 * (bottom - top) == 256


@pytest.mark.parametrize(
    ("shape", "extent"),
    [((64, 8), (-1, 1, -1, 1)), ((16, 128), (-1, 1, -0.5, 0.5)), ((9, 60), (-1, 1, -1, 1))],
)
def test_pixels_that_are_not_square_make_no_picture_small(shape, extent):
    still = Still(some_album(layout=None, extent=extent, images=np.ones((12, *shape))), 1.0)
    (top, left), (bottom, right) = still.place(extent[0], extent[3]), still.place(*extent[1:3])
    assert LEAST_SIDE <= max(bottom - top, right - left) < LEAST_SIDE + max(shape) + 2
    asked = (extent[3] - extent[2]) / (extent[1] - extent[0])
    assert (bottom - top) / (right - left) == pytest.approx(asked, rel=0.15)


def test_time_and_frame_are_written_above():
    still = Still(plain(), 50.0)
    first, second = still.image(0)[:24], still.image(1)[:24]
    assert (first[:, :80] != second[:, :80]).any(), "the time goes on"
    assert (first[:, 150:] != second[:, 150:]).any(), "so does the frame's number"
    assert (first != 255).sum() > 200


def test_a_layout_brings_wall_and_electrodes():
    layout = Layout.ring(16, 90.0)
    still = Still(replace(plain(), layout=layout), 50.0)
    image = still.image(6)
    green = tuple(bytes.fromhex(palette.ELECTRODE_ONE[1:]))
    dark = tuple(bytes.fromhex(palette.ELECTRODE[1:]))
    assert tuple(image[still.place(0.0, 1.037)]) == green
    assert tuple(image[still.place(1.037, 0.0)]) == dark
    assert tuple(image[still.place(0.9, 0.9)]) == (255, 255, 255), "outside the wall"
    inside = palette.coloured(CHEST12[6], 50.0)[13, 9]
    assert tuple(image[still.place((9 + 0.5) / 16 - 1, 1 - (13 + 0.5) / 16)]) == tuple(inside)


def test_the_bar_goes_from_blue_to_red_with_its_limit():
    still = Still(plain(), 50.0)
    image = still.image(0)
    column = still.place(1.0, 0.0)[1] + 10 + 4
    bar = image[:, column]
    assert (bar == palette.DIVERGING[-1]).all(axis=1).any()
    assert (bar == palette.DIVERGING[0]).all(axis=1).any()
    other = Still(plain(), 20.0).image(0)
    assert (other[:, column + 12 :] != image[:, column + 12 :]).any(), "other numbers beside it"


def test_the_limit_holds_all_pictures_and_forgives_one_damaged():
    images = CHEST12.copy()
    expected = steady_limit(plain(), range(12))
    assert expected >= np.percentile(np.abs(images), 99.4)
    images[4, 3, 3] = 1e9
    assert steady_limit(plain(images=images), range(12)) == expected
    assert steady_limit(plain(images=np.full((12, 4, 4), np.nan, np.float32)), range(12)) == 1.0


def test_what_makes_no_picture_is_refused():
    with pytest.raises(ConfigError, match="impedances"):
        Still(some_album(images=np.ones((12, 4), np.float32), kind="impedance", extent=None), 1.0)
    with pytest.raises(ConfigError, match="too large"):
        Still(plain(images=np.ones((12, 2, 5000), np.float32)), 1.0)


def test_no_qt_is_needed():
    code = (
        "import sys, eit_rt.commands.export_images, eit_rt.viewer.still, eit_rt.viewer.film\n"
        "from tests.recording.image_readers.files import some_album\n"
        "eit_rt.viewer.still.Still(some_album(), 1.0).image(0)\n"
        "print(sorted({'PySide6', 'pyqtgraph', 'matplotlib', 'av'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
