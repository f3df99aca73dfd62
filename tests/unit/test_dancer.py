"""The drawn dancer: what it is told to do is what its film shows and what its truth says."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp
import numpy as np
import pytest
from numpy.typing import NDArray

from dancer.__main__ import main
from dancer.drawing import CLOTHES, Clothes
from dancer.figure import BUILDS, LANDMARKS, Arm, Leg, Posture, Side, skeleton
from dancer.film import Film, Step, film
from dancer.repertoire import REPERTOIRE
from dancer.scene import PLAIN, STUDIO, Scene

SIDES: tuple[Side, Side] = ("left", "right")
INDEX = {name: index for index, name in enumerate(LANDMARKS)}
SHAPES = [
    (name, side, yaw if side != "right" else -yaw)
    for name, pose in REPERTOIRE.items()
    for side in (SIDES if pose.sides else (None,))
    for yaw in pose.yaws[:1]
]
HELD = [shape for shape in SHAPES if not REPERTOIRE[shape[0]].moves]


def angle(points: NDArray[np.float64], first: str, middle: str, last: str) -> float:
    """Degrees at `middle`, between the lines to the other two."""
    one, other = (points[INDEX[name]] - points[INDEX[middle]] for name in (first, last))
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    return float(np.degrees(np.arccos(cosine)))


def held(name: str, side: Side | None = None, **settings: Any) -> Film:
    """A film of a single frame in a pose."""
    return film([(name, side, 0.1)], rest=None, frame_rate=10, **settings)


def test_limbs_bend_by_the_angles_that_were_asked_for() -> None:
    posture = Posture(
        left_arm=Arm((90, 90), (90, 0)),
        right_arm=Arm((90, 90), (120, 90)),
        left_leg=Leg((90, 0), (30, 0)),
        right_leg=Leg((0, 0), (0, 0)),
    )
    for build in BUILDS.values():
        body = skeleton(posture.coordinates()[None], build).landmarks()[0]
        assert angle(body, "left_shoulder", "left_elbow", "left_wrist") == pytest.approx(90)
        assert angle(body, "right_shoulder", "right_elbow", "right_wrist") == pytest.approx(150)
        assert angle(body, "left_hip", "left_knee", "left_ankle") == pytest.approx(120)
        assert angle(body, "right_hip", "right_knee", "right_ankle") == pytest.approx(180)


def test_facing_the_camera_the_dancers_left_is_on_the_right_of_the_picture() -> None:
    image, world = held("T-Pose").landmarks()
    left, right = INDEX["left_wrist"], INDEX["right_wrist"]
    assert image[0, left, 0] > 0.6
    assert image[0, right, 0] < 0.4
    assert world[0, left, 0] > 0.5
    assert world[0, right, 0] < -0.5


def test_world_landmarks_point_right_down_and_away_from_the_camera() -> None:
    _, world = held("T-Pose").landmarks()
    assert world[0, INDEX["nose"], 1] < 0 < world[0, INDEX["left_ankle"], 1]
    assert world[0, INDEX["nose"], 2] < world[0, INDEX["left_ear"], 2]


def test_a_quarter_turn_to_the_own_left_faces_the_right_edge() -> None:
    image, world = held("T-Pose", yaw=90).landmarks()
    assert image[0, INDEX["nose"], 0] > image[0, INDEX["left_ear"], 0]
    assert world[0, INDEX["left_wrist"], 2] > 0.5


def test_a_mirrored_film_shows_the_mirror_image_and_swaps_the_sides() -> None:
    plain, mirrored = held("Tree", "left"), held("Tree", "left", mirrored=True)
    assert np.array_equal(next(mirrored.frames()), next(plain.frames())[:, ::-1])
    assert mirrored.truth == [{("Tree", "right")}]
    other = held("Tree", "right")
    for ours, theirs in zip(mirrored.landmarks(), other.landmarks(), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize("build", BUILDS)
def test_the_lowest_point_is_on_the_floor_in_every_frame(build: str) -> None:
    on_foot = [shape for shape in HELD if shape[0] not in {"Kneel", "Splits"}]
    taken = film([Step(name, side, 0.2) for name, side, _ in on_foot], build=BUILDS[build])
    feet = [f"{side}_{end}" for side in SIDES for end in ("heel", "foot_index")]
    heights = np.min([taken.body.points[name][:, 1] for name in feet], axis=0)
    np.testing.assert_allclose(heights, heights[0], atol=0.005)


@pytest.mark.parametrize("name", ["Lunge", "Warrior I", "Warrior II", "Goddess", "Tribhanga"])
def test_both_feet_stand_on_the_floor(name: str) -> None:
    taken = held(name, "left" if REPERTOIRE[name].sides else None)
    left, right = (taken.body.points[f"{side}_foot_index"][0, 1] for side in SIDES)
    assert left == pytest.approx(right, abs=0.015)


def test_the_supporting_foot_does_not_slide() -> None:
    taken = film([("Tree", "left", 1.0), ("Tree", "left", 1.0)])
    toes = taken.body.points["right_foot_index"]
    assert np.linalg.norm(toes - toes[0], axis=1).max() < 0.02


def test_the_truth_is_the_pose_while_it_is_held_and_nothing_on_the_way() -> None:
    taken = film([("Star", None, 1.0), ("Tree", "right", 0.5)], frame_rate=20, transition=0.5)
    named = [next(iter(truth), None) for truth in taken.truth]
    assert named.count(("Star", None)) == 21
    assert named.count(("Tree", "right")) == 11
    assert named.count(None) == len(taken) - 32
    inside = np.flatnonzero([truth == {("Star", None)} for truth in taken.truth])
    image, _ = taken.landmarks()
    np.testing.assert_allclose(image[inside] - image[inside[0]], 0, atol=1e-6)


def test_poses_struck_together_are_all_true_and_a_balance_only_when_it_lasts() -> None:
    long, brief = (film([("Passe", "left", seconds)]) for seconds in (1.0, 0.6))
    both = {("Passe", "left"), ("En Avant", None)}
    assert both | {("Balance", "left")} in long.truth
    assert both in brief.truth


@pytest.mark.parametrize("side", SIDES)
def test_an_arabesque_tilts_the_trunk_and_raises_a_straight_leg_behind(side: Side) -> None:
    taken = held("Arabesque", side)
    _, world = taken.landmarks()
    body = world[0].astype(float)
    assert angle(body, f"{side}_hip", f"{side}_knee", f"{side}_ankle") > 175
    raised = body[INDEX[f"{side}_ankle"]] - body[INDEX[f"{side}_hip"]]
    assert raised[1] == pytest.approx(0, abs=0.05)
    assert raised[2] > 0.7
    trunk = body[[11, 12]].mean(axis=0)
    assert 25 < np.degrees(np.arctan2(np.hypot(trunk[0], trunk[2]), -trunk[1])) < 35


@pytest.mark.parametrize(("side", "turns"), [("left", 1), ("right", 2)])
def test_a_pirouette_turns_to_its_side_and_ends_where_it_began(side: Side, turns: int) -> None:
    taken = film([Step("Pirouette", side, None, turns)])
    _, world = taken.landmarks()
    across = world[:, INDEX["left_shoulder"]] - world[:, INDEX["right_shoulder"]]
    turned = np.degrees(np.unwrap(np.arctan2(across[:, 2], across[:, 0])))
    expected = 360 * turns * (1 if side == "left" else -1)
    assert turned[-1] - turned[0] == pytest.approx(expected, abs=1)
    assert np.abs(taken.body.points["waist"][-1] - taken.body.points["waist"][0]).max() < 0.01


@pytest.mark.parametrize(("name", "side"), [("Saute", None), ("Grand Jete", "left")])
def test_jumps_leave_the_floor_once_for_about_half_a_second(name: str, side: Side | None) -> None:
    taken = film([(name, side, None)], frame_rate=60)
    feet = [f"{side}_{end}" for side in SIDES for end in ("heel", "foot_index")]
    air = np.min([taken.body.points[foot][:, 1] for foot in feet], axis=0) > 0.06
    assert np.count_nonzero(np.diff(air.astype(int)) == 1) == 1
    assert 0.3 < np.count_nonzero(air) / 60 < 0.6
    hips = taken.body.points["left_hip"][:, 1]
    assert hips[air].max() > hips[0] + 0.15
    jumping = np.array([bool(truth) for truth in taken.truth])
    assert np.mean(jumping == air) > 0.95


def test_a_freeze_is_true_only_once_it_is_still() -> None:
    taken = film([("Freeze", None, None)])
    frames = np.flatnonzero([("Freeze", None) in truth for truth in taken.truth])
    _, world = taken.landmarks()
    assert len(frames) > 30
    np.testing.assert_allclose(world[frames], world[frames[:1]].repeat(len(frames), 0), atol=1e-3)


def test_a_pose_that_the_repertoire_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="no 'Moonwalk'"):
        film([("Moonwalk", None, 1.0)])
    with pytest.raises(ValueError, match="'left' or 'right'"):
        film([("Tree", None, 1.0)])
    with pytest.raises(ValueError, match="no side"):
        film([("Star", "left", 1.0)])


@pytest.mark.parametrize(
    ("name", "size", "rate"),
    [("a.mp4", (320, 240), 25.0), ("b.mp4", (242, 322), 60.0), ("c.avi", (320, 240), 15.0)],
)
def test_a_film_reads_back_as_it_was_written(
    tmp_path: Path, name: str, size: tuple[int, int], rate: float
) -> None:
    width, height = size
    taken = film([("T-Pose", None, 0.4)], width=width, height=height, frame_rate=rate)
    taken.write(tmp_path / name)
    video = cv2.VideoCapture(str(tmp_path / name))
    assert video.get(cv2.CAP_PROP_FPS) == pytest.approx(rate)
    for drawn in taken.frames():
        there, read = video.read()
        assert there
        assert np.abs(read.astype(int) - drawn).mean() < 4
    assert not video.read()[0]


def test_a_place_that_cannot_be_written_to_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot write"):
        film([("T-Pose", None, 0.1)]).write(tmp_path / "nowhere" / "a.mp4")


def test_the_command_films_the_poses_that_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "clip.mp4"
    monkeypatch.setattr("sys.argv", ["dancer", str(out), "--pose", "Tree", "--seconds", "0.1"])
    main()
    expected = film([("Tree", "left", 0.1), ("Tree", "right", 0.1)])
    assert cv2.VideoCapture(str(out)).get(cv2.CAP_PROP_FRAME_COUNT) == len(expected)


def test_kneeling_on_one_knee_is_a_lunge_of_the_other_leg() -> None:
    truth = film([("Kneel", "left", 0.1)], rest=None).truth
    assert truth[0] == {("Kneel", "left"), ("Lunge", "right")}
    truth = film([("Kneel", "left", 0.1)], rest=None, mirrored=True).truth
    assert truth[0] == {("Kneel", "right"), ("Lunge", "left")}


def test_a_plain_film_has_nothing_but_the_dancer() -> None:
    picture = next(held("T-Pose").frames())
    background = CLOTHES["practice"].background
    rest = np.concatenate([picture[:80].reshape(-1, 3), picture[:, :150].reshape(-1, 3)])
    assert (rest == background).all()


def test_in_the_studio_the_dancer_stands_on_a_floor_before_a_wall() -> None:
    picture = next(held("T-Pose", scene=replace(STUDIO, noise=0, dusk=0)).frames())
    floor = np.median(picture[440:, :200].reshape(-1, 3), axis=0)
    wall = np.median(picture[:200, :100].reshape(-1, 3), axis=0)
    assert tuple(floor) == STUDIO.floor
    assert np.array_equal(wall, CLOTHES["practice"].background)


def test_a_camera_that_looks_down_sees_more_of_the_floor() -> None:
    level, raised = (
        next(held("T-Pose", scene=Scene(floor=(10, 20, 30)), pitch=pitch).frames())
        for pitch in (0, 12)
    )
    on_floor = [(picture == (10, 20, 30)).all(axis=2).sum() for picture in (level, raised)]
    assert on_floor[1] > 1.3 * on_floor[0] > 0


def test_the_shadow_lies_on_the_floor_beside_the_feet_and_not_on_the_wall() -> None:
    lit, shaded = (
        held("T-Pose", scene=Scene(floor=(120, 120, 120), shadow=shadow)) for shadow in (0.0, 0.5)
    )
    image, _ = shaded.landmarks()
    x, y = (image[0, INDEX["left_heel"], :2] * (shaded.width, shaded.height)).astype(int)
    before, after = (next(taken.frames()).astype(int) for taken in (lit, shaded))
    darker = (before - after).max(axis=2)
    assert darker[y - 10 : y + 10, x + 10 : x + 40].max() > 30
    assert darker[: y - 60].max() == 0


def test_what_moves_is_blurred_and_what_is_still_is_not() -> None:
    score = [Step("Grand Battement", "left")]
    sharp, blurred = (film(score, yaw=65, scene=Scene(shutter=shutter)) for shutter in (0.0, 0.9))
    toes = sharp.landmarks()[0][:, INDEX["left_foot_index"], :2] * (sharp.width, sharp.height)
    fastest = int(np.argmax(np.linalg.norm(np.diff(toes, axis=0), axis=1)))
    for frame, (plain, soft) in enumerate(zip(sharp.frames(), blurred.frames(), strict=True)):
        differs = np.abs(plain.astype(int) - soft).max(axis=2) > 20
        if frame == 0:
            assert np.array_equal(plain, soft)
        if frame == fastest:
            x, y = toes[frame].astype(int)
            assert differs[y - 25 : y + 25, x - 25 : x + 25].mean() > 0.05
            x, y = (
                sharp.landmarks()[0][frame, INDEX["right_foot_index"], :2]
                * (sharp.width, sharp.height)
            ).astype(int)
            assert differs[y - 15 : y + 15, x - 15 : x + 15].mean() < 0.01


def test_the_light_of_the_studio_is_uneven_and_its_grain_other_in_each_frame() -> None:
    taken = film([("T-Pose", None, 0.1)], rest=None, frame_rate=20, scene=STUDIO)
    first, second = list(taken.frames())[:2]
    wall = first[:200].astype(float)
    assert wall[:, 60:180].mean() > 1.15 * wall[:, -120:].mean()
    grain = first[:100, :100].astype(float) - second[:100, :100]
    assert grain.std() == pytest.approx(STUDIO.noise * np.sqrt(2), rel=0.2)


def test_a_film_shows_the_same_each_time_it_is_looked_at() -> None:
    taken = film([Step("Pirouette", "left")], frame_rate=10, scene=STUDIO)
    for once, again in zip(taken.frames(), taken.frames(), strict=True):
        assert np.array_equal(once, again)


def test_the_scene_changes_neither_the_truth_nor_the_landmarks() -> None:
    plain, studio = (film([Step("Turn", "left")], scene=scene) for scene in (PLAIN, STUDIO))
    assert studio.truth == plain.truth
    for ours, theirs in zip(studio.landmarks(), plain.landmarks(), strict=True):
        assert np.array_equal(ours, theirs)


def colour_at(taken: Film, *names: str) -> NDArray[np.int_]:
    """The colour of the first frame in the middle of landmarks."""
    image, _ = taken.landmarks()
    x, y = image[0, [INDEX[name] for name in names], :2].mean(axis=0)
    pixel = next(taken.frames())[int(y * taken.height), int(x * taken.width)]
    return np.asarray(pixel, int)


def test_flowing_clothes_hide_the_hips_down_to_the_thighs_and_the_ears() -> None:
    close = Clothes(top=(250, 0, 0), legs=(0, 250, 0), skin=(0, 0, 250), hair=(90, 90, 90))
    flowing = replace(close, flowing=True)
    thigh = ("left_hip", "left_hip", "left_hip", "left_knee")
    assert colour_at(held("Star", clothes=close), *thigh).argmax() == 1
    assert colour_at(held("Star", clothes=flowing), *thigh).argmax() == 0
    assert colour_at(held("Star", yaw=60, clothes=close), "right_ear").argmax() == 2
    assert np.ptp(colour_at(held("Star", yaw=60, clothes=flowing), "right_ear")) == 0


def test_long_hair_hides_the_neck_from_behind() -> None:
    close = Clothes(skin=(0, 0, 250), hair=(90, 90, 90))
    necks = []
    for clothes in (close, replace(close, flowing=True)):
        taken = held("Star", yaw=180, clothes=clothes)
        x, y = taken.camera.project(taken.camera.see(taken.body.points["neck_top"][0])).astype(int)
        necks.append(next(taken.frames())[y + 3, x].astype(int))
    assert necks[0].argmax() == 2
    assert np.ptp(necks[1]) == 0


@pytest.fixture(scope="module")
def pose_model() -> Iterator[Any]:
    with mp.solutions.pose.Pose(static_image_mode=True) as model:
        yield model


def misplaced(taken: Film, pose_model: Any) -> NDArray[np.float64]:
    """How far MediaPipe sets the main joints from the truth in the first frame, in torsos."""
    picture = next(taken.frames())
    found = pose_model.process(np.ascontiguousarray(picture[..., ::-1])).pose_landmarks
    assert found is not None, "MediaPipe finds nobody"
    seen = np.array([(point.x, point.y) for point in found.landmark])
    size = np.array([taken.width, taken.height])
    true = taken.landmarks()[0][0, :, :2] * size
    joints = [
        INDEX[f"{side}_{joint}"]
        for side in ("left", "right")
        for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    ]
    torso = np.linalg.norm(true[[11, 12]].mean(axis=0) - true[[23, 24]].mean(axis=0))
    return np.asarray(np.linalg.norm(seen * size - true, axis=1)[joints] / torso)


@pytest.mark.parametrize(("name", "side", "yaw"), HELD)
def test_mediapipe_sees_the_joints_where_the_truth_says(
    pose_model: Any, name: str, side: Side | None, yaw: float
) -> None:
    assert misplaced(held(name, side, yaw=yaw), pose_model).mean() < 0.3


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("clothes", CLOTHES)
def test_mediapipe_sees_every_build_in_all_clothes(
    pose_model: Any, build: str, clothes: str
) -> None:
    taken = held("Star", build=BUILDS[build], clothes=CLOTHES[clothes])
    assert misplaced(taken, pose_model).mean() < 0.12


@pytest.mark.parametrize(
    "settings",
    [
        {"width": 360, "height": 640},
        {"width": 1280, "height": 720, "scale": 0.4, "offset": (0.25, 0.1)},
        {"scale": 0.35, "offset": (-0.3, 0.2)},
        {"mirrored": True},
        {"pitch": 10.0},
        {"scene": STUDIO},
        {"scene": STUDIO, "yaw": 180.0, "pitch": -10.0},
    ],
)
def test_mediapipe_sees_it_in_any_frame(pose_model: Any, settings: dict[str, Any]) -> None:
    assert misplaced(held("Arms V", None, **settings), pose_model).mean() < 0.12
