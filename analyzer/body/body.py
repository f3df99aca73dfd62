"""What is measured of a whole body over the frames of a clip.

Angles are measured between image landmarks in pixels (corrected for the aspect ratio), where a
straight limb reads straight; directions in depth (which way the body faces, whether a leg is in
front or behind) come from the world landmarks. Lengths are in torso lengths (see `Skeleton`).

Left and right are the dancer's.
"""

from functools import cached_property
from typing import Final

import numpy as np

from analyzer.body.clip import SHORTEST_TIME
from analyzer.body.geometry import Floats, angle_between, length, length_in_space
from analyzer.body.landmarks import TORSO, Joints, Landmark
from analyzer.body.quantities import (
    DEGREES,
    DEGREES_A_SECOND,
    OF_STANDING_HEIGHT,
    TORSOS,
    TORSOS_A_SECOND,
    Quantity,
)
from analyzer.body.side import Measurements, Side
from analyzer.body.skeleton import Skeleton

STANDING: Final = 0.96
"""Hip height over the ankle of somebody who stands, as a share of the length of the leg."""

BACK_BEND_SHOWS: Final = 45
"""From how many degrees out of the front or back view on a bend backwards shows, not one aside."""

ARMS_CARRY_ON: Final = 12
"""By how many degrees more than the trunk arms over the head show a bend to be at most."""

TOGETHER: Final = 1.2
"""Up to how far apart, in torso lengths, the hands of two raised arms carry on one line."""

KNEES_IN_FRONT_SHOW: Final = 20
"""From how many degrees out of the front or back view on the image shows knees in front."""

LEAST_SHOWN: Final = np.float32(0.5)
"""What share of how far the knees are in front the image is taken to show at least."""

HANDS: Final = [hand for hand in Landmark if Landmark.LEFT_WRIST <= hand <= Landmark.RIGHT_THUMB]
FEET: Final = [foot for foot in Landmark if foot >= Landmark.LEFT_ANKLE]
"""The landmarks of both hands, and of both feet."""

CHANGING: Final = 0.15
"""How many seconds before and after a frame a change of the height of the hips is looked for."""

IN_THE_AIR: Final = 0.8
"""Within how many seconds before and after a frame the floor is looked for."""

ON_THE_SPOT: Final = 0.5
"""Within how many seconds before and after a frame the hips drift."""

TURNING: Final = 0.2
"""From how many seconds before to how many after a frame a turn has its speed."""


class Body(Skeleton):
    """One dancer's body over n frames (see `Skeleton`), and what is measured of it."""

    @cached_property
    def _of_sides(self) -> Measurements:
        return {"left": {}, "right": {}}

    @property
    def left(self) -> Side:
        """The dancer's left half."""
        return Side(self, "left", self._of_sides)

    @property
    def right(self) -> Side:
        """The dancer's right half."""
        return Side(self, "right", self._of_sides)

    @property
    def sides(self) -> tuple[Side, Side]:
        """The left and the right half."""
        return self.left, self.right

    # The trunk

    @cached_property
    def trunk_tilt(self) -> Quantity:
        """The trunk from the vertical in the image, 0..180 degrees."""
        return Quantity("trunk tilt", np.abs(self.trunk_angle), DEGREES, TORSO)

    @cached_property
    def forward_bend(self) -> Quantity:
        """The trunk from the vertical to where the body faces, in degrees, negative backwards."""
        return Quantity(
            "trunk forwards", self.trunk_angle * np.sign(self.across.imag), DEGREES, TORSO
        )

    @cached_property
    def back_or_side_bend(self) -> Quantity:
        """The trunk backwards where the body is seen in profile, to a side of the legs elsewhere.

        Arms that are both raised over the head carry on its line, and show how far it is bent.
        """
        profile = self.turned_to_profile.value > BACK_BEND_SHOWS
        hips, nose = self.middle_of_hips, self.points[Landmark.NOSE]
        left, right = self.points[Landmark.LEFT_WRIST], self.points[Landmark.RIGHT_WRIST]
        legs = hips - (self.points[Landmark.LEFT_ANKLE] + self.points[Landmark.RIGHT_ANKLE]) / 2
        trunk = angle_between(self.middle_of_shoulders - hips, legs)
        reach = angle_between((left + right) / 2 - hips, legs)
        overhead = np.maximum(left.imag, right.imag) < nose.imag
        overhead &= length(left - right) < TOGETHER
        carried_on = np.maximum(trunk, np.minimum(reach, trunk + ARMS_CARRY_ON))
        aside = np.where(overhead, carried_on, trunk)
        value = np.where(profile, -self.forward_bend.value, aside)
        return Quantity("trunk arched", value, DEGREES, TORSO, any_view=True)

    # The legs

    @cached_property
    def feet_apart(self) -> Quantity:
        """The distance between the ankles in the image."""
        return self._apart("distance between the ankles", Landmark.LEFT_ANKLE)

    @cached_property
    def feet_apart_in_space(self) -> Quantity:
        """The distance between the ankles in space, at least what the image shows of it."""
        joints = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
        line = self.world(joints[0]) - self.world(joints[1])
        value = np.maximum(length_in_space(line) / self.torso_metres, self.apart(*joints))
        name = "distance between the ankles in space"
        return Quantity(name, value, TORSOS, joints, any_view=True)

    @cached_property
    def knees_apart(self) -> Quantity:
        """The distance between the knees in the image."""
        return self._apart("distance between the knees", Landmark.LEFT_KNEE)

    @cached_property
    def knees_out_over_feet(self) -> Quantity:
        """How much further apart the knees are than the ankles in the image."""
        feet = self.feet_apart
        value = self.knees_apart.value - feet.value
        joints = (*self.knees_apart.joints, *feet.joints)
        return Quantity("knees out over the feet", value, TORSOS, joints, any_view=True)

    @cached_property
    def knees_in_front_of_ankles(self) -> Quantity:
        """How far the knees are in front of the ankles, the mean of both legs.

        In the image, in proportion to how far the body is turned; from the front, in space.
        """
        knees, ankles = [25, 26], [27, 28]
        shown = (self.points[knees] - self.points[ankles]).mean(axis=0).real
        shown *= np.sign(self.across.imag) / np.maximum(
            np.sin(np.radians(self.turned_to_profile.value)), LEAST_SHOWN
        )
        line = (self.metres[knees] - self.metres[ankles]).mean(axis=0)
        ahead = self.forwards(line)
        return Quantity(
            "knees in front of the ankles",
            np.where(self.turned_to_profile.value > KNEES_IN_FRONT_SHOW, shown, ahead),
            TORSOS,
            tuple(Landmark(joint) for joint in (*knees, *ankles)),
            any_view=True,
        )

    @cached_property
    def feet_apart_front_to_back(self) -> Quantity:
        """How far one ankle is in front of the other, whichever it is."""
        ahead = self.left.foot_in_front_of_other
        name = "one foot in front of the other"
        return Quantity(name, np.abs(ahead.value), TORSOS, ahead.joints, any_view=True)

    @cached_property
    def feet_apart_side_to_side(self) -> Quantity:
        """How far the ankles are apart across the body."""
        line = self.world(Landmark.LEFT_ANKLE) - self.world(Landmark.RIGHT_ANKLE)
        return Quantity(
            "feet apart across the body",
            np.abs(self.leftwards(line)),
            TORSOS,
            (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE),
            any_view=True,
        )

    @cached_property
    def feet_turnout(self) -> Quantity:
        """How far the toes are outwards of the heels in the image, the mean of both feet.

        The world landmarks make the turnout of everybody alike; the mean is nearly the same for a
        body that is a little turned.
        """
        return _mean("turnout of the feet", *(side.foot_turnout for side in self.sides))

    @cached_property
    def hip_height(self) -> Quantity:
        """The height of the hips over the lower ankle, as a share of the height standing."""
        ankles = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
        lower = np.maximum(*(self.point(ankle).imag for ankle in ankles))
        value = (lower - self.middle_of_hips.imag) / (STANDING * self.leg_length)
        joints = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP, *ankles)
        return Quantity("height of the hips", value, OF_STANDING_HEIGHT, joints, any_view=True)

    @cached_property
    def hips_above_feet(self) -> Quantity:
        """The height of the hips over the lower ankle, by the image or by space, the less of both.

        As a share of the height standing: about nothing for a body that sits or lies on the floor.
        From the world landmarks too, as legs that point at the camera show any height in the image.
        It needs no more than the hips to be seen: where feet are not, they are guessed well enough.
        """
        joints = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
        ankles = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
        heights = self.metres[:, 1]
        below = heights[list(ankles)].max(axis=0) - heights[list(joints)].mean(axis=0)
        in_space = below / (self.torso_metres * STANDING * self.leg_length)
        value = np.minimum(self.hip_height.value, in_space)
        return Quantity("hips above the feet", value, OF_STANDING_HEIGHT, joints, any_view=True)

    @cached_property
    def stood(self) -> Quantity:
        """How high the hips were and will be over the feet, at their highest, the less of both.

        Within IN_THE_AIR before and after: who jumps has stood and will stand.
        """
        height = self.hips_above_feet
        before = np.fmax.reduce(self.clip.window(height.value, IN_THE_AIR, 0.0, 13))
        after = np.fmax.reduce(self.clip.window(height.value, 0.0, IN_THE_AIR, 13))
        value = np.minimum(before, after)
        return Quantity(
            "hips above the feet before and after",
            value,
            OF_STANDING_HEIGHT,
            height.joints,
            any_view=True,
        )

    @cached_property
    def hands_above_floor(self) -> Quantity:
        """The height of the lower hand over the lowest point of the feet in the image."""
        heights = self.points.imag
        value = heights[FEET].max(axis=0) - heights[HANDS].max(axis=0)
        # A hand that is hidden is guessed well enough: it is not on the floor in plain sight.
        joints = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
        return Quantity("hands above the floor", value, TORSOS, joints, any_view=True)

    @cached_property
    def hip_height_change(self) -> Quantity:
        """How far the height of the hips changes from CHANGING before to CHANGING after."""
        height = self.clip.window(self.hip_height.value, CHANGING, CHANGING, 3)
        joints = self.hip_height.joints
        return Quantity(
            "change of the height of the hips",
            np.abs(height[-1] - height[0]),
            OF_STANDING_HEIGHT,
            joints,
            any_view=True,
        )

    @cached_property
    def angle_between_legs(self) -> Quantity:
        """The angle between the lines from the hips to the ankles."""
        left, right = (
            self.point(side.landmarks.ankle) - self.point(side.landmarks.hip) for side in self.sides
        )
        joints = (*self.left.leg_raised.joints, *self.right.leg_raised.joints)
        return Quantity("angle between the legs", angle_between(left, right), DEGREES, joints)

    @cached_property
    def height_off_floor(self) -> Quantity:
        """How far the hips and both feet are above where they were and will be.

        That is, within IN_THE_AIR before and after: so a camera or a floor that moves steadily does
        not count, and what goes up has to come down.
        """
        feet = np.maximum(
            self.pixels[Landmark.LEFT_ANKLE].imag, self.pixels[Landmark.RIGHT_ANKLE].imag
        )
        hips = (self.pixels[Landmark.LEFT_HIP] + self.pixels[Landmark.RIGHT_HIP]).imag / 2
        value = np.minimum(self._risen(feet), self._risen(hips)) / self.torso_pixels
        joints = (
            Landmark.LEFT_HIP,
            Landmark.RIGHT_HIP,
            Landmark.LEFT_ANKLE,
            Landmark.RIGHT_ANKLE,
        )
        return Quantity("height off the floor", value, TORSOS, joints, any_view=True)

    # The arms

    @cached_property
    def wrists_apart(self) -> Quantity:
        """The distance between the wrists in the image."""
        return self._apart("distance between the wrists", Landmark.LEFT_WRIST)

    @cached_property
    def wrists_above_shoulders(self) -> Quantity:
        """How high the wrists are over the shoulders, the mean of both.

        A body that leans or is turned a little has one as much higher as the other lower.
        """
        return _mean(
            "wrists above the shoulders", *(side.wrist_above_shoulder for side in self.sides)
        )

    @cached_property
    def wrists_in_front(self) -> Quantity:
        """How far the wrists are in front of the shoulders, the mean of both.

        From the world landmarks, where a body that is a little turned has one as much further in
        front as the other less.
        """
        return _mean("wrists in front", *(side.wrist_in_front for side in self.sides))

    @cached_property
    def wrists_uncrossed(self) -> Quantity:
        """How far each wrist is on its own side of the other one, negative where they cross."""
        left, right = (side.wrist_off_midline for side in self.sides)
        joints = (*left.joints, *right.joints)
        return Quantity(
            "wrists apart on their own sides", left.value + right.value, TORSOS, joints, True
        )

    @cached_property
    def wrists_to_other_elbows(self) -> Quantity:
        """The distance from a wrist to the elbow of the other arm, the mean of both."""
        sides = (side.wrist_to_other_elbow for side in self.sides)
        return _mean("wrists from the other elbows", *sides)

    @cached_property
    def elbows_apart(self) -> Quantity:
        """The distance between the elbows in the image."""
        return self._apart("distance between the elbows", Landmark.LEFT_ELBOW)

    # How it moves

    def speed(self, joints: Joints) -> Quantity:
        """The speed of the fastest of `joints` in the image, relative to the hips."""
        value = self.speeds_in_image[list(joints)].max(axis=0)
        return Quantity("speed of the fastest joint", value, TORSOS_A_SECOND, joints, any_view=True)

    def speed_in_space(self, joints: Joints) -> Quantity:
        """The speed of the fastest of `joints` in space, relative to the hips.

        Where the body turns, relative to it too: so a shape that is kept meanwhile is still.
        """
        value = self.speeds_in_space[list(joints)].max(axis=0)
        return Quantity("speed of the fastest joint", value, TORSOS_A_SECOND, joints, any_view=True)

    @cached_property
    def hip_drift(self) -> Quantity:
        """How far the hips are from where they were and will be within ON_THE_SPOT, at most.

        In torso lengths, in the image.
        """
        hips = (self.pixels[Landmark.LEFT_HIP] + self.pixels[Landmark.RIGHT_HIP]) / 2
        around = self.clip.window(hips, ON_THE_SPOT, ON_THE_SPOT, 11)
        value = np.abs(around - hips).max(axis=0) / self.torso_pixels
        joints = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
        return Quantity("drift of the hips", value, TORSOS, joints, any_view=True)

    @cached_property
    def turn_speed(self) -> Floats:
        """(n,) degrees a second that the body turns, to its own left positive."""
        facing = self.clip.window(self.facing, TURNING, TURNING, 5)
        steps = (np.diff(facing, axis=0) + 180) % 360 - 180
        times = self.clip.window(self.times, TURNING, TURNING, 5)
        seconds = np.maximum(times[-1] - times[0], SHORTEST_TIME)
        speed: Floats = (steps.sum(axis=0) / seconds).astype(np.float32)
        return speed

    def turn_speed_towards(self, towards: Side) -> Quantity:
        """How fast the body turns towards a side, in degrees a second."""
        value = self.turn_speed if towards.name == "left" else -self.turn_speed
        name = f"turning to the {towards.name}"
        return Quantity(name, value, DEGREES_A_SECOND, TORSO, any_view=True)

    def _risen(self, course: Floats) -> Floats:
        """(n,) how far a course (y down) is above its lowest before and its lowest after."""
        before = self.clip.window(course, IN_THE_AIR, 0.0, 13).max(axis=0)
        after = self.clip.window(course, 0.0, IN_THE_AIR, 13).max(axis=0)
        risen: Floats = np.minimum(before, after) - course
        return risen

    def _apart(self, name: str, left: Landmark) -> Quantity:
        joints = (left, Landmark(left + 1))
        return Quantity(name, self.apart(*joints), TORSOS, joints)


def _mean(name: str, left: Quantity, right: Quantity) -> Quantity:
    """The mean of what is measured of both sides."""
    value = (left.value + right.value) / 2
    return Quantity(name, value, left.unit, (*left.joints, *right.joints), left.any_view)
