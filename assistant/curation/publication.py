"""From the draft to a published version: what would change, the quality gate, publication, going back.

`prepare` builds the future version aside and compares it with the running one; `publish` puts in place
exactly that version, then brings the folder of documents to it; `rollback` goes back to a kept version,
its documents included. Knows no screen and no account: who does what is a name it is given.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.answering import proofs
from assistant.answering.proofs import Unproved
from assistant.answering.service import Assistant
from assistant.curation import comparison, golden
from assistant.curation.comparison import AnswerChange, Contradiction, NearDuplicate, PassageChange
from assistant.curation.drafts import Change, ChangeKind, Draft
from assistant.curation.golden import Graded
from assistant.curation.quality import Bin, reliability
from assistant.errors import AssistantError
from assistant.records.journal import Journal
from assistant.settings import Settings
from index import originals
from index.builder import FileReport, build
from index.errors import IndexingError
from index.folder import CARRIED, copy_files, fingerprint
from index.manifest import Manifest
from index.originals import FileChange, Switch
from index.progress import Progress, silent
from index.ranking import tuned_for
from index.search import Retriever
from index.versions import PUBLICATION, ROLLBACK, Versions
from index.workers import Workers

log = logging.getLogger(__name__)

PAST_QUESTIONS = 300  # distinct ones, the latest, asked again to both versions: about 25 s in all on two cores
# Steps of `prepare` after those of the build.
IN_SERVICE, TO_COME = "questions de contrôle, version en service", "questions de contrôle, version à venir"
PAST = "questions déjà posées"
GATE = ("overall", "refusal", "support")  # figures of `golden.figures` under which nothing is published without a reason
_RECENT = 3000  # exchanges looked through for them
_TOLERANCE = 1e-9  # of a figure: one mean summed in another order differs by as little


class PublicationRefused(AssistantError):
    """Nothing was published; says why and what to do, in French."""


class GateRefused(PublicationRefused):
    """The future version does worse than the running one, and no reason was given."""


class NothingToPublish(PublicationRefused):
    """The folder of documents and the draft give the version that is already published."""


@dataclass(frozen=True)
class QualityGate:
    """The figures of the running version and of the future one; empty when there is no golden question."""

    before: Mapping[str, float]  # as `golden.figures` gives them
    after: Mapping[str, float]
    turns: int  # graded
    bins: tuple[Bin, ...] = ()  # how far the probabilities of the future version can be trusted

    @property
    def failures(self) -> tuple[str, ...]:
        """The figures of GATE that get worse."""
        return tuple(name for name in GATE if self.turns and self.after[name] < self.before[name] - _TOLERANCE)


@dataclass(frozen=True)
class GoldenChange(AnswerChange):
    """A golden question whose answer changes, and what was asked before it in its conversation."""

    earlier: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A future version, ready, and what publishing it would change."""

    base: str  # the running version it was compared with
    version: str
    folder: Path
    documents: Mapping[str, str]  # the folder of documents as it was: path → hash
    draft: str  # revision of the draft
    prepared: datetime
    changes: tuple[Change, ...]
    files: tuple[FileReport, ...]  # those that do not stay as they are
    passages: tuple[PassageChange, ...]
    duplicates: tuple[NearDuplicate, ...]
    contradictions: tuple[Contradiction, ...]
    unproved: tuple[Unproved, ...]  # headers of the files that change, figures their text does not say
    answers: tuple[AnswerChange, ...]
    replayed: int  # past questions asked again
    gate: QualityGate


@dataclass(frozen=True)
class Restored:
    """What going back did to the folder of documents."""

    version: str
    files: tuple[FileChange, ...]
    unpublished: tuple[str, ...]  # files that were never published: left where they are


class Publication:
    """Prepares and publishes for one folder of documents and one index. Safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        journal: Journal,
        running: Callable[[], Assistant],
        validated: Callable[[], Sequence[str]] = lambda: (),
        workers: Workers | None = None,
    ) -> None:
        """A publication for the folders that the settings name.

        Args:
            journal: whose past questions are asked again.
            running: gives the assistant in service.
            validated: gives the questions that have a validated answer.
            workers: that read the files; by default those of the process.
        """
        self._workers = workers
        self._settings, self._journal, self._running, self._validated = settings, journal, running, validated
        self._versions = Versions(settings.index)
        self._preparing = threading.Lock()
        self._golden: tuple[str, _Golden] | None = None  # of the running version, kept: it cannot change
        self.draft = Draft(settings.drafts, settings.knowledge, settings.upload_megabytes, settings.draft_files)

    # -- before ----------------------------------------------------------------------------------

    def settle(self) -> None:
        """End what a killed process left undone; to be called at start, before the index is opened."""
        settle(self._settings)

    def prepare(self, progress: Progress = silent) -> Plan:
        """Build the future version aside and say what it changes. Nothing published is touched.

        Raises:
            NothingToPublish: the draft and the folder give what is published.
            PublicationRefused: a preview is under way, or the version in service was just replaced.
            DraftRefused: the record of the draft is broken.
            GoldenUnreadable: a line of the golden questions is no record.
            DatabaseUnavailable: past questions cannot be read.
            IndexingError: the version cannot be built.
        """
        if not self._preparing.acquire(blocking=False):
            raise PublicationRefused("Un aperçu est déjà en préparation : attendez sa fin.")
        try:
            return self._prepare(progress)
        finally:
            self._preparing.release()

    def _prepare(self, progress: Progress) -> Plan:
        running = self._running()
        current = self._versions.current()
        if current is None or current.name != running.retriever.version:
            raise PublicationRefused("Une autre version vient d'être publiée : attendez quelques secondes, puis recommencez.")
        documents, changes, revision = self._state(), self.draft.changes(), self.draft.revision()
        folder, files = self._build(running, progress)
        retriever = Retriever(folder, running.retriever.encoder, reranker=running.retriever.reranker)
        future = Assistant(retriever, self._settings, validated=running.validated)
        progress("comparaison", 0, 1)
        passages = comparison.passage_changes(running.retriever, future.retriever)
        duplicates = comparison.near_duplicates(future.retriever, passages)
        opposed = comparison.contradictions(future.retriever, passages)
        touched = {file.path for file in files}
        fresh = [document for path, document in future.retriever.documents.items() if path in touched]
        unproved = tuple(proofs.unproved(fresh, future.retriever.passages))
        progress("comparaison", 1, 1)
        before, after = self._golden_of_both(running, future, progress)
        past = self._past_questions()
        answers = comparison.by_gravity([*_golden_changes(before, after), *_past_changes(running, future, past, progress)])
        return Plan(
            current.name,
            folder.name,
            folder,
            documents,
            revision,
            datetime.now(UTC),
            changes,
            files,
            passages,
            duplicates,
            opposed,
            unproved,
            answers,
            len(past),
            QualityGate(before.figures, after.figures, len(after.graded), reliability(after.graded)),
        )

    def _build(self, running: Assistant, progress: Progress) -> tuple[Path, tuple[FileReport, ...]]:
        """The future version, in an index of its own inside the index folder: publishing it is a rename."""
        aside = Versions(self._settings.index / "preview")
        shutil.rmtree(aside.root, ignore_errors=True)
        work = self._settings.drafts / "work"
        shutil.rmtree(work, ignore_errors=True)
        source = work / self._settings.knowledge.resolve().name
        try:
            copy_files(self._settings.knowledge, source)
            self.draft.copy_to(source)
            encoder, lender = running.retriever.encoder, running.retriever.folder
            ranking = tuned_for(encoder.identity.sha256, self._settings.index)  # what was learned for this index
            report = build(source, aside.root, encoder, ranking=ranking, progress=progress, lender=lender, workers=self._workers)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        if not report.published:
            raise NothingToPublish("Rien ne change : la base publiée est déjà dans cet état.")
        return aside.require_current(), tuple(file for file in report.files if file.status != "unchanged")

    def _golden_of_both(self, running: Assistant, future: Assistant, progress: Progress) -> tuple[_Golden, _Golden]:
        """The golden questions, as each version answers them by itself: without the validated answers."""
        records = golden.load(self._settings.knowledge / golden.FILE)
        known = self._golden[1] if self._golden and self._golden[0] == running.retriever.version else None
        if known is None or known.records != records:
            known = _Golden.of(Assistant(running.retriever, self._settings), records, _named(progress, IN_SERVICE))
            self._golden = (running.retriever.version, known)
        return known, _Golden.of(Assistant(future.retriever, self._settings), records, _named(progress, TO_COME))

    def _past_questions(self) -> list[str]:
        """Those with a validated answer, then the latest distinct ones of the journal, as they stand alone."""
        distinct: dict[str, str] = {}
        recent = (exchange.standalone_question or exchange.question for exchange in self._journal.recent(_RECENT))
        for question in (*self._validated(), *recent):
            distinct.setdefault(" ".join(question.casefold().split()), question)
        return list(distinct.values())[:PAST_QUESTIONS]

    # -- publication and return ------------------------------------------------------------------

    def publish(self, plan: Plan, who: str, reason: str = "") -> str:
        """Put the prepared version in place, exactly; returns its name.

        Args:
            who: login, for the history.
            reason: for publishing though the gate fails; kept in the history.

        Raises:
            GateRefused: it does worse and no reason is given.
            PublicationRefused: the base, the folder of documents or the draft changed since the preview.
        """
        reason = " ".join(reason.split())
        if plan.gate.failures and not reason:
            raise GateRefused("La version à venir répond moins bien : donnez la raison de la publier malgré tout.")
        with self._versions.alone():
            self._check_fresh(plan)
            safe = originals.known(self._versions, *CARRIED)
            before = {one.path: originals.recoverable(plan.documents.get(one.path, ""), safe) for one in plan.changes}
            files = tuple(FileChange(one.path, before[one.path], one.sha256) for one in plan.changes)
            change = self._switch(plan.version, PUBLICATION, files, _about(plan, who, reason))
            originals.switch(self._versions, change, plan.folder)
        shutil.rmtree(self._settings.index / "preview", ignore_errors=True)
        self.draft.changes()  # drops those that are now done
        return plan.version

    def rollback(self, version: str, who: str, reason: str = "") -> Restored:
        """Go back to a kept version and bring the folder of documents back to it. Nothing never published is destroyed.

        Raises:
            PublicationRefused: it is the current one, or is not kept.
            IndexingError: it cannot be opened.
        """
        with self._versions.alone():
            current = self._versions.require_current()
            if version not in self._versions.names():
                raise PublicationRefused(f"La version « {version} » n'est plus conservée.")
            if version == current.name:
                raise PublicationRefused("Cette version est déjà en service.")
            self._check_writable()
            folder = self._versions.folder(version)
            manifest = Manifest.load(folder / "manifest.json")
            manifest.check_files(folder)
            manifest.check_parts(self._running().retriever.encoder.identity)
            present = fingerprint(self._settings.knowledge, *CARRIED)
            files = originals.restoration(self._versions, folder, present, *CARRIED)
            held = {*originals.hashes(folder, *CARRIED), *originals.hashes(current, *CARRIED)}
            about = {"who": who} | ({"reason": reason} if reason else {})
            originals.switch(self._versions, self._switch(version, ROLLBACK, files, about))
        return Restored(version, files, tuple(path for path in present if path not in held))

    def _check_fresh(self, plan: Plan) -> None:
        current = self._versions.current()
        if current is None or current.name != plan.base:
            raise PublicationRefused("Une autre version a été publiée depuis l'aperçu : préparez-en un nouveau.")
        if self._state() != plan.documents:
            raise PublicationRefused("Le dossier des documents a changé depuis l'aperçu : préparez-en un nouveau.")
        if self.draft.revision() != plan.draft:
            raise PublicationRefused("Le brouillon a changé depuis l'aperçu : préparez-en un nouveau.")
        if not plan.folder.is_dir():
            raise PublicationRefused("La version préparée n'existe plus : préparez un nouvel aperçu.")
        self._check_writable()

    def _check_writable(self) -> None:
        if not os.access(self._settings.knowledge, os.W_OK):
            raise PublicationRefused("Le dossier des documents ne peut pas être modifié : droits insuffisants.")

    def _state(self) -> dict[str, str]:
        """Path → hash of all that shapes a version or its gate: what must not have changed since the preview."""
        return fingerprint(self._settings.knowledge, *CARRIED, golden.FILE)

    def _switch(self, version: str, action: str, files: tuple[FileChange, ...], about: Mapping[str, Any]) -> Switch:
        """What a change of version does, written down before it is done; content that no version holds is moved aside."""
        aside = self._settings.drafts / "aside" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        return Switch(version, action, str(self._settings.knowledge.absolute()), str(aside.absolute()), files, about)


def settle(settings: Settings) -> None:
    """End a publication or a return that a killed process left undone. Does nothing while another one is under way."""
    versions = Versions(settings.index)
    if not originals.is_unfinished(versions):
        return
    try:
        with versions.alone():
            if change := originals.settle(versions):
                log.warning("The change to version %s, interrupted, was completed.", change.version)
    except (IndexingError, OSError):
        log.exception("An interrupted change of version could not be completed.")


@dataclass(frozen=True)
class _Golden:
    """What one version answers to the golden questions."""

    records: list[dict[str, Any]]
    graded: tuple[Graded, ...]
    figures: Mapping[str, float]

    @classmethod
    def of(cls, assistant: Assistant, records: list[dict[str, Any]], progress: Callable[[int, int], None]) -> _Golden:
        rows: list[Graded] = []
        total = sum(len(record["expect"]) for record in records)
        for record in records:
            progress(len(rows), total)
            rows += golden.grade(assistant, [record])
        progress(total, total)
        return cls(records, tuple(rows), golden.figures(assistant, rows) if rows else {})


def _golden_changes(before: _Golden, after: _Golden) -> list[GoldenChange]:
    turns = {record["id"]: [str(turn) for turn in record["turns"]] for record in before.records}
    return [
        GoldenChange(
            one.question, one.id, one.answer, other.answer, one.passed, other.passed, other.why, tuple(turns[one.id][: one.turn])
        )
        for one, other in zip(before.graded, after.graded, strict=True)
        if comparison.differs(one.answer, other.answer) or one.passed != other.passed
    ]


def _past_changes(running: Assistant, future: Assistant, questions: Sequence[str], progress: Progress) -> list[AnswerChange]:
    """What askers would be answered: validated answers included, which a changed passage withdraws."""
    changes = []
    for done, question in enumerate(questions):
        progress(PAST, done, len(questions))
        before, after = running.ask(question), future.ask(question)
        if comparison.differs(before, after):
            changes.append(AnswerChange(question, "", before, after))
    progress(PAST, len(questions), len(questions))
    return changes


def _named(progress: Progress, step: str) -> Callable[[int, int], None]:
    """A progress of one step: (done, total)."""
    return lambda done, total: progress(step, done, total)


def _about(plan: Plan, who: str, reason: str) -> dict[str, Any]:
    """What the history keeps of a publication."""
    kinds = {str(kind): [change.path for change in plan.changes if change.kind is kind] for kind in ChangeKind}
    about: dict[str, Any] = {"who": who, "changes": kinds, "answers": len(plan.answers)}
    if plan.gate.turns:
        # Not rounded: whoever shows them rounds once, as everywhere else.
        shown = {
            side: {name: figures[name] for name in GATE}
            for side, figures in (("before", plan.gate.before), ("after", plan.gate.after))
        }
        about["gate"] = shown | {"turns": plan.gate.turns, "failures": list(plan.gate.failures)}
    return about | ({"reason": reason} if reason else {})
