"""What staff say of the answers: verdicts, corrections, and validated answers that serve again.

A validated answer is served for the same question only, and only while the published version still
holds, word for word, every passage it cites: `find` gives the texts' hashes, the service looks for
them. `compare` then withdraws, and lists for review, what a new version no longer carries; an answer all
of whose passages are back, word for word, is served again: nothing of what was validated has changed. The
question is kept in the asker's words, masked, and as a hash of what its wordings share: once its exchange
is no longer kept the words go, and the hash still finds the answer.
Knows its tables and the journal's exchanges; nothing of screens.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from assistant import texts
from assistant.answering import grounding
from assistant.answering.answer import CitedText, Sentence, Status, Support, ValidatedAnswer
from assistant.errors import AssistantError
from assistant.records.database import Database, DatabaseUnavailable, Overtaken, Table, changed, now, utc
from assistant.records.journal import Exchange, exchanges_kept, mark_checked
from index.document import Passage
from index.figures import Figure, figures, readable
from index.french import analyse, interrogatives, sentences, words

log = logging.getLogger(__name__)

COMMENT_LIMIT = 4000  # characters
CORRECTION_LIMIT = 8000
LISTED = 500  # validated answers shown, the latest first
# Words that carry no subject and yet turn a question. With the words that say what is asked, they leave, among
# the 4,670 questions of the fiches, no two of different meaning with one key; content terms alone leave 19.
_TURNING = frozenset(
    "sans avec pas non plus moins avant apres depuis pendant jamais aucun aucune entre faut peut peuvent pourquoi comment "
    "combien quand ou".split()
)
_DIGEST = re.compile("[0-9a-f]{64}")
_MARKER = re.compile(r"\s*\[(\d{1,3})\]")


class SentenceVerdict(StrEnum):
    """What a reader of the sources says of a sentence."""

    SUPPORTED = "soutenue"
    IMPRECISE = "imprecise"
    FALSE = "fausse"


class ReferenceState(StrEnum):
    """What has become of a validated answer."""

    ACTIVE = "active"
    EXPIRED = "perimee"  # a passage it cites changed or went: to be read again
    WITHDRAWN = "retiree"  # by a member of the staff
    REPLACED = "remplacee"  # by a later validation of the same question


class NotValidated(AssistantError):
    """An answer that cannot serve as a reference; says why."""


@dataclass(frozen=True)
class Review:
    """The verdicts of one reader on one exchange."""

    exchange: int
    verdicts: tuple[SentenceVerdict | None, ...]  # one a sentence of the exchange; None: not judged
    comment: str
    correction: str  # the answer as it should be, empty when it is right
    reviewer: str  # login
    role: str
    created: datetime

    @property
    def revision(self) -> str:
        """Changes whenever the exchange is reviewed again."""
        return self.created.isoformat()


@dataclass(frozen=True)
class Reference:
    """A validated answer and what has become of it."""

    id: int
    exchange: int
    answer: ValidatedAnswer
    validator: str  # login: for the staff, never shown to the public
    state: ReferenceState
    changed: datetime  # when it came to this state
    reason: str  # why it is no longer served


def key(question: str) -> str:
    """What two wordings of one question share: their content terms, what they ask for, the small words that turn them.

    « Peut-on cumuler la DETR ? » and « La DETR, peut-on la cumuler ? » have one key; « … sans la DETR ? » would have another.
    """
    small = {word for word in words(question) if word in _TURNING}
    asked = sorted(interrogatives(question))
    return " ".join([*sorted(set(analyse(question))), "|", *asked, "|", *sorted(small)])


def _keys(question: str) -> tuple[str, str]:
    """What a validated answer of a question is found by: a hash, and what it was before there was one."""
    return digest(key(question)), key(question)


def digest(text: str) -> str:
    """The hash of a passage's text: SHA-256, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def proposed(exchange: Exchange) -> str:
    """The text of an exchange as it may be validated: whether it is stale is said on the day it is served."""
    return _tidy(exchange.text.replace(texts.STALE, ""))


class Reviews:
    """The reviews and validated answers of one database. Safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- verdicts

    def save(
        self,
        exchange: Exchange,
        verdicts: Sequence[SentenceVerdict | None],
        comment: str,
        correction: str,
        reviewer: str,
        role: str,
        seen: str | None = None,
    ) -> Review:
        """Keep what a member says of an exchange; the latest review replaces the one before.

        Args:
            verdicts: one a sentence of the exchange; those that lack are not judged.
            correction: the answer as it should be; empty when it is right.
            reviewer: login.
            seen: the `revision` of the review that the member had in sight, empty for none; None: whichever it was.

        Raises:
            Overtaken: the exchange was reviewed since, by a colleague or in another tab.
        """
        mask = self._database.masker.mask
        judged = (*verdicts, *[None] * len(exchange.sentences))[: len(exchange.sentences)]
        row = _ReviewRow(
            exchange_id=exchange.id,
            verdicts=[verdict and str(verdict) for verdict in judged],
            comment=mask(comment.strip()[:COMMENT_LIMIT]),
            reviewer=reviewer,
            role=role,
            created=now(),
            correction=mask(_tidy(correction.replace(texts.STALE, ""))[:CORRECTION_LIMIT]),
        )
        with self._database.session() as session:
            there = session.scalar(select(_ReviewRow).where(_ReviewRow.exchange_id == exchange.id))
            if seen is not None and there and _review(there).revision != seen:
                raise Overtaken(texts.REVIEW_OVERTAKEN.format(reviewer=there.reviewer))
            session.execute(delete(_ReviewRow).where(_ReviewRow.exchange_id == exchange.id))
            session.add(row)
            mark_checked(session, exchange.id)
            session.flush()
            return _review(row)

    def get(self, exchange_id: int) -> Review | None:
        """The review of an exchange, if there is one."""
        with self._database.session() as session:
            row = session.scalar(select(_ReviewRow).where(_ReviewRow.exchange_id == exchange_id))
            return _review(row) if row else None

    def among(self, exchange_ids: Collection[int]) -> dict[int, Review]:
        """The reviews of some exchanges, by exchange."""
        with self._database.session() as session:
            rows = session.scalars(select(_ReviewRow).where(_ReviewRow.exchange_id.in_(exchange_ids)))
            return {row.exchange_id: _review(row) for row in rows}

    # -- validated answers

    def validate(self, exchange: Exchange, passages: Iterable[Passage], validator: str, role: str) -> Reference:
        """Make an exchange's answer, as corrected, the reference for its question; it replaces the one before.

        Args:
            passages: those of the published version: the answer must rest on them.
            validator: login.

        Raises:
            NotValidated: a figure that no cited passage carries, a sentence judged wrong and not corrected, a source
                that changed, or no source at all.
        """
        review = self.get(exchange.id)
        answer = _validated(exchange, review, list(passages), role)
        row = _ReferenceRow(
            exchange_id=exchange.id,
            key=digest(key(answer.question)),
            question=answer.question,
            text=answer.text,
            sentences=[sentence.as_dict() for sentence in answer.sentences],
            citations=[asdict(citation) for citation in answer.citations],
            validator=validator,
            role=role,
            validated=answer.validated,
            state=str(ReferenceState.ACTIVE),
            changed=answer.validated,
            reason="",
        )
        with self._database.session() as session:
            same = (
                _ReferenceRow.key.in_(_keys(answer.question)),
                _ReferenceRow.state.in_((ReferenceState.ACTIVE, ReferenceState.EXPIRED)),
            )
            session.execute(update(_ReferenceRow).where(*same).values(state=str(ReferenceState.REPLACED), changed=now()))
            session.add(row)
            session.flush()
            return _reference(row)

    def withdraw(self, reference_id: int, reason: str = "") -> bool:
        """Stop serving a validated answer, or take it off the list to review; True when it was there."""
        with self._database.session() as session:
            row = session.get(_ReferenceRow, reference_id)
            if row is None or row.state not in (ReferenceState.ACTIVE, ReferenceState.EXPIRED):
                return False
            row.state, row.changed = str(ReferenceState.WITHDRAWN), now()
            row.reason = self._database.masker.mask(reason.strip()[:COMMENT_LIMIT])
            return True

    def reference(self, reference_id: int) -> Reference | None:
        """One validated answer."""
        with self._database.session() as session:
            row = session.get(_ReferenceRow, reference_id)
            return _reference(row) if row else None

    def erase(self, reference_id: int) -> bool:
        """Delete a validated answer, which is no longer served; True when it was there."""
        with self._database.session() as session:
            return bool(changed(session, delete(_ReferenceRow).where(_ReferenceRow.id == reference_id)))

    def forget(self) -> int:
        """Take the asker's words out of the validated answers whose exchange is no longer kept, and its reviews with it.

        Those that are no longer served go altogether. Returns how many answers lost their words or went.
        """
        if not self._database.keeps:
            return 0
        kept = exchanges_kept()
        with self._database.session() as session:
            session.execute(delete(_ReviewRow).where(_ReviewRow.exchange_id.not_in(kept)))
            orphans = select(_ReferenceRow).where(_ReferenceRow.exchange_id.not_in(kept), _ReferenceRow.question != "")
            found = list(session.scalars(orphans))
            for row in found:
                if row.state in (ReferenceState.ACTIVE, ReferenceState.EXPIRED):
                    row.key, row.question = row.key if _DIGEST.fullmatch(row.key) else digest(row.key), ""
                else:
                    session.delete(row)
            return len(found)

    def references(self, limit: int = LISTED) -> list[Reference]:
        """Validated answers: those to review, those served, then the others; the latest first."""
        rows = select(_ReferenceRow).order_by(_ReferenceRow.id.desc()).limit(limit)
        with self._database.session() as session:
            found = [_reference(row) for row in session.scalars(rows)]
        order = [ReferenceState.EXPIRED, ReferenceState.ACTIVE, ReferenceState.WITHDRAWN, ReferenceState.REPLACED]
        return sorted(found, key=lambda reference: order.index(reference.state))

    def of(self, exchange_id: int) -> Reference | None:
        """The latest validated answer made from an exchange."""
        rows = select(_ReferenceRow).where(_ReferenceRow.exchange_id == exchange_id).order_by(_ReferenceRow.id.desc()).limit(1)
        with self._database.session() as session:
            row = session.scalar(rows)
            return _reference(row) if row else None

    def find(self, question: str) -> ValidatedAnswer | None:
        """The validated answer that serves for a standalone question; None also when the database fails, which is logged.

        A database that fails never costs the asker an answer.
        """
        if not self._database.keeps:
            return None
        wanted = select(_ReferenceRow).where(_ReferenceRow.key.in_(_keys(question)), _ReferenceRow.state == ReferenceState.ACTIVE)
        try:
            with self._database.session() as session:
                row = session.scalar(wanted.order_by(_ReferenceRow.id.desc()).limit(1))
                return _answer(row) if row else None
        except DatabaseUnavailable:
            log.exception("Validated answers could not be read; the computed answer is given.")
            return None

    def compare(self, passages: Iterable[Passage]) -> int:
        """Withdraw every validated answer of which the published version lacks a passage; returns how many it withdrew.

        Those that were withdrawn so and have all their passages again are served again.
        """
        if not self._database.keeps:
            return 0
        held = {(passage.document, digest(passage.text)) for passage in passages}
        documents = {document for document, _ in held}
        count = 0
        with self._database.session() as session:
            followed = _ReferenceRow.state.in_((ReferenceState.ACTIVE, ReferenceState.EXPIRED))
            for row in session.scalars(select(_ReferenceRow).where(followed)):
                lacking = [c for c in row.citations if (c["document"], c["digest"]) not in held]
                if bool(lacking) != (row.state == ReferenceState.EXPIRED):
                    row.state, row.changed = str(ReferenceState.EXPIRED if lacking else ReferenceState.ACTIVE), now()
                    count += bool(lacking)
                row.reason = _lost(lacking, documents)
        return count


# -- what a validated answer is made of ----------------------------------------------------------


def _validated(exchange: Exchange, review: Review | None, passages: list[Passage], role: str) -> ValidatedAnswer:
    """The answer that may serve again; raises as `Reviews.validate`."""
    correction = review.correction if review else ""
    wrong = {verdict for verdict in review.verdicts if verdict} - {SentenceVerdict.SUPPORTED} if review else set()
    if wrong and not correction:
        raise NotValidated(texts.REVIEW_UNCORRECTED)
    if not analyse(exchange.standalone_question):
        raise NotValidated(texts.REVIEW_NO_QUESTION)
    if exchange.status != Status.ANSWERED and not correction:
        raise NotValidated(texts.REVIEW_NO_ANSWER)
    text = correction or proposed(exchange)
    markers = {int(marker) for marker in _MARKER.findall(text)}
    known = {int(citation["marker"]): citation for citation in exchange.citations}
    if not markers:
        raise NotValidated(texts.REVIEW_NO_SOURCE)
    if unknown := sorted(markers - known.keys()):
        listed = ", ".join(f"[{number}]" for number in sorted(known))
        raise NotValidated(texts.REVIEW_UNKNOWN_MARKER.format(marker=unknown[0], known=listed))
    cited = tuple(_cited(known[marker], passages, whole=bool(correction)) for marker in sorted(markers))
    said = _sentences(text, exchange, corrected=bool(correction))
    _refuse_foreign_figures(text, said, cited)
    return ValidatedAnswer(exchange.standalone_question, text, said, cited, now(), role)


def _cited(citation: Mapping[str, Any], passages: Iterable[Passage], whole: bool) -> CitedText:
    """The passage of the published version that a citation of the exchange stands in."""
    document, quote = str(citation["document"]), str(citation["quote"])
    near = [passage for passage in passages if passage.document == document and quote and quote in passage.text]
    found = next((p for p in near if p.section == citation.get("section")), near[0] if near else None)
    if found is None:
        raise NotValidated(texts.REVIEW_SOURCE_CHANGED.format(marker=citation["marker"], title=citation.get("title") or document))
    # A correction may use any sentence of the passage: all of it is then what is cited.
    return CitedText(int(citation["marker"]), document, digest(found.text), found.text, found.text if whole else quote)


def _sentences(text: str, exchange: Exchange, corrected: bool) -> tuple[Sentence, ...]:
    """The sentences of an answer; each of a correction cites all the markers of its paragraph."""
    if not corrected:
        return tuple(Sentence(str(s["text"]), tuple(s["citations"]), Support(s["support"])) for s in exchange.sentences)
    found = []
    for paragraph in filter(None, map(str.strip, text.split("\n"))):
        own = tuple(int(marker) for marker in _MARKER.findall(paragraph))
        plain = _MARKER.sub("", paragraph).removeprefix("- ").strip()
        found += [Sentence(plain[start:end], own) for start, end in sentences(plain)]
    return tuple(found)


def _refuse_foreign_figures(text: str, said: Sequence[Sentence], cited: Sequence[CitedText]) -> None:
    """Each figure must stand in what its own sentence cites; one outside every sentence, in any source."""
    sources = {citation.marker: citation.text for citation in cited}
    for part, markers in [*((s.text, s.citations) for s in said if s.citations), (text, tuple(sources))]:
        source = "\n".join(sources[marker] for marker in markers if marker in sources)
        if foreign := grounding.unsupported_figures(part, source):
            shown = next(_as_written(figure) for figure in figures(_MARKER.sub("", part)) if figure.value in foreign)
            raise NotValidated(texts.REVIEW_FIGURE.format(figure=shown, markers=", ".join(f"[{m}]" for m in markers)))


def _as_written(figure: Figure) -> str:
    """« 45 000 € » as people read it."""
    return "\u00a0".join(filter(None, [readable(figure.value), figure.unit]))


def _lost(citations: Sequence[Mapping[str, Any]], documents: Collection[str]) -> str:
    """Why a validated answer is withdrawn, in words."""
    lines = []
    for citation in citations:
        line = texts.REVIEW_CHANGED if citation["document"] in documents else texts.REVIEW_GONE
        lines.append(line.format(marker=citation["marker"], document=citation["document"]))
    return " ".join(dict.fromkeys(lines))


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


# -- rows ----------------------------------------------------------------------------------------


class _ReviewRow(Table):
    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(ForeignKey("exchanges.id", ondelete="CASCADE"), unique=True)
    verdicts: Mapped[list[str | None]] = mapped_column(JSON)
    comment: Mapped[str]
    correction: Mapped[str]
    reviewer: Mapped[str]
    role: Mapped[str]
    created: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class _ReferenceRow(Table):
    __tablename__ = "validated_answers"
    __table_args__ = (Index("ix_validated_key", "key", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    exchange_id: Mapped[int] = mapped_column(index=True)  # no foreign key: it outlives the exchange's retention
    key: Mapped[str]
    question: Mapped[str]
    text: Mapped[str]
    sentences: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    citations: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    validator: Mapped[str]
    role: Mapped[str]
    validated: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    state: Mapped[str]
    changed: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str]


def _review(row: _ReviewRow) -> Review:
    verdicts = tuple(SentenceVerdict(verdict) if verdict else None for verdict in row.verdicts)
    return Review(row.exchange_id, verdicts, row.comment, row.correction, row.reviewer, row.role, utc(row.created))


def _answer(row: _ReferenceRow) -> ValidatedAnswer:
    said = tuple(Sentence(str(s["text"]), tuple(s["citations"]), Support(s["support"])) for s in row.sentences)
    cited = tuple(CitedText(**citation) for citation in row.citations)
    return ValidatedAnswer(row.question, row.text, said, cited, utc(row.validated), row.role)


def _reference(row: _ReferenceRow) -> Reference:
    return Reference(
        row.id, row.exchange_id, _answer(row), row.validator, ReferenceState(row.state), utc(row.changed), row.reason
    )
