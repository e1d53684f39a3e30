"""Signing in through an OpenID provider (ProConnect and others): authorization code, PKCE, state and nonce.

The provider says who someone is, by a verified e-mail address; whether that person has an account, and
which role, is decided by `accounts`. Knows the protocol through Authlib; nothing of pages or cookies.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from sqlalchemy import DateTime, delete
from sqlalchemy.orm import Mapped, mapped_column

from assistant.records.accounts import SignInRefused, digest
from assistant.records.database import Database, Table, changed, now, utc
from assistant.settings import Settings

_TIMEOUT = 10.0  # seconds for each request to the provider
_PATIENCE = timedelta(minutes=10)  # for someone to sign in at the provider
_LEEWAY = 60  # seconds between the provider's clock and ours
_FRESH = 3600.0  # seconds the provider's description and keys are kept
# Signatures by the provider's own key only: never « none », never one made with a secret both sides know.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")

UNREACHABLE = "Le fournisseur d'identité ne répond pas comme prévu. Réessayez dans un instant, ou utilisez un mot de passe."
EXPIRED = "Cette connexion a expiré, a déjà servi, ou a été commencée dans un autre navigateur. Recommencez."
REFUSED = "Le fournisseur d'identité a refusé la connexion, ou l'a interrompue."
UNPROVED = "La réponse du fournisseur d'identité n'a pas pu être vérifiée : personne n'a été connecté."
UNVERIFIED = "Le fournisseur d'identité ne donne pas d'adresse électronique vérifiée pour vous."


class ProviderRefused(SignInRefused):
    """The provider could not be reached, refused, or answered what cannot be trusted."""


@dataclass(frozen=True)
class Identity:
    """Whom the provider vouches for."""

    email: str  # verified, by the provider or by the setting that says so
    id_token: str  # handed back to the provider when signing out
    destination: str  # the page that was asked for at first


class Provider:
    """One OpenID provider. Safe to share between threads."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], datetime] = now) -> None:
        self._database, self._settings, self._clock = database, settings, clock
        self._issuer = settings.oidc_issuer.rstrip("/")
        self._known: dict[str, Any] = {}
        self._known_at = 0.0
        self._keys: KeySet | None = None
        self._learning = threading.Lock()
        self._trust = httpx2.create_ssl_context()  # made once: reading the certificates takes a tenth of a second

    def begin(self, callback: str, browser: str, destination: str) -> str:
        """The address at the provider to send someone to.

        Args:
            callback: our address, absolute, that the provider sends people back to.
            browser: a secret of that browser alone: whoever comes back must have it.
            destination: the page that was asked for.

        Raises:
            ProviderRefused: the provider does not describe itself as it should.
        """
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        described = self._description()
        with self._client(callback) as client:
            address, _ = client.create_authorization_url(
                described["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier
            )
        moment = self._clock()
        with self._database.session() as session:
            session.execute(delete(_PendingRow).where(_PendingRow.created < moment - _PATIENCE))
            session.add(
                _PendingRow(
                    state=digest(state),
                    browser=digest(browser),
                    created=moment,
                    nonce=nonce,
                    verifier=verifier,
                    destination=destination,
                )
            )
        return str(address)

    def finish(self, callback: str, browser: str, returned: dict[str, str]) -> Identity:
        """Who came back from the provider, from the parameters of the address they came back by.

        Raises:
            ProviderRefused: in French, why nobody is signed in.
        """
        pending = self._taken(returned.get("state", ""), browser)  # first: a state serves once, whatever follows
        if returned.get("error") or not returned.get("code") or returned.get("iss", self._issuer).rstrip("/") != self._issuer:
            raise ProviderRefused(REFUSED)
        described = self._description()
        try:
            with self._client(callback) as client:
                token = client.fetch_token(
                    described["token_endpoint"],
                    code=returned["code"],
                    code_verifier=pending.verifier,
                    grant_type="authorization_code",
                )
                id_token = str(token.get("id_token", ""))
                claims = self._id_claims(id_token, pending.nonce, str(token.get("access_token", "")))
                all_claims = claims | self._user_claims(client, claims)
        except (httpx2.HTTPError, AuthlibBaseError) as error:
            raise ProviderRefused(UNREACHABLE if isinstance(error, httpx2.HTTPError) else REFUSED) from error
        except (JoseError, ValueError, KeyError, TypeError) as error:  # what was sent is not what the protocol says
            raise ProviderRefused(UNPROVED) from error
        return Identity(self._email(all_claims), id_token, pending.destination)

    def end_session(self, id_token: str, back: str) -> str | None:
        """Where to send someone to sign out of the provider too; None when it offers nothing of the kind."""
        try:
            endpoint = self._description().get("end_session_endpoint")
        except ProviderRefused:
            return None
        if not endpoint:
            return None
        asked = {
            "id_token_hint": id_token,
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": back,
            "state": secrets.token_urlsafe(16),
        }
        return str(httpx2.URL(str(endpoint)).copy_merge_params(asked))

    # -- what the provider says of itself

    def _description(self) -> dict[str, Any]:
        """What the provider says of itself, kept for `_FRESH`; refused when it names another issuer or lacks an address."""
        with self._learning:
            if not self._known or time.monotonic() - self._known_at > _FRESH:
                known = self._read(f"{self._issuer}/.well-known/openid-configuration")
                needed = {"authorization_endpoint", "token_endpoint", "jwks_uri"}
                if str(known.get("issuer", "")).rstrip("/") != self._issuer or not needed <= known.keys():
                    raise ProviderRefused(UNREACHABLE)
                self._known, self._known_at, self._keys = known, time.monotonic(), None
            return self._known

    def _key_set(self, again: bool = False) -> KeySet:
        described = self._description()
        with self._learning:
            if self._keys is None or again:
                self._keys = KeySet.import_key_set(self._read(str(described["jwks_uri"])))  # type: ignore[arg-type]
            return self._keys

    def _read(self, address: str) -> dict[str, Any]:
        try:
            answer = httpx2.get(address, timeout=_TIMEOUT, verify=self._trust, headers={"accept": "application/json"})
            found = answer.raise_for_status().json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise ProviderRefused(UNREACHABLE) from error
        if not isinstance(found, dict):
            raise ProviderRefused(UNREACHABLE)
        return found

    def _client(self, callback: str) -> Any:
        """A client of the provider; our secret goes in a header, unless it is taken in the body only."""
        basic = "client_secret_basic"
        offered = self._description().get("token_endpoint_auth_methods_supported") or [basic]
        return OAuth2Client(
            self._settings.oidc_client_id,
            self._settings.oidc_client_secret,
            scope=self._settings.oidc_scopes,
            redirect_uri=callback,
            code_challenge_method="S256",
            timeout=_TIMEOUT,
            verify=self._trust,
            token_endpoint_auth_method=basic if basic in offered else "client_secret_post",
        )

    # -- what it says of someone

    def _taken(self, state: str, browser: str) -> _Pending:
        """What was kept when someone left for the provider, taken out: it serves once, for that browser, for `_PATIENCE`."""
        with self._database.session() as session:
            row = session.get(_PendingRow, digest(state))
            if row is None or not browser or row.browser != digest(browser):
                raise ProviderRefused(EXPIRED)
            pending = _Pending(row.nonce, row.verifier, row.destination)
            gone = changed(session, delete(_PendingRow).where(_PendingRow.state == row.state))
            late = self._clock() - utc(row.created) > _PATIENCE
            taken = gone == 1 and not late  # 0: the same address is being opened twice
        if not taken:
            raise ProviderRefused(EXPIRED)
        return pending

    def _id_claims(self, id_token: str, nonce: str, access_token: str) -> dict[str, Any]:
        """What the ID token says, once its signature, issuer, audience, dates and nonce are checked."""
        decoded = self._decoded(id_token)
        options = {"iss": {"values": [self._known["issuer"]]}, "nonce": {"essential": True, "value": nonce}}
        expected = {"nonce": nonce, "client_id": self._settings.oidc_client_id, "access_token": access_token}
        CodeIDToken(decoded.claims, decoded.header, options, expected).validate(leeway=_LEEWAY)
        self._check_audience(decoded.claims)
        return decoded.claims

    def _user_claims(self, client: Any, claims: dict[str, Any]) -> dict[str, Any]:
        """What the provider says of the same person besides; nothing when it has no such address."""
        endpoint = self._description().get("userinfo_endpoint")
        if not endpoint:
            return {}
        answer = client.get(endpoint).raise_for_status()
        if answer.headers.get("content-type", "").startswith("application/jwt"):  # ProConnect signs it
            user_claims = self._decoded(answer.text.strip()).claims
            if user_claims.get("iss", self._known["issuer"]) != self._known["issuer"]:
                raise ValueError("userinfo: iss")
            self._check_audience(user_claims)
        else:
            user_claims = answer.json()
        if user_claims["sub"] != claims["sub"]:
            raise ValueError("userinfo: sub")
        return dict(user_claims)

    def _check_audience(self, claims: dict[str, Any]) -> None:
        audience = claims.get("aud")
        if self._settings.oidc_client_id not in (audience if isinstance(audience, list) else [audience]):
            raise ValueError("aud")

    def _decoded(self, token: str) -> jwt.Token:
        offered = self._description().get("id_token_signing_alg_values_supported") or ["RS256"]
        registry = JWSRegistry(algorithms=[name for name in offered if name in _ALGORITHMS], strict_check_header=False)
        try:
            return jwt.decode(token, self._key_set(), registry=registry)
        except InvalidKeyIdError:  # the provider changed its keys
            return jwt.decode(token, self._key_set(again=True), registry=registry)

    def _email(self, claims: dict[str, Any]) -> str:
        """The address, verified; when the provider does not say whether it is, a setting decides."""
        email, verified = claims.get("email"), claims.get("email_verified")
        unstated = verified is None and self._settings.oidc_email_unstated == "accept"
        if not isinstance(email, str) or "@" not in email or not (verified is True or unstated):
            raise ProviderRefused(UNVERIFIED)
        return email


@dataclass(frozen=True)
class _Pending:
    nonce: str
    verifier: str
    destination: str


class _PendingRow(Table):
    __tablename__ = "oidc_pending"

    state: Mapped[str] = mapped_column(primary_key=True)  # SHA-256
    browser: Mapped[str]  # SHA-256
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    nonce: Mapped[str]
    verifier: Mapped[str]
    destination: Mapped[str]
