"""The staff's accounts: what is kept, who gets in, when sessions end, and how guessing is slowed down."""

from __future__ import annotations

import io
import os
import pty
import re
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from assistant import cli
from assistant.records.accounts import DEVICE_DAYS, TRIES, AccountError, Accounts, SignInRefused, TooManyFailures, Tries, csrf_of
from assistant.records.database import Database, DatabaseUnavailable
from assistant.throttling import Window, duration

FAILURES = TRIES.own[0].count
PROJECT = Path(__file__).parents[3]
GOOD = "cheval batterie agrafe"
OTHER = "tracteur violet samedi"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    """The time, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def accounts(tmp_path, clock):
    made = Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite"), timedelta(minutes=60), timedelta(hours=12), QUICK, clock)
    made.add("marie.durand", "editeur", GOOD)
    return made


def stored(tmp_path) -> bytes:
    """Every byte the database wrote."""
    return b"".join(path.read_bytes() for path in tmp_path.glob("j.sqlite*"))


# -- accounts


def test_the_password_and_the_token_are_not_in_the_file(accounts, tmp_path):
    token = accounts.sign_in("marie.durand", GOOD, "10.0.0.1")
    content = stored(tmp_path)
    assert GOOD.encode() not in content and token.encode() not in content and csrf_of(token).encode() not in content
    assert b"$argon2id$" in content


def test_by_default_the_hash_is_as_the_rfc_asks(tmp_path):
    accounts = Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite"))
    accounts.add("marie", "relecteur", GOOD)
    (kept,) = sqlite3.connect(tmp_path / "j.sqlite").execute("SELECT password FROM accounts").fetchone()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106, « low memory »
    assert accounts.sign_in("marie", GOOD, "")


def test_a_hash_of_before_is_renewed_at_the_next_sign_in(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/j.sqlite")
    Accounts(database, hasher=QUICK).add("marie", "relecteur", GOOD)
    stronger = Accounts(database, hasher=PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    stronger.sign_in("marie", GOOD, "")
    (kept,) = sqlite3.connect(tmp_path / "j.sqlite").execute("SELECT password FROM accounts").fetchone()
    assert "m=16,t=2" in kept
    assert stronger.sign_in("marie", GOOD, "")


def test_a_login_is_one_however_it_is_typed(accounts):
    assert accounts.sign_in(" Marie.DURAND ", GOOD, "")
    with pytest.raises(AccountError, match="marie.durand"):
        accounts.add("MARIE.durand", "relecteur", OTHER)


@pytest.mark.parametrize("login", ["", "é", "a b", "x" * 101, "marie/durand", "<b>", ".marie"])
def test_malformed_logins_are_refused(accounts, login):
    with pytest.raises(AccountError, match=re.escape(f"« {login} »")):
        accounts.add(login, "relecteur", GOOD)


@pytest.mark.parametrize(
    ("password", "said"),
    [("court", "12 à 256"), ("x" * 257, "12 à 256"), ("ababababababab", "devine"), ("Marie.Martin.1", "devine")],
)
def test_weak_passwords_are_refused(accounts, password, said):
    with pytest.raises(AccountError, match=said):
        accounts.add("marie.martin.1", "relecteur", password)
    assert [account.login for account in accounts.all()] == ["marie.durand"]


def test_an_unknown_role_or_account_is_named(accounts):
    with pytest.raises(AccountError, match="relecteur.*editeur"):
        accounts.add("paul", "chef", GOOD)
    for change in (accounts.disable, accounts.enable, accounts.delete, accounts.get):
        with pytest.raises(AccountError, match="« paul »"):
            change("paul")


def test_the_same_accent_from_two_keyboards_is_one_password(accounts):
    accounts.add("helene", "relecteur", "été à la montagne")
    assert accounts.sign_in("helene", "été à la montagne".replace("é", "e\u0301"), "")


def test_without_a_database_the_setting_that_gives_one_is_named():
    accounts = Accounts(Database(""))
    assert not accounts.keeps
    with pytest.raises(DatabaseUnavailable, match="ASSISTANT_JOURNAL"):
        accounts.add("marie", "relecteur", GOOD)


# -- sessions


def test_a_session_says_who_and_what(accounts):
    token = accounts.sign_in("marie.durand", GOOD, "")
    visit = accounts.visit(token)
    assert (visit.login, visit.role, visit.csrf) == ("marie.durand", "editeur", csrf_of(token))
    accounts.set_role("marie.durand", "relecteur")
    assert accounts.visit(token).role == "relecteur"


@pytest.mark.parametrize("token", ["", "x", "é" * 40, "\ud800", "0" * 100_000])
def test_a_made_up_token_opens_nothing(accounts, token):
    assert accounts.visit(token) is None


def test_a_session_left_alone_expires(accounts, clock):
    token = accounts.sign_in("marie.durand", GOOD, "")
    for _ in range(3):
        clock.forward(minutes=59)
        assert accounts.visit(token)
    clock.forward(minutes=62)
    assert accounts.visit(token) is None
    clock.forward(minutes=-62)
    assert accounts.visit(token) is None  # gone, not hidden


def test_a_session_in_use_expires_too(accounts, clock):
    token = accounts.sign_in("marie.durand", GOOD, "")
    for _ in range(12):
        assert accounts.visit(token)
        clock.forward(minutes=59)
    clock.forward(minutes=13)
    assert accounts.visit(token) is None


def test_signing_out_ends_one_session_of_two(accounts):
    one, two = accounts.sign_in("marie.durand", GOOD, ""), accounts.sign_in("marie.durand", GOOD, "")
    accounts.sign_out(one)
    assert one != two and accounts.visit(one) is None and accounts.visit(two)


@pytest.mark.parametrize(
    "change",
    [
        lambda accounts: accounts.disable("marie.durand"),
        lambda accounts: accounts.delete("marie.durand"),
        lambda accounts: accounts.set_password("marie.durand", OTHER),
    ],
    ids=["disable", "delete", "password"],
)
def test_a_closed_account_or_a_new_password_ends_every_session(accounts, change):
    tokens = [accounts.sign_in("marie.durand", GOOD, "") for _ in range(2)]
    change(accounts)
    assert [accounts.visit(token) for token in tokens] == [None, None]
    with pytest.raises(SignInRefused):
        accounts.sign_in("marie.durand", GOOD, "")


def test_a_disabled_account_opened_again_keeps_its_password_not_its_sessions(accounts):
    token = accounts.sign_in("marie.durand", GOOD, "")
    accounts.disable("marie.durand")
    assert not accounts.any()
    accounts.enable("marie.durand")
    assert accounts.visit(token) is None and accounts.sign_in("marie.durand", GOOD, "")


def test_an_account_without_a_password_is_admitted_by_the_provider_only(accounts):
    accounts.add("paul@mairie.fr", "relecteur", None)
    with pytest.raises(SignInRefused):
        accounts.sign_in("paul@mairie.fr", "", "")
    assert accounts.visit(accounts.admit("Paul@Mairie.fr", "hint")).logout_hint == "hint"
    accounts.disable("paul@mairie.fr")
    for login in ("paul@mairie.fr", "inconnu@mairie.fr"):
        with pytest.raises(SignInRefused, match=login):
            accounts.admit(login)


# -- failures


def said(accounts, login, password, address="10.0.0.1") -> str:
    with pytest.raises(SignInRefused) as refused:
        accounts.sign_in(login, password, address)
    return str(refused.value)


def test_nothing_tells_an_unknown_login_from_a_wrong_password(accounts):
    accounts.add("ferme", "relecteur", OTHER)
    accounts.disable("ferme")
    known = [said(accounts, "marie.durand", "x") for _ in range(FAILURES + 2)]
    for n, login in enumerate(("inconnu", "ferme", "")):
        assert [said(accounts, login, OTHER, f"10.0.1.{n}") for _ in range(FAILURES + 2)] == known
    assert len(set(known)) == 2


@pytest.mark.parametrize("login", ["marie.durand", "inconnu"])
def test_every_attempt_costs_one_hash(tmp_path, login):
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, *given: object) -> bool:
            Counting.verified += 1
            return super().verify(*given)

    accounts = Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite"), hasher=Counting(time_cost=1, memory_cost=8, parallelism=1))
    accounts.add("marie.durand", "editeur", GOOD)
    said(accounts, login, "x")
    assert Counting.verified == 1


def test_after_a_few_failures_even_the_right_password_waits_and_only_there(accounts):
    for _ in range(FAILURES):
        assert "Réessayez" not in said(accounts, "marie.durand", "x")
    for _ in range(3):
        with pytest.raises(TooManyFailures) as refused:
            accounts.sign_in("marie.durand", GOOD, "10.0.0.1")
        assert 0 < refused.value.wait <= 60 and duration(refused.value.wait) in str(refused.value)
    assert accounts.sign_in("marie.durand", GOOD, "10.0.0.2"), "a stranger's failures keep out nobody else"


def test_the_more_failures_the_longer_the_wait(tmp_path):
    windows = (Window(2, 1), Window(4, 3600))
    quick = Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite"), hasher=QUICK, tries=Tries(own=windows))
    waits = []
    for _ in range(2):
        for _ in range(2):
            said(quick, "marie.durand", "x")
        with pytest.raises(TooManyFailures) as refused:
            quick.sign_in("marie.durand", "x", "10.0.0.1")
        waits.append(refused.value.wait)
        time.sleep(1.1)
    assert waits[0] == 1 and 3000 < waits[1] <= 3600


def test_a_browser_that_signed_in_before_is_slowed_down_by_its_own_failures_only(accounts):
    known = accounts.device(accounts.sign_in("marie.durand", GOOD, "10.0.0.1"))
    for _ in range(FAILURES):
        said(accounts, "marie.durand", "x")  # a stranger behind the same address
    with pytest.raises(TooManyFailures):
        accounts.sign_in("marie.durand", GOOD, "10.0.0.1")
    for unknown in ("", "x", known[:-1]):
        with pytest.raises(TooManyFailures):
            accounts.sign_in("marie.durand", GOOD, "10.0.0.1", unknown)
    assert accounts.sign_in("marie.durand", GOOD, "10.0.0.1", known)
    accounts.add("paul", "relecteur", OTHER)
    for _ in range(FAILURES):
        said(accounts, "paul", "x")
    with pytest.raises(TooManyFailures):
        accounts.sign_in("paul", OTHER, "10.0.0.1", known)  # known for another login
    for _ in range(FAILURES):
        with pytest.raises(SignInRefused):
            accounts.sign_in("marie.durand", "x", "10.0.0.1", known)
    with pytest.raises(TooManyFailures):
        accounts.sign_in("marie.durand", GOOD, "10.0.0.1", known)


def test_a_browser_is_forgotten_with_time_and_with_the_password(accounts, clock):
    known = accounts.device(accounts.sign_in("marie.durand", GOOD, "10.0.0.1"))
    assert accounts._knows(known, "marie.durand")
    clock.forward(days=DEVICE_DAYS, minutes=1)
    assert not accounts._knows(known, "marie.durand")
    known = accounts.device(accounts.sign_in("marie.durand", GOOD, "10.0.0.1"))
    accounts.set_password("marie.durand", OTHER)
    assert not accounts._knows(known, "marie.durand")
    accounts.device(accounts.sign_in("marie.durand", OTHER, "10.0.0.1"))
    accounts.delete("marie.durand")


def test_guesses_dealt_out_to_many_addresses_wait_and_known_browsers_do_not(tmp_path):
    tries = Tries(login=(Window(8, 60),))
    spread = Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite"), hasher=QUICK, tries=tries)
    spread.add("marie.durand", "editeur", GOOD)
    known = spread.device(spread.sign_in("marie.durand", GOOD, "10.0.0.1"))
    for n in range(8):
        said(spread, "marie.durand", "x", f"10.0.1.{n}")
    with pytest.raises(TooManyFailures):
        spread.sign_in("marie.durand", "x", "10.0.2.1")
    assert spread.sign_in("marie.durand", GOOD, "10.0.2.1", known)


def test_a_success_forgets_the_failures_before_it(accounts):
    for _ in range(3):
        for _ in range(FAILURES - 1):
            said(accounts, "marie.durand", "x")
        assert accounts.sign_in("marie.durand", GOOD, "10.0.0.1")


def test_one_address_that_tries_many_logins_waits(accounts):
    for n in range(TRIES.address[0].count):
        said(accounts, f"agent{n}", "x", "10.0.0.1")
    with pytest.raises(TooManyFailures):
        accounts.sign_in("marie.durand", GOOD, "10.0.0.1")
    assert accounts.sign_in("marie.durand", GOOD, "10.0.0.2")


def test_successes_of_a_town_hall_that_shares_an_address_count_for_nothing(accounts):
    for _ in range(TRIES.address[0].count + 2):
        assert accounts.sign_in("marie.durand", GOOD, "10.0.0.1")


def test_guesses_sent_together_are_counted_one_by_one(accounts):
    answers: list[str] = []

    def guess(n: int) -> None:
        try:
            accounts.sign_in("marie.durand", f"essai {n}", "10.0.0.1")
        except SignInRefused as error:
            answers.append(type(error).__name__)

    threads = [threading.Thread(target=guess, args=(n,)) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["SignInRefused"] * FAILURES + ["TooManyFailures"] * (16 - FAILURES)


def test_what_people_type_as_login_is_not_kept(accounts, tmp_path):
    said(accounts, "mon-mot-de-passe-secret", "x")
    assert b"mon-mot-de-passe-secret" not in stored(tmp_path)


@pytest.mark.parametrize("password", ["\ud800" * 20, "\x00" * 20, "a" * 1_000_000])
def test_strange_passwords_are_wrong_not_errors(accounts, password):
    assert said(accounts, "marie.durand", password) == said(accounts, "marie.durand", "x")


# -- command line


@pytest.fixture
def comptes(tmp_path, monkeypatch, capsys):
    """Runs one command; returns its status, what it printed and what it complained of."""
    monkeypatch.setenv("ASSISTANT_JOURNAL", f"sqlite:///{tmp_path}/j.sqlite")

    def run(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = cli.main(["comptes", *words])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def test_the_commands_make_list_change_close_and_delete_an_account(comptes, tmp_path):
    empty = comptes("list")
    assert empty[0] == 0 and "python -m assistant comptes add" in empty[1]
    status, told, wrong = comptes("add", "Marie@Mairie.fr", "--role", "relecteur", typed=f"{GOOD}\n")
    assert (status, wrong) == (0, "") and "marie@mairie.fr (relecteur)" in told
    accounts = Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite"))
    assert accounts.sign_in("marie@mairie.fr", GOOD, "")
    assert comptes("role", "marie@mairie.fr", "editeur")[0] == 0 and accounts.get("marie@mairie.fr").role == "editeur"
    assert comptes("password", "marie@mairie.fr", typed=f"{OTHER}\r\n")[0] == 0
    assert accounts.sign_in("marie@mairie.fr", OTHER, "")
    open_one = comptes("list")[1]
    assert "marie@mairie.fr" in open_one
    assert comptes("disable", "marie@mairie.fr")[0] == 0 and comptes("list")[1] != open_one
    assert comptes("enable", "marie@mairie.fr")[0] == 0 and comptes("list")[1] == open_one
    assert comptes("delete", "marie@mairie.fr")[0] == 0 and accounts.all() == [] and comptes("list") == empty


def test_what_cannot_be_done_is_named_and_changes_nothing(comptes):
    comptes("add", "marie", "--role", "editeur", typed=GOOD)
    before = comptes("list")
    for words, typed, part in (
        (("add", "marie", "--role", "editeur"), OTHER, "« marie »"),
        (("add", "paul", "--role", "chef"), GOOD, "« chef »"),
        (("add", "paul", "--role", "relecteur"), "", "12 à 256"),
        (("add", "p/l", "--role", "relecteur"), GOOD, "« p/l »"),
        (("password", "paul"), GOOD, "« paul »"),
        (("role", "paul", "editeur"), "", "« paul »"),
    ):
        status, out, error = comptes(*words, typed=typed)
        assert (status, out) == (1, "") and part in error and error.count("\n") == 1
    assert comptes("list") == before


def test_a_password_is_never_an_argument(comptes):
    with pytest.raises(SystemExit) as stopped:
        comptes("add", "marie", GOOD, "--role", "editeur")
    assert stopped.value.code == 2


def test_on_a_terminal_the_password_is_asked_twice_and_not_shown(tmp_path):
    environment = os.environ | {"ASSISTANT_JOURNAL": f"sqlite:///{tmp_path}/j.sqlite"}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "assistant", "comptes", "add", "marie", "--role", "editeur"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        for _ in range(2):
            while not shown.rstrip().endswith(b":"):
                shown += os.read(ours, 1000)
            os.write(ours, f"{GOOD}\n".encode())
            shown += b"|"
        while chunk := read_until_closed(ours):
            shown += chunk
        assert process.wait(timeout=30) == 0
    os.close(ours)
    assert "marie (editeur)" in shown.decode() and GOOD not in shown.decode()
    assert Accounts(Database(f"sqlite:///{tmp_path}/j.sqlite")).sign_in("marie", GOOD, "")


def read_until_closed(terminal: int) -> bytes:
    """What a terminal shows; nothing once the program at its other end is gone."""
    try:
        return os.read(terminal, 1000)
    except OSError:
        return b""
