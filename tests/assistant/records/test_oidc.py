"""Signing in through an OpenID provider, against one that runs here over real HTTP."""

from __future__ import annotations

import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from joserfc.jwk import ECKey, OctKey
from starlette.testclient import TestClient

from assistant.errors import ConfigurationError
from assistant.records import oidc
from assistant.records.accounts import Accounts, csrf_of
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.records.oidc import Provider, ProviderRefused
from assistant.settings import Settings
from assistant.throttling import Throttle
from assistant.web.staff import access, desk_texts, login, rendering
from assistant.web.staff import routes as staff
from tests.assistant.conftest import notices
from tests.assistant.records.oidc_provider import CLIENT, SECRET, running

HTML = {"accept": "text/html"}
_CONTEXT = ssl.create_default_context()  # made once: it takes a tenth of a second


@pytest.fixture
def provider():
    with running() as made:
        yield made


@pytest.fixture
def settings(tmp_path, provider):
    return Settings(
        journal=f"sqlite:///{tmp_path}/j.sqlite", oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET
    )


@pytest.fixture
def accounts(settings):
    made = Accounts(Database(settings.journal))
    made.add("marie@mairie.fr", "editeur", None)
    return made


@pytest.fixture
def app(settings, accounts):
    """The staff's pages alone: a provider needs no base of documents."""
    made = FastAPI()
    made.include_router(login.router(accounts, Provider(Database(settings.journal), settings)))
    made.add_exception_handler(access.RequestRefused, staff._refused)
    made.add_middleware(access.AccessMiddleware, accounts=accounts, show=rendering.message)
    return made


@pytest.fixture
def client(app):
    return TestClient(app, base_url="http://127.0.0.1:7860", follow_redirects=False)


def leave(client, suite: str = "") -> str:
    """The address at the provider."""
    answer = client.get("/equipe/connexion/oidc", params={"suite": suite})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def visit(address: str) -> str:
    """Sign in at the provider; returns the address it sends the browser back to."""
    answer = httpx2.get(address, verify=_CONTEXT)
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def come_back(client, address: str):
    return client.get(address, headers=HTML)


def refused(answer, message: str) -> bool:
    said = re.search(r'id="problem">([^<]*)<', answer.text)
    plain = said[1].replace("&#39;", "'") if said else answer.text
    assert plain == message
    return answer.status_code == 401 and access.COOKIE not in str(answer.headers.get("set-cookie"))


def test_who_signs_in_at_the_provider_comes_back_to_the_page_asked_for(client, accounts, provider):
    away = leave(client, "/equipe/compte")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(away).query).items()}
    assert asked["redirect_uri"] == "http://127.0.0.1:7860/equipe/connexion/retour"
    assert asked["scope"] == "openid email" and "client_secret" not in asked
    back = come_back(client, visit(away))
    assert (back.status_code, back.headers["location"]) == (303, "/equipe/compte")
    page = client.get("/equipe/compte", headers=HTML)
    assert "marie@mairie.fr" in page.text and desk_texts.ROLES["editeur"] in page.text
    assert 'type="password"' not in page.text, "it has none here"
    assert provider.refused == []


def test_the_button_is_there_only_with_a_provider(client, accounts, settings):
    assert 'href="/equipe/connexion/oidc?suite=' in client.get("/equipe/connexion").text
    bare = FastAPI()
    bare.include_router(login.router(accounts, None))
    bare.add_middleware(access.AccessMiddleware, accounts=accounts, show=rendering.message)
    alone = TestClient(bare, follow_redirects=False)
    assert "/oidc" not in alone.get("/equipe/connexion").text
    assert alone.get("/equipe/connexion/oidc").status_code == 404
    assert alone.get("/equipe/connexion/retour?state=a&code=b").status_code == 404


def test_signing_out_goes_by_the_provider(client, accounts, provider):
    come_back(client, visit(leave(client)))
    token = client.cookies[access.COOKIE]
    answer = client.post("/equipe/deconnexion", data={"csrf": csrf_of(token)}, headers=HTML)
    there = urlsplit(answer.headers["refresh"].partition("url=")[2])
    asked = parse_qs(there.query)
    assert answer.status_code == 200 and f"{there.scheme}://{there.netloc}{there.path}" == f"{provider.issuer}/logout"
    assert asked["id_token_hint"][0].count(".") == 2 and asked["client_id"] == [CLIENT]
    assert asked["post_logout_redirect_uri"] == ["http://127.0.0.1:7860/equipe/connexion"]
    assert accounts.visit(token) is None


def test_signing_out_ends_here_when_the_provider_offers_nothing(client, accounts, provider):
    provider.description = lambda described: {name: value for name, value in described.items() if name != "end_session_endpoint"}
    come_back(client, visit(leave(client)))
    answer = client.post("/equipe/deconnexion", data={"csrf": csrf_of(client.cookies[access.COOKIE])})
    assert (answer.status_code, answer.headers["location"]) == (303, "/equipe/connexion?sorti=1")


def test_a_provider_may_want_the_secret_in_the_form_and_sign_its_userinfo(client, provider):
    provider.methods, provider.signed_userinfo = ["client_secret_post"], True
    assert come_back(client, visit(leave(client))).status_code == 303


def test_a_provider_may_put_the_address_in_the_id_token(client, provider):
    provider.description = lambda described: {name: value for name, value in described.items() if name != "userinfo_endpoint"}
    provider.claims = lambda claims: claims | {"email": "Marie@Mairie.fr", "email_verified": True}
    assert come_back(client, visit(leave(client))).status_code == 303


def test_a_provider_may_change_its_key(client, provider):
    assert come_back(client, visit(leave(client))).status_code == 303
    provider.rotate()
    client.cookies.clear()
    assert come_back(client, visit(leave(client))).status_code == 303
    assert provider.asked.count("/jwks") == 2


# -- what must not let anybody in


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "autre"},
        {"nonce": None},
        {"aud": "une-autre-application"},
        {"aud": [CLIENT, "autre"]},
        {"azp": "autre"},
        {"iss": "https://ailleurs.fr"},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"at_hash": "faux"},
    ],
    ids=str,
)
def test_a_claim_that_is_not_right_lets_nobody_in(client, provider, wrong):
    provider.claims = lambda claims: {name: value for name, value in (claims | wrong).items() if value is not None}
    assert refused(come_back(client, visit(leave(client))), oidc.UNPROVED)


def test_a_signature_by_another_key_lets_nobody_in(client, provider):
    provider.signing_key = ECKey.generate_key("P-256", {"kid": "k1"})
    assert refused(come_back(client, visit(leave(client))), oidc.UNPROVED)


def test_a_signature_with_the_shared_secret_lets_nobody_in(client, provider):
    provider.signing_key, provider.header = OctKey.import_key(SECRET), {"alg": "HS256"}
    assert refused(come_back(client, visit(leave(client))), oidc.UNPROVED)


def test_a_token_without_signature_lets_nobody_in(client, provider):
    provider.signed = lambda claims: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1LTEifQ."
    assert refused(come_back(client, visit(leave(client))), oidc.UNPROVED)


def test_a_key_that_nobody_knows_lets_nobody_in(client, provider):
    provider.header = {"alg": "ES256", "kid": "inconnu"}
    assert refused(come_back(client, visit(leave(client))), oidc.UNPROVED)


@pytest.mark.parametrize("told", [{"sub": "u-2"}, {"sub": None}])
def test_userinfo_about_somebody_else_lets_nobody_in(client, provider, told):
    provider.userinfo = lambda claims: {name: value for name, value in (claims | told).items() if value is not None}
    assert refused(come_back(client, visit(leave(client))), oidc.UNPROVED)


def test_signed_userinfo_for_another_application_lets_nobody_in(client, provider):
    provider.signed_userinfo, provider.userinfo = True, lambda claims: claims | {"aud": "autre"}
    assert refused(come_back(client, visit(leave(client))), oidc.UNPROVED)


@pytest.mark.parametrize(
    "person",
    [
        {"email": "marie@mairie.fr", "email_verified": False},
        {"email": "marie@mairie.fr", "email_verified": "true"},
        {"email": "marie@mairie.fr"},
        {"email_verified": True},
        {"email": ["marie@mairie.fr"], "email_verified": True},
    ],
    ids=str,
)
def test_an_address_that_is_not_verified_lets_nobody_in(client, provider, person):
    provider.person = {"sub": "u-1"} | person
    assert refused(come_back(client, visit(leave(client))), oidc.UNVERIFIED)


def test_an_address_without_an_open_account_is_named_and_let_in_nowhere(client, accounts, provider):
    provider.person["email"] = "paul@mairie.fr"
    answer = come_back(client, visit(leave(client)))
    assert answer.status_code == 401 and "paul@mairie.fr" in answer.text and access.COOKIE not in client.cookies
    accounts.add("lea@mairie.fr", "relecteur", None)  # without an open account the page would say how to make one
    accounts.disable("marie@mairie.fr")
    provider.person["email"] = "marie@mairie.fr"
    closed = come_back(client, visit(leave(client)))
    assert closed.status_code == 401 and "marie@mairie.fr" in closed.text and access.COOKIE not in client.cookies


def test_a_return_serves_once(client):
    address = visit(leave(client))
    before = dict(client.cookies)
    assert come_back(client, address).status_code == 303
    client.cookies.clear()
    client.cookies.update(before)
    assert refused(come_back(client, address), oidc.EXPIRED)


def test_a_return_serves_only_the_browser_that_left(client, app):
    """Somebody sends their own return address to a member: it must not sign the member in under another name."""
    address = visit(leave(client))
    other = TestClient(app, base_url="http://127.0.0.1:7860", follow_redirects=False)
    assert refused(come_back(other, address), oidc.EXPIRED)
    leave(other)
    assert refused(come_back(other, address), oidc.EXPIRED)


@pytest.mark.parametrize("query", ["", "?code=a", "?state=a", "?code=a&state=b", "?error=access_denied", "?state=%00&code=%F0"])
def test_a_return_that_nobody_left_for_lets_nobody_in(client, query):
    leave(client)
    assert refused(come_back(client, f"/equipe/connexion/retour{query}"), oidc.EXPIRED)


@pytest.mark.parametrize(
    "change",
    [
        lambda query: query | {"code": ["autre"]},
        lambda query: {"state": query["state"], "error": ["access_denied"]},
        lambda query: query | {"iss": ["https://ailleurs.fr"]},
        lambda query: {"state": query["state"]},
    ],
    ids=["code", "error", "issuer", "no code"],
)
def test_a_return_that_was_changed_lets_nobody_in_and_is_spent(client, change):
    address = urlsplit(visit(leave(client)))
    query = {name: values[0] for name, values in change(parse_qs(address.query)).items()}
    assert refused(client.get(address.path, params=query, headers=HTML), oidc.REFUSED)
    assert refused(client.get(address.path, params=query, headers=HTML), oidc.EXPIRED)


def test_a_code_caught_on_the_way_is_no_use_to_another_browser(client, app, provider):
    """The catcher starts a sign-in of their own and puts the caught code in it: PKCE refuses."""
    caught = parse_qs(urlsplit(visit(leave(client))).query)["code"][0]
    thief = TestClient(app, base_url="http://127.0.0.1:7860", follow_redirects=False)
    state = parse_qs(urlsplit(leave(thief)).query)["state"][0]
    assert refused(thief.get("/equipe/connexion/retour", params={"code": caught, "state": state}, headers=HTML), oidc.REFUSED)
    assert provider.refused == ["code"]


def test_the_way_back_stays_here(client):
    assert come_back(client, visit(leave(client, "https://ailleurs.fr"))).headers["location"] == "/equipe"


def test_a_return_that_takes_too_long_has_expired(settings, accounts):
    class Clock:
        now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

        def __call__(self) -> datetime:
            return self.now

    clock = Clock()
    made = Provider(Database(settings.journal), settings, clock)
    callback = "http://127.0.0.1:7860/equipe/connexion/retour"
    address = visit(made.begin(callback, "navigateur", "/equipe"))
    clock.now += timedelta(minutes=11)
    returned = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    with pytest.raises(ProviderRefused, match=re.escape(oidc.EXPIRED)):
        made.finish(callback, "navigateur", returned)


@pytest.mark.parametrize(
    "description",
    [
        lambda described: described | {"issuer": "https://ailleurs.fr"},
        lambda described: {"issuer": described["issuer"]},
        lambda described: [],
        lambda described: described | {"token_endpoint": "http://127.0.0.1:1/"},
    ],
    ids=["issuer", "endpoints", "list", "unreachable"],
)
def test_a_provider_that_is_not_what_it_should_be_leaves_passwords(client, provider, description):
    provider.description = description
    answer = client.get("/equipe/connexion/oidc", headers=HTML)
    if answer.status_code == 303:
        assert refused(come_back(client, visit(answer.headers["location"])), oidc.UNREACHABLE)
    else:
        assert answer.status_code == 502 and notices(answer.text) == [oidc.UNREACHABLE]
        assert 'type="password"' in answer.text


def test_a_provider_that_is_down_leaves_passwords(settings, accounts, client, provider):
    provider.description = lambda described: "panne"
    assert client.get("/equipe/connexion/oidc", headers=HTML).status_code == 502
    provider.description = lambda described: described
    assert client.get("/equipe/connexion/oidc", headers=HTML).status_code == 303  # a failure is not remembered


def test_an_address_that_nobody_says_was_verified_is_accepted_by_setting_only(settings, accounts, provider):
    made = Provider(Database(settings.journal), replace(settings, oidc_email_unstated="accept"))
    for stated, accepted in ((None, True), (False, False)):
        provider.person = {"sub": "u-1", "email": "marie@mairie.fr"} | ({} if stated is None else {"email_verified": stated})
        address = visit(made.begin("http://127.0.0.1/retour", "navigateur", "/equipe"))
        returned = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        if accepted:
            assert made.finish("http://127.0.0.1/retour", "navigateur", returned).email == "marie@mairie.fr"
        else:
            with pytest.raises(ProviderRefused, match=re.escape(oidc.UNVERIFIED)):
                made.finish("http://127.0.0.1/retour", "navigateur", returned)


def test_the_secret_is_not_in_what_is_printed(settings):
    assert SECRET not in repr(settings)


def test_the_whole_desk_takes_the_provider_from_the_settings(settings, accounts):
    app, database = FastAPI(), Database(settings.journal)
    staff.mount(app, staff.Desk(None, database, Journal(database), settings), Throttle())
    assert "/equipe/connexion/oidc" in TestClient(app).get("/equipe/connexion").text


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"oidc_issuer": "https://exemple.fr"}, "OIDC_CLIENT_ID"),
        ({"oidc_issuer": "http://exemple.fr", "oidc_client_id": "a", "oidc_client_secret": "b"}, "OIDC_ISSUER"),
        ({"oidc_issuer": "http://localhost.exemple.fr", "oidc_client_id": "a", "oidc_client_secret": "b"}, "OIDC_ISSUER"),
        ({"oidc_email_unstated": "oui"}, "OIDC_EMAIL_UNSTATED"),
        ({"session_idle_minutes": 0}, "SESSION_IDLE_MINUTES"),
    ],
)
def test_settings_that_would_let_too_many_in(given, named):
    with pytest.raises(ConfigurationError, match=named):
        Settings(**given)
