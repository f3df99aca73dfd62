"""What can be read: the poses, health, figures, and the description of all that."""

from flask import Flask, Response, jsonify, render_template

from service.jobs.jobs import Jobs
from service.problems import Kind
from service.runtime import logs
from service.runtime.metrics import CONTENT_TYPE_LATEST
from service.web import asyncapi, openapi
from service.web.asked import catalogue_of


def add_to(app: Flask, jobs: Jobs) -> None:
    """Add the routes."""

    @app.get("/poses")
    def poses() -> Response:
        return jsonify(poses=catalogue_of(jobs))

    @app.get("/health")
    def health() -> tuple[Response, int]:
        trouble = {"lost_log_lines": lost} if (lost := logs.lost()) else {}
        if jobs.healthy:
            return jsonify(status="healthy", **trouble), 200
        return jsonify(status="unhealthy", **trouble), 503

    @app.get("/metrics")
    def figures() -> Response:
        return Response(jobs.metrics.text(), content_type=CONTENT_TYPE_LATEST)

    @app.get("/openapi.json")
    def description() -> Response:
        return jsonify(openapi.description())

    @app.get("/asyncapi.json")
    def live_description() -> Response:
        return jsonify(asyncapi.description())

    @app.get("/docs")
    def docs() -> str:
        live = asyncapi.explained()
        return render_template("docs.html", kinds=list(Kind), live=live, **openapi.explained())
