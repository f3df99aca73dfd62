"""What to do about a condition that isn't met, in a teacher's words, steady enough to be spoken."""

from dataclasses import replace
from typing import Final

from analyzer.body import DEGREES
from analyzer.holds import Attempt, Measured

SPOKEN_SECONDS: Final = 1.0
"""For so long a sentence stays, unless what it asks for is met."""

OTHER: Final = {"left": "right", "right": "left"}
"""The other side."""

_ELBOW = "straighten your {side} elbow", "bend your {side} elbow more"
_KNEE = "straighten your {side} knee", "bend your {side} knee more"
_FOOT = "lift your {side} foot higher", "lower your {side} foot"
_KNEE_HEIGHT = "lift your {side} knee", "lower your {side} knee"
_WRIST = "lift your {side} hand", "lower your {side} hand"
_ARM = "lift your {side} arm", "lower your {side} arm"
_FEET = "set your feet further apart", "bring your feet closer together"
_LEG = "take your {side} leg further back", "bring your {side} leg further forward"
_STRETCH = "stretch your {side} leg", "bend your {side} leg a little"
_FROM_HIP = "take your {side} hand off your hip", "bring your {side} hand to your hip"
_STAND = "stand higher", "sink lower"

TO_DO: Final = {
    "{side} ankle above the other": _FOOT,
    "{side} ankle above the other in space": _FOOT,
    "{side} ankle off the midline": (
        "take your {side} foot further out",
        "bring your {side} foot further in",
    ),
    "{side} arm from the trunk": _ARM,
    "{side} elbow": _ELBOW,
    "{side} elbow above the shoulder": ("lift your {side} elbow", "lower your {side} elbow"),
    "{side} elbow in space": _ELBOW,
    "{side} foot above the other": _FOOT,
    "{side} foot from the nearer hand": (
        "take your hands away from your {side} foot",
        "bring a hand to your {side} foot",
    ),
    "{side} forearm from along the other arm": (
        "turn your {side} forearm away from the line of the other arm",
        "bring your {side} forearm into the line of the other arm",
    ),
    "{side} foot in front of the other": (
        "set your {side} foot further forward",
        "set your {side} foot further back",
    ),
    "{side} forearm seen": (
        "turn your {side} forearm so that it points neither at the camera nor away from it",
        "turn your {side} forearm towards the camera",
    ),
    "{side} heel above the toes": ("lift your {side} heel", "lower your {side} heel"),
    "{side} head inclined": (
        "incline your head further to the {side}",
        "incline your head less to the {side}",
    ),
    "{side} hip above the knee": _STAND,
    "{side} hip raised": ("raise your {side} hip", "lower your {side} hip"),
    "{side} hips out": (
        "push your hips further to the {side}",
        "bring your hips back to the middle",
    ),
    "{side} hip": ("open your {side} hip", "bend more at your {side} hip"),
    "{side} hips aside of the foot": (
        "move your hips away from your {side} foot",
        "bring your hips over your {side} foot",
    ),
    "{side} knee": _KNEE,
    "{side} knee above the ankle": _KNEE_HEIGHT,
    "{side} knee above the floor": _KNEE_HEIGHT,
    "{side} knee above the other": _KNEE_HEIGHT,
    "{side} knee in space": _KNEE,
    "{side} lean": ("lean further to the {side}", "lean less to the {side}"),
    "{side} leg": ("lift your {side} leg higher", "lower your {side} leg"),
    "{side} leg direction": _LEG,
    "{side} leg stretched": _STRETCH,
    "{side} reach of the leg": _STRETCH,
    "{side} sole from along the other leg": (
        "turn your {side} sole away from the other leg",
        "lay your {side} sole against the other leg",
    ),
    "{side} thigh": ("lift your {side} thigh", "lower your {side} thigh"),
    "{side} thigh direction": (
        "take your {side} knee further back",
        "bring your {side} knee further forward",
    ),
    "{side} toes above the other knee": _FOOT,
    "{side} toes from the other knee": (
        "take your {side} toes away from the other knee",
        "bring your {side} toes to the other knee",
    ),
    "{side} toes from the other leg": (
        "take your {side} toes away from the other leg",
        "bring your {side} toes to the other leg",
    ),
    "{side} turnout of the foot": (
        "turn your {side} foot further out",
        "turn your {side} foot further in",
    ),
    "{side} whole arm from the trunk": _ARM,
    "{side} wrist above or below the shoulder": (
        "take your {side} hand away from the height of your shoulder",
        "bring your {side} hand to the height of your shoulder",
    ),
    "{side} wrist above the hip": _WRIST,
    "{side} wrist above the nose": _WRIST,
    "{side} wrist above the shoulder": _WRIST,
    "{side} wrist from the hip": _FROM_HIP,
    "{side} wrist from the hip in space": _FROM_HIP,
    "{side} wrist from the nose": (
        "take your {side} hand away from your face",
        "bring your {side} hand to your face",
    ),
    "{side} wrist in front": ("bring your {side} hand forward", "take your {side} hand back"),
    "{side} wrist off the midline": (
        "take your {side} hand further out",
        "bring your {side} hand further in",
    ),
    "angle between the legs": ("take your legs further apart", "bring your legs closer together"),
    "change of the height of the hips": ("move up or down", "keep your hips at one height"),
    "distance between the ankles": _FEET,
    "distance between the ankles in space": _FEET,
    "distance between the elbows": (
        "take your elbows further apart",
        "bring your elbows closer together",
    ),
    "distance between the knees": (
        "take your knees further apart",
        "bring your knees closer together",
    ),
    "distance between the wrists": (
        "take your hands further apart",
        "bring your hands closer together",
    ),
    "drift of the hips": ("move on", "stay where you are"),
    "feet apart across the body": _FEET,
    "hands above the floor": ("lift your hands off the floor", "bring your hands to the floor"),
    "height of the hips": _STAND,
    "hips above the feet": _STAND,
    "knees in front of the ankles": (
        "bend your knees forward over your toes",
        "bring your knees back over your ankles",
    ),
    "knees out over the feet": ("open your knees further out", "bring your knees over your feet"),
    "one foot in front of the other": (
        "set one foot further in front of the other",
        "set your feet side by side",
    ),
    "speed of the fastest joint": ("move", "hold still"),
    "trunk arched": ("arch further", "arch less"),
    "trunk forwards": ("bend further forward", "bring your trunk further back"),
    "trunk tilt": ("tilt your trunk further", "bring your trunk upright"),
    "turnout of the feet": ("turn your feet further out", "turn your feet further in"),
    "wrists above the shoulders": ("lift your hands", "lower your hands"),
    "wrists apart on their own sides": ("uncross your hands", "cross your hands"),
    "wrists from the other elbows": (
        "take your hands away from the other elbows",
        "bring each hand to the other elbow",
    ),
    "wrists in front": ("bring your hands forward", "take your hands back"),
}
"""What to do where a quantity is too low, and where it is too high."""


FURTHER_OUT: Final = {
    "{side} leg direction": "take your {side} leg further out to the side",
    "{side} thigh direction": "take your {side} knee further out to the side",
}
"""What to do where these are too low and not wanted behind: they are 90 aside, 180 behind."""

TOWARDS_A_SIDE: Final = {"lean", "hips out", "head inclined"}
"""What is negative towards the other side."""

ASIDE: Final = 90.0
"""Where a direction leads to the side."""

LATER: Final = {
    "change of the height of the hips",
    "drift of the hips",
    "speed of the fastest joint",
    "{side} leg direction",
    "{side} thigh direction",
}
"""What says little as long as something else is off: how it moves, and where a limb points that may
still hang."""


def to_do(condition: Measured) -> str:
    """Tell what to do about a condition that isn't met: "bend your left knee more"."""
    condition = _towards(condition)
    name, side = _parts(condition.quantity)
    too_low = _is_too_low(condition)
    if name in FURTHER_OUT and too_low and condition.low is not None and condition.low < ASIDE:
        return FURTHER_OUT[name].format(side=side)
    if name not in TO_DO:
        return f"{'more' if too_low else 'less'} {condition.quantity}"
    return TO_DO[name][not too_low].format(side=side)


def advice(condition: Measured) -> str:
    """Tell it with what is measured: "lift your left elbow: 148 degrees, wants at least 153".

    Numbers that say nothing to a dancer are left out: those of movements, and negative ones.
    """
    told = to_do(condition)
    condition = _towards(condition)
    too_low = _is_too_low(condition)
    bound = condition.low if too_low else condition.high
    moves = _parts(condition.quantity)[0] in LATER and condition.unit != DEGREES
    if bound is None or min(bound, condition.value) < 0 or moves:
        return told
    digits = 0 if condition.unit == DEGREES else 2
    wants = f"wants at {'least' if too_low else 'most'} {bound:.{digits}f}"
    return f"{told}: {condition.value:.{digits}f} {condition.unit}, {wants}"


def _parts(quantity: str) -> tuple[str, str]:
    """A quantity as TO_DO names it, and its side."""
    side, _, rest = quantity.partition(" ")
    return (f"{{side}} {rest}", side) if side in OTHER else (quantity, "")


def _is_too_low(condition: Measured) -> bool:
    return condition.low is not None and condition.value < condition.low


def _towards(condition: Measured) -> Measured:
    """The same of the other side, where it is towards that side that something is wanted."""
    side, _, rest = condition.quantity.partition(" ")
    bound = condition.low if _is_too_low(condition) else condition.high
    if side not in OTHER or rest not in TOWARDS_A_SIDE or bound is None or bound > 0:
        return condition
    low, high = condition.low, condition.high
    return replace(
        condition,
        quantity=f"{OTHER[side]} {rest}",
        value=-condition.value,
        low=None if high is None else -high,
        high=None if low is None else -low,
    )


class Coach:
    """One sentence of advice at a time, on what is furthest off."""

    def __init__(self) -> None:
        self._sentence: str | None = None
        self._about: str | None = None
        """The quantity that it is about, or None for what can't be seen."""
        self._since = float("-inf")
        """When it was first said."""

    def sentence(self, time: float, attempt: Attempt | None) -> str | None:
        """Give what to say at a time, in seconds, of how an attempt stands; None if nothing is off.

        It stays for SPOKEN_SECONDS, unless the pose is held or what it asks for is met: then
        nothing is said until another may be.
        """
        if attempt is None or attempt.held or self._is_met(attempt):
            self._sentence = None
        if attempt is not None and not attempt.held and time - self._since >= SPOKEN_SECONDS:
            self._say(time, attempt)
        return self._sentence

    @property
    def about(self) -> str | None:
        """The quantity that the last sentence is about; None also for what can't be seen."""
        return None if self._sentence is None else self._about

    def _is_met(self, attempt: Attempt) -> bool:
        """Whether what is asked for is met."""
        return any(each.held and each.quantity == self._about for each in attempt.conditions)

    def _say(self, time: float, attempt: Attempt) -> None:
        """Say what there is to say first."""
        first = [each for each in attempt.off if _parts(each.quantity)[0] not in LATER]
        worst = next(iter(first or attempt.off), None)
        before, self._sentence = self._sentence, attempt.doubt if worst is None else advice(worst)
        self._about = None if worst is None else worst.quantity
        if self._sentence != before:
            self._since = time
