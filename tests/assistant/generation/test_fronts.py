"""The page, the doors and the commands show what a model writes with the same fields, keep how it was written, and can stop."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant import cli
from assistant.answering.answer import Status
from assistant.doors.asking import Asking
from assistant.generation import generation_texts, model_check
from assistant.generation.chat_model import ChatModel
from assistant.generation.faults import ModelFault
from assistant.generation.prompts import prompts
from assistant.generation.support import SupportChecker
from assistant.generation.writing import WritingForm, WritingLength, WritingStyle
from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.settings import Settings
from assistant.web.public import answer_link, chat_export, chat_page, chat_view, conversations, page_layout, transparency_card
from assistant.web.public import page_texts as texts
from assistant.web.public.conversations import AnswerStage, Conversation, Conversations
from assistant.web.shared.published_base import PublishedBase
from tests.assistant.conftest import FICHES, plain, write
from tests.assistant.doors.conftest import serving
from tests.assistant.generation.conftest import SERVER
from tests.assistant.test_cli import run
from tests.fakes import HashEncoder
from tests.scripted_model import GOOD, KEY, NAME, RATE, STUDIES, scripted

QUESTION = "Quel est le taux du plan Halles ?"


@pytest.fixture
def journal(tmp_path):
    return Journal(Database(f"sqlite:///{tmp_path}/j.sqlite"))


@pytest.fixture
def base(made_up, tmp_path):
    yield PublishedBase(made_up, Settings(index=made_up.retriever.folder.parents[1]))
    made_up.validated = None


@pytest.fixture
def talking(base, journal, writer):
    opened = Conversations(base, journal, 2, writer)
    yield opened
    opened.close()


def until(condition, seconds=60.0):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.01)


def asked(talking, question=QUESTION, style=WritingStyle()):
    entry = talking.ask(Conversation(), question, style)
    until(lambda: entry.kept.is_set())
    return entry


# -- the page --------------------------------------------------------------------------------------


def test_the_chat_shows_who_wrote_and_the_journal_keeps_it(talking, base, journal):
    entry = asked(talking)
    page = plain(chat_view.exchange(entry, base.edition))
    assert generation_texts.told(entry.answer.writing) in page and STUDIES in page
    (kept,) = journal.recent()
    assert kept.writing == entry.answer.writing and kept.writing.model == NAME


def test_why_this_answer_says_what_was_left_out_and_which_passages_are_cited(talking, base, server):
    server.script = "one rate raised among good sentences"
    entry = asked(talking)
    why = plain(chat_view._why(entry.answer, base.edition))
    assert generation_texts.REASONS["figure"] in why and prompts()["reponse"].identifier in why
    cited = {citation.passage.id for citation in entry.answer.citations}
    assert {hit.passage for hit in entry.answer.explanation.hits if hit.outcome == "cité"} == cited


def test_a_fallback_is_told_in_one_line_over_the_extractive_answer(talking, base, server, made_up):
    server.script = "401"
    entry = asked(talking)
    page = plain(chat_view.exchange(entry, base.edition))
    assert generation_texts.FAULTS[ModelFault.REFUSED] in page
    assert entry.answer.text == made_up.ask(QUESTION).text


def test_what_is_copied_exported_or_linked_says_who_wrote_it(talking, base, journal):
    entry = asked(talking)
    told = generation_texts.told(entry.answer.writing)
    assert told in chat_view.plain(entry) and told in chat_export.to_markdown([entry], base.edition.state).decode()
    app = FastAPI()
    app.include_router(answer_link.router(base, talking, journal))
    page = TestClient(app).get(f"{answer_link.ADDRESS}/{journal.link(entry.journal_id)}")
    assert told in plain(page.text)


def test_sentences_come_one_by_one(talking, server):
    server.script = "faithful"
    entry = talking.ask(Conversation(), QUESTION)
    seen = set()
    until(lambda: seen.add(entry.text) or entry.kept.is_set())
    assert any(text and text != entry.answer.text for text in seen)


def test_the_asker_stops_the_writing(talking, server, base):
    server.script = "slow tokens"
    server.hung_up.clear()
    entry = talking.ask(Conversation(), QUESTION)
    until(lambda: server.requests)
    assert "data-stop" in chat_view.exchange(entry, base.edition)
    entry.stopping.set()
    until(lambda: entry.stage is AnswerStage.DONE, 2.5)
    assert entry.answer.writing.fallback == generation_texts.FAULTS[ModelFault.STOPPED]
    assert server.hung_up.wait(2)


def test_who_left_costs_no_more_words(talking, server, monkeypatch):
    server.script = "slow tokens"
    monkeypatch.setattr(conversations, "LEFT_SECONDS", 0.3)
    entry = talking.ask(Conversation(), QUESTION)
    until(lambda: entry.stage is AnswerStage.DONE, 2.5)
    assert entry.answer.writing.fallback == generation_texts.FAULTS[ModelFault.STOPPED]


def test_a_page_that_looks_has_not_left(talking, server, monkeypatch):
    monkeypatch.setattr(conversations, "LEFT_SECONDS", 0.3)
    server.script = "slow headers"  # longer than that; the model's own limit ends it

    async def looked():
        entry = talking.ask(Conversation(), QUESTION)
        async for _ in entry.follow():
            pass
        return entry

    assert asyncio.run(looked()).answer.writing.fallback == generation_texts.FAULTS[ModelFault.SLOW_START]


def test_choices_are_offered_only_where_a_model_writes(base, journal, tmp_path):
    settings = Settings(index=base._settings.index)
    handlers = chat_page.ChatHandlers(base, Conversations(base, journal, 1), journal, settings)
    assert not handlers.writes and texts.WELCOME_LEAD in page_layout.conversation(handlers.writes)
    choices = page_layout.style_choices()
    for value in (*WritingForm, *WritingLength, "simple"):
        assert f'value="{value}"' in choices


@pytest.mark.parametrize(
    ("chosen", "style"),
    [
        ("", WritingStyle()),
        ("courrier detaillee simple", WritingStyle(WritingForm.LETTER, WritingLength.LONG, True)),
        ("reponse courte", WritingStyle()),
        ("note <script> detaillee", WritingStyle(WritingForm.NOTE, WritingLength.LONG)),
    ],
)
def test_what_the_page_says_was_chosen_is_read(chosen, style):
    assert chat_page.style_of(chosen) == style


def test_a_letter_is_asked_for_and_written(talking, server):
    entry = asked(talking, style=WritingStyle(WritingForm.LETTER, WritingLength.LONG, True))
    assert generation_texts.LETTER_END in entry.answer.text
    told = server.requests[0].body["messages"][0]["content"]
    words = prompts()["reponse"].choices
    assert words["forme"]["courrier"] in told and words["longueur"]["detaillee"] in told and words["langue"]["simple"] in told


# -- what is told of it ----------------------------------------------------------------------------


def test_the_card_names_the_model_its_machine_and_what_it_is_told(made_up, base, tmp_path):
    settings = Settings(
        index=base._settings.index, journal="", model_url="https://modele.exemple.fr/v1", model_name=NAME, model_key=KEY
    )
    app = FastAPI()
    app.include_router(transparency_card.router(base, Database(""), settings))
    client = TestClient(app)
    data, page = client.get("/a-propos.json"), plain(client.get("/a-propos").text)
    card = {section["name"]: section for section in data.json()["sections"]}
    assert NAME in card["models"]["facts"][texts.CARD_GENERATIVE] and "modele.exemple.fr" in " ".join(card["data"]["lines"])
    assert texts.CARD_WRITES_NOTHING not in page and texts.CARD_DATA not in page
    for prompt in prompts().values():
        assert card["prompts"]["texts"][prompt.identifier] == prompt.shown
        assert plain(prompt.instruction.strip().splitlines()[0]) in page
    assert KEY not in data.text + page


def test_without_a_model_the_card_says_that_nothing_is_written(base):
    card = transparency_card.card(base.edition, None, Settings(), False)
    assert "prompts" not in {section.name for section in card}
    assert any(texts.CARD_WRITES_NOTHING in section.lines for section in card)


def test_personal_data_is_masked_before_it_is_sent(talking, server):
    asked(talking, "Quel est le taux du plan Halles ? Répondez à paul.martin@exemple.fr ou au 06 12 34 56 78")
    assert server.requests and not any("paul.martin" in one.prompt or "12 34 56" in one.prompt for one in server.requests)


# -- doors and commands ----------------------------------------------------------------------------


def test_a_program_gets_the_same_fields(made_up, journal, writer):
    asking = Asking(lambda: made_up, journal, 2000, 1, writer)
    reply = asyncio.run(asking.ask(QUESTION, (), "api"))
    asking.close()
    own = made_up.ask(QUESTION)
    assert reply.answer.writing.fallback == "" and STUDIES in reply.answer.text
    assert reply.as_dict().keys() == {*own.as_dict(), "index_version"}
    assert [one.keys() for one in reply.as_dict()["citations"]] == [own.as_dict()["citations"][0].keys()]
    assert (reply.answer.status, reply.index_version) == (Status.ANSWERED, made_up.retriever.version)


def test_a_program_that_leaves_stops_the_model(made_up, journal, writer, server):
    server.script = "slow tokens"
    server.hung_up.clear()
    asking = Asking(lambda: made_up, journal, 2000, 1, writer)

    async def leaves():
        following = asking.follow(QUESTION, (), "api")
        async for _ in following:
            if server.requests:
                break
            await asyncio.sleep(0)
        while not server.requests:
            await asyncio.sleep(0.01)
        await following.aclose()

    asyncio.run(leaves())
    assert server.hung_up.wait(2)
    asking.close()


def test_the_whole_application_writes_through_its_doors(tmp_path):
    with scripted("good") as running:
        settings = {"model_url": running.url, "model_name": NAME, "model_key": KEY, "model_first_token_seconds": 5}
        with serving(tmp_path, **settings) as served, served.client() as client:
            reply = client.post("/api/v1/questions", json={"question": QUESTION}).json()
            assert STUDIES in reply["text"] and reply["status"] == "answered" and reply["index_version"]
            (kept,) = served.journal.recent(1)
            assert kept.writing.shown == 2 and kept.origin == "api"
            body = {"model": "petites-villes-de-demain", "messages": [{"role": "user", "content": QUESTION}]}
            known = client.get("/v1/models").json()["data"][0]["id"]
            spoken = client.post("/v1/chat/completions", json={**body, "model": known}).json()
            assert STUDIES in spoken["choices"][0]["message"]["content"]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """The two made-up fiches indexed by the shipped encoder: what a command in a process of its own can open."""
    from index.builder import build
    from index.embedding import SHIPPED, SentenceEncoder

    folder = tmp_path_factory.mktemp("commande")
    build(write(folder / "source", FICHES), folder / "index", SentenceEncoder(str(SHIPPED)))
    return folder / "index"


@pytest.mark.slow
def test_the_command_writes_and_says_so_and_falls_back_in_one_line(index, tmp_path):
    with scripted("good") as running:
        model = {"ASSISTANT_MODEL_URL": running.url, "ASSISTANT_MODEL_NAME": NAME, "ASSISTANT_MODEL_KEY": KEY}
        line = json.dumps({"id": 1, "turns": [QUESTION]}).encode()
        (row,) = map(json.loads, run(tmp_path, "ask", "--jsonl", "--index", index, lines=line, **model).stdout.splitlines())
        assert RATE in row["answers"][0]["text"].replace("*", "") and running.requests
        running.script = "401"
        fell = run(tmp_path, "ask", "--index", index, QUESTION, **model)
    shown = fell.stdout.decode()
    assert generation_texts.FAULTS[ModelFault.REFUSED] in shown and "35 %" in shown
    assert fell.returncode == 0 and "Traceback" not in fell.stderr.decode() and KEY not in shown + fell.stderr.decode()


# -- models check ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("faithful", 0, ["Joignable : oui", "au fil de l'eau : oui", "jetons par seconde", "format : oui (2 phrases sur 2"]),
        ("no citations", 1, ["format : non (0 phrases sur 2"]),
        ("401", 1, ["Joignable : oui", generation_texts.FAULTS[ModelFault.REFUSED]]),
        ("empty", 1, [generation_texts.FAULTS[ModelFault.EMPTY]]),
    ],
)
def test_a_server_is_described_in_french(name, code, said, capsys, monkeypatch):
    with scripted(name) as running:
        for setting, value in {"URL": running.url, "NAME": NAME, "KEY": KEY}.items():
            monkeypatch.setenv(f"ASSISTANT_MODEL_{setting}", value)
        assert cli.main(["models", "check"]) == code
    shown = capsys.readouterr()
    assert all(words in shown.out for words in said), shown.out
    assert KEY not in shown.out and shown.err == ""


def test_a_server_that_is_not_there_is_told():
    nowhere = ChatModel(replace(SERVER, url="http://127.0.0.1:9/v1"))
    found = model_check.check(nowhere, SupportChecker(HashEncoder()))
    nowhere.close()
    assert (found.names, found.fault, found.streams, found.follows) == (None, ModelFault.UNREACHABLE, False, False)


def test_without_a_model_the_check_says_which_settings_to_give(tmp_path):
    checked = run(tmp_path, "models", "check")
    assert checked.returncode == 2 and "ASSISTANT_MODEL_URL" in checked.stderr.decode()
    assert GOOD not in checked.stdout.decode()
