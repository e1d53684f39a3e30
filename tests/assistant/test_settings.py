"""Settings: read from file and environment, the latter wins, and what is wrong is refused by name."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from assistant.errors import ConfigurationError
from assistant.settings import Settings, load_settings


def toml(folder: Path, text: str) -> Path:
    (folder / "assistant.toml").write_text(text, encoding="utf-8")
    return folder / "assistant.toml"


def test_nothing_given_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path / "absent.toml") == Settings()


READ = [
    ("nombre", {"ASSISTANT_PORT": "8080"}, "port", 8080),
    ("dossier", {"ASSISTANT_INDEX": "/autre/index"}, "index", Path("/autre/index")),
    ("texte", {"ASSISTANT_HOST": "0.0.0.0"}, "host", "0.0.0.0"),
    ("préfixe avec espace final", {"ASSISTANT_QUERY_PROMPT": "query: "}, "query_prompt", "query: "),
    ("journal vide", {"ASSISTANT_JOURNAL": ""}, "journal", ""),
    ("autre variable", {"HOME": "/x", "ASSISTANTE_PORT": "1"}, "port", Settings().port),
]


@pytest.mark.parametrize(("environ", "name", "value"), [case[1:] for case in READ], ids=[case[0] for case in READ])
def test_the_environment_is_read(tmp_path: Path, environ: dict[str, str], name: str, value: object) -> None:
    assert getattr(load_settings(environ, tmp_path / "absent.toml"), name) == value


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = toml(tmp_path, 'port = 9000\npassages = 7\nhost = "::1"\n')
    settings = load_settings({"ASSISTANT_PORT": "9001"}, file)
    assert (settings.port, settings.passages, settings.host) == (9001, 7, "::1")


REFUSED = [
    ("nom inconnu", {"ASSISTANT_PROT": "1"}, ["ASSISTANT_PROT", "inconnu", "ASSISTANT_PORT ?"]),
    ("nom inconnu sans voisin", {"ASSISTANT_ZZZZZZ": "1"}, ["ASSISTANT_ZZZZZZ", "README"]),
    ("lettres pour un nombre", {"ASSISTANT_PORT": "abc"}, ["ASSISTANT_PORT", "« abc »", "entier"]),
    ("vide pour un nombre", {"ASSISTANT_PASSAGES": ""}, ["ASSISTANT_PASSAGES", "entier"]),
    ("décimal pour un entier", {"ASSISTANT_PORT": "80.5"}, ["ASSISTANT_PORT", "entier"]),
    ("trop grand", {"ASSISTANT_PORT": "65536"}, ["ASSISTANT_PORT", "65536", "65535"]),
    ("nul", {"ASSISTANT_PASSAGES": "0"}, ["ASSISTANT_PASSAGES", "entre 1 et"]),
    ("négatif", {"ASSISTANT_RETENTION_DAYS": "-1"}, ["ASSISTANT_RETENTION_DAYS", "-1"]),
    ("trop petit", {"ASSISTANT_QUESTION_LIMIT": "5"}, ["ASSISTANT_QUESTION_LIMIT", "20"]),
]


@pytest.mark.parametrize(("environ", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_wrong_is_refused_by_name(tmp_path: Path, environ: dict[str, str], said: list[str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(environ, tmp_path / "absent.toml")
    assert all(word in str(refused.value) for word in said), refused.value


FILES = [
    ("pas du TOML", "port = = 3", ["assistant.toml", "TOML"]),
    ("nom inconnu", "porte = 3", ["assistant.toml", "ASSISTANT_PORTE", "ASSISTANT_PORT ?"]),
    ("mauvaise sorte", 'port = "trois"', ["ASSISTANT_PORT", "« trois »"]),
    ("hors bornes", "concurrency = 1000", ["ASSISTANT_CONCURRENCY", "1000"]),
]


@pytest.mark.parametrize(("text", "said"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings({}, toml(tmp_path, text))
    assert all(word in str(refused.value) for word in said), refused.value


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "assistant.toml").write_bytes(b'host = "\xe9"')
    with pytest.raises(ConfigurationError, match=r"assistant\.toml"):
        load_settings({}, tmp_path / "assistant.toml")


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]
