"""What the rules ask for: what is a pose to them, and what people do that only looks like one."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from analyzer.holds import Timeline
from analyzer.poses import catalogue, select
from dancer.figure import Arm, Leg, Posture, Side
from dancer.film import Film, Step, film
from dancer.repertoire import REPERTOIRE, STAND, Key, Pose

Strike = Callable[..., Film]


@pytest.fixture
def strike(monkeypatch: pytest.MonkeyPatch) -> Iterator[Strike]:
    """Films a posture that is none of the repertoire, held for a second and a half."""

    def struck(posture: Posture, yaw: float = 0.0, pitch: float = 0.0) -> Film:
        keys = (Key(0.0, posture), Key(1.5, posture))
        own = Pose("as it is", lambda _turns: keys, False, (yaw,), ())
        monkeypatch.setitem(REPERTOIRE, own.name, own)
        return film([Step(own.name)], yaw=yaw, pitch=pitch)

    yield struck


def found(filmed: Film, *names: str, rise: NDArray[np.float64] | None = None) -> set[str]:
    """The named poses that are held in a film, whose picture rises by (n,) torso lengths."""
    image, world = filmed.landmarks()
    if rise is not None:
        torso = image[0, 23:25, 1].mean() - image[0, 11:13, 1].mean()
        image[:, :, 1] -= (rise * torso)[:, None].astype(np.float32)
    timeline = Timeline(select(names), width=filmed.width, height=filmed.height)
    timeline.add(image, world, filmed.times)
    timeline.finish()
    return {hold.pose for hold in timeline.holds}


def bump(filmed: Film, height: float, seconds: float, start: float = 1.0) -> NDArray[np.float64]:
    """(n,) a rise and fall like that of a ball, in torso lengths, from `start` in a film."""
    share = (filmed.times - start) / seconds
    return np.asarray(4 * height * np.clip(share * (1 - share), 0, None))


def flat(toes: float = 12.0, apart: float = 2.5) -> Leg:
    """A straight leg on the floor, turned out and away from the other one by degrees."""
    return Leg((apart, 90.0), (apart, 90.0), (90.0, toes))


def both(arm: Arm = Arm(), leg: Leg = flat()) -> Posture:  # noqa: B008 - frozen
    """The same arm and the same leg on either side."""
    return Posture(arm, arm, leg, leg)


def test_arms_that_hang_are_not_on_the_hips(strike: Strike) -> None:
    hanging = strike(both(Arm((15.0, 90.0), (46.0, 0.0))))
    assert found(hanging, "Hands on Hips", "Samapadam") == set()
    assert found(film([Step("Hands on Hips", None, 1.0)]), "Hands on Hips") == {"Hands on Hips"}


def test_hands_clasped_before_the_belly_are_not_en_avant(strike: Strike) -> None:
    clasped = strike(both(Arm((24.0, 50.0), (68.0, -46.0))))
    assert found(clasped, "En Avant") == set()
    assert found(film([Step("En Avant", None, 1.0)]), "En Avant") == {"En Avant"}


@pytest.mark.parametrize(("toes", "names"), [(35.0, set()), (70.0, {"Second Position (feet)"})])
def test_a_wide_stand_is_second_position_when_the_feet_are_turned_out(
    toes: float, names: set[str], strike: Strike
) -> None:
    standing = strike(both(leg=flat(toes, apart=9.0)))
    assert found(standing, "Second Position (feet)") == names


def test_a_v_may_be_a_little_curved_and_is_told_by_where_the_hands_are(strike: Strike) -> None:
    curved = strike(both(Arm((100.0, 90.0), (135.0, 90.0))))
    assert found(curved, "Arms V", "T-Pose") == {"Arms V"}


def test_a_picture_that_shakes_is_no_jump() -> None:
    standing = film([Step("Hands on Hips", None, 1.5)])
    assert found(standing, "Saute", rise=bump(standing, 0.3, 0.5)) == {"Saute"}
    assert found(standing, "Saute", rise=bump(standing, 0.3, 0.24)) == set()
    assert found(standing, "Saute", rise=bump(standing, 0.3, 0.85)) == set()


def test_a_hop_on_one_foot_is_no_jump_from_both() -> None:
    hopping = film([Step("Coupe", "left", 0.5)])
    assert found(hopping, "Saute", rise=bump(hopping, 0.3, 0.5, start=1.66)) == set()


def test_feet_that_cross_in_a_step_are_no_coupe() -> None:
    assert found(film([Step("Coupe", "left", 0.6)], transition=0.2), "Coupe") == {"Coupe"}
    assert found(film([Step("Coupe", "left", 0.05)], transition=0.2), "Coupe") == set()


def test_a_stand_with_the_feet_a_little_apart_is_no_tendu(strike: Strike) -> None:
    apart = Leg((17.0, 180.0), (17.0, 180.0), (90.0, 20.0))
    standing = strike(Posture(left_leg=apart), yaw=-50, pitch=12)
    assert found(standing, "Tendu derriere") == set()


def test_a_foot_whose_toes_rest_on_the_floor_makes_no_balance(strike: Strike) -> None:
    resting = Leg((25.0, 177.0), (37.0, 177.0), (12.0, 177.0))
    assert found(strike(Posture(left_leg=resting), yaw=-65), "Balance") == set()
    assert found(film([Step("Balance", "left", 1.5)], yaw=-65), "Balance") == {"Balance"}


@pytest.mark.parametrize("yaw", [0, 60])
def test_who_sits_on_a_chair_does_not_squat(yaw: float, strike: Strike) -> None:
    sitting = Leg((85.0, 8.0), (0.0, 0.0), (90.0, 8.0))
    assert found(strike(both(leg=sitting), yaw=yaw), "Squat") == set()
    assert found(film([Step("Squat", None, 1.0)], yaw=yaw), "Squat") == {"Squat"}


def test_a_leg_is_raised_to_the_side_over_a_bent_one_too(strike: Strike) -> None:
    raised, bent = Leg((92.0, 84.0), (92.0, 84.0), (100.0, 84.0)), Leg((35.0, 40.0), (35.0, 220.0))
    bending = strike(Posture(left_leg=raised, right_leg=bent, chest=(0.0, -18.0, 0.0)))
    assert found(bending, "A la Seconde en l'air") == {"A la Seconde en l'air"}


@pytest.mark.parametrize(("lean", "names"), [(33.0, set()), (45.0, {"Cambre"})])
def test_who_leans_a_little_makes_no_cambre(lean: float, names: set[str], strike: Strike) -> None:
    leaning = both(leg=flat())
    assert found(strike(replace(leaning, chest=(0.0, lean, 0.0))), "Cambre") == names


def test_a_body_that_sways_is_bent_three_ways_when_it_shows(strike: Strike) -> None:
    hips_out = replace(STAND, left_leg=Leg((12.0, -90.0), (12.0, -90.0)), pelvis=(0.0, -3.0, 0.0))
    swaying = replace(hips_out, chest=(0.0, -6.0, 0.0), head=(0.0, 12.0, 0.0))
    assert found(strike(swaying), "Tribhanga") == set()
    assert found(film([Step("Tribhanga", "left", 1.0)]), "Tribhanga") == {"Tribhanga"}


@pytest.mark.parametrize(("apart", "names"), [(5.5, {"T-Pose"}), (13.0, set())])
def test_a_t_pose_may_stand_as_wide_as_the_shoulders(
    apart: float, names: set[str], strike: Strike
) -> None:
    standing = strike(both(Arm((90.0, 90.0), (90.0, 90.0)), flat(apart=apart)))
    assert found(standing, "T-Pose") == names


@pytest.mark.parametrize(
    ("raised", "names"), [(170.0, {"Arms Overhead"}), (155.0, {"Arms V"}), (120.0, {"Arms V"})]
)
def test_straight_raised_arms_are_overhead_or_a_v(
    raised: float, names: set[str], strike: Strike
) -> None:
    arm = Arm((raised, 90.0), (raised, 90.0))
    assert found(strike(both(arm)), "Arms Overhead", "Arms V", "En Haut") == names


def test_a_leap_with_half_a_turn_is_jete_en_tournant() -> None:
    names = ("Jete en Tournant", "Saute", "Pirouette")
    leaping = film([Step("Jete en Tournant", "right")], yaw=65)
    assert found(leaping, *names) == {"Jete en Tournant"}
    assert found(film([Step("Grand Jete", "left")], yaw=65), "Jete en Tournant") == set()
    assert found(film([Step("Pirouette", "left")]), "Jete en Tournant") == set()


@pytest.mark.parametrize("yaw", [0, 45, 90, 135, 180, 225, 270, 315])
def test_who_walks_makes_no_pose(yaw: float, monkeypatch: pytest.MonkeyPatch) -> None:
    forward, back = Arm((22.0, 10.0), (38.0, 5.0)), Arm((20.0, 170.0), (10.0, 150.0))
    apart = Posture(
        back,
        forward,
        Leg((24.0, 0.0), (18.0, 0.0), (98.0, 8.0)),
        Leg((16.0, 180.0), (34.0, 180.0), (60.0, 8.0)),
    )
    passing = Posture(
        left_leg=Leg((4.0, 0.0), (2.0, 180.0), (90.0, 8.0)),
        right_leg=Leg((24.0, 0.0), (36.0, 180.0), (70.0, 8.0)),
    )
    stride = (apart, passing, apart.mirrored(), passing.mirrored())
    keys = tuple(Key(0.27 if step else 0.0, stride[step % 4]) for step in range(17))
    walk = Pose("walk", lambda _turns: keys, False, (yaw,), ())
    monkeypatch.setitem(REPERTOIRE, walk.name, walk)
    names = [pose.name for pose in catalogue()]
    assert found(film([Step(walk.name)], yaw=yaw, rest=None), *names) == set()


def test_a_foot_behind_is_no_coupe_and_a_raised_heel_no_demi_plie(strike: Strike) -> None:
    behind = Leg((16.0, 80.0), (46.0, -155.0), (24.0, -160.0))
    resting = Posture(left_leg=behind, right_leg=Leg((5.0, -90.0), (5.0, -90.0)))
    assert found(strike(resting), "Coupe") == set()
    bent = Leg((24.0, 60.0), (26.0, -120.0), (90.0, 60.0))
    raised = Leg((31.0, 60.0), (41.0, -120.0), (20.0, -130.0))
    assert found(strike(both(leg=bent)), "Demi-Plie") == {"Demi-Plie"}
    assert found(strike(Posture(left_leg=bent, right_leg=raised)), "Demi-Plie") == set()


def test_the_stretched_arm_of_a_dab_points_up(strike: Strike) -> None:
    dab = REPERTOIRE["Dab"].perform(1)[0].posture
    level = Arm((95.0, 82.0), (95.0, 82.0))
    assert found(strike(dab), "Dab") == {"Dab"}
    assert found(strike(replace(dab, right_arm=level)), "Dab") == set()


@pytest.mark.parametrize(
    ("pose", "side", "yaw", "unlike"),
    [
        ("Grand Plie", None, 30, "Demi-Plie"),
        ("Muzhumandi", None, 30, "Kneel"),
        ("Demi-Plie", None, 0, "Squat"),
        ("Squat", None, 40, "Demi-Plie"),
        ("Goddess", None, 0, "Lunge"),
        ("Lunge", "left", 65, "Goddess"),
        ("Warrior I", "left", 50, "Goddess"),
        ("B-Boy Stance", None, 0, "En Avant"),
        ("En Avant", None, 20, "B-Boy Stance"),
        ("Passe", "left", 25, "Tree"),
        ("Tree", "left", 0, "Passe"),
        ("Tilt", "left", 20, "Arabesque Penchee"),
        ("Arabesque Penchee", "left", -60, "Tilt"),
        ("Tendu devant", "left", 50, "Degage devant"),
        ("Natyarambhe (arms)", None, 30, "Second (arms)"),
        ("Second (arms)", None, 30, "Natyarambhe (arms)"),
    ],
)
def test_a_camera_that_looks_down_tells_a_pose_from_one_like_it(
    pose: str, side: Side | None, yaw: float, unlike: str
) -> None:
    filmed = film([Step(pose, side, 1.0)], yaw=yaw, pitch=8)
    assert found(filmed, pose, unlike) == {pose}


def test_warrior_2_is_told_by_its_spread_though_the_body_seems_turned() -> None:
    turned = film([Step("Warrior II", "left", 1.0)], yaw=50)
    assert found(turned, "Warrior II") == {"Warrior II"}


def test_who_sits_with_crossed_legs_does_not_dance_nataraja(strike: Strike) -> None:
    crossed = Leg((92.0, 10.0), (72.0, -75.0), (50.0, -60.0))
    under = Leg((70.0, 20.0), (20.0, 200.0), (90.0, 20.0))
    sitting = strike(Posture(left_leg=crossed, right_leg=under))
    assert found(sitting, "Nataraja") == set()
    assert found(film([Step("Nataraja", "left", 1.0)]), "Nataraja") == {"Nataraja"}


def test_what_moved_before_the_clip_began_is_not_known_to_have_stopped_dead() -> None:
    taken = film([Step("Freeze")])
    whole = found(taken, "Freeze")
    assert whole == {"Freeze"}
    image, world = taken.landmarks()
    frozen = next(number for number, truth in enumerate(taken.truth) if ("Freeze", None) in truth)
    for before in (2, 4, 8):
        begin = frozen - before
        timeline = Timeline(select(["Freeze"]), width=taken.width, height=taken.height)
        timeline.add(image[begin:], world[begin:], taken.times[begin:] - taken.times[begin])
        timeline.finish()
        assert not timeline.holds
