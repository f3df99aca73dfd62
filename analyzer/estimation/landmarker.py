"""MediaPipe Pose as an Estimator: of each frame, the landmarks of one person.

The same graph, model and defaults as mediapipe.solutions.pose.Pose (Full model, tracking,
smoothing), and the same landmarks to the last bit, for about half its cost:

- the model is pruned (model.py);
- the graph runs in the caller's thread, reads the caller's pixels without a copy, and only the two
  packets that are wanted come back;
- inference is cut out of the tracking graph into graphs of its own, one for each number of threads.
  Inference has no memory, so the number of threads can change from one frame to the next, with
  the cores that are free, while tracking and smoothing, which are history, go on.

A landmarker that has seen nothing yet has no threads and opens no more files, so a process can be
forked with it. That process must make no second one: the libEGL in MediaPipe frees its state twice
where it is used on both sides of a fork.
"""

import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from analyzer.estimation.without_matplotlib import mediapipe  # isort: skip
import numpy as np
from google.protobuf import text_format
from mediapipe.calculators.tensor import image_to_tensor_calculator_pb2  # noqa: F401  (registers)
from mediapipe.calculators.tensor.inference_calculator_pb2 import InferenceCalculatorOptions
from mediapipe.framework.calculator_pb2 import CalculatorGraphConfig
from mediapipe.python import packet_creator, packet_getter
from mediapipe.python._framework_bindings import resource_util
from mediapipe.python._framework_bindings.calculator_graph import CalculatorGraph
from mediapipe.python._framework_bindings.image_frame import ImageFormat
from mediapipe.python._framework_bindings.validated_graph_config import ValidatedGraphConfig
from numpy.typing import NDArray

from analyzer.estimation.estimator import Landmarks, Person
from analyzer.estimation.model import landmark_model
from analyzer.estimation.notices import native_notices_dropped
from analyzer.estimation.pace import Pace

MODEL_SIZE: Final = 256
"""Pixels on a side of the crop that the landmark model looks at."""

FRAME_INTERVAL: Final = 33_333
"""Microseconds from frame to frame that mediapipe.solutions tells its smoothing, always."""

_ROOT: Final = Path(mediapipe.__file__).parent.parent
_GRAPH: Final = _ROOT / "mediapipe" / "modules" / "pose_landmark" / "pose_landmark_cpu.binarypb"
_INFERENCE: Final = (
    "poselandmarkbyroicpu__inferencecalculator__poselandmarkbyroicpu__InferenceCalculator"
)
_MODEL_INPUT: Final = "poselandmarkbyroicpu__input_tensors"
_MODEL_OUTPUT: Final = "poselandmarkbyroicpu__output_tensors"
_UNSMOOTHED: Final = "unfiltered_pose_landmarks"
_SWITCHES: Final = {
    "smooth_landmarks": True,
    "enable_segmentation": False,
    "smooth_segmentation": True,
    "use_prev_landmarks": True,
}
_TENSORS: Final = """
    input_stream: "image"
    output_stream: "tensors"
    node {{
      calculator: "ImageToTensorCalculator"
      input_stream: "IMAGE:image"
      output_stream: "TENSORS:tensors"
      options {{
        [mediapipe.ImageToTensorCalculatorOptions.ext] {{
          output_tensor_width: {size}
          output_tensor_height: {size}
          output_tensor_float_range {{ min: 0 max: 1 }}
        }}
      }}
    }}
"""


class PoseLandmarker:
    """Finds one person, the most prominent, in the frames of one video: an Estimator."""

    def __init__(self) -> None:
        resource_util.set_resource_dir(str(_ROOT))
        self._model = landmark_model().read_bytes()
        self._pace = Pace()
        self._time = 0
        self._found_anybody = False
        self._follows = False
        """Whether the last picture had somebody, near whose place the next one is looked for."""
        with native_notices_dropped():
            self._tracking = Graph(_tracking_config(), _switches())
            self._no_tensors = tensors_of(1)
            self._empty_crop = tensors_of(MODEL_SIZE)
            self._inference = {1: inference_graph(self._model, 1)}

    def __enter__(self) -> Self:
        """Give the landmarker; leaving the block closes it."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the graphs."""
        for graph in (self._tracking, *self._inference.values()):
            graph.close()

    def find(self, pixels: NDArray[np.uint8], threads: int = 1) -> list[Person]:
        """Give the person in the next frame, or nobody; see Estimator.

        Whoever is found is 1: that it is the same person as before, MediaPipe doesn't say.
        """
        if self._found_anybody:
            return self._find(pixels, threads)
        with native_notices_dropped():
            found = self._find(pixels, threads)
        self._found_anybody = bool(found)
        return found

    def find_in_picture(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Give the landmarks in a picture that has nothing to do with those before.

        Args:
            pixels: as for `find`.

        Returns:
            As Landmarks.image, not smoothed; None where nobody is found.
        """
        with native_notices_dropped():
            if self._follows:
                self._see(_empty_picture(), 1)
            found = self._see(pixels, 1)
        return _image_landmarks(found[_UNSMOOTHED]) if _UNSMOOTHED in found else None

    def prove(self) -> None:
        """Run both models once on an empty picture, whatever is to be seen in it.

        Raises:
            RuntimeError: MediaPipe doesn't work.
        """
        with native_notices_dropped():
            self._see(_empty_picture(), 1)
            self._infer(self._empty_crop, 1)

    def _find(self, pixels: NDArray[np.uint8], threads: int) -> list[Person]:
        found = self._see(pixels, threads)
        if "pose_landmarks" not in found:
            return []
        world_landmarks = packet_getter.get_proto(found["pose_world_landmarks"]).landmark
        landmarks = Landmarks(
            _image_landmarks(found["pose_landmarks"]),
            np.array([(mark.x, mark.y, mark.z) for mark in world_landmarks], "f4"),
        )
        return [Person(1, landmarks)]

    def _see(self, pixels: NDArray[np.uint8], threads: int) -> dict[str, Any]:
        """The packets that come out of the graph for a picture."""
        self._time += FRAME_INTERVAL
        self._tracking.add(
            "image",
            packet_creator.create_image_frame(pixels, image_format=ImageFormat.SRGB, copy=False),
            self._time,
        )
        crop = self._tracking.run().get(_MODEL_INPUT)
        # Downstream of the model the graph waits for tensors in every frame; where nobody is in
        # sight, a gate drops those that stand in for none.
        self._tracking.add(
            "tensors",
            self._no_tensors if crop is None else self._infer(crop, threads),
            self._time,
        )
        self._tracking.add("model_ran", packet_creator.create_bool(crop is not None), self._time)
        found = self._tracking.run()
        self._follows = _UNSMOOTHED in found
        return found

    def _infer(self, crop: Any, most_threads: int) -> Any:
        threads = self._pace.threads(most_threads)
        if threads not in self._inference:
            with native_notices_dropped():
                self._inference[threads] = inference_graph(self._model, threads)
        graph = self._inference[threads]
        graph.add("crop", crop, self._time)
        start = time.perf_counter()
        tensors = graph.run()
        if most_threads > 1:
            self._pace.took(threads, time.perf_counter() - start)
        return tensors.pop("tensors")


class Graph:
    """A running MediaPipe graph: packets in, the packets that it gave for them out.

    Calculators take tensors out of their packet, which only its sole owner may do: when the graph
    runs, nobody else may hold a packet of tensors that it was given.
    """

    def __init__(self, config: Any, side_packets: Mapping[str, Any] | None = None) -> None:
        del config.executor[:]
        config.executor.add().type = "ApplicationThreadExecutor"
        self._graph = CalculatorGraph(graph_config=config)
        self._packets: dict[str, Any] = {}
        for stream in config.output_stream:
            self._graph.observe_output_stream(
                stream.split(":")[-1], self._packets.__setitem__, False
            )
        self._graph.start_run(side_packets or {})
        # Calculators open, and load their models, when the graph first runs.
        self._graph.wait_until_idle()

    def add(self, stream: str, packet: Any, timestamp: int) -> None:
        """Hand a packet to an input stream, at a time in microseconds."""
        self._graph.add_packet_to_input_stream(stream=stream, packet=packet.at(timestamp))

    def run(self) -> dict[str, Any]:
        """Run until idle and give the packets that came out, by stream."""
        self._graph.wait_until_idle()
        packets = self._packets.copy()
        self._packets.clear()
        return packets

    def close(self) -> None:
        """End the graph."""
        self._graph.close()


@cache
def _empty_picture() -> NDArray[np.uint8]:
    empty = np.zeros((MODEL_SIZE, MODEL_SIZE, 3), np.uint8)
    empty.flags.writeable = False
    return empty


def _image_landmarks(packet: Any) -> NDArray[np.float32]:
    marks = packet_getter.get_proto(packet).landmark
    return np.array([(mark.x, mark.y, mark.z, mark.visibility) for mark in marks], "f4")


def _switches() -> dict[str, Any]:
    """The side packets that the tracking graph wants."""
    switches = {name: packet_creator.create_bool(on) for name, on in _SWITCHES.items()}
    return switches | {"model_complexity": packet_creator.create_int(1)}


def _tracking_config() -> Any:
    """MediaPipe's pose graph with the landmark model's inference left to the caller."""
    validated = ValidatedGraphConfig()
    validated.initialize(binary_graph_path=str(_GRAPH))
    config = CalculatorGraphConfig.FromString(validated.binary_config)
    nodes = [node for node in config.node if node.name != _INFERENCE]
    del config.node[:]
    config.node.extend(nodes)
    gate = config.node.add()
    gate.calculator = "GateCalculator"
    gate.input_stream.extend(["tensors", "ALLOW:model_ran"])
    gate.output_stream.append(_MODEL_OUTPUT)
    config.input_stream.extend(["tensors", "model_ran"])
    del config.output_stream[:]
    wanted = ["pose_landmarks", "pose_world_landmarks", _UNSMOOTHED, _MODEL_INPUT]
    config.output_stream.extend(wanted)
    return config


def inference_graph(model: bytes, threads: int) -> Graph:
    """A graph that runs a TFLite model on so many threads: packets "crop" in, "tensors" out."""
    config = CalculatorGraphConfig()
    config.input_stream.append("crop")
    config.input_side_packet.append("content")
    config.output_stream.append("tensors")
    loader = config.node.add()
    loader.calculator = "TfLiteModelCalculator"
    loader.input_side_packet.append("MODEL_BLOB:content")
    loader.output_side_packet.append("MODEL:model")
    node = config.node.add()
    node.calculator = "InferenceCalculatorCpu"
    node.input_side_packet.append("MODEL:model")
    node.input_stream.append("TENSORS:crop")
    node.output_stream.append("TENSORS:tensors")
    options = node.options.Extensions[InferenceCalculatorOptions.ext]
    options.delegate.xnnpack.num_threads = threads
    return Graph(config, {"content": packet_creator.create_string(model)})


def tensors_of(size: int) -> Any:
    """A packet of the type that the models take and give: one black picture."""
    graph = Graph(text_format.Parse(_TENSORS.format(size=size), CalculatorGraphConfig()))
    pixels = np.zeros((size, size, 3), np.uint8)
    graph.add("image", packet_creator.create_image_frame(pixels, image_format=ImageFormat.SRGB), 0)
    packet = graph.run()["tensors"]
    graph.close()
    return packet
