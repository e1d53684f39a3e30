"""How the staff's pages are drawn: Jinja2 templates, always escaped, and the files they load.

The policy of these pages (`access`) allows neither inline scripts nor inline styles: what a template
needs goes in a .css or .js file of this folder, loaded with {{ asset("name.css") }}.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from assistant.records.database import utc
from assistant.web.shared import common_texts as common
from assistant.web.shared.brand import ICON, ICON_DATA
from assistant.web.shared.typography import long_date, tied
from assistant.web.staff import access
from assistant.web.staff import desk_texts as texts

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class NavigationEntry:
    """A page of the navigation."""

    address: str
    name: str


@dataclass(frozen=True)
class _File:
    address: str
    content: bytes
    media_type: str


def render(request: Request, template: str, member: access.Member | None, status_code: int = 200, **context: Any) -> HTMLResponse:
    """A page from templates/; `csrf_field` goes in every form."""
    path = request.url.path
    navigation = getattr(request.app.state, "staff_navigation", ()) if "app" in request.scope else ()
    known = {
        "member": member,
        "csrf": member.csrf if member else "",
        "csrf_field": csrf_field(member.csrf if member else ""),
        "navigation": navigation,
        "path": path,
        "notice": request.query_params.get("fait", ""),
    }
    return HTMLResponse(_templates.get_template(template).render(known | context), status_code)


def csrf_field(token: str) -> Markup:
    """The hidden field that every form of a page carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def message(request: Request, refused: access.Refused) -> Response:
    """A refusal or a failure: a page for people, JSON for scripts."""
    member = access.member_of(request)
    if "text/html" in request.headers.get("accept", ""):
        again = f"{access.SIGN_IN}?{urlencode({'suite': access.safe_address(request.url.path)})}"
        return render(
            request,
            "message.html",
            member,
            refused.status,
            title=refused.title,
            reason=refused.reason,
            written=refused.written,
            again=again,
            back=refused.back,
        )
    return JSONResponse({"title": refused.title, "message": str(refused)}, refused.status)


def asset(name: str) -> str:
    """The address of a style sheet or script of this folder; changes with its content."""
    return _files[name].address


def served(address: str) -> Response:
    """A file asked for by its address."""
    found = next((file for file in _files.values() if file.address == address), None)
    if found is None:
        return Response(status_code=404)
    return Response(found.content, media_type=found.media_type, headers={"cache-control": "public, max-age=31536000, immutable"})


def moment(value: datetime) -> str:
    """« 23 novembre 2026 à 14 h 05 », in the time zone of the server."""
    here = utc(value).astimezone()
    return f"{long_date(here.date().isoformat())} à {here:%H} h {here:%M}".replace(" h ", "\u00a0h\u00a0")


def _file(path: Path) -> _File:
    content = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "text/plain"
    return _File(
        f"{access.ASSETS}{path.stem}-{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}", content, f"{kind}; charset=utf-8"
    )


_files = {path.name: _file(path) for path in sorted(_HERE.glob("*.css")) + sorted(_HERE.glob("*.js"))}
_templates = Environment(
    # Public pages (/reponse, /a-propos) are drawn here too, from templates of their own.
    loader=FileSystemLoader([_HERE / "templates", _HERE.parent / "templates"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    asset=asset,
    brand=common.BRAND,
    icon=Markup(ICON),
    icon_data=ICON_DATA,
    roles=texts.ROLES,
    sign_out=access.SIGN_OUT,
    sign_in=access.SIGN_IN,
    account_page=access.ACCOUNT,
)
_templates.filters.update(moment=moment, long_date=long_date, tied=tied)
