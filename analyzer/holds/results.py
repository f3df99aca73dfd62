"""What a timeline tells: holds, near misses and what can't be decided."""

from dataclasses import dataclass

from analyzer.poses import SideName


@dataclass(frozen=True, slots=True)
class Measured:
    """A condition as it stood in one frame; a bound of None is no bound."""

    quantity: str
    value: float
    low: float | None
    high: float | None
    unit: str
    held: bool
    joints: tuple[str, ...]

    def __str__(self) -> str:
        """A sentence: "left elbow 148 degrees, wants at least 160"."""
        digits = 0 if abs(self.value) >= 10 else 2
        wants = []
        if self.low is not None:
            wants.append(f"at least {self.low:g}")
        if self.high is not None:
            wants.append(f"at most {self.high:g}")
        return f"{self.quantity} {self.value:.{digits}f} {self.unit}, wants {' and '.join(wants)}"

    @property
    def off(self) -> float:
        """How far the value is outside its bounds, 0 inside."""
        low = 0.0 if self.low is None else self.low - self.value
        high = 0.0 if self.high is None else self.value - self.high
        return max(low, high, 0.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A stretch of frames first..last in which a pose is held, or nearly.

    best is the best frame that is at rest, or else of all, and conditions are as measured there;
    start and end are in seconds: when the first frame is shown, and when the last one no longer is.
    """

    pose: str
    side: SideName | None
    first: int
    last: int
    best: int
    start: float
    end: float
    score: float
    conditions: tuple[Measured, ...]
    dancer: int | None
    """Whose it is; None where one dancer is followed, whoever that is."""


@dataclass(frozen=True, slots=True)
class Hold(Judged):
    """A stretch in which a pose is held; turns: how many, of a pose that counts them."""

    turns: int | None


@dataclass(frozen=True, slots=True)
class NearMiss(Judged):
    """A stretch in which all but one or two conditions of a pose held, and those nearly.

    margin is that of the worst condition in the best frame, in units of its slack, less than 0; off
    are the conditions that did not hold there, and reason says so in words.
    """

    margin: float
    off: tuple[Measured, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Undecidable:
    """A stretch in which a pose may have been held and the camera can't tell, with the reason."""

    pose: str
    first: int
    last: int
    start: float
    end: float
    reason: str
    dancer: int | None
    """As of `Judged`."""
