"""Films of groups: who dances what and where, with the truth for each dancer in every frame."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import cycle, pairwise
from pathlib import Path
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from dancer.drawing import CLOTHES, Camera, Clothes, Colour, Picture, paint
from dancer.figure import Build, Points, Skeleton
from dancer.film import Film, Plain, Slip, Step, film, interpolate
from dancer.scene import PLAIN, Scene
from dancer.shooting import Model, View, farthest_first, shoot, write


class Waypoint(NamedTuple):
    """Where a dancer is after so many seconds.

    `across` and `nearer` are metres from the middle of the stage: to the right of the picture
    (before a film is mirrored), and towards the camera.
    """

    seconds: float
    across: float
    nearer: float = 0.0


@dataclass(frozen=True)
class Role:
    """What one dancer of a group does, and where.

    The dancer stands at `at`, (across, nearer) as in `Waypoint`, and glides smoothly through the
    waypoints of `path`, whatever the score has the limbs do meanwhile; two waypoints at one place
    are a stop. Who is to enter or to leave has a waypoint outside of the picture. `yaw` is how far
    the dancer is turned to the own left, in degrees. Without `clothes` it wears what nobody else of
    the group does. `late` is how many seconds after the others it begins its score, and `slips` are
    as in `film`.
    """

    score: Sequence[Step | Plain]
    at: tuple[float, float] = (0.0, 0.0)
    path: Sequence[Waypoint] = ()
    yaw: float = 0.0
    build: Build = Build()
    clothes: Clothes | None = None
    late: float = 0.0
    slips: Sequence[Slip] = ()

    def places(self, seconds: Points) -> Points:
        """Where the dancer is at times (n,): (n, 2), across and nearer, in metres."""
        stops = [Waypoint(0.0, *self.at), *self.path]
        if any(after.seconds <= before.seconds for before, after in pairwise(stops)):
            raise ValueError("the waypoints of a path come one after the other, from 0 seconds on")
        if len(stops) == 1:
            return np.tile(np.array(self.at), (len(seconds), 1))
        times, keys = np.array([stop.seconds for stop in stops]), np.array(stops)[:, 1:]
        return interpolate(np.minimum(seconds, times[-1]), times, keys)


WARDROBE: Final = (
    CLOTHES["practice"],
    CLOTHES["bright"],
    CLOTHES["dark"],
    CLOTHES["loose"],
    Clothes(top=(70, 140, 60), legs=(60, 60, 65), shoes=(70, 70, 75), hair=(70, 140, 190)),
)
"""What the dancers of a group wear, in their order, if nothing else is said."""

NEAREST: Final = 1.5
"""Metres that a dancer keeps from the camera."""

_WHITE: Final[Colour] = (255, 255, 255)

_COARSE: Final = 160
"""The height in pixels at which it is looked who hides whom."""


@dataclass(frozen=True)
class GroupFilm:
    """Dancers filmed together: pictures are drawn as they are asked for.

    `dancers` are films of the same length, by the same camera, one of each dancer by itself: their
    truth and landmarks are those of the dancer in the group, also where others hide it or it is not
    in the picture.
    """

    dancers: tuple[Film, ...]

    def __len__(self) -> int:
        """The number of frames."""
        return len(self.times)

    @property
    def times(self) -> Points:
        """Seconds (n,) from the start."""
        return self.dancers[0].times

    @property
    def width(self) -> int:
        """In pixels."""
        return self.dancers[0].width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.dancers[0].height

    @property
    def frame_rate(self) -> float:
        """In frames a second."""
        return self.dancers[0].frame_rate

    def frames(self) -> Iterator[Picture]:
        """Each frame in turn, (height, width, 3), blue, green, red."""
        first = self.dancers[0]
        return shoot(
            [Model(each.body, each.build, each.clothes) for each in self.dancers],
            camera=first.camera,
            size=(self.width, self.height),
            scene=first.scene,
            wall=first.clothes.background,
            mirrored=first.mirrored,
        )

    def write(self, path: str | Path) -> None:
        """Write the film as a video file: MPEG-4 for .mp4, Motion JPEG for .avi.

        Raises OSError if the file cannot be written.
        """
        write(path, self.frames(), self.frame_rate, (self.width, self.height))

    def alone(self, index: int) -> "GroupFilm":
        """The same film with one of the dancers only, who does the same at the same place."""
        return GroupFilm((self.dancers[index],))

    @cached_property
    def in_view(self) -> NDArray[np.bool_]:
        """Whether half of a dancer's landmarks or more are in the picture, (dancers, n).

        Landmarks that others hide count as well.
        """
        visible = [each.landmarks()[0][..., 3] for each in self.dancers]
        return np.asarray(np.mean(visible, axis=-1) >= 0.5)

    @cached_property
    def hidden(self) -> NDArray[np.float64]:
        """The share of a dancer in the picture that nearer dancers cover, (dancers, n).

        It is looked up in silhouettes of a reduced size; 0 for who isn't in the picture.
        """
        scale = _COARSE / self.height
        size = (_COARSE, round(self.width * scale))
        views = []
        for each in self.dancers:
            middle = (each.camera.centre[0] * scale, each.camera.centre[1] * scale)
            camera = replace(each.camera, focal=each.camera.focal * scale, centre=middle)
            views.append(View(Model(each.body, each.build, each.clothes), camera))
        hidden = np.zeros((len(self.dancers), len(self)))
        for frame in range(len(self)):
            covered = np.zeros(size, np.uint8)
            for view in reversed(farthest_first(views, frame)):
                silhouette = np.zeros(size, np.uint8)
                paint(silhouette, (shape._replace(colour=_WHITE) for shape in view.outlines(frame)))
                area = cv2.countNonZero(silhouette)
                if area:
                    common = cv2.countNonZero(cv2.bitwise_and(silhouette, covered))
                    hidden[views.index(view), frame] = common / area
                cv2.bitwise_or(covered, silhouette, dst=covered)
        return hidden


def group(
    roles: Sequence[Role],
    *,
    width: int = 960,
    height: int = 540,
    frame_rate: float = 30.0,
    pitch: float = 0.0,
    scale: float = 0.5,
    distance: float = 7.0,
    mirrored: bool = False,
    transition: float = 0.6,
    rest: float = 0.4,
    background: Colour = WARDROBE[0].background,
    scene: Scene = PLAIN,
) -> GroupFilm:
    """Film roles together, until the last of them has come to the end of its score and its path.

    `scale` is the height of an average dancer in the middle of the stage, as a share of the shorter
    edge of the picture, and `distance` how many metres the camera is away from there: who comes
    nearer is seen larger. `background` is the colour of the wall, in place of what the clothes say.
    The wall of a scene with a floor is 1.6 metres behind the middle. The rest is as in `film`; who
    is done stands.

    Raises ValueError if the repertoire lacks a pose or has other sides for it, if a path goes back
    in time, or if someone comes nearer to the camera than `NEAREST`.
    """
    solos = [
        film(
            role.score,
            width=width,
            height=height,
            frame_rate=frame_rate,
            yaw=role.yaw,
            mirrored=mirrored,
            transition=transition,
            rest=rest,
            build=role.build,
            slips=role.slips,
            clothes=replace(role.clothes or worn, background=background),
            scene=scene,
        )
        for role, worn in zip(roles, cycle(WARDROBE), strict=False)
    ]
    ends = [round(stop.seconds * frame_rate) for role in roles for stop in role.path]
    begins = [round(role.late * frame_rate) for role in roles]
    count = max([*ends, *(len(solo) + late for solo, late in zip(solos, begins, strict=True))])
    average = Build().standing_height
    camera = Camera.framing(
        scale * min(width, height) / average, (width / 2, height / 2), average, pitch, distance
    )
    return GroupFilm(
        tuple(_placed(solo, role, count, camera) for solo, role in zip(solos, roles, strict=True))
    )


def _placed(solo: Film, role: Role, count: int, camera: Camera) -> Film:
    """A film of `count` frames of who goes the way of a role and stands once the score is over."""
    times = np.arange(count) / solo.frame_rate
    places = role.places(times)
    if places[:, 1].max() > camera.distance - NEAREST:
        raise ValueError(f"a dancer keeps {NEAREST} metres from the camera")
    late = round(role.late * solo.frame_rate)
    kept = np.clip(np.arange(count) - late, 0, len(solo) - 1)
    way = np.insert(places, 1, 0.0, axis=1)
    points = {name: point[kept] + way for name, point in solo.body.points.items()}
    return replace(
        solo,
        times=times,
        truth=[solo.truth[frame] for frame in kept],
        body=Skeleton(points, solo.body.head[kept]),
        camera=camera,
    )
