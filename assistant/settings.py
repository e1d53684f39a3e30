"""The settings: one frozen object, read once from the environment and an optional `assistant.toml`.

The only module that reads the environment for the assistant. An unknown or malformed setting is
refused by name. The environment wins over the file.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.errors import ConfigurationError
from index.embedding import SHIPPED
from index.settings_file import FILE, PREFIX, SettingsUnreadable, given_settings
from index.workers import Limits

# What an installed assistant knows where no folder of its own stands beside it.
INSTALLED_KNOWLEDGE = Path(__file__).with_name("knowledge")

_PATTERNS = (
    # Plain http only to this machine: the provider's answers decide who comes in.
    ("oidc_issuer", r"|https://.+|http://(localhost|127\.0\.0\.1|\[::1\])([:/].*)?", "une adresse qui commence par https://"),
    ("oidc_email_unstated", "refuse|accept", "« refuse » ou « accept »"),
    ("model_url", r"|https?://[^\s@?#]+", "une adresse sans mot de passe, par exemple https://modele.exemple.fr/v1,"),
    ("doors", "off|keys|open", "« off », « keys » ou « open »"),
    ("limits_store", r"[a-z+]+://\S*", "une adresse, memory:// ou redis://…,"),
    ("hosts", r"([\w.-]+|\[[0-9a-fA-F:]+\])?( +([\w.-]+|\[[0-9a-fA-F:]+\]))*", "des noms sans port, séparés par une espace,"),
    (
        "embed_origins",
        r"(https?://[\w.-]+(:\d+)?( |$))*",
        "des origines séparées par une espace, par exemple https://www.ville.fr,",
    ),
)


@dataclass(frozen=True)
class Settings:
    """Plain values; each field is `ASSISTANT_<NAME>` in the environment, `<name>` in the file."""

    knowledge: Path = Path("knowledge")  # folder of the programme documents
    index: Path = Path("var/index")  # folder of the index versions
    encoder: str = str(SHIPPED)  # sentence-transformers model: a folder, or a name on the hub
    query_prompt: str | None = None  # put before questions; None: what the model declares or is known for
    passage_prompt: str | None = None  # put before passages; None: what the model declares or is known for
    reranker: str = ""  # CrossEncoder that reads the first 20 hits again: a folder, or a name on the hub; empty: none
    journal: str = "sqlite:///var/journal.sqlite"  # SQLAlchemy URL; empty: nothing is kept
    retention_days: int = 365  # days an exchange is kept
    host: str = "127.0.0.1"  # address the chat listens on
    port: int = 7860  # TCP port, 1-65535
    passages: int = 12  # passages considered for an answer
    question_limit: int = 2000  # characters of a question; beyond, it is refused
    concurrency: int = 8  # answers composed at the same time
    drafts: Path = Path("var/drafts")  # folder of the changes not published yet
    upload_megabytes: int = 50  # of one file that an editor sends
    draft_files: int = 100  # changes waiting for publication
    reading_megabytes: int = Limits.megabytes  # memory that reading one file may take
    reading_seconds: int = Limits.seconds  # processor time that reading one file may take
    session_idle_minutes: int = 60  # minutes without a click after which the staff sign in again
    session_hours: int = 12  # hours after which they do in any case
    oidc_issuer: str = ""  # address of an OpenID provider (ProConnect…); empty: passwords only
    oidc_client_id: str = ""  # what the provider calls this assistant
    oidc_client_secret: str = field(default="", repr=False)  # shared with the provider
    oidc_scopes: str = "openid email"  # what is asked of the provider
    oidc_email_unstated: str = "refuse"  # an e-mail the provider does not say it verified: refuse, accept
    doors: str = "keys"  # which programs may ask: off, none; keys, those that have a key; open, all
    door_requests_per_minute: int = 60  # of one key; of one address without a key
    questions_per_minute: int = 60  # of one address, on the page
    questions_per_minute_overall: int = 600  # of everybody on the page; as many of all programs
    limits_store: str = "memory://"  # where what is limited is counted; redis://… where several processes share it
    proxies: str = ""  # addresses or networks whose X-Forwarded-For and -Proto are believed, separated by spaces; empty: none
    hosts: str = ""  # names this assistant answers to, separated by spaces; empty: its own while only this machine reaches it
    embed_origins: str = ""  # sites that may show the chat in a frame, https://…, separated by spaces; empty: none
    model_url: str = ""  # API of a server that speaks as OpenAI's, https://…/v1; empty: no model writes
    model_name: str = ""  # the model, as its server knows it
    model_key: str = field(default="", repr=False)  # what the server asks for; empty: nothing
    model_first_token_seconds: int = 10  # wait for its first word
    model_seconds: int = 60  # wait for the whole of an answer
    model_tokens: int = 800  # of an answer
    contact: str = ""  # whom people may write to about this assistant, shown on /a-propos; empty: nobody is named

    @property
    def model_host(self) -> str:
        """The machine that the model is on, as people may be told; empty without a model."""
        return urlsplit(self.model_url).hostname or ""

    def __post_init__(self) -> None:
        for name, low, high in (
            ("port", 1, 65535),
            ("passages", 1, 100),
            ("retention_days", 1, 36500),
            ("question_limit", 20, 100_000),
            ("concurrency", 1, 100),
            ("upload_megabytes", 1, 100),
            ("draft_files", 1, 1000),
            ("reading_megabytes", 256, 65_536),
            ("reading_seconds", 1, 86_400),
            ("session_idle_minutes", 1, 1440),
            ("session_hours", 1, 720),
            ("door_requests_per_minute", 1, 10_000),
            ("questions_per_minute", 1, 10_000),
            ("questions_per_minute_overall", 1, 100_000),
            ("model_first_token_seconds", 1, 600),
            ("model_seconds", 1, 3600),
            ("model_tokens", 50, 100_000),
        ):
            if not low <= getattr(self, name) <= high:
                raise ConfigurationError(
                    f"Le réglage {PREFIX}{name.upper()} vaut {getattr(self, name)} : il doit être compris entre {low} et {high}."
                )
        given = [bool(value) for value in (self.oidc_issuer, self.oidc_client_id, self.oidc_client_secret)]
        if any(given) and not all(given):
            names = ", ".join(f"{PREFIX}OIDC_{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"))
            raise ConfigurationError(f"Ces trois réglages vont ensemble : {names}.")
        if bool(self.model_url) != bool(self.model_name) or (self.model_key and not self.model_url):
            names = ", ".join(f"{PREFIX}MODEL_{name}" for name in ("URL", "NAME"))
            raise ConfigurationError(
                f"Ces réglages vont ensemble : {names} (et {PREFIX}MODEL_KEY si le serveur demande une clé)."
            )
        for proxy in self.proxies.split():
            try:
                ipaddress.ip_network(proxy)
            except ValueError as error:
                raise ConfigurationError(
                    f"Le réglage {PREFIX}PROXIES contient « {proxy} » : une adresse IP ou un réseau (10.0.0.0/8) est attendu."
                ) from error
        for name, pattern, expected in _PATTERNS:
            if not re.fullmatch(pattern, value := getattr(self, name)):
                shown = re.sub(r"//[^/]*@", "//…@", value)  # a password in an address is shown to nobody
                raise ConfigurationError(f"Le réglage {PREFIX}{name.upper()} vaut « {shown} » : {expected} est attendu.")


def load_settings(environ: Mapping[str, str], file: Path = Path(FILE)) -> Settings:
    """Settings from the file, then the environment.

    Raises:
        ConfigurationError: an unknown name, or a value of the wrong kind.
    """
    try:
        given = given_settings(environ, file)
    except SettingsUnreadable as error:
        raise ConfigurationError(str(error)) from error
    known = {field.name: field for field in fields(Settings)}
    values = {}
    for name, (value, origin) in given.items():
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f" Vouliez-vous dire {PREFIX}{close[0].upper()} ?" if close else ""
            raise ConfigurationError(
                f"Réglage inconnu dans {origin} : {PREFIX}{name.upper()}.{hint} La liste est dans le README."
            )
        values[name] = _convert(name, str(known[name].type), value)
    if "knowledge" not in values and not Settings.knowledge.is_dir() and INSTALLED_KNOWLEDGE.is_dir():
        values["knowledge"] = INSTALLED_KNOWLEDGE
    return Settings(**values)


def _convert(name: str, kind: str, value: Any) -> Any:
    if kind == "int":
        try:
            return int(str(value))
        except ValueError as error:
            raise ConfigurationError(
                f"Le réglage {PREFIX}{name.upper()} vaut « {value} » : un nombre entier est attendu."
            ) from error
    return Path(str(value)) if kind == "Path" else str(value)
