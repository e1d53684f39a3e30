"""« Documents »: what the base holds, the draft of its changes, their preview, publication and return.

Routes only: what a change does, `publication` and `drafts` of `assistant.curation` say. Any member may look; only an
editor changes something. The work under way is in memory, so these pages want one process of the assistant.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response

from assistant.curation import drafts
from assistant.curation.drafts import SUFFIXES, FilePreview
from assistant.curation.publication import Plan, Publication, settle
from assistant.curation.quality import latest, record_quality
from assistant.errors import AssistantError
from assistant.records.database import DatabaseUnavailable
from assistant.records.reviews import ReferenceState, Reviews
from assistant.web.shared import typography
from assistant.web.shared.attachments import attached
from assistant.web.staff import document_texts as texts
from assistant.web.staff.access import EditorMember, Member, RequestRefused, SignedInMember
from assistant.web.staff.background_work import Bench, Work, WorkStage
from assistant.web.staff.desk import Desk
from assistant.web.staff.document_rows import PAGE, matches, rows, suffix
from assistant.web.staff.plan_rows import LISTED, by_document, counts, gate_rows
from assistant.web.staff.rendering import message, render
from index import retitling
from index.errors import IndexingError
from index.progress import Progress
from index.search import Retriever
from index.versions import Versions

log = logging.getLogger(__name__)

PREPARATION, PUBLICATION = "apercu", "publication"
_STEPS_OF = {PREPARATION: 4, PUBLICATION: 2}
_SHOWN = 100  # rows of the table a page
_PASSAGES = 200  # of one document on a page
_TEXT = 200_000  # characters of a document's text shown; the whole is one link away
_OVERHEAD = 1024 * 1024  # bytes of a form besides its files


@dataclass
class Flash:
    """What the next page must say to a member, once."""

    done: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def router(desk: Desk) -> APIRouter:
    """The routes; ends first whatever a killed publication left undone."""
    settle(desk.settings)
    pages = _DocumentHandlers(desk)
    routes = APIRouter(prefix=PAGE, route_class=_limited(desk.settings.upload_megabytes, desk.settings.draft_files))
    for path, show in (
        ("", pages.table),
        ("/fiche", pages.document),
        ("/original", pages.original),
        ("/texte", pages.text),
        ("/publication", pages.publication),
        ("/publication/etat", pages.state),
        ("/historique", pages.history),
        ("/retour", pages.confirm_return),
    ):
        routes.add_api_route(path, show, methods=["GET"], response_model=None)
    for path, change in (
        ("/envoyer", pages.send),
        ("/retirer", pages.withdraw),
        ("/annuler", pages.cancel),
        ("/apercu", pages.prepare),
        ("/publier", pages.publish),
        ("/retour", pages.go_back),
        ("/titre", pages.retitle),
    ):
        routes.add_api_route(path, change, methods=["POST"], response_model=None)
    for path in ("/envoyer", "/retirer", "/annuler", "/apercu", "/titre"):  # where one comes back to after signing in again
        routes.add_api_route(path, pages.instead, methods=["GET"], response_model=None)
    routes.add_api_route("/publier", pages.publication, methods=["GET"], response_model=None)
    return routes


class _DocumentHandlers:
    """The handlers of the routes. One for all members."""

    def __init__(self, desk: Desk) -> None:
        self._base, self._settings, self._database = desk.base, desk.settings, desk.database
        self._versions = Versions(desk.settings.index)
        reviews = Reviews(desk.database)
        self._publication = Publication(
            desk.settings,
            desk.journal,
            lambda: desk.base.edition.assistant,
            lambda: [r.answer.question for r in reviews.references() if r.state is ReferenceState.ACTIVE and r.answer.question],
        )
        self._draft = self._publication.draft
        self._bench = Bench(texts.FAILED)
        self._flashes: dict[str, Flash] = {}

    # -- looking ---------------------------------------------------------------------------------

    def table(self, request: Request, member: SignedInMember, q: str = "", etat: str = "", page: int = 1) -> Response:
        changes = self._draft.changes()
        every = rows(self._retriever, changes, self._titles())
        found = [row for row in every if matches(row, q, etat)]
        last = max(1, -(-len(found) // _SHOWN))
        page = min(max(page, 1), last)
        query = urlencode({"q": q, "etat": etat})
        return self._render(
            request,
            "documents.html",
            member,
            rows=found[(page - 1) * _SHOWN : page * _SHOWN],
            count=len(found),
            all=len(every),
            q=q,
            state=etat,
            page=page,
            last=last,
            query=query,
            changes=changes,
            formats=", ".join(SUFFIXES),
            megabytes=self._draft.megabytes,
            files=self._draft.files,
            version=self._retriever.manifest,
        )

    def document(self, request: Request, member: SignedInMember, chemin: str = "", version: str = "", page: int = 1) -> Response:
        """What is indexed of a document, or what its pending file would give."""
        pending = next((change for change in self._draft.changes() if change.path == chemin), None)
        shown = self._shown(chemin, version)
        if shown is None:
            return self._lost(request)
        document, passages = shown.document, shown.passages
        last = max(1, -(-len(passages) // _PASSAGES))
        query = urlencode({"chemin": chemin} | ({"version": version} if version else {}))
        return self._render(
            request,
            "document.html",
            member,
            file=chemin,
            document=document,
            passages=passages,
            problem=shown.problem,
            pending=pending,
            draft=version == "brouillon",
            suffix=suffix(chemin),
            formats=", ".join(SUFFIXES),
            given=self._titles().get(chemin, ""),
            original=f"{PAGE}/original?{urlencode({'chemin': chemin})}",
            review=document.review_date if document else None,
            megabytes=self._draft.megabytes,
            files=self._draft.files,
            listed=_PASSAGES,
            shown=_TEXT,
            last=last,
            scanned=texts.SCANNED,
            page=min(max(page, 1), last),
            address=f"{PAGE}/fiche?{query}",
            text=f"{PAGE}/texte?{query}",
        )

    def text(self, request: Request, member: SignedInMember, chemin: str = "", version: str = "") -> Response:
        """All the text extracted from a document, to be saved."""
        shown = self._shown(chemin, version)
        if shown is None or shown.document is None:
            return self._lost(request)
        name = chemin.rpartition("/")[2].rpartition(".")[0]
        return attached(shown.document.text.encode(), "text/plain; charset=utf-8", f"{name}.txt")

    def _shown(self, path: str, version: str) -> FilePreview | None:
        """A document of the running version, or a pending file as it would be indexed."""
        retriever = self._retriever
        if version == "brouillon":
            file = self._draft.content(path)
            beside = self._draft.beside(path, retriever.documents)
            return drafts.preview(file, path, beside, self._titles()) if file else None
        fate = retriever.manifest.sources.get(path)
        if fate is None:
            return None
        passages = tuple(passage for passage in retriever.passages if passage.document == path)
        return FilePreview(path, retriever.documents.get(path), passages, fate.reason)

    def original(self, request: Request, member: SignedInMember, chemin: str = "") -> Response:
        """The file of a document of the running version; never one that was withdrawn."""
        found = self._retriever.original(chemin)
        if found is None:
            return self._lost(request)
        # Always to be saved: a page of HTML sent by someone must not run here.
        headers = {"x-content-type-options": "nosniff", "content-security-policy": "sandbox"}
        return FileResponse(found, filename=found.name, media_type="application/octet-stream", headers=headers)

    def instead(self, member: SignedInMember) -> Response:
        """The table, for whoever asks to read an address that only changes something."""
        return RedirectResponse(PAGE, 303)

    def publication(self, request: Request, member: SignedInMember, reponses: int = 1) -> Response:
        """How far the work under way has come; its result once it is there."""
        work = self._bench.work
        plan = work.result if work.stage is WorkStage.DONE and isinstance(work.result, Plan) else None
        if plan is None:
            if work.stage is WorkStage.NONE or (work.stage is WorkStage.DONE and work.name == PUBLICATION):
                return RedirectResponse(f"{PAGE}/historique" if work.stage is WorkStage.DONE else PAGE, 303)
            return self._render(request, "publication_progress.html", member, work=work, **_progress(work))
        current = self._versions.current()
        if current is None or current.name != plan.base:  # it quotes a version that may hold a document withdrawn since
            self._bench.clear()
            return self._told(member, PAGE, problem=texts.OVERTAKEN)
        last = max(1, -(-len(plan.answers) // LISTED))
        page = min(max(reponses, 1), last)
        return self._render(
            request,
            "publication.html",
            member,
            plan=plan,
            stale=plan.draft != self._draft.revision(),
            gate=gate_rows(plan),
            listed=LISTED,
            answers=plan.answers[(page - 1) * LISTED : page * LISTED],
            page=page,
            last=last,
            figures=texts.GATE,
            by_document=by_document(plan.passages),
            counts=counts(plan),
            statuses=texts.STATUSES,
        )

    def state(self, request: Request, member: SignedInMember) -> Response:
        """How far the work under way has come, for the page's script: `stage`, `step`, `count`, `share`."""
        work = self._bench.work
        return JSONResponse({"stage": work.stage} | _progress(work))

    def history(self, request: Request, member: SignedInMember) -> Response:
        current, kept = self._versions.current(), set(self._versions.names())
        entries = self._versions.history()[::-1][:_SHOWN]
        return self._render(
            request,
            "publication_history.html",
            member,
            entries=entries,
            kept=kept,
            current=current.name if current else "",
            figures=texts.GATE,
            parse=datetime.fromisoformat,
            kinds=texts.CHANGED,
        )

    def confirm_return(self, request: Request, member: EditorMember, version: str = "") -> Response:
        """What going back to a version would do, with the button that does it."""
        if version not in self._versions.names():
            return self._lost(request)
        entries = [entry for entry in self._versions.history() if entry["version"] == version]
        return self._render(
            request,
            "publication_return.html",
            member,
            version=version,
            entry=entries[-1] if entries else None,
            parse=datetime.fromisoformat,
            current=self._versions.current(),
        )

    # -- changing --------------------------------------------------------------------------------

    async def send(self, request: Request, member: EditorMember) -> Response:
        """Files sent to the draft: each is taken or refused by itself."""
        form = await request.form()
        target = str(form.get("chemin") or "")
        files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
        flash = Flash()
        if not files:
            flash.problems.append(texts.NO_FILE)
        if target and len(files) > 1:
            flash.problems.append(texts.ONE_FILE)
            files = []
        for file in files:
            await run_in_threadpool(self._take, flash, file, target, member.login)
        return self._answered(request, member, flash)

    def _take(self, flash: Flash, file: UploadFile, target: str, who: str) -> None:
        name = str(file.filename)
        try:
            change = self._draft.replace(target, name, file.file, who) if target else self._draft.add(name, file.file, who)
        except AssistantError as error:
            flash.problems.append(str(error))
        else:
            flash.done.append(texts.TAKEN[change.kind].format(name=name, path=change.path))
            if change.problem:
                scanned = f" {texts.SCANNED}" if "numérisé" in change.problem else ""
                flash.problems.append(texts.NOT_READ.format(name=name, problem=change.problem.rstrip(".")) + scanned)

    async def withdraw(self, request: Request, member: EditorMember) -> Response:
        return await self._change(request, member, lambda path: self._draft.withdraw(path, member.login), texts.WITHDRAWN)

    async def cancel(self, request: Request, member: EditorMember) -> Response:
        return await self._change(request, member, self._draft.cancel, texts.CANCELLED)

    async def retitle(self, request: Request, member: EditorMember) -> Response:
        """A document called otherwise: back to its page."""
        form = await request.form()
        path, title = str(form.get("chemin") or ""), str(form.get("titre") or "")
        draft = {"version": "brouillon"} if self._draft.content(path) else {}
        address = f"{PAGE}/fiche?{urlencode({'chemin': path, **draft})}"
        try:
            await run_in_threadpool(self._draft.retitle, path, title, member.login)
        except (AssistantError, IndexingError) as error:
            return self._told(member, PAGE, problem=str(error))
        return self._told(member, address, done=texts.RETITLED if title.strip() else texts.TITLE_GIVEN_BACK)

    async def prepare(self, request: Request, member: EditorMember) -> Response:
        """Begin the preview, then show how far it has come."""
        if not self._bench.start(PREPARATION, member.login, self._publication.prepare):
            return self._told(member, f"{PAGE}/publication", problem=texts.BUSY)
        return RedirectResponse(f"{PAGE}/publication", 303)

    async def publish(self, request: Request, member: EditorMember) -> Response:
        """Publish the version of the preview, and no other."""
        form, work = await request.form(), self._bench.work
        plan = work.result
        if not isinstance(plan, Plan) or plan.version != form.get("version"):
            return self._told(member, f"{PAGE}/publication", problem=texts.NO_LONGER)
        reason = str(form.get("reason") or "")[:1000].strip()
        if plan.gate.failures and not reason:
            return self._told(member, f"{PAGE}/publication", problem=texts.REASON_NEEDED)

        def run(progress: Progress) -> None:
            progress("publication", 0, 2)
            self._publication.publish(plan, member.login, reason)
            self._record(plan)
            progress("ouverture", 1, 2)
            self._base.refresh()
            progress("ouverture", 2, 2)
            self._flash(member).done.append(texts.PUBLISHED)

        if not self._bench.start(PUBLICATION, member.login, run):
            return self._told(member, f"{PAGE}/publication", problem=texts.BUSY)
        return RedirectResponse(f"{PAGE}/publication", 303)

    async def go_back(self, request: Request, member: EditorMember) -> Response:
        """Go back to a kept version, its documents included."""
        form = await request.form()
        version, reason = str(form.get("version") or ""), str(form.get("reason") or "")[:1000].strip()

        def run() -> str:
            restored = self._publication.rollback(version, member.login, reason)
            self._base.refresh()
            self._bench.clear()  # a preview compared with the version just left says nothing any more
            left = texts.LEFT_ALONE.format(files=", ".join(restored.unpublished)) if restored.unpublished else ""
            return f"{texts.RETURNED} {left}".strip()

        try:
            done = await run_in_threadpool(run)
        except (AssistantError, IndexingError, OSError) as error:
            return self._told(member, f"{PAGE}/historique", problem=str(error))
        return self._told(member, f"{PAGE}/historique", done=done)

    # -- shared ----------------------------------------------------------------------------------

    def _record(self, plan: Plan) -> None:
        """Keep what the preview measured of the version that is now published, and of the one before if nobody had."""
        if not plan.gate.turns:
            return
        try:
            if latest(self._database, plan.base) is None:
                record_quality(self._database, plan.base, plan.gate.before, plan.gate.turns)
            record_quality(self._database, plan.version, plan.gate.after, plan.gate.turns, plan.gate.bins)
        except DatabaseUnavailable:  # what is published is published
            log.exception("The figures of version %s could not be kept.", plan.version)

    def _titles(self) -> dict[str, str]:
        """Those given to documents; none while their file is unreadable: the build says so."""
        try:
            return self._draft.titles()
        except IndexingError:
            return {}

    @property
    def _retriever(self) -> Retriever:
        return self._base.edition.assistant.retriever

    async def _change(self, request: Request, member: Member, change: Callable[[str], Any], said: str) -> Response:
        path, flash = str((await request.form()).get("chemin") or ""), Flash()
        try:
            await run_in_threadpool(change, path)
        except AssistantError as error:
            flash.problems.append(str(error))
        else:
            flash.done.append(said.format(path=path))
        return self._answered(request, member, flash)

    def _answered(self, request: Request, member: Member, flash: Flash) -> Response:
        """Back to the table, which says what was done; scripts are given its address."""
        self._flash(member).done.extend(flash.done)
        self._flash(member).problems.extend(flash.problems)
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({"address": PAGE})
        return RedirectResponse(PAGE, 303)

    def _told(self, member: Member, address: str, done: str = "", problem: str = "") -> Response:
        flash = self._flash(member)
        flash.done += [done] if done else []
        flash.problems += [problem] if problem else []
        return RedirectResponse(address, 303)

    def _flash(self, member: Member) -> Flash:
        """What waits to be said to a member, to be added to."""
        return self._flashes.setdefault(member.login, Flash())

    def _render(self, request: Request, template: str, member: Member, **context: Any) -> Response:
        work = self._bench.work
        waiting = template == "publication_progress.html"  # the page that follows it says what there is to say
        flash = Flash() if waiting else self._flashes.pop(member.login, Flash())
        return render(
            request,
            template,
            member,
            flash=flash,
            here=PAGE,
            running=work.stage is WorkStage.RUNNING,
            ready=work.stage is WorkStage.DONE and work.name == PREPARATION,
            fates=texts.FATES,
            awaited=texts.PENDING,
            titles_file=retitling.FILE,
            longest_title=retitling.LONGEST,
            **context,
        )

    def _lost(self, request: Request) -> Response:
        return message(request, RequestRefused(404, texts.NOT_FOUND, texts.NOT_FOUND_WHY))


def _progress(work: Work) -> dict[str, str | int]:
    """The step a work is at, how much of it is done, in percent, and how many of what."""
    number, name, things = texts.STEPS.get(work.step, (1, work.step, ""))
    counted = texts.COUNTED.format(done=typography.number(work.done), things=things, total=typography.number(work.total))
    return {
        "step": texts.STEP.format(number=number, last=_STEPS_OF.get(work.name, 1), name=name),
        "count": counted if things and work.total else "",
        "share": round(100 * work.done / work.total) if work.total else 0,
    }


def _limited(megabytes: int, files: int) -> type[APIRoute]:
    """Routes that refuse a body too large before anything reads it, and leave no file open."""
    most = megabytes * files * 1024 * 1024 + _OVERHEAD

    class Limited(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def limited(request: Request) -> Response:
                length = request.headers.get("content-length", "")
                if request.method == "POST" and not (length.isascii() and length.isdecimal() and int(length) <= most):
                    return message(request, RequestRefused(413, texts.TOO_MUCH, texts.TOO_MUCH_WHY))
                try:
                    return await handle(request)
                finally:
                    await request.close()  # the files sent, whoever read them

            return limited

    return Limited
