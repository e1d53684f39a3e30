"""What must never be searched: credentials, injection, distress, another language.

Pure patterns on text: instructions found in a question (or a document) are data, never obeyed. Everything else that is to be
declined is told by a learned classifier (`answering.classifiers`), and searched first where a document may speak of it.
"""

from __future__ import annotations

import re

from assistant.answering.bounds import BOUNDS, Bounds
from index.french import STOP_WORDS, fold, words

# Pieces of the patterns below. An order opens a clause or follows « peux-tu »: « déposez ma demande »
# is one, « quand déposer ma demande ? » and « on a oublié la date » are not.
_CLAUSE = r"(?:^|[.!?:;,]\s*|\b(?:svp|stp)\s+)"
_ASKED = (
    r"\b(?:(?:peux|pourrais)[- ]tu|tu (?:peux|pourrais|dois|vas)|(?:pouvez|pourriez)[- ]vous|vous (?:pouvez|pourriez|devez)|"
    r"merci de|"
    r"je veux que (?:tu|vous))\s+(?:me |nous |bien )*"
)
_FOR_US = r"(?:[- ](?:moi|nous))?\s+"
_PERSON = (
    r"(?:chef|cheffe|charge|chargee|maire|adjointe?|directeur|directrice|prefete?|sous-prefete?|agente?|dgs|secretaire|"
    r"presidente?|"
    r"ministre|conseill\w+ municipa\w+|voisine?|elue?|journaliste|collegue|m\.|mme)s?\b"
)


def _order(verbs: str) -> str:
    """An imperative, or « peux-tu » and an infinitive; verbs are given by their stems (« envoi|envoy »)."""
    return rf"(?:{_CLAUSE}(?:{verbs})(?:e|es|ez|s)?{_FOR_US}|{_ASKED}(?:{verbs})(?:e|er|es|iez|ez|s|r|re)?{_FOR_US})"


# Each pattern runs on folded text (lower case, no accents). Questions *about* a matter stay open:
# « comment rédiger la délibération ? », « que faire si notre dossier est refusé ? ».
_PATTERNS: dict[str, tuple[str, ...]] = {
    "credentials": (
        r"\b(?:mots? de passe|codes? d'acces|cle api|login)\b",
        r"\bidentifiants?\b.{0,30}\b(?:prefecture|connexion|admin|compte|anct|mairie)",
    ),
    "injection": (
        rf"(?:{_order('oubli|ignor')}|\b(?:fais|faites) abstraction\b|\bne tiens pas compte\b|\b(?:oublie|"
        rf"ignore)[rsz]? (?:toutes )?(?:tes|vos)\b)"
        r".{0,40}\b(?:instructions?|regles?|consignes?|date|sources?|documents?|contexte|precedent\w*|tout)\b",
        r"^\W*(?:system|systeme|assistant|admin|developer)\W*:",
        r"\bnouvelles? (?:regles?|consignes?|instructions?)\s*[:,]",
        r"\btu es (?:maintenant|desormais)\b|\bfais comme si\b|\b(?:prompt|jailbreak)\b|\bjoue le role\b",
        r"\b(?:reveles?|affiche|donne) (?:moi )?(?:ton|tes|votre|vos) (?:instructions?|consignes?|regles?)\b",
        rf"{_CLAUSE}(?:dis|affirme|reponds|ecris|confirme)(?:[- ]moi)? (?:juste |seulement |simplement )?que (?!tu|vous|"
        rf"c'est quoi)",
    ),
    "person": (
        r"\b(?:mails?|e-mail|email|courriel|telephone|tel(?= d)|numero|portable|06(?= d)|adresse|coordonnees)\s(?:\w+ )?"
        rf"(?:du|de la|de l'|de|des|d')\s?{_PERSON}",
        r"\bnoms?\s(?:\w+ )?(?:du|de la|de l'|des)\s?(?:chef|cheffe|charge|chargee|agente?|dgs|secretaire|voisine?)\b",
        r"\b(?:son|ses|sa|leur|leurs) (?:numero(?! d)|numero de (?:tel|port)\w*|telephone|tel|portable|e-?mails?|mails?|"
        r"courriel|06)\b",
        r"\badresse (?:personnelle|perso|privee)\b",
    ),
    "distress": (r"\bsuicid\w*\b|\ben finir avec la vie\b|\bme tuer\b|\benvie de mourir\b",),
}
_CATEGORIES = tuple((name, re.compile("|".join(patterns))) for name, patterns in _PATTERNS.items())
_FOREIGN = frozenset(
    "the is are what how for with and of my town can you please grants in which who where do does we our small".split()
)
_FRENCH_MARKS = frozenset(
    "le la les des du une un et est pour que qui quoi dans avec sur nous vous je il elle on ma mon notre quel "
    "quelle combien comment "
    "aide ville".split()
)


def refusal(question: str, bounds: Bounds = BOUNDS) -> str | None:
    """The category of a question that must not be answered (a key of `texts.REFUSALS`), or None."""
    plain = fold(question)
    for name, pattern in _CATEGORIES:
        if pattern.search(plain):
            return name
    return "language" if _is_foreign(question, bounds.foreign_words) else None


def _is_foreign(question: str, least: int) -> bool:
    found = words(question)
    foreign = sum(word in _FOREIGN for word in found)
    french = sum(word in _FRENCH_MARKS or (word in STOP_WORDS and word not in _FOREIGN) for word in found)
    return foreign >= least and foreign > french
