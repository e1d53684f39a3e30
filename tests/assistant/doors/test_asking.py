"""A question through a door: what is checked, what the journal keeps, and what happens when the base changes meanwhile."""

from __future__ import annotations

import asyncio
import threading

import pytest

from assistant.answering.answer import HitsFound, QuestionUnderstood
from assistant.doors.admission import DoorRefused
from assistant.doors.asking import Asking, Reply
from assistant.records.database import Database
from assistant.records.journal import Journal
from tests.assistant.conftest import FICHES
from tests.assistant.doors.conftest import FOUNTAIN, RATE


@pytest.fixture
def journal(tmp_path):
    return Journal(Database(f"sqlite:///{tmp_path}/j.sqlite"))


class Editions:
    """What `current` gives each time it is asked for; the last one stays."""

    def __init__(self, *assistants: object) -> None:
        self.left = list(assistants)

    def __call__(self) -> object:
        return self.left.pop(0) if len(self.left) > 1 else self.left[0]


def test_a_document_withdrawn_while_it_was_quoted_is_not_given(small, journal):
    before = small(FICHES)
    after = small({"halles.md": FICHES["halles.md"]})
    asking = Asking(Editions(before, after), journal, 2000, 1)
    reply = asking.answer(FOUNTAIN, (), "api")
    assert "fontaines.md" in {citation.passage.document for citation in before.ask(FOUNTAIN).citations}
    assert "9 000" not in reply.as_text() and reply.index_version == after.retriever.version
    assert [exchange.index_version for exchange in journal.recent()] == [after.retriever.version]
    asking.close()


def test_a_base_that_never_stays_is_told(small, journal):
    before = small(FICHES)
    after = small({"halles.md": FICHES["halles.md"]})
    asking = Asking(Editions(*[before, after] * 3), journal, 2000, 1)
    with pytest.raises(DoorRefused, match="Réessayez dans 5 secondes"):
        asking.answer(FOUNTAIN, (), "api")
    assert journal.recent() == []
    asking.close()


def test_events_come_before_the_answer(halles, journal):
    async def told():
        return [one async for one in Asking(lambda: halles, journal, 2000, 1).follow(RATE, (), "api")]

    assert [type(one) for one in asyncio.run(told())] == [QuestionUnderstood, HitsFound, Reply]


def test_sources_are_told_in_text_with_their_address(halles, journal):
    reply = Asking(lambda: halles, journal, 2000, 1).answer(RATE, (), "mcp")
    last = reply.as_text().splitlines()[-1]
    assert last == "- [1] Plan Halles couvertes › Quel soutien ? › Quel est le taux du plan Halles ? — https://exemple.fr/halles"
    assert Asking(lambda: halles, journal, 2000, 1).answer("Merci", (), "mcp").as_text().count("Sources") == 0


class Slow:
    """An assistant that answers once it is let."""

    def __init__(self, inner: object) -> None:
        self.inner, self.let = inner, threading.Event()
        self.retriever, self.turn, self.ask = inner.retriever, inner.turn, inner.ask

    def stream(self, *asked: object):
        assert self.let.wait(30)
        return self.inner.stream(*asked)


def test_beyond_what_may_wait_whoever_asks_is_told_to_come_back(halles, journal):
    slow = Slow(halles)
    asking = Asking(lambda: slow, journal, 2000, 1)

    async def many():
        waiting = [asyncio.create_task(asking.ask(RATE, (), "api")) for _ in range(52)]
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        slow.let.set()
        await asyncio.wait(waiting)
        return done, waiting

    done, waiting = asyncio.run(many())
    assert [task.exception().status for task in done] == [503]
    assert sum(task.exception() is None for task in waiting) == 51
    asking.close()


class Broken(Slow):
    """An assistant that fails."""

    def stream(self, *asked: object):
        raise RuntimeError("in English")


def test_whatever_breaks_is_told_in_french_and_the_place_is_given_back(halles, journal, caplog):
    asking = Asking(lambda: Broken(halles), journal, 2000, 1)
    for _ in range(60):
        with pytest.raises(DoorRefused, match="n'a pas pu être établie") as told:
            asyncio.run(asking.ask(RATE, (), "api"))
        assert told.value.status == 500
    assert "in English" in caplog.text
    asking.close()
