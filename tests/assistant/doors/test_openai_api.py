"""The OpenAI-compatible door, by OpenAI's own client and by the requests of Open WebUI as its source makes them."""

from __future__ import annotations

import json
from pathlib import Path

import openai
import pytest

from tests.assistant.doors.conftest import RATE
from tests.judged import converse

MODEL = "assistant-pvd"
# Made as routers/openai.py and routers/tasks.py of Open WebUI make them; the templates of config.py, guidelines shortened.
OPEN_WEBUI = json.loads((Path(__file__).with_name("open_webui.json")).read_text(encoding="utf-8"))


@pytest.fixture
def client(served):
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key=served.key, max_retries=0) as made:
        yield made


def user(*contents: object) -> list[dict]:
    return [{"role": "user", "content": content} for content in contents]


def test_an_answer_keeps_its_citations_three_times(served, client):
    completion = client.chat.completions.create(model=MODEL, messages=user(RATE))
    expected = served.assistant.ask(RATE)
    (choice,) = completion.choices
    text = choice.message.content
    assert choice.finish_reason == "stop" and text.startswith(expected.text)
    assert "**Sources**" in text and "[1] Plan Halles couvertes" in text and "https://exemple.fr/halles" in text
    cited = choice.message.annotations[0].url_citation
    assert (cited.url, cited.title) == ("https://exemple.fr/halles", "Plan Halles couvertes")
    assert text[cited.start_index : cited.end_index] == "[1]"
    version = served.assistant.retriever.version
    assert completion.system_fingerprint == version
    assert completion.answer == {**expected.as_dict(), "index_version": version}


def test_a_stream_put_together_is_the_answer(client):
    whole = client.chat.completions.create(model=MODEL, messages=user(RATE))
    chunks = list(
        client.chat.completions.create(model=MODEL, messages=user(RATE), stream=True, stream_options={"include_usage": True})
    )
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert deltas[0].role == "assistant" and len({chunk.id for chunk in chunks}) == 1
    assert "".join(delta.content or "" for delta in deltas) == whole.choices[0].message.content
    streamed = [one for delta in deltas for one in getattr(delta, "annotations", None) or []]
    assert streamed == [one.model_dump() for one in whole.choices[0].message.annotations]
    assert chunks[-2].choices[0].finish_reason == "stop" and chunks[-2].answer == whole.answer
    assert chunks[-1].choices == [] and chunks[-1].usage.total_tokens == 0


def test_the_conversation_is_that_of_its_questions(served, client):
    asked = [RATE, "Et pour les études ?"]
    messages = [user(asked[0])[0], {"role": "assistant", "content": "Rien."}, user(asked[1])[0]]
    completion = client.chat.completions.create(model=MODEL, messages=messages)
    assert completion.answer["text"] == converse(served.assistant, asked)[-1].text
    long = user(*["Quelle aide pour une fontaine ?"] * 30, *asked)
    assert client.chat.completions.create(model=MODEL, messages=long).answer["text"] == completion.answer["text"]


def test_the_model_is_listed(client):
    (model,) = client.models.list().data
    assert (model.id, model.owned_by) == (MODEL, MODEL) and model.created > 1_700_000_000
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError, match="celui de cet assistant"):
        client.models.retrieve("gpt-4o")


REFUSED = [
    ({"model": "gpt-4o", "messages": user(RATE)}, openai.NotFoundError, "« gpt-4o » n'existe pas ici"),
    ({"messages": []}, openai.BadRequestError, "au moins un élément"),
    ({"messages": user("")}, openai.BadRequestError, "La question est vide"),
    ({"messages": user("a" * 3000)}, openai.BadRequestError, "3000 caractères"),
    ({"messages": [{"role": "system", "content": "Bonjour"}]}, openai.BadRequestError, "de rôle « user »"),
    ({"messages": user([{"type": "image_url", "image_url": {"url": "x"}}])}, openai.BadRequestError, "ne lit ni image"),
    ({"messages": user(RATE), "stream": "peut-être"}, openai.BadRequestError, "« true » ou « false »"),
    ({"messages": user(3)}, openai.BadRequestError, "« messages.0.content"),
]


@pytest.mark.parametrize(("body", "error", "words"), REFUSED, ids=[words for *_, words in REFUSED])
def test_what_is_wrong_is_told_in_french_in_openai_s_format(client, body, error, words):
    with pytest.raises(error, match=words) as told:
        client.chat.completions.create(**{"model": MODEL, **body})
    assert told.value.type == "invalid_request_error" and "Input should" not in str(told.value)


def test_keys_and_quotas_are_told_in_openai_s_format(served):
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key="sk-inconnue", max_retries=0) as stranger:
        with pytest.raises(openai.AuthenticationError, match="n'est pas reconnue") as told:
            stranger.models.list()
        assert told.value.code == "invalid_api_key"
    secret = served.keys.add("deux questions", per_day=2)
    with openai.OpenAI(base_url=f"{served.url}/v1", api_key=secret, max_retries=0) as spending:
        for _ in range(2):
            spending.chat.completions.create(model=MODEL, messages=user(RATE))
        with pytest.raises(openai.RateLimitError, match="Le quota de cette clé") as told:
            spending.chat.completions.create(model=MODEL, messages=user(RATE))
        assert int(told.value.response.headers["retry-after"]) > 0 and told.value.code == "rate_limit_exceeded"
        spending.chat.completions.create(**OPEN_WEBUI["title"])
        spending.models.list()  # neither is a question


# -- Open WebUI


def posted(served, request: dict) -> object:
    with served.client() as client:
        return client.post("/v1/chat/completions", json=request)


def delta_of(line: str) -> dict:
    choices = json.loads(line.removeprefix("data: "))["choices"]
    return choices[0]["delta"] if choices else {}


def test_a_conversation_of_open_webui_is_answered_with_what_it_shows_as_sources(served, latest):
    answer = posted(served, OPEN_WEBUI["conversation"])
    lines = [line for line in answer.text.split("\n\n") if line]
    assert answer.headers["content-type"].startswith("text/event-stream") and lines[-1] == "data: [DONE]"
    deltas = [delta_of(line) for line in lines[:-1]]
    text = "".join(delta.get("content", "") for delta in deltas)
    expected = converse(served.assistant, [RATE, "Et pour les études ?"])[-1]
    assert text.startswith(expected.text) and "99 %" not in text and "[1]" in text
    # What its middleware reads: delta.annotations, each with type, url_citation.url and url_citation.title.
    shown = [one for delta in deltas for one in delta.get("annotations", [])]
    assert shown and all(one["type"] == "url_citation" for one in shown)
    assert {one["url_citation"]["url"] for one in shown} == {c.url for c in expected.citations}
    assert (latest().origin, latest().question) == ("openai", "Et pour les études ?")


def test_its_own_tasks_get_the_json_they_want_and_are_not_kept(served):
    before = served.journal.recent(1000)
    given = {name: posted(served, OPEN_WEBUI[name]).json() for name in ("title", "tags", "follow_ups")}
    texts = {name: json.loads(one["choices"][0]["message"]["content"]) for name, one in given.items()}
    assert texts["tags"] == {"tags": []} and texts["follow_ups"] == {"follow_ups": []}
    title = texts["title"]["title"]
    assert title == "Quel est le taux du plan Halles, et la commune de 900…"
    assert served.journal.recent(1000) == before


def test_a_document_it_puts_in_front_of_a_question_is_no_source(served, latest):
    lines = [line for line in posted(served, OPEN_WEBUI["with_document"]).text.splitlines() if line]
    deltas = [delta_of(line) for line in lines[:-1]]  # what is said: names of versions, moments and identifiers hold any digits
    assert "".join(delta.get("content", "") for delta in deltas) and "99" not in json.dumps(deltas)
    assert latest().question == RATE
