"""The pose landmark model without its segmentation branch.

MediaPipe's landmark model also computes a segmentation mask, which Pose drops unless it is asked
for: about two fifths of the model's time. TFLite runs every operator that an output needs, so the
branch goes by giving that output another tensor. The landmarks stay the same to the last bit.
"""

import hashlib
import logging
import os
import tempfile
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

MODELS: Final = Path(str(distribution("mediapipe").locate_file("mediapipe"))) / "modules"
"""The folder of the models in the installed mediapipe package, which needn't be loaded for them."""

SOURCE: Final = MODELS / "pose_landmark" / "pose_landmark_full.tflite"
"""The landmark model in the installed mediapipe package."""

SOURCE_SHA256: Final = "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f"
"""Of the model in mediapipe 0.10.18 and 0.10.21, for which the outputs below are known."""

SEGMENTATION: Final = 2
"""The output with the segmentation mask."""

STAND_IN: Final = 3
"""The output (the heatmap) whose tensor the segmentation output names instead; it is never read."""

log = logging.getLogger(__name__)


def model_directory() -> Path:
    """Where the pruned model is kept: MODEL_DIRECTORY, or a folder in the user's cache.

    Raises:
        FileNotFoundError: nothing names one, and the user has no home.
    """
    if chosen := os.environ.get("MODEL_DIRECTORY"):
        return Path(chosen)
    if cache := os.environ.get("XDG_CACHE_HOME"):
        return Path(cache) / "dance-pose"
    try:
        return Path.home() / ".cache" / "dance-pose"
    except RuntimeError as error:
        raise FileNotFoundError("The user has no home") from error


def landmark_model() -> Path:
    """Path of the landmark model to run: the pruned one, made when it is missing or damaged.

    Where that can't be done, the log says why and the path is that of the plain model.
    """
    source = SOURCE.read_bytes()
    if hashlib.sha256(source).hexdigest() != SOURCE_SHA256:
        _warn("The installed pose landmark model is not the known one; it runs unpruned.")
        return SOURCE
    try:
        directory = model_directory()
        for kept in directory.glob(f"pose_landmark_{SOURCE_SHA256[:12]}_*.tflite"):
            if kept.name == _name(kept.read_bytes()):
                return kept
        return _write(directory, pruned(source))
    except OSError as error:
        _warn(
            f"The pruned pose landmark model can't be kept ({error}); it runs unpruned, which "
            "takes longer. Set MODEL_DIRECTORY to a folder that can be written."
        )
        return SOURCE


def pruned(source: bytes) -> bytes:
    """The TFLite model without the operators that only the segmentation output needs."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(source, 0))
    graph = model.subgraphs[0]
    graph.outputs = list(graph.outputs)
    graph.outputs[SEGMENTATION] = graph.outputs[STAND_IN]
    maker = {tensor: index for index, op in enumerate(graph.operators) for tensor in op.outputs}
    needed: set[int] = set()
    wanted = list(graph.outputs)
    while wanted:
        index = maker.get(wanted.pop())
        if index is not None and index not in needed:
            needed.add(index)
            wanted.extend(graph.operators[index].inputs)
    graph.operators = [op for index, op in enumerate(graph.operators) if index in needed]
    builder = flatbuffers.Builder(len(source))
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


@cache
def _warn(sentence: str) -> None:
    """Log it once in a process and those forked from it, not again with every analysis."""
    log.warning(sentence)


def _name(content: bytes) -> str:
    """A file name that tells a damaged or foreign file from a good one."""
    made = hashlib.sha256(content).hexdigest()
    return f"pose_landmark_{SOURCE_SHA256[:12]}_{made[:32]}.tflite"


def _write(directory: Path, content: bytes) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / _name(content)
    # Renamed when complete: a reader, or a second writer, never sees half a model.
    with tempfile.NamedTemporaryFile(dir=directory, suffix=".part", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            Path(part.name).chmod(0o644)
            Path(part.name).replace(path)
        except OSError:
            Path(part.name).unlink(missing_ok=True)
            raise
    return path


if __name__ == "__main__":
    logging.basicConfig()
    print(landmark_model())
