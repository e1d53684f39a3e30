"""What the assistant declines: what it is not to do, and what is of another matter unless the base speaks of it.

What a message is, a learned classifier says (`classifiers`); what the base holds of it, the search (`find`). Knows nothing of
how a refusal is worded or shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.answer import Status
from assistant.answering.classifiers import NEVER, UNLESS_FOUND, Act
from assistant.answering.find import Finding
from assistant.answering.message import Message

# Probability from which what is never done is declined: when the base has nothing, something near, an answer.
_BOUNDS = {Status.NOT_FOUND: 0.75, Status.PARTIAL: 0.9, Status.ANSWERED: 0.97}
_STRICT = {Status.NOT_FOUND: 0.5, Status.PARTIAL: 0.6, Status.ANSWERED: 0.75}
_OF_ANOTHER_MATTER = 0.7  # … and what is of another matter
_FOUND = 0.6  # probability of a passage from which what a message looks like no longer counts
_UNHEARD = 0.25  # share of a question's words that the base has not, from which it does not speak of its matter


def is_declined(message: Message, findings: Sequence[Finding]) -> bool:
    """Whether a message is declined, from what it is and what was found for each of its questions."""
    probability = message.acts.get(message.act, 0.0)
    if message.act in NEVER:
        return probability >= _bound(message.act, findings)
    return message.act in UNLESS_FOUND and probability >= _OF_ANOTHER_MATTER and not _speaks_of_it(findings)


def _bound(act: Act, findings: Sequence[Finding]) -> float:
    """The probability from which a message that is never answered (`NEVER`) is declined.

    The more the base has found, the higher. The highest for a follow-up, whose words alone say little, and for raw documents,
    which were put in the base to be asked about.
    """
    on_fiches = _on_fiches(findings)
    found = {finding.status for finding in findings}
    strict = act is Act.INJECTION or (act in (Act.PERSON, Act.DRAFTING) and on_fiches)
    bounds = _STRICT if strict and (on_fiches or Status.ANSWERED not in found) else _BOUNDS
    follows = any(finding.reading.document for finding in findings)
    if not on_fiches or (follows and not strict):
        return bounds[Status.ANSWERED]
    return bounds[next((status for status in (Status.ANSWERED, Status.PARTIAL) if status in found), Status.NOT_FOUND)]


def _speaks_of_it(findings: Sequence[Finding]) -> bool:
    """Whether the base speaks of what is asked.

    A fiche must surely answer: it is about the programme, and what is asked is probably not. Of a raw document, a passage that is
    near enough to be shown is enough. In a conversation, what the question before finds does not count: « y aura de la neige en
    février ? » after a question on a convention finds the convention again.
    """
    follows = any(finding.reading.context for finding in findings)
    if _on_fiches(findings):
        if follows:
            return any(not finding.is_of_the_last_question for finding in findings)
        return any(finding.probability >= _FOUND for finding in findings)
    heard = any(finding.evidence.unheard < _UNHEARD for finding in findings)
    return follows or heard or any(finding.status is not Status.NOT_FOUND for finding in findings)


def _on_fiches(findings: Sequence[Finding]) -> bool:
    return all(finding.hits[0].passage.is_fiche for finding in findings if finding.hits)
