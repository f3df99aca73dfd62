"""The service described: as OpenAPI 3.1 for machines, and what it says for people."""

from functools import cache
from typing import Any, Final

from analyzer.limits import INCLUDES, LONGEST_HOLD, MOST_PEOPLE
from analyzer.posefile import (
    ANY,
    LONGEST_NAME,
    MOST_CONDITIONS,
    MOST_EXAMPLES,
    QUANTITIES,
    SIDES,
    TOLERANCE,
    TOLERANCES,
    VERSION,
    VIEWS,
)
from analyzer.version import version
from service.problems import MEDIA_TYPE, Kind
from service.web.schemas import NUMBER, TEXT, TRUTH, WHOLE, list_of, named, object_of
from service.web.streaming import NDJSON, SERVER_SENT

MP4: Final = "video/mp4"
"""The media type of the annotated video."""

_ANALYZE: Final = (
    Kind.BAD_FORM,
    Kind.BAD_OPTION,
    Kind.EMPTY_FILE,
    Kind.UNAUTHORIZED,
    Kind.UPLOAD_TOO_SLOW,
    Kind.UPLOAD_TOO_LARGE,
    Kind.UNDECODABLE,
    Kind.OVER_LIMIT,
    Kind.TOO_MUCH_MEMORY,
    Kind.CRASHED,
    Kind.INTERNAL,
    Kind.BUSY,
    Kind.STARTING,
    Kind.STOPPING,
    Kind.BACKGROUND_DOWN,
    Kind.DEADLINE,
    Kind.NO_ROOM,
)

_TEACH: Final = (*(kind for kind in _ANALYZE if kind is not Kind.BACKGROUND_DOWN), Kind.NOT_SHOWN)

_ANALYSES: Final = (Kind.UNAUTHORIZED, Kind.NOT_FOUND, Kind.BACKGROUND_DOWN)

_TEXTS: Final = {"type": "array", "items": TEXT}
_MOMENT: Final = {"type": "string", "format": "date-time"}
_MAYBE_NUMBER: Final = {"type": ["number", "null"]}


INCLUDED: Final = {
    "segments": "Each hold with its score and conditions; also near_misses and undecidable, and "
    "with people or dancer, dancers: when each is seen, and lost.",
    "video": "Size, codec, frame rate, duration, and how many frames have a person.",
    "landmarks": "For each frame the 33 landmarks of MediaPipe Pose in its order, each as "
    "[x, y, z, visibility] to 4 decimals, or null without a person: x and y as parts of the width "
    "and height from the top left, z on the scale of x, less being nearer; world_landmarks the "
    "same in metres from the middle of the hips, [x, y, z], x to the right of the picture, y down, "
    "z away; with the seconds of each frame, times, and the picture's size, width and height. Of "
    "several people, landmarks and world_landmarks are objects with this for each dancer, by "
    "number.",
    "angles": "By joint (left elbow, left arm from the trunk, left hip, left knee, the same of the "
    "right, and trunk tilt) the angle in degrees in each frame to 1 decimal, null where unknown; "
    "knees and elbows are 180 when straight. Of several people, an object with this for each "
    "dancer, by number.",
    "group": "With people=2 or more, and without dancer: unison, who does the same as whom, and by "
    "how many milliseconds the first of the two is ahead; and odd_one_out, whose limb is other "
    "than that of others who do the same.",
    "beat": "The tempo and the beats of the music, and by how many milliseconds after the nearest "
    "beat, less than 0 before it, each hold begins (holds) and the limbs arrive after a swing "
    "(accents), with a summary. Of several people, accents and summary are objects with this for "
    "each dancer, by number. Where there are no beats, the reason, and nothing else.",
    "timing": "Seconds for upload, queue, decode, inference and poses; also as Server-Timing.",
}
"""What `include` may name, and what it answers."""

EVENTS: Final = {
    "accepted": "Once, with the place in line, 0 without a wait.",
    "waiting": "The place in line, while it waits.",
    "progress": "frames done, of how many (0 if the file doesn't say), frames_per_second.",
    "pose": "A hold, as in segments, soon after it is certain.",
    "result": "The last: the plain answer, in result.",
    "error": "Or this: the fields of a problem.",
}
"""The events of a stream; there is one every 5 seconds at least."""

ACCEPTED: Final = {
    "application/json": "The answer, when it is there. The default.",
    NDJSON: "A line of JSON for each event while it works.",
    SERVER_SENT: "The same as server-sent events.",
    MP4: "The video with skeleton, poses and timeline drawn into it, H.264.",
}
"""What the Accept header may ask for."""

BACKGROUND: Final = {
    "callback": "With Prefer: respond-async, a URL that is called when it ends, on a host that the "
    "service allows, signed as Standard Webhooks has it.",
    "callback_secret": "What that is signed with: whsec_ and 24 to 64 random bytes in base64.",
    "keep_video": "yes to keep the video as long as the result; else it is deleted once analysed.",
}
"""What may be asked for with a background analysis alone."""

PREFER: Final = {
    "respond-async": "Answers 202 and where the analysis is as soon as the video is in (RFC 7240).",
}
"""What the Prefer header may ask for."""

STATES: Final = {
    "waiting": "In line, at its place.",
    "running": "Analysed now; frames of how many are done.",
    "done": "With its result, until kept_until.",
    "failed": "With the problem that says why.",
}
"""What a background analysis may be doing."""

_STRETCH: Final = {
    "first": WHOLE | {"description": "First frame."},
    "last": WHOLE | {"description": "Last frame."},
    "start": NUMBER | {"description": "Seconds from the first frame of the video."},
    "end": NUMBER | {"description": "Likewise: when the last frame is no longer shown."},
}

_DANCER: Final = {
    "type": "integer",
    "minimum": 1,
    "description": "The dancer's number, where people or dancer is asked for.",
}

_IN_BOTH: Final = {
    "start": NUMBER | {"description": "Seconds of the dancer's video."},
    "end": NUMBER,
    "reference_start": NUMBER | {"description": "Seconds of the reference's."},
    "reference_end": NUMBER,
}

_AHEAD: Final = NUMBER | {"description": "Seconds that the dancer is ahead; less than 0, behind."}

_SEGMENT: Final = {
    "pose": TEXT,
    "side": {"enum": ["left", "right", None], "description": "The dancer's own side."},
    "dancer": _DANCER,
    **_STRETCH,
    "best": WHOLE | {"description": "The frame at rest in which it is held best."},
    "score": {"type": "number", "minimum": 0, "maximum": 1},
    "conditions": list_of(named("Condition")),
}

_HOLD: Final = _SEGMENT | {"turns": WHOLE | {"description": "Of a turning movement."}}

_PROBLEM: Final = {
    "type": TEXT,
    "title": TEXT,
    "status": WHOLE,
    "detail": TEXT,
    "error": TEXT | {"description": "The same sentence as detail."},
}

_TOLD: Final[dict[str, dict[str, Any]]] = {
    "accepted": {"place": WHOLE},
    "waiting": {"place": WHOLE},
    "progress": {"frames": WHOLE, "of": WHOLE, "frames_per_second": NUMBER},
    "pose": _HOLD,
    "result": {"result": {"anyOf": [named("Answer"), named("Comparison")]}},
    "error": _PROBLEM,
}
"""What each event tells."""

_LANDMARKS: Final = list_of({"type": ["array", "null"], "items": list_of(NUMBER)})

_MILLISECONDS: Final = {
    "type": "integer",
    "description": "Milliseconds after the nearest beat; less than 0, before it.",
}

_ACCENTS: Final = list_of(named("Accent"))

_ANGLES: Final = {"type": "object", "additionalProperties": list_of(_MAYBE_NUMBER)}


def _of_one_or_each(schema: dict[str, Any]) -> dict[str, Any]:
    """What there is of one dancer, or of each of several by number."""
    return {"anyOf": [schema, {"type": "object", "additionalProperties": schema}]}


_NAME: Final = {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME}
_RANGE: Final = {"type": "array", "items": NUMBER, "minItems": 2, "maxItems": 2}
_TOLERANCE: Final = {"type": "number", "minimum": TOLERANCES[0], "maximum": TOLERANCES[1]}

POSE: Final = {
    "pose": "A pose of your own as POST /poses/teach answers it, as text or as a file: it is "
    "looked for beside the others, or beside those of poses."
}
"""What may be sent in the form alone."""

SCHEMAS: Final[dict[str, Any]] = {
    "Answer": object_of(
        {
            "detected_poses": {
                "type": "object",
                "description": "The frames in which each pose is held, from 0 in decoding order.",
                "additionalProperties": list_of(WHOLE),
            },
            "total_frames": WHOLE | {"description": "Frames that decode."},
            "segments": list_of(named("Hold")),
            "near_misses": list_of(named("NearMiss")),
            "undecidable": list_of(named("Undecidable")),
            "dancers": list_of(named("Dancer")),
            "video": named("Video"),
            "size": list_of(WHOLE) | {"minItems": 2, "maxItems": 2},
            "times": list_of(NUMBER),
            "landmarks": _of_one_or_each(_LANDMARKS) | {"description": INCLUDED["landmarks"]},
            "world_landmarks": _of_one_or_each(_LANDMARKS),
            "angles": _of_one_or_each(_ANGLES) | {"description": INCLUDED["angles"]},
            "group": named("Group"),
            "beat": {"anyOf": [named("Beat"), named("NoBeat")]},
            "timing": {
                "type": "object",
                "description": INCLUDED["timing"],
                "additionalProperties": NUMBER,
            },
        },
        "segments",
        "near_misses",
        "undecidable",
        "dancers",
        "size",
        "times",
        "world_landmarks",
        *INCLUDES,
    ),
    "Comparison": object_of(
        {
            "same_dance": {
                "type": "boolean",
                "description": "Whether the two show the same dance, for a second at least; "
                "the rest is told where they do.",
            },
            "text": TEXT | {"description": "The most important in a sentence."},
            "score": {
                "type": "number",
                "minimum": 0,
                "maximum": 1,
                "description": "How well the two agree: at each moment 1 where the limbs differ by "
                "8 degrees or less (root of the mean square), 0 from 24 on or where the dancer is "
                "2 seconds off, evenly between; the mean of it, times the square of the part of "
                "the shorter one that has a counterpart. Below 0.4 it is another dance.",
            },
            "degrees": NUMBER | {"description": "Between the directions of limbs, on average."},
            "limbs": {
                "type": "object",
                "description": "The same of each limb that is seen: left upper arm, forearm, thigh "
                "and shin, right, and trunk.",
                "additionalProperties": NUMBER,
            },
            "mirrored": {
                "type": "boolean",
                "description": "Whether the dancer's left is compared with the reference's right.",
            },
            "compared": object_of(_IN_BOTH) | {"description": "What is compared of each."},
            "timing": named("Timing"),
            "moments": list_of(named("Moment")) | {"description": "The worst, first the worst."},
            "poses": list_of(named("ComparedPose")),
            "differences": list_of(
                object_of({"time": NUMBER, "reference_time": NUMBER, "degrees": NUMBER})
            )
            | {
                "description": "By how much limbs point elsewhere on average, and when that is in "
                "both videos, every 0.1 s of the dancer's in which it can be told."
            },
        },
        *("degrees", "limbs", "mirrored", "compared", "timing", "moments", "poses", "differences"),
    ),
    "Timing": object_of(
        {
            "tempo_ratio": _MAYBE_NUMBER
            | {"description": "Times as fast as the reference; null where nobody moves."},
            "ahead": list_of(
                object_of({"time": NUMBER, "reference_time": NUMBER, "seconds": _AHEAD})
            )
            | {"description": "Every half second in which it can be told."},
            "off": list_of(object_of({**_IN_BOTH, "seconds": _AHEAD, "text": TEXT}))
            | {"description": "Where the dancer is ahead or behind by 0.2 s or more."},
        }
    ),
    "Moment": object_of(
        {
            "limb": {
                "type": ["string", "null"],
                "description": "null where the whole dancer does something else.",
            },
            **_IN_BOTH,
            "degrees": NUMBER | {"description": "By how much it points elsewhere."},
            "text": TEXT | {"description": "What is off, and what to do, in a sentence."},
        }
    ),
    "ComparedPose": object_of(
        {
            "pose": TEXT,
            "side": {"enum": ["left", "right", None], "description": "That of the dancer."},
            "result": {
                "enum": ["held", "longer", "shorter", "other side", "alike", "missed"],
                "description": "alike: it isn't found, but the limbs are like the reference's.",
            },
            "expected": NUMBER
            | {"description": "The second of the dancer's video at which the reference begins it."},
            "start": _MAYBE_NUMBER,
            "end": _MAYBE_NUMBER,
            "reference_start": NUMBER,
            "reference_end": NUMBER,
            "longer": NUMBER
            | {
                "description": "Seconds by which it is longer than the reference's would be at "
                "the dancer's tempo; less than 0, shorter."
            },
            "text": TEXT,
        }
    )
    | {"description": "What became of a pose that the reference holds."},
    "Analysis": object_of(
        {
            "id": TEXT | {"description": "Known to nobody else; who has it may see and delete."},
            "state": {
                "enum": list(STATES),
                "description": " ".join(f"{name}: {text}" for name, text in STATES.items()),
            },
            "created": _MOMENT,
            "place": WHOLE | {"description": "In line, from 1; 0 if it doesn't wait."},
            "frames": WHOLE | {"description": "That are analysed."},
            "of": WHOLE | {"description": "How many there are; 0 if that isn't known."},
            "frames_per_second": NUMBER,
            "ended": _MOMENT,
            "kept_until": _MOMENT | {"description": "Deleted after that."},
            "problem": named("Problem"),
            "result": named("Answer"),
        },
        "ended",
        "kept_until",
        "problem",
        "result",
    ),
    "Hold": object_of(_HOLD, "turns", "dancer"),
    "NearMiss": object_of(
        _SEGMENT | {"reason": TEXT, "off": list_of(named("Condition"))}, "dancer"
    ),
    "Undecidable": object_of(
        {"pose": TEXT, "dancer": _DANCER, **_STRETCH, "reason": TEXT}, "dancer"
    ),
    "Dancer": object_of(
        {
            "dancer": _DANCER,
            "first": WHOLE | {"description": "The first frame in which the dancer is seen."},
            "last": WHOLE | {"description": "The last one."},
            "frames": WHOLE | {"description": "In how many the dancer is seen."},
            "lost": list_of(named("Lost")),
        }
    ),
    "Lost": object_of(_STRETCH)
    | {
        "description": "A stretch of half a second or more in which a dancer isn't seen: between "
        "the first sight and the last, and of a chosen dancer also until the end."
    },
    "Group": object_of(
        {"unison": list_of(named("Unison")), "odd_one_out": list_of(named("OddOneOut"))}
    )
    | {"description": INCLUDED["group"]},
    "Unison": object_of(
        {
            "dancers": list_of(_DANCER) | {"minItems": 2, "maxItems": 2},
            **_STRETCH,
            "degrees": NUMBER | {"description": "Between the directions of limbs, on average."},
            "ahead_ms": {
                "type": "integer",
                "description": "Milliseconds by which the first of the two is ahead of the second; "
                "less than 0, behind.",
            },
            "text": TEXT | {"description": "Who is behind whom, in a sentence."},
        }
    ),
    "OddOneOut": object_of(
        {
            "dancer": _DANCER,
            "limb": TEXT
            | {"description": "left upper arm, forearm, thigh or shin, right, or trunk"},
            **_STRETCH,
            "degrees": NUMBER | {"description": "By how much it points elsewhere."},
            "text": TEXT | {"description": "What is off, in a sentence."},
        }
    ),
    "Beat": object_of(
        {
            "tempo": NUMBER | {"description": "Beats a minute, on average."},
            "beats": list_of(NUMBER)
            | {"description": "When each is, in seconds from the first frame of the video."},
            "holds": list_of(named("HoldOnBeat"))
            | {"description": "Those that begin during the music, and not with the video itself."},
            "accents": _of_one_or_each(_ACCENTS),
            "summary": _of_one_or_each(named("BeatSummary")),
        }
    )
    | {"description": INCLUDED["beat"]},
    "NoBeat": object_of(
        {
            "reason": TEXT
            | {
                "description": "That there is no sound, that it can't be read, or that it has no "
                "clear beat, in a sentence."
            }
        }
    ),
    "HoldOnBeat": object_of(
        {
            "pose": TEXT,
            "side": _SEGMENT["side"],
            "dancer": _DANCER,
            "start": _STRETCH["start"],
            "ms": _MILLISECONDS,
        },
        "dancer",
    ),
    "Accent": object_of(
        {
            "time": NUMBER
            | {"description": "When the limbs arrive: seconds from the first frame of the video."},
            "ms": _MILLISECONDS,
        }
    ),
    "BeatSummary": object_of(
        {
            "mean_ms": {"type": ["integer", "null"], "description": "Of ms of all accents."},
            "spread_ms": {
                "type": ["integer", "null"],
                "minimum": 0,
                "description": "The standard deviation of that.",
            },
            "within_70_ms": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 1,
                "description": "The part of the accents that are no farther from a beat.",
            },
            "text": TEXT | {"description": "Ahead of the beat, on it or behind, in a sentence."},
        }
    ),
    "Condition": object_of(
        {
            "quantity": TEXT,
            "value": _MAYBE_NUMBER,
            "low": _MAYBE_NUMBER,
            "high": _MAYBE_NUMBER,
            "unit": TEXT,
            "held": TRUTH,
            "joints": _TEXTS,
        }
    ),
    "Video": object_of(
        {
            "width": WHOLE,
            "height": WHOLE,
            "rotation": {"enum": [0, 90, 180, 270]},
            "mirrored": TRUTH,
            "codec": TEXT,
            "frame_rate": NUMBER,
            "duration": NUMBER,
            "decoded_frames": WHOLE,
            "undecoded_packets": WHOLE,
            "frames_with_person": WHOLE,
            "advice": list_of(named("Advice")),
        }
    ),
    "Advice": object_of(
        {
            "reason": {"enum": ["turned", "too-far", "feet-out", "view", "too-dark", "nobody"]},
            "text": TEXT,
            "turn": {"enum": [90, 180, 270]},
        },
        "turn",
    ),
    "Pose": object_of(
        {
            "name": TEXT,
            "family": TEXT,
            "description": TEXT,
            "source": TEXT,
            "aliases": {"type": "object", "additionalProperties": TEXT},
            "sides": _TEXTS,
            "views": _TEXTS,
            "grade": {"enum": ["A", "B", "C"]},
            "experimental": TRUTH,
            "min_hold": {"type": ["number", "null"]},
            "kind": {"enum": ["static", "movement"]},
            "implies": _TEXTS,
            "drawing": {
                "type": ["string", "null"],
                "description": "Where a drawing of it is, from the address of the service.",
            },
        }
    ),
    "PoseFile": object_of(
        {
            "version": {"const": VERSION},
            "name": _NAME,
            "family": _NAME,
            "views": {"type": "array", "items": {"enum": list(VIEWS)}, "minItems": 1},
            "sided": {"type": "boolean", "description": "Whether the side is told."},
            "tolerance": _TOLERANCE,
            "examples": {"type": "integer", "minimum": 1, "maximum": MOST_EXAMPLES},
            "conditions": list_of(named("Bounds")) | {"minItems": 1, "maxItems": MOST_CONDITIONS},
        }
    )
    | {"description": "A pose that was taught: what it is about, and no code."},
    "Bounds": object_of(
        {
            "quantity": {"enum": list(QUANTITIES)},
            "of": {
                "enum": ["body", "both", "left", "right", "side", "other"],
                "description": "Whose it is: side is the one that is told, of a pose with sides.",
            },
            "seen": _RANGE | {"description": "The least and the most that the examples had."},
            "bounds": _RANGE | {"description": "What the pose may have."},
        }
    ),
    "Problem": object_of(_PROBLEM),
    "Event": {
        "oneOf": [
            object_of({"event": {"const": name}, **told}, "turns", "dancer")
            for name, told in _TOLD.items()
        ]
    },
}

_PART: Final = r"(0(\.[0-9]+)?|\.[0-9]+|1(\.0*)?)"
"""A number from 0 to 1."""

_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "poses": TEXT
    | {
        "description": "Poses to look for: names, aliases or families, comma-separated; "
        "experimental ones by name only."
    },
    "min_hold": {
        "type": "number",
        "minimum": 0,
        "maximum": LONGEST_HOLD,
        "description": "Seconds that a static pose is held at least; the catalogue tells which "
        "poses ask for more.",
    },
    "include": TEXT
    | {
        "pattern": f"^({'|'.join(INCLUDES)})(,({'|'.join(INCLUDES)}))*$",
        "description": "What to answer beside the plain answer, comma-separated: "
        + ", ".join(INCLUDED),
    },
    "people": {
        "type": "integer",
        "minimum": 1,
        "maximum": MOST_PEOPLE,
        "description": f"Dancers to tell apart and follow at once, from 1 to {MOST_PEOPLE}, each "
        "by a number of its own; 1 by default, whoever that is. With n, who waits for the "
        "answer may send an nth of the frames; in the background all.",
    },
    "dancer": TEXT
    | {
        "pattern": rf"^(middle|largest|{_PART},{_PART})$",
        "description": "The one to follow among several, chosen when first anybody is seen: "
        "middle, largest, or who is nearest to a point x,y, parts of the width and height from the "
        "top left, from 0 to 1.",
    },
}


_START: Final = {"type": "number", "minimum": 0}

COMPARING: Final[dict[str, dict[str, Any]]] = {
    "poses": _OPTIONS["poses"],
    "min_hold": _OPTIONS["min_hold"],
    "mirror": {
        "enum": ["auto", "yes", "no"],
        "description": "Whether the dancer faces the reference as a mirror, left for right; auto, "
        "by default, is what fits.",
    },
    "start": _START | {"description": "The second of the video from which on it is compared."},
    "end": _START | {"description": "The second until which it is."},
    "reference_start": _START | {"description": "The same of the reference."},
    "reference_end": _START | {"description": "Likewise."},
}
"""What may be asked of a comparison."""


_LESSON: Final[dict[str, dict[str, Any]]] = {
    "at": TEXT
    | {
        "pattern": r"^[0-9.]+(,[0-9.]+)*$",
        "description": "Seconds from the start at which the pose is held; several, "
        "comma-separated, are as many examples.",
    },
    "name": _NAME | {"description": "What the pose is called; with pose, as there by default."},
    "family": _NAME | {"description": "Likewise its family; taught by default."},
    "tolerance": _TOLERANCE
    | {
        "description": "By how many degrees a limb may point elsewhere than in the only example, "
        f"{TOLERANCE:g} by default; of more examples less, down to half of that."
    },
    "view": {
        "enum": [*VIEWS, ANY],
        "description": "From where the pose can be told; as it is shown by default.",
    },
    "sides": {
        "enum": list(SIDES),
        "description": "Which side the example shows, or none for a pose that is looked for only "
        "as it is shown. Found out by default: what is alike on both sides has none.",
    },
    "pose": TEXT | {"description": "A pose made before, that the examples are added to."},
}


def _problems(kinds: tuple[Kind, ...]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for kind in kinds:
        by_status.setdefault(int(kind.status), []).append(f"{kind.slug}: {kind.advice}")
    return {
        str(status): {
            "description": " ".join(texts),
            "content": {MEDIA_TYPE: {"schema": named("Problem")}},
        }
        for status, texts in sorted(by_status.items())
    }


_ID: Final = {"name": "analysis", "in": "path", "required": True, "schema": TEXT}


def _header(name: str, description: str) -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "name": name,
        "in": "header",
        "required": False,
        "schema": text,
        "description": description,
    }


def _analysis(events: dict[str, Any]) -> dict[str, Any]:
    """The operations on one background analysis."""
    video = {"schema": {"type": "string", "contentMediaType": MP4}}
    told = {"schema": events}
    get = {
        "summary": "A background analysis: how far it is, and its result; or its events.",
        "parameters": [
            _ID,
            _header(
                "Last-Event-ID",
                "The id of the last event that was heard: a stream goes on after it.",
            ),
        ],
        "responses": {
            "200": {
                "description": "The analysis; or, as the Accept header asks, its events from the "
                "first on, or the annotated video, if that was asked for with the video.",
                "content": {
                    "application/json": {"schema": named("Analysis")},
                    NDJSON: told,
                    SERVER_SENT: told,
                    MP4: video,
                },
            },
            "204": {"description": "There is no event after the last one."},
            **_problems((*_ANALYSES, Kind.NOT_DONE, Kind.NO_ROOM)),
        },
    }
    forget = {
        "summary": "End a background analysis, and delete all of it.",
        "parameters": [_ID],
        "responses": {
            "204": {"description": "Nothing is known of it any more."},
            **_problems(_ANALYSES),
        },
    }
    return {"get": get, "delete": forget}


def _get(summary: str, content: str, schema: dict[str, Any], *kinds: Kind) -> dict[str, Any]:
    good = {"description": summary, "content": {content: {"schema": schema}}}
    return {"get": {"summary": summary, "responses": {"200": good, **_problems(kinds)}}}


def _live() -> dict[str, Any]:
    """How a live session is opened."""
    live = _get(
        "Open a live session, a WebSocket; its messages are described in /asyncapi.json.",
        "application/json",
        {"type": "object"},
        Kind.BAD_OPTION,
        Kind.BAD_REQUEST,
        Kind.UNAUTHORIZED,
        Kind.FOREIGN_PAGE,
        Kind.BUSY,
        Kind.STARTING,
        Kind.STOPPING,
    )
    responses = live["get"]["responses"]
    live["get"]["responses"] = {"101": {"description": "It is open."}} | {
        status: answer for status, answer in responses.items() if status != "200"
    }
    sends = {"enum": ["pictures", "landmarks"], "default": "pictures"}
    told = {"name": "sends", "in": "query", "required": False, "schema": sends}
    live["get"]["parameters"] = [told]
    return live


PREFER_TEXT: Final = " ".join(f"{name}: {text}" for name, text in PREFER.items())


@cache
def description() -> dict[str, Any]:
    """Give the OpenAPI 3.1 description."""
    background = {name: TEXT | {"description": text} for name, text in BACKGROUND.items()}
    own = {name: TEXT | {"description": text} for name, text in POSE.items()}
    form: dict[str, Any] = {
        "video": {"type": "string", "contentMediaType": "application/octet-stream"},
        **_OPTIONS,
        **own,
        **background,
    }
    told = " ".join(f"{event}: {meaning}" for event, meaning in EVENTS.items())
    events = {"type": "string", "description": told, "contentSchema": named("Event")}
    lost = {"type": "integer", "description": "Lines of the log that were lost, if any were."}
    state: dict[str, Any] = object_of({"status": TEXT, "lost_log_lines": lost}, "lost_log_lines")
    health: dict[str, Any] = _get("Whether analysing works.", "application/json", state)
    health["get"]["responses"]["503"] = {
        "description": "It doesn't, or not yet.",
        "content": {"application/json": {"schema": state}},
    }
    health["get"]["security"] = []
    analyze = {
        "summary": "Tell which poses are held in a video, and in which frames.",
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in _OPTIONS.items()
        ]
        + [
            _header("Prefer", PREFER_TEXT),
            _header(
                "Idempotency-Key",
                "With Prefer: respond-async, what the caller calls this request: sent again, it "
                "gives the same analysis.",
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": object_of(form, *_OPTIONS, *own, *background)}
            },
        },
        "responses": {
            "200": {
                "description": "The poses; or, as the Accept header asks, the events on the way.",
                "content": {
                    "application/json": {"schema": named("Answer")},
                    NDJSON: {"schema": events},
                    SERVER_SENT: {"schema": events},
                    MP4: {"schema": {"type": "string", "contentMediaType": MP4}},
                },
            },
            "202": {
                "description": PREFER_TEXT,
                "headers": {"Location": {"schema": TEXT}},
                "content": {"application/json": {"schema": named("Analysis")}},
            },
            **_problems(_ANALYZE),
        },
    }
    bytes_of = {"type": "string", "contentMediaType": "application/octet-stream"}
    compare = {
        "summary": "Tell how a dancer differs from a reference that dances the same.",
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in COMPARING.items()
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": object_of(
                        {
                            "video": bytes_of | {"description": "The dancer."},
                            "reference": bytes_of
                            | {
                                "description": "Who is danced like: a video, or the answer to an "
                                "earlier analysis of it with include=landmarks."
                            },
                            **COMPARING,
                            **own,
                        },
                        *COMPARING,
                        *own,
                    )
                }
            },
        },
        "responses": {
            "200": {
                "description": "How they differ; or, as the Accept header asks, the events on the "
                "way, whose result this is, or the two side by side.",
                "content": {
                    "application/json": {"schema": named("Comparison")},
                    NDJSON: {"schema": events},
                    SERVER_SENT: {"schema": events},
                    MP4: {"schema": {"type": "string", "contentMediaType": MP4}},
                },
            },
            **_problems(tuple(kind for kind in _ANALYZE if kind is not Kind.BACKGROUND_DOWN)),
        },
    }
    lesson = {"video": form["video"], **_LESSON}
    teach = {
        "summary": "Make a pose of your own from a video in which somebody holds it.",
        "parameters": [
            {"name": name, "in": "query", "required": False, "schema": schema}
            for name, schema in _LESSON.items()
            if name != "pose"
        ],
        "requestBody": {
            "required": True,
            "content": {"multipart/form-data": {"schema": object_of(lesson, *_LESSON)}},
        },
        "responses": {
            "200": {
                "description": "The pose, to be sent along as pose, or put into POSE_FOLDER.",
                "content": {"application/json": {"schema": named("PoseFile")}},
            },
            **_problems(_TEACH),
        },
    }
    video = _get(
        "The video of a background analysis, if it was to be kept.",
        "application/octet-stream",
        {"type": "string", "contentMediaType": "application/octet-stream"},
        *_ANALYSES,
        Kind.NO_ROOM,
    )
    video["get"]["parameters"] = [_ID]
    poses = object_of({"poses": list_of(named("Pose"))})
    locked = Kind.UNAUTHORIZED
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dance poses in a video",
            "version": version(),
            "description": "Tells which dance poses occur in a short video, and when.",
        },
        "paths": {
            "/analyze": {"post": analyze},
            "/compare": {"post": compare},
            "/analyses/{analysis}": _analysis(events),
            "/analyses/{analysis}/video": video,
            "/live": _live(),
            "/poses": _get(
                "The catalogue of poses.", "application/json", poses, locked, Kind.STARTING
            ),
            "/poses/teach": {"post": teach},
            "/health": health,
            "/metrics": _get("Figures for Prometheus.", "text/plain", TEXT, locked),
            "/openapi.json": _get("This page.", "application/json", {"type": "object"}, locked),
            "/asyncapi.json": _get(
                "Live sessions described.", "application/json", {"type": "object"}, locked
            ),
            "/": _get("The page for dancers.", "text/html", TEXT),
            "/docs": _get("This page, for people.", "text/html", TEXT, locked),
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


@cache
def explained() -> dict[str, Any]:
    """Give what the description says, as the page for people (templates/docs.html) wants it."""
    described = description()
    return {
        "title": described["info"]["title"],
        "summary": described["info"]["description"],
        "operations": [
            {
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "answers": [
                    (status, ", ".join(answer.get("content", ())), answer["description"])
                    for status, answer in operation["responses"].items()
                ],
            }
            for path, methods in described["paths"].items()
            for method, operation in methods.items()
        ],
        "meanings": {
            "query or form field": {
                name: schema["description"] for name, schema in _OPTIONS.items()
            },
            "field of a comparison": {
                name: schema["description"] for name, schema in COMPARING.items()
            },
            "form field": POSE,
            "field with a background analysis": BACKGROUND,
            "field where a pose is taught": {
                name: schema["description"] for name, schema in _LESSON.items()
            },
            "include": INCLUDED,
            "Prefer": PREFER,
            "Accept": ACCEPTED,
            "event": EVENTS,
            "state of a background analysis": STATES,
        },
    }
