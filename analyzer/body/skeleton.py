"""The landmarks of a dancer over the frames of a clip: cleaned, to scale, and which way they face.

Lengths are in torso lengths: the distance from the middle of the shoulders to the middle of the
hips as it would appear unforeshortened. Left and right are the dancer's.
"""

from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from analyzer.body import cleaning
from analyzer.body.clip import SHORTEST_TIME, Clip
from analyzer.body.geometry import (
    Flags,
    Floats,
    Places,
    angle_between,
    degrees,
    length,
    length_in_space,
    median,
    on_the_ground,
    spread,
    unit,
)
from analyzer.body.landmarks import LIMBS, TORSO, Joints, Landmark
from analyzer.body.quantities import DEGREES, Quantity

LEG_LENGTHS: Final = (1.48, 1.95)
"""The leg from hip to ankle in torso lengths, from short to long-limbed people."""

PITCH: Final = 10.0
"""By how many degrees a camera may look up or down. How far it does can't be known: MediaPipe's
world landmarks hardly lean with the camera, by less than people lean."""

SIN_OF_PITCH: Final = np.float32(np.sin(np.radians(PITCH)))

FLEETING: Final = 0.4
"""For how many seconds somebody has to be seen to be believed, but at the ends of the clip."""

SMOOTHED: Final = 0.3
"""From how many seconds before to how many after a frame its torso length is the middle one."""

ANKLES_BESIDE_WRISTS: Final = np.float32(2 / 3)
"""What the speed of an ankle counts: a leg swings it that much faster than an arm its wrist."""

BONES_OF_LEGS: Final = (
    (Landmark.LEFT_HIP, Landmark.LEFT_KNEE),
    (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE),
    (Landmark.RIGHT_HIP, Landmark.RIGHT_KNEE),
    (Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE),
)


class Skeleton:
    """The landmarks of one dancer over n frames.

    image: (n, 33, 4) x and y as shares of the width and height, z, visibility 0..1.
    world: (n, 33, 3) metres from the middle of the hips: x to the right of the image, y down,
    z away from the camera. times: (n,) seconds, not decreasing. All NaN where nobody is found.
    width, height: of the frames, in pixels; of each, (n,), where they are of several cameras.

    pixels: (33, n) the landmarks in the image, x + 1j y, y down; metres: (33, 3, n) the world
    landmarks; clip: what lies around each of the frames.
    """

    def __init__(
        self,
        image: npt.NDArray[np.float32],
        world: npt.NDArray[np.float32],
        times: npt.NDArray[np.float64],
        width: int | Floats,
        height: int | Floats,
    ) -> None:
        self.times = times
        self.clip = Clip(times)
        self._seen: dict[Joints, Floats] = {}
        # (33, n): a landmark's course is contiguous.
        self.pixels: Places = np.ascontiguousarray(
            image[:, :, 0].T * np.asarray(width, np.float32)
            + 1j * (image[:, :, 1].T * np.asarray(height, np.float32)),
            dtype=np.complex64,
        )
        self.metres: Floats = np.ascontiguousarray(world.transpose(1, 2, 0))
        swapped = cleaning.swapped(self.pixels, times, self._frame_torso)
        self._visibility = cleaning.seen_behind(
            cleaning.visibility(image), self.pixels, self.torso_pixels, self.turned_to_profile.value
        )
        if swapped.any():
            self._visibility[swapped] = np.nan

    @cached_property
    def present(self) -> Flags:
        """(n,) whether somebody was found, with landmarks that make one body.

        In things that are nobody, image and world landmarks are of different shapes, and what is
        found is soon lost again.
        """
        found = np.isfinite(self._frame_torso)
        for spell in self.clip.spells(found, FLEETING):
            if spell.start > 0 and spell.stop < len(found):
                found[spell] = False
        return found & cleaning.alike(self.pixels, self.metres)

    @cached_property
    def jumps(self) -> Flags:
        """(n,) whether the landmarks are of somewhere else than those of the frame before."""
        return cleaning.jumps(self.pixels, self.times, self._frame_torso)

    def visibility(self, joints: Joints) -> Floats:
        """(n,) the visibility of the least visible of `joints`, NaN where one can't be trusted."""
        seen = self._seen.get(joints)
        if seen is None:
            seen = self._seen[joints] = self._visibility[list(joints)].min(axis=0)
        return seen

    def point(self, landmark: Landmark) -> Places:
        """(n,) where a landmark is in the image, in torso lengths: x + 1j y, y down."""
        course: Places = self.points[landmark]
        return course

    def angle(self, first: Landmark, vertex: Landmark, last: Landmark) -> Floats:
        """(n,) the angle at `vertex` in the image, 0..180 degrees."""
        at = self.point(vertex)
        return angle_between(self.point(first) - at, self.point(last) - at)

    def apart(self, first: Landmark, last: Landmark) -> Floats:
        """(n,) the distance between two landmarks in the image, in torso lengths."""
        return length(self.point(first) - self.point(last))

    def above(self, first: Landmark, last: Landmark) -> Floats:
        """(n,) how far `first` is above `last` in the image, in torso lengths."""
        return self.point(last).imag - self.point(first).imag

    def doubt(self, first: Landmark, last: Landmark) -> Floats:
        """(n,) by how much a height between two landmarks in the image may be another.

        In torso lengths, for a camera that looks up or down by PITCH.
        """
        behind = np.abs(self.metres[first, 2] - self.metres[last, 2]) / self.torso_metres
        doubt: Floats = SIN_OF_PITCH * behind
        return doubt

    def world(self, landmark: Landmark) -> Floats:
        """(3, n) a world landmark in metres: x right, y down, z away from the camera."""
        course: Floats = self.metres[landmark]
        return course

    # Which way the body faces

    @cached_property
    def facing(self) -> Floats:
        """(n,) which way the body faces: 0 the camera, 90 the right of the image, 180 away."""
        return degrees(self.across)

    @cached_property
    def turn_since_previous_frame(self) -> Floats:
        """(n,) how far the body turned since the frame before, in degrees, -180..180."""
        steps = np.diff(self.facing, prepend=self.facing[:1])
        return np.nan_to_num((steps + 180) % 360 - 180)

    @cached_property
    def turned_to_profile(self) -> Quantity:
        """How far the body is turned out of the front or back view, 0..90 degrees."""
        facing = np.abs(self.facing)
        return Quantity("turned", np.minimum(facing, 180 - facing), DEGREES, TORSO, any_view=True)

    @cached_property
    def across(self) -> Places:
        """(n,) from the right to the left of the body in the ground plane: x + 1j z, length 1.

        Where a frame says otherwise than its neighbours in time, which are more alike, the body has
        not turned and turned back: one of them is taken.
        """
        frames = np.arange(len(self.times))
        early, late = self.clip.neighbours
        seen = self._frame_across
        places = np.stack([seen[frames], seen[early], seen[late]])
        apart = length(places - places[[1, 2, 0]])
        others = apart + apart[[2, 0, 1]]
        known = np.isfinite(others[0])
        across: Places = np.where(known, places[others.argmin(axis=0), frames], seen)
        return across

    def leftwards(self, line: Floats) -> Floats:
        """(n,) how far a line (3, n) in metres leads to the body's left, in torso lengths."""
        left: Floats = (on_the_ground(line) * np.conj(self.across)).real / self.torso_metres
        return left

    def forwards(self, line: Floats) -> Floats:
        """(n,) how far a line (3, n) in metres leads to where the body faces, in torso lengths."""
        return self.from_the_front(line).real / self.torso_metres

    def from_the_front(self, line: Floats) -> Places:
        """(n,) a line (3, n) seen from above: its real part leads to where the body faces."""
        seen: Places = on_the_ground(line) * np.conj(-1j * self.across)
        return seen

    @cached_property
    def _frame_across(self) -> Places:
        """(n,) the same from each frame alone."""
        across = np.zeros(len(self.times), np.complex64)
        for left, right in (
            (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER),
            (Landmark.LEFT_HIP, Landmark.RIGHT_HIP),
        ):
            line = self.world(left) - self.world(right)
            across += unit(on_the_ground(line))
        return unit(across)

    # How large it is

    @cached_property
    def _frame_torso(self) -> Floats:
        """(n,) a torso length in pixels, from each frame alone.

        The world landmarks say how long the torso is in metres, all the limbs together how many
        pixels a metre is: so it holds for a trunk that leans towards the camera too.
        """
        rows = list(LIMBS)
        pixels = self.pixels[rows]
        metres = self.metres[rows, 0] + 1j * self.metres[rows, 1]
        scale: Floats = np.sqrt(spread(pixels) / spread(metres))
        return scale * self.torso_metres

    @cached_property
    def torso_metres(self) -> Floats:
        """(n,) the length of the torso in metres."""
        left_shoulder, right_shoulder, left_hip, right_hip = (self.metres[i] for i in TORSO)
        trunk = left_shoulder + right_shoulder - left_hip - right_hip
        return np.asarray(np.sqrt((trunk**2).sum(axis=0)) / 2)

    @cached_property
    def torso_pixels(self) -> Floats:
        """(n,) a torso length in pixels."""
        return median(self.clip.window(self._frame_torso, SMOOTHED, SMOOTHED))

    @cached_property
    def leg_length(self) -> Floats:
        """(n,) thigh and shank together in torso lengths, from the world landmarks."""
        both = np.zeros(len(self.times), np.float32)
        for first, last in BONES_OF_LEGS:
            both += length_in_space(self.world(first) - self.world(last))
        return np.clip(both / 2 / self.torso_metres, *LEG_LENGTHS)

    # Where it is

    @cached_property
    def points(self) -> Places:
        """(33, n) the landmarks in the image in torso lengths."""
        return self.pixels * (1 / self.torso_pixels)

    @cached_property
    def trunk_angle(self) -> Floats:
        """(n,) the trunk from straight up, positive to the right of the image."""
        return degrees((self.middle_of_shoulders - self.middle_of_hips) * np.complex64(1j))

    @cached_property
    def middle_of_shoulders(self) -> Places:
        """(n,) where the middle of the shoulders is in the image, in torso lengths."""
        return (self.point(Landmark.LEFT_SHOULDER) + self.point(Landmark.RIGHT_SHOULDER)) / 2

    @cached_property
    def middle_of_ears(self) -> Places:
        """(n,) where the middle of the ears is in the image, in torso lengths."""
        return (self.point(Landmark.LEFT_EAR) + self.point(Landmark.RIGHT_EAR)) / 2

    @cached_property
    def middle_of_hips(self) -> Places:
        """(n,) where the middle of the hips is in the image, in torso lengths."""
        return (self.point(Landmark.LEFT_HIP) + self.point(Landmark.RIGHT_HIP)) / 2

    # How fast it is

    @cached_property
    def speeds_in_image(self) -> Floats:
        """(33, n) torso lengths a second relative to the hips, over about a seventh of a second."""
        place = self.points - self.middle_of_hips
        early, late = self.clip.neighbours
        seconds = np.maximum(self.times[late] - self.times[early], SHORTEST_TIME).astype(np.float32)
        return length(place[:, late] - place[:, early]) / seconds

    @cached_property
    def speeds_in_space(self) -> Floats:
        """(33, n) torso lengths a second from the world landmarks, which start at the hips."""
        early, late = self.clip.neighbours
        seconds = np.maximum(self.times[late] - self.times[early], SHORTEST_TIME).astype(np.float32)
        flat = self.metres[:, 0] + 1j * self.metres[:, 2]
        turned = flat * np.conj(self.across)
        along = np.minimum(
            length(flat[:, late] - flat[:, early]), length(turned[:, late] - turned[:, early])
        )
        up = self.metres[:, 1, late] - self.metres[:, 1, early]
        speeds: Floats = np.hypot(along, up) / (self.torso_metres * seconds)
        speeds[[Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE]] *= ANKLES_BESIDE_WRISTS
        return speeds
