"""Drawn phrases compared: are faults told, with limb, time and size, and nothing that isn't there?

python -m benchmarks.comparison films phrases of half a minute, and copies of them at other tempi,
with other starts, builds and views, mirrored, and with faults: a limb that is 20 degrees off for
two seconds, half a second late. It prints what is found of each, how well phrases are told from
one another, and what comparing costs beside the two analyses.
"""

import io
import json
import secrets
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.body import Body
from analyzer.compare import NAMES, shape_of
from analyzer.compare.shape import degrees_apart
from analyzer.estimation.pace import usable_cores
from analyzer.limits import Limits
from analyzer.poses import trusted
from analyzer.process import analyze, compare
from analyzer.report.analysis import Analysis
from analyzer.report.answer import answer_text
from analyzer.report.comparison import Compared, compared, comparison_text
from analyzer.report.kept import KeptLandmarks
from analyzer.report.performance import Performance, performance_in
from benchmarks.common import table
from dancer.figure import BUILDS, Build
from dancer.film import Delay, Film, Slip, Slipping, film
from dancer.phrases import PHRASES

BEGUN = 10.0
"""Degrees of a slip from which on it counts as there."""

LIMB = {
    "left arm": "left upper arm",
    "right arm": "right upper arm",
    "left leg": "left thigh",
    "right leg": "right thigh",
}
"""What is told of what slips, where it isn't called the same."""


@dataclass(frozen=True)
class Copy:
    """A phrase danced again, in another way."""

    name: str
    phrase: int = 0
    tempo: float = 1.0
    yaw: float = 0.0
    build: Build = BUILDS["average"]
    mirrored: bool = False
    frame_rate: float = 30.0
    slips: tuple[Slip, ...] = ()
    delays: tuple[Delay, ...] = ()

    def film(self, *, faultless: bool = False) -> Film:
        """Film it; without its faults if need be, but with its start."""
        starts = tuple(delay for delay in self.delays if delay.end == inf)
        return film(
            PHRASES[self.phrase],
            tempo=self.tempo,
            yaw=self.yaw,
            build=self.build,
            mirrored=self.mirrored,
            frame_rate=self.frame_rate,
            slips=() if faultless else self.slips,
            delays=starts if faultless else self.delays,
        )


def copies(phrase: int) -> list[Copy]:
    """The copies of a phrase."""
    short, broad, long = (BUILDS[name] for name in ("short", "broad", "long"))
    late, early = Delay(0.5, 9.0, 15.0), Delay(-0.5, 9.0, 15.0)
    return [
        Copy("as it is", phrase),
        Copy("tempo 0.8", phrase, tempo=0.8),
        Copy("tempo 1.25", phrase, tempo=1.25),
        Copy("2 s later", phrase, delays=(Delay(2.0, -1.0, inf),)),
        Copy("1 s cut off", phrase, delays=(Delay(-1.0, -2.0, inf),)),
        Copy("long limbs", phrase, build=long),
        Copy("short limbs, 25 a second", phrase, build=short, frame_rate=25.0),
        Copy("broad, tempo 0.9", phrase, build=broad, tempo=0.9),
        Copy("yaw 15", phrase, yaw=15),
        Copy("yaw -15, tempo 1.1", phrase, yaw=-15, tempo=1.1),
        Copy("yaw 30", phrase, yaw=30),
        Copy("yaw -30", phrase, yaw=-30),
        Copy("mirrored", phrase, mirrored=True),
        Copy("mirrored, yaw 10", phrase, mirrored=True, yaw=10, build=short),
        Copy("0.5 s late", phrase, delays=(late,)),
        Copy("0.5 s early, yaw 15", phrase, delays=(early,), yaw=15),
        Copy("0.5 s late, tempo 0.85", phrase, delays=(late,), tempo=0.85, build=short),
        *_slipping(phrase),
    ]


def _slipping(phrase: int) -> list[Copy]:
    """Copies in each of which a limb slips, for two seconds with its way there and back."""
    long = BUILDS["long"]
    return [
        _slip("T-Pose", "left arm", -20, Copy("", phrase)),
        _slip("Arms V", "right arm", -20, Copy(", yaw 15", phrase, yaw=15)),
        _slip("Star", "left forearm", 20, Copy(", long limbs", phrase, build=long)),
        _slip("Goddess", "right forearm", -20, Copy(", yaw -10", phrase, yaw=-10)),
        _slip("Star", "left leg", 20, Copy(", tempo 1.1", phrase, tempo=1.1)),
        _slip("T-Pose", "right arm", 20, Copy(", yaw -20", phrase, yaw=-20)),
        _slip("Star", "right leg", 20, Copy(", mirrored", phrase, mirrored=True)),
        _slip("Arms V", "left arm", 20, Copy(", yaw 30", phrase, yaw=30)),
    ]


def _slip(pose: str, limb: Slipping, degrees: float, copy: Copy) -> Copy:
    """A copy with a slip that begins as the pose is struck."""
    danced = copy.film()
    struck = next(
        float(moment)
        for moment, truth in zip(danced.times, danced.truth, strict=True)
        if pose in {name for name, _ in truth}
    )
    slip = Slip(limb, degrees, struck - 0.3, struck + 1.7)
    return replace(copy, name=f"{limb} {degrees:+.0f} in {pose}{copy.name}", slips=(slip,))


class Found(NamedTuple):
    """What was told of a copy."""

    copy: Copy
    answer: dict[str, Any]
    ahead: float
    """Seconds that what is told of who is ahead is off, on average."""
    expected: list[tuple[str, float, float, float]]
    """Limb, begin, end and degrees of each fault."""


def seen(copy: Copy, folder: Path) -> Path:
    """Analyse the film of a copy, and give where its answer with landmarks lies."""
    video = folder / f"{secrets.token_hex(8)}.mp4"
    copy.film().write(video)
    *_, analysis = analyze(video, keep_landmarks=True, limits=Limits())
    assert isinstance(analysis, Analysis)
    answer = video.with_suffix(".json")
    answer.write_text("".join(answer_text(analysis, ["landmarks"])))
    return answer


def told(own: Path, reference: Path) -> dict[str, Any]:
    """What is told of a dancer beside a reference, of whom the answers lie there."""
    performances = [_performance(path) for path in (own, reference)]
    answer: dict[str, Any] = json.loads("".join(comparison_text(compared(*performances))))
    return answer


def _performance(path: Path) -> Performance:
    with path.open("rb") as answer:
        kept = KeptLandmarks(io.BytesIO())
        return performance_in(answer, kept, trusted(), limits=Limits())


def found(copy: Copy, own: Path, reference: Path) -> Found:
    """Compare a copy with its phrase."""
    answer = told(own, reference)
    return Found(copy, answer, _ahead_off(copy, answer), _expected(copy))


def _expected(copy: Copy) -> list[tuple[str, float, float, float]]:
    """The faults that are there, by exact landmarks of the film with them and without."""
    danced, right = copy.film(), copy.film(faultless=True)
    bodies = [
        Body(*each.landmarks(), each.times, each.width, each.height) for each in (danced, right)
    ]
    expected = []
    for slip in copy.slips:
        # In the mirror the other side slips.
        side, what = slip.limb.split(" ")
        if copy.mirrored:
            side = "right" if side == "left" else "left"
        limb = LIMB.get(f"{side} {what}", f"{side} {what}")
        one, other = (shape_of(body).directions[:, NAMES.index(limb)] for body in bodies)
        off = np.flatnonzero(degrees_apart(one, other) > BEGUN)
        first, last = danced.times[[off[0], off[-1]]]
        expected.append((limb, float(first), float(last), abs(slip.degrees)))
    return expected


def _ahead_off(copy: Copy, answer: dict[str, Any]) -> float:
    """How far what is told of who is ahead is off, on average over the dance."""
    delays = [delay for delay in copy.delays if delay.end != inf]
    if not answer["same_dance"]:
        return np.nan
    off = []
    for each in answer["timing"]["ahead"]:
        true, settled = 0.0, True
        for seconds, start, end in delays:
            true -= seconds if start + 1 <= each["time"] <= end else 0.0
            # On the way there, and until a movement shows it, nobody can tell.
            near = min(abs(each["time"] - start - 0.5), abs(each["time"] - end - 0.5))
            settled &= near > 2.0
        if settled:
            off.append(abs(each["seconds"] - true))
    return float(np.mean(off)) if off else np.nan


def row(each: Found) -> tuple[Any, ...]:
    """A row of the table."""
    answer = each.answer
    if not answer["same_dance"]:
        return (each.copy.phrase + 1, each.copy.name, answer["score"], *("",) * 6)
    moments = answer["moments"]
    right = [_told(one, moments) for one in each.expected]
    there = [moment for moment in right if moment]
    late = [delay for delay in each.copy.delays if delay.end != inf]
    off = answer["timing"]["off"]
    timed = [one for one in off if any(abs(one["seconds"] + delay.seconds) < 0.1 for delay in late)]
    seconds = [
        max(abs(moment["start"] - one[1]), abs(moment["end"] - one[2]))
        for one, moment in zip(each.expected, right, strict=True)
        if moment
    ]
    sizes = [
        abs(moment["degrees"] - one[3])
        for one, moment in zip(each.expected, right, strict=True)
        if moment
    ]
    return (
        each.copy.phrase + 1,
        each.copy.name,
        f"{answer['score']:.2f}",
        f"{len(there)} of {len(each.expected)}" if each.expected else "",
        f"{max(seconds):.2f}" if seconds else "",
        f"{max(sizes):.1f}" if sizes else "",
        f"{min(len(timed), len(late))} of {len(late)}" if late else "",
        f"{each.ahead:.3f}",
        len(moments) - len(there) + len(off) - min(len(timed), len(late)),
    )


def _told(
    expected: tuple[str, float, float, float], told: Sequence[dict[str, Any]]
) -> dict[str, Any] | None:
    """What is told of a fault: of its limb, while it is there."""
    limb, begin, end, _ = expected
    there = (m for m in told if m["limb"] == limb and m["start"] < end and begin < m["end"])
    return next(there, None)


def summary(results: Sequence[Found]) -> str:
    """The table in a few lines."""
    rows = [row(each) for each in results]
    slips = [(_told(one, each.answer["moments"]), one) for each in results for one in each.expected]
    told = [(moment, one) for moment, one in slips if moment]
    seconds = max(
        max(abs(moment["start"] - one[1]), abs(moment["end"] - one[2])) for moment, one in told
    )
    degrees = max(abs(moment["degrees"] - one[3]) for moment, one in told)
    late = [each[6].split(" of ") for each in rows if each[6]]
    return (
        f"{len(told)} of {len(slips)} limbs that are off are told, at most {seconds:.2f} s and "
        f"{degrees:.1f} degrees off; {sum(int(one) for one, _ in late)} of {len(late)} who are "
        f"late or early; who is ahead is {max(each.ahead for each in results):.3f} s off on "
        f"average at most; {sum(each[8] for each in rows)} things are told in {len(rows)} copies "
        "that aren't there"
    )


def area(same: Sequence[float], other: Sequence[float]) -> float:
    """The area under the curve: how often the same dance has the higher score."""
    above: NDArray[np.float64] = np.subtract.outer(np.array(same), np.array(other))
    return float((above > 0).mean() + (above == 0).mean() / 2)


def cost() -> tuple[float, float]:
    """Seconds of the two analyses with their landmarks, and of comparing beside them."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("own.mp4", "theirs.mp4")]
        Copy("", yaw=10, tempo=0.9).film().write(paths[0])
        Copy("").film().write(paths[1])
        alone, together = [], []
        for _ in range(3):
            start = time.perf_counter()
            for path in paths:
                *_, analysis = analyze(path, keep_landmarks=True)
                assert isinstance(analysis, Analysis)
            alone.append(time.perf_counter() - start)
            start = time.perf_counter()
            *_, laid = compare(paths[0], paths[1])
            assert isinstance(laid, Compared)
            "".join(comparison_text(laid))
            together.append(time.perf_counter() - start)
        return float(np.median(alone)), float(np.median(together))


def main() -> None:
    """Print the tables."""
    every = [copy for phrase in range(len(PHRASES)) for copy in copies(phrase)]
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(usable_cores()) as pool:
        answers = list(pool.map(partial(seen, folder=Path(folder)), every))
        danced = list(zip(every, answers, strict=True))
        references: dict[int, Path] = {}
        for copy, path in danced:
            # The first copy of each phrase is the phrase as it is.
            references.setdefault(copy.phrase, path)
        results = [found(copy, path, references[copy.phrase]) for copy, path in danced]
        different = [
            told(path, reference)["score"]
            for copy, path in danced
            for phrase, reference in references.items()
            if phrase != copy.phrase
        ]
    head = (
        *("phrase", "copy", "score", "faults", "s off", "degrees off", "late", "ahead off"),
        "told beside",
    )
    print(table(head, [row(each) for each in results]))
    print(f"\n{summary(results)}")
    same = [each.answer["score"] for each in results]
    print(
        f"\nOther phrases score {min(different):.2f} to {max(different):.2f}, the same "
        f"{min(same):.2f} to {max(same):.2f}: area under the curve {area(same, different):.3f}"
    )
    alone, together = cost()
    print(
        f"Two analyses take {alone:.2f} s, comparing with them {together:.2f} s "
        f"({100 * (together / alone - 1):+.1f} %)"
    )


if __name__ == "__main__":
    main()
