"""The last question again, with one thing in it replaced by what a short message names.

« Combien pour un poste à 60 000 € ? », then « et à 50 000 ? »: the amount is replaced. A name, a place, another complement
(« pour un gymnase »), a date and « avec » or « sans » likewise. Pure words and rules; knows nothing of subjects or documents.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.answering.scheme_names import PROGRAMME, named
from index.french import MONTHS, content_words, fold, interrogatives, words

_PREPOSITION = re.compile(r"^(en|dans|a|au|aux|par|pour|avec|sans|chez|sur)\b\s*")
# « en Occitanie », « dans le Calvados », « par l'Anah »: preposition, article, noun phrase.
_COMPLEMENT = re.compile(
    r"\b(en|dans|à|au|aux|a|par|pour|avec|sans|chez|sur)\s+((?:l[ea]s?\s|l['’]|un\s|une\s)?)([\w’'-]+(?:[ -](?:de|du|la|le|les|et|d['’]|l['’])?[ -]?[A-ZÀ-Ý][\w’'-]*)*)"
)
# Preposition → the kind of complement it opens; any other is a kind of its own.
_KINDS = {**dict.fromkeys(("en", "dans", "a", "à", "au", "aux"), "place"), **dict.fromkeys(("avec", "sans"), "with")}
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
ACTOR_NAMES = frozenset(" ".join(words(actor)) for actor in _ACTORS)
_OPPOSITE = {"avec": "sans", "sans": "avec"}
_AMOUNT_SLOT = re.compile(r"\d[\d\s.,]*\d(?:\s?(?:€|euros?|k€?|mille|hab\w*))?|\d+")
_LASTING = re.compile(r"\d+ (?:ans?|annees?|mois|jours|semaines)\b")
_YEAR = re.compile(r"(?:19|20)\d{2}")


def replaced(rest: str, previous: str, names: Collection[str], corrects: bool, few: int) -> str | None:
    """`previous` with its name, amount, place or complement replaced by the one in `rest`; None when they have none in common.

    Args:
        rest: what the message names, without « et » or « non, je parlais de ».
        previous: the last question, without its question mark.
        names: folded names of dispositifs.
        corrects: the message corrects the last one; a name that replaces none is then added to the question.
        few: content words beyond which a message asks a question of its own.
    """
    if fold(rest) in _OPPOSITE and (old := re.search(rf"\b{_OPPOSITE[fold(rest)]}\b", previous, re.I)):  # « puis avec ? »
        return f"{previous[: old.start()]}{rest.lower()}{previous[old.end() :]}"
    if _NOW.fullmatch(fold(rest)):  # « et maintenant ? » takes the place of « en 2021 »
        return " ".join(f"{_WHEN.sub('', previous).strip(' ,')} {rest}".split())
    return (
        amount_replaced(rest, previous, few)
        or _complement_replaced(rest, previous, few, only_same=True)  # « pour un gymnase » for « pour l'école »
        or _name_replaced(rest, previous, names, corrects)
        or _complement_replaced(rest, previous, few)
    )


def amount_replaced(rest: str, previous: str, few: int) -> str | None:
    """`previous` with its only amount replaced by the only one of `rest`; None otherwise.

    « et pour un poste à 50 000 ? » after « un poste à 60 000 € » asks the same with 50 000.
    """
    amounts, slots = list(_AMOUNT_SLOT.finditer(rest)), list(_AMOUNT_SLOT.finditer(previous))
    if len(amounts) != 1 or len(slots) != 1:
        return None
    if _LASTING.search(fold(rest)) or _LASTING.match(fold(previous)[slots[0].start() :]):  # « 2 ans » is no amount
        return None
    # A year replaces a year, never a number: « début 2021 » does not replace « 1 000 cafés ».
    is_year, was_year = (bool(_YEAR.fullmatch(found[0].strip())) for found in (amounts[0], slots[0]))
    if is_year == was_year and len(content_words(rest)) <= few:
        return f"{previous[: slots[0].start()]}{amounts[0][0].strip()} {previous[slots[0].end() :].lstrip()}".rstrip()
    return None


def _name_replaced(rest: str, previous: str, names: Collection[str], corrects: bool) -> str | None:
    """« et l'Anah ? » after « Combien donne l'État ? »; « et le fonds vert ? » after a question on the VTA."""
    if fold(rest) in _ACTORS and (actor := _ACTOR.search(fold(previous))) and len(fold(previous)) == len(previous):
        return f"{previous[: actor.start()]}{rest}{previous[actor.end() :]}"
    new = named(rest, names)
    others = [word for word in content_words(rest) if word not in {w for name in new for w in name.split()}]
    if not new or len(others) > 1 or others and interrogatives(rest):  # « et pour ACV, combien de villes ? » asks by itself
        return None
    old = [name for name in named(previous, {*names, *PROGRAMME}) if name not in new]
    if set(new) <= ACTOR_NAMES:  # « et l'Anah ? » is who pays: it replaces « le programme », never « le fonds vert »
        old = [name for name in old if name in PROGRAMME | ACTOR_NAMES]
    if old:
        return _swap_words(previous, old[0], _PREPOSITION.sub("", rest))
    return f"{previous} {rest}" if corrects else None


def _complement_replaced(rest: str, previous: str, few: int, only_same: bool = False) -> str | None:
    """« et en Bretagne ? », « par l'État ? », « non, la Marne »: same question, another complement.

    Args:
        only_same: replace a complement of the same kind only; else a complement that replaces none is added at the end.
    """
    place = _CAPITALISED.fullmatch(rest)
    preposition = _PREPOSITION.match(fold(rest)) if len(fold(rest)) == len(rest) else None
    # « et dans la Marne elles sont combien ? » asks a question of its own.
    if not place and not preposition or len(content_words(rest)) > few or interrogatives(rest):
        return None
    slots = list(_COMPLEMENT.finditer(previous))
    if preposition:
        kind = _KINDS.get(preposition[1].strip(), preposition[1].strip())
        same = [slot for slot in slots if _KINDS.get(fold(slot[1]), fold(slot[1])) == kind]
        if same:  # « pour rénover l'école » is replaced up to the end of the question
            tail = "" if kind == "pour" else previous[same[-1].end() :]
            return previous[: same[-1].start()] + rest + tail
        return f"{previous} {rest}" if not only_same and (not place or kind != "place") else None
    placed = [slot for slot in slots if _KINDS.get(fold(slot[1])) == "place" and slot[3][:1].isupper()]
    if placed:
        article = "" if re.match(r"(?:l[ea]s?|l['’])\b", rest, re.I) else placed[-1][2]
        return previous[: placed[-1].start(2)] + article + rest + previous[placed[-1].end() :]
    return None


def _swap_words(previous: str, old: str, rest: str) -> str:
    """`previous` with a name, folded, and its article replaced by `rest`; the two side by side when it is not found as it is."""
    # Names are kept without their elided words: « territoires industrie » is « territoires d'industrie ».
    between = r"[\W_]+(?:[dl]['’])?"
    pattern = r"(?:\b(?:le|la|les|un|une|du|de la|des|de)\s+|\b[dl]['’])?\b" + between.join(map(re.escape, old.split())) + r"\b"
    match = re.search(pattern, fold(previous))
    if not match or len(fold(previous)) != len(previous):
        return f"{rest} — {previous}"
    new = _contracted(rest) if re.match(r"d(?:u|es|e)?\b", match[0]) else rest
    return f"{previous[: match.start()]}{new} {previous[match.end() :].lstrip()}".strip()


def _contracted(rest: str) -> str:
    """« le Denormandie » → « du Denormandie », « l'ORT » → « de l'ORT », « Attigny » → « d'Attigny »."""
    for article, contracted in (("les ", "des "), ("le ", "du ")):
        if rest.lower().startswith(article):
            return contracted + rest[len(article) :]
    return f"d'{rest}" if fold(rest)[:1] in "aeiouyh" else f"de {rest}"
