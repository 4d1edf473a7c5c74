"""The colour scale: as its recipe says, neutral in the middle; the same in the window and in exported pictures."""

import numpy as np
import pyqtgraph as pg

from eit_rt.viewer import palette, theme


def test_the_table_is_made_as_the_module_says():
    x = np.linspace(-1.0, 1.0, 257)
    colours = pg.colormap.get("CET-D1A").getLookupTable(0.0, 1.0, 257).astype(float)
    neutral = np.array([243.0, 243.0, 244.0])
    colours += np.clip(1 - np.abs(x) / 0.35, 0, 1)[:, None] ** 2 * (neutral - colours[128])
    colours += np.exp(-((x / 0.02) ** 2))[:, None] * (neutral - colours)
    expected = np.clip(np.round(colours), 0, 255)
    np.testing.assert_array_equal(palette.DIVERGING, expected)
    np.testing.assert_array_equal(theme.DIVERGING.getColors()[:, :3], expected)


def test_values_get_the_colours_of_their_place():
    values = np.array([-9, -2, 0, 1, 2, np.inf, np.nan], dtype=np.float32)
    colours = palette.coloured(values, 2.0)
    table = palette.DIVERGING
    expected = [table[0], table[0], table[128], table[192], table[256], table[256], palette.MISSING]
    np.testing.assert_array_equal(colours, expected)
