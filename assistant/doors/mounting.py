"""The doors put together, and where they are mounted. Holds no rule of its own."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.routing import Mount, Route

from assistant.doors import http_api, mcp_door, openai_api
from assistant.doors.admission import Admission
from assistant.doors.asking import Asking
from assistant.records.api_keys import ApiKeys
from assistant.records.database import Database
from assistant.settings import Settings
from assistant.throttling import Throttle


def mount(app: FastAPI, asking: Asking, database: Database, settings: Settings, throttle: Throttle) -> None:
    """Add the doors that the settings open; call it before whatever is mounted at « / »."""
    if settings.doors == "off":
        return
    admission = Admission(
        ApiKeys(database),
        settings.door_requests_per_minute,
        settings.doors == "keys",
        throttle,
        settings.questions_per_minute_overall,
    )
    app.router.routes += [
        Mount(http_api.ADDRESS, http_api.door(asking, admission, settings.doors)),
        Mount(openai_api.ADDRESS, openai_api.door(asking, admission)),
        Route(mcp_door.ADDRESS, mcp_door.door(asking, admission)),
    ]
