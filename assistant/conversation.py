"""A follow-up → a standalone question. Pure: words and rules, no search, no model.

A follow-up takes its subject from the conversation; a new subject does not inherit the old one;
« merci » and « bonjour » are recognised as such. `Standalone.context` holds the words inherited
from earlier turns, so that search can weigh them below the words just typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.french import STOP_WORDS, fold, interrogatives, words


class Move(StrEnum):
    """What a message does in the conversation."""

    NEW = "new"
    FOLLOW_UP = "follow_up"
    CORRECTION = "correction"
    CHALLENGE = "challenge"  # « vous êtes sûr ? »
    REPEAT = "repeat"  # the same question again
    GREETING = "greeting"
    THANKS = "thanks"


@dataclass(frozen=True)
class Turn:
    """A past exchange, as far as the next question may refer to it."""

    question: str
    standalone: str
    document: str = ""  # path of the document that answered, empty when none did
    subject: str = ""  # its name, as people say it
    context: str = ""  # words this turn itself inherited
    answered: bool = False


@dataclass(frozen=True)
class Standalone:
    """A question that can be understood alone."""

    text: str  # readable, shown to the asker
    move: Move
    typed: str  # the part of the message that asks, courtesies removed
    context: str = ""  # inherited words, empty for a new subject
    document: str = ""  # the document the conversation is about


_COURTESY = re.compile(
    r"^(?:\s*(?:bonjour|bonsoir|salut|hello|coucou|(?:non,? )?merci(?: beaucoup| bien)?|ok|d'accord|parfait|super|tres bien|s'il (?:vous|te) pla[iî]t|svp|stp|"
    r"madame|monsieur|pardon|desolee?|désolée?|oups|euh|cordialement|bonne journee|bien|excellent|genial|nickel|impeccable|"
    r"(?:c'est )?(?:tres )?(?:clair|note|noté|compris|entendu)(?! que))\b[\s,.!;:…-]*)+",
    re.I,
)
_SWITCH = re.compile(
    r"^(?:autre (?:sujet|question|chose)|derniere (?:chose|question)|nouvelle question|changeons de sujet|rien a voir(?: mais)?|par ailleurs|sinon|une autre question)\b[\s,:.;-]*"
)
# « pour revenir à l'ORT, … »: what follows is about something said before the last question, or named now.
_BACK = re.compile(
    r"^(?:et |mais |bon |sinon )?(?:pour (?:en )?revenir|(?:je|on) (?:reviens|revient)|revenons)(?:[ -]en)?\s+"
    r"(?:sur|au sujet|aux?|a la|a l'|a|la-dessus)\b\s*(?:(?:de la\b|de l'|du\b|des\b|de\b|d'|l[ea]s?\b|l')\s*)?"
)
_CORRECTION = re.compile(
    r"^(?:non|nan|pardon|desole|euh|erreur|oups)\b[\s,.;:-]*(?:(?:je|on) )?(?:(?:parlais?|voulais?(?: dire| parler)?|pensais?|demandais?|disais?|parle|veux dire|voulais savoir)\b\s*)?"
    r"(?:plutot\s*)?(?:(?:de la|de l'|du|des|de|d'|a|au|aux|sur|pour)(?=\W|\b)\s*)?"
)
_CORRECTS = re.compile(
    r"^(?:non|nan|pardon|erreur|oups)\b[\s,.;:-]*(?:je|on|plutot|c'est|c'etait|pas)\b|^(?:je|on) (?:voulais? (?:dire|parler)|parlais?|pensais? a)\b"
)
# « je pensais à Luzy », once « pardon » is taken off as a courtesy.
_MEANT = re.compile(
    r"^(?:je|on) (?:voulais? dire|(?:voulais? )?parl(?:ais?|er)|pensais?|demandais?)\b\s*(?:plutot\s*)?"
    r"(?:(?:de la|de l'|du|des|de|d'|a la|a l'|a|au|aux|sur|pour)(?=\W|\b)\s*)?"
)
_REJECTS = re.compile(r"^(?:non|nan)\b[\s,.;:-]*(?:(?:ce n'est|c'est|ca n'a|ca ne|tu n'as|vous n'avez|ma|la|pas|rien|du tout|reponds?|repondez|ca|cela|compris|a voir|question)\b[\s,.;:'-]*)*$")
_SORRY = re.compile(r"^(?:pardon|desolee?|oups|euh|erreur)\b")
_CHALLENGE = re.compile(
    r"^(?:(?:t'es|tu es|vous etes|etes[- ]vous|es[- ]tu|c'est|c)\s*)?(?:bien )?(?:sur|sure|certain|certaine|vrai|fiable|serieux)\b(?: de (?:vous|toi|ca|cela|ce que \w+ \w+))?\W*$|^(?:vraiment|ah bon|t'es sur|d'ou (?:vient|sort) (?:cette|cet|ce|l')\s?\w+|quelle est (?:ta|votre) source|source)\W*$"
)
_OPENING = re.compile(r"^(?:et|mais|dont|puis|alors|donc|sinon|meme|aussi|pareil|idem|avec|sans|pour)\b")  # « ou » may be « où »
_ANAPHORA = re.compile(
    r"^(?:il|elle|ils|elles|ca|cela|c'est|c'etait|ce n'est|lui|celui|celle|ceux|y a[- ]t[- ]il|ca\b)\b|[- ](?:il|elle|ils|elles)\b(?! y a)|\b(?:la-dessus|la dessus|dedans|celui[- ]ci|celle[- ]ci|"
    r"ce (?:dispositif|programme|taux|montant|plafond|pret|fonds|label|poste|contrat|projet)|cette (?:aide|somme|enveloppe|convention|mesure|subvention)|ces (?:aides|communes|dispositifs)|"
    r"elle|elles|ils|ca|s'en|m'en|en (?:beneficier|profiter|faire|avoir))\b"
)
_LEADING = re.compile(r"^(?:et|mais|dont|puis|alors|donc|ou|sinon|meme|aussi|pareil)\b[\s,]*", re.I)
_ONLY_NOUN = re.compile(r"(?:et|mais|sinon)\s+(?:(?:pour|sur|avec|dans|cote)\s+)?(?:l[ea]s?\s+|l'|une?\s+|des\s+|du\s+)([a-z]{4,})\W*")
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
_WHEN = re.compile(
    r"\s*\b(?:(?:en|fin|début|depuis|au|à la fin de|pour)\s+)?(?:(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\s+)?(?:19|20)\d{2}\b"
)
# Who funds or decides: « et l'État ? » asks the last question of another of them.
_ACTORS = (
    "l'etat", "la banque des territoires", "l'anah", "l'anct", "la region", "le departement", "la prefecture", "l'ademe",
    "la caisse des depots", "l'europe", "la commune", "l'interco", "l'intercommunalite",
)
_ACTOR = re.compile("|".join(rf"\b{actor}\b" for actor in _ACTORS))
_ACTOR_NAMES = frozenset(" ".join(words(actor)) for actor in _ACTORS)
# « et côté logement ? » names a side of the subject, not another subject.
_SIDE = re.compile(r"^(?:du |au )?(?:cote|niveau|sur le plan|question|en matiere|en termes)\b")
# The programme's own names: they can be replaced, yet naming them opens no new subject.
PROGRAMME = frozenset({"pvd", "petites villes de demain", "petite ville de demain", "programme", "le programme"})
_INHERITED = re.compile(r"\s*\((?:[^()]|\([^()]*\))*\)\s*\??$")  # the subject shown after a follow-up
_AMOUNT_SLOT = re.compile(r"\d[\d\s.,]*\d(?:\s?(?:€|euros?|k€?|hab\w*))?|\d+")
_YEAR = re.compile(r"(?:19|20)\d{2}")
_FEW = 3  # content words: a shorter message is elliptical
_TELLS = 2  # content words: a past question with fewer does not say what it was about


def standalone(message: str, turns: Sequence[Turn], names: Collection[str] = ()) -> Standalone:
    """Make a message stand alone, given the turns before it.

    Args:
        message: in normal spelling (after `wording`).
        names: folded names of dispositifs (« vta », « fonds vert »…): naming one sets a new subject.
    """
    typed = _COURTESY.sub("", message, count=1).strip()
    plain = fold(typed)
    last = next((turn for turn in reversed(turns) if turn.document or turn.standalone), None)
    if not _has_letters(plain):
        return Standalone(message.strip(), Move.THANKS if "merci" in fold(message) else Move.GREETING, "")
    if switch := _SWITCH.match(plain):
        rest = typed[switch.end() :] or typed
        return Standalone(rest, Move.NEW, rest)
    if back := _BACK.match(plain):
        return _returned(typed[back.end() :].strip() or typed, turns)
    if last is None:
        return Standalone(typed, Move.NEW, typed)
    if words(message) == words(last.question):  # asked again, a question means what it meant
        return Standalone(last.standalone or typed, Move.REPEAT, asked_in(last) or typed, last.context, last.document if last.context else "")
    if _CHALLENGE.match(plain):
        return Standalone(last.standalone, Move.CHALLENGE, typed, document=last.document)
    if _REJECTS.match(plain):  # nothing says what was meant instead
        return Standalone(message.strip(), Move.NEW, "")
    if _SORRY.match(fold(message)) and _is_bare(plain, names):
        return _corrected(typed, last, names)
    correction = _MEANT.match(plain) or _CORRECTION.match(plain)
    if correction and (_CORRECTS.match(plain) or _is_bare(plain[correction.end() :], names)):
        return _corrected(typed[correction.end() :].strip() or typed, last, names)
    if not _is_follow_up(plain, names):
        return Standalone(typed, Move.NEW, typed)
    return _continued(typed, last, names, Move.FOLLOW_UP)


def _is_bare(rest: str, names: Collection[str]) -> bool:
    """« non, le Denormandie »: nothing but a name."""
    subject = named(rest, names)
    return bool(subject) and set(content(rest)) <= {word for name in subject for word in name.split()}


def is_opening(message: str) -> bool:
    """True for a message that begins like a continuation: « et… », « mais… »."""
    return bool(_OPENING.match(fold(message)))


def asked_in(turn: Turn) -> str:
    """The words of a past question, without the subject shown after them."""
    return _INHERITED.sub("", turn.standalone).rstrip(" ?!.")


def only_noun(message: str) -> str:
    """« cinema » for « et le cinéma ? », « et pour un cinéma ? »; empty for a message that says anything else."""
    found = _ONLY_NOUN.fullmatch(fold(message).replace("’", "'").strip())
    return found[1] if found else ""


def is_definite(message: str) -> bool:
    """True for a short message on « le… », « la… », « l'… » that says nothing else of its subject."""
    return bool(re.match(r"(?:l[ea]s?\s|l['’])", message, re.I)) and len(content(message)) <= _FEW + 1


def named(text: str, names: Collection[str]) -> list[str]:
    """The names of dispositifs found in a text, longest first, without overlaps."""
    tokens = " " + " ".join(words(text)) + " "
    found = []
    for name in sorted(names, key=len, reverse=True):
        if f" {name} " in tokens:
            found.append(name)
            tokens = tokens.replace(f" {name} ", " | ")
    return found


def content(text: str, names: Collection[str] = ()) -> list[str]:
    """Content words of a text."""
    return [word for word in words(text) if word not in STOP_WORDS]


def _is_follow_up(plain: str, names: Collection[str]) -> bool:
    own = content(plain)
    subject = named(plain, names)
    others = [word for word in own if word not in {w for name in subject for w in name.split()}]
    if _OPENING.match(plain):
        # « et la DETR, elle existe encore ? » names its subject and asks something of its own; who pays is no subject.
        return not (set(subject) - _ACTOR_NAMES and len(others) >= _FEW and not _ANAPHORA.search(plain))
    if subject:
        return False
    if _ANAPHORA.search(plain):
        return True
    return len(own) < _FEW


def _corrected(rest: str, last: Turn, names: Collection[str]) -> Standalone:
    """« non je parlais du VTA » asks the last question of something else; « … : combien ? » asks anew."""
    _, colon, question = rest.partition(":")
    if colon and question.strip():
        return Standalone(rest, Move.CORRECTION, rest)
    if len(content(rest)) > _FEW + 1:
        return Standalone(rest, Move.NEW, rest)
    return _continued(rest, last, names, Move.CORRECTION)


def _returned(rest: str, turns: Sequence[Turn]) -> Standalone:
    """« pour revenir à l'Anah, … »: the last turn that spoke of it lends its subject and its words."""
    said = set(content(rest.partition(",")[0]))
    before = next((turn for turn in reversed(turns) if said & set(content(f"{turn.subject} {asked_in(turn)}"))), None)
    if before is None:
        return Standalone(rest, Move.NEW, rest)
    shown = f"{rest.rstrip(' ?!.')} ({short_name(before.subject)}) ?"
    context = _joined(before.subject, asked_in(before))
    return Standalone(shown, Move.FOLLOW_UP, rest, context=context, document=before.document)


def _continued(typed: str, last: Turn, names: Collection[str], move: Move) -> Standalone:
    """Put the new element in the place of its like in the last question, else beside its subject."""
    rest = _LEADING.sub("", typed).strip(" ?!.")
    previous = asked_in(last)
    side = bool(_SIDE.match(fold(rest)))
    if not side and (replaced := _replaced(rest, previous, names, move)):
        stays = not set(named(rest, names)) - set(named(previous, names))
        shown = f"{replaced} ({short_name(last.subject)}) ?" if last.context else f"{replaced} ?"
        return Standalone(shown, move, replaced, context=last.context, document=last.document if stays else "")
    subject = last.subject or " ".join(content(previous))
    shown = f"{typed.rstrip(' ?!.')} ({short_name(subject)}) ?" if subject else typed
    if not side and set(named(rest, names)) - _ACTOR_NAMES:  # its own subject leads; the conversation only lends its words
        return Standalone(shown, move, typed, context=subject)
    if len(content(previous)) < _TELLS:  # « c'était quand ? »: what it was about stands further back
        previous = f"{last.context} {previous}"
    return Standalone(shown, move, typed, context=_joined(subject, previous), document=last.document)


def _joined(subject: str, previous: str) -> str:
    """Two texts one after the other, without the first when the second begins with it."""
    return previous.strip() if previous.strip().startswith(subject) else f"{subject} {previous}".strip()


def short_name(subject: str) -> str:
    """« Opération de revitalisation de territoire (ORT) » → « ORT »: what people say."""
    acronym = re.search(r"\(([A-Z][\w+-]{1,14})\)$", subject)
    return acronym[1] if acronym else subject


def _replaced(rest: str, previous: str, names: Collection[str], move: Move) -> str | None:
    """`previous` with its name, amount, place or complement replaced by the one in `rest`, or None."""
    if _NOW.fullmatch(fold(rest)):
        return " ".join(f"{_WHEN.sub('', previous).strip(' ,')} {rest}".split())
    if replaced := _amount_replaced(rest, previous):
        return replaced
    if replaced := _complement_replaced(rest, previous, only_same=True):  # « pour un gymnase » for « pour l'école »
        return replaced
    return _name_replaced(rest, previous, names, move) or _complement_replaced(rest, previous)


def _name_replaced(rest: str, previous: str, names: Collection[str], move: Move) -> str | None:
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
    return f"{previous} {rest}" if move is Move.CORRECTION else None


def _complement_replaced(rest: str, previous: str, only_same: bool = False) -> str | None:
    """« et en Bretagne ? », « par l'État ? », « non, la Marne »: same question, another complement."""
    place = _CAPITALISED.fullmatch(rest)
    preposition = _PREPOSITION.match(fold(rest)) if len(fold(rest)) == len(rest) else None
    # « et dans la Marne elles sont combien ? » asks a question of its own.
    if not place and not preposition or len(content(rest)) > _FEW or interrogatives(rest):
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


def _amount_replaced(rest: str, previous: str) -> str | None:
    """« et pour un poste à 50 000 ? » after « un poste à 60 000 € » asks the same with 50 000."""
    amounts, slots = list(_AMOUNT_SLOT.finditer(rest)), list(_AMOUNT_SLOT.finditer(previous))
    years = [bool(_YEAR.fullmatch(found[0].strip())) for found in (*amounts, *slots)]  # « début 2021 » is no « 1000 cafés »
    if len(amounts) == 1 and len(slots) == 1 and years[0] == years[1] and len(content(rest)) <= _FEW:
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


def _has_letters(plain: str) -> bool:
    return bool(re.search(r"[a-z0-9]", plain))
