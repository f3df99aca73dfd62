"""How a dancer is compared with a reference, on the exact landmarks of drawn dancers."""

import io
import json
from math import inf
from typing import Any

import numpy as np
import pytest

from analyzer.body import Body
from analyzer.compare import NAMES, Comparison, Shape, compare, shape_of
from analyzer.errors import OverLimitError, UndecodableError
from analyzer.limits import Limits
from analyzer.poses import trusted
from analyzer.report.comparison import Compared, Window, compared, comparison_text
from analyzer.report.kept import KeptLandmarks
from analyzer.report.performance import Performance, performance_in
from dancer.figure import BUILDS
from dancer.film import Delay, Film, Plain, Slip, film
from dancer.phrases import PHRASES

SHORT: list[Plain] = [
    ("T-Pose", None, 1.5),
    ("Warrior II", "left", 1.5),
    ("Arms V", None, 1.5),
    ("Tree", "left", 1.5),
]
"""About ten seconds, not the same on both sides."""


def shape(filmed: Film) -> Shape:
    body = Body(*filmed.landmarks(), filmed.times, filmed.width, filmed.height)
    return shape_of(body)


def comparison(dancer: Film, **options: Any) -> Comparison:
    found = compare(shape(dancer), shape(film(SHORT)), **options)
    assert found is not None
    return found


def said(found: Comparison) -> list[str]:
    """Everything that is told as wrong."""
    return [NAMES[fault.limb] for fault in found.faults] + ["off"] * len(found.off_beat)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tempo": 0.8},
        {"tempo": 1.25},
        {"build": BUILDS["long"]},
        {"build": BUILDS["short"], "frame_rate": 25.0},
        {"yaw": 30},
        {"yaw": -30, "tempo": 1.1},
        {"delays": [Delay(2.0, -1.0, inf)]},
        {"delays": [Delay(-0.8, -2.0, inf)]},
    ],
    ids=str,
)
def test_the_same_dance_is_the_same_at_any_tempo_start_build_and_view(
    options: dict[str, Any],
) -> None:
    found = comparison(film(SHORT, **options))
    assert found.same
    assert found.score > 0.95
    assert found.degrees < 6
    assert not said(found)
    assert found.tempo is not None
    assert found.tempo.ratio == pytest.approx(options.get("tempo", 1.0), rel=0.03)


def test_who_starts_later_is_not_late() -> None:
    found = comparison(film(SHORT, delays=[Delay(2.0, -1.0, inf)]))
    assert found.tempo is not None
    assert found.tempo.begin == pytest.approx(-2, abs=0.1)
    assert np.nanmax(np.abs(found.tempo.ahead)) < 0.15


def test_a_dance_in_the_mirror_is_recognised() -> None:
    found = comparison(film(SHORT, mirrored=True))
    assert found.beside.mirrored
    assert found.degrees < 2


def test_a_dance_that_is_no_mirror_is_not_taken_for_one() -> None:
    assert not comparison(film(SHORT)).beside.mirrored


def test_in_the_mirror_it_is_another_dance_for_those_who_want_none() -> None:
    found = comparison(film(SHORT, mirrored=True), mirror=False)
    assert not found.beside.mirrored
    assert not found.same


@pytest.mark.parametrize(
    ("slip", "limb", "way"),
    [
        (Slip("left arm", -20, 0.7, 2.7), "left upper arm", "lower"),
        (Slip("right arm", 20, 0.7, 2.7), "right upper arm", "higher"),
        (Slip("left forearm", -25, 0.7, 2.7), "left forearm", "lower"),
    ],
)
@pytest.mark.parametrize("tempo", [1.0, 0.9])
def test_a_limb_that_is_off_is_told_with_its_time_and_size(
    slip: Slip, limb: str, way: str, tempo: float
) -> None:
    found = comparison(film(SHORT, slips=[slip], tempo=tempo))
    (fault,) = found.faults
    assert NAMES[fault.limb] == limb
    start, end = found.times[[fault.moments.start, fault.moments.stop - 1]]
    assert start == pytest.approx(slip.start + 0.15, abs=0.25)
    assert end == pytest.approx(slip.end - 0.15, abs=0.25)
    assert fault.degrees == pytest.approx(abs(slip.degrees), abs=6)
    assert way in told(found)["moments"][0]["text"]


@pytest.mark.parametrize("seconds", [0.5, -0.5])
def test_who_is_late_or_early_for_a_while_is_told_so(seconds: float) -> None:
    found = comparison(film(SHORT, delays=[Delay(seconds, 3.0, 7.5)], yaw=10))
    (off,) = found.off_beat
    assert off.ahead == pytest.approx(-seconds, abs=0.1)
    assert found.times[off.moments.start] == pytest.approx(4.0, abs=1.5)
    assert not found.faults


@pytest.mark.parametrize("other", [1, 2])
def test_another_dance_is_not_the_same_and_scores_near_nothing(other: int) -> None:
    found = compare(shape(film(PHRASES[other])), shape(film(PHRASES[0])))
    assert found is None or not found.same
    assert found is None or found.score < 0.25


def test_of_nobody_nothing_is_in_common() -> None:
    there = shape(film(SHORT))
    nobody = Shape(
        there.times, np.full_like(there.directions, np.nan), there.sight * np.nan, there.shown
    )
    assert compare(nobody, there) is None
    assert compare(there, nobody) is None


def test_a_picture_that_stands_still_is_no_dance() -> None:
    there = shape(film(SHORT))
    moment = np.flatnonzero((there.times > 3.2) & (there.times < 3.3))[0]
    still = Shape(
        there.times,
        *(
            np.repeat(course[moment][None], len(there.times), axis=0)
            for course in (there.directions, there.sight, there.shown)
        ),
    )
    found = compare(still, there)
    assert found is None or not found.same


def test_a_second_of_a_dance_shows_no_tempo() -> None:
    there = shape(film(SHORT))
    second = there[18:50]
    found = compare(second, second)
    assert found is not None
    assert found.tempo is None
    assert found.degrees < 1


DURING = slice(36, 75)
"""Moments of SHORT in which the arms are held out to the sides."""

FOREARM = NAMES.index("left forearm")


def lowered(degrees: float) -> Shape:
    """A dancer whose left forearm is too low for a while."""
    there = shape(film(SHORT))
    angle = np.radians(degrees)
    there.directions[DURING, FOREARM] = [np.cos(angle), -np.sin(angle), 0]
    return there


def told_of(dancer: Shape) -> list[str]:
    found = compare(dancer, shape(film(SHORT)))
    assert found is not None
    return said(found)


def test_a_limb_that_points_to_the_camera_is_not_told() -> None:
    assert told_of(lowered(30)) == ["left forearm"]
    short = lowered(30)
    short.shown[DURING, FOREARM] *= 0.5
    assert not told_of(short)


def test_nothing_is_told_while_front_is_taken_for_back() -> None:
    turned = lowered(30)
    turned.sight[DURING] *= [-1, 1, -1]
    assert not told_of(turned)


def test_the_more_the_views_differ_the_more_a_limb_has_to_be_off() -> None:
    turn = np.radians(30)
    views = {}
    for degrees in (18, 40):
        aside = lowered(degrees)
        aside.sight[:] = [np.sin(turn), 0, -np.cos(turn)]
        views[degrees] = told_of(aside)
    assert told_of(lowered(18)) == ["left forearm"]
    assert views == {18: [], 40: ["left forearm"]}


def test_in_the_mirror_a_limb_has_to_be_off_by_more() -> None:
    assert told_of(lowered(12)) == ["left forearm"]
    assert not told_of(lowered(12).mirrored())
    assert told_of(lowered(20).mirrored()) == ["right forearm"]


def test_how_far_they_are_apart_is_told_all_along() -> None:
    found = comparison(film(SHORT, tempo=0.9, slips=[Slip("left arm", -40, 0.8, 2.8)]))
    differences = told(found)["differences"]
    times, theirs, degrees = np.transpose([list(each.values()) for each in differences])
    assert np.diff(times) == pytest.approx(0.1, abs=1e-3)
    assert (times[0], times[-1]) == pytest.approx(found.times[[0, -1]], abs=0.1)
    assert (np.diff(theirs) >= 0).all()
    assert np.polyfit(times, theirs, 1)[0] == pytest.approx(0.9, abs=0.03)
    off = (times > 1.1) & (times < 2.5)
    assert degrees[off].min() > 5 > np.median(degrees[~off])


def test_moments_of_which_nothing_is_known_are_no_differences() -> None:
    hidden = shape(film(SHORT))
    hidden.directions[DURING] = np.nan
    found = compare(hidden, shape(film(SHORT)))
    assert found is not None
    times = [each["time"] for each in told(found)["differences"]]
    assert times
    assert not any(1.3 < time < 2.4 for time in times)


def performance(filmed: Film) -> Performance:
    """What is danced, from an answer to an earlier analysis."""
    return performance_in(
        io.BytesIO(json.dumps(answer(filmed)).encode()),
        KeptLandmarks(io.BytesIO()),
        trusted(),
        limits=Limits(),
    )


def answer(filmed: Film) -> dict[str, Any]:
    image, world = filmed.landmarks()
    return {
        "size": [filmed.width, filmed.height],
        "times": np.round(filmed.times, 4).tolist(),
        "landmarks": np.round(image, 4).tolist(),
        "world_landmarks": np.round(world, 4).tolist(),
    }


def told(found: Comparison) -> dict[str, Any]:
    """What is answered, of nothing but limbs."""
    reference = performance(film([("T-Pose", None, 0.2)]))
    text = comparison_text(Compared(reference, reference, found, "", [], []))
    return dict(json.loads("".join(text)))


def results(dancer: Film, reference: Film, **options: Any) -> list[tuple[str, str | None, str]]:
    """What became of each pose of the reference."""
    found = compared(performance(dancer), performance(reference), **options)
    text = json.loads("".join(comparison_text(found)))
    return [(each["pose"], each["side"], each["result"]) for each in text["poses"]]


def test_what_became_of_each_pose_of_the_reference_is_told() -> None:
    taught = film([("T-Pose", None, 1.5), ("Tree", "left", 1.5), ("Arms V", None, 1.5)])
    danced = film(
        [("T-Pose", None, 2.6), ("Tree", "left", 1.5), ("Arms V", None, 1.5)],
        slips=[Slip("left arm", -40, 8.0, 11.0)],
    )
    became = results(danced, taught)
    assert ("T-Pose", None, "longer") in became
    assert ("Tree", "left", "held") in became
    assert ("Arms V", None, "missed") in became


def test_a_pose_that_is_cut_off_is_not_told() -> None:
    danced = film([("T-Pose", None, 2.0), ("Arms V", None, 1.5), ("Star", None, 2.0)])
    became = results(danced, danced, window=Window(2.9, 7.4))
    assert became == [("Arms V", None, "held")]


def test_a_pose_is_as_long_as_the_tempo_makes_it() -> None:
    slow: list[Plain] = [("T-Pose", None, 3.0), ("Arms V", None, 3.0)]
    became = results(film(slow, tempo=0.7), film(slow))
    assert became == [("T-Pose", None, "held"), ("Arms V", None, "held")]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"reference_window": Window(100.0)}, "reference is 4.1 seconds long"),
        ({"window": Window(100.0)}, "dancer's video is 4.1 seconds long"),
        ({"mirror": False}, "leave out `mirror`"),
        ({"window": Window(1.2, 1.9)}, "compare 1 second of each at least"),
    ],
)
def test_why_nothing_is_compared_is_told(change: dict[str, Any], text: str) -> None:
    tree: list[Plain] = [("Tree", "left", 1.5), ("Warrior II", "right", 1.5)]
    found = compared(performance(film(tree, mirrored=True)), performance(film(tree)), **change)
    answered = json.loads("".join(comparison_text(found)))
    assert not answered["same_dance"]
    assert text.replace("4.1", f"{film(tree).times[-1] + 1 / 30:.1f}") in answered["text"]


def test_the_sides_of_poses_are_the_dancers() -> None:
    tree: list[Plain] = [("Tree", "left", 1.5), ("Warrior II", "right", 1.5)]
    became = results(film(tree, mirrored=True), film(tree))
    assert ("Tree", "right", "held") in became


def test_only_the_chosen_parts_are_compared() -> None:
    first: list[Plain] = [("T-Pose", None, 1.5), ("Arms V", None, 1.5)]
    taught = film([*first, ("Star", None, 1.5), ("Goddess", None, 1.5)])
    became = results(film(first), taught, reference_window=Window(0.0, 5.9))
    assert [pose for pose, _, _ in became] == ["T-Pose", "Arms V"]


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("size", [640]),
        ("size", [0, 480]),
        ("size", [True, 480]),
        ("size", [640, 10**9]),
        ("times", []),
        ("times", [0.0, 0.0]),
        ("times", [1.0, 0.5]),
        ("times", [0.0, "1"]),
        ("landmarks", [None]),
        ("landmarks", [[[0.0] * 4] * 32, None]),
        ("landmarks", [[[0.0] * 4] * 33, 7]),
        ("landmarks", [[[1e300] * 4] * 33, None]),
        ("landmarks", {"1": [None, None]}),
        ("world_landmarks", None),
    ],
    ids=str,
)
def test_what_is_no_answer_with_landmarks_is_refused(change: str, value: Any) -> None:
    good: dict[str, Any] = {
        "size": [640, 480],
        "times": [0.0, 0.04],
        "landmarks": [None, None],
        "world_landmarks": [None, None],
    }
    with pytest.raises(UndecodableError, match="include=landmarks"):
        read(json.dumps(good | {change: value}))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"times": NaN}', "[" * 100_000])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UndecodableError, match="include=landmarks"):
        read(text)


def test_the_answer_of_a_background_analysis_stands_for_a_reference() -> None:
    filmed = film(SHORT)
    found = read(json.dumps({"id": "x", "state": "done", "result": answer(filmed)}))
    assert found.duration == performance(filmed).duration


def test_an_answer_that_is_too_long_is_refused() -> None:
    many = {
        "size": [640, 480],
        "times": [number / 30 for number in range(100)],
        "landmarks": [None] * 100,
        "world_landmarks": [None] * 100,
    }
    with pytest.raises(OverLimitError, match="100 frames"):
        read(json.dumps(many), Limits(frames=99))


def read(text: str, limits: Limits = Limits()) -> Performance:  # noqa: B008 - frozen
    kept = KeptLandmarks(io.BytesIO())
    return performance_in(io.BytesIO(text.encode()), kept, trusted(), limits=limits)
