"""The card's picture: a readable PNG with the objects' colours in the right places."""

import struct
import zlib

import numpy as np
import pytest

from eit_rt.reconstruction.builder import build
from eit_rt.reconstruction.card_picture import GAP, PANEL, SCENES, card_picture, diverging
from eit_rt.reconstruction.recipe import parse_recipe


def decoded(png: bytes) -> np.ndarray:
    """(H, W, 3) of an 8-bit colour PNG without line filters; every checksum is verified."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    parts, place = {}, 8
    while place < len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        body = png[place + 8 : place + 8 + length]
        assert struct.unpack(">I", png[place + 8 + length :][:4])[0] == zlib.crc32(kind + body)
        parts[kind] = body
        place += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (depth, colour) == (8, 2)
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, -1)
    assert (lines[:, 0] == 0).all()
    return lines[:, 1:].reshape(height, width, 3)


@pytest.mark.parametrize(
    "recipe",
    [
        {"method": "gauss-newton", "tank": {"shape": "disc", "elements": 2000}},
        {"method": "greit", "tank": {"shape": "cylinder", "height": 1.0}, "targets": 300},
    ],
    ids=["gauss-newton", "greit"],
)
def test_objects_are_red_and_blue_where_they_are(recipe):
    recipe = parse_recipe(recipe | {"name": "test", "size": 32, "noise_figure": 0.5}, "test")
    image = decoded(card_picture(recipe, build(recipe))).astype(int)
    assert image.shape == (PANEL, len(SCENES) * (PANEL + GAP) - GAP, 3)
    for k, scene in enumerate(SCENES[:4]):
        for disc in scene:
            x, y = disc.centre
            column = k * (PANEL + GAP) + int((x + 1) * PANEL / 2)
            red, _, blue = image[int((1 - y) * PANEL / 2), column]
            assert (red > blue + 50) if disc.ratio > 1 else (blue > red + 50)


def test_colours_are_symmetric_about_white():
    assert diverging([0.0, np.nan]).tolist() == [[255, 255, 255]] * 2
    assert diverging([1.0, -1.0, 5.0]).tolist() == [[178, 24, 43], [33, 102, 172], [178, 24, 43]]
