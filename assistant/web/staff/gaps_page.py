"""« Questions sans réponse »: what the base lacks, by topic, and the questions put to the team.

Reads `curation.gaps` and `records.team_questions`; counts nothing itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from starlette.responses import RedirectResponse

from assistant.curation import gaps
from assistant.curation.gaps import Advice, Gap, Overview
from assistant.curation.weeks import last_weeks, start_of
from assistant.records.database import Overtaken, now
from assistant.records.journal import Exchange
from assistant.records.team_questions import ANSWER_LIMIT, TeamQuestion, TeamQuestions, TeamQuestionState
from assistant.web.shared import typography
from assistant.web.shared.attachments import attached
from assistant.web.shared.team_reply import ADDRESS, cited, formatted
from assistant.web.staff import access, charts, rendering
from assistant.web.staff import desk_texts as texts
from assistant.web.staff.access import EditorMember, Member, SignedInMember
from assistant.web.staff.desk import Desk
from index.document import Passage
from index.search import Query, Retriever

PREFIX = "/equipe/sans-reponse"
PERIODS = (12, 26, 52)  # weeks one may look at
_PER_PAGE = 20  # topics
_NEAREST = 5  # passages proposed as sources of an answer


def router(desk: Desk) -> APIRouter:
    """The pages under /equipe/sans-reponse."""
    routes = APIRouter()
    routes.include_router(_topics(desk), prefix=PREFIX)
    routes.include_router(_questions(desk), prefix=f"{PREFIX}/questions")
    return routes


def _topics(desk: Desk) -> APIRouter:
    routes = APIRouter()
    questions = TeamQuestions(desk.database, desk.settings.retention_days)
    found = _Overviews(desk)

    @routes.get("")
    def topics(request: Request, member: SignedInMember, semaines: int = PERIODS[0], page: int = 1) -> Response:
        overview = found.of(semaines)
        last = max(1, -(-len(overview.gaps) // _PER_PAGE))
        page = min(max(page, 1), last)
        shown = overview.gaps[(page - 1) * _PER_PAGE : page * _PER_PAGE]
        plot = charts.gaps_by_week("ensemble", "Par semaine", overview.weeks, overview.weekly) if overview.exchanges else None
        return rendering.render(
            request,
            "gaps.html",
            member,
            overview=overview,
            shown=[(gap, found.advice(gap)) for gap in shown],
            plot=plot,
            weeks=len(overview.weeks),
            periods=PERIODS,
            page=page,
            last=last,
            kinds=texts.KINDS,
            counts=questions.counts(),
            limit=gaps.LIMIT,
            recent=gaps.RECENT,
        )

    @routes.get("/sujet/{key}")
    def topic(request: Request, member: SignedInMember, key: int, semaines: int = PERIODS[0]) -> Response:
        overview = found.of(semaines)
        gap = overview.gap(key)
        if gap is None:
            raise access.RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY)
        return rendering.render(
            request,
            "gap.html",
            member,
            gap=gap,
            advice=found.advice(gap),
            plot=charts.gaps_by_week("sujet", "Par semaine", gap.weeks, gap.weekly),
            weeks=len(overview.weeks),
            kinds=texts.KINDS,
            kind=gaps.kind,
            recent=gaps.RECENT,
        )

    @routes.get("/export.csv")
    def export(member: SignedInMember, semaines: int = PERIODS[0]) -> Response:
        content = gaps.to_csv(texts.GAPS_CSV, [_row(gap, e) for gap in found.of(semaines).gaps for e in gap.exchanges])
        name = f"{texts.GAPS_FILE}-{now().date().isoformat()}.csv"
        return attached(content, "text/csv; charset=utf-8", name)

    return routes


def _questions(desk: Desk) -> APIRouter:
    pages = _TeamQuestionHandlers(desk)
    routes = APIRouter()
    routes.add_api_route("", pages.table, methods=["GET"], response_model=None)
    routes.add_api_route("/{number}", pages.question, methods=["GET"], response_model=None)
    routes.add_api_route("/{number}", pages.settle, methods=["POST"], response_model=None)
    return routes


@dataclass(frozen=True)
class _TypedAnswer:
    """An answer that was typed and not kept, with the reason; shown again so that nothing is lost."""

    text: str
    sources: Sequence[str]  # ids of passages and addresses
    problem: str
    overtaken: bool = False  # a colleague answered meanwhile


class _TeamQuestionHandlers:
    """The handlers of the questions put to the team. One for all members."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._questions = TeamQuestions(desk.database, desk.settings.retention_days)

    def table(self, request: Request, member: SignedInMember, etat: TeamQuestionState = TeamQuestionState.WAITING) -> Response:
        """The questions in one state."""
        found, counts = self._questions.in_state(etat), self._questions.counts()
        return rendering.render(request, "team_questions.html", member, questions=found, state=etat, counts=counts)

    def question(self, request: Request, member: SignedInMember, number: int) -> Response:
        """One question, with the form of its answer."""
        return self._form(request, member, self._known(number))

    def settle(
        self,
        request: Request,
        member: EditorMember,
        number: int,
        action: Annotated[Literal["repondre", "clore"], Form()],
        revision: Annotated[int, Form()],
        reponse: Annotated[str, Form()] = "",
        sources: Annotated[str, Form()] = "",
        passage: Annotated[Sequence[str], Form()] = (),
    ) -> Response:
        """Keep the answer to a question, or close it without one; the form again when it cannot be kept.

        Args:
            revision: of the question that the member had in sight.
            sources: ids of passages and addresses, one a line.
            passage: ids of the passages that were ticked.
        """
        question, text = self._known(number), reponse.strip()
        named = list(dict.fromkeys([*passage, *(line.strip() for line in sources.splitlines() if line.strip())]))
        state = TeamQuestionState.CLOSED if action == "clore" else TeamQuestionState.ANSWERED
        if problem := _problem(state, text, named, self._retriever):
            return self._form(request, member, question, _TypedAnswer(reponse, named, problem))
        try:
            self._questions.settle(number, state, text, named, member.login, revision)
        except Overtaken as error:
            return self._form(request, member, self._known(number), _TypedAnswer(reponse, named, str(error), overtaken=True))
        return RedirectResponse(f"{PREFIX}/questions/{number}?fait={state}", 303)

    @property
    def _retriever(self) -> Retriever:
        return self._desk.base.edition.assistant.retriever

    def _known(self, number: int) -> TeamQuestion:
        question = self._questions.get(number) if 0 < number < 2**31 else None
        if question is None:
            raise access.RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY)
        return question

    def _form(self, request: Request, member: Member, question: TeamQuestion, answer: _TypedAnswer | None = None) -> Response:
        """The form of an answer: as it was kept, or as it was just typed."""
        chosen = list(answer.sources if answer else question.sources)
        near = _near(question, self._retriever, chosen)
        return rendering.render(
            request,
            "team_question.html",
            member,
            422 if answer and answer.problem else 200,
            question=question,
            problem=answer.problem if answer else "",
            changed=bool(answer and answer.overtaken),
            text=answer.text if answer else question.text,
            near=near,
            chosen=chosen,
            address=f"{ADDRESS}/{question.token}",
            typed="\n".join(source for source in chosen if source not in {passage.id for passage in near}),
            done={TeamQuestionState.ANSWERED: texts.ANSWERED_DONE, TeamQuestionState.CLOSED: texts.CLOSED_DONE},
            limit=ANSWER_LIMIT,
            reply=formatted(question.text),
            sources=cited(question, self._retriever),
        )


class _Overviews:
    """The topics of a period, grouped again only when the journal or the base changed."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._lock = desk, Lock()
        self._kept: dict[int, tuple[object, Overview]] = {}
        self._advice: dict[tuple[str, tuple[tuple[str, int], ...]], Advice] = {}

    def advice(self, gap: Gap) -> Advice:
        """A search of the base: done once for a topic and a version."""
        retriever = self._desk.base.edition.assistant.retriever
        key = (retriever.version, gap.questions)
        if key not in self._advice:
            self._advice = {known: advice for known, advice in self._advice.items() if known[0] == retriever.version}
            self._advice[key] = gaps.advise(gap, retriever)
        return self._advice[key]

    def of(self, weeks: int) -> Overview:
        """The topics of the last weeks, one of `PERIODS`."""
        weeks = weeks if weeks in PERIODS else PERIODS[0]
        retriever, journal = self._desk.base.edition.assistant.retriever, self._desk.journal
        mondays = last_weeks(weeks, now())
        with self._lock:  # two readers at once would group the same questions twice
            exchanges = journal.unanswered(start_of(mondays[0]), gaps.LIMIT) if journal.keeps else []
            seen = (retriever.version, mondays[-1], tuple((e.id, gaps.kind(e)) for e in exchanges))
            if self._kept.get(weeks, (None,))[0] != seen:
                self._kept[weeks] = (seen, gaps.grouped(exchanges, retriever, mondays))
            return self._kept[weeks][1]


def _row(gap: Gap, exchange: Exchange) -> list[object]:
    opinions = ", ".join(texts.OPINION_UP if f.value == "up" else texts.OPINION_DOWN for f in exchange.feedback)
    return [
        gap.name,
        exchange.standalone_question,
        exchange.question,
        exchange.created.strftime("%Y-%m-%d %H:%M"),
        texts.ENDINGS.get(exchange.status, texts.OTHER_STATUSES),
        opinions,
        f"{exchange.probability:.2f}".replace(".", ","),
        exchange.index_version,
    ]


def _problem(state: TeamQuestionState, text: str, sources: Sequence[str], retriever: Retriever) -> str:
    """Why an answer cannot be kept as it is, in French; empty when it can."""
    if len(text) > ANSWER_LIMIT:
        return texts.ANSWER_TOO_LONG.format(length=typography.number(len(text)), limit=typography.number(ANSWER_LIMIT))
    if state is TeamQuestionState.ANSWERED and not text:
        return texts.ANSWER_MISSING
    known = {passage.id for passage in retriever.passages}
    for source in sources:
        if source not in known and not source.startswith(("http://", "https://")):
            return texts.SOURCE_UNKNOWN.format(source=source)
    return ""


def _near(question: TeamQuestion, retriever: Retriever, chosen: Sequence[str]) -> list[Passage]:
    """Passages proposed as sources: those already chosen, then the nearest to the question."""
    known = {passage.id: passage for passage in retriever.passages}
    found = [hit.passage.id for hit in retriever.search(Query(question.understood or question.question), _NEAREST)]
    return [known[name] for name in dict.fromkeys([*chosen, *found]) if name in known]
