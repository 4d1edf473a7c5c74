"""Colours as numbers, for the window and for pictures made without it. No Qt.

The scale is CET-D1A of Peter Kovesi (CC BY 4.0, arXiv:1509.03700), blue less and red more, even to the eye on both
sides, with a neutral middle. Its own is a light pink, and zero must not look like a little more; and its two sides
meet so steeply there that the sign of rounding noise would be seen. So with x from -1 to 1, the middle's colour m and
the neutral n = (243, 243, 244): c += clip(1 - |x| / 0.35, 0, 1)^2 (n - m), then c += exp(-(x / 0.02)^2) (n - c).
"""

import numpy as np
from numpy.typing import NDArray

PANEL = "#ffffff"
LINE = "#d8dde4"
TEXT = "#1d2733"
MUTED = "#67737f"
ELECTRODE = "#3f4c5a"
ELECTRODE_ONE = "#2fbf5b"
MISSING = (255, 255, 255)
"""Colour of a pixel without a value: the panel's."""

_TABLE = (
    "172972172974182a77182b7a182c7c192d80192f821a30851a31881a328b1b338e1b34911b35941c37971c389a1c399d1d3aa01d3ba3"
    "1d3ca71d3daa1e3ead1e40b01e41b31f42b61f43b92045bc2046bf2147c12248c42349c7244bc9264ccc284dce2a4fd12c50d32e51d5"
    "3053d63354d83655da3857db3b58dd3e5ade415bdf435ce0465ee1495fe24c61e34e62e45164e55465e65667e75968e85b6ae95e6bea"
    "606deb626eeb6570ec6771ed6973ee6c75ef6e76ef7078f07279f1747bf2777cf3797ef47b80f57d81f57f83f68184f78386f78588f8"
    "8789f9898bf98c8dfa8e8efa9090fb9292fb9493fc9695fc9897fc9a99fc9c9afc9e9cfda09efca29ffca4a1fca6a3fca9a5fcaaa7fc"
    "aca8fcaeaafbb0adfbb2affcb4b0fcb6b2fcb8b4fbbab7fbbdb9fbbebafbc0bcfbc2bffbc4c1fbc6c3fbc8c5fbc9c7fbcbc9fbcdccfa"
    "d0cefbd1d0fbd3d3fbd5d5fbd6d7fbd8d9fbdadcfbddddfbdee0fae0e2fbe2e5fae3e6fbe5e8fae7e9fae9ecf9ebeef8edeff7f0f1f6"
    "f1f2f5f3f3f4f3f3f4f3f3f4f4f1f2f5efeef6edeaf7ebe7f8e9e3f9e7e0f9e5ddfae2dafae0d6fbddd3fcdbcffcd8cdfcd6cafcd2c6"
    "fcd0c3fdcdc0fdcbbcfdc7bafec5b7fdc2b3fdbfb0fdbdadfdbaaafdb7a6feb5a4feb2a1feaf9efead9afeab98fda895fda592fda28f"
    "fca08cfc9e8afc9b86fc9883fc9581fc937efb917bfb8e79fb8c76fa8a74fa8771f9856ff9836cf8806af87e68f77b65f67963f67760"
    "f5755ef4735cf3705af26e57f16c55f06a53ef6751ee654fec634deb614bea5f49e95d47e85a45e75843e55641e45440e3523de14f3c"
    "e04d3adf4b38de4836dc4634db4432da4130d93f2ed73c2cd63a2bd43729d33527d23225d02f23cf2d21ce2a20cc271eca241cc9211b"
    "c71e19c61b17c41816c21514c01213be0f12bc0b11ba0810b8060fb5040eb3020eb1010dae010cac000ca9000ba7000ba4000ba1010b"
    "9e010a9c010a99020a96020a9402099103098e03098c04088904088604088405078105077f05077c0606790606770605740605720704"
    "6f07046d07036a0703680702660702"
)
DIVERGING: NDArray[np.uint8] = np.frombuffer(bytes.fromhex(_TABLE), np.uint8).reshape(257, 3)
"""(257, 3) red, green, blue from -limit to +limit; the middle one is zero."""


def coloured(values: NDArray[np.float32], limit: float) -> NDArray[np.uint8]:
    """(..., 3) colours of values on the scale -limit..+limit; what is beyond is drawn as its end, NaN as MISSING."""
    half = len(DIVERGING) // 2
    is_there = ~np.isnan(values)
    place = np.clip(np.where(is_there, values, 0.0) / limit, -1.0, 1.0)
    colours = DIVERGING[np.rint(half * (place + 1)).astype(np.intp)]
    colours[~is_there] = MISSING
    return colours
