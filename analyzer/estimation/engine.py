"""The models for several people, loaded once."""

from analyzer.estimation.landmarker import PoseLandmarker


class Engine:
    """Loaded before a process is forked for a video."""

    def __init__(self) -> None:
        self.landmarker = PoseLandmarker()
