"""What bears the weight: standing poses are those of somebody who stands on the feet."""

from collections.abc import Iterator

from analyzer.body import Body, Condition


def on_the_feet(body: Body, *, hips: float = 0.3, hands_free: bool = False) -> Iterator[Condition]:
    """The feet bear the weight: nobody sits or lies on the floor.

    hips: how high they are over the feet at least, as a share of the height standing; who sits on
    a chair has them at a half. With `hands_free` no hand rests on the floor, or on a block or a
    shin near it.
    """
    yield body.hips_above_feet.at_least(hips).as_essence()
    if hands_free:
        yield body.hands_above_floor.at_least(0.65).as_essence()


def from_the_feet(body: Body) -> Condition:
    """A movement that begins and ends on the feet, and is no floor work."""
    return body.stood.at_least(0.75).as_essence()
