"""Groups of the drawn dancer: each is where its path says, before or behind the others."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytest

from dancer.drawing import Clothes
from dancer.figure import BUILDS, LANDMARKS
from dancer.film import film
from dancer.formations import CHILD, crossing, entering, row, sizes
from dancer.group import GroupFilm, Role, Waypoint, group
from dancer.scene import STUDIO

INDEX = {name: index for index, name in enumerate(LANDMARKS)}
T_POSE = [("T-Pose", None, 0.5)]
FORMATIONS: list[Callable[..., GroupFilm]] = [crossing, entering, sizes]
SMALL: Final[dict[str, Any]] = {"width": 320, "height": 180}


def middles(taken: GroupFilm, dancer: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Where the middle of the hips is across the picture, as a share of the width, (n,)."""
    image, _ = taken.dancers[dancer].landmarks()
    return np.asarray(image[:, [INDEX["left_hip"], INDEX["right_hip"]], 0].mean(axis=1))


def heights(taken: GroupFilm) -> list[float]:
    """From the nose to the heels in the first frame, as shares of the picture's height."""
    y = [each.landmarks()[0][0, :, 1] for each in taken.dancers]
    return [float(of[INDEX["left_heel"]] - of[INDEX["nose"]]) for of in y]


def test_one_dancer_in_a_group_is_drawn_as_in_a_film_of_its_own() -> None:
    solo = film([("Star", None, 0.2)], scale=0.5, frame_rate=5, scene=STUDIO)
    taken = group(
        [Role([("Star", None, 0.2)], clothes=Clothes())],
        width=640,
        height=480,
        frame_rate=5,
        distance=solo.camera.distance,
        scene=STUDIO,
    )
    assert len(taken) == len(solo)
    for ours, theirs in zip(taken.frames(), solo.frames(), strict=True):
        assert np.array_equal(ours, theirs)


def test_each_dancer_has_the_truth_of_its_own_score() -> None:
    taken = group([Role([("Tree", "left", 0.5)]), Role([("Star", None, 0.2), *T_POSE])])
    tree, star = (each.truth for each in taken.dancers)
    assert {("Tree", "left")} in tree
    assert {("Star", None)} in star
    assert {("Tree", "left")} not in star
    assert len(tree) == len(star) == len(taken)


def test_who_is_done_stands_until_the_others_are() -> None:
    taken = group([Role(T_POSE), Role([*T_POSE, *T_POSE])])
    done = len(film(T_POSE))
    _, world = taken.dancers[0].landmarks()
    assert not any(taken.dancers[0].truth[done:])
    np.testing.assert_allclose(world[done:], world[done - 1 : done].repeat(len(taken) - done, 0))


def test_a_mirrored_group_has_places_and_sides_exchanged() -> None:
    roles = [Role([("Tree", "left", 0.2)], at=(-1.0, 0.0)), Role(T_POSE, at=(1.0, 0.0))]
    plain, mirrored = (group(roles, mirrored=each, **SMALL) for each in (False, True))
    assert np.array_equal(next(mirrored.frames()), next(plain.frames())[:, ::-1])
    assert middles(mirrored, 0)[0] > 0.5 > middles(plain, 0)[0]
    assert {("Tree", "right")} in mirrored.dancers[0].truth


def test_a_dancer_glides_through_its_waypoints_without_a_jerk() -> None:
    path = [Waypoint(0.5, -1.0), Waypoint(1.5, 1.0)]
    taken = group([Role(T_POSE, at=(-1.0, 0.0), path=path)])
    place = middles(taken, 0)
    assert place[0] == pytest.approx(place[14], abs=1e-3)
    assert place[0] == pytest.approx(1 - place[-1], abs=0.01)
    assert (np.diff(place) > -1e-3).all()
    assert np.abs(np.diff(place, 2)).max() < 0.25 * np.diff(place).max()


def test_who_comes_nearer_is_larger_and_so_is_who_is_taller() -> None:
    taken = group([Role(T_POSE), Role(T_POSE, at=(0.0, 1.5)), Role(T_POSE, build=BUILDS["long"])])
    average, near, tall = heights(taken)
    assert near == pytest.approx(average * 7.0 / 5.5, rel=0.05)
    assert average < tall < near


def test_the_nearer_of_two_dancers_is_painted_over_the_farther() -> None:
    red, green = Clothes(top=(0, 0, 200)), Clothes(top=(0, 200, 0))
    for nearer, channel in ((0.5, 2), (-0.5, 1)):
        taken = group(
            [Role(T_POSE, at=(0.0, nearer), clothes=red), Role(T_POSE, clothes=green)],
            **SMALL,
        )
        image, _ = taken.dancers[1].landmarks()
        trunk = [INDEX[name] for name in ("left_shoulder", "right_hip")]
        x, y = image[0, trunk, :2].mean(axis=0) * (320, 180)
        assert next(taken.frames())[int(y), int(x)].argmax() == channel


def test_who_stands_behind_another_is_hidden_and_who_stands_beside_is_not() -> None:
    behind = Role(T_POSE, at=(0.0, -1.0))
    taken = group([behind, Role(T_POSE), Role(T_POSE, at=(2.0, 0.0))], frame_rate=5)
    assert taken.hidden.shape == (3, len(taken))
    assert (taken.hidden[0] > 0.6).all()
    assert (taken.hidden[1:] < 0.1).all()
    assert not taken.alone(0).hidden.any()


def test_who_is_outside_of_the_picture_is_not_in_view_and_hides_nobody() -> None:
    outside = Role(T_POSE, at=(6.0, 1.0), path=[Waypoint(1.0, 0.0, 1.0)])
    taken = group([Role(T_POSE), outside], frame_rate=10)
    assert taken.in_view[0].all()
    assert not taken.in_view[1, 0]
    assert taken.in_view[1, -1]
    assert taken.hidden[0, 0] == 0 < taken.hidden[0, -1]
    assert not taken.hidden[1].any()


def test_alone_a_dancer_is_the_same_at_the_same_place() -> None:
    taken = row(3, frame_rate=5, **SMALL)
    alone = taken.alone(2)
    assert len(alone.dancers) == 1
    assert alone.dancers[0].truth == taken.dancers[2].truth
    assert np.array_equal(middles(alone, 0), middles(taken, 2))
    together, single = next(taken.frames()), next(alone.frames())
    assert np.array_equal(together[:, 230:], single[:, 230:])
    assert (single[:, :150] == taken.dancers[0].clothes.background).all()


def test_dancers_are_dressed_differently_unless_they_are_to_be_alike() -> None:
    for n in range(2, 6):
        different, alike = (
            {each.clothes for each in row(n, frame_rate=5, alike=same).dancers}
            for same in (False, True)
        )
        assert len(different) == n
        assert len(alike) == 1


def test_shadows_fall_from_every_dancer() -> None:
    roles = [Role(T_POSE, at=(-1.0, 0.0)), Role(T_POSE, at=(1.0, 0.0))]
    still = replace(STUDIO, noise=0.0, dusk=0.0)
    lit, shaded = (
        next(group(roles, scene=scene).frames()).astype(int)
        for scene in (replace(still, shadow=0.0), still)
    )
    darker = (lit - shaded).max(axis=2) > 20
    assert darker[:, :480].any()
    assert darker[:, 480:].any()


def test_a_group_is_written_as_a_video(tmp_path: Path) -> None:
    taken = row(2, frame_rate=5, **SMALL)
    taken.write(tmp_path / "row.mp4")
    video = cv2.VideoCapture(str(tmp_path / "row.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == len(taken)


def test_a_path_that_goes_back_in_time_or_into_the_camera_is_refused() -> None:
    with pytest.raises(ValueError, match="one after the other"):
        group([Role(T_POSE, path=[Waypoint(1.0, 0.0), Waypoint(0.5, 1.0)])])
    with pytest.raises(ValueError, match="from the camera"):
        group([Role(T_POSE, at=(0.0, 6.0))])


def test_a_row_has_two_to_five_dancers_who_do_not_hide_each_other() -> None:
    for n in range(2, 6):
        taken = row(n, frame_rate=3)
        assert taken.in_view.shape == (n, len(taken))
        assert taken.in_view.all()
        assert taken.hidden.max() < 0.05
    for n in (1, 6):
        with pytest.raises(ValueError, match="2 to 5"):
            row(n)


@pytest.mark.parametrize("formation", FORMATIONS)
def test_a_formation_lasts_six_to_ten_seconds_with_poses_for_everybody(
    formation: Callable[..., GroupFilm],
) -> None:
    taken = formation(frame_rate=10)
    assert 6 < taken.times[-1] < 10
    for each in taken.dancers:
        assert sum(map(bool, each.truth)) > len(taken) / 4


def test_at_a_crossing_one_is_hidden_twice_and_seen_before_between_and_after() -> None:
    front, back, aside = crossing(frame_rate=15).hidden
    assert not front.any()
    assert not aside.any()
    edges = np.flatnonzero(np.diff((back > 0.5).astype(int)))
    assert len(edges) == 4
    assert back[[0, len(back) // 2, -1]].max() < 0.05


def test_one_enters_and_another_leaves_and_comes_back() -> None:
    stays, returns, enters = entering(frame_rate=10).in_view.astype(int)
    assert stays.all()
    assert returns[0] == returns[-1] == 1
    assert np.diff(returns).tolist().count(-1) == 1
    assert (enters[0], enters[-1]) == (0, 1)
    assert np.diff(enters).tolist().count(1) == 1


def test_a_child_is_smaller_and_who_is_near_is_larger() -> None:
    child, average, near = heights(sizes(frame_rate=5))
    assert child < 0.8 * average
    assert near > 1.2 * average
    assert 1.1 < CHILD.standing_height < 1.3
