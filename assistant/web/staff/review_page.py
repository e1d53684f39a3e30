"""« Vérifier »: exchanges beside their sources, verdicts, corrections, validated answers.

Reads requests and draws pages; what a verdict or a validated answer is, `reviews` says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from assistant.answering.answer import CitedText, Status
from assistant.curation.gaps import to_csv
from assistant.records.database import Overtaken
from assistant.records.journal import COUNTED, VALUES, Exchange, Filters
from assistant.records.reviews import NotValidated, Reference, ReferenceState, Review, Reviews, SentenceVerdict, proposed
from assistant.web.shared import page_pictures
from assistant.web.shared.attachments import attached
from assistant.web.staff import desk_texts as texts
from assistant.web.staff import exchange_sources, rendering
from assistant.web.staff.access import Member, RequestRefused, SignedInMember
from assistant.web.staff.desk import Desk
from assistant.web.staff.ods import ODS_TYPE, to_ods
from index.document import Document
from index.french import words
from index.versions import Versions

PREFIX = "/equipe/verifier"
EXPORTED = 10_000  # exchanges of a file, the newest; a spreadsheet with more is of no use to anyone
_SAME_PASSAGE = 0.5  # share of the words, both ways, that a passage keeps when it is rewritten
_LONGEST = 200  # characters read of a filter


@dataclass(frozen=True)
class FilterForm:
    """The filters as they were typed, so that the form shows them again."""

    statut: str = ""
    avis: str = ""
    theme: str = ""
    minimum: str = ""
    maximum: str = ""
    du: str = ""
    au: str = ""
    a_verifier: str = ""
    q: str = ""

    @property
    def query(self) -> str:
        """What was filled in, as the query of an address."""
        return urlencode({name: value for name, value in vars(self).items() if value})


def router(desk: Desk) -> APIRouter:
    """The routes under /equipe/verifier."""
    page = _ReviewHandlers(desk)
    routes = APIRouter(prefix=PREFIX)
    routes.add_api_route("", page.exchanges, methods=["GET"])
    routes.add_api_route("/export", page.exported, methods=["GET"])
    routes.add_api_route("/reponses", page.references, methods=["GET"])
    routes.add_api_route("/reponses/{reference_id}/retirer", page.withdraw, methods=["POST"])
    routes.add_api_route("/reponses/{reference_id}/retirer", page.instead, methods=["GET"])
    routes.add_api_route("/{exchange_id:int}", page.exchange, methods=["GET"])
    routes.add_api_route("/{exchange_id:int}", page.judge, methods=["POST"])
    routes.add_api_route("/{exchange_id:int}/sources/{marker:int}/page/{number:int}", page.picture, methods=["GET"])
    routes.add_api_route("/{exchange_id:int}/sources/{marker:int}/original", page.original, methods=["GET"])
    return routes


@dataclass(frozen=True)
class _ReviewForm:
    """What the form of an exchange holds."""

    verdicts: Sequence[SentenceVerdict | None]  # one a sentence
    comment: str
    correction: str

    @classmethod
    def of(cls, review: Review | None, exchange: Exchange) -> _ReviewForm:
        if review is None:
            return cls([None] * len(exchange.sentences), "", proposed(exchange))
        return cls(review.verdicts, review.comment, review.correction or proposed(exchange))


class _ReviewHandlers:
    """The handlers. Holds no state of any member."""

    def __init__(self, desk: Desk) -> None:
        self._base, self._journal = desk.base, desk.journal
        self._reviews = Reviews(desk.database)
        self._versions = Versions(desk.settings.index)

    # -- the journal

    def exchanges(self, request: Request, member: SignedInMember) -> Response:
        form = _filter_form(request.query_params)
        filters, problems = self._filters(form)
        page = self._journal.search(filters, _whole(request, "avant"), _whole(request, "apres"))
        count = self._journal.count(filters)
        reviews = self._reviews.among([exchange.id for exchange in page.exchanges])
        return rendering.render(
            request,
            "review_list.html",
            member,
            asked=form,
            problems=problems,
            found=page,
            reviews=reviews,
            count=count,
            to_review=self._to_review(),
            many=count > COUNTED,
            counted=COUNTED,
            titles=self._titles(),
            themes=list(self._themes()),
            statuses=texts.STATUSES,
            opinions=texts.OPINIONS,
            verdicts=texts.VERDICTS,
            worst=_worst,
            filtered=bool(form.query),
        )

    def exported(self, request: Request, member: SignedInMember, format: str = "csv") -> Response:
        filters, _ = self._filters(_filter_form(request.query_params))
        exchanges = list(self._journal.every(filters, EXPORTED))
        reviews = self._reviews.among([exchange.id for exchange in exchanges if exchange.checked])
        rows = [self._row(exchange, reviews.get(exchange.id)) for exchange in exchanges]
        if format == "ods":
            return attached(to_ods(texts.REVIEW_SHEET, texts.REVIEW_COLUMNS, rows), ODS_TYPE, "echanges.ods")
        return attached(to_csv(texts.REVIEW_COLUMNS, rows), "text/csv; charset=utf-8", "echanges.csv")

    def _filters(self, form: FilterForm) -> tuple[Filters, list[str]]:
        """What was asked for; a filter that makes no sense is told and left out."""
        problems: list[str] = []
        themes = self._themes()
        lowest, highest = _share(form.minimum, 0.0, problems), _share(form.maximum, 1.0, problems)
        since, until = _day(form.du, problems), _day(form.au, problems)
        if lowest > highest:
            problems.append(texts.REVIEW_BOUNDS)
            lowest, highest = 0.0, 1.0
        if since and until and since > until:
            problems.append(texts.REVIEW_DAYS)
            since = until = None
        return Filters(
            status=form.statut if form.statut in set(Status) else "",
            opinion=form.avis if form.avis in VALUES else "",
            documents=themes.get(form.theme),
            lowest=lowest,
            highest=highest,
            since=since,
            until=until,
            unchecked=bool(form.a_verifier),
            text=form.q,
            published=frozenset(self._documents()),
        ), problems

    def _themes(self) -> dict[str, tuple[str, ...]]:
        return exchange_sources.themes(self._base.edition.assistant.retriever)

    def _titles(self) -> dict[str, str]:
        return {path: document.title for path, document in self._documents().items()}

    def _documents(self) -> Mapping[str, Document]:
        return self._base.edition.assistant.retriever.documents

    def _withdrawn(self, exchange: Exchange) -> list[str]:
        """The documents that an exchange cites and the base no longer has, by title."""
        gone = {
            c["document"]: str(c.get("title") or c["document"])
            for c in exchange.citations
            if c["document"] not in self._documents()
        }
        return list(gone.values())

    def _to_review(self) -> int:
        return sum(reference.state is ReferenceState.EXPIRED for reference in self._reviews.references())

    def _row(self, exchange: Exchange, review: Review | None) -> list[object]:
        # Nothing of a withdrawn document leaves by an export: its sources are named, not quoted.
        cited = [f"[{c['marker']}] {c['title']}" + (f" › {c['section']}" if c["section"] else "") for c in exchange.citations]
        gone = self._withdrawn(exchange)
        opinion = exchange.feedback[-1] if exchange.feedback else None
        verdicts = [texts.VERDICTS[verdict] if verdict else "–" for verdict in review.verdicts] if review else []
        return [
            exchange.id,
            f"{exchange.created:%Y-%m-%d %H:%M:%S}",
            exchange.question,
            exchange.standalone_question,
            texts.STATUSES[exchange.status],
            f"{exchange.probability:.3f}".replace(".", ","),
            texts.REVIEW_WITHDRAWN if gone else exchange.text,
            "\n".join(cited),
            texts.OPINIONS[opinion.value] if opinion else "",
            ", ".join(opinion.reasons) if opinion else "",
            opinion.comment if opinion else "",
            "\n".join(verdicts),
            review.comment if review else "",
            texts.REVIEW_WITHDRAWN if gone and review and review.correction else review.correction if review else "",
            review.reviewer if review else "",
            exchange.index_version,
            texts.ORIGINS[exchange.origin],
        ]

    # -- one exchange

    def exchange(self, request: Request, member: SignedInMember, exchange_id: int) -> Response:
        return self._shown(request, member, self._found(exchange_id))

    async def judge(self, request: Request, member: SignedInMember, exchange_id: int) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await run_in_threadpool(self._judged, request, member, exchange_id, form)

    def _judged(self, request: Request, member: Member, exchange_id: int, form: Mapping[str, str]) -> Response:
        """Keep what the form says of an exchange; with the button « valider », make its answer the one that serves."""
        exchange = self._found(exchange_id)
        if self._withdrawn(exchange):
            return self._shown(request, member, exchange, texts.REVIEW_NOTHING_KEPT, 409)
        verdicts = [_verdict(form.get(f"verdict-{n}", "")) for n in range(1, len(exchange.sentences) + 1)]
        correction = form.get("correction", "")
        same = correction.split() in (proposed(exchange).split(), exchange.text.split())
        comment, seen = form.get("comment", ""), form.get("revision")
        try:
            self._reviews.save(exchange, verdicts, comment, "" if same else correction, member.login, member.role, seen)
        except Overtaken as error:
            return self._shown(request, member, exchange, str(error), 409, _ReviewForm(verdicts, comment, correction))
        address = f"{PREFIX}/{exchange_id}"
        if form.get("action") != "valider":
            return RedirectResponse(f"{address}?fait=avis#votre-avis", 303)
        try:
            self._reviews.validate(exchange, self._base.edition.assistant.retriever.passages, member.login, member.role)
        except NotValidated as error:
            return self._shown(request, member, replace(exchange, checked=True), str(error), 422)
        return RedirectResponse(f"{address}?fait=validation#votre-avis", 303)

    def _shown(
        self,
        request: Request,
        member: Member,
        exchange: Exchange,
        problem: str = "",
        status: int = 200,
        typed: _ReviewForm | None = None,
    ) -> Response:
        """The page of an exchange: beside its sources; once a document that it cites is withdrawn, without what it quotes."""

        def address(marker: int, number: int) -> str:
            return f"{PREFIX}/{exchange.id}/sources/{marker}/page/{number}"

        if gone := self._withdrawn(exchange):
            return rendering.render(
                request,
                "review_withdrawn.html",
                member,
                status,
                exchange=exchange,
                gone=gone,
                problem=problem,
                reference=self._reviews.of(exchange.id),
                states=texts.REFERENCE_STATES,
                statuses=texts.STATUSES,
                origins=texts.ORIGINS,
                opinions=texts.OPINIONS,
            )
        proofs = exchange_sources.proofs(exchange, self._base, self._versions, address)
        review = self._reviews.get(exchange.id)
        kept = exchange.index_version in self._versions.names()
        typed = typed or _ReviewForm.of(review, exchange)
        return rendering.render(
            request,
            "review_exchange.html",
            member,
            status,
            exchange=exchange,
            proofs=proofs,
            review=review,
            problem=problem,
            reference=self._reviews.of(exchange.id),
            states=texts.REFERENCE_STATES,
            statuses=texts.STATUSES,
            origins=texts.ORIGINS,
            verdicts=texts.VERDICTS,
            opinions=texts.OPINIONS,
            standings=texts.STANDINGS,
            version_kept=kept,
            supports=texts.SUPPORTS,
            typed=typed,
            overtaken=status == 409,
            address=f"{PREFIX}/{exchange.id}",
        )

    def picture(self, member: SignedInMember, exchange_id: int, marker: int, number: int) -> Response:
        file, document = exchange_sources.original(self._found(exchange_id), marker, self._base, self._versions) or (None, None)
        return page_pictures.picture(file, document, number)

    def original(self, member: SignedInMember, exchange_id: int, marker: int) -> Response:
        found = exchange_sources.original(self._found(exchange_id), marker, self._base, self._versions)
        if found is None:
            raise RequestRefused(404, texts.ORIGINAL_GONE, texts.ORIGINAL_GONE_WHY)
        file, document = found
        inline = exchange_sources.is_inline(document, file)
        # A fiche or a web page is handed over as a file: shown here, its HTML could run on the staff's own pages.
        return FileResponse(
            file,
            media_type="application/pdf" if inline else "application/octet-stream",
            filename=file.name,
            content_disposition_type="inline" if inline else "attachment",
            headers={"x-content-type-options": "nosniff", "cache-control": "no-store"},
        )

    def _found(self, exchange_id: int) -> Exchange:
        exchange = self._journal.get(exchange_id) if 0 < exchange_id < 2**31 else None
        if exchange is None:
            raise RequestRefused(404, texts.EXCHANGE_GONE, texts.EXCHANGE_GONE_WHY)
        return exchange

    # -- validated answers

    def references(self, request: Request, member: SignedInMember) -> Response:
        references = self._reviews.references()
        alive = self._journal.known(reference.exchange for reference in references)
        return rendering.render(
            request,
            "review_references.html",
            member,
            references=references,
            states=texts.REFERENCE_STATES,
            alive=alive,
            to_review=self._to_review(),
            lost=self._lost,
            titles=self._titles(),
            quoted=self._quoted,
        )

    async def withdraw(self, request: Request, member: SignedInMember, reference_id: int) -> Response:
        form = await request.form()
        known = reference_id < 2**31 and await run_in_threadpool(
            self._reviews.withdraw, reference_id, str(form.get("raison") or "")
        )
        return RedirectResponse(f"{PREFIX}/reponses?fait={'retrait' if known else 'rien'}", 303)

    def instead(self, member: SignedInMember, reference_id: int) -> Response:
        """The list, for whoever comes back to the address of a withdrawal after signing in again."""
        return RedirectResponse(f"{PREFIX}/reponses", 303)

    def _quoted(self, reference: Reference) -> bool:
        """Whether every document that an answer cites is still in the base; otherwise its text is not shown."""
        return all(cited.document in self._documents() for cited in reference.answer.citations)

    def _lost(self, reference: Reference) -> list[tuple[CitedText, str]]:
        """(passage as it was, the nearest one of its document now) where a version changed it. Of a withdrawn document, none."""
        retriever = self._base.edition.assistant.retriever
        held = {(passage.document, passage.text) for passage in retriever.passages}
        cited = reference.answer.citations if reference.state is ReferenceState.EXPIRED else ()
        lost = [c for c in cited if (c.document, c.text) not in held and c.document in retriever.documents]
        return [(c, _nearest(c.text, [p.text for p in retriever.passages if p.document == c.document])) for c in lost]


def _nearest(text: str, others: list[str]) -> str:
    """The text with the most words in common; empty when none has half of them."""
    own = set(words(text))
    shared = {other: len(own & set(words(other))) / len(own | set(words(other)) or {""}) for other in others}
    best = max(shared, key=lambda other: shared[other], default="")
    return best if shared.get(best, 0.0) >= _SAME_PASSAGE else ""


# -- reading requests ----------------------------------------------------------------------------


def _filter_form(given: Mapping[str, str]) -> FilterForm:
    return FilterForm(**{name: given.get(name, "").strip()[:_LONGEST] for name in vars(FilterForm())})


def _whole(request: Request, name: str) -> int | None:
    """A number of the address; None when it is absent or no number."""
    typed = request.query_params.get(name, "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else None


def _share(typed: str, otherwise: float, problems: list[str]) -> float:
    """« 80 » or « 80 % » → .8; `otherwise` when nothing was typed or it is no share, which is added to the problems."""
    plain = typed.rstrip(" %\u00a0\u202f").replace(",", ".")
    if not plain:
        return otherwise
    try:
        value = float(plain)
    except ValueError:
        value = -1.0
    if 0 <= value <= 100:
        return value / 100
    problems.append(texts.REVIEW_SHARE.format(typed=typed))
    return otherwise


def _day(typed: str, problems: list[str]) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        problems.append(texts.REVIEW_DAY.format(typed=typed))
        return None


def _verdict(typed: str) -> SentenceVerdict | None:
    return SentenceVerdict(typed) if typed in set(SentenceVerdict) else None


def _worst(review: Review) -> SentenceVerdict | None:
    """The gravest verdict of a review; None when no sentence was judged."""
    given = [verdict for verdict in review.verdicts if verdict]
    return max(given, key=list(SentenceVerdict).index) if given else None
