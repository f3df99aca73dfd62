"""How dancers differ in shape and in time."""

from analyzer.compare.shape import Shape, joined, shape_of
from analyzer.compare.together import OddOneOut, Together, Unison

__all__ = ["OddOneOut", "Shape", "Together", "Unison", "joined", "shape_of"]
