"""Who follows analyses looks at them so often that the server has time for everything else."""

from service.web.looks import LOOK_SECONDS, MOST, Looks

OURS, OTHER = "192.0.2.1", "192.0.2.2"


def test_few_look_often_and_many_seldom_and_addresses_have_equal_parts() -> None:
    looks = Looks()
    ours = [looks.followed(OURS, [b"event"]) for _ in range(10 * MOST)]
    for each in ours[:5]:
        next(each)
    assert looks.pause(OURS) == LOOK_SECONDS
    for each in ours[5:]:
        next(each)
    assert looks.pause(OURS) == 10
    other = looks.followed(OTHER, [b"event"])
    next(other)
    assert looks.pause(OTHER) == LOOK_SECONDS
    assert looks.pause(OURS) == 20
    assert list(other) == []
    assert looks.pause(OURS) == 10
    for each in ours:
        assert list(each) == []
    assert looks.pause(OURS) == LOOK_SECONDS
