"""How dancers move, and how they differ in shape and in time."""

from analyzer.compare.comparison import APART, LEAST_SECONDS, SAME, Comparison, compare
from analyzer.compare.faults import Fault
from analyzer.compare.moments import RATE
from analyzer.compare.movement import arrivals
from analyzer.compare.shape import LIMBS, NAMES, Shape, joined, shape_of
from analyzer.compare.tempo import Off, every
from analyzer.compare.together import OddOneOut, Together, Unison
from analyzer.compare.words import clock, off, to_do

__all__ = [
    "APART",
    "LEAST_SECONDS",
    "LIMBS",
    "NAMES",
    "RATE",
    "SAME",
    "Comparison",
    "Fault",
    "OddOneOut",
    "Off",
    "Shape",
    "Together",
    "Unison",
    "arrivals",
    "clock",
    "compare",
    "every",
    "joined",
    "off",
    "shape_of",
    "to_do",
]
