"""How the staff's pages are drawn: their templates with who is signed in, the navigation, refusals.

The policy of these pages (`access`) allows neither inline scripts nor inline styles: what a template
needs goes in a .css or .js file of this folder, loaded with {{ asset("name.css") }}.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from assistant.generation import generation_texts
from assistant.web.shared.html_templates import Templates
from assistant.web.staff import access
from assistant.web.staff import desk_texts as texts

_HERE = Path(__file__).parent
_TEMPLATES = Templates(
    _HERE,
    [*_HERE.glob("*.css"), *_HERE.glob("*.js")],
    roles=texts.ROLES,
    sign_out=access.SIGN_OUT,
    sign_in=access.SIGN_IN,
    account_page=access.ACCOUNT,
    told=generation_texts.told,
)
served = _TEMPLATES.served  # a file asked for by its address


@dataclass(frozen=True)
class NavigationEntry:
    """A page of the navigation."""

    address: str
    name: str


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
    return _TEMPLATES.render(template, status_code, **(known | context))


def csrf_field(token: str) -> Markup:
    """The hidden field that every form of a page carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def message(request: Request, refused: access.RequestRefused) -> Response:
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
