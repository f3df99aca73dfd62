"""Music: where its beats are."""

from analyzer.music.beats import Beats, beats_of
from analyzer.music.onsets import RATE, Samples, loudness

__all__ = ["RATE", "Beats", "Samples", "beats_of", "loudness"]
