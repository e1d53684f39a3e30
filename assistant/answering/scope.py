"""What the assistant declines: what it is not to do, and what is of another matter unless the base speaks of it.

What a message is, a learned classifier says (`classifiers`); what the base holds of it, the search (`find`). Knows nothing of
how a refusal is worded or shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answering.answer import Status
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import NEVER, UNLESS_FOUND
from assistant.answering.find import Finding
from assistant.answering.message import Message


def is_declined(message: Message, findings: Sequence[Finding], bounds: Bounds = BOUNDS) -> bool:
    """Whether a message is declined, from what it is and what was found for each of its questions."""
    probability = message.acts.get(message.act, 0.0)
    if message.act in NEVER:
        return probability >= _bound(findings, bounds)
    return message.act in UNLESS_FOUND and probability >= bounds.other_matter and not _speaks_of_it(findings, bounds)


def _bound(findings: Sequence[Finding], bounds: Bounds) -> float:
    """The probability from which a message that is never answered (`NEVER`) is declined.

    The more the base has found, the higher. The highest for a follow-up, whose words alone say little, and for raw documents,
    which were put in the base to be asked about.
    """
    found = {finding.status for finding in findings}
    follows = any(finding.reading.document for finding in findings)
    if follows or Status.ANSWERED in found or not _on_fiches(findings):
        return bounds.never_answered
    return bounds.never_partial if Status.PARTIAL in found else bounds.never_not_found


def _speaks_of_it(findings: Sequence[Finding], bounds: Bounds) -> bool:
    """Whether the base speaks of what is asked.

    A fiche must surely answer: it is about the programme, and what is asked is probably not. Of a raw document, a passage that is
    near enough to be shown is enough. In a conversation, what the question before finds does not count: « y aura de la neige en
    février ? » after a question on a convention finds the convention again.
    """
    follows = any(finding.reading.context for finding in findings)
    if _on_fiches(findings):
        if follows:
            return any(not finding.is_of_the_last_question(bounds) for finding in findings)
        return any(finding.probability >= bounds.other_found for finding in findings)
    return follows or any(finding.status is not Status.NOT_FOUND for finding in findings)


def _on_fiches(findings: Sequence[Finding]) -> bool:
    return all(finding.hits[0].passage.is_fiche for finding in findings if finding.hits)
