"""Still: one picture as the window shows it, with wall, electrodes, colour bar, number and time, without Qt.

Imports Pillow (extra `export`), the palette and the window's numbers. The rule it keeps: pixels stay squares of their
own colour (nearest neighbour), one scale for all pictures, x right, y up.
"""

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eit_rt.errors import ConfigError
from eit_rt.layout import Layout
from eit_rt.recording.images import IMPEDANCE, SQUARE, Album
from eit_rt.viewer import electrodes, palette
from eit_rt.viewer.edge import edge_fill
from eit_rt.viewer.levels import SymmetricLevel

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

Pixels = NDArray[np.uint8]

LEAST_SIDE = 256
"""Pixels of the picture's longer side, at least."""
MOST_SIDE = 4096
REACH = 1.21
"""Half of the drawn square in tank radii, where electrodes are drawn: room for their numbers."""
MARGIN, HEAD = 10, 26
"""Pixels around the picture; of the line above it."""
BAR_WIDTH, BAR_ROOM = 14, 92
"""Pixels of the colour bar; of all that is right of the picture."""
FINE = 4
"""Lines and electrodes are drawn so many times larger, then averaged: smooth edges."""
FONT, SMALL_FONT = 13, 11


def steady_limit(album: Album, numbers: range) -> float:
    """The limit at which a scale would stand that follows these pictures and never shrinks; 1 if nothing is finite."""
    level = SymmetricLevel(hold_s=math.inf)
    for number in numbers:
        level.follow(album.picture(number), 0.0)
    return level.limit or 1.0


def _enlarged(width: int, height: int, aspect: float) -> tuple[int, int]:
    """How often a pixel is repeated, to the right and down, for LEAST_SIDE. aspect: its height over its width."""
    sizes = ((across, max(1, round(across * aspect))) for across in itertools.count(1))
    return next(size for size in sizes if max(width * size[0], height * size[1]) >= LEAST_SIDE)


class Still:
    """Prepared once for an album; `image` draws one picture of it."""

    def __init__(self, album: Album, limit: float) -> None:
        """limit: the scale is -limit..+limit. Raises ConfigError without Pillow, for impedances and huge pictures."""
        _require_pillow()
        if album.kind == IMPEDANCE:
            raise ConfigError(
                "the file holds impedances, one number for each region: they make no picture; `eit-rt replay` shows "
                "them as bars"
            )
        self._album, self._limit = album, limit
        self._layout = album.layout
        xmin, xmax, ymin, ymax = self._extent = album.extent or SQUARE
        height, width = self._shape = album.picture(0).shape
        across, down = _enlarged(width, height, (ymax - ymin) / height * width / (xmax - xmin))
        if max(width * across, height * down) > MOST_SIDE:
            raise ConfigError(
                f"pictures of {width} x {height} pixels are too large: {MOST_SIDE} at most"
            )
        self._times = down, across
        self._per_radius = np.array([width * across / (xmax - xmin), height * down / (ymax - ymin)])
        self._fill = edge_fill(self._shape, self._extent) if self._layout else None
        left, right, bottom, top = self._reach()
        wide, high = self._per_radius * (right - left, top - bottom)
        self._origin = np.array(
            [MARGIN - left * self._per_radius[0], HEAD + top * self._per_radius[1]]
        )
        self._bar_left = MARGIN + math.ceil(wide) + MARGIN
        # Even, as video wants it.
        self.size = _even(self._bar_left + BAR_ROOM), _even(HEAD + math.ceil(high) + MARGIN)
        """Width and height of an image, pixels."""
        self._over, self._opacity = self._overlay()

    def image(self, number: int) -> Pixels:
        """(height, width, 3) of the picture of this number."""
        album = self._album
        values = album.picture(number)
        if self._fill is not None:
            values = values.ravel()[self._fill]
        coloured = palette.coloured(values, self._limit)
        coloured = coloured.repeat(self._times[0], axis=0).repeat(self._times[1], axis=1)
        width, height = self.size
        canvas = np.full((height, width, 3), 255, dtype=np.uint8)
        column, row = np.rint(self._at(self._extent[0], self._extent[3])).astype(int).tolist()
        canvas[row : row + coloured.shape[0], column : column + coloured.shape[1]] = coloured
        mixed = canvas * (1 - self._opacity) + self._over
        return self._with_words(
            np.rint(mixed).astype(np.uint8),
            f"{album.time_s[number]:.2f} s",
            f"frame {album.frame[number]}",
        )

    def place(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of a point in tank radii."""
        column, row = np.floor(self._at(x, y)).astype(int).tolist()
        return row, column

    # -- parts -------------------------------------------------------------------------------------------------

    def _reach(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top of what is drawn, in tank radii."""
        xmin, xmax, ymin, ymax = self._extent
        if self._layout is None:
            return xmin, xmax, ymin, ymax
        return min(xmin, -REACH), max(xmax, REACH), min(ymin, -REACH), max(ymax, REACH)

    def _at(self, x: Any, y: Any) -> NDArray[np.float64]:
        """Column and row, not rounded, of points in tank radii; (..., 2)."""
        points = np.stack([np.asarray(x, float), -np.asarray(y, float)], axis=-1)
        return np.asarray(self._origin + points * self._per_radius)

    def _overlay(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What lies over every picture, times its opacity, and the opacity (height, width, 1)."""
        from PIL import Image, ImageDraw

        fine = Image.new("RGBA", (self.size[0] * FINE, self.size[1] * FINE), (255, 255, 255, 0))
        draw = ImageDraw.Draw(fine)
        if self._layout is not None:
            self._draw_wall(fine, draw)
            self._draw_electrodes(draw, self._layout)
        over = fine.resize(self.size, Image.Resampling.BOX)
        self._draw_bar(over)
        draw = ImageDraw.Draw(over)
        if self._layout is not None:
            step = electrodes.number_step(self._layout)
            for k, (x, y) in enumerate(electrodes.number_positions(self._layout)):
                if k % step == 0:
                    at = tuple(self._at(x, y))
                    draw.text(at, str(k + 1), palette.TEXT, _font(SMALL_FONT), anchor="mm")
        pixels = np.asarray(over, dtype=np.float32)
        opacity = pixels[..., 3:] / 255
        return pixels[..., :3] * opacity, opacity

    def _draw_wall(self, fine: "Image", draw: "ImageDraw") -> None:
        """All outside the circle is covered: the picture's edge is the wall, not the steps of its pixels."""
        from PIL import Image, ImageDraw

        box = [*(self._at(-1, 1) * FINE), *(self._at(1, -1) * FINE)]
        cover = Image.new("L", fine.size, 255)
        ImageDraw.Draw(cover).ellipse(box, fill=0)
        fine.paste(palette.PANEL, mask=cover)
        draw.ellipse(box, outline=palette.ELECTRODE, width=FINE)

    def _draw_electrodes(self, draw: "ImageDraw", layout: Layout) -> None:
        for k in range(layout.n_electrodes):
            corners = electrodes.outline(layout, k)
            at = self._at(corners[:, 0], corners[:, 1]) * FINE
            colour = palette.ELECTRODE_ONE if k == 0 else palette.ELECTRODE
            draw.polygon([(x, y) for x, y in at.tolist()], fill=colour)

    def _draw_bar(self, over: "Image") -> None:
        from PIL import Image, ImageDraw

        draw = ImageDraw.Draw(over)
        top, bottom = HEAD + 8, self.size[1] - MARGIN - 8
        left, right = self._bar_left, self._bar_left + BAR_WIDTH
        rows = np.linspace(len(palette.DIVERGING) - 1, 0, bottom - top).round().astype(int)
        bar = np.repeat(palette.DIVERGING[rows][:, np.newaxis], BAR_WIDTH, axis=1)
        over.paste(Image.fromarray(bar), (left, top))
        for part in (1.0, 0.5, 0.0, -0.5, -1.0):
            y = round((top + bottom - 1) / 2 - part * (bottom - top - 1) / 2)
            draw.line((right, y, right + 3, y), fill=palette.MUTED)
            number = f"{part * self._limit:.3g}"
            draw.text((right + 8, y), number, palette.MUTED, _font(SMALL_FONT), anchor="lm")
        self._write_upwards(over, self._meaning(), (self.size[0] - 10, (top + bottom) // 2))

    def _meaning(self) -> str:
        album = self._album
        unit = f" ({album.unit})" if album.unit not in ("", "1") else ""
        return album.quantity[:1].upper() + album.quantity[1:] + unit

    def _write_upwards(self, over: "Image", words: str, centre: tuple[int, int]) -> None:
        from PIL import Image, ImageDraw

        if not words:
            return
        font = _font(SMALL_FONT)
        length = math.ceil(font.getlength(words)) + 2
        line = Image.new("L", (length, 16), 0)
        ImageDraw.Draw(line).text((length // 2, 8), words, 255, font, anchor="mm")
        line = line.rotate(90, expand=True)
        over.paste(palette.MUTED, (centre[0] - 8, centre[1] - length // 2), mask=line)

    def _with_words(self, pixels: Pixels, left: str, right: str) -> Pixels:
        from PIL import Image, ImageDraw

        head = Image.fromarray(pixels[:HEAD])
        draw = ImageDraw.Draw(head)
        font = _font(FONT)
        draw.text((MARGIN, HEAD // 2), left, palette.TEXT, font, anchor="lm")
        at = self._bar_left - MARGIN, HEAD // 2
        draw.text(at, right, palette.MUTED, _font(SMALL_FONT), anchor="rm")
        pixels[:HEAD] = np.asarray(head)
        return pixels


def _even(length: int) -> int:
    return length + length % 2


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)


def _require_pillow() -> None:
    try:
        import PIL  # noqa: F401
    except ImportError as error:
        raise ConfigError('pictures need Pillow: pip install "eit-rt[export]"') from error
