"""Direct HTTP to the staff's pages: every route under /equipe refuses whoever may not use it.

The routes are found by walking the application, so that one added later is covered without a line here.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.testclient import TestClient

from assistant.answering.service import Assistant
from assistant.records.accounts import TRIES, Accounts, csrf_of
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.settings import Settings
from assistant.throttling import Throttle
from assistant.web.serving import build_app
from assistant.web.shared.published_base import PublishedBase
from assistant.web.staff import access, desk_texts
from assistant.web.staff.routes import Desk, mount
from index.builder import build
from index.search import Retriever
from tests.assistant.conftest import FICHES, notices, plain, write
from tests.fakes import HashEncoder

GOOD = "cheval batterie agrafe"
HTML = {"accept": "text/html"}
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
OF_THE_ACCOUNT = 'action="/equipe/compte"'  # a form that only the page of an account has


@dataclass(frozen=True)
class Site:
    """The whole application, as it is served, and its accounts."""

    app: object
    accounts: Accounts
    settings: Settings

    def client(self, token: str = "", scheme: str = "http") -> TestClient:
        client = TestClient(self.app, base_url=f"{scheme}://127.0.0.1", follow_redirects=False)
        if token:
            client.cookies.set(access.COOKIE, token)
        return client

    def token(self, login: str) -> str:
        return self.accounts.admit(login)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("equipe")
    build(write(folder / "source", FICHES), folder / "index", HashEncoder())
    settings = Settings(index=folder / "index", knowledge=folder / "source", journal=f"sqlite:///{folder}/j.sqlite")
    accounts = Accounts(Database(settings.journal))
    for login, role in (("lea", "relecteur"), ("marie", "editeur")):
        accounts.add(login, role, GOOD)
    assistant = Assistant(Retriever.open(folder / "index", HashEncoder()), settings)
    app, stop = asyncio.run(built(assistant, settings))
    yield Site(app, accounts, settings)
    stop()


async def built(assistant: Assistant, settings: Settings) -> tuple:
    return build_app(assistant, settings)  # inside a loop: Gradio would make one of its own, and never close it


def everything(site: Site) -> list[RouteContext]:
    """Every route, mount or socket under /equipe."""
    return [route for route in iter_route_contexts(site.app.routes) if (route.path or "").startswith("/equipe")]


def routes(site: Site) -> list[tuple[str, RouteContext]]:
    """(method, route) for everything under /equipe that is not for strangers."""
    closed = [route for route in everything(site) if route.path not in access.OPEN and not route.path.startswith(access.ASSETS)]
    return [(method, route) for route in closed for method in sorted(route.methods)]


def address(route: RouteContext) -> str:
    return re.sub(r"\{[^}]*\}", "1", route.path)


def asks_for(dependant: Dependant, wanted: object) -> bool:
    return dependant.call is wanted or any(asks_for(inner, wanted) for inner in dependant.dependencies)


def turned_away(method: str, answer) -> bool:
    if method in UNSAFE:
        return answer.status_code == 401
    return answer.status_code == 303 and answer.headers["location"].startswith("/equipe/connexion?suite=%2Fequipe")


def test_the_walk_finds_the_routes(site):
    found = {(method, route.path) for method, route in routes(site)}
    assert {("GET", "/equipe"), ("POST", "/equipe/deconnexion"), ("GET", "/equipe/compte"), ("POST", "/equipe/compte")} <= found
    listed = [entry.address for entry in site.app.state.staff_navigation]
    assert all(any(path.startswith(page) for _, path in found) for page in listed)
    odd = [route.path for route in everything(site) if not isinstance(route.original_route, APIRoute)]
    assert odd == [], "a mount or a socket under /equipe is not covered by these tests"


def test_every_route_refuses_strangers(site):
    client = site.client()
    for method, route in routes(site):
        answer = client.request(method, address(route), headers=HTML)
        assert turned_away(method, answer), (method, route.path, answer.status_code)
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


def test_every_route_refuses_a_session_that_ended(site):
    signed_out, closed = site.token("lea"), site.token("marie")
    site.accounts.sign_out(signed_out)
    site.accounts.disable("marie")
    site.accounts.enable("marie")
    for token in (signed_out, closed, "made-up", csrf_of(closed)):
        client = site.client(token)
        for method, route in routes(site):
            answer = client.request(method, address(route), data={"csrf": csrf_of(token)}, headers=HTML)
            assert turned_away(method, answer), (method, route.path, answer.status_code)


def test_scripts_are_told_rather_than_sent_elsewhere(site):
    client = site.client()
    for method, route in routes(site):
        answer = client.request(method, address(route), headers={"sec-fetch-dest": "empty"})
        assert answer.status_code == 401 and answer.json()["message"] == desk_texts.SIGN_IN_AGAIN


@pytest.mark.parametrize("given", [{}, {"csrf": ""}, {"csrf": "0" * 64}, {"csrf": "é"}], ids=str)
def test_every_change_needs_the_token_of_its_session(site, given):
    token, other = site.token("marie"), site.token("marie")
    client = site.client(token)
    for method, route in routes(site):
        if method in UNSAFE:
            place = address(route)
            assert client.request(method, place, data=given, headers=HTML).status_code == 403, (method, route.path)
            assert client.request(method, place, data={"csrf": csrf_of(other)}, headers=HTML).status_code == 403
            assert client.request(method, place, json={"csrf": csrf_of(token)}, headers=HTML).status_code == 403
            assert client.request(method, place, headers={"x-csrf-token": "0" * 64}).status_code == 403
            assert client.request(method, f"{place}?csrf={csrf_of(token)}", headers=HTML).status_code == 403


def test_editors_actions_refuse_readers(site):
    token = site.token("lea")
    client = site.client(token)
    for method, route in routes(site):
        if asks_for(route.dependant, access.editor):
            answer = client.request(method, address(route), data={"csrf": csrf_of(token)} if method in UNSAFE else None)
            assert answer.status_code == 403 and answer.json()["title"] == desk_texts.NOT_ALLOWED, (method, route.path)


def test_every_route_asks_for_a_role_itself(site):
    for _, route in routes(site):
        assert asks_for(route.dependant, access.reader), route.path


def test_only_editors_change_the_documents(site):
    for method, route in routes(site):
        if route.path.startswith("/equipe/documents") and method in UNSAFE:
            assert asks_for(route.dependant, access.editor), (method, route.path)


def test_members_see_every_page_of_the_navigation(site):
    for login in ("lea", "marie"):
        client = site.client(site.token(login))
        for entry in site.app.state.staff_navigation:
            answer = client.get(entry.address, headers=HTML)
            assert answer.status_code == 200, entry
            assert login in answer.text and answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("token", ["", "marie"], ids=["session ended", "form of another session"])
def test_what_was_typed_is_shown_again(site, token):
    client = site.client(site.token(token) if token else "made-up")
    comment = "Le taux a changé : <b>60 %</b> depuis le 1er mars, voir l'arrêté."
    answer = client.post("/equipe/n-importe", data={"csrf": "0" * 64, "comment": comment}, headers=HTML)
    assert answer.status_code == (403 if token else 401)
    assert "&lt;b&gt;60 %&lt;/b&gt; depuis le 1er mars" in answer.text and "0" * 64 not in answer.text
    assert desk_texts.FIELDS["comment"] in answer.text, "under the name of its field"
    if not token:
        assert "/equipe/connexion?suite=%2Fequipe%2Fn-importe" in answer.text, "signing in leads back to the form"
    shown = client.post("/equipe/compte", data={"csrf": "0" * 64, "new": "un mot de passe bien long"}, headers=HTML)
    assert "bien long" not in shown.text
    long = client.post("/equipe/n-importe", data={"comment": comment * 2000}, headers=HTML)
    assert long.status_code == (403 if token else 401) and "arrêté" not in long.text


@pytest.mark.parametrize(
    "path",
    [
        "/equipe/",
        "//equipe/compte",
        "/equipe//compte",
        "/equipe/compte/",
        "/Equipe/compte",
        "/equipe%2Fcompte",
        "/x/../equipe/compte",
        "/equipe/assets/../compte",
        "/equipe/assets/%2e%2e/compte",
        "/equipe/connexion/../compte",
        "/equipe;a/compte",
        "/equipe/connexion/x",
    ],
)
def test_no_spelling_of_an_address_gets_around_the_gate(site, path):
    answer = site.client().get(path, headers=HTML)
    assert answer.status_code in (303, 307, 401, 404)
    assert OF_THE_ACCOUNT in site.client(site.token("lea")).get("/equipe/compte", headers=HTML).text
    assert OF_THE_ACCOUNT not in answer.text


def test_a_stranger_s_upload_is_refused_before_it_is_read(site):
    sent: list[dict] = []

    async def body() -> dict:
        raise AssertionError("the body was read")

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/equipe/compte",
        "raw_path": b"/equipe/compte",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"multipart/form-data; boundary=x")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "state": {},
    }
    asyncio.run(site.app(scope, body, send))
    assert sent[0]["status"] == 401


def test_the_policy_allows_no_inline_script_and_no_other_site(site):
    policy = site.client().get("/equipe/connexion").headers["content-security-policy"]
    assert "script-src 'self';" in policy and "unsafe" not in policy and "http" not in policy
    public = site.client().get("/").headers
    assert "cache-control" not in public or "no-store" not in public["cache-control"]
    assert "frame-ancestors 'self'" in public["content-security-policy"]


def test_style_sheets_are_kept_by_browsers_and_change_name_with_content(site):
    client = site.client()
    sheet = re.search(r'href="(/equipe/assets/staff-\w+\.css)"', client.get("/equipe/connexion").text)[1]
    answer = client.get(sheet)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    for wrong in ("staff.css", "staff-0000000000.css", "access.py", "..%2faccess.py"):
        assert client.get(f"/equipe/assets/{wrong}").status_code in (303, 401, 404)


# -- signing in


def form_token(client: TestClient, suite: str = "") -> str:
    return re.search(r'name="csrf" value="(\w+)"', client.get("/equipe/connexion", params={"suite": suite}).text)[1]


def sign_in(client: TestClient, login="lea", password=GOOD, **fields):
    token = fields.pop("csrf", None) or form_token(client)
    data = {"csrf": token, "identifiant": login, "mot_de_passe": password, **fields}
    return client.post("/equipe/connexion", data=data, headers=HTML)


def test_signing_in_opens_the_page_asked_for_and_signing_out_ends_the_session(site):
    client = site.client()
    answer = sign_in(client, suite="/equipe/compte?a=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/equipe/compte?a=1")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith(f"{access.COOKIE}="))
    assert {"HttpOnly", "Path=/equipe", "SameSite=lax"} <= set(cookie.split("; ")) and "Secure" not in cookie
    page = client.get("/equipe/compte", headers=HTML)
    assert page.status_code == 200 and desk_texts.ROLES["relecteur"] in page.text
    kept = client.cookies[access.COOKIE]
    out = client.post("/equipe/deconnexion", data={"csrf": csrf_of(kept)})
    assert out.status_code == 303 and access.COOKIE not in client.cookies
    assert site.accounts.visit(kept) is None
    assert len(notices(client.get(out.headers["location"]).text)) == 1 and not notices(client.get("/equipe/connexion").text)


def test_over_https_the_cookies_are_secure(site):
    answer = sign_in(site.client(scheme="https"))
    assert all("Secure" in cookie for cookie in answer.headers.get_list("set-cookie"))


def test_signing_in_again_is_a_new_session(site):
    client = site.client(before := site.token("lea"))
    assert client.get("/equipe/connexion?suite=/equipe/compte").headers["location"] == "/equipe/compte"
    other = site.client()
    token = form_token(other)
    other.cookies.set(access.COOKIE, before, path="/equipe")
    assert sign_in(other, csrf=token).status_code == 303
    assert site.accounts.visit(before) is None


def test_the_sign_in_form_of_another_browser_is_refused(site):
    theirs = form_token(site.client())
    client = site.client()
    for _ in range(2):  # without a cookie of its own, then with one
        answer = sign_in(client, csrf=theirs)
        assert answer.status_code == 403 and access.COOKIE not in client.cookies


def test_a_failure_is_told_with_how_long_to_wait_and_the_login_is_kept(site):
    site.accounts.add("oublieux", "relecteur", GOOD)
    client = site.client()
    for _ in range(TRIES.own[0].count):
        answer = sign_in(client, "oublieux", "non")
        assert answer.status_code == 401 and len(notices(answer.text)) == 1
        assert 'value="oublieux"' in answer.text and "non" not in re.findall(r'value="([^"]*)"', answer.text)
    answer = sign_in(client, "oublieux", GOOD)
    assert answer.status_code == 429 and 0 < int(answer.headers["retry-after"]) <= 60 and "Réessayez" in notices(answer.text)[0]
    assert 'value="&lt;b&gt;"' in sign_in(site.client(), "<b>", "non").text


def test_a_huge_sign_in_form_is_not_read(site):
    answer = site.client().post("/equipe/connexion", content=b"identifiant=" + b"a" * 100_000, headers=HTML)
    assert answer.status_code == 413 and desk_texts.TOO_LARGE in answer.text
    assert site.client().post("/equipe/connexion", content=b"&a=1" * 100, headers=HTML).status_code == 400


@pytest.mark.parametrize(
    "suite",
    [
        "https://ailleurs.fr",
        "//ailleurs.fr",
        "/\\ailleurs.fr",
        "/equipe@ailleurs.fr",
        "/equipe/..//ailleurs.fr",
        "/equipe/../",
        "/equipe/%2e%2e/",
        "/equipeailleurs",
        "javascript:alert(1)",
        "/equipe\r\nset-cookie: a=b",
        "/equipe/\t/ailleurs.fr",
        "/",
        "",
        "/equipe//ailleurs.fr",
        "/equipe/deconnexion",
        "/equipe/connexion",
        "/equipe/connexion?suite=/equipe",
        "/equipe/é",
        "/equipe?a=\\",
    ],
)
def test_the_way_back_stays_in_the_staff_s_pages(site, suite):
    assert access.safe_address(suite) == "/equipe"
    assert sign_in(site.client(), suite=suite).headers["location"] == "/equipe"


@pytest.mark.parametrize(
    "suite", ["/equipe", "/equipe/verifier", "/equipe/verifier/12?page=2&q=a%20b", "/equipe/documents/aide%20aux%20halles.md"]
)
def test_the_way_back_is_the_page_asked_for(suite):
    assert access.safe_address(suite) == suite


def test_the_page_asked_for_comes_back_whole(site):
    client = site.client()
    asked = "/equipe/verifier?q=halles%20couvertes&page=2"
    away = client.get(asked, headers=HTML).headers["location"]
    shown = re.search(r'name="suite" value="([^"]*)"', client.get(away).text)[1].replace("&amp;", "&")
    assert shown == asked


def test_a_password_is_changed_by_who_knows_it_and_ends_the_session(site):
    site.accounts.add("agathe", "relecteur", GOOD)
    token = site.accounts.sign_in("agathe", GOOD, "")
    client, csrf = site.client(token), {"csrf": csrf_of(token)}
    new = "tracteur violet samedi"
    for fields, said in (
        ({"old": GOOD, "new": new, "again": new + "x"}, desk_texts.NOT_TWICE),
        ({"old": "faux", "new": new, "again": new}, desk_texts.WRONG_OLD),
        ({"old": GOOD, "new": "court", "again": "court"}, "12 à 256"),
    ):
        answer = client.post("/equipe/compte", data=csrf | fields, headers=HTML)
        assert answer.status_code == 400 and said in notices(answer.text)[0]
    assert site.accounts.visit(token)
    assert client.post("/equipe/compte", data=csrf | {"old": GOOD, "new": new, "again": new}).status_code == 303
    assert site.accounts.visit(token) is None and site.accounts.sign_in("agathe", new, "")


# -- before the first account, and without a database


def other_site(site: Site, journal: str) -> TestClient:
    settings = replace(site.settings, journal=journal)
    database, app = Database(journal), FastAPI()
    base = PublishedBase(Assistant(Retriever.open(settings.index, HashEncoder()), settings), settings)
    mount(app, Desk(base, database, Journal(database), settings), Throttle())
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


def test_before_the_first_account_the_page_says_how_to_make_it(site, tmp_path):
    client = other_site(site, f"sqlite:///{tmp_path}/j.sqlite")
    page = client.get("/equipe/connexion").text
    assert "python -m assistant comptes add prenom.nom --role editeur" in page and 'type="password"' not in page
    Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite")).add("marie", "editeur", GOOD)
    assert 'type="password"' in client.get("/equipe/connexion").text


def test_without_a_database_every_page_says_so(site):
    client = other_site(site, "")
    for path in ("/equipe", "/equipe/connexion", "/equipe/compte", "/equipe/n-importe"):
        answer = client.get(path, headers=HTML)
        assert answer.status_code == 503 and desk_texts.NO_DATABASE in plain(answer.text) and "ASSISTANT_JOURNAL" in answer.text
    assert client.post("/equipe/connexion").status_code == 503


def test_a_database_that_fails_is_said_not_shown(site, tmp_path):
    (tmp_path / "j.sqlite").write_bytes(b"not a database" * 1000)
    client = other_site(site, f"sqlite:///{tmp_path}/j.sqlite")
    client.cookies.set(access.COOKIE, "x" * 43)
    for path in ("/equipe", "/equipe/connexion", "/equipe/compte"):
        answer = client.get(path, headers=HTML)
        assert answer.status_code == 503 and desk_texts.TROUBLE in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("address", ["/equipe/verifier", "/equipe/nulle-part"])
def test_a_method_that_no_page_takes_finds_no_page(site, method, address):
    token = site.token("marie")
    answer = site.client(token).request(method, address, headers={**HTML, "x-csrf-token": csrf_of(token)})
    assert answer.status_code == 404 and desk_texts.NOT_FOUND in answer.text


def test_a_form_that_cannot_be_read_is_told_to_be_lost(site):
    token, half = site.token("marie"), b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1'
    headers = {**HTML, "content-type": "multipart/form-data; boundary=y", "x-csrf-token": csrf_of(token)}
    answer = site.client(token).post("/equipe/verifier/1", content=half, headers=headers)
    assert answer.status_code == 400
    assert desk_texts.UNREADABLE in plain(answer.text) and desk_texts.MALFORMED_KEPT in plain(answer.text)
