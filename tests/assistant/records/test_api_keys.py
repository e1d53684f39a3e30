"""Keys of programs: what is kept of them, when they open, how a day's questions are counted, the command."""

from __future__ import annotations

import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant import cli
from assistant.records.api_keys import ApiKeyError, ApiKeys
from assistant.records.database import Database, DatabaseUnavailable


class HandClock:
    """The time, moved by hand."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/j.sqlite"


def test_a_key_opens_and_is_kept_nowhere(url, tmp_path):
    keys = ApiKeys(Database(url))
    secret = keys.add("site de la ville", 50)
    found = keys.find(secret)
    assert found and (found.name, found.per_day, found.used, found.used_today) == ("site de la ville", 50, None, 0)
    assert keys.find(secret[:-1]) is None and keys.find("") is None
    assert len(secret) > 40 and keys.add("autre") != secret
    written = b"".join(path.read_bytes() for path in tmp_path.glob("j.sqlite*"))
    assert b"site de la ville" in written and secret.encode() not in written and secret[4:20].encode() not in written


def test_a_revoked_key_stays_listed_and_its_name_is_free_again(url):
    keys = ApiKeys(Database(url))
    old = keys.add("site")
    with pytest.raises(ApiKeyError, match="existe déjà"):
        keys.add("site")
    keys.revoke("site")
    assert keys.find(old) is None
    with pytest.raises(ApiKeyError, match="pas de clé « site » en service"):
        keys.revoke("site")
    new = keys.add("site")
    assert keys.find(old) is None and keys.find(new)
    assert [bool(key.revoked) for key in keys.all()] == [True, False]


@pytest.mark.parametrize("name", ["", " ", "x", "a\nb", "-tiret", "a" * 101, "<b>"])
def test_odd_names_are_refused(url, name):
    with pytest.raises(ApiKeyError, match="ne convient pas"):
        ApiKeys(Database(url)).add(name)


@pytest.mark.parametrize("per_day", [0, -1, 2_000_000])
def test_odd_quotas_are_refused(url, per_day):
    with pytest.raises(ApiKeyError, match="Un quota va de"):
        ApiKeys(Database(url)).add("site", per_day)


def test_a_day_s_questions_are_counted_and_begin_again_the_next_day(url):
    clock = HandClock()
    keys = ApiKeys(Database(url), clock)
    key = keys.find(keys.add("site", 2))
    assert [keys.spend(key.id) for _ in range(4)] == [True, True, False, False]
    (counted,) = keys.all()
    assert (counted.used_today, counted.used) == (2, clock.moment)
    clock.moment += timedelta(days=1)
    assert keys.all()[0].used_today == 0
    assert [keys.spend(key.id) for _ in range(3)] == [True, True, False]


def test_questions_sent_together_cannot_all_pass_the_count(url):
    keys = ApiKeys(Database(url))
    key = keys.find(keys.add("site", 10))
    with ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: keys.spend(key.id), range(40)))
    assert sum(passed) == 10


def test_the_day_is_the_server_s(url, monkeypatch):
    monkeypatch.setenv("TZ", "Pacific/Noumea")  # eleven hours ahead: 13:30 UTC is tomorrow there
    time.tzset()
    try:
        clock = HandClock()
        keys = ApiKeys(Database(url), clock)
        key = keys.find(keys.add("site", 1))
        assert keys.spend(key.id) and not keys.spend(key.id)
        clock.moment += timedelta(hours=1, minutes=30)
        assert keys.spend(key.id)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_database_made_before_keys_is_completed(tmp_path):
    file = tmp_path / "j.sqlite"
    with sqlite3.connect(file) as before:
        before.execute("CREATE TABLE exchanges (id INTEGER PRIMARY KEY, created DATETIME, status VARCHAR)")
    before.close()
    keys = ApiKeys(Database(f"sqlite:///{file}"))
    assert keys.find(keys.add("site"))


def test_without_a_database_there_is_no_key():
    with pytest.raises(DatabaseUnavailable, match="ASSISTANT_JOURNAL est vide"):
        ApiKeys(Database("")).add("site")


def test_the_command_shows_a_key_once(url, monkeypatch, capsys):
    monkeypatch.setenv("ASSISTANT_JOURNAL", url)
    assert cli.main(["cles", "list"]) == 0 and "Aucune clé" in capsys.readouterr().out
    assert cli.main(["cles", "add", "site de la ville", "--per-day", "20"]) == 0
    said = capsys.readouterr().out
    secret = said.splitlines()[-1]
    keys = ApiKeys(Database(url))
    key = keys.find(secret)
    assert key and "20 questions par jour" in said
    keys.spend(key.id)
    assert cli.main(["cles", "list"]) == 0
    listed = capsys.readouterr().out
    assert "site de la ville  1 sur 20 aujourd'hui, dernier emploi le" in listed and secret not in listed
    assert cli.main(["cles", "add", "site de la ville"]) == 1 and "existe déjà" in capsys.readouterr().err
    assert cli.main(["cles", "revoke", "site de la ville"]) == 0 and keys.find(secret) is None
    assert cli.main(["cles", "list"]) == 0 and "révoquée le" in capsys.readouterr().out
