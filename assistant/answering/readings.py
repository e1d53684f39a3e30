"""A message in its conversation → what it may mean: candidate readings, which the search then tells apart.

« et le plafond ? » may ask of the subject before, ask the last question of something else, or open a new subject. Each
reading is searched, and `reading_choice` takes the one whose passage answers best; nothing is decided here. Pure: words and rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import Act
from assistant.answering.message import Message
from assistant.answering.question import in_digits
from assistant.answering.replacement import ACTOR_NAMES, amount_replaced, replaced
from assistant.answering.scheme_names import named, short_name
from index.figures import figures
from index.french import content_words, fold, words


class ReadingKind(StrEnum):
    """What a reading takes from the conversation."""

    ALONE = "alone"  # nothing: a question of its own
    TOLD = "told"  # what the message itself tells besides its question
    CORE = "core"  # the clause that asks is searched, the others only lend it their words
    SUBJECT = "subject"  # the subject of the last turn
    ASKED = "asked"  # … and the words of its question
    EARLIER = "earlier"  # the subject of a turn before it
    NEARER = "nearer"  # the words of the last question, without its subject: « et où ça ? » after « quand a-t-il été lancé ? »
    REPLACED = "replaced"  # the last question, what the message names in the place of its like
    PROPOSED = "proposed"  # whatever a proposer takes: the question in other words, readable alone


@dataclass(frozen=True)
class Reading:
    """One thing that a message may mean."""

    kind: ReadingKind
    text: str  # readable alone, shown to the asker
    typed: str  # the words of the message that are searched
    context: str = ""  # inherited words, which weigh less
    document: str = ""  # the document it would be about


@dataclass(frozen=True)
class Turn:
    """A past exchange, as far as the next message may refer to it."""

    question: str
    reading: Reading  # what it was taken to mean
    document: str = ""  # path of the document that answered, empty when none did
    subject: str = ""  # its name, as people say it
    answered: bool = False
    searched: bool = False  # « merci », a joke or an insult leave no subject to what follows
    computed: bool = False  # a sum was answered: « et sur trois ans ? » is about it


class ReadingProposer(Protocol):
    """Says a question that follows others as it reads alone; one more candidate, searched like the others."""

    def propose(self, question: str, turns: Sequence[Turn]) -> str:
        """The question readable alone; empty for none."""


# What the words of a message say of the conversation: evidence for `reading_choice`, never a verdict.
_LEANING = ("opening", "anaphora", "bare", "short", "corrects")  # signs that a message takes something from it
_OPENING = re.compile(r"^(?:et|mais|dont|puis|alors|donc|sinon|meme|aussi|pareil|idem|avec|sans|pour)\b")
_ANAPHORA = re.compile(
    r"\b(?:il|elle|ils|elles|ca|cela|lui|celui|celle|ceux|celles|lequel|laquelle|son|sa|ses|leur|leurs|y|en|dedans|la-dessus)\b|"
    r"\b(?:ce|cet|cette|ces) (?!que?\b)[a-z]+"
)
_DEFINITE = re.compile(r"(?:l[ea]s?\s|l['’]|quel(?:le)?s? (?:est|sont) l)", re.I)
_SWITCH = re.compile(
    r"^(?:autre (?:sujet|question|chose)|derniere (?:chose|question)|nouvelle question|changeons de sujet|rien a voir)\b[\s,:.;-]*"
)
# « non pardon je voulais dire du chef de projet », « … du chef de projet, pardon »: what is left names what was meant.
_CORRECTING = re.compile(
    r"^(?:(?:non|nan|pardon|desolee?|oups|euh|erreur|mais|en fait|enfin|plutot|je me suis trompee?)\b[\s,.;:!-]*)*"
    r"(?:(?:je|on) (?:parl(?:ais?|e)|vou(?:lais?|lait) (?:dire|parler|savoir)|pens(?:ais?|e)|demand(?:ais?|e)|veux dire)\b\s*)?"
    r"(?:plutot\s*)?(?:(?:pas|de la|de l'|du|des|de|d'|a la|a l'|a|au|aux|sur|pour)(?=\W|\b)\s*)?"
)
_CORRECTS = re.compile(
    r"(?:non|nan|pardon|desolee?|oups|erreur|en fait|plutot)\b|(?:je|on) (?:parlais?|voulais? (?:dire|parler)|pensais?|demandais?|veux dire)\b"
)
_LEADING = re.compile(r"^(?:et|mais|dont|puis|alors|donc|ou|sinon|meme|aussi|pareil)\b[\s,]*", re.I)
_DENIED = re.compile(r"\bpas (?:à |de |les )?\d[\d\s.]*(?:€|euros?|k€?|mille)?[\s,;]*", re.I)  # « pas 40 000, 44 000 »


def readings(
    message: Message,
    text: str,
    turns: Sequence[Turn],
    names: Collection[str] = (),
    bounds: Bounds = BOUNDS,
    proposer: ReadingProposer | None = None,
) -> list[Reading]:
    """What one question of a message may mean, a question of its own first.

    Args:
        message: as read.
        text: the question among `message.questions`, in normal spelling (after `spelling`).
        turns: the conversation before it.
        names: folded names of dispositifs (« vta », « fonds vert »…).
        proposer: asked for one more, when the words of the message lean on the conversation.
    """
    typed = text.strip()
    switch = _SWITCH.match(fold(typed))
    typed = (typed[switch.end() :] or typed) if switch else typed
    candidates = [Reading(ReadingKind.ALONE, typed, typed)]
    if message.context:
        candidates.append(Reading(ReadingKind.TOLD, typed, typed, context=message.context))
    past = [turn for turn in turns if turn.searched]
    if switch or not past:
        return candidates
    last = past[-1]
    before = last.reading
    # « C'est sûr ? » asks again; « on nous avait parlé de 20 000, c'est faux ? » asks of a figure of its own.
    is_short = len(content_words(typed)) <= bounds.few and not figures(in_digits(typed, 2))
    doubts = is_short and message.act in (Act.CHALLENGE, Act.REPEAT)
    if doubts or words(message.typed) == words(last.question):  # asked again, a question means what it meant
        return [before]
    candidates += _on_subjects(typed, past, bounds.subjects)
    if again := _replacing(typed, last, names, bounds.few):
        candidates.append(again)
    if proposer and any(signs(typed, names, bounds)[sign] for sign in _LEANING):
        proposed = proposer.propose(typed, turns)
        if proposed and words(proposed) != words(typed):
            candidates.append(Reading(ReadingKind.PROPOSED, proposed, proposed))
    return candidates


def _replacing(typed: str, last: Turn, names: Collection[str], few: int) -> Reading | None:
    """The last question with what the message names in the place of its like, « et pour un VTA ? »; None when nothing is."""
    before, typed = last.reading, _DENIED.sub("", typed)
    rest = corrected(typed) or typed
    previous = before.text if not before.context else before.typed
    if question := replaced(_LEADING.sub("", rest).strip(" ?!."), previous.rstrip(" ?!."), names, rest != typed, few):
        stays = not set(named(rest, names)) - set(named(previous, names))  # no other dispositif is named: same subject
        shown = f"{question} ({short_name(last.subject)}) ?" if before.context and stays else f"{question} ?"
        return Reading(ReadingKind.REPLACED, shown, question, before.context if stays else "", last.document if stays else "")
    # The amount may stand beside what was asked: « Notre poste coûte 40 000 €. Quelle aide ? ».
    if question := amount_replaced(rest, last.question.rstrip(" ?!."), few):
        return Reading(ReadingKind.REPLACED, f"{question} ?", question, document=last.document)
    return None


def _on_subjects(typed: str, past: Sequence[Turn], most: int) -> list[Reading]:
    """The readings of a message that take a subject from the conversation: each recent one, the last first.

    Also the last question's words without its subject: « et où ça ? » after « quand a-t-il été lancé ? » is on the launch.
    """
    last, shown = past[-1], typed.rstrip(" ?!.")
    candidates = []
    subjects = dict.fromkeys((turn.document, turn.subject) for turn in reversed(past) if turn.document)
    for number, (document, subject) in enumerate(list(subjects)[:most]):
        turn = next(turn for turn in reversed(past) if turn.document == document)
        kind = ReadingKind.SUBJECT if number == 0 and turn is last else ReadingKind.EARLIER
        readable = f"{shown} ({short_name(subject)}) ?"
        candidates.append(Reading(kind, readable, typed, subject, document))
        if kind is ReadingKind.SUBJECT:
            candidates.append(
                Reading(ReadingKind.ASKED, readable, typed, _joined(subject, turn.reading.typed.rstrip(" ?!.")), document)
            )
    told = last.reading.kind is ReadingKind.TOLD
    if content_words(last.reading.typed) and last.document:
        candidates.append(
            Reading(
                ReadingKind.NEARER,
                f"{shown} ({short_name(last.subject)}) ?",
                typed,
                f"{last.reading.context} {last.reading.typed}".strip(" ?!.") if told else last.reading.typed.rstrip(" ?!."),
                last.document,
            )
        )
    elif not last.document:  # nothing was found for the last question: this one may still be about it
        last_question = _joined(last.reading.context, last.reading.typed.rstrip(" ?!."))
        candidates.append(Reading(ReadingKind.NEARER, f"{shown} ({last_question}) ?", typed, last_question))
    return candidates


def signs(message: str, names: Collection[str] = (), bounds: Bounds = BOUNDS) -> dict[str, float]:
    """What the words of a message say of the conversation, each 0 or 1.

    opening: it opens with « et », « mais », « avec »…; anaphora: it has a pronoun or a possessive (« elle », « ce dispositif »);
    definite: it opens with « le », « quel est le »; names: it names a dispositif; bare: it says nearly nothing beside that name;
    short, long: by content words; corrects: « non, je parlais de… ».
    """
    plain = fold(message).strip(" ?!.")
    own, subject = content_words(plain), named(plain, names)
    others = [word for word in own if word not in {w for name in subject for w in name.split()}]
    return {
        "opening": float(bool(_OPENING.match(plain))),
        "anaphora": float(bool(_ANAPHORA.search(plain))),
        "definite": float(bool(_DEFINITE.match(message.strip()))),
        "names": float(bool(set(subject) - ACTOR_NAMES)),
        "bare": float(len(others) < bounds.tells),
        "short": float(len(own) < bounds.few),
        "long": float(len(own) > 2 * bounds.few),
        "corrects": float(bool(corrected(message))),
    }


def leans(text: str) -> bool:
    """Whether a text goes on with the one before it, by its first words: « Cette aide… », « Mais elle… »."""
    opening = " ".join(words(text)[:2])
    return bool(_OPENING.match(opening) or _ANAPHORA.search(opening))


def corrected(message: str) -> str:
    """What a correction says was meant, « chef de projet »; empty for a message that corrects nothing."""
    plain = fold(message)
    found = _CORRECTING.match(plain)
    if not found or not _CORRECTS.match(plain):
        return ""
    return message[found.end() :].strip(" ,.;:!") if len(plain) == len(message) else plain[found.end() :].strip(" ,.;:!")


def _joined(subject: str, previous: str) -> str:
    """Two texts one after the other, without the first when the second begins with it."""
    return previous.strip() if previous.strip().startswith(subject) else f"{subject} {previous}".strip()
