"""What kind of answer a question expects: a figure, a date, a yes or no, a person, two sides…

Pure patterns on text; knows nothing of passages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from text_to_num import alpha2digit

from index.figures import figures
from index.french import fold, interrogatives

_AMOUNT = re.compile(
    r"\b(?:combien|quel(?:le|s|les)?\s+(?:est (?:le|la|l')\s?)?(?:montant|maximum|taux|plafond|somme|part|pourcentage|enveloppe|budget|prix|cout|tarif|nombre|salaire|prime|dotation)|"
    r"a (?:quel|combien) (?:taux|hauteur)|plafond|montant|nombre de|taux)\b"
)
_TIME = re.compile(
    r"\b(?:quand|depuis quand|jusqu'a quand|quelle? (?:date|annee|duree|delai|echeance)|en quelle annee|combien de (?:temps|mois|jours|ans|annees)|date (?:limite|exacte|de)|duree|delai)\b"
)
_YES_NO = re.compile(
    r"^(?:est[- ]ce qu|es[- ]ce qu|(?:a|ai|as|est|sont|peut|peuvent|puis|peux|peut-on|faut|doit|doivent|existe|y a|il y a|ya|y'a|on peut|on a droit|ont|etes|suis|sommes|va|vont)\b)"
    r"|[- ](?:t[- ])?(?:il|elle|ils|elles|on|nous|vous|je)\b(?=[^?]*\?|$)|\b(?:c'est|ca) (?:vrai|bon|possible|lie|gratuit|payant|cumulable|obligatoire)\b|\bhein\b|\bn'est[- ]ce pas\b|,? c'est ca\b|\bpeut (?:elle|il|on)\b|\best[- ]elle\b"
)
_OPEN = re.compile(r"\b(?:combien|qui|quand|comment|pourquoi|quoi|quel(?:le|s|les)?|ou est|que\b(?! (?:la|le|les|l'|c'est)))")
_COMPARE = re.compile(
    r"\b(?:difference|differences|compar\w+|versus|vs|ou bien|plutot que|que choisir|lequel|laquelle|mieux)\b|\b\w[\w+]* ou \w[\w+]*\s*[,?]"
)
_CONTACT = re.compile(
    r"\b(?:qui (?:contacter|appeler|joindre|voir|solliciter|dois|doit)|a qui|on appelle qui|contacter?|s'adresser|interlocuteurs?|guichet)\b"
)
_HOW = re.compile(r"\b(?:comment|demarches?|etapes?|procedure|que faire|quoi faire|par ou commencer)\b")
_AID = re.compile(
    r"\b(?:aides?|reductions? d'impots?|reste(?:ra|rait|ront)? (?:a|au|quoi|combien|pour)\b|(?:nous|me|lui|leur|vous) reste(?:ra|rait)?\b|combien il reste|charge|subvention|cofinanc\w+|financ\w+|prise? en charge|donne|touche|recoi\w+|paie|paye|droit a|finan\w+|sous)\b"
)
_ELIGIBLE = re.compile(
    r"\b(?:eligibles?|droit|trop (?:petite?s?|grande?s?|gros|grosse|riquiqui)|concernee?s?|possible|peut|peuvent|pouvons|peux|entrer|rentrer|pris|prise|admise?)\b"
)
_BOUND = re.compile(r"\b(?:moins de|plus de|en dessous|au-dessus|au dessus|inferieure?|superieure?|jusqu'a|a partir de|entre)\b")
_PEOPLE = re.compile(
    r"(?<![\d.,])(\d[\d .\u202f]*\d|\d)\s*(?:000 )?(?:hab\b|habs\b|habitants?\b|ames\b|administres\b|personnes\b)"
)
ORDINAL = re.compile(
    r"\b(?:deux|trois|quatr|cinqu|six|sept|huit|neuv|dix)iemes?\b|\b(?:premi|derni)er(?:e?s?)\b|\b(?:1ere?|[2-9]e(?:me)?|1\de(?:me)?)\b"
)
# What the asker did, told first: its years are not asked about. « On a signé en 2021, quel délai pour la suite ? »
_OWN_FACT = re.compile(r"(?:on|nous|j'|je|ma (?:commune|ville)|notre \w+)\b[^,?]*,")


_IN_DIGITS = re.compile(r"(\d[\d\s.,]*(?:(?:millions?|milliards?|mille|cents?)\b)?|\bpour ?cents?\b|\w+i[èe]mes?\b)", re.I)


@dataclass(frozen=True)
class Expectation:
    """What the asker wants, and the facts given with the question."""

    amount: bool = False
    time: bool = False
    yes_no: bool = False
    comparison: bool = False
    contact: bool = False
    how: bool = False
    asks_eligibility: bool = False  # « peut-on », « a-t-on droit », « c'est trop petit ? »
    own_case: bool = False  # « ma commune a 900 habitants », not « moins de 900 habitants »
    asks_aid: bool = False  # « quelle aide », « reste à charge »: a sum may answer
    population: int | None = None  # inhabitants stated in the question
    years: tuple[int, ...] = ()
    ordinals: tuple[str, ...] = ()  # « troisième vague »: from the second on, folded

    @property
    def figure(self) -> bool:
        """Whether an amount, a number or a time is asked for."""
        return self.amount or self.time


def in_digits(text: str, least: int = 3) -> str:
    """« soixante mille euros » → « 60000 euros ». What is in digits already, « pour cent » and ranks stay as they are.

    Args:
        least: smaller numbers alone stay words, « un » and « deux » being articles as often as numbers.
    """
    parts = _IN_DIGITS.split(text)  # every other part is kept
    return "".join(part if at % 2 else _words_in_digits(part, least) for at, part in enumerate(parts))


def _words_in_digits(text: str, least: int) -> str:
    if not text.strip():
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]  # the library trims
    return f"{before}{alpha2digit(text.strip(), 'fr', threshold=least)}{after}"


def expectation(question: str) -> Expectation:
    """Read a question (normal spelling, numbers in words or digits)."""
    question = in_digits(question)
    plain = fold(question).strip(" ?!.")
    people = _PEOPLE.search(plain)
    population = int(re.sub(r"\D", "", people[1])) if people else None
    own_fact = _OWN_FACT.match(plain)
    request = plain[own_fact.end() :] if own_fact and not interrogatives(own_fact[0]) else plain
    years = tuple(int(figure.value) for figure in figures(request) if figure.is_year)
    return Expectation(
        amount=bool(_AMOUNT.search(plain)),
        time=bool(_TIME.search(plain)),
        yes_no=bool(_YES_NO.search(fold(question).strip())) and not _OPEN.search(plain),
        comparison=bool(_COMPARE.search(plain)),
        contact=bool(_CONTACT.search(plain)),
        how=bool(_HOW.search(plain)),
        asks_eligibility=bool(_ELIGIBLE.search(plain)),
        own_case=population is not None and not _BOUND.search(plain),
        asks_aid=bool(_AID.search(plain)),
        population=population,
        years=years,
        ordinals=tuple(o for o in ORDINAL.findall(plain) if o[0] not in "1pd" or o.startswith(("deux", "dix"))),
    )
