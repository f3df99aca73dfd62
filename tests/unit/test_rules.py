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


def arms(left: Arm, right: Arm | None = None) -> Posture:
    """Upright, with the arms so; the right like the left if it isn't given."""
    return replace(STAND, left_arm=left, right_arm=right or left)


def posture_of(pose: str) -> Posture:
    """How the repertoire strikes a pose."""
    return REPERTOIRE[pose].perform(1)[0].posture


def bump(filmed: Film, height: float, seconds: float, start: float = 1.0) -> NDArray[np.float64]:
    """(n,) a rise and fall like that of a ball, in torso lengths, from `start` in a film."""
    share = (filmed.times - start) / seconds
    return np.asarray(4 * height * np.clip(share * (1 - share), 0, None))


def trembling(filmed: Film, tremor: float, start: float) -> NDArray[np.float64]:
    """(n,) a rise for half a second that trembles so many times a second, in torso lengths."""
    since = filmed.times - start
    lowered = np.clip(since / 0.1, 0, 1) * np.clip((0.55 - since) / 0.1, 0, 1)
    rise: NDArray[np.float64] = lowered * (0.4 + 0.15 * np.sin(2 * np.pi * tremor * since))
    return rise


def flat(toes: float = 12.0, apart: float = 2.5) -> Leg:
    """A straight leg on the floor, turned out and away from the other one by degrees."""
    return Leg((apart, 90.0), (apart, 90.0), (90.0, toes))


LEVEL = Arm((90.0, 90.0), (90.0, 90.0))
UP = Arm((176.0, 90.0), (176.0, 90.0))
EVERY_POSE = [pose.name for pose in catalogue()]


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
    assert found(film([Step("Saute")]), "Saute") == {"Saute"}
    standing = film([Step("Hands on Hips", None, 1.5)])
    for seconds in (0.24, 0.5, 0.85):
        assert found(standing, "Saute", rise=bump(standing, 0.3, seconds)) == set()


def rising_from_a_plie(monkeypatch: pytest.MonkeyPatch) -> Film:
    """A film that begins with bent knees; after 0.35 seconds the dancer stands."""
    plie = REPERTOIRE["Demi-Plie"].perform(1)[0].posture
    keys = (Key(0.0, plie), Key(0.2, plie), Key(0.15, STAND), Key(1.2, STAND))
    rising = Pose("rising", lambda _turns: keys, False, (0.0,), ())
    monkeypatch.setitem(REPERTOIRE, rising.name, rising)
    return film([Step(rising.name)], rest=None)


@pytest.mark.parametrize(("seconds", "names"), [(0.24, set()), (0.5, {"Saute"}), (0.85, set())])
def test_a_jump_takes_as_long_as_its_height_asks(
    seconds: float, names: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filmed = rising_from_a_plie(monkeypatch)
    assert found(filmed, "Saute", rise=bump(filmed, 0.3, seconds, start=0.4)) == names


def test_a_camera_that_trembles_over_a_dancer_who_bends_is_no_jump(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filmed = rising_from_a_plie(monkeypatch)
    assert found(filmed, "Saute", rise=trembling(filmed, 5.0, start=0.4)) == set()


@pytest.mark.parametrize("yaw", [65, -65, 90])
def test_a_leap_that_turns_by_half_is_no_grand_jete(
    yaw: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    leap = REPERTOIRE["Grand Jete"].perform(1)
    for half, names in ((0.0, {"Grand Jete"}), (180.0, {"Jete en Tournant"})):
        turns = np.clip((np.arange(len(leap)) - 2) / 6, 0, 1) * half
        keys = tuple(replace(key, turn=float(turn)) for key, turn in zip(leap, turns, strict=True))
        leaping = performed(keys, yaw, monkeypatch)
        assert found(leaping, "Grand Jete", "Jete en Tournant") == names


def performed(keys: tuple[Key, ...], yaw: float, monkeypatch: pytest.MonkeyPatch) -> Film:
    """A film of a movement of one's own, the left side working."""
    own = Pose("own", lambda _turns: keys, True, (yaw,), ())
    monkeypatch.setitem(REPERTOIRE, own.name, own)
    return film([Step(own.name, "left")], yaw=yaw)


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
    assert found(film([Step(walk.name)], yaw=yaw, rest=None), *EVERY_POSE) == set()


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


@pytest.mark.parametrize("yaw", [0, 25, -25])
def test_who_sits_on_the_floor_with_the_soles_together_makes_no_pose(
    yaw: float, strike: Strike
) -> None:
    folded = Leg((88.0, 62.0), (90.0, -75.0), (90.0, 60.0))
    for pose in ("Second (arms)", "En Avant", "En Haut"):
        sitting = replace(posture_of(pose), left_leg=folded, right_leg=folded)
        assert found(strike(sitting, yaw=yaw), *EVERY_POSE) <= {"Kneel", "Splits", "Freeze"}


@pytest.mark.parametrize("yaw", [0, 25, -25, 65])
@pytest.mark.parametrize("leg", [(90.0, 0.0), (130.0, 0.0), (170.0, 0.0)])
def test_who_lies_on_the_back_makes_no_pose(
    leg: tuple[float, float], yaw: float, strike: Strike
) -> None:
    back = (-90.0, 0.0, 0.0)
    stretched, raised = Leg((90.0, 0.0), (90.0, 0.0), (170.0, 0.0)), Leg(leg, leg, (170.0, 0.0))
    lying = Posture(LEVEL, LEVEL, raised, stretched, pelvis=back, chest=back, head=back)
    rounded = posture_of("En Avant").left_arm
    held_up = replace(lying, left_arm=rounded, right_arm=rounded, right_leg=raised)
    for posture in (lying, held_up):
        assert found(strike(posture, yaw=yaw), *EVERY_POSE) <= {"Kneel", "Splits", "Freeze"}


SIDEWAYS = Posture(
    LEVEL,
    LEVEL,
    Leg((90.0, 88.0), (90.0, 88.0), (90.0, 30.0)),
    Leg((2.0, -90.0), (2.0, -90.0)),
    pelvis=(0.0, -75.0, 0.0),
    chest=(0.0, -95.0, 0.0),
    head=(0.0, -90.0, 0.0),
)
"""One leg raised level to the side, the trunk level too, a hand on the floor."""

ON_ONE_LEG = ("Warrior III", "Layout", "Tilt", "Balance")


@pytest.mark.parametrize("yaw", [-65, -80, 110])
def test_a_balance_forwards_with_the_hands_near_the_floor_is_a_half_moon(
    yaw: float, strike: Strike
) -> None:
    balancing = replace(posture_of("Warrior III"), pelvis=(88.0, 0.0, 0.0), chest=(95.0, 0.0, 0.0))
    down = Arm((90.0, 0.0), (90.0, 0.0))
    assert found(strike(balancing, yaw=yaw), *ON_ONE_LEG) == {"Warrior III", "Balance"}
    leaning = replace(balancing, left_arm=down, right_arm=down)
    assert found(strike(leaning, yaw=yaw), *ON_ONE_LEG) == set()


@pytest.mark.parametrize("yaw", [0, 25, -25, 50])
def test_a_balance_sideways_with_a_hand_on_the_floor_is_a_half_moon(
    yaw: float, strike: Strike
) -> None:
    assert found(strike(SIDEWAYS, yaw=yaw), *ON_ONE_LEG) == set()
    free = replace(SIDEWAYS, right_arm=Arm((0.0, 90.0), (0.0, 90.0)))
    assert "Balance" in found(strike(free, yaw=yaw), *ON_ONE_LEG)


def test_wide_legs_whose_knees_bend_towards_the_camera_make_no_star(strike: Strike) -> None:
    level = Arm((100.0, 90.0), (100.0, 90.0))
    bent = Leg((42.0, 22.0), (42.0, 158.0), (90.0, 20.0))
    straight = Leg((21.0, 90.0), (21.0, 90.0), (90.0, 20.0))
    assert found(strike(both(level, straight)), "Star") == {"Star"}
    assert found(strike(both(level, bent)), "Star") == set()


@pytest.mark.parametrize("direction", [0, 10, 20])
def test_warrior_2_is_found_though_its_knee_bends_towards_the_camera(
    direction: float, strike: Strike
) -> None:
    bent = Leg((72.0, direction), (0.0, 0.0), (90.0, direction))
    lunging = replace(posture_of("Warrior II"), left_leg=bent)
    assert found(strike(lunging), "Warrior II") == {"Warrior II"}


@pytest.mark.parametrize("yaw", [0, 25, -25])
@pytest.mark.parametrize(
    "lunging",
    [
        Posture(UP, left_leg=Leg((72.0, 60.0), (10.0, -120.0)), right_leg=flat(45.0, apart=50.0)),
        Posture(
            UP,
            left_leg=Leg((100.0, 50.0), (40.0, -130.0), (90.0, 50.0)),
            right_leg=Leg((70.0, 88.0), (70.0, 88.0), (120.0, 60.0)),
            pelvis=(20.0, 0.0, 0.0),
            chest=(20.0, 0.0, 0.0),
        ),
        Posture(
            left_leg=Leg((88.0, 5.0), (2.0, 0.0), (90.0, 5.0)),
            right_leg=Leg((45.0, 178.0), (88.0, 178.0), (60.0, 178.0)),
        ),
    ],
    ids=["to the side", "deep to the side", "with the back knee near the floor"],
)
def test_a_lunge_leads_to_the_side_or_back_high_or_low(
    lunging: Posture, yaw: float, strike: Strike
) -> None:
    assert found(strike(lunging, yaw=yaw), "Lunge", "Goddess", "Squat") == {"Lunge"}


@pytest.mark.parametrize("yaw", [0, -25])
@pytest.mark.parametrize("thigh", [(54.0, 66.0), (45.0, 90.0)])
def test_a_goddess_does_not_lunge_though_one_knee_is_bent_more(
    thigh: tuple[float, float], yaw: float, strike: Strike
) -> None:
    uneven = replace(posture_of("Goddess"), right_leg=Leg(thigh, (4.0, -90.0), (90.0, 62.0)))
    assert found(strike(uneven, yaw=yaw), "Goddess", "Lunge") == {"Goddess"}


@pytest.mark.parametrize("yaw", [0, 25, -25, 50])
@pytest.mark.parametrize("level", [(90.0, 85.0), (86.0, 70.0)])
def test_one_arm_high_and_hardly_curved_the_other_level_is_third(
    level: tuple[float, float], yaw: float, strike: Strike
) -> None:
    curved, aside = Arm((155.0, 90.0), (165.0, -80.0)), Arm((90.0, 88.0), level)
    names = ("Third (arms)", "Second (arms)", "T-Pose", "Arms V")
    assert found(strike(arms(curved, aside), yaw=yaw), *names) == {"Third (arms)"}


@pytest.mark.parametrize("yaw", [0, 25, -25, 40])
@pytest.mark.parametrize(
    ("arm", "names"),
    [
        (LEVEL, {"T-Pose"}),
        (Arm((86.0, 88.0), (86.0, 80.0)), {"T-Pose"}),
        (Arm((76.0, 88.0), (76.0, 80.0)), {"Second (arms)"}),
        (Arm((66.0, 88.0), (66.0, 80.0)), {"Second (arms)"}),
        (Arm((90.0, 0.0), (90.0, 0.0)), set()),
        (Arm((90.0, 30.0), (90.0, 30.0)), set()),
        (Arm((90.0, 45.0), (90.0, 45.0)), set()),
    ],
)
def test_level_arms_are_a_t_and_sloping_ones_second_and_those_in_front_neither(
    arm: Arm, names: set[str], yaw: float, strike: Strike
) -> None:
    assert found(strike(arms(arm), yaw=yaw), "T-Pose", "Second (arms)") == names


@pytest.mark.parametrize("yaw", [0, 25, -25])
def test_hands_pressed_together_are_no_folded_arms(yaw: float, strike: Strike) -> None:
    folded = posture_of("B-Boy Stance")
    pressed = Arm((55.0, 25.0), (95.0, -96.0))
    assert found(strike(folded, yaw=yaw), "B-Boy Stance") == {"B-Boy Stance"}
    praying = replace(folded, left_arm=pressed, right_arm=pressed)
    assert found(strike(praying, yaw=yaw), "B-Boy Stance") == set()


@pytest.mark.parametrize("yaw", [0, 20, -20])
def test_arms_overhead_carry_a_side_bend_on(yaw: float, strike: Strike) -> None:
    bend = (0.0, 33.0, 0.0)
    for arm, names in ((Arm(), set()), (posture_of("En Haut").left_arm, {"Cambre"})):
        bending = replace(both(arm), chest=bend, head=bend)
        assert found(strike(bending, yaw=yaw), "Cambre") == names


@pytest.mark.parametrize("yaw", [-65, -45, 65])
@pytest.mark.parametrize(
    ("tilt", "leg", "left", "right"),
    [
        (
            70,
            Leg((135.0, 178.0), (130.0, 0.0), (150.0, 5.0)),
            Arm((68.0, 195.0), (56.0, 187.0)),
            Arm((120.0, 4.0), (120.0, 2.0)),
        ),
        (
            70,
            Leg((147.0, 178.0), (121.0, 0.0), (150.0, 5.0)),
            Arm((120.0, 4.0), (120.0, 2.0)),
            Arm((88.0, 238.0), (72.0, 184.0)),
        ),
        (
            50,
            Leg((150.0, 178.0), (121.0, 0.0), (150.0, 5.0)),
            Arm((120.0, 4.0), (120.0, 2.0)),
            Arm((52.0, 234.0), (133.0, 209.0)),
        ),
    ],
    ids=["by its own hand", "by the other hand", "half upright by the other hand"],
)
def test_a_dancer_may_lean_far_and_hold_the_foot_with_either_hand(
    tilt: float, leg: Leg, left: Arm, right: Arm, yaw: float, strike: Strike
) -> None:
    under = posture_of("Dancer").right_leg
    pelvis, chest = (tilt + 5, 0.0, 0.0), (tilt - 5, 0.0, 0.0)
    held = Posture(left, right, leg, under, pelvis, chest)
    assert found(strike(held, yaw=yaw), "Dancer") == {"Dancer"}
    let_go = replace(held, left_arm=Arm((120.0, 4.0)), right_arm=Arm((120.0, 4.0)))
    assert found(strike(let_go, yaw=yaw), "Dancer") == set()


@pytest.mark.parametrize("pitch", [10, -10])
@pytest.mark.parametrize("yaw", [65, -65])
@pytest.mark.parametrize("pose", ["Tendu devant", "Tendu derriere", "Degage devant"])
def test_a_leg_stretched_to_the_floor_is_found_by_a_camera_that_looks_up_or_down(
    pose: str, yaw: float, pitch: float
) -> None:
    assert found(film([Step(pose, "left")], yaw=yaw, pitch=pitch), pose) == {pose}


@pytest.mark.parametrize("pitch", [10, -10])
@pytest.mark.parametrize("yaw", [45, 65])
def test_a_lunge_is_found_by_a_camera_that_looks_up_or_down(yaw: float, pitch: float) -> None:
    assert found(film([Step("Lunge", "left")], yaw=yaw, pitch=pitch), "Lunge") == {"Lunge"}


@pytest.mark.parametrize("frames", [6, 10, 15])
def test_legs_taken_for_each_other_for_a_moment_are_no_grand_battement(frames: int) -> None:
    held = film([Step("Arabesque", "left", 2.0)], yaw=-65)
    image, world = held.landmarks()
    taken, legs = slice(45, 45 + frames), [25, 26, 27, 28, 29, 30, 31, 32]
    others = [26, 25, 28, 27, 30, 29, 32, 31]
    for landmarks in (image, world):
        landmarks[taken, legs] = landmarks[taken, others]
    timeline = Timeline(select(["Grand Battement"]), width=held.width, height=held.height)
    timeline.add(image, world, held.times)
    timeline.finish()
    assert timeline.holds == []


@pytest.mark.parametrize(
    ("seconds", "names"),
    [(0.0, {"Grand Battement"}), (0.2, {"Grand Battement"}), (0.45, set()), (1.0, set())],
)
def test_a_leg_thrown_up_that_stays_there_is_no_grand_battement(
    seconds: float, names: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, brushed, thrown, *down = REPERTOIRE["Grand Battement"].perform(1)
    stays = (replace(thrown, seconds=seconds),) if seconds else ()
    keys = (first, brushed, thrown, *stays, *down)
    monkeypatch.setitem(REPERTOIRE, "up", Pose("up", lambda _turns: keys, False, (0.0,), ()))
    assert found(film([Step("up")]), "Grand Battement") == names


@pytest.mark.parametrize("tremor", [5.0, 6.0])
def test_a_camera_that_trembles_as_it_is_lowered_is_no_jump(tremor: float) -> None:
    standing = film([Step("Hands on Hips", None, 1.5)])
    assert found(standing, "Saute", rise=trembling(standing, tremor, start=1.0)) == set()


@pytest.mark.parametrize("changes", [False, True])
def test_the_same_leg_supports_a_whole_pirouette(
    changes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    turning = REPERTOIRE["Pirouette"].perform(1)
    start, shape, end = turning[:3], turning[4].posture, turning[-2:]
    both_feet = posture_of("En Avant")
    course = [
        *((angle, shape) for angle in (45.0, 90.0, 135.0, 180.0)),
        (210.0, both_feet),
        *((angle, shape.mirrored() if changes else shape) for angle in (285.0, 330.0)),
    ]
    keys = (*start, *(Key(0.1, posture, angle) for angle, posture in course), *end)
    own = Pose("round", lambda _turns: keys, False, (0.0,), ())
    monkeypatch.setitem(REPERTOIRE, own.name, own)
    names = {"Turn"} if changes else {"Turn", "Pirouette"}
    assert found(film([Step(own.name)]), "Turn", "Pirouette") == names


@pytest.mark.parametrize("yaw", [-65, 65, 45])
@pytest.mark.parametrize("side", ["left", "right"])
def test_half_a_turn_in_the_air_tells_jete_en_tournant_from_grand_jete(
    side: Side, yaw: float
) -> None:
    for leap in ("Jete en Tournant", "Grand Jete"):
        leaping = film([Step(leap, side)], yaw=yaw)
        assert found(leaping, "Jete en Tournant", "Grand Jete") == {leap}
