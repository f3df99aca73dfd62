"""The answer is written in pieces, and is the same as if it were made in one."""

import json
import os
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analyzer.body import Body, Crowd
from analyzer.child.protocol import longest_file
from analyzer.frames.video import VideoInfo
from analyzer.holds import Hold, NearMiss, Undecidable
from analyzer.report.analysis import Analysis, Timing
from analyzer.report.answer import answer_text
from analyzer.report.attendance import Dancer, Lost
from analyzer.report.kept import PIECE, KeptLandmarks, Landmarks
from dancer.film import film

INFO = VideoInfo(640, 480, 0, False, "h264", 60.0, 0)


def some(landmarks: Landmarks, first: int, last: int) -> Landmarks:
    """Those of some of the frames."""
    image, world, times = landmarks
    return Landmarks(image[first:last], world[first:last], times[first:last])


def alone(landmarks: Landmarks) -> Crowd:
    """One person in a place, or nobody."""
    image, world, times = landmarks
    here = np.isfinite(image).all(axis=(1, 2))
    return Crowd(here[:, None].astype(np.uint32), image[:, None], world[:, None], times)


def analysis_of(landmarks: Landmarks, batch: int = PIECE) -> Analysis:
    """An analysis that found nothing, with landmarks that came in batches."""
    kept = KeptLandmarks(BytesIO())
    for first in range(0, len(landmarks.times), batch):
        kept.append(alone(some(landmarks, first, first + batch)))
    return analysis_with(kept)


def analysis_with(kept: KeptLandmarks) -> Analysis:
    """An analysis that found nothing."""
    total, timing = len(kept), Timing(0.0, 0.0, 0.0)
    return Analysis(INFO, total, 0, total, total / 60, [], [], [], [], timing, kept)


@pytest.fixture(scope="module")
def dance() -> Landmarks:
    """Exact landmarks of a dancer who turns and is away for a while, over several pieces."""
    filmed = film([("T-Pose", None, 6.0), ("Tree", "left", 14.0)], frame_rate=60.0)
    image, world = (np.array(values, np.float32) for values in filmed.landmarks())
    image[700:760] = world[700:760] = np.nan
    image += np.random.default_rng(1).normal(0, 0.004, image.shape).astype(np.float32)
    assert len(image) > 2 * PIECE
    return Landmarks(image, world, np.asarray(filmed.times, np.float64))


def in_one(landmarks: Landmarks, include: Sequence[str]) -> str:
    """The text of the answer of an analysis that found nothing, from all frames at once."""
    image, world, times = landmarks
    result: dict[str, Any] = {"detected_poses": {}, "total_frames": len(times)}
    if "segments" in include:
        result |= {"segments": [], "near_misses": [], "undecidable": []}
    if "landmarks" in include:
        here = np.isfinite(image).all(axis=(1, 2))
        result["size"] = [INFO.width, INFO.height]
        result["times"] = np.round(times, 4).tolist()
        for name, landmarks_of in (("landmarks", image), ("world_landmarks", world)):
            rounded = np.round(landmarks_of.astype(np.float64), 4)
            result[name] = [
                row.tolist() if seen else None for row, seen in zip(rounded, here, strict=True)
            ]
    if "angles" in include:
        body = Body(image, world, times, INFO.width, INFO.height)
        quantities = [body.trunk_tilt]
        for side in body.sides:
            quantities += [side.elbow, side.arm_raised, side.hip, side.knee]
        result["angles"] = {
            quantity.name: [
                round(value, 1) if np.isfinite(value) else None for value in quantity.value.tolist()
            ]
            for quantity in quantities
        }
    return json.dumps(result)


@pytest.mark.parametrize("batch", [PIECE, 37, 5000])
@pytest.mark.parametrize(
    "include", [[], ["landmarks"], ["angles"], ["angles", "segments", "landmarks"]]
)
def test_the_text_in_pieces_is_that_of_the_whole(
    dance: Landmarks, include: list[str], batch: int
) -> None:
    text = "".join(answer_text(analysis_of(dance, batch), include))
    assert text == in_one(dance, include)


@pytest.mark.parametrize("frames", [1, PIECE, PIECE + 1])
def test_a_text_has_no_piece_too_few_or_too_many(dance: Landmarks, frames: int) -> None:
    clip = some(dance, 0, frames)
    include = ["landmarks", "angles"]
    assert "".join(answer_text(analysis_of(clip), include)) == in_one(clip, include)


def several(dance: Landmarks, numbers: Sequence[int], *, chosen: bool = False) -> Analysis:
    """An analysis of dancers who do the same, each a while after the one before it."""
    people = 1 if chosen else len(numbers)
    kept = KeptLandmarks(BytesIO(), people)
    for first in range(0, len(dance.times), PIECE):
        crowd = Crowd.empty(len(dance.times[first : first + PIECE]), people)
        for frame, time in enumerate(dance.times[first : first + PIECE].tolist(), first):
            here = [
                (number, (dance.image[frame - 100 * place], dance.world[frame - 100 * place]))
                for place, number in enumerate(numbers)
                if frame >= 100 * place and np.isfinite(dance.image[frame - 100 * place]).all()
            ]
            crowd.put(frame - first, time, here)
        kept.append(crowd)
    dancers = [Dancer(number, 0, len(kept) - 1, len(kept)) for number in sorted(numbers)]
    return replace(analysis_with(kept), dancers=dancers, chosen=chosen)


def later(landmarks: Landmarks, frames: int) -> Landmarks:
    """The same some frames later; before that nobody is seen."""
    image, world = np.roll(landmarks.image, frames, 0), np.roll(landmarks.world, frames, 0)
    image[:frames] = world[:frames] = np.nan
    return Landmarks(image, world, landmarks.times)


def test_of_each_of_several_dancers_there_is_what_there_is_of_one(dance: Landmarks) -> None:
    include = ["landmarks", "angles"]
    answer = json.loads("".join(answer_text(several(dance, [7, 2]), include)))
    beside = {"size", "times", "world_landmarks"}
    assert answer.keys() == {"detected_poses", "total_frames", *include, *beside}
    for number, frames in (("7", 0), ("2", 100)):
        wanted = json.loads(in_one(later(dance, frames), include))
        for each in include:
            assert answer[each].keys() == {"2", "7"}
            assert answer[each][number] == wanted[each], number


def test_of_a_chosen_dancer_there_is_what_there_is_of_one(dance: Landmarks) -> None:
    include = ["landmarks", "angles"]
    analysis = several(dance, [4], chosen=True)
    assert "".join(answer_text(analysis, include)) == in_one(dance, include)


def test_where_nobody_is_seen_there_is_nothing_of_several_dancers_and_null_of_a_chosen_one() -> (
    None
):
    include = ["landmarks", "angles", "segments"]
    nobody = Landmarks(
        np.full((5, 33, 4), np.nan, "f4"), np.full((5, 33, 3), np.nan, "f4"), np.arange(5) / 30
    )
    answer = json.loads("".join(answer_text(several(nobody, []), include)))
    assert answer["landmarks"] == answer["angles"] == {}
    assert answer["dancers"] == []
    alone_answer = json.loads("".join(answer_text(several(nobody, [], chosen=True), include)))
    assert alone_answer["landmarks"] == [None] * 5


def test_segments_say_whose_they_are_where_dancers_are_told_apart(dance: Landmarks) -> None:
    lost = Lost(10, 29, 0.3333333, 1.0)
    hold = Hold("T-Pose", None, 3, 9, 5, 0.1, 0.3333333, 0.75, (), dancer=2, turns=None)
    miss = NearMiss("Tree", "left", 3, 9, 5, 0.1, 0.3, 0.4, (), 2, margin=-0.1, off=(), reason="")
    unknown = Undecidable("Star", 3, 9, 0.1, 0.3, "seen from the side", 2)
    analysis = replace(
        several(dance, [1, 2]),
        holds=[hold],
        near_misses=[miss],
        undecidable=[unknown],
        dancers=[Dancer(1, 0, 40, 21, [lost]), Dancer(2, 3, 9, 7)],
    )
    answer = json.loads("".join(answer_text(analysis, ["segments"])))
    for each in ("segments", "near_misses", "undecidable"):
        assert [found["dancer"] for found in answer[each]] == [2]
    assert answer["dancers"] == [
        {
            "dancer": 1,
            "first": 0,
            "last": 40,
            "frames": 21,
            "lost": [{"first": 10, "last": 29, "start": 0.3333, "end": 1.0}],
        },
        {"dancer": 2, "first": 3, "last": 9, "frames": 7, "lost": []},
    ]
    plain = json.loads("".join(answer_text(analysis)))
    assert plain == {
        "detected_poses": {"T-Pose": [*range(3, 10)]},
        "total_frames": analysis.total_frames,
    }


def test_a_pose_is_held_in_the_frames_in_which_anybody_holds_it(dance: Landmarks) -> None:
    hold = Hold("T-Pose", None, 3, 9, 5, 0.1, 0.3, 0.75, (), dancer=1, turns=None)
    other = replace(hold, first=7, last=12, dancer=2)
    analysis = replace(several(dance, [1, 2]), holds=[hold, other])
    assert analysis.answer()["detected_poses"] == {"T-Pose": [*range(3, 13)]}


def far_away(first: int) -> Landmarks:
    """Landmarks of PIECE frames from a number on, whose numbers take as much room as any do."""
    chance = np.random.default_rng(1)
    image = chance.uniform(-12.9, -12.1, (PIECE, 33, 4)).astype(np.float32)
    world = chance.uniform(-0.9, 0.9, (PIECE, 33, 3)).astype(np.float32)
    return Landmarks(image, world, np.arange(first, first + PIECE) / 60)


@pytest.mark.parametrize("people", [1, 2])
def test_a_long_answer_fits_into_its_file_and_takes_no_more_memory_than_a_short_one(
    tmp_path: Path, people: int
) -> None:
    peaks = []
    for pieces in (4, 12):
        with (tmp_path / f"{pieces}").open("w+b") as file:
            tracemalloc.start()
            kept = KeptLandmarks(file, people)
            for piece in range(pieces):
                kept.append(crowded(far_away(piece * PIECE), people))
            analysis = analysis_with(kept)
            if people > 1:
                dancers = [Dancer(number + 1, 0, len(kept) - 1) for number in range(people)]
                analysis = replace(analysis, dancers=dancers)
            length = sum(map(len, answer_text(analysis, ["landmarks", "angles"])))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            most = longest_file(pieces * PIECE, renders=False, people=people)
            assert file.seek(0, os.SEEK_END) < most
        assert length < most
    # Nine columns of angles stay until the end, 36 bytes a frame, with the times and one as text.
    assert peaks[1] - peaks[0] < 150 * 8 * PIECE


def crowded(landmarks: Landmarks, people: int) -> Crowd:
    """So many people, all of whom have the same landmarks."""
    image, world, times = landmarks
    return Crowd(
        np.tile(np.arange(1, people + 1, dtype=np.uint32), (len(times), 1)),
        np.repeat(image[:, None], people, axis=1),
        np.repeat(world[:, None], people, axis=1),
        times,
    )


def test_the_landmarks_of_a_dancer_can_be_read_where_the_others_are_let_go(
    dance: Landmarks,
) -> None:
    kept = several(dance, [1, 2]).landmarks
    assert kept is not None
    assert np.isnan(kept.of(2)[:100].image).all()
    assert kept.of(2)[100:110].image == pytest.approx(dance.image[:10])
    assert kept[:10].image == pytest.approx(dance.image[:10])
    assert len(kept.of(2)) == len(kept) == len(dance.times)
