"""What is measured of a dancer's left or right half: an arm and a leg.

Angles are in degrees, distances and heights in torso lengths (see `Skeleton`). They are of the
image, but for what ends in `_in_space` and where it is said to be from the world landmarks.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np

from analyzer.body.geometry import (
    Floats,
    Places,
    angle_between,
    angle_in_space,
    degrees,
    length_in_space,
    unit,
)
from analyzer.body.landmarks import LEFT, RIGHT, TORSO, Landmark
from analyzer.body.quantities import DEGREES, OF_THE_LEG, TORSOS, UPPER_ARMS, Quantity
from analyzer.body.skeleton import Skeleton

SHORTEST_UPPER_ARM: Final = np.float32(0.05)
"""How long, in torso lengths, an upper arm is taken to look at least beside its forearm."""

BENT_IN_SPACE: Final = 118
"""Up to which angle, in degrees, the world landmarks show a knee that is bent beyond doubt."""

SEEMING_BEND: Final = 25
"""By how many degrees the world landmarks bend a straight leg, more than the image does."""

ALONG_THE_THIGH: Final = 30
"""By how many degrees a foot may be turned, for each torso length that its toes are over a knee."""

LEAST_SHOWN: Final = np.float32(0.6)
"""What share of a level leg the image is taken to show at least."""

Measurements = dict[str, dict[str, Any]]
"""What has been measured of the left and of the right half, by name: the attributes of a `Side`."""


class Side:
    """The dancer's left or right half: an arm and a leg.

    What is measured of a half is kept by its body and shared by all that stand for that half. So no
    body refers to itself, and its arrays go as soon as nobody needs them, without a collection.
    """

    __slots__ = ("__dict__", "_measured", "body", "landmarks", "name")

    def __init__(self, body: Skeleton, name: str, measured: Measurements) -> None:
        self.body = body
        self.name = name
        self.landmarks = LEFT if name == "left" else RIGHT
        self._measured = measured
        self.__dict__ = measured[name]

    @property
    def other(self) -> "Side":
        """The other half."""
        return Side(self.body, "right" if self.name == "left" else "left", self._measured)

    # The arm

    @cached_property
    def elbow(self) -> Quantity:
        """The angle of the elbow, 180 straight."""
        return self._angle(
            "elbow", self.landmarks.shoulder, self.landmarks.elbow, self.landmarks.wrist
        )

    @cached_property
    def arm_raised(self) -> Quantity:
        """The upper arm from the trunk: 0 hanging, 90 level, 180 beside the head."""
        return self._angle(
            "arm from the trunk", self.landmarks.hip, self.landmarks.shoulder, self.landmarks.elbow
        )

    @cached_property
    def whole_arm_raised(self) -> Quantity:
        """The line from shoulder to wrist from the trunk, 180 straight up."""
        return self._angle(
            "whole arm from the trunk",
            self.landmarks.hip,
            self.landmarks.shoulder,
            self.landmarks.wrist,
        )

    @cached_property
    def wrist_above_shoulder(self) -> Quantity:
        """The height of the wrist over the shoulder."""
        return self._height(
            "wrist above the shoulder", self.landmarks.wrist, self.landmarks.shoulder
        )

    @cached_property
    def wrist_above_nose(self) -> Quantity:
        """The height of the wrist over the nose."""
        return self._height("wrist above the nose", self.landmarks.wrist, Landmark.NOSE)

    @cached_property
    def wrist_above_hip(self) -> Quantity:
        """The height of the wrist over the hip."""
        return self._height("wrist above the hip", self.landmarks.wrist, self.landmarks.hip)

    @cached_property
    def elbow_above_shoulder(self) -> Quantity:
        """The height of the elbow over the shoulder."""
        return self._height(
            "elbow above the shoulder", self.landmarks.elbow, self.landmarks.shoulder
        )

    @cached_property
    def wrist_to_hip(self) -> Quantity:
        """The distance from the wrist to the hip of its side."""
        return self._distance("wrist from the hip", self.landmarks.wrist, self.landmarks.hip)

    @cached_property
    def wrist_to_nose(self) -> Quantity:
        """The distance from the wrist to the nose."""
        return self._distance("wrist from the nose", self.landmarks.wrist, Landmark.NOSE)

    @cached_property
    def foot_to_hand(self) -> Quantity:
        """The distance from the foot, anywhere along it, to the nearer wrist in the image."""
        foot = (self.landmarks.ankle, self.landmarks.heel, self.landmarks.toes)
        wrists = (self.landmarks.wrist, self.other.landmarks.wrist)
        value = np.minimum.reduce([self.body.apart(wrist, at) for wrist in wrists for at in foot])
        joints = (self.landmarks.ankle, self.landmarks.wrist)
        return self._quantity("foot from the nearer hand", value, TORSOS, joints)

    @cached_property
    def wrist_to_other_elbow(self) -> Quantity:
        """The distance from the wrist to the elbow of the other arm."""
        return self._distance(
            "wrist from the other elbow", self.landmarks.wrist, self.other.landmarks.elbow
        )

    @cached_property
    def forearm_length_seen(self) -> Quantity:
        """How long the forearm looks beside the upper arm: it is shorter where it points away."""
        joints = (self.landmarks.shoulder, self.landmarks.elbow, self.landmarks.wrist)
        shoulder, elbow, wrist = joints
        upper = np.maximum(self.body.apart(shoulder, elbow), SHORTEST_UPPER_ARM)
        value = self.body.apart(elbow, wrist) / upper
        return self._quantity("forearm seen", value, UPPER_ARMS, joints)

    @cached_property
    def forearm_from_other_arm(self) -> Quantity:
        """The angle between the forearm and the line from the other shoulder to its wrist."""
        body, other = self.body, self.other.landmarks
        forearm = body.point(self.landmarks.wrist) - body.point(self.landmarks.elbow)
        stretched = body.point(other.wrist) - body.point(other.shoulder)
        joints = (self.landmarks.elbow, self.landmarks.wrist, other.shoulder, other.wrist)
        value = angle_between(forearm, stretched)
        return self._quantity("forearm from along the other arm", value, DEGREES, joints)

    @cached_property
    def elbow_in_space(self) -> Quantity:
        """The angle of the elbow from the world landmarks, which bend straight arms a little."""
        return self._angle_in_space(
            "elbow in space", self.landmarks.shoulder, self.landmarks.elbow, self.landmarks.wrist
        )

    @cached_property
    def wrist_to_hip_in_space(self) -> Quantity:
        """The distance from the wrist to the hip of its side, in space."""
        line = self.body.world(self.landmarks.wrist) - self.body.world(self.landmarks.hip)
        value = length_in_space(line) / self.body.torso_metres
        joints = (self.landmarks.wrist, self.landmarks.hip)
        name = "wrist from the hip in space"
        return self._quantity(name, value, TORSOS, joints, any_view=True)

    @cached_property
    def wrist_off_midline(self) -> Quantity:
        """How far the wrist is to its side of the trunk's middle plane, negative across it.

        From the world landmarks.
        """
        leftwards = self.body.leftwards(self._from_shoulders_to_wrist)
        value = leftwards if self.name == "left" else -leftwards
        joints = (self.landmarks.wrist, *TORSO)
        return self._quantity("wrist off the midline", value, TORSOS, joints, any_view=True)

    @cached_property
    def wrist_in_front(self) -> Quantity:
        """How far the wrist is in front of the shoulders, from the world landmarks."""
        value = self.body.forwards(self._from_shoulders_to_wrist)
        joints = (self.landmarks.wrist, self.landmarks.shoulder, self.other.landmarks.shoulder)
        return self._quantity("wrist in front", value, TORSOS, joints, any_view=True)

    # The leg

    @cached_property
    def knee(self) -> Quantity:
        """The angle of the knee in the image, 180 straight."""
        return self._angle("knee", self.landmarks.hip, self.landmarks.knee, self.landmarks.ankle)

    @cached_property
    def knee_in_space(self) -> Quantity:
        """The angle of the knee from the world landmarks, which bend straight legs a little."""
        return self._angle_in_space(
            "knee in space", self.landmarks.hip, self.landmarks.knee, self.landmarks.ankle
        )

    @cached_property
    def knee_bent(self) -> Quantity:
        """The angle of the knee in the image, or in space where that says that it is bent.

        A knee that bends towards the camera reads straight in the image. To ask whether it is bent.
        """
        knee, in_space = self.knee, self.knee_in_space.value
        bent = np.where(in_space <= BENT_IN_SPACE, np.minimum(knee.value, in_space), knee.value)
        return self._quantity("knee", bent, DEGREES, knee.joints)

    @cached_property
    def knee_straight(self) -> Quantity:
        """The angle of the knee in the image, or in space where it is bent by more there.

        To ask whether it is straight: the image and space have to say so. World landmarks bend
        straight legs by up to SEEMING_BEND, so much is allowed for.
        """
        knee = self.knee
        value = np.minimum(knee.value, self.knee_in_space.value + SEEMING_BEND)
        return self._quantity("knee", value, DEGREES, knee.joints)

    @cached_property
    def hip(self) -> Quantity:
        """The angle between trunk and thigh, 180 straight."""
        return self._angle("hip", self.landmarks.shoulder, self.landmarks.hip, self.landmarks.knee)

    @cached_property
    def leg_raised(self) -> Quantity:
        """The line from hip to ankle, from straight down: 90 level."""
        return self._from_down("leg", self.landmarks.ankle)

    @cached_property
    def thigh_raised(self) -> Quantity:
        """The thigh from straight down: 90 level."""
        return self._from_down("thigh", self.landmarks.knee)

    @cached_property
    def leg_length_seen(self) -> Quantity:
        """The ankle from the hip in the image, as a share of what a level straight leg shows.

        That leg is taken to point where the body faces, or behind it.
        """
        body = self.body
        seen = np.maximum(np.sin(np.radians(body.turned_to_profile.value)), LEAST_SHOWN)
        value = body.apart(self.landmarks.hip, self.landmarks.ankle) / (body.leg_length * seen)
        return self._quantity(
            "reach of the leg", value, OF_THE_LEG, (self.landmarks.hip, self.landmarks.ankle)
        )

    @cached_property
    def leg_direction(self) -> Quantity:
        """Where the ankle is from the hip, seen from above: 0 in front, 90 aside, 180 behind.

        From the world landmarks.
        """
        return self._azimuth("leg direction", self.landmarks.hip, self.landmarks.ankle)

    @cached_property
    def foot_in_front_of_other(self) -> Quantity:
        """How far the ankle is in front of the other ankle, from the world landmarks."""
        line = self.body.world(self.landmarks.ankle) - self.body.world(self.other.landmarks.ankle)
        value = self.body.forwards(line)
        joints = (self.landmarks.ankle, self.other.landmarks.ankle)
        return self._quantity("foot in front of the other", value, TORSOS, joints, any_view=True)

    @cached_property
    def thigh_direction(self) -> Quantity:
        """Where the knee is from the hip, seen from above: 0 in front, 90 aside, 180 behind.

        From the world landmarks.
        """
        return self._azimuth("thigh direction", self.landmarks.hip, self.landmarks.knee)

    @cached_property
    def foot_turnout(self) -> Quantity:
        """How far the toes are outwards of the heel in the image, in a front or back view."""
        value = self._outwards(
            self.body.point(self.landmarks.toes) - self.body.point(self.landmarks.heel)
        )
        return self._quantity(
            "turnout of the foot", value, TORSOS, (self.landmarks.heel, self.landmarks.toes)
        )

    @cached_property
    def ankle_above_other(self) -> Quantity:
        """The height of the ankle over the other ankle in the image."""
        return self._height(
            "ankle above the other", self.landmarks.ankle, self.other.landmarks.ankle
        )

    @cached_property
    def ankle_above_other_in_space(self) -> Quantity:
        """The height of the ankle over the other ankle, from the world landmarks.

        In the image, of two feet on the floor the one nearer to the camera is the lower.
        """
        return self._height_in_space(
            "ankle above the other in space", self.landmarks.ankle, self.other.landmarks.ankle
        )

    @cached_property
    def foot_above_other(self) -> Quantity:
        """The height of the lowest point of the foot over that of the other foot."""
        body = self.body
        lowest = [
            np.maximum(body.point(side.landmarks.toes).imag, body.point(side.landmarks.heel).imag)
            for side in (self, self.other)
        ]
        joints = (
            self.landmarks.heel,
            self.landmarks.toes,
            self.other.landmarks.heel,
            self.other.landmarks.toes,
        )
        value = lowest[1] - lowest[0]
        doubt = body.doubt(self.landmarks.toes, self.other.landmarks.toes)
        name = "foot above the other"
        return self._quantity(name, value, TORSOS, joints, any_view=True, doubt=doubt)

    @cached_property
    def foot_angle_to_other_leg(self) -> Quantity:
        """The angle in the image between the foot and the line from the other hip to its ankle."""
        body, hip, ankle = self.body, self.other.landmarks.hip, self.other.landmarks.ankle
        foot = body.point(self.landmarks.toes) - body.point(self.landmarks.heel)
        value = angle_between(foot, body.point(ankle) - body.point(hip))
        joints = (self.landmarks.heel, self.landmarks.toes, hip, ankle)
        return self._quantity("foot from along the other leg", value, DEGREES, joints)

    @cached_property
    def sole_from_other_leg(self) -> Quantity:
        """How far the sole is from lying along the other leg, in degrees.

        The angle between the two, less what the foot is higher than the knee: toes that rest high
        on the thigh point down along it, however short the foot is seen.
        """
        angle, above = self.foot_angle_to_other_leg, self.toes_above_other_knee.value
        value = angle.value - ALONG_THE_THIGH * np.maximum(above, 0)
        return self._quantity("sole from along the other leg", value, DEGREES, angle.joints)

    @cached_property
    def heel_above_toes(self) -> Quantity:
        """The height of the heel over the toes."""
        return self._height("heel above the toes", self.landmarks.heel, self.landmarks.toes)

    @cached_property
    def toes_to_other_knee(self) -> Quantity:
        """The distance from the toes to the other knee."""
        return self._distance(
            "toes from the other knee", self.landmarks.toes, self.other.landmarks.knee
        )

    @cached_property
    def toes_above_other_knee(self) -> Quantity:
        """The height of the toes over the other knee."""
        return self._height(
            "toes above the other knee", self.landmarks.toes, self.other.landmarks.knee
        )

    @cached_property
    def knee_above_ankle(self) -> Quantity:
        """The height of the knee over the ankle."""
        return self._height("knee above the ankle", self.landmarks.knee, self.landmarks.ankle)

    @cached_property
    def knee_above_other(self) -> Quantity:
        """The height of the knee over the other knee, from the world landmarks."""
        joints = (self.landmarks.knee, self.other.landmarks.knee)
        return self._height_in_space("knee above the other", *joints)

    @cached_property
    def hip_above_knee(self) -> Quantity:
        """The height of the hip over the knee."""
        return self._height("hip above the knee", self.landmarks.hip, self.landmarks.knee)

    @cached_property
    def toes_to_other_leg(self) -> Quantity:
        """The distance from the toes to the line from the other hip to the other ankle."""
        body, hip, ankle = self.body, self.other.landmarks.hip, self.other.landmarks.ankle
        along = unit(body.point(ankle) - body.point(hip))
        value = np.abs(((body.point(self.landmarks.toes) - body.point(hip)) * np.conj(along)).imag)
        joints = (self.landmarks.toes, hip, ankle)
        return self._quantity("toes from the other leg", value, TORSOS, joints)

    @cached_property
    def weight_off_foot(self) -> Quantity:
        """How far aside of the ankle the middle of the hips is: 0 with the weight on this leg."""
        body = self.body
        value = np.abs(body.middle_of_hips.real - body.point(self.landmarks.ankle).real)
        joints = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP, self.landmarks.ankle)
        return self._quantity("hips aside of the foot", value, TORSOS, joints)

    @cached_property
    def ankle_off_midline(self) -> Quantity:
        """How far the ankle is outwards of the hips' middle, negative across it."""
        value = self._outwards(self.body.point(self.landmarks.ankle) - self.body.middle_of_hips)
        return self._quantity(
            "ankle off the midline", value, TORSOS, (self.landmarks.ankle, *TORSO)
        )

    # The trunk

    @cached_property
    def side_bend(self) -> Quantity:
        """The trunk from the vertical towards this side, in a front or back view."""
        value = self.body.trunk_angle * self._outward_sign
        return self._quantity("lean", value, DEGREES, TORSO)

    @cached_property
    def hips_out(self) -> Quantity:
        """How far the hips are to this side of the middle between the ankles."""
        ankles = (
            self.body.point(self.landmarks.ankle) + self.body.point(self.other.landmarks.ankle)
        ) / 2
        joints = (
            self.landmarks.hip,
            self.other.landmarks.hip,
            self.landmarks.ankle,
            self.other.landmarks.ankle,
        )
        value = self._outwards(self.body.middle_of_hips - ankles)
        return self._quantity("hips out", value, TORSOS, joints)

    @cached_property
    def hip_raised(self) -> Quantity:
        """The slope of the line of the hips, positive with this hip the higher."""
        line = self.body.point(self.landmarks.hip) - self.body.point(self.other.landmarks.hip)
        value = degrees(np.abs(line.real) - 1j * line.imag)
        return self._quantity(
            "hip raised", value, DEGREES, (self.landmarks.hip, self.other.landmarks.hip)
        )

    @cached_property
    def head_inclined(self) -> Quantity:
        """The head from the vertical over the shoulders, towards this side."""
        line = self.body.middle_of_ears - self.body.middle_of_shoulders
        value = degrees(self._outwards(line) * 1j - line.imag)
        joints = (
            Landmark.LEFT_EAR,
            Landmark.RIGHT_EAR,
            self.landmarks.shoulder,
            self.other.landmarks.shoulder,
        )
        return self._quantity("head inclined", value, DEGREES, joints)

    @cached_property
    def _from_shoulders_to_wrist(self) -> Floats:
        """(3, n) from the middle of the shoulders to the wrist, in metres."""
        body = self.body
        shoulders = body.world(self.landmarks.shoulder) + body.world(self.other.landmarks.shoulder)
        return body.world(self.landmarks.wrist) - shoulders / 2

    @cached_property
    def _outward_sign(self) -> Floats:
        """(n,) 1 where outwards of this side is to the right of the image, -1 to the left."""
        sign = np.sign(self.body.across.real)
        return sign if self.name == "left" else -sign

    def _outwards(self, line: Places) -> Floats:
        """(n,) how far a line leads to this side in a front or back view."""
        return line.real * self._outward_sign

    def _from_down(self, name: str, landmark: Landmark) -> Quantity:
        line = self.body.point(landmark) - self.body.point(self.landmarks.hip)
        value = np.abs(degrees(line * np.complex64(-1j)))
        return self._quantity(name, value, DEGREES, (self.landmarks.hip, landmark))

    def _azimuth(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        line = self.body.world(last) - self.body.world(first)
        value = np.abs(degrees(self.body.from_the_front(line)))
        return self._quantity(name, value, DEGREES, (first, last), any_view=True)

    def _distance(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        return self._quantity(name, self.body.apart(first, last), TORSOS, (first, last))

    def _angle(self, name: str, *joints: Landmark) -> Quantity:
        first, vertex, last = joints
        return self._quantity(name, self.body.angle(first, vertex, last), DEGREES, joints)

    def _angle_in_space(self, name: str, *joints: Landmark) -> Quantity:
        first, vertex, last = (self.body.world(joint) for joint in joints)
        value = angle_in_space(first - vertex, last - vertex)
        return self._quantity(name, value, DEGREES, joints, any_view=True)

    def _height(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        value, doubt = self.body.above(first, last), self.body.doubt(first, last)
        return self._quantity(name, value, TORSOS, (first, last), any_view=True, doubt=doubt)

    def _height_in_space(self, name: str, first: Landmark, last: Landmark) -> Quantity:
        body = self.body
        value = (body.world(last)[1] - body.world(first)[1]) / body.torso_metres
        return self._quantity(name, value, TORSOS, (first, last), any_view=True)

    def _quantity(
        self,
        name: str,
        value: Floats,
        unit: str,
        joints: Sequence[Landmark],
        *,
        any_view: bool = False,
        doubt: Floats | None = None,
    ) -> Quantity:
        return Quantity(f"{self.name} {name}", value, unit, tuple(joints), any_view, doubt)
