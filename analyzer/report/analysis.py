"""What was found out about a video."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypedDict

from analyzer.frames.video import VideoInfo
from analyzer.holds import Hold, NearMiss, Undecidable
from analyzer.music import Beats
from analyzer.report.attendance import Dancer
from analyzer.report.kept import KeptLandmarks
from analyzer.report.sight import Advice

DIGITS: Final = 4
"""Decimal places of landmarks, scores and seconds in an answer."""


class Answer(TypedDict):
    """What a caller gets who asks for nothing more."""

    detected_poses: dict[str, list[int]]
    """The frames in which each pose is held, by the pose's name; 0-based, in decoding order."""
    total_frames: int
    """How many frames decode."""


class NoBeats(StrEnum):
    """Why no beats are known of a video, in a sentence."""

    NO_SOUND = "The video has no sound."
    UNREADABLE = "The video's sound can't be read."
    NO_CLEAR_BEAT = "The sound has no clear beat."


@dataclass(frozen=True)
class Progress:
    """How far an analysis is."""

    frames: int
    frames_expected: int
    """How many the file holds, by its packets; fewer may decode, as the last progress tells."""


@dataclass(frozen=True)
class Timing:
    """Seconds of wall time that an analysis spent waiting for decoding, in the model, on poses."""

    decode: float
    inference: float
    poses: float


@dataclass(frozen=True)
class Analysis:
    """Everything that was found out about a video."""

    video: VideoInfo
    total_frames: int
    undecoded_packets: int
    """How many packets of the file held a picture that could not be decoded."""
    frames_with_person: int
    duration: float
    """Seconds from the first frame to the end of the last."""
    holds: Sequence[Hold]
    near_misses: Sequence[NearMiss]
    undecidable: Sequence[Undecidable]
    advice: Sequence[Advice]
    """Why nothing is held, where it was asked for and there is a reason."""
    timing: Timing
    landmarks: KeptLandmarks | None
    """Of all frames, where they were to be kept."""
    dancers: Sequence[Dancer] | None = None
    """Who is seen, by number, where dancers are told apart."""
    chosen: bool = False
    """Whether only one of them was to be followed."""
    music: Beats | NoBeats | None = None
    """The beats of its sound, where they were asked for."""

    @property
    def apart(self) -> Sequence[int] | None:
        """The numbers of the dancers, where several are followed; None where it is only one."""
        if self.dancers is None or self.chosen:
            return None
        return [dancer.number for dancer in self.dancers]

    @property
    def alone(self) -> KeptLandmarks:
        """The landmarks of the one dancer who is followed, which have been kept."""
        assert self.landmarks is not None
        return self.landmarks.of(self.dancers[0].number) if self.dancers else self.landmarks

    def answer(self) -> Answer:
        """Give the plain answer."""
        frames: dict[str, set[int]] = {}
        for hold in self.holds:
            frames.setdefault(hold.pose, set()).update(range(hold.first, hold.last + 1))
        return {
            "detected_poses": {name: sorted(frames[name]) for name in sorted(frames)},
            "total_frames": self.total_frames,
        }
