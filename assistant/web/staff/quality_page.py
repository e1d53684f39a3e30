"""« Qualité »: golden figures by version, how exchanges end and how long answers take, week by week.

Shows what `curation.quality` kept; an éditeur may have the version in service measured, in the background.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse, RedirectResponse

from assistant.curation import golden, quality
from assistant.curation.weeks import last_weeks, start_of
from assistant.errors import AssistantError
from assistant.records.database import now
from assistant.web.shared.common_texts import FIGURES
from assistant.web.shared.typography import number, percent
from assistant.web.staff import charts, rendering
from assistant.web.staff import desk_texts as texts
from assistant.web.staff.access import EditorMember, Member, SignedInMember
from assistant.web.staff.desk import Desk
from assistant.web.staff.svg_plots import Plot

PREFIX = "/equipe/qualite"
PERIODS = (12, 26, 52)  # weeks one may look at


def router(desk: Desk) -> APIRouter:
    """The pages under /equipe/qualite."""
    routes = APIRouter(prefix=PREFIX)
    measuring = quality.Measuring(desk.database)

    @routes.get("")
    def page(request: Request, member: SignedInMember, semaines: int = PERIODS[0]) -> Response:
        return shown(request, member, semaines)

    @routes.post("/mesurer")
    def measure(request: Request, member: EditorMember) -> Response:
        try:
            records = golden.load(desk.settings.knowledge / golden.FILE)
        except AssistantError as error:
            return shown(request, member, PERIODS[0], str(error))
        if not records:
            return shown(request, member, PERIODS[0], texts.NO_GOLDEN)
        begun = measuring.start(desk.base.edition.assistant, records)
        return RedirectResponse(f"{PREFIX}?fait={'mesure' if begun else 'deja'}", 303)

    @routes.get("/mesurer")
    def instead(member: SignedInMember) -> Response:
        """The page, for whoever comes back to this address after signing in again."""
        return RedirectResponse(PREFIX, 303)

    @routes.get("/progression")
    def progress(member: SignedInMember) -> Response:
        return JSONResponse({"running": measuring.running, "done": measuring.done, "total": measuring.total})

    def shown(request: Request, member: Member, weeks: int, problem: str = "") -> Response:
        weeks = weeks if weeks in PERIODS else PERIODS[0]
        measured = quality.measurements(desk.database)
        version = desk.base.edition.state.version
        current = next((m for m in reversed(measured) if m.version == version), None)
        return rendering.render(
            request,
            "quality.html",
            member,
            422 if problem else 200,
            problem=problem or measuring.problem,
            weeks=weeks,
            periods=PERIODS,
            version=version,
            current=current,
            figures=_figures(current),
            measuring=measuring,
            golden=charts.golden(measured) if measured else None,
            calibration=charts.calibration(current) if current and current.bins else None,
            exchanges=_by_week(desk, weeks),
            done={"mesure": texts.MEASURE_BEGUN, "deja": texts.MEASURE_RUNNING},
        )

    return routes


def _figures(measured: quality.Measurement | None) -> list[tuple[str, str]]:
    if measured is None:
        return []
    shares = [(name, percent(measured.figures[key])) for key, name in FIGURES.items() if key in measured.figures]
    words = measured.figures.get("median_words")
    return shares + ([(texts.WORDS, number(words))] if words is not None else [])


def _by_week(desk: Desk, weeks: int) -> list[Plot]:
    """Nothing when no exchange was kept over the period."""
    mondays = last_weeks(weeks, now())
    outcomes = desk.journal.outcomes(start_of(mondays[0])) if desk.journal.keeps else []
    counted = quality.weekly(outcomes, mondays)
    return [charts.statuses(counted), charts.opinions(counted), charts.latency(counted)] if outcomes else []
