"""POST /analyze: a video in; the poses in it out, or the events on the way, or the video drawn."""

from contextlib import ExitStack

from flask import Flask, Response, g, request

from service.background.background import Background
from service.intake.options import Options, options_of
from service.intake.uploads import Upload, check_length, file_without_name
from service.jobs.job import Work
from service.jobs.jobs import Jobs
from service.runtime import logs
from service.web import analyses
from service.web.answering import answered
from service.web.asked import catalogue_of, prefers_background, query_fields, wanted_type
from service.web.delivery import Delivery
from service.web.openapi import MP4
from service.web.streaming import NDJSON, SERVER_SENT


def add_to(app: Flask, jobs: Jobs, background: Background, delivery: Delivery) -> None:
    """Add the route."""

    @app.post("/analyze")
    def analyze() -> Response:
        settings = jobs.settings
        check_length(request.content_length, settings)
        if prefers_background():
            return analyses.accepted(jobs, background)
        query = query_fields()
        if query:
            options_of(query, catalogue_of(jobs))
        wanted = wanted_type()

        def work_of(upload: Upload, stack: ExitStack) -> Work:
            fields = query | upload.fields
            return Work(
                upload.file,
                upload.size,
                options_of(fields, catalogue_of(jobs)) if fields else Options(),
                logs.request_id.get(),
                g.start,
                stack.enter_context(file_without_name(settings)) if wanted == MP4 else None,
                prompt=wanted in (NDJSON, SERVER_SENT),
            )

        return answered(jobs, delivery, work_of, wanted)
