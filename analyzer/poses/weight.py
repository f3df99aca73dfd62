"""What bears the weight: standing poses are those of somebody who stands on the feet."""

from collections.abc import Iterator

from analyzer.body import Body, Condition


def on_the_feet(body: Body, *, hands_free: bool = False) -> Iterator[Condition]:
    """The feet bear the weight: nobody sits or lies on the floor.

    With `hands_free` no hand rests on the floor either, or on a block or a shin near it.
    """
    yield body.hips_above_feet.at_least(0.3).as_essence()
    if hands_free:
        yield body.hands_above_floor.at_least(0.65).as_essence()


def from_the_feet(body: Body) -> Condition:
    """A movement that begins and ends on the feet, and is no floor work."""
    return body.stood.at_least(0.75).as_essence()
