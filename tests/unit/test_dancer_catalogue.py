"""The catalogue of poses, POSES.md with its drawings, is that of the registered poses."""

from analyzer.poses import catalogue
from dancer.catalogue import DOCUMENT, DRAWINGS, document, drawings
from dancer.illustration import illustration
from dancer.repertoire import REPERTOIRE

RENEW = "renew it with: python -m dancer.catalogue"


def test_the_dancer_strikes_every_pose_of_the_catalogue_on_its_sides() -> None:
    ours = [pose for pose in catalogue() if pose.rule.__module__.startswith("analyzer.poses.")]
    assert {pose.name: pose.sided for pose in ours} == {
        pose.name: pose.sides for pose in REPERTOIRE.values()
    }


def test_the_page_of_poses_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), RENEW


def test_the_drawings_are_current() -> None:
    drawn = {file.name: file.read_text(encoding="utf-8") for file in DRAWINGS.iterdir()}
    assert drawn == drawings(), RENEW


def test_every_drawing_is_small_and_of_its_own() -> None:
    pictures = [illustration(name) for name in REPERTOIRE]
    assert len(set(pictures)) == len(pictures)
    assert max(map(len, pictures)) < 6000
