"""The Flask application: wiring alone."""

from flask import Flask

from service.background.background import Background
from service.connections.forwarded import Forwarded
from service.jobs.jobs import Jobs
from service.live.live import Live
from service.runtime.metrics import Metrics
from service.runtime.settings import Settings, settings_of_start
from service.web import (
    analyses,
    analyze,
    compare,
    compression,
    errors,
    every_request,
    live,
    pages,
    teach,
)
from service.web.delivery import Delivery


def create_app(settings: Settings | None = None) -> Flask:
    """Make the application.

    Raises:
        SettingError: the environment has a setting that can't be used.
    """
    settings = settings or settings_of_start()
    metrics = Metrics(settings.analyses)
    jobs = Jobs(settings, metrics)
    app = Flask("service")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["jobs"] = jobs
    if settings.trusted_proxies:
        behind = Forwarded(app.wsgi_app, settings.trusted_proxies)
        app.wsgi_app = behind  # type: ignore[method-assign]
    every_request.add_to(app, settings, metrics)
    compression.add_to(app)
    errors.add_to(app)
    background = app.extensions["background"] = Background(jobs)
    delivery = Delivery()
    analyze.add_to(app, jobs, background, delivery)
    compare.add_to(app, jobs, delivery)
    analyses.add_to(app, jobs, background, delivery)
    teach.add_to(app, jobs, delivery)
    sessions = app.extensions["live"] = Live(jobs)
    live.add_to(app, sessions, settings.live_frame_bytes)
    pages.add_to(app, jobs)
    return app


app = create_app()
