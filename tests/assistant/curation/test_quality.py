"""Figures kept per version, outcomes by week, plots, and the page « Qualité »."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.answering.answer import Answer, Explanation, Status
from assistant.answering.service import Assistant
from assistant.curation import golden, quality
from assistant.curation.golden import Graded
from assistant.curation.weeks import last_weeks, week_of
from assistant.records.accounts import Accounts
from assistant.records.database import Database, now
from assistant.records.journal import ExchangeOutcome, Journal
from assistant.settings import Settings
from assistant.throttling import Throttle
from assistant.web.shared import common_texts
from assistant.web.shared.published_base import PublishedBase
from assistant.web.staff import access, charts, desk_texts, svg_plots
from assistant.web.staff.desk import Desk
from assistant.web.staff.routes import mount
from index.builder import build
from index.search import Retriever
from tests.assistant.conftest import FICHES, notices, plain, write
from tests.fakes import HashEncoder

RECORDS = [
    {
        "id": "H1",
        "kind": "chiffre",
        "turns": ["Quel est le taux du plan Halles ?"],
        "expect": [{"turn": 0, "status": ["answered"], "must": [["35 %"]]}],
    },
    {
        "id": "H2",
        "kind": "refus",
        "turns": ["Quel temps fera-t-il demain ?"],
        "expect": [{"turn": 0, "status": ["out_of_scope", "not_found", "refused"]}],
    },
    {
        "id": "H3",
        "kind": "suite",
        "turns": ["Quel est le taux du plan Halles ?", "et le plafond ?"],
        "expect": [{"turn": 1, "status": ["answered", "partial"], "must": [["70 000"]]}],
    },
]
HTML = {"accept": "text/html"}


@pytest.fixture
def database(tmp_path):
    return Database(f"sqlite:///{tmp_path}/j.sqlite")


def row(probability: float, status: Status, refuse: bool, why: tuple[str, ...] = ()) -> Graded:
    answer = Answer("q", "q", status, "texte", probability=probability, explanation=Explanation({}))
    return Graded("X", "fait", 0, "q", answer, why, refuse)


# -- figures kept --------------------------------------------------------------------------------


def test_figures_are_kept_per_version_oldest_first(database):
    quality.record_quality(database, "v1", {"overall": 0.9})
    bins = quality.reliability([row(0.9, Status.ANSWERED, refuse=False)])
    quality.record_quality(database, "v2", {"overall": 0.95}, 1, bins)
    found = quality.measurements(database)
    assert [(m.version, m.figures["overall"], m.turns) for m in found] == [("v1", 0.9, 0), ("v2", 0.95, 1)]
    assert found[1].bins == bins and found[0].bins == ()
    assert quality.latest(database, "v1").figures == {"overall": 0.9} and quality.latest(database, "v3") is None
    assert quality.measurements(database, 1)[0].version == "v2"


def test_without_a_database_there_is_no_measurement():
    assert quality.measurements(Database("")) == [] and quality.latest(Database(""), "v1") is None


def test_calibration_compares_what_is_announced_with_what_holds():
    rows = [
        row(0.95, Status.ANSWERED, refuse=False),
        row(0.97, Status.ANSWERED, refuse=False, why=("il manque : 35 %",)),
        row(1.0, Status.ANSWERED, refuse=True, why=("issue",)),
        row(0.12, Status.NOT_FOUND, refuse=True),
        row(0.18, Status.NOT_FOUND, refuse=False, why=("issue",)),  # refused though the base has it: the base did answer
    ]
    screened = Graded("Y", "refus", 0, "q", Answer("q", "q", Status.REFUSED, "non"), (), True)
    low, high = quality.reliability([*rows, screened])
    assert (low.low, low.count, low.observed) == (0.1, 2, 0.5) and low.predicted == pytest.approx(0.15)
    assert (high.low, high.count) == (0.9, 3) and high.observed == pytest.approx(1 / 3)


def test_measuring_keeps_what_the_golden_questions_give(database, halles):
    measuring = quality.Measuring(database)
    assert measuring.start(halles, RECORDS) and measuring.wait(60)
    (found,) = quality.measurements(database)
    expected = golden.figures(halles, list(golden.grade(halles, RECORDS)))
    assert found.version == halles.retriever.version and found.figures == pytest.approx(expected)
    assert (found.turns, measuring.done, measuring.total, measuring.problem) == (3, 3, 3, "")
    assert sum(b.count for b in found.bins) <= 3


def test_a_measurement_that_breaks_is_told(database, halles):
    measuring = quality.Measuring(Database(""))
    assert measuring.start(halles, RECORDS) and measuring.wait(60)
    assert "ASSISTANT_JOURNAL" in measuring.problem


def test_only_one_measurement_runs_at_a_time(database, halles):
    measuring, records = quality.Measuring(database), RECORDS * 20
    assert measuring.start(halles, records) and not measuring.start(halles, records)
    assert measuring.wait(120) and len(quality.measurements(database)) == 1


# -- weeks ---------------------------------------------------------------------------------------


def test_outcomes_are_counted_week_by_week():
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    outcomes = [ExchangeOutcome(monday + timedelta(days=n), "answered", 10 * (n + 1), "up" if n == 0 else "") for n in range(7)]
    outcomes.append(ExchangeOutcome(monday + timedelta(days=7), "partial", 100, "down"))
    outcomes.append(ExchangeOutcome(monday - timedelta(days=90), "refused", 1, ""))
    weeks = quality.weekly(outcomes, last_weeks(3, monday + timedelta(days=8)))
    assert [week.monday for week in weeks] == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    assert [week.count for week in weeks] == [0, 7, 1]
    assert (weeks[1].up, weeks[1].median, weeks[1].statuses) == (1, 40, Counter({"answered": 7}))
    assert (weeks[0].median, weeks[0].p95) == (None, None) and weeks[2].down == 1


@pytest.mark.parametrize(
    ("day", "monday"), [("2026-11-23", "2026-11-23"), ("2026-11-29", "2026-11-23"), ("2027-01-01", "2026-12-28")]
)
def test_a_week_begins_on_monday(day, monday):
    assert week_of(datetime.fromisoformat(f"{day}T23:59:00+00:00")) == date.fromisoformat(monday)


# -- plots ---------------------------------------------------------------------------------------


def drawn() -> dict[str, str]:
    labels = [f"{n} nov." for n in range(1, 13)]
    return {
        "bars": svg_plots.stacked_bars("bars", labels, {"A": list(range(12)), "B": [3] * 12, "C": [0] * 12, "D": [1] * 12}),
        "nothing": svg_plots.stacked_bars("nothing", labels, {"A": [0] * 12}),
        "lines": svg_plots.lines("lines", labels, {"Médiane": [None, *range(11)], "p95": [None] * 12}),
        "shares": svg_plots.lines("shares", ["23 nov."], {"Toutes": [0.942]}, percent=True),
        "curve": svg_plots.calibration("curve", [(0.1, 0.0, 3), (0.9, 0.95, 200)], "annoncé", "observé", "idéal", "mesuré"),
    }


@pytest.mark.parametrize("name", drawn())
def test_a_plot_fits_any_page(name):
    svg = drawn()[name]
    root = ElementTree.fromstring(svg)
    width = float(root.get("viewBox").split()[2])
    sizes = [float(text.get("font-size")) for text in root.iter("text")]
    assert width <= 312 and min(sizes) >= 11  # ten pixels at least on a phone of 360
    assert "style=" not in svg and "<style" not in svg and "http" not in svg.replace("http://www.w3.org/1999/xlink", "")
    assert not re.search(r"#0[0-9a-b]0[0-9a-b]0", svg), "a colour that stands for a variable was left"
    identifiers = re.findall(r'\bid="([^"]+)"', svg)
    assert identifiers and all(identifier.startswith(f"{name}-") for identifier in identifiers)
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(identifiers)


def test_a_day_measured_several_times_is_named_once():
    svg = svg_plots.lines("lines", ["27 nov.", *["28 nov."] * 4], {"Toutes": [0.9] * 5}, percent=True)
    assert svg.count("28 nov.") == 1 and svg.count("27 nov.") == 1


def test_the_table_of_a_plot_has_every_figure():
    weeks = quality.weekly([ExchangeOutcome(now(), "answered", 40, "up")] * 3, last_weeks(12, now()))
    for plot in (charts.statuses(weeks), charts.opinions(weeks), charts.latency(weeks)):
        assert len(plot.rows) == 12 and all(len(row) == len(plot.columns) for row in plot.rows) and plot.summary
    assert charts.statuses(weeks).rows[-1][1] == "3" and "40" in charts.latency(weeks).rows[-1][2]


# -- the page ------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path):
    build(write(tmp_path / "source", FICHES), tmp_path / "index", HashEncoder())
    settings = Settings(
        index=tmp_path / "index",
        knowledge=tmp_path / "source",
        drafts=tmp_path / "drafts",
        journal=f"sqlite:///{tmp_path}/j.sqlite",
    )
    base = PublishedBase(Assistant(Retriever.open(tmp_path / "index", HashEncoder()), settings), settings)
    database = Database(settings.journal)
    app = FastAPI()
    mount(app, Desk(base, database, Journal(database), settings), Throttle())
    accounts = Accounts(database)
    accounts.add("lea", "relecteur", "cheval batterie agrafe")
    accounts.add("marie", "editeur", "cheval batterie agrafe")

    def signed_in(login: str) -> tuple[TestClient, str]:
        client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
        token = accounts.admit(login)
        client.cookies.set(access.COOKIE, token)
        return client, accounts.visit(token).csrf

    return signed_in, settings, database


def test_without_figures_the_page_draws_nothing_and_says_so_twice(site):
    signed_in, _, _ = site
    page = signed_in("lea")[0].get("/equipe/qualite").text
    assert page.count('class="note"') == 2, "no version measured, no exchange kept"
    assert '<svg viewBox="0 0 312' not in page and "<figure" not in page


def test_an_editor_measures_the_version_in_service(site):
    signed_in, settings, database = site
    client, csrf = signed_in("marie")
    missing = client.post("/equipe/qualite/mesurer", data={"csrf": csrf}, headers=HTML).text
    assert desk_texts.NO_GOLDEN in notices(missing)
    path = settings.knowledge / golden.FILE
    path.write_text("{}\n", encoding="utf-8")
    refused = client.post("/equipe/qualite/mesurer", data={"csrf": csrf}, headers=HTML)
    assert refused.status_code == 422 and "Ligne 1" in refused.text
    path.write_text("\n".join(json.dumps(record) for record in RECORDS), encoding="utf-8")
    assert client.post("/equipe/qualite/mesurer", data={"csrf": csrf}).status_code == 303

    async def ended() -> None:
        while client.get("/equipe/qualite/progression").json()["running"]:
            await asyncio.sleep(0.05)

    asyncio.run(asyncio.wait_for(ended(), 60))
    page = client.get("/equipe/qualite").text
    assert common_texts.FIGURES["overall"] in page and "3 questions" in plain(page) and 'id="plot-calibration"' in page
    assert len(quality.measurements(database)) == 1


def test_a_relecteur_measures_nothing(site):
    signed_in, _, database = site
    client, csrf = signed_in("lea")
    form = 'action="/equipe/qualite/mesurer"'
    assert form in signed_in("marie")[0].get("/equipe/qualite").text and form not in client.get("/equipe/qualite").text
    assert client.post("/equipe/qualite/mesurer", data={"csrf": csrf}, headers=HTML).status_code == 403
    assert quality.measurements(database) == []


def test_exchanges_are_drawn_with_their_tables(site):
    signed_in, _, database = site
    journal = Journal(database)
    for status in (Status.ANSWERED, Status.ANSWERED, Status.PARTIAL, Status.REFUSED):
        journal.feedback(journal.record(Answer("q", "q", status, "t"), "c", 50), "up")
    page = signed_in("lea")[0].get("/equipe/qualite?semaines=26").text
    assert page.count('role="img" aria-label="') == page.count("<figure") == page.count("<tbody>") == 3
    assert re.search(r'aria-label="4 \D*26 ', page) and 'style="' not in page
    assert signed_in("lea")[0].get("/equipe/qualite?semaines=7").status_code == 200


def test_what_a_publication_measured_is_the_quality_of_its_version(site):
    signed_in, settings, database = site
    (settings.knowledge / golden.FILE).write_text("\n".join(json.dumps(record) for record in RECORDS), encoding="utf-8")
    client, csrf = signed_in("marie")

    async def done() -> str:
        while (stage := client.get("/equipe/documents/publication/etat").json()["stage"]) == "running":
            await asyncio.sleep(0.05)
        return stage

    def sent(action: str, **fields: str) -> None:
        assert client.post(f"/equipe/documents/{action}", data={"csrf": csrf} | fields).status_code == 303
        assert asyncio.run(asyncio.wait_for(done(), 60)) in ("done", "none")

    sent("retirer", chemin="fontaines.md")
    sent("apercu")
    version = re.search(r'name="version" value="([^"]+)"', client.get("/equipe/documents/publication").text)[1]
    sent("publier", version=version, reason="essai")
    found = quality.latest(database, version)
    assert found.turns == 3 and found.bins and set(found.figures) >= {"overall", "refusal", "support"}
    assert f"<strong>{version}</strong>" in client.get("/equipe/qualite").text
