"""A small OpenID provider over real HTTP: discovery, authorization with PKCE, token, keys, userinfo.

It checks what a provider checks and signs what it says. Whoever comes is `person`, without a password.
`claims`, `signing_key`, … let a test make it say something wrong.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

CLIENT, SECRET = "assistant-pvd", "un-secret-entre-nous"


class OpenIdProvider:
    """What the provider knows and how it behaves."""

    def __init__(self, address: str) -> None:
        self.issuer = address
        self.key = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256"})
        self.person: dict[str, Any] = {"sub": "u-1", "email": "marie@mairie.fr", "email_verified": True}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []  # paths, as they came
        self.refused: list[str] = []
        self.methods = ["client_secret_basic", "client_secret_post"]
        self.claims: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.header: dict[str, Any] = {"alg": "ES256", "kid": "k1"}
        self.signing_key: ECKey | OctKey = self.key
        self.signed_userinfo = False
        self.userinfo: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.description: Callable[[dict[str, Any]], dict[str, Any]] = lambda described: described

    def rotate(self) -> None:
        """A new key, known from now on by its kid."""
        self.key = self.signing_key = ECKey.generate_key("P-256", {"kid": "k2", "alg": "ES256"})
        self.header = {"alg": "ES256", "kid": "k2"}

    def described(self) -> dict[str, Any]:
        return self.description(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "userinfo_endpoint": f"{self.issuer}/userinfo",
                "end_session_endpoint": f"{self.issuer}/logout",
                "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"],
                "token_endpoint_auth_methods_supported": self.methods,
                "code_challenge_methods_supported": ["S256"],
            }
        )

    def authorize(self, asked: dict[str, str]) -> str:
        """The address the browser is sent back to."""
        right = (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT, "S256")
        if not right or "openid" not in asked["scope"].split() or len(asked["nonce"]) < 20 or len(asked["state"]) < 20:
            raise ValueError("authorize")
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, given: dict[str, str], authorization: str) -> dict[str, Any]:
        """Exchange a code, once."""
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        posted = (given.get("client_id"), given.get("client_secret")) == (CLIENT, SECRET)
        if authorization != f"Basic {basic}" and not (posted and "client_secret_post" in self.methods):
            raise ValueError("client")
        asked = self.codes.pop(given["code"])
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or given["redirect_uri"] != asked["redirect_uri"]:
            raise ValueError("code")
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "u-1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        return {"access_token": "jeton", "token_type": "Bearer", "expires_in": 300, "id_token": self.signed(self.claims(claims))}

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(self.header, claims, self.signing_key, algorithms=["ES256", "HS256"])


@contextmanager
def running() -> Iterator[OpenIdProvider]:
    """The provider on a free port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        provider: OpenIdProvider = self.server.provider
        place = urlsplit(self.path)
        provider.asked.append(place.path)
        if place.path == "/.well-known/openid-configuration":
            self._json(provider.described())
        elif place.path == "/jwks":
            self._json({"keys": [provider.key.as_dict(private=False)]})
        elif place.path == "/authorize":
            self._answered(lambda: self._redirect(provider.authorize(_single(place.query))))
        elif place.path == "/userinfo" and self.headers["authorization"] == "Bearer jeton":
            told = provider.userinfo(dict(provider.person))
            if provider.signed_userinfo:
                self._send(200, provider.signed({"iss": provider.issuer, "aud": CLIENT} | told).encode(), "application/jwt")
            else:
                self._json(told)
        else:
            self._json({"error": "invalid_request"}, 404)

    def do_POST(self) -> None:
        provider: OpenIdProvider = self.server.provider
        provider.asked.append(self.path)
        given = _single(self.rfile.read(int(self.headers["content-length"])).decode())
        self._answered(lambda: self._json(provider.token(given, self.headers["authorization"] or "")))

    def _answered(self, answer: Callable[[], None]) -> None:
        try:
            answer()
        except (ValueError, KeyError) as error:
            self.server.provider.refused.append(str(error))
            self._json({"error": "invalid_grant"}, 400)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("location", address)
        self.send_header("content-length", "0")
        self.end_headers()

    def _json(self, content: dict[str, Any], status: int = 200) -> None:
        self._send(status, json.dumps(content).encode(), "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def _single(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
