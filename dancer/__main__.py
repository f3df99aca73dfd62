"""The command `python -m dancer OUT.mp4`: films a clip."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from dancer.film import Step, film
from dancer.formations import lesson
from dancer.music import clicks, with_sound
from dancer.phrases import learnt, taught
from dancer.repertoire import REPERTOIRE


def main() -> None:
    """Film the poses that are asked for, or all that the dancer knows, one after the other."""
    parser = argparse.ArgumentParser(
        prog="python -m dancer", description="Film the drawn dancer striking poses."
    )
    parser.add_argument("file", type=Path, help="the video to write: .mp4 or .avi")
    parser.add_argument(
        "--pose",
        action="append",
        choices=REPERTOIRE,
        metavar="NAME",
        help="a pose to strike; may be given again (default: all)",
    )
    parser.add_argument("--yaw", type=float, default=0.0, help="degrees turned to the own left")
    parser.add_argument("--seconds", type=float, help="how long each pose is held")
    parser.add_argument(
        "--row",
        action="store_true",
        help="instead, three in a row, of whom one is late and one has an arm too low",
    )
    parser.add_argument(
        "--phrase",
        choices=("taught", "learnt"),
        help="instead, a phrase of half a minute, as a teacher or as a pupil dances it",
    )
    parser.add_argument(
        "--tempo", type=float, metavar="BEATS", help="with clicks, so many beats a minute (.mp4)"
    )
    parser.add_argument(
        "--late",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="with --tempo, how late the dancer is; without it a beat is when the film begins",
    )
    arguments = parser.parse_args()
    if arguments.row:
        lesson().write(arguments.file)
        return
    if arguments.phrase:
        (taught if arguments.phrase == "taught" else learnt)().write(arguments.file)
        return
    score: list[Step] = []
    for name in arguments.pose or REPERTOIRE:
        if REPERTOIRE[name].sides:
            score += [Step(name, "left", arguments.seconds), Step(name, "right", arguments.seconds)]
        else:
            score.append(Step(name, None, arguments.seconds))
    filmed = film(score, yaw=arguments.yaw)
    if arguments.tempo is None:
        filmed.write(arguments.file)
        return
    with TemporaryDirectory() as folder:
        silent = Path(folder) / arguments.file.name
        filmed.write(silent)
        seconds = len(filmed) / filmed.frame_rate
        track = clicks(arguments.tempo, seconds, start=-arguments.late)
        with_sound(silent, arguments.file, track.samples)


if __name__ == "__main__":
    main()
