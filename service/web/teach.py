"""POST /poses/teach: a video in which a pose is shown in; the pose as a file out."""

from contextlib import ExitStack

from flask import Flask, Response, g, request

from service.intake.options import Options, check_lesson_names, lesson_of
from service.intake.uploads import Upload, check_length
from service.jobs.job import Work
from service.jobs.jobs import Jobs
from service.runtime import logs
from service.web.answering import answered
from service.web.asked import catalogue_of, query_fields
from service.web.delivery import Delivery


def add_to(app: Flask, jobs: Jobs, delivery: Delivery) -> None:
    """Add the route."""

    @app.post("/poses/teach")
    def teach() -> Response:
        check_length(request.content_length, jobs.settings)
        query = query_fields()
        check_lesson_names(query)

        def work_of(upload: Upload, _stack: ExitStack) -> Work:
            return Work(
                upload.file,
                upload.size,
                Options(),
                logs.request_id.get(),
                g.start,
                lesson=lesson_of(query | upload.fields, catalogue_of(jobs)),
            )

        return answered(jobs, delivery, work_of)
