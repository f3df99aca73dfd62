"""How many tasks a load needs, how long its callers wait and what that costs: a simulation.

python -m benchmarks.fleet [--seconds S] [--rate VIDEOS_AN_HOUR] [--length S] [--speed F]

Before it extrapolates, the simulation has to tell what a real run gives: two servers behind
haproxy, one analysis at a time on each, a minute of videos of three lengths that arrive at random.
It is given when each video came and how long it took without its time in line, and has to find who
waits for whom, for how long, and who is rejected. Needs haproxy, which a distribution's packages
have; nothing leaves the machine.
"""

import argparse
import heapq
import itertools
import random
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import requests

from benchmarks.common import our_server, table
from dancer.film import film
from testing.balancer import load_balancer
from testing.serving import TIMEOUT, eventually, reserved_port

PRICES_OF = "January 2025, us-east-1, US dollars"
VCPU_HOUR = 0.04048
GB_HOUR = 0.004445
ADDRESS_HOUR = 0.005
BALANCER_HOUR = 0.0225
BALANCER_GB = 0.008

VCPU = 2
"""Processors of a task; each analyses one video, and two more wait for it."""

MEMORY_GB = 4
BUSY = 0.6
"""How busy tasks are kept."""

START_SECONDS = 75.0
"""From the decision to have one more task until the load balancer sends it work (assumed)."""

LOOK_SECONDS = 60.0
"""Between two looks of the scaling at the requests of the last such time."""

HOLDS = (0.1, 0.3, 0.9)
"""Lengths of the videos of the real run: seconds for which each holds its pose."""

WAITING = 2
LOAD = 0.8
"""Part of what the two servers can do that the real run asks of them."""

TOLERANCE = 0.2
LEAST_TOLERANCE = 0.3
"""By such a part, or so many seconds, may a simulated latency differ from the real one."""

SEED = 7


@dataclass
class Outcome:
    """What became of a load."""

    latencies: list[float] = field(default_factory=list)
    """Seconds from arrival to answer of the videos that were answered."""
    rejected: int = 0
    end: float = 0.0
    """When the last answer was given."""
    task_seconds: float = 0.0
    most_tasks: int = 0

    def latency(self, percentile: float) -> float:
        """Seconds within which so many percent of the answers came."""
        return float(np.percentile(self.latencies, percentile)) if self.latencies else 0.0

    @property
    def throughput(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.end if self.end else 0.0


@dataclass
class _Task:
    born: float
    running: int = 0
    line: list[tuple[float, float]] = field(default_factory=list)
    served: int = 0

    @property
    def outstanding(self) -> int:
        return self.running + len(self.line)


@dataclass(frozen=True)
class Scaling:
    """Adds tasks when there are more requests for each than are aimed at; takes none away here."""

    requests_a_minute: float
    most_tasks: int


def simulate(
    arrivals: Sequence[tuple[float, float]],
    tasks: int,
    analyses: int,
    waiting: int,
    scaling: Scaling | None = None,
) -> Outcome:
    """Serve videos by tasks behind a load balancer that chooses the least outstanding requests.

    Args:
        arrivals: of each video the time, rising, and the seconds of work, both in seconds.
        tasks: that run from the start.
        analyses: that each task does at once; more wait in its line.
        waiting: places in the line of each; a video that comes to a full one is rejected.
        scaling: how tasks are added.
    """
    outcome = Outcome()
    fleet = [_Task(0.0) for _ in range(tasks)]
    order = itertools.count()
    # Of each event the time, what makes the order unique, what, and of which task and video.
    events: list[tuple[float, int, str, _Task | None, tuple[float, float]]] = [
        (moment, next(order), "arrive", None, (moment, work)) for moment, work in arrivals
    ]
    heapq.heapify(events)
    last = arrivals[-1][0]
    if scaling:
        heapq.heappush(events, (LOOK_SECONDS, next(order), "look", None, (0.0, 0.0)))
    coming = recent = 0

    def start(task: _Task, now: float, video: tuple[float, float]) -> None:
        task.running += 1
        heapq.heappush(events, (now + video[1], next(order), "finish", task, video))

    while events:
        now, _, what, task, video = heapq.heappop(events)
        if what == "arrive":
            recent += 1
            least = min(fleet, key=lambda each: (each.outstanding, each.served))
            least.served += 1
            if least.running < analyses:
                start(least, now, video)
            elif len(least.line) < waiting:
                least.line.append(video)
            else:
                outcome.rejected += 1
        elif what == "finish" and task:
            task.running -= 1
            outcome.latencies.append(now - video[0])
            outcome.end = now
            if task.line:
                start(task, now, task.line.pop(0))
        elif what == "ready":
            coming -= 1
            fleet.append(_Task(now - START_SECONDS))
        elif scaling:
            wanted = -(-recent * 60 / LOOK_SECONDS // scaling.requests_a_minute)
            more = min(int(wanted), scaling.most_tasks) - len(fleet) - coming
            for _ in range(max(0, more)):
                coming += 1
                ready = (now + START_SECONDS, next(order), "ready", None, (0.0, 0.0))
                heapq.heappush(events, ready)
            recent = 0
            if now < last:
                again = (now + LOOK_SECONDS, next(order), "look", None, (0.0, 0.0))
                heapq.heappush(events, again)
    outcome.most_tasks = len(fleet)
    outcome.task_seconds = sum(outcome.end - each.born for each in fleet)
    return outcome


def poisson(rate: float, seconds: float, works: Sequence[float]) -> list[tuple[float, float]]:
    """Videos that arrive at random, so many a second, each with one of these seconds of work."""
    chance = random.Random(SEED)
    arrivals = []
    now = chance.expovariate(rate)
    while now < seconds:
        arrivals.append((now, chance.choice(works)))
        now += chance.expovariate(rate)
    return arrivals


@dataclass(frozen=True)
class Answer:
    """What became of a video in the real run."""

    arrived: float
    status: int
    took: float
    """Seconds from arrival to answer."""
    waited: float
    """Seconds of these in line, as the server tells."""


def send(url: str, content: bytes, began: float) -> Answer:
    """Send a video that arrives now."""
    arrived = time.perf_counter()
    reply = requests.post(
        f"{url}/analyze",
        files={"video": content},
        data={"include": "timing"},
        timeout=TIMEOUT,
    )
    took = time.perf_counter() - arrived
    waited = reply.json()["timing"]["queue"] if reply.ok else 0.0
    return Answer(arrived - began, reply.status_code, took, waited)


def really(
    url: str, videos: Sequence[bytes], arrivals: Sequence[tuple[float, int]]
) -> list[Answer]:
    """Send videos at their times, and tell what became of each, in order of arrival."""
    began = time.perf_counter()

    def caller(arrival: tuple[float, int]) -> Answer:
        moment, number = arrival
        time.sleep(max(0.0, began + moment - time.perf_counter()))
        return send(url, videos[number], began)

    with ThreadPoolExecutor(len(arrivals)) as callers:
        return sorted(callers.map(caller, arrivals), key=lambda answer: answer.arrived)


def observed(answers: Sequence[Answer]) -> Outcome:
    """The outcome of a real run."""
    good = [answer for answer in answers if answer.status == 200]
    return Outcome(
        latencies=[answer.took for answer in good],
        rejected=len(answers) - len(good),
        end=max(answer.arrived + answer.took for answer in good),
    )


def compare(seconds: float) -> tuple[Outcome, Outcome]:
    """The real run of two servers behind haproxy, and the same simulated."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        videos = []
        for number, hold in enumerate(HOLDS):
            path = folder / f"{number}.mp4"
            film([("T-Pose", None, hold)], width=240, height=240, frame_rate=15).write(path)
            videos.append(path.read_bytes())
        ports = reserved_port(), reserved_port()
        url = stack.enter_context(load_balancer(folder, *ports))
        for port in ports:
            stack.enter_context(
                our_server(folder / "uploads", port=port, ANALYSES=1, WAITING=WAITING)
            )
        assert eventually(lambda: requests.get(f"{url}/health", timeout=5).status_code == 200)
        # Each video on both servers, one after the other: the work without any wait.
        alone = [
            really(url, videos, [(0.0, number), (0.0, number)]) for number in range(len(videos))
        ]
        work = sum(answer.took for pair in alone for answer in pair) / (2 * len(videos))
        numbered = poisson(LOAD * len(ports) / work, seconds, range(len(videos)))
        answers = really(url, videos, [(moment, int(number)) for moment, number in numbered])
    good = [answer.took - answer.waited for answer in answers if answer.status == 200]
    # What was rejected has no time of its own; any other may stand for it.
    known = [
        (each.arrived, each.took - each.waited if each.status == 200 else median(good))
        for each in answers
    ]
    return observed(answers), simulate(known, len(ports), 1, WAITING)


def hourly_cost(outcome: Outcome, videos_an_hour: float, megabytes: float) -> float:
    """Dollars an hour of the tasks that ran, their addresses and the load balancer."""
    tasks = outcome.task_seconds / outcome.end
    task = VCPU * VCPU_HOUR + MEMORY_GB * GB_HOUR + ADDRESS_HOUR
    return tasks * task + BALANCER_HOUR + videos_an_hour * megabytes / 1000 * BALANCER_GB


def main() -> None:
    """Print the comparison, and what follows if it holds."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m benchmarks.fleet",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="of the real run")
    parser.add_argument("--rate", type=float, default=10_000.0, help="videos an hour")
    parser.add_argument("--length", type=float, default=10.0, help="seconds of a video")
    parser.add_argument("--frame-rate", type=float, default=30.0)
    parser.add_argument("--speed", type=float, default=81.0, help="frames/s of a vCPU")
    parser.add_argument("--megabytes", type=float, default=20.0, help="of a video")
    arguments = parser.parse_args()
    real, simulated = compare(arguments.seconds)
    rows = []
    differing = []
    for name, unit, percentile in (("median", "s", 50), ("90 %", "s", 90), ("99 %", "s", 99)):
        pair = real.latency(percentile), simulated.latency(percentile)
        rows.append((f"latency, {name}", *(f"{each:.2f} {unit}" for each in pair)))
        if abs(pair[0] - pair[1]) > max(LEAST_TOLERANCE, TOLERANCE * pair[0]):
            differing.append(name)
    rows.append(("answers/s", f"{real.throughput:.2f}", f"{simulated.throughput:.2f}"))
    rows.append(("answered", str(len(real.latencies)), str(len(simulated.latencies))))
    rows.append(("rejected", str(real.rejected), str(simulated.rejected)))
    print(table(("two servers behind haproxy", "real", "simulated"), rows), end="\n\n")
    if differing:
        raise SystemExit(
            f"The simulation is off at {', '.join(differing)}: nothing is extrapolated."
        )

    work = arguments.length * arguments.frame_rate / arguments.speed
    rate = arguments.rate / 3600
    needed = max(2, int(-(-rate * work // (VCPU * BUSY))))
    aimed = 60 * VCPU * BUSY / work
    # Videos differ in length: half and one and a half times as long are as common.
    steady = poisson(rate, 1800, (0.5 * work, work, 1.5 * work))
    cases: list[tuple[str, int, Scaling | None]] = [
        (f"{tasks} tasks", tasks, None)
        for tasks in sorted({max(2, needed * part // 10) for part in (6, 8, 10, 12)})
    ]
    cases.append(("2 tasks and scaling", 2, Scaling(aimed, 3 * needed)))
    rows = []
    for name, tasks, scaling in cases:
        outcome = simulate(steady, tasks, VCPU, 2 * VCPU, scaling)
        rows.append(
            (
                name,
                str(outcome.most_tasks),
                *(f"{outcome.latency(percentile):.1f} s" for percentile in (50, 99)),
                f"{outcome.rejected / len(steady):.1%}",
                f"{hourly_cost(outcome, arguments.rate, arguments.megabytes):.2f}",
            )
        )
    print(
        f"{arguments.rate:g} videos an hour of {arguments.length:g} s, for half an hour;\n"
        f"{VCPU} vCPU a task at {arguments.speed:g} frames/s each, {needed} tasks at "
        f"{BUSY:.0%}; prices of {PRICES_OF}.\n"
    )
    head = ("fleet", "tasks at the end", "median", "99 %", "rejected", "dollars an hour")
    print(table(head, rows))


if __name__ == "__main__":
    main()
