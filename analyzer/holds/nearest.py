"""Which near misses are advice: those of what somebody tries, and of them the nearest."""

from collections.abc import Sequence

from analyzer.holds.results import Hold, Judged, NearMiss


def nearest(near_misses: Sequence[NearMiss], holds: Sequence[Hold]) -> list[NearMiss]:
    """The near misses that nothing explains better.

    Somebody who holds a pose with the very limbs that are off in another is not trying that one,
    and of two poses that are nearly held with the same limbs the nearer one is tried.
    """
    kept: list[NearMiss] = []
    for miss in sorted(near_misses, key=lambda miss: (-miss.margin, miss.first, miss.pose)):
        off = _off(miss)
        explained = any(
            off <= _joints(hold) or hold.pose == miss.pose for hold in holds if _meet(hold, miss)
        )
        if not explained and not any(_meet(other, miss) and off & _off(other) for other in kept):
            kept.append(miss)
    return kept


def _off(miss: NearMiss) -> set[str]:
    return {joint for condition in miss.off for joint in condition.joints}


def _joints(judged: Judged) -> set[str]:
    return {joint for condition in judged.conditions for joint in condition.joints}


def _meet(one: Judged, other: Judged) -> bool:
    """Whether two stretches have a frame in common."""
    return one.first <= other.last and other.first <= one.last
