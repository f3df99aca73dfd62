"""The shape of a dancer over a whole video, from the landmarks that were kept."""

from analyzer.compare import Shape, joined, shape_of
from analyzer.report.kept import KeptLandmarks


def whole_shape(landmarks: KeptLandmarks, width: int, height: int) -> Shape:
    """Give the shape of a dancer in all frames of a video.

    Args:
        landmarks: of the dancer.
        width, height: of the frames, in pixels.
    """
    return joined([shape_of(body)[piece] for body, piece in landmarks.bodies(width, height)])
