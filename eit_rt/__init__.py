"""eit-rt: an electrode board as a live picture. The version is all that importing this costs."""

__version__ = "0.1.0"
