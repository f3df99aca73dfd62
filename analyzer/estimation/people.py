"""Several people in the frames of a video, each with an identity: an Estimator.

Everybody who is followed has a region of their own, where the landmarks before say. People are
looked for beside them in crops of the frame at the size of those that are seen, now and then and
where one is lost; on the whole frame the detector finds one of a row. Where two followers come upon
one body, it belongs to the one whose way and clothes fit; the other is lost until found again.
Who comes after the first frame is given only once followed for a while: what a detector takes
for somebody seldom lasts.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final

import numpy as np
from numpy.typing import NDArray

from analyzer.estimation.appearance import DIFFERENT, appearance, difference
from analyzer.estimation.detection import detect
from analyzer.estimation.engine import Engine
from analyzer.estimation.estimator import LANDMARKS, Floats, Person
from analyzer.estimation.following import Following, Found, look
from analyzer.estimation.region import Region
from analyzer.limits import MOST_IDENTITIES, Choice

INTERVAL: Final = 0.5
"""Seconds after which people are looked for again, while there are fewer than may be."""

SEARCH_INTERVAL: Final = 0.1
"""Seconds after which somebody who was lost is looked for again."""

SEARCHED: Final = 3.0
"""Seconds for which somebody who was lost is looked for so often."""

FIRST_WIDTHS: Final = (1.0, 0.6, 0.35)
"""Widths of the crops in which people are first looked for, as parts of the frame's width."""

NARROWEST: Final = 0.15
"""The same of the narrowest crop, however small people are: so there are never many."""

CONFIRMED: Final = 0.1
"""Seconds for which somebody new is followed before being given, but for those of the first frame:
what isn't somebody was followed for three of 30 frames a second at most, in recordings."""

FEWEST: Final = 3
"""Frames of that at least."""

TRIED: Final = 3
"""Detections that are looked at closely at a time, for each dancer who may be found."""

ROOMY: Final = 1.3
"""How much wider than a person's region a crop is in which people of that size are looked for."""

SAME_BODY: Final = 0.25
"""Mean distance of landmarks, as part of the body's radius, below which two bodies are one."""

SAME_PLACE: Final = 0.3
"""The same of the middles of the hips, below which a detection is of somebody who is followed."""

JUMP: Final = 0.35
"""Radii that the hips move from frame to frame at most, beside what they did before."""

REACH: Final = 1.2
"""Radii from where somebody is expected within which that person is found again, at first."""

REACH_SPEED: Final = 1.5
"""Radii by which this grows in a second."""

SMALLEST: Final = 4.0
"""Pixels of a body's radius at least."""

SEEN: Final = 0.5
"""Mean visibility of shoulders and hips of a person who is there."""

NEAR: Final = 1.0
"""Radii between the hips of two people from which on their clothes are seen well."""

_TRUNK: Final = [11, 12, 23, 24]
_BODY: Final = slice(11, 29)


class _Dancer:
    """Somebody who has been seen."""

    def __init__(
        self, key: int, region: Region, circle: tuple[NDArray[np.float64], float], frame: int
    ) -> None:
        self.key = key
        """Of this dancer alone, also before there is an identity."""
        self.identity: int | None = None
        """None while it isn't certain that somebody is there."""
        self.frames = 0
        """For which this dancer was followed in all."""
        self.following = Following(region)
        self.lost_for = 0
        """Frames since this dancer was last seen."""
        self.last_search = frame
        self.looks: Floats | None = None
        """Colours, as appearance gives them."""
        self.pace = np.zeros(2)
        """What the hips lately moved in a frame, in pixels."""
        self.hips, self.radius = circle
        """In pixels, when last seen."""

    def expected(self) -> NDArray[np.float64]:
        """Where the hips are in the next frame, in pixels."""
        # A dancer who isn't seen slows down rather than leaves.
        return np.asarray(self.hips + self.pace * min(self.lost_for + 1, 15))

    def note(self, found: Found, size: tuple[int, int]) -> None:
        """Take note of where this dancer is."""
        hips, radius = _circle(found, size)
        if self.lost_for == 0:
            self.pace += 0.3 * (hips - self.hips - self.pace)
        self.hips, self.radius = hips, radius
        self.lost_for = 0
        self.frames += 1


class People:
    """Finds up to so many people, or a chosen one of them: an Estimator."""

    def __init__(
        self,
        most: int,
        choice: Choice | None = None,
        *,
        frame_rate: float = 30.0,
        engine: Engine | None = None,
    ) -> None:
        """Begin before the first frame.

        Args:
            most: people that are followed at once.
            choice: which one of them alone is given, if so; chosen when first people are seen.
            frame_rate: frames a second.
            engine: the models, which have not run yet; they are loaded by default.
        """
        self._most = most
        self._choice = choice
        self._engine = engine or Engine()
        self._interval = max(1, round(INTERVAL * frame_rate))
        self._search = max(1, round(SEARCH_INTERVAL * frame_rate))
        self._confirmed = max(FEWEST, ceil(CONFIRMED * frame_rate))
        self._frame_rate = frame_rate
        self._dancers: list[_Dancer] = []
        self._keys = 0
        self._identities = 0
        self._chosen: int | None = None
        self._frame = -1
        self._looked_round = -self._interval

    def find(self, pixels: NDArray[np.uint8], threads: int = 1) -> list[Person]:
        """Give the people in the next frame by their identities; see Estimator."""
        self._frame += 1
        size = pixels.shape[1], pixels.shape[0]
        seen = self._followed(pixels, size, threads)
        # Nobody waits for those who were lost before they had an identity.
        self._dancers = [
            dancer for dancer in self._dancers if dancer.identity is not None or dancer.key in seen
        ]
        seen |= self._found_again(pixels, size, threads, seen)
        people = []
        places: dict[int, Found] = {}
        for dancer in self._dancers:
            found = seen.get(dancer.key)
            if found is None:
                dancer.lost_for += 1
                continue
            dancer.note(found, size)
            landmarks = dancer.following.take(found, size)
            if dancer.identity is None and (self._frame == 0 or dancer.frames > self._confirmed):
                self._identities += 1
                dancer.identity = self._identities
            if dancer.identity is not None:
                people.append(Person(dancer.identity, landmarks))
                places[dancer.identity] = found
        self._note_clothes(pixels, seen)
        if self._choice is None:
            return people
        if self._chosen is None and people:
            self._chosen = _chosen(self._choice, places, size)
        return [person for person in people if person.identity == self._chosen]

    def _followed(
        self, pixels: NDArray[np.uint8], size: tuple[int, int], threads: int
    ) -> dict[int, Found]:
        """What is found of those who were seen in the frame before, by key."""
        seen: dict[int, Found] = {}
        for dancer in self._dancers:
            if dancer.lost_for == 0:
                found = self._looked(pixels, dancer.following.region, threads)
                if found is not None and not self._jumped(dancer, found, size):
                    seen[dancer.key] = found
        return self._one_body_each(pixels, size, seen)

    def _looked(self, pixels: NDArray[np.uint8], region: Region, threads: int) -> Found | None:
        """Who is in a region, if anybody who is large enough to go by."""
        found = look(self._engine, pixels, region, threads)
        if found is None:
            return None
        radius = _circle(found, (pixels.shape[1], pixels.shape[0]))[1]
        return found if radius >= SMALLEST else None

    def _jumped(self, dancer: _Dancer, found: Found, size: tuple[int, int]) -> bool:
        """Whether what was found is where another dancer is rather than this one."""
        hips, _ = _circle(found, size)
        way = float(np.linalg.norm(hips - dancer.expected())) / dancer.radius
        if way < JUMP:
            return False
        others = (other for other in self._dancers if other is not dancer and not other.lost_for)
        return any(np.linalg.norm(hips - other.expected()) / other.radius < way for other in others)

    def _one_body_each(
        self, pixels: NDArray[np.uint8], size: tuple[int, int], seen: dict[int, Found]
    ) -> dict[int, Found]:
        """What was found without the bodies that two have come upon, for the one who fits less."""
        kept: dict[int, Found] = {}
        fits = {
            dancer.key: self._misfit(pixels, size, dancer, seen[dancer.key])
            for dancer in self._dancers
            if dancer.key in seen
        }
        # Who has no identity yet takes nobody's body.
        known = {dancer.key for dancer in self._dancers if dancer.identity is not None}
        for key in sorted(seen, key=lambda each: (each not in known, fits[each])):
            found = seen[key]
            if not any(_same_body(found, other, size) for other in kept.values()):
                kept[key] = found
        return kept

    def _misfit(
        self, pixels: NDArray[np.uint8], size: tuple[int, int], dancer: _Dancer, found: Found
    ) -> float:
        """How little what was found fits a dancer's way and clothes, from 0."""
        hips, _ = _circle(found, size)
        way = float(np.linalg.norm(hips - dancer.expected())) / dancer.radius
        if dancer.looks is None:
            return way
        # Where all are clothed alike, what little their looks differ says nothing.
        looks = difference(appearance(pixels, found.places), dancer.looks)
        return way + max(0.0, looks / DIFFERENT - 0.5)

    def _found_again(
        self,
        pixels: NDArray[np.uint8],
        size: tuple[int, int],
        threads: int,
        seen: dict[int, Found],
    ) -> dict[int, Found]:
        """Who is found beside those who are followed: lost ones, and new ones."""
        if len(seen) >= self._most:
            return {}
        regions: list[Region] = []
        if self._frame - self._looked_round >= self._interval:
            self._looked_round = self._frame
            for left, width in self._crops(size[0]):
                regions += _detected(self._engine, pixels, left, width)
        for dancer in self._dancers:
            recent = dancer.lost_for < SEARCHED * self._frame_rate
            due = self._frame - dancer.last_search >= self._search
            if dancer.key not in seen and recent and due:
                dancer.last_search = self._frame
                width = round(ROOMY * dancer.following.region.width * size[0])
                left = round(float(dancer.expected()[0]) - width / 2)
                regions += _detected(self._engine, pixels, left, width)
        new: list[tuple[Region, Found]] = []
        room = self._most - len(seen)
        tried = 0
        for region in regions:
            if len(new) == room or tried == TRIED * room:
                break
            there = list(seen.values()) + [found for _, found in new]
            if any(_same_place(region, found, size) for found in there):
                continue
            tried += 1
            found = self._looked(pixels, region, threads)
            if found is None or found.visibility[_TRUNK].mean() < SEEN:
                continue
            if not any(_same_body(found, other, size) for other in there):
                new.append((region, found))
        return self._named(pixels, size, seen, new)

    def _named(
        self,
        pixels: NDArray[np.uint8],
        size: tuple[int, int],
        seen: dict[int, Found],
        new: Sequence[tuple[Region, Found]],
    ) -> dict[int, Found]:
        """Who those are that were found beside the others, by key."""
        lost = [dancer for dancer in self._dancers if dancer.key not in seen]
        crowded = [_crowded(found, [*seen.values()], size) for _, found in new]
        costs = sorted(
            (self._misfit(pixels, size, dancer, found), number, place)
            for place, dancer in enumerate(lost)
            for number, (_, found) in enumerate(new)
            if self._may_be(pixels, size, dancer, found, crowded[number])
        )
        named: dict[int, Found] = {}
        taken: set[int] = set()
        for _, number, place in costs:
            dancer = lost[place]
            if dancer.key not in named and number not in taken:
                taken.add(number)
                region, found = new[number]
                dancer.following = Following(region)
                named[dancer.key] = found
        rest = [pair for number, pair in enumerate(new) if number not in taken]
        rest.sort(key=lambda pair: float(pair[0].x))
        for region, found in rest[: MOST_IDENTITIES - len(self._dancers)]:
            circle = _circle(found, size)
            self._keys += 1
            dancer = _Dancer(self._keys, region, circle, self._frame)
            self._dancers.append(dancer)
            named[dancer.key] = found
        return named

    def _may_be(
        self,
        pixels: NDArray[np.uint8],
        size: tuple[int, int],
        dancer: _Dancer,
        found: Found,
        crowded: bool,
    ) -> bool:
        """Whether somebody who was found, perhaps among others, can be a dancer who was lost."""
        hips, radius = _circle(found, size)
        seconds = dancer.lost_for / self._frame_rate
        if not 0.6 < radius / dancer.radius < 1.6 and seconds < SEARCHED:
            return False
        reach = (REACH + REACH_SPEED * seconds) * dancer.radius
        near = bool(np.linalg.norm(hips - dancer.expected()) < reach) or seconds > SEARCHED
        if dancer.looks is None or crowded:
            return near
        return near and difference(appearance(pixels, found.places), dancer.looks) < DIFFERENT

    def _crops(self, width: int) -> Iterator[tuple[int, int]]:
        """Left edges and widths of the crops in which people are looked for, in pixels."""
        sides = [ROOMY * dancer.following.region.width for dancer in self._dancers]
        for part in (1.0, float(np.median(sides))) if sides else FIRST_WIDTHS:
            wide = min(width, max(1, round(max(part, NARROWEST) * width)))
            steps = max(1, int(np.ceil(2 * (width - wide) / wide)))
            for step in range(steps + 1) if wide < width else (0,):
                yield round(step * (width - wide) / steps), wide

    def _note_clothes(self, pixels: NDArray[np.uint8], seen: dict[int, Found]) -> None:
        """Take note of the clothes of those beside whom nobody stands."""
        there = [dancer for dancer in self._dancers if dancer.key in seen]
        for dancer in there:
            others = (other for other in self._dancers if other is not dancer)
            if all(
                np.linalg.norm(dancer.hips - other.hips) > NEAR * dancer.radius for other in others
            ):
                looks = appearance(pixels, seen[dancer.key].places)
                before = looks if dancer.looks is None else dancer.looks
                dancer.looks = before + np.float32(0.1) * (looks - before)


def _detected(engine: Engine, pixels: NDArray[np.uint8], left: int, width: int) -> list[Region]:
    """The regions of people in a crop of a frame, of its whole height."""
    size = pixels.shape[1], pixels.shape[0]
    left, right = max(0, left), min(size[0], left + width)
    if right - left < 2:
        return []
    crop = pixels[:, left:right]
    place, scale = np.array([left / size[0], 0.0]), np.array([(right - left) / size[0], 1.0])
    bodies = (person.body * scale + place for person in detect(engine, crop))
    return [Region.around(body.astype(np.float32), size) for body in bodies]


def _circle(found: Found, size: tuple[int, int]) -> tuple[NDArray[np.float64], float]:
    """The middle of the hips and the radius of the circle around a body, in pixels."""
    middle, top = found.places[LANDMARKS:, :2].astype(np.float64) * size
    return middle, max(float(np.linalg.norm(top - middle)), 1.0)


def _body(found: Found, size: tuple[int, int]) -> NDArray[np.float64]:
    """The joints (18, 2) from the shoulders to the ankles, in pixels."""
    return np.asarray(found.places[_BODY, :2].astype(np.float64) * size)


def _same_body(one: Found, other: Found, size: tuple[int, int]) -> bool:
    """Whether two have come upon one body."""
    apart = np.linalg.norm(_body(one, size) - _body(other, size), axis=1).mean()
    return bool(apart < SAME_BODY * min(_circle(one, size)[1], _circle(other, size)[1]))


def _same_place(region: Region, found: Found, size: tuple[int, int]) -> bool:
    """Whether a detected person is one whose body is known."""
    hips, radius = _circle(found, size)
    return bool(
        np.linalg.norm((region.x * size[0], region.y * size[1]) - hips) < SAME_PLACE * radius
    )


def _crowded(found: Found, others: Sequence[Found], size: tuple[int, int]) -> bool:
    """Whether somebody stands so near to others that the clothes seen may be theirs."""
    hips, radius = _circle(found, size)
    return any(np.linalg.norm(_circle(each, size)[0] - hips) < NEAR * radius for each in others)


def _chosen(choice: Choice, people: dict[int, Found], size: tuple[int, int]) -> int:
    """The identity of who is chosen among people."""
    circles = {identity: _circle(found, size) for identity, found in people.items()}
    if choice.kind == "largest":
        return max(circles, key=lambda each: circles[each][1])
    aim = np.array([choice.x, choice.y]) * size
    if choice.kind == "middle":
        return min(circles, key=lambda each: abs(circles[each][0][0] - size[0] / 2))

    def away(identity: int) -> float:
        return float(np.linalg.norm(_body(people[identity], size) - aim, axis=1).min())

    return min(people, key=away)
