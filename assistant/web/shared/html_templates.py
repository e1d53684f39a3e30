"""How every page but the chat is drawn: Jinja2 templates, always escaped, and the files they load.

The policy of these pages allows neither inline scripts nor inline styles: what a template needs goes in a .css or
.js file of this folder, or of a room that serves its own, loaded with {{ asset("name.css") }}. Knows nothing of who asks.
"""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from assistant.records.database import utc
from assistant.web.shared import common_texts as common
from assistant.web.shared.brand import ICON, ICON_DATA
from assistant.web.shared.typography import tied
from index.figures import long_date

ASSETS = "/equipe/assets/"  # where the staff's pages serve the files, to everybody
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class _File:
    address: str
    content: bytes
    media_type: str


class Templates:
    """The templates of a room and the shared ones, with the files they load; `known` is what every template may name."""

    def __init__(self, room: Path, files: Sequence[Path] = (), **known: Any) -> None:
        """`files`: what the room has beside the files of this folder."""
        self._files = {path.name: _file(path) for path in [*sorted(_HERE.glob("*.css")), *files]}
        self._templates = Environment(
            loader=FileSystemLoader([room / "templates", _HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals.update(asset=self.asset, brand=common.BRAND, icon=Markup(ICON), icon_data=ICON_DATA, **known)
        self._templates.filters.update(moment=moment, long_date=long_date, tied=tied)

    def render(self, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
        """A page from templates/."""
        return HTMLResponse(self._templates.get_template(template).render(context), status_code)

    def asset(self, name: str) -> str:
        """The address of a style sheet or script; changes with its content."""
        return self._files[name].address

    def served(self, address: str) -> Response:
        """A file asked for by its address."""
        found = next((file for file in self._files.values() if file.address == address), None)
        if found is None:
            return Response(status_code=404)
        kept = {"cache-control": "public, max-age=31536000, immutable"}
        return Response(found.content, media_type=found.media_type, headers=kept)


def moment(value: datetime) -> str:
    """« 23 novembre 2026 à 14 h 05 », in the time zone of the server."""
    here = utc(value).astimezone()
    return f"{long_date(here.date().isoformat())} à {here:%H} h {here:%M}".replace(" h ", "\u00a0h\u00a0")


def _file(path: Path) -> _File:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "text/plain"
    address = f"{ASSETS}{path.stem}-{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}"
    return _File(address, content, f"{kind}; charset=utf-8")
