"""The headers around every answer: who may frame which page."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from assistant.errors import ConfigurationError
from assistant.settings import load_settings
from assistant.web.public.shell import Shell

STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"
SITES = "https://www.ville.fr https://intranet.ville.fr:8443"


def client(embed_origins: str) -> TestClient:
    def page(request):
        return HTMLResponse('<html lang="en"><head></head><body></body></html>')

    def strict(request):
        return PlainTextResponse("", headers={"content-security-policy": STRICT})

    paths = ("/a-propos", "/equipe", "/equipe/connexion", "/equipements")
    inner = Starlette(routes=[Route("/", page), *(Route(path, strict) for path in paths)])
    return TestClient(Shell(inner, embed_origins))


def framing(answer) -> str:
    (found,) = [one for one in answer.headers["content-security-policy"].split("; ") if one.startswith("frame-ancestors")]
    return found


@pytest.mark.parametrize("nobody", ["", "  "])
def test_nobody_frames_anything_by_default(nobody):
    visitor = client(nobody)
    assert framing(visitor.get("/")) == "frame-ancestors 'self'"
    assert visitor.get("/a-propos").headers["content-security-policy"] == STRICT


def test_sites_that_are_named_frame_the_public_pages_and_never_the_staff_s():
    visitor = client(SITES)
    for path in ("/", "/a-propos", "/equipements"):
        assert framing(visitor.get(path)) == f"frame-ancestors 'self' {SITES}", path
    for path in ("/equipe", "/equipe/connexion"):
        assert visitor.get(path).headers["content-security-policy"] == STRICT, path
    assert "default-src 'none'" in visitor.get("/a-propos").headers["content-security-policy"]


@pytest.mark.parametrize("origins", ["*", "ville.fr", "https://ville.fr/page", "https://ville.fr; script-src *", "'self'"])
def test_what_is_no_origin_is_refused_by_name(origins):
    with pytest.raises(ConfigurationError, match="ASSISTANT_EMBED_ORIGINS"):
        load_settings({"ASSISTANT_EMBED_ORIGINS": origins})
    assert load_settings({"ASSISTANT_EMBED_ORIGINS": SITES}).embed_origins == SITES
