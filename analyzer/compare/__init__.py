"""How dancers differ in shape and in time."""

from analyzer.compare.shape import Shape, joined, shape_of
from analyzer.compare.together import Ensemble, OddOneOut, Unison, ensemble

__all__ = ["Ensemble", "OddOneOut", "Shape", "Unison", "ensemble", "joined", "shape_of"]
