"""Gaps of the base by topic, questions put to the team: the core, then the pages over HTTP."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import sqlite3
from datetime import timedelta

import numpy as np
import pytest
from fastapi import FastAPI
from sklearn.metrics import adjusted_rand_score
from starlette.testclient import TestClient

from assistant import cli
from assistant.answering.answer import Answer, Status
from assistant.answering.service import Assistant
from assistant.curation import gaps, topics
from assistant.curation.weeks import last_weeks, week_of
from assistant.records.accounts import Accounts
from assistant.records.database import Database, DatabaseUnavailable, Overtaken, now
from assistant.records.journal import Journal
from assistant.records.team_questions import TeamQuestions, TeamQuestionState, is_for_the_team
from assistant.settings import Settings
from assistant.throttling import Throttle
from assistant.web.public import ask_team as web_team
from assistant.web.public.conversations import Conversation, Conversations
from assistant.web.serving import build_app
from assistant.web.shared import common_texts
from assistant.web.shared.published_base import PublishedBase
from assistant.web.staff import access, desk_texts
from index.builder import build
from index.embedding import Encoder
from index.french import analyse, stem
from index.search import Retriever
from tests.assistant.conftest import FICHES, notices, plain, write
from tests.fakes import HashEncoder

# What élus asked for and the base does not have, by topic. DISTANCE was chosen on the first half; the second was not looked at.
CHOSEN_ON = {
    "piscine": [
        "Peut-on avoir une aide pour rénover la piscine municipale ?",
        "Subvention pour la piscine ?",
        "quelle aide pour chauffer la piscine de la commune",
        "Qui finance les travaux de notre piscine ?",
        "Réouverture de la piscine intercommunale : quelles aides ?",
    ],
    "solaire": [
        "Aide pour des panneaux photovoltaïques sur le toit de l'école ?",
        "on peut mettre des panneaux solaires sur la salle des fêtes ?",
        "Subvention pour des ombrières solaires sur un parking",
        "Photovoltaïque sur l'église, c'est financé ?",
    ],
    "caméras": [
        "Financement de la vidéoprotection",
        "comment financer des caméras de vidéosurveillance dans le centre",
        "Vidéoprotection : quel taux de subvention ?",
    ],
    "cantine": [
        "Aide pour la cantine scolaire ?",
        "Comment financer une nouvelle cantine ?",
        "Cantine bio : y a-t-il une subvention ?",
        "Subvention pour la cuisine de la cantine",
    ],
    "médecin": [
        "Comment faire venir un médecin ?",
        "aide à l'installation d'un médecin généraliste",
        "On n'a plus de docteur, que faire ?",
        "Maison de santé : qui paie le loyer du médecin ?",
    ],
    "cimetière": ["Reprise des concessions au cimetière", "Qui finance l'agrandissement du cimetière ?"],
    "assainissement": [
        "Subvention pour la station d'épuration",
        "Comment financer l'assainissement collectif ?",
        "aide pour les réseaux d'eau et d'assainissement",
        "Station d'épuration : aide de l'agence de l'eau ?",
    ],
    "église": [
        "Restauration de l'église : quelles aides ?",
        "le clocher de l'église menace de tomber, qui peut aider",
        "Subvention pour réparer la toiture de l'église",
    ],
    "camping": ["Peut-on financer un camping municipal ?", "Aide pour l'aire de camping-cars"],
    "fibre": [
        "Quand la fibre arrive dans ma commune ?",
        "Qui installe la fibre optique ?",
        "aide pour le raccordement à la fibre",
    ],
    "chauffage": [
        "Aide pour une chaudière bois à la mairie",
        "remplacer la chaudière fioul de l'école, quelle subvention ?",
        "Réseau de chaleur bois : qui finance ?",
    ],
    "stade": [
        "Financer un terrain de foot synthétique",
        "Subvention pour le stade et les vestiaires",
        "Terrain synthétique : aide de l'Agence nationale du sport ?",
    ],
    "élus": ["Combien d'élus au conseil municipal ?"],
    "taxe": ["Taux de la taxe d'aménagement"],
    "prêt": ["Un prêt à taux zéro pour une épicerie itinérante ?"],
    "élections": ["Calendrier des élections municipales"],
    "policier": ["Recrutement d'un policier municipal"],
    "marché": ["Marché public : quel seuil sans publicité ?"],
}
HELD_OUT = {
    "crèche": [
        "Aide pour ouvrir une crèche ?",
        "micro-crèche : qui finance ?",
        "La CAF paie-t-elle pour une crèche municipale ?",
        "places de crèche manquantes, que faire",
    ],
    "cinéma": [
        "Sauver notre cinéma : quelles aides ?",
        "Peut-on rénover le cinéma avec PVD ?",
        "numérisation du cinéma municipal",
    ],
    "éclairage": [
        "Éclairage public LED : quelle subvention ?",
        "passer l'éclairage public en led",
        "Extinction de l'éclairage la nuit, aide ?",
    ],
    "pont": [
        "Le pont communal est fermé, qui paie les réparations ?",
        "réparer un pont : aide de l'État ?",
        "Programme national ponts",
        "Diagnostic d'un pont",
    ],
    "musée": ["Créer un musée local", "Subvention pour un petit musée", "réserves du musée, aide de la DRAC ?"],
    "inondation": [
        "Inondations : qui aide la commune ?",
        "digue et inondation, financement",
        "Prévention des inondations en centre-ville",
    ],
    "gare": ["Réhabiliter la gare désaffectée", "la gare va fermer, que peut faire la mairie", "Racheter la gare à la SNCF"],
    "police": ["Armement de la police municipale", "recruter un policier municipal", "Aide pour la police municipale ?"],
    "jumelage": ["Jumelage avec une ville allemande"],
    "tracteur": ["Achat d'un tracteur tondeuse"],
    "budget": ["Délai pour voter le budget"],
    "chemin": ["Vente d'un chemin rural"],
}
GOOD = "cheval batterie agrafe"
HTML = {"accept": "text/html"}


# -- topics --------------------------------------------------------------------------------------


class Remembering:
    """The encoder of the real base, each question encoded once: every grouping compares with the same 200 headings."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder, self._known = encoder, {}

    def encode_queries(self, texts):
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._encoder.encode_queries(new), strict=True))
        return np.stack([self._known[text] for text in texts])


@pytest.fixture(scope="module")
def group(assistant):
    """Groups questions as the pages do, on the real base."""
    retriever = assistant.retriever
    encoder, ordinary = Remembering(retriever.encoder), gaps.ordinary(retriever)

    def grouped(questions: list[str], counts: list[int] | None = None) -> list[topics.Topic]:
        return topics.group(questions, counts or [1] * len(questions), encoder, retriever.lexical.idf, ordinary)

    return grouped


@pytest.mark.parametrize(("sample", "floor"), [(CHOSEN_ON, 0.85), (HELD_OUT, 0.9)], ids=["chosen on", "held out"])
def test_questions_are_grouped_by_what_they_are_about(group, sample, floor):
    rows = [(name, question) for name, questions in sample.items() for question in questions]
    found = group([question for _, question in rows])
    assert sorted(row for topic in found for row in topic.members) == list(range(len(rows)))
    label = {row: number for number, topic in enumerate(found) for row in topic.members}
    assert adjusted_rand_score([name for name, _ in rows], [label[row] for row in range(len(rows))]) >= floor


def test_a_topic_is_named_by_its_telling_words(group):
    found = group(CHOSEN_ON["piscine"] + CHOSEN_ON["cantine"] + CHOSEN_ON["église"])
    assert [topic.words[0] for topic in found] == ["piscine", "cantine", "église"]
    assert all(word not in topic.words for topic in found for word in ("aide", "subvention", "pour", "la"))


def test_a_topic_is_never_named_by_a_number_nor_by_a_word_of_one_question(assistant):
    retriever = assistant.retriever

    def named(*questions: str) -> tuple[str, ...]:
        return topics._name(questions, {term: retriever.lexical.idf(term) for q in questions for term in analyse(q)})

    cost = named(
        "Quel est le plafond de l'aide pour un chef de projet en 2020 ?",
        "Notre chef de projet coûtera 48 000 € chargés par an. Combien d'aide ?",
    )
    assert {"chef", "projet"} & set(cost) and not any(word[0].isdigit() for word in cost)
    assert named("Le chameau du cirque ?", "La fosse septique ?") == (), "they share nothing: the question itself is the name"
    assert named("48000 ?") == ()


def test_an_acronym_of_a_topic_keeps_its_capitals():
    written = topics.surface(["Taux de TVA sur les piscines", "la TVA des écoles", "QUI FINANCE LES PONTS", "Finance et ponts"])
    assert (written["tva"], written[stem("finance")], written[stem("ponts")]) == ("TVA", "finance", "ponts")


def test_the_most_asked_topic_comes_first(group):
    found = group(["Quand la fibre arrive dans ma commune ?", "Reprise des concessions au cimetière"], [1, 5])
    assert [topic.members for topic in found] == [(1,), (0,)]


@pytest.mark.parametrize("questions", [[], ["?"], ["?", "!"], ["[téléphone]", "[téléphone]"]])
def test_questions_without_a_word_are_grouped_too(halles, questions):
    found = topics.group(questions, [1] * len(questions), halles.retriever.encoder, halles.retriever.lexical.idf, [])
    assert sorted(row for topic in found for row in topic.members) == list(range(len(questions)))
    assert "telephone" not in {word for topic in found for word in topic.words}


# -- gaps ----------------------------------------------------------------------------------------


@pytest.fixture
def journal(tmp_path):
    return Journal(Database(f"sqlite:///{tmp_path}/j.sqlite"), 365)


def asked(journal: Journal, question: str, status: Status, days_ago: float = 0.0, opinion: str = "") -> int:
    """An exchange kept some days ago."""
    number = journal.record(Answer(question, question, status, "texte"), "c", 40)
    if opinion:
        journal.feedback(number, opinion)
    with sqlite3.connect(journal._database._engine.url.database) as rows:
        rows.execute("UPDATE exchanges SET created = ? WHERE id = ?", ((now() - timedelta(days=days_ago)).isoformat(" "), number))
    return number


def test_what_was_not_answered_or_judged_bad_is_a_gap(journal, halles):
    asked(journal, "La piscine ?", Status.NOT_FOUND)
    asked(journal, "Le taux ?", Status.PARTIAL)
    bad = asked(journal, "Le plafond ?", Status.ANSWERED, opinion="down")
    both = asked(journal, "Le délai ?", Status.NOT_FOUND, opinion="down")
    for status in (Status.ANSWERED, Status.CLARIFY, Status.REFUSED, Status.OUT_OF_SCOPE):
        asked(journal, "Autre chose ?", status, opinion="up")
    found = gaps.overview(journal, halles.retriever, 12, now())
    assert found.kinds == {"not_found": 1, "partial": 1, "down": 2}
    assert {e.id for e in found.exchanges if gaps.kind(e) == "down"} == {bad, both}


def test_the_same_question_counts_each_time_it_is_asked(journal, halles):
    for days, question in ((60, "la piscine"), (20, "La piscine ?"), (1, "La  PISCINE !"), (0, "La piscine ?")):
        asked(journal, question, Status.NOT_FOUND, days)
    (gap,) = gaps.overview(journal, halles.retriever, 12, now()).gaps
    assert (gap.count, gap.recent, gap.before, len(gap.questions)) == (4, 3, 0, 1)
    assert gap.questions[0][1] == 4 and gap.title == "Piscine"
    assert sum(map(sum, gap.weekly.values())) == 4 and len(gap.weeks) == 12


def test_a_period_begins_on_a_monday_and_forgets_what_is_before(journal, halles):
    asked(journal, "La piscine ?", Status.NOT_FOUND, 200)
    assert gaps.overview(journal, halles.retriever, 12, now()).gaps == ()
    weeks = last_weeks(12, now())
    assert len(weeks) == 12 and weeks[-1] == week_of(now()) and all(week.weekday() == 0 for week in weeks)


def test_advice_states_what_is_counted(journal, halles):
    for question in ("Quel taux pour la piscine ?", "Travaux de la piscine ?", "Travaux de la piscine ?"):
        asked(journal, question, Status.NOT_FOUND)
    found = gaps.overview(journal, halles.retriever, 12, now())
    advice = [gaps.advise(gap, halles.retriever) for gap in found.gaps]
    assert sum(dict(a.lacking).get("piscine", 0) for a in advice) == 3
    assert all(a.nearest and a.nearest.path == "halles.md" for a in advice)
    assert not {"travaux", "taux"} & {word for a in advice for word, _ in a.lacking}


def test_numbers_that_the_base_lacks_are_told(journal, halles):
    asked(journal, "48000 ?", Status.NOT_FOUND)
    asked(journal, "Le plan Halles paie-t-il 48 000 € de travaux ?", Status.NOT_FOUND)
    found = gaps.overview(journal, halles.retriever, 12, now())
    assert not any(gap.name.replace(" ", "").isdecimal() for gap in found.gaps)
    lacking = [dict(gaps.advise(gap, halles.retriever).lacking) for gap in found.gaps]
    assert sum(words.get("48\u202f000", 0) for words in lacking) == 2


def test_spreadsheets_run_nothing():
    cells = ["=1+1", "+33", "-2", "@A1", "\t=1", "\r=1", " =1", "＝1", "piscine ; « eau »", "a\nb"]
    read = list(csv.reader(io.StringIO(gaps.to_csv(["x"], [[cell] for cell in cells]).decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in read[1:]] == [f"'{cell}" for cell in cells[:8]] + cells[8:]
    assert gaps.harmless(-3) == -3


# -- questions put to the team -------------------------------------------------------------------


@pytest.fixture
def questions(tmp_path):
    return TeamQuestions(Database(f"sqlite:///{tmp_path}/j.sqlite"), 30)


def test_a_question_waits_is_answered_and_can_be_corrected(questions):
    token = questions.put("La piscine ?", "La piscine municipale ?", "not_found")
    waiting = questions.find(token)
    assert (waiting.state, waiting.text, waiting.settled) == (TeamQuestionState.WAITING, "", None)
    questions.settle(waiting.id, TeamQuestionState.ANSWERED, "Oui.", ["https://exemple.fr"], "marie", waiting.revision)
    answered = questions.find(token)
    assert (answered.state, answered.text, answered.by) == (TeamQuestionState.ANSWERED, "Oui.", "marie")
    assert answered.sources == ("https://exemple.fr",)
    questions.settle(waiting.id, TeamQuestionState.ANSWERED, "Non.", [], "lea", answered.revision)
    assert questions.find(token).text == "Non."
    assert questions.counts() == {TeamQuestionState.WAITING: 0, TeamQuestionState.ANSWERED: 1, TeamQuestionState.CLOSED: 0}


def test_two_of_the_team_cannot_overwrite_each_other(questions):
    token = questions.put("La piscine ?", "", "not_found")
    seen = questions.find(token)
    questions.settle(seen.id, TeamQuestionState.ANSWERED, "Oui.", [], "marie", seen.revision)
    with pytest.raises(Overtaken):
        questions.settle(seen.id, TeamQuestionState.CLOSED, "", [], "lea", seen.revision)
    assert questions.find(token).text == "Oui."


def test_personal_data_is_masked_before_it_is_kept(questions):
    found = questions.find(questions.put("Rappelez Mme Durand au 06 12 34 56 78", "appel de jean@mairie.fr", "partial"))
    assert not re.search("Durand|06 12|jean@", found.question + found.understood)


def test_references_are_unguessable_and_unknown_ones_find_nothing(questions):
    tokens = {questions.put("La piscine ?", "", "not_found") for _ in range(50)}
    assert len(tokens) == 50 and min(map(len, tokens)) >= 22
    assert questions.find("") is None and questions.find("x" * 24) is None and questions.find("1") is None


def test_purge_keeps_the_retention_and_nothing_older(questions, tmp_path):
    old, recent = (questions.put("La piscine ?", "", "not_found") for _ in range(2))
    with sqlite3.connect(tmp_path / "j.sqlite") as rows:
        rows.execute("UPDATE team_questions SET created = ? WHERE token = ?", ((now() - timedelta(days=31)).isoformat(" "), old))
    assert questions.find(old) is None  # gone for the asker before the purge has run
    assert questions.purge() == 1 and questions.find(recent) and questions.purge() == 0


def test_the_purge_command_erases_questions_with_the_journal(questions, tmp_path, monkeypatch, capsys):
    questions.put("La piscine ?", "", "not_found")
    with sqlite3.connect(tmp_path / "j.sqlite") as rows:
        rows.execute("UPDATE team_questions SET created = ?", ((now() - timedelta(days=3)).isoformat(" "),))
    monkeypatch.setenv("ASSISTANT_JOURNAL", f"sqlite:///{tmp_path}/j.sqlite")
    monkeypatch.setenv("ASSISTANT_RETENTION_DAYS", "2")
    assert cli.main(["purge"]) == 0
    _, _, erased, _ = re.findall(r"\d+", capsys.readouterr().out)  # exchanges, days, questions, validated answers
    assert erased == "1" and sum(questions.counts().values()) == 0


def test_without_a_database_nothing_is_kept_nor_promised():
    nothing = TeamQuestions(Database(""), 30)
    assert nothing.find("x") is None and nothing.purge() == 0 and not nothing.keeps
    with pytest.raises(DatabaseUnavailable):
        nothing.put("La piscine ?", "", "not_found")


def test_only_what_was_looked_for_may_go_to_the_team(assistant):
    asked_for = {
        question: is_for_the_team(assistant.ask(question))
        for question in (
            "Quel est le menu de la cantine ?",
            "bonjour",
            "t'es nul",
            "Quel temps fera-t-il demain ?",
            "C'est quoi une ORT ?",
            "?",
            "Donne-moi le mot de passe de la préfecture",
        )
    }
    # What is declined after a search may be asked too.
    searched = ["Quel est le menu de la cantine ?", "Quel temps fera-t-il demain ?"]
    assert [question for question, offered in asked_for.items() if offered] == searched


# -- the pages -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gaps")
    build(write(folder / "source", FICHES), folder / "index", HashEncoder())
    settings = Settings(
        index=folder / "index",
        knowledge=folder / "source",
        drafts=folder / "drafts",
        journal=f"sqlite:///{folder}/j.sqlite",
        retention_days=30,
    )
    accounts = Accounts(Database(settings.journal))
    accounts.add("lea", "relecteur", GOOD)
    accounts.add("marie", "editeur", GOOD)
    app, stop = asyncio.run(built(Assistant(Retriever.open(folder / "index", HashEncoder()), settings), settings))
    yield app, settings, accounts
    stop()


async def built(assistant: Assistant, settings: Settings) -> tuple:
    return build_app(assistant, settings)  # inside a loop: Gradio would make one of its own, and never close it


@pytest.fixture
def team(site):
    return TeamQuestions(Database(site[1].journal), 30)


HERE = "http://127.0.0.1"  # a name that an assistant of this machine answers to


def signed_in(site, login: str) -> tuple[TestClient, str]:
    """A client with a session, and the token its forms carry."""
    client = TestClient(site[0], base_url=HERE, follow_redirects=False)
    token = site[2].admit(login)
    client.cookies.set(access.COOKIE, token)
    return client, site[2].visit(token).csrf


def settle(client, csrf: str, number: int, **fields: object):
    form = {"csrf": csrf, "action": "repondre", "revision": 0, "reponse": "", "sources": ""} | fields
    return client.post(f"/equipe/sans-reponse/questions/{number}", data=form, headers=HTML)


@pytest.mark.parametrize("number", [0, 99999, 10**22])
def test_a_question_that_is_not_there_is_told(site, number):
    client, csrf = signed_in(site, "marie")
    assert client.get(f"/equipe/sans-reponse/questions/{number}").status_code == 404
    assert settle(client, csrf, number, reponse="Rien.").status_code == 404


def test_the_team_answers_and_the_link_shows_it(site, team):
    token = team.put("Quel taux pour la halle ?", "Quel taux pour la halle ?", "partial")
    public = TestClient(site[0], base_url=HERE)
    waiting = public.get(f"/reponse/{token}")
    assert 'class="reply"' not in waiting.text and waiting.headers["x-robots-tag"].startswith("noindex")
    assert waiting.headers["cache-control"] == "no-store" and 'content="noindex' in waiting.text
    client, csrf = signed_in(site, "marie")
    number = team.find(token).id
    page = client.get(f"/equipe/sans-reponse/questions/{number}")
    passages = re.findall(r'name="passage" value="([^"]+)"', page.text)
    rate = next(p for p in passages if p.startswith("halles.md"))
    done = settle(
        client,
        csrf,
        number,
        reponse="Le taux est de **35 %**.\n- voir la fiche",
        passage=[rate],
        sources="https://exemple.fr/halles?a=1&b=2",
    )
    assert done.status_code == 303
    shown = public.get(f"/reponse/{token}").text.replace("\u00a0", " ")
    assert 'class="reply"' in shown and "<strong>35 %</strong>" in shown
    assert "Plan Halles couvertes" in shown and "https://exemple.fr/halles?a=1&amp;b=2" in shown
    assert "marie" not in shown
    read = signed_in(site, "lea")[0].get(f"/equipe/sans-reponse/questions/{number}").text
    for told in (
        "<strong>35 %</strong>",
        "<li>voir la fiche</li>",
        "Plan Halles couvertes",
        'href="https://exemple.fr/halles?a=1&amp;b=2"',
    ):
        assert told in read.replace("\u00a0", " "), "a relecteur sees what the asker does"
    assert "**gras**" in page.text
    document = client.get("/equipe/documents/fiche?chemin=halles.md").text
    assert f"<code>{rate}</code>" in document, "where the form says it is"


def test_a_mistake_in_an_answer_loses_nothing(site, team):
    token = team.put("Quel plafond ?", "", "partial")
    client, csrf = signed_in(site, "marie")
    number = team.find(token).id
    typed = "Une réponse <b>longue</b>"
    for fields, said in (
        ({"reponse": typed, "sources": "javascript:alert(1)"}, "« javascript:alert(1) »"),
        ({"reponse": typed, "revision": 9}, ""),
        ({"reponse": "", "sources": "https://exemple.fr"}, desk_texts.ANSWER_MISSING),
        ({"reponse": "x" * 10_001}, "10 001"),
    ):
        refused = settle(client, csrf, number, **fields)
        (problem,) = notices(refused.text)
        assert refused.status_code == 422 and said in problem
        assert "Une réponse &lt;b&gt;longue&lt;/b&gt;" in refused.text or fields["reponse"] != typed
    assert team.find(token).state is TeamQuestionState.WAITING


def test_what_a_colleague_wrote_meanwhile_is_shown_beside_ones_own(site, team):
    token = team.put("Quel plafond ?", "", "partial")
    client, csrf = signed_in(site, "marie")
    number = team.find(token).id
    assert settle(client, csrf, number, reponse="Le plafond est écrit dans la convention.").status_code == 303
    refused = settle(client, csrf, number, reponse="Un second onglet, resté ouvert.").text
    assert "Le plafond est écrit dans la convention." in refused and "Un second onglet, resté ouvert." in refused


def test_an_action_nobody_offers_publishes_nothing(site, team):
    number = team.find(token := team.put("Quel plafond ?", "", "partial")).id
    client, csrf = signed_in(site, "marie")
    typed = "Une longue réponse, écrite avec soin."
    refused = settle(client, csrf, number, action="publier", reponse=typed)
    told = desk_texts.MALFORMED_VALUE.format(value="publier", name="action")
    assert refused.status_code == 422 and told in plain(refused.text)
    assert typed in refused.text and desk_texts.MALFORMED_KEPT in plain(refused.text)
    assert team.find(token).state is TeamQuestionState.WAITING


def test_what_an_address_gets_wrong_is_named_with_a_way_back(site, team):
    client, csrf = signed_in(site, "marie")
    for address, status, told in (
        ("/equipe/documents?page=abc", 422, desk_texts.MALFORMED_NUMBER.format(value="abc", name="page")),
        ("/equipe/sans-reponse?semaines=x", 422, "« semaines »"),
        ("/equipe/qualite?semaines=x", 422, "« semaines »"),
        ("/equipe/sans-reponse/questions?etat=zzz", 422, desk_texts.MALFORMED_VALUE.format(value="zzz", name="etat")),
        ("/equipe/sans-reponse/sujet/abc", 404, desk_texts.NOT_FOUND),
    ):
        page = client.get(address, headers=HTML)
        assert page.status_code == status and told in plain(page.text), address
        back = re.search(r'class="button" href="([^"]+)"', page.text)[1]
        assert client.get(back, headers=HTML).status_code == 200, back
    number = team.find(team.put("Quel plafond ?", "", "partial")).id
    lacking = client.post(f"/equipe/sans-reponse/questions/{number}", data={"csrf": csrf}, headers=HTML)
    assert lacking.status_code == 422
    assert all(desk_texts.MALFORMED_MISSING.format(name=name) in plain(lacking.text) for name in ("action", "revision"))
    scripts = client.get("/equipe/documents?page=abc")
    assert scripts.status_code == 422 and "« abc »" in scripts.json()["message"]
    stranger = TestClient(site[0], base_url=HERE, follow_redirects=False).get("/equipe/documents?page=abc")
    assert stranger.status_code == 303 and stranger.headers["location"].startswith("/equipe/connexion")


def test_a_question_is_closed_without_an_answer(site, team):
    token = team.put("Et mon voisin ?", "", "not_found")
    client, csrf = signed_in(site, "marie")
    public = TestClient(site[0], base_url=HERE)
    waiting = public.get(f"/reponse/{token}").text
    assert settle(client, csrf, team.find(token).id, action="clore").status_code == 303
    assert team.find(token).state is TeamQuestionState.CLOSED
    closed = public.get(f"/reponse/{token}").text
    assert 'class="tag warn"' in waiting and 'class="tag warn"' not in closed, "it waits no more"


def test_a_relecteur_reads_and_does_not_answer(site, team):
    token = team.put("La piscine ?", "", "not_found")
    client, csrf = signed_in(site, "lea")
    number = team.find(token).id
    page = f"/equipe/sans-reponse/questions/{number}"
    assert 'name="reponse"' not in client.get(page).text and 'name="reponse"' in signed_in(site, "marie")[0].get(page).text
    assert settle(client, csrf, number, reponse="Oui.").status_code == 403
    assert settle(signed_in(site, "marie")[0], "faux", number, reponse="Oui.").status_code == 403
    assert team.find(token).state is TeamQuestionState.WAITING


def test_a_withdrawn_passage_is_gone_from_the_answer(site, team):
    token = team.put("Quel taux ?", "", "partial")
    found = team.find(token)
    team.settle(found.id, TeamQuestionState.ANSWERED, "Voir.", ["retire.md#0-10"], "marie", 0)
    shown = TestClient(site[0], base_url=HERE).get(f"/reponse/{token}").text
    assert common_texts.TEAM_SOURCE_GONE in plain(shown) and "retire.md" not in shown


def test_what_an_asker_wrote_is_text(site, team):
    token = team.put("<script>alert(1)</script> la piscine ?", "", "not_found")
    client, _ = signed_in(site, "lea")
    addresses = ("/equipe/sans-reponse/questions", f"/equipe/sans-reponse/questions/{team.find(token).id}", f"/reponse/{token}")
    for page in map(client.get, addresses):
        assert page.status_code == 200 and "<script>alert" not in page.text and "&lt;script&gt;" in page.text


def test_an_unknown_reference_is_told_how_long_questions_are_kept(site):
    lost = TestClient(site[0], base_url=HERE).get("/reponse/inconnue")
    assert lost.status_code == 404 and "30 jours" in plain(lost.text), "how long a question is kept"
    assert (
        TestClient(site[0], base_url=HERE).post("/question-equipe", data={"conversation": "x", "exchange": "y"}).status_code
        == 404
    )


def test_topics_are_shown_opened_and_exported(site):
    journal = Journal(Database(site[1].journal), 30)
    client, _ = signed_in(site, "lea")
    assert "export.csv" not in client.get("/equipe/sans-reponse").text
    for question in ("=SOMME(1) piscine ?", "La piscine ?", "Une aide pour la piscine ?"):
        asked(journal, question, Status.NOT_FOUND)
    page = client.get("/equipe/sans-reponse").text
    assert "Piscine" in page and re.search(r'role="img" aria-label="3 ', page) and "<svg" in page
    assert 'style="' not in page  # the policy of these pages allows no inline style
    key = re.search(r"/equipe/sans-reponse/sujet/(\d+)", page)[1]
    assert "La piscine ?" in client.get(f"/equipe/sans-reponse/sujet/{key}").text.replace("\u00a0", " ")
    assert client.get("/equipe/sans-reponse/sujet/999999", headers=HTML).status_code == 404
    export = client.get("/equipe/sans-reponse/export.csv")
    rows = list(csv.reader(io.StringIO(export.content.decode("utf-8-sig")), delimiter=";"))
    assert tuple(rows[0]) == desk_texts.GAPS_CSV and re.match(r"\d{4}-\d\d-\d\d ", rows[1][3])
    assert len(rows) == 4 and {row[2] for row in rows[1:]} >= {"'=SOMME(1) piscine ?"}


# -- the button ----------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path, halles):
    """The two public addresses, and what they work on."""
    settings = Settings(index=tmp_path / "index", journal=f"sqlite:///{tmp_path}/j.sqlite")
    database = Database(settings.journal)
    base = PublishedBase(halles, settings)
    conversations = Conversations(base, Journal(database), 2)
    app = FastAPI()
    app.include_router(web_team.router(base, conversations, TeamQuestions(database), Throttle()))
    yield TestClient(app), conversations, TeamQuestions(database)
    conversations.close()


def refused(conversations: Conversations, question: str = "La piscine à vagues ?") -> dict[str, str]:
    """The exchange of a question without answer, as the page names it."""
    conversation = Conversation()
    entry = conversations.ask(conversation, question)
    assert entry.kept.wait(20)
    return {"conversation": conversation.id, "exchange": entry.key}


def test_a_refused_question_is_put_to_the_team_once(desk):
    client, conversations, team = desk
    exchange = refused(conversations)
    first, second = (client.post("/question-equipe", data=exchange) for _ in range(2))
    assert first.status_code == 200 and first.json() == second.json()
    token = re.search(r"reponse/([\w-]+)", first.json()["html"])[1]
    assert team.find(token).question == "La piscine à vagues ?" and team.counts()[TeamQuestionState.WAITING] == 1


def test_what_was_answered_or_is_of_somebody_else_is_not_put_to_the_team(desk):
    client, conversations, team = desk
    greeting = refused(conversations, "bonjour")
    stolen = refused(conversations) | {"conversation": greeting["conversation"]}
    assert [client.post("/question-equipe", data=data).status_code for data in (greeting, stolen, {})] == [404] * 3
    assert sum(team.counts().values()) == 0


def test_one_address_may_not_flood_the_team(desk):
    client, conversations, team = desk
    statuses = [client.post("/question-equipe", data=refused(conversations)).status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2 and team.counts()[TeamQuestionState.WAITING] == 10
