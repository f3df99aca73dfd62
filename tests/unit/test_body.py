"""The geometry of a body, on the drawn dancer's exact landmarks."""

import gc
import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose

from analyzer.body import Body, Landmark
from analyzer.poses import catalogue
from dancer.figure import Leg, Posture
from dancer.film import Film, Step, film
from dancer.repertoire import REPERTOIRE, STAND, Key, Pose


def body_of(filmed: Film) -> Body:
    image, world = filmed.landmarks()
    return Body(image, world, filmed.times, filmed.width, filmed.height)


def body_in(posture: Posture, monkeypatch: pytest.MonkeyPatch, yaw: float = 0.0) -> Body:
    """The body of somebody who keeps a posture that is none of the repertoire."""
    keys = (Key(0.0, posture), Key(0.5, posture))
    own = Pose("as it is", lambda _turns: keys, False, (yaw,), ())
    monkeypatch.setitem(REPERTOIRE, own.name, own)
    return body_of(film([Step(own.name)], yaw=yaw, rest=None))


def held(filmed: Film, pose: str) -> int:
    """A frame in the middle of a pose of the film."""
    frames = [n for n, truth in enumerate(filmed.truth) if any(name == pose for name, _ in truth)]
    return frames[len(frames) // 2]


def test_a_body_goes_with_its_last_user_without_a_collection() -> None:
    body = body_of(film([Step("T-Pose")]))
    poses = [pose.conditions(body, side) for pose in catalogue() for side in pose.sides]
    gone = weakref.ref(body)
    gc.disable()
    try:
        del body, poses
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1280, 720), (360, 640)])
def test_angles_do_not_depend_on_the_shape_of_the_picture(width: int, height: int) -> None:
    filmed = film([Step("Arms V")], width=width, height=height)
    body, frame = body_of(filmed), held(filmed, "Arms V")
    for side in body.sides:
        assert side.elbow.value[frame] == pytest.approx(180, abs=4)
        assert side.arm_raised.value[frame] == pytest.approx(142, abs=8)


@pytest.mark.parametrize("scale", [0.3, 0.64])
def test_lengths_are_in_torso_lengths_however_large_the_dancer_is(scale: float) -> None:
    filmed = film([Step("T-Pose")], scale=scale)
    body, frame = body_of(filmed), held(filmed, "T-Pose")
    assert body.wrists_apart.value[frame] == pytest.approx(3.1, abs=0.2)


@pytest.mark.parametrize("yaw", [-120, -60, 0, 30, 90, 170])
def test_the_yaw_says_which_way_the_dancer_faces(yaw: float) -> None:
    body = body_of(film([Step("T-Pose")], yaw=yaw))
    assert_allclose(body.facing, yaw, atol=8)
    assert_allclose(body.turned_to_profile.value, min(abs(yaw), 180 - abs(yaw)), atol=8)


def test_a_body_does_not_turn_round_and_back_within_a_moment() -> None:
    filmed = film([Step("Turn", "left")])
    image, world = filmed.landmarks()
    lost = 40
    world[lost] *= (-1, 1, -1)
    body = Body(image, world, filmed.times, filmed.width, filmed.height)
    assert body.turn_since_previous_frame.max() < 45
    assert body.turn_since_previous_frame.sum() == pytest.approx(360, abs=10)


def test_a_leg_has_its_direction_whatever_the_camera_sees() -> None:
    for yaw in (0.0, 40.0, 90.0):
        for name, direction in (("Tendu devant", 0), ("Tendu a la seconde", 90)):
            filmed = film([Step(name, "left")], yaw=yaw)
            body = body_of(filmed)
            assert body.left.leg_direction.value[held(filmed, name)] == pytest.approx(
                direction, abs=12
            )


def test_the_hips_stand_at_full_height_though_the_clip_starts_low() -> None:
    filmed = film([Step("Squat", None, 1.0), Step("T-Pose", None, 1.0)], rest=None)
    body = body_of(filmed)
    assert body.hip_height.value[3] < 0.75
    assert body.hip_height.value[held(filmed, "T-Pose")] == pytest.approx(1.0, abs=0.08)


def test_who_turns_to_the_left_turns_by_positive_degrees() -> None:
    filmed = film([Step("Pirouette", "left")])
    assert body_of(filmed).turn_since_previous_frame.sum() == pytest.approx(360, abs=10)
    filmed = film([Step("Pirouette", "right", turns=2)])
    assert body_of(filmed).turn_since_previous_frame.sum() == pytest.approx(-720, abs=10)


def test_a_jump_takes_hips_and_feet_off_the_floor_and_a_squat_does_not() -> None:
    assert body_of(film([Step("Saute")])).height_off_floor.value.max() > 0.3
    assert body_of(film([Step("Squat")])).height_off_floor.value.max() < 0.1


def test_legs_that_change_places_for_a_moment_are_not_believed() -> None:
    filmed = film([Step("Tendu a la seconde", "left", 1.0)])
    image, world = filmed.landmarks()
    legs = [
        (int(Landmark.LEFT_KNEE), int(Landmark.RIGHT_KNEE)),
        (int(Landmark.LEFT_ANKLE), int(Landmark.RIGHT_ANKLE)),
        (int(Landmark.LEFT_HEEL), int(Landmark.RIGHT_HEEL)),
        (int(Landmark.LEFT_FOOT_INDEX), int(Landmark.RIGHT_FOOT_INDEX)),
    ]
    first = held(filmed, "Tendu a la seconde")
    swapped = slice(first, first + 4)
    for left, right in legs:
        image[swapped, [left, right]] = image[swapped, [right, left]]
    body = Body(image, world, filmed.times, filmed.width, filmed.height)
    doubted = np.isnan(body.visibility(body.left.knee.joints))
    assert doubted[swapped].all()
    assert doubted.sum() == 4
    assert not np.isnan(body.visibility(body.left.elbow.joints)).any()


def test_landmarks_that_leap_to_somebody_else_are_a_jump() -> None:
    image, world = film([Step("T-Pose")]).landmarks()
    image[40:, :, 0] += 0.3
    body = Body(image, world, np.arange(len(image)) / 30, 640, 480)
    assert np.flatnonzero(body.jumps).tolist() == [40]


def test_where_nobody_is_found_nothing_is_measured() -> None:
    image, world = film([Step("T-Pose")]).landmarks()
    image[10:20] = world[10:20] = np.nan
    body = Body(image, world, np.arange(len(image)) / 30, 640, 480)
    assert not body.present[10:20].any()
    assert body.present[:10].all()
    assert np.isnan(body.left.elbow.value[10:20]).all()
    assert np.isfinite(body.left.elbow.value[25:]).all()


def test_somebody_who_is_seen_for_a_moment_is_not_believed() -> None:
    image, world = film([Step("T-Pose")]).landmarks()
    image[10:20] = world[10:20] = np.nan
    image[28:40] = world[28:40] = np.nan
    body = Body(image, world, np.arange(len(image)) / 30, 640, 480)
    assert body.present[:10].all()
    assert not body.present[10:40].any()
    assert body.present[40:].all()


def test_landmarks_of_two_shapes_are_nobody() -> None:
    image, _ = film([Step("T-Pose")]).landmarks()
    _, other = film([Step("Squat")], yaw=60).landmarks()
    body = Body(image, other[: len(image)], np.arange(len(image)) / 30, 640, 480)
    assert not body.present[45]


def test_an_arm_behind_the_other_in_profile_is_seen_where_that_one_is() -> None:
    filmed = film([Step("Arms Overhead")], yaw=90)
    image, world = filmed.landmarks()
    image[:, Landmark.RIGHT_ELBOW, 3] = 0.03
    body = Body(image, world, filmed.times, filmed.width, filmed.height)
    assert body.visibility((Landmark.RIGHT_ELBOW,))[held(filmed, "Arms Overhead")] == 1


def test_an_arm_hidden_elsewhere_is_not_seen() -> None:
    filmed = film([Step("T-Pose")])
    image, world = filmed.landmarks()
    image[:, Landmark.RIGHT_ELBOW, 3] = 0.03
    body = Body(image, world, filmed.times, filmed.width, filmed.height)
    assert body.visibility((Landmark.RIGHT_ELBOW,))[held(filmed, "T-Pose")] < 0.1


@pytest.mark.parametrize("frame_rate", [12, 30, 60])
@pytest.mark.parametrize("start", [0.5, 0.517, 0.55])
def test_a_flight_is_timed_between_the_frames(frame_rate: float, start: float) -> None:
    clip = body_of(film([Step("T-Pose")], frame_rate=frame_rate)).clip
    share = (clip.times - start) / 0.6
    height = (2.0 * share * (1 - share)).astype(np.float32)
    (flight,) = clip.spells(height > 0.08, 0.9)
    above = 0.6 * np.sqrt(1 - 0.08 / 0.5)
    assert clip.seconds_above(height, 0.08, flight) == pytest.approx(above, abs=0.005)


SITTING = Leg((88.0, 62.0), (90.0, -75.0), (90.0, 60.0))
LYING = Leg((90.0, 0.0), (90.0, 0.0), (170.0, 0.0))
BACK = (-90.0, 0.0, 0.0)


@pytest.mark.parametrize("yaw", [0, 60, 90])
@pytest.mark.parametrize(
    ("posture", "height"),
    [
        (STAND, 1.0),
        (Posture(left_leg=SITTING, right_leg=SITTING), 0.0),
        (Posture(left_leg=LYING, right_leg=LYING, pelvis=BACK, chest=BACK, head=BACK), 0.0),
    ],
    ids=["standing", "sitting", "lying"],
)
def test_the_hips_are_above_the_feet_of_who_stands(
    posture: Posture, height: float, yaw: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = body_in(posture, monkeypatch, yaw)
    assert_allclose(body.hips_above_feet.value, height, atol=0.05)


def test_a_knee_that_bends_towards_the_camera_is_bent_though_the_image_shows_it_straight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bent = Leg((72.0, 0.0), (0.0, 0.0), (90.0, 0.0))
    body = body_in(Posture(left_leg=bent), monkeypatch)
    assert (body.left.knee.value > 160).all()
    assert_allclose(body.left.knee_bent.value, 108, atol=3)
    assert (body.left.knee_straight.value < 140).all()
    for knee in (body.right.knee_bent, body.right.knee_straight):
        assert_allclose(knee.value, body.right.knee.value)


def test_a_height_is_the_more_in_doubt_the_more_one_point_is_behind_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    raised = [Leg((30.0, azimuth), (30.0, azimuth)) for azimuth in (90.0, 60.0, 30.0, 0.0)]
    bodies = [body_in(Posture(left_leg=leg), monkeypatch) for leg in raised]
    doubts = [body.doubt(Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)[5] for body in bodies]
    assert doubts[0] == pytest.approx(0, abs=0.01)
    assert (np.diff(doubts) > 0.01).all()
    assert doubts[-1] == pytest.approx(0.42 / 0.48 * np.sin(np.radians(10)), abs=0.01)
