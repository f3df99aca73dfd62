"""Asanas that dancers use."""

from collections.abc import Iterator

from analyzer.body import Body, Condition, Side
from analyzer.poses import pose


@pose("Tree", family="yoga", aliases={"Vrksasana": "yoga"})
def tree(body: Body, raised: Side) -> Iterator[Condition]:
    """Balance on one straight leg, the sole of the other foot against it, the knee outwards.

    Source: B. K. S. Iyengar, Light on Yoga, vrksasana.
    """
    yield raised.other.knee.at_least(155)
    yield raised.knee.at_most(110)
    yield raised.lift.at_least(0.35)
    yield body.tilt.at_most(20)
