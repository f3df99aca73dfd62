"""What can be read: the page, the poses, health, figures, and the description of all that."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, jsonify, render_template

from service.jobs.jobs import Jobs
from service.problems import Kind
from service.runtime import logs
from service.runtime.metrics import CONTENT_TYPE_LATEST
from service.web import asyncapi, openapi
from service.web.asked import catalogue_of

DRAWINGS: Final = Path(__file__).parent.parent / "static" / "drawings"

SOURCES: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
"""What the page for dancers may load: what is served here, and what its visitor has chosen."""


def add_to(app: Flask, jobs: Jobs) -> None:
    """Add the routes."""

    @app.get("/")
    def page() -> Response:
        return Response(render_template("page.html", limits=_limits(jobs)), headers=SOURCES)

    @app.get("/poses")
    def poses() -> Response:
        return jsonify(poses=[{**each, "drawing": _drawing(each)} for each in catalogue_of(jobs)])

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


def _limits(jobs: Jobs) -> dict[str, Any]:
    """What the page has to know before anything is sent."""
    settings = jobs.settings
    return {
        "bytes": settings.max_upload_bytes,
        "seconds": settings.max_video_seconds,
        "pixels": settings.max_video_pixels,
        "token": bool(settings.api_tokens),
        "kept_seconds": settings.kept_seconds,
    }


def _drawing(pose: Mapping[str, Any]) -> str | None:
    """Where the drawing of a pose is, from the address of the service; None where there is none."""
    name = pose["drawing"]
    return f"static/drawings/{name}" if (DRAWINGS / name).is_file() else None
