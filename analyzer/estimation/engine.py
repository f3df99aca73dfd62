"""MediaPipe's two pose models, run by LiteRT: a crop in, arrays out.

An engine that has not run yet has one thread and opens no more files, so a process can be forked
with it.
"""

import time
from typing import Final, NamedTuple

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from analyzer.estimation.estimator import Floats
from analyzer.estimation.model import MODELS, landmark_model
from analyzer.estimation.notices import native_notices_dropped
from analyzer.estimation.pace import Pace

DETECTED_SIZE: Final = 224
"""Pixels on a side of the picture that the detector looks at."""

CROP_SIZE: Final = 256
"""Pixels on a side of the crop that the landmark model looks at."""

HEATMAP_SIZE: Final = 64
"""Cells on a side of the heatmap of a point."""

POINTS: Final = 39
"""Points that the landmark model gives: 33 landmarks, two that say where to look next, others."""

_DETECTOR: Final = MODELS / "pose_detection" / "pose_detection.tflite"


class Raw(NamedTuple):
    """What the landmark model says of a crop."""

    points: Floats
    """(39, 5): x, y, z in pixels of the crop, and the logits of visibility and presence."""
    presence: float
    """From 0 to 1, how sure it is that there is somebody."""
    heatmap: Floats
    """(64, 64, 39): down, across, point; logits of where it lies."""
    world: Floats
    """(39, 3): metres from the middle of the hips, turned as the crop is."""


class Engine:
    """Runs the models in the caller's thread, and in more where more are worth it.

    What it gives lies in the models' own memory: it is there until it runs again, and has to be let
    go of by then.
    """

    def __init__(self) -> None:
        self._pace = Pace()
        self._detector = _Model(_DETECTOR.read_bytes(), 1)
        self._content = landmark_model().read_bytes()
        self._landmarks = {1: _Model(self._content, 1)}

    def detected(self, picture: NDArray[np.uint8]) -> tuple[Floats, Floats]:
        """Give what the detector says of a picture, (224, 224, 3) RGB.

        Returns:
            (2254, 12) boxes and key points relative to their anchors, and (2254,) logits.
        """
        # Multiplied and subtracted with one rounding, as MediaPipe does it.
        self._detector.input[:] = picture * float(np.float32(2 / 255)) - 1.0
        self._detector.run()
        boxes, scores = (self._detector.output(number) for number in range(2))
        return boxes[0], scores[0, :, 0]

    def landmarks(self, crop: NDArray[np.uint8], most_threads: int = 1) -> Raw:
        """Give what the landmark model says of a crop, (256, 256, 3) RGB."""
        threads = self._pace.threads(most_threads)
        if threads not in self._landmarks:
            self._landmarks[threads] = _Model(self._content, threads)
        model = self._landmarks[threads]
        np.multiply(crop, np.float32(1 / 255), out=model.input)
        start = time.perf_counter()
        model.run()
        if most_threads > 1:
            self._pace.took(threads, time.perf_counter() - start)
        points, presence, heatmap, world = (model.output(number) for number in (0, 1, 3, 4))
        return Raw(
            points.reshape(POINTS, 5), float(presence[0, 0]), heatmap[0], world.reshape(POINTS, 3)
        )


class _Model:
    """A TFLite model of one input, which may run so many threads."""

    def __init__(self, content: bytes, threads: int) -> None:
        with native_notices_dropped():
            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        self._place = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [each["index"] for each in self._interpreter.get_output_details()]

    @property
    def input(self) -> Floats:
        """Where its input goes, without the first axis."""
        values: Floats = self._interpreter.tensor(self._place)()[0]
        return values

    def run(self) -> None:
        """Reckon the outputs of what lies in the input."""
        self._interpreter.invoke()

    def output(self, number: int) -> Floats:
        """Give one of its outputs."""
        values: Floats = self._interpreter.tensor(self._outputs[number])()
        return values
