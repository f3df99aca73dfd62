"""Background analyses over HTTP: accepted, asked for, followed, and forgotten."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any, Final

from flask import Flask, Response, jsonify, request

from service.background.background import Background, owner_of
from service.background.callbacks import CallbackError, check_callback
from service.background.records import Record, State
from service.intake.options import (
    BACKGROUND_NAMES,
    BackgroundOptions,
    Options,
    background_options_of,
    options_of,
)
from service.intake.uploads import pieces
from service.jobs.job import HEARTBEAT, Result
from service.jobs.jobs import Jobs
from service.problems import Kind, Problem
from service.runtime import logs
from service.runtime.settings import Settings
from service.web.access import token_of
from service.web.asked import RESPOND_ASYNC, catalogue_of, query_fields, wanted_type
from service.web.body import address_of_caller, received_upload
from service.web.delivery import Delivery
from service.web.every_request import connection
from service.web.looks import Looks
from service.web.openapi import MP4
from service.web.results import length_of, result_text, size_of
from service.web.streaming import NDJSON, SERVER_SENT, line, result_line

ASK_SECONDS: Final = 2
"""Seconds after which it is worth asking again for one that isn't done."""

LONGEST_KEY: Final = 200
"""Characters of an Idempotency-Key."""

LAST: Final = "end"
"""The id of an event after which there is none."""


def add_to(app: Flask, jobs: Jobs, background: Background, delivery: Delivery) -> None:
    """Add the routes."""

    settings = jobs.settings
    looks = Looks()

    @app.get("/analyses/<analysis>")
    def analysis(analysis: str) -> Response:
        record = background.get(analysis, _owner(settings))
        wanted = wanted_type()
        if wanted in (NDJSON, SERVER_SENT):
            return _followed(background, record, wanted, delivery, looks)
        if wanted == MP4:
            return _rendered(background, record, delivery)
        if record.state is State.DONE:
            return _done(background, record, settings, delivery)
        response = jsonify(_shown(record, background.place(record), settings))
        if record.state is not State.FAILED:
            response.headers["Retry-After"] = str(ASK_SECONDS)
        return response

    @app.get("/analyses/<analysis>/video")
    def video(analysis: str) -> Response:
        record = background.get(analysis, _owner(settings))
        if not record.keeps_video:
            raise Problem(
                Kind.NOT_FOUND, "The video was not to be kept; send it with `keep_video=yes`."
            )
        with ExitStack() as stack:
            file = stack.enter_context(background.video(record))
            response = Response(pieces(file), mimetype="application/octet-stream")
            response.content_length = size_of(file)
            return _delivered(response, delivery, stack)

    @app.delete("/analyses/<analysis>")
    def forget(analysis: str) -> Response:
        background.forget(analysis, _owner(settings))
        return Response(status=204)


def accepted(jobs: Jobs, background: Background) -> Response:
    """Take the video of the request of now, and answer where its analysis will be."""
    settings = jobs.settings
    owner = _owner(settings)
    key = request.headers.get("Idempotency-Key")
    if key is not None:
        if not 0 < len(key) <= LONGEST_KEY:
            raise Problem(Kind.BAD_OPTION, f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
        # Where there are no tokens, one caller's keys are not another's.
        key = key if owner else f"{address_of_caller()} {key}"
        if record := background.sent_before(key, owner):
            return _where(background, record, settings)
    query = query_fields()
    _asked(jobs, query)
    caller = owner or address_of_caller()
    background.let_in(caller, request.content_length or 0)
    with ExitStack() as stack:
        upload = received_upload(jobs, stack)
        options, more = _asked(jobs, query | upload.fields)
        record = background.accept(
            upload.file,
            upload.size,
            owner=owner,
            caller=caller,
            key=key,
            request_id=logs.request_id.get(),
            options=options,
            renders=wanted_type() == MP4,
            keeps_video=more.keep_video,
            callback=more.callback,
            secret=more.callback_secret,
        )
    return _where(background, record, settings)


def _asked(jobs: Jobs, fields: Mapping[str, str]) -> tuple[Options, BackgroundOptions]:
    """What is asked for, of the analysis and of its being one in the background."""
    more = background_options_of(fields)
    if more.callback is not None and more.callback_secret is not None:
        try:
            check_callback(more.callback, more.callback_secret, jobs.settings.callback_hosts)
        except CallbackError as error:
            raise Problem(Kind.BAD_OPTION, str(error)) from error
    rest = {name: value for name, value in fields.items() if name not in BACKGROUND_NAMES}
    return options_of(rest, catalogue_of(jobs)) if rest else Options(), more


def _owner(settings: Settings) -> str:
    """What stands for the token of the request of now; empty where tokens aren't wanted."""
    given = request.headers.get("Authorization", "") if settings.api_tokens else ""
    return owner_of(token_of(given))


def _where(background: Background, record: Record, settings: Settings) -> Response:
    """That an analysis is accepted, and where it is."""
    response = jsonify(_shown(record, background.place(record), settings))
    response.status_code = 202
    response.headers["Location"] = f"/analyses/{record.id}"
    response.headers["Preference-Applied"] = RESPOND_ASYNC
    response.headers["Retry-After"] = str(ASK_SECONDS)
    return response


def _shown(record: Record, place: int, settings: Settings) -> dict[str, Any]:
    """What is told of an analysis beside its result."""
    shown: dict[str, Any] = {
        "id": record.id,
        "state": record.state,
        "created": _moment(record.created),
        "place": place,
        "frames": record.frames,
        "of": record.of,
        "frames_per_second": record.frames_per_second,
    }
    if record.ended is not None:
        shown["ended"] = _moment(record.ended)
        shown["kept_until"] = _moment(record.ended + settings.kept_seconds)
    if record.problem is not None:
        shown["problem"] = record.problem
    return shown


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _done(
    background: Background, record: Record, settings: Settings, delivery: Delivery
) -> Response:
    """An analysis with its result."""
    with ExitStack() as stack:
        result = Result(stack.enter_context(background.answer(record)), record.timing or {})
        head = json.dumps(_shown(record, 0, settings)).removesuffix("}") + ', "result": '
        text = chain([head.encode()], result_text(result), [b"}\n"])
        response = Response(text, mimetype="application/json")
        response.content_length = len(head) + length_of(result) + len("}\n")
        return _delivered(response, delivery, stack)


def _rendered(background: Background, record: Record, delivery: Delivery) -> Response:
    """The annotated video of an analysis."""
    if not record.renders:
        raise Problem(
            Kind.NOT_FOUND,
            "No annotated video was asked for; send the video with `Accept: video/mp4` for one.",
        )
    if record.state is State.FAILED:
        raise Problem(Kind.NOT_FOUND, "The analysis failed; ask for it as JSON to read why.")
    if record.state is not State.DONE:
        raise Problem(
            Kind.NOT_DONE, f"The analysis is {record.state}; ask again in a moment.", ASK_SECONDS
        )
    with ExitStack() as stack:
        file = stack.enter_context(background.rendering(record))
        response = Response(pieces(file), mimetype=MP4)
        response.content_length = size_of(file)
        return _delivered(response, delivery, stack)


def _delivered(response: Response, delivery: Delivery, stack: ExitStack) -> Response:
    """A response that needs files until it is read; of too many of those, one is cut off."""
    caller = connection()
    delivery.begin(caller, address_of_caller())
    stack.callback(delivery.end, caller)
    response.response = delivery.sent(caller, response.iter_encoded())
    response.call_on_close(stack.pop_all().close)
    return response


def _followed(
    background: Background, record: Record, media_type: str, delivery: Delivery, looks: Looks
) -> Response:
    """The events of an analysis, from the one on that its caller knows."""
    last = request.headers.get("Last-Event-ID", "")
    if last == LAST:
        # To a browser this means that it needn't ask again.
        return Response(status=204)
    known = int(last) if last.isascii() and last.isdecimal() and len(last) < 10 else 0
    caller, address = connection(), address_of_caller()
    begin, pause = partial(delivery.begin, caller, address), partial(looks.pause, address)
    told = looks.followed(address, _events(background, record, known, media_type, begin, pause))
    response = Response(delivery.sent(caller, told), mimetype=media_type)
    response.call_on_close(partial(delivery.end, caller))
    return response


def _events(
    background: Background,
    record: Record,
    known: int,
    media_type: str,
    on_result: Callable[[], None],
    pause: Callable[[], float],
) -> Iterator[bytes]:
    """The events of an analysis beyond the holds that are known, until its end.

    Before there is a file with the result, which takes room, `on_result` is called; `pause` gives
    the seconds between two looks.
    """
    said: tuple[str, dict[str, Any]] = ("", {})
    heard, silent = known, 0.0
    if not known:
        yield line("accepted", {"place": background.place(record)}, media_type)
    while True:
        try:
            record = background.get(record.id, record.owner)
            for number, hold in background.holds(record, heard):
                yield line("pose", hold, media_type, number)
                heard, silent = number, 0.0
            if record.state is State.DONE:
                on_result()
                with background.answer(record) as file:
                    text = result_text(Result(file, record.timing or {}))
                    yield from result_line(text, media_type, LAST)
                return
            if record.problem is not None:
                yield line("error", record.problem, media_type, LAST)
                return
            now = _state(background, record)
        except Problem as problem:
            if problem.kind is not Kind.BACKGROUND_DOWN:
                yield line("error", problem.body(), media_type, LAST)
                return
            # It is likely to come back, and then to know how far it is.
            now = said
        if now[0] and (now != said or silent >= HEARTBEAT):
            yield line(*now, media_type)
            said, silent = now, 0.0
        seconds = pause()
        if background.stopped.wait(seconds):
            # Another server tells the rest, of what may go on for long.
            return
        silent += seconds


def _state(background: Background, record: Record) -> tuple[str, dict[str, Any]]:
    """The event that tells what an unfinished analysis is doing."""
    if record.state is State.RUNNING:
        speed = record.frames_per_second
        return "progress", {"frames": record.frames, "of": record.of, "frames_per_second": speed}
    return "waiting", {"place": background.place(record)}
