"""Forward EIT: mesh, complete electrode model, Jacobian, phantoms, pixels.

Lengths are in tank radii and 2-D models have unit thickness; see docs/physics.md.
"""

from eit_rt.physics.disc import disc_mesh
from eit_rt.physics.forward import ForwardModel
from eit_rt.physics.mesh import Mesh
from eit_rt.physics.phantom import Disc, Ellipse, Polygon, Shape, conductivity
from eit_rt.physics.pixels import PixelGrid
from eit_rt.physics.scene import Scene

__all__ = [
    "Disc",
    "Ellipse",
    "ForwardModel",
    "Mesh",
    "PixelGrid",
    "Polygon",
    "Scene",
    "Shape",
    "conductivity",
    "disc_mesh",
]
