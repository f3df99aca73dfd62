"""POST /compare: a dancer and a reference in; how they differ out, or both beside each other."""

from contextlib import ExitStack

from flask import Flask, Response, g, request

from service.intake.options import comparing_of
from service.intake.uploads import Upload, check_length, file_without_name
from service.jobs.job import Work
from service.jobs.jobs import Jobs
from service.runtime import logs
from service.web.answering import answered
from service.web.asked import catalogue_of, query_fields, wanted_type
from service.web.delivery import Delivery
from service.web.openapi import MP4
from service.web.streaming import NDJSON, SERVER_SENT


def add_to(app: Flask, jobs: Jobs, delivery: Delivery) -> None:
    """Add the route."""

    @app.post("/compare")
    def compare() -> Response:
        settings = jobs.settings
        check_length(request.content_length, settings)
        query = query_fields()
        comparing_of(query, catalogue_of(jobs))
        wanted = wanted_type()

        def work_of(upload: Upload, stack: ExitStack) -> Work:
            options, comparing = comparing_of(query | upload.fields, catalogue_of(jobs))
            return Work(
                upload.file,
                upload.size,
                options,
                logs.request_id.get(),
                g.start,
                stack.enter_context(file_without_name(settings)) if wanted == MP4 else None,
                prompt=wanted in (NDJSON, SERVER_SENT),
                reference=upload.reference,
                comparing=comparing,
            )

        return answered(jobs, delivery, work_of, wanted, compared=True)
