"""What somebody may ask of their own words: to read all that is kept of them, to have them erased; and what is erased in time.

One exchange, one validated answer, one question put to the team: as data, or gone with all that hangs on it. `purge` does
the same of whatever is past its retention. Knows the records; nothing of links, pages or who may ask.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from assistant.records.database import Database
from assistant.records.journal import Exchange, Journal
from assistant.records.reviews import Reference, Reviews
from assistant.records.team_questions import TeamQuestion, TeamQuestions

PURGE_EVERY = timedelta(minutes=15)


@dataclass(frozen=True)
class Purged:
    """How much went."""

    exchanges: int
    questions: int  # put to the team
    answers: int  # validated, that lost the asker's words or went


class Rights:
    """The rights over what one database keeps. Safe to share between threads.

    Methods raise DatabaseUnavailable when the database fails.
    """

    def __init__(self, database: Database, retention_days: int = 365) -> None:
        self.retention_days, self._database = retention_days, database
        self.journal, self.questions = Journal(database, retention_days), TeamQuestions(database, retention_days)
        self.reviews = Reviews(database)

    def purge(self) -> Purged:
        """Erase what is past its retention, the asker's words of validated answers too."""
        purged = Purged(self.journal.purge(), self.questions.purge(), self.reviews.forget())
        self._database.settle()
        return purged

    # -- an exchange

    def exported_exchange(self, exchange: Exchange) -> dict[str, Any]:
        """All that is kept of an exchange."""
        review, reference = self.reviews.get(exchange.id), self.reviews.of(exchange.id)
        return {
            "echange": {
                "date": exchange.created.isoformat(),
                "conversation": exchange.conversation,
                "porte": exchange.origin or "page",
                "question": exchange.question,
                "comprise_comme": exchange.standalone_question,
                "statut": exchange.status,
                "reponse": exchange.text,
                "sources": exchange.citations,
                "version": exchange.index_version,
                "millisecondes": exchange.milliseconds,
            },
            "avis": [
                {"date": one.created.isoformat(), "valeur": one.value, "motifs": list(one.reasons), "commentaire": one.comment}
                for one in exchange.feedback
            ],
            "verification": {
                "date": review.created.isoformat(), "verdicts": review.verdicts, "commentaire": review.comment,
                "correction": review.correction,
            } if review else None,
            "reponse_validee": _reference(reference) if reference else None,
        }  # fmt: skip

    def erase_exchange(self, exchange_id: int) -> bool:
        """Erase an exchange, its opinions and reviews, and its words in the answer validated from it; True when it was there."""
        erased = self.journal.erase(exchange_id)
        self.reviews.forget()
        self._database.settle()
        return erased

    # -- a validated answer

    def erase_reference(self, reference_id: int) -> bool:
        """Erase a validated answer, which is no longer given; True when it was there."""
        erased = self.reviews.erase(reference_id)
        self._database.settle()
        return erased

    def exported_reference(self, reference: Reference) -> dict[str, Any]:
        """All that is kept of a validated answer."""
        return {"reponse_validee": _reference(reference)}

    # -- a question put to the team

    def erase_question(self, question_id: int) -> bool:
        """Erase a question and its answer; True when it was there."""
        erased = self.questions.erase(question_id)
        self._database.settle()
        return erased

    def exported_question(self, question: TeamQuestion) -> dict[str, Any]:
        """All that is kept of a question put to the team; not who answered."""
        return {
            "question_a_l_equipe": {
                "date": question.created.isoformat(),
                "question": question.question,
                "comprise_comme": question.understood,
                "statut": question.status,
                "etat": str(question.state),
                "reponse": question.text,
                "sources": list(question.sources),
                "repondue": question.settled.isoformat() if question.settled else None,
                "effacee": question.until.isoformat(),
            }
        }


def _reference(reference: Reference) -> dict[str, Any]:
    answer = reference.answer
    return {
        "question": answer.question,
        "reponse": answer.text,
        "sources": [asdict(citation) for citation in answer.citations],
        "validee": answer.validated.isoformat(),
        "etat": str(reference.state),
        "motif": reference.reason,
    }
