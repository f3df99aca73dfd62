"""How dancers move, and how they differ in shape and in time."""

from analyzer.compare.movement import arrivals
from analyzer.compare.shape import Shape, joined, shape_of
from analyzer.compare.together import OddOneOut, Together, Unison

__all__ = ["OddOneOut", "Shape", "Together", "Unison", "arrivals", "joined", "shape_of"]
