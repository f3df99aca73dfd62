"""Live sessions described: as AsyncAPI 3.0 for machines, and what it says for people."""

from functools import cache
from typing import Any, Final

from analyzer.version import version
from service.live.session import FIRST_SECONDS, NORMAL, SENDS, SILENT_SECONDS
from service.web import openapi
from service.web.access import LIVE_PROTOCOL
from service.web.schemas import NUMBER, TEXT, TRUTH, WHOLE, list_of, named, object_of

WANTED: Final = {
    "poses": "Names, aliases or families, comma-separated or as a list; without them all but "
    "experiments, or the one that is practised.",
    "min_hold": "How long a static pose is held at least, in seconds.",
    "practise": "The name of a static pose: each of its conditions is told, and one sentence of "
    "advice.",
    "mirror": "true where the pictures have left and right exchanged, as front cameras show them.",
    "pose": "A pose of your own to look for as well, as POST /poses/teach gives it.",
    "size": "[width, height] of the pictures in pixels, where landmarks are sent.",
}
"""What the first message may ask for."""

SENT: Final = {
    "the first message": "An object of JSON with what is wanted, which may be empty.",
    "a picture": "Binary, with sends=pictures: a JPEG or WebP file; before it may stand its time, "
    "8 bytes, a float64, big-endian, in seconds from 0 up, of any clock; else it is when it came.",
    "landmarks": "Text, with sends=landmarks: {time, landmarks, world_landmarks}, as "
    "include=landmarks of POST /analyze gives them: 33 times [x, y, z, visibility] and 33 times "
    "[x, y, z], or null for both where nobody is seen.",
    '{"end": true}': "No more comes: the remaining holds are told, then end, and it is closed.",
}
"""What a caller may send."""

TOLD: Final = {
    "ready": "The answer to the first message, with what a session may have at most.",
    "frame": "Of a frame: its number among those looked at (frame) and among those sent (sent), "
    "its time, how many were dropped so far, because a newer one came before they had their turn, "
    "and the latency, seconds from its arrival to this reply; landmarks, where pictures are sent; "
    "the poses that hold now, how practise stands, and the trouble with the picture. Landmarks "
    "that come while others are looked at are looked at together, and none is dropped: the last "
    "is told of.",
    "hold": "A hold that is over, as in segments; first, last and best count the frames looked at, "
    "start and end are in the times that were sent.",
    "end": "After end: how many frames were looked at, sent and dropped, and how many holds told.",
    "error": "The fields of a problem; then it is closed.",
}
"""What is told."""

MEANINGS: Final = {
    NORMAL: "The session is over, as it was asked to be.",
    1003: "A picture that can't be read.",
    1007: "An option, a time or landmarks that can't be; error says what they may be.",
    1008: "Too many frames a second, too long a session, or no frame for "
    f"{SILENT_SECONDS:g} seconds (before the first message, {FIRST_SECONDS:g}).",
    1009: "A message or a picture that is too large.",
    1011: "A mistake, or a crash of this session: open another.",
    1012: "The server stops: open another at once, it leads to another server.",
    1013: "The server is starting: open another in a moment.",
}
"""With which codes it is closed, and why."""

_SIDE: Final = {"enum": ["left", "right", None]}
_SCORE: Final = {"type": "number", "minimum": 0, "maximum": 1}


def _event(name: str, properties: dict[str, Any], *optional: str) -> dict[str, Any]:
    return object_of({"event": {"const": name}, **properties}, *optional)


def _rows(columns: int) -> dict[str, Any]:
    row = {"type": "array", "items": NUMBER, "minItems": columns, "maxItems": columns}
    return {"type": ["array", "null"], "items": row, "minItems": 33, "maxItems": 33}


def _schemas() -> dict[str, Any]:
    """The messages by the name of each, with what of the description of answers they refer to."""
    answers = openapi.description()["components"]["schemas"]
    holding = {"pose": TEXT, "side": _SIDE, "seconds": NUMBER, "score": _SCORE}
    conditions = list_of(named("Condition"))
    practised = holding | {"held": TRUTH, "conditions": conditions}
    advice = {
        "type": ["string", "null"],
        "description": "What to do first; null while it holds, and while there is trouble.",
    }
    about = {
        "type": ["string", "null"],
        "description": "The quantity of the condition that the advice is about; null without "
        "advice, and where it is about what can't be seen.",
    }
    practised |= {"advice": advice, "about": about}
    reasons = answers["Advice"]["properties"]["reason"]
    trouble = {"reason": reasons, "text": TEXT}
    frame = {
        "frame": WHOLE,
        "sent": WHOLE,
        "dropped": WHOLE,
        "time": NUMBER,
        "latency": NUMBER,
        "poses": list_of(object_of(holding)),
        "practise": {"anyOf": [{"type": "null"}, object_of(practised)]},
        "trouble": list_of(object_of(trouble)),
        "landmarks": _rows(4),
    }
    wanted: dict[str, dict[str, Any]] = {
        "poses": {"anyOf": [TEXT, list_of(TEXT)]},
        "min_hold": NUMBER,
        "practise": TEXT,
        "mirror": TRUTH,
        "pose": {"anyOf": [TEXT, {"type": "object"}]},
        "size": {"type": "array", "items": WHOLE, "minItems": 2, "maxItems": 2},
    }
    described = {name: {**wanted[name], "description": WANTED[name]} for name in wanted}
    marks = {"time": NUMBER, "landmarks": _rows(4), "world_landmarks": _rows(3)}
    hold = answers["Hold"]
    limits = {"seconds": NUMBER, "frames_a_second": NUMBER, "frame_bytes": WHOLE}
    counts = {"frames": WHOLE, "holds": WHOLE, "sent": WHOLE, "dropped": WHOLE}
    return {
        "Condition": answers["Condition"],
        "Wanted": object_of(described, *described),
        "Landmarks": object_of(marks),
        "End": object_of({"end": {"const": True}}),
        "ready": _event("ready", {"sends": {"enum": list(SENDS)}, **limits}),
        "frame": _event("frame", frame, "landmarks"),
        "hold": _event("hold", hold["properties"], *_optional(hold)),
        "end": _event("end", counts),
        "error": _event("error", answers["Problem"]["properties"]),
    }


def _optional(schema: dict[str, Any]) -> set[str]:
    return set(schema["properties"]) - set(schema["required"])


@cache
def description() -> dict[str, Any]:
    """Give the AsyncAPI 3.0 description."""
    summaries = {
        "Wanted": SENT["the first message"],
        "Landmarks": SENT["landmarks"],
        "End": SENT['{"end": true}'],
        **TOLD,
    }
    messages: dict[str, Any] = {
        name: {"payload": named(name), "summary": summary} for name, summary in summaries.items()
    }
    messages["Picture"] = {
        "summary": SENT["a picture"],
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
    }
    codes = " ".join(f"{code}: {meaning}" for code, meaning in MEANINGS.items())
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Dance poses, live",
            "version": version(),
            "description": "What one who dances is told at once. A token may come as the header "
            f"Authorization, or with the protocol `{LIVE_PROTOCOL}` as another protocol: `bearer.` "
            f"and the token in base64url. It is closed with these codes: {codes}",
        },
        "channels": {
            "live": {
                "address": "/live",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {
                    "ws": {
                        "method": "GET",
                        "query": object_of({"sends": {"enum": list(SENDS)}}, "sends"),
                    }
                },
            }
        },
        "operations": {
            "dance": _operation("receive", "Wanted", "Picture", "Landmarks", "End"),
            "tell": _operation("send", *TOLD),
        },
        "components": {"messages": messages, "schemas": _schemas()},
    }


def _operation(action: str, *names: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in names],
    }


def explained() -> dict[str, dict[str, str]]:
    """Give what it says, as the page for people (templates/docs.html) wants it."""
    return {
        "field of the first message": WANTED,
        "what is sent": SENT,
        "what is told": TOLD,
        "code": {str(code): meaning for code, meaning in MEANINGS.items()},
    }
