"""Whole pictures out of the two fields of an interlaced video, a picture for each frame."""

from collections.abc import Iterator

import av
from av.filter import Graph


def deinterlaced(frames: Iterator[av.VideoFrame]) -> Iterator[av.VideoFrame]:
    """Give as many frames as come, interlaced ones made whole and the others as they are.

    Deinterlaced is as BWDIF does it (bob weaver deinterlacing filter: Weston's three-field filter
    of the BBC with the motion check of YADIF), which is as good as it gets without a model.
    """
    graph: Graph | None = None
    shape: tuple[int, int, str] | None = None
    for frame in frames:
        if graph is not None and shape != _shape(frame):
            yield from _rest(graph)
            graph = None
        if graph is None and not frame.interlaced_frame:
            yield frame
            continue
        if graph is None:
            try:
                graph, shape = _graph(frame), _shape(frame)
            except av.ArgumentError:
                # Damaged data can claim a picture that is too small to be made whole.
                yield frame
                continue
        graph.vpush(frame)
        yield from _ready(graph)
    if graph is not None:
        yield from _rest(graph)


def _shape(frame: av.VideoFrame) -> tuple[int, int, str]:
    return frame.width, frame.height, frame.format.name


def _graph(frame: av.VideoFrame) -> Graph:
    graph = Graph()
    graph.threads = 1
    graph.link_nodes(
        graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base,
        ),
        graph.add("bwdif", "mode=send_frame:deint=interlaced"),
        graph.add("buffersink"),
    ).configure()
    return graph


def _ready(graph: Graph) -> Iterator[av.VideoFrame]:
    """The frames that are done; a few wait for those after them."""
    while True:
        try:
            yield graph.vpull()
        except (av.BlockingIOError, av.EOFError):
            return


def _rest(graph: Graph) -> Iterator[av.VideoFrame]:
    """The frames that wait, because none comes after them."""
    graph.vpush(None)
    yield from _ready(graph)
