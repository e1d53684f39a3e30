"""A message in its conversation → what it may mean: candidate readings, which the search then tells apart.

« et le plafond ? » may ask of the subject before, ask the last question of something else, or open a new subject. Each
reading is searched, and `reading_choice` takes the one whose passage answers best; nothing is decided here. Pure: words and rules.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import Act
from assistant.answering.message import Message
from index.figures import figures
from index.french import MONTHS, STOP_WORDS, fold, interrogatives, words


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


# What the words of a message say of the conversation: evidence for `reading_choice`, never a verdict.
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
_PREPOSITION = re.compile(r"^(en|dans|a|au|aux|par|pour|avec|sans|chez|sur)\b\s*")
# « en Occitanie », « dans le Calvados », « par l'Anah »: preposition, article, noun phrase.
_COMPLEMENT = re.compile(
    r"\b(en|dans|à|au|aux|a|par|pour|avec|sans|chez|sur)\s+((?:l[ea]s?\s|l['’]|un\s|une\s)?)([\w’'-]+(?:[ -](?:de|du|la|le|les|et|d['’]|l['’])?[ -]?[A-ZÀ-Ý][\w’'-]*)*)"
)
_KINDS = {
    "en": "place",
    "dans": "place",
    "a": "place",
    "à": "place",
    "au": "place",
    "aux": "place",
    "avec": "with",
    "sans": "with",
}
_CAPITALISED = re.compile(r"(?:(?:l[ea]s?|du|de la|des|de)\s+|l['’]|d['’])?[A-ZÀ-Ý][\w’'-]*(?:[ -][\w’'-]+){0,4}", re.UNICODE)
_NOW = re.compile(
    r"(?:et )?(?:maintenant|aujourd'hui|actuellement|a ce jour|a present|cette annee|(?:pour|en|depuis) (?:cette annee|ce moment|\d{4}))"
)
_WHEN = re.compile(rf"\s*\b(?:(?:en|fin|début|depuis|au|à la fin de|pour)\s+)?(?:(?:{'|'.join(MONTHS)})\s+)?(?:19|20)\d{{2}}\b")
# Who funds or decides: « et l'État ? » asks the last question of another of them.
_ACTORS = (
    "l'etat",
    "la banque des territoires",
    "l'anah",
    "l'anct",
    "la region",
    "le departement",
    "la prefecture",
    "l'ademe",
    "la caisse des depots",
    "l'europe",
    "la commune",
    "l'interco",
    "l'intercommunalite",
)
_ACTOR = re.compile("|".join(rf"\b{actor}\b" for actor in _ACTORS))
_ACTOR_NAMES = frozenset(" ".join(words(actor)) for actor in _ACTORS)
# The programme's own names: they can be replaced, yet naming them opens no new subject.
PROGRAMME = frozenset({"pvd", "petites villes de demain", "petite ville de demain", "programme", "le programme"})
_OPPOSITE = {"avec": "sans", "sans": "avec"}
_AMOUNT_SLOT = re.compile(r"\d[\d\s.,]*\d(?:\s?(?:€|euros?|k€?|mille|hab\w*))?|\d+")
_LASTING = re.compile(r"\d+ (?:ans?|annees?|mois|jours|semaines)\b")
_DENIED = re.compile(r"\bpas (?:à |de |les )?\d[\d\s.]*(?:€|euros?|k€?|mille)?[\s,;]*", re.I)  # « pas 40 000, 44 000 »
_YEAR = re.compile(r"(?:19|20)\d{2}")


def readings(
    message: Message, text: str, turns: Sequence[Turn], names: Collection[str] = (), bounds: Bounds = BOUNDS
) -> list[Reading]:
    """What one question of a message may mean, a question of its own first.

    Args:
        message: as read.
        text: the question among `message.questions`, in normal spelling (after `spelling`).
        turns: the conversation before it.
        names: folded names of dispositifs (« vta », « fonds vert »…).
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
    doubts = message.act in (Act.CHALLENGE, Act.REPEAT) and len(content(typed)) <= bounds.few and not figures(typed)
    if doubts or words(message.typed) == words(last.question):  # asked again, a question means what it meant
        return [before]
    candidates += _on_subjects(typed, past, bounds.subjects)
    if replaced := _replacing(typed, last, names, bounds.few):
        candidates.append(replaced)
    return candidates


def _replacing(typed: str, last: Turn, names: Collection[str], few: int) -> Reading | None:
    """The last question with what the message names in the place of its like."""
    before, typed = last.reading, _DENIED.sub("", typed)
    rest = corrected(typed) or typed
    previous = before.text if not before.context else before.typed
    if replaced := _replaced(_LEADING.sub("", rest).strip(" ?!."), previous.rstrip(" ?!."), names, rest != typed, few):
        stays = not set(named(rest, names)) - set(named(previous, names))
        shown = f"{replaced} ({short_name(last.subject)}) ?" if before.context and stays else f"{replaced} ?"
        return Reading(ReadingKind.REPLACED, shown, replaced, before.context if stays else "", last.document if stays else "")
    # The amount may stand beside what was asked: « Notre poste coûte 40 000 €. Quelle aide ? ».
    if replaced := _amount_replaced(rest, last.question.rstrip(" ?!."), few):
        return Reading(ReadingKind.REPLACED, f"{replaced} ?", replaced, document=last.document)
    return None


def _on_subjects(typed: str, past: Sequence[Turn], most: int) -> list[Reading]:
    """The message on each recent subject, the last first, and beside the words of the last question alone."""
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
    if content(last.reading.typed) and last.document:
        candidates.append(
            Reading(
                ReadingKind.NEARER,
                f"{shown} ({short_name(last.subject)}) ?",
                typed,
                last.reading.typed.rstrip(" ?!."),
                last.document,
            )
        )
    elif not last.document:  # nothing answered: what was asked may still be what this one is about
        last_question = _joined(last.reading.context, last.reading.typed.rstrip(" ?!."))
        candidates.append(Reading(ReadingKind.NEARER, f"{shown} ({last_question}) ?", typed, last_question))
    return candidates


def signs(message: str, names: Collection[str] = (), bounds: Bounds = BOUNDS) -> dict[str, float]:
    """What the words of a message say of the conversation, each 0 or 1."""
    plain = fold(message).strip(" ?!.")
    own, subject = content(plain), named(plain, names)
    others = [word for word in own if word not in {w for name in subject for w in name.split()}]
    return {
        "opening": float(bool(_OPENING.match(plain))),
        "anaphora": float(bool(_ANAPHORA.search(plain))),
        "definite": float(bool(_DEFINITE.match(message.strip()))),
        "names": float(bool(set(subject) - _ACTOR_NAMES)),
        "bare": float(len(others) < bounds.tells),
        "short": float(len(own) < bounds.few),
        "long": float(len(own) > 2 * bounds.few),
        "corrects": float(bool(corrected(message))),
    }


def corrected(message: str) -> str:
    """What a correction says was meant, « chef de projet »; empty for a message that corrects nothing."""
    plain = fold(message)
    found = _CORRECTING.match(plain)
    if not found or not _CORRECTS.match(plain):
        return ""
    return message[found.end() :].strip(" ,.;:!") if len(plain) == len(message) else plain[found.end() :].strip(" ,.;:!")


def named(text: str, names: Collection[str]) -> list[str]:
    """The names of dispositifs found in a text, longest first, without overlaps."""
    tokens = " " + " ".join(words(text)) + " "
    found = []
    for name in sorted(names, key=len, reverse=True):
        if f" {name} " in tokens:
            found.append(name)
            tokens = tokens.replace(f" {name} ", " | ")
    return found


def content(text: str) -> list[str]:
    """Content words of a text."""
    return [word for word in words(text) if word not in STOP_WORDS]


def short_name(subject: str) -> str:
    """« Opération de revitalisation de territoire (ORT) » → « ORT »: what people say."""
    acronym = re.search(r"\(([A-Z][\w+-]{1,14})\)$", subject)
    return acronym[1] if acronym else subject


def _joined(subject: str, previous: str) -> str:
    """Two texts one after the other, without the first when the second begins with it."""
    return previous.strip() if previous.strip().startswith(subject) else f"{subject} {previous}".strip()


def _replaced(rest: str, previous: str, names: Collection[str], corrects: bool, few: int) -> str | None:
    """`previous` with its name, amount, place or complement replaced by the one in `rest`, or None."""
    if fold(rest) in _OPPOSITE and (old := re.search(rf"\b{_OPPOSITE[fold(rest)]}\b", previous, re.I)):  # « puis avec ? »
        return f"{previous[: old.start()]}{rest.lower()}{previous[old.end() :]}"
    if _NOW.fullmatch(fold(rest)):
        return " ".join(f"{_WHEN.sub('', previous).strip(' ,')} {rest}".split())
    if replaced := _amount_replaced(rest, previous, few):
        return replaced
    if replaced := _complement_replaced(rest, previous, few, only_same=True):  # « pour un gymnase » for « pour l'école »
        return replaced
    return _name_replaced(rest, previous, names, corrects) or _complement_replaced(rest, previous, few)


def _name_replaced(rest: str, previous: str, names: Collection[str], corrects: bool) -> str | None:
    if fold(rest) in _ACTORS and (actor := _ACTOR.search(fold(previous))) and len(fold(previous)) == len(previous):
        return f"{previous[: actor.start()]}{rest}{previous[actor.end() :]}"
    new = named(rest, names)
    others = [word for word in content(rest) if word not in {w for name in new for w in name.split()}]
    if not new or len(others) > 1 or others and interrogatives(rest):  # « et pour ACV, combien de villes ? » asks by itself
        return None
    old = [name for name in named(previous, {*names, *PROGRAMME}) if name not in new]
    if set(new) <= _ACTOR_NAMES:  # who pays takes no scheme's place
        old = [name for name in old if name in PROGRAMME | _ACTOR_NAMES]
    if old:
        return _swap_words(previous, old[0], _PREPOSITION.sub("", rest))
    return f"{previous} {rest}" if corrects else None


def _complement_replaced(rest: str, previous: str, few: int, only_same: bool = False) -> str | None:
    """« et en Bretagne ? », « par l'État ? », « non, la Marne »: same question, another complement."""
    place = _CAPITALISED.fullmatch(rest)
    preposition = _PREPOSITION.match(fold(rest)) if len(fold(rest)) == len(rest) else None
    # « et dans la Marne elles sont combien ? » asks a question of its own.
    if not place and not preposition or len(content(rest)) > few or interrogatives(rest):
        return None
    slots = list(_COMPLEMENT.finditer(previous))
    if preposition:
        kind = _KINDS.get(preposition[1].strip(), preposition[1].strip())
        same = [slot for slot in slots if _KINDS.get(fold(slot[1]), fold(slot[1])) == kind]
        if same:  # « pour rénover l'école »: a purpose runs to the end
            tail = "" if kind == "pour" else previous[same[-1].end() :]
            return previous[: same[-1].start()] + rest + tail
        return f"{previous} {rest}" if not only_same and (not place or kind != "place") else None
    placed = [slot for slot in slots if _KINDS.get(fold(slot[1])) == "place" and slot[3][:1].isupper()]
    if placed:
        article = "" if re.match(r"(?:l[ea]s?|l['’])\b", rest, re.I) else placed[-1][2]
        return previous[: placed[-1].start(2)] + article + rest + previous[placed[-1].end() :]
    return None


def _amount_replaced(rest: str, previous: str, few: int) -> str | None:
    """« et pour un poste à 50 000 ? » after « un poste à 60 000 € » asks the same with 50 000."""
    amounts, slots = list(_AMOUNT_SLOT.finditer(rest)), list(_AMOUNT_SLOT.finditer(previous))
    years = [bool(_YEAR.fullmatch(found[0].strip())) for found in (*amounts, *slots)]  # « début 2021 » is no « 1000 cafés »
    lasts = _LASTING.search(fold(rest))  # « et sur 2 ans ? » replaces no amount
    if len(amounts) == 1 and len(slots) == 1 and not lasts and years[0] == years[1] and len(content(rest)) <= few:
        return f"{previous[: slots[0].start()]}{amounts[0][0].strip()} {previous[slots[0].end() :].lstrip()}".rstrip()
    return None


def _swap_words(previous: str, old: str, rest: str) -> str:
    # Names are kept without their elided words: « territoires industrie » is « territoires d'industrie ».
    between = r"[\W_]+(?:[dl]['’])?"
    pattern = r"(?:\b(?:le|la|les|un|une|du|de la|des|de)\s+|\b[dl]['’])?\b" + between.join(map(re.escape, old.split())) + r"\b"
    match = re.search(pattern, fold(previous))
    if not match or len(fold(previous)) != len(previous):
        return f"{rest} — {previous}"
    named = _contracted(rest) if re.match(r"d(?:u|es|e)?\b", match[0]) else rest
    return f"{previous[: match.start()]}{named} {previous[match.end() :].lstrip()}".strip()


def _contracted(rest: str) -> str:
    """« le Denormandie » → « du Denormandie », « l'ORT » → « de l'ORT », « Attigny » → « d'Attigny »."""
    for article, contracted in (("les ", "des "), ("le ", "du ")):
        if rest.lower().startswith(article):
            return contracted + rest[len(article) :]
    return f"d'{rest}" if fold(rest)[:1] in "aeiouyh" else f"de {rest}"
