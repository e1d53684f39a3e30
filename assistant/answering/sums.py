"""A sum that the asker can act on: the rate a fiche gives, applied to the expense the asker tells.

`aide = min(taux × dépense, plafond)`, each variant shown while its condition is open, over several years when the aid is a
yearly one; a fixed amount, for so many posts or years, and what it leaves to pay; the most that all aids together may reach;
the tax cut of a private investor. Every figure comes from a fiche whose paragraph says it, or from the asker: from the message,
else from what was asked before (« et avec l'Anah ? », « sur trois ans ? »). Knows what was found; nothing of how it was found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from assistant.answering.aid_amounts import ComputedAid, calculable, compute, lumps, multiply, plausible, rates
from assistant.answering.bounds import BOUNDS, Bounds
from assistant.answering.classifiers import Act
from assistant.answering.find import Finding
from assistant.answering.message import Message
from assistant.answering.proofs import passage_of
from assistant.answering.question import expectation, in_digits
from assistant.answering.readings import ReadingKind, Turn
from assistant.answering.told_numbers import NumberRole, ToldNumber, expense_of, told_numbers
from index.document import Document, Hit, Passage
from index.fiche import Grant, GrantNature
from index.figures import wanted
from index.french import STOP_WORDS, analyse, content_words, fold, interrogatives, stem, words

_WITH = re.compile(
    r"\b(avec|sans|pas d(?:e|')?)(?:\b|(?<=')) ?(?:la |le |l')?(?:(?:participation|aide|financement) de )?(?:la |le |l')?(\w+)"
)
_WHOLE = re.compile(r"\b(?:total|totale|en tout)\b")  # over all the years it is paid
_SHARE = r"(?:part|quote-part|apport|contribution|combien|montant|maximum|jusqu'a)"  # beside who pays: its share is asked
# What an aid leaves to pay.
_REST = re.compile(r"\b(?:rest(?:e(?![- ]t[- ]il d)|era|erait|ant)|a (?:notre |ma |la |sa )?charge|de notre poche)\b")
# « combien d'aide » counts nothing.
_MONEY = frozenset(analyse("aide subvention reduction euros argent financement participation"))
_ANY_EXPENSE = frozenset(analyse("coût dépense montant aide projet opération"))  # words that name no expense in particular
_IN_YEARS = ("an", "ans", "annee", "annees", "exercice", "exercices")
_A_POST = frozenset(analyse("poste contrat recrutement dossier projet"))  # what is counted when an aid is paid by the piece


@dataclass(frozen=True)
class ComputedAids:
    """Computed aids, each with the passage that carries its figures."""

    lines: tuple[ComputedAid, ...]
    proofs: tuple[Passage, ...]


@dataclass(frozen=True)
class SumAsked:
    """What a sum is made of: the texts that tell it, the last one first among equals, and the numbers read in each."""

    texts: tuple[str, ...]  # what was said before and besides, the oldest first, then the question; in digits
    numbers: tuple[tuple[ToldNumber, ...], ...]  # of each text
    expense: Decimal | None
    meant: frozenset[str] = frozenset()  # stems that the lexicon gives for the words of the question: « outre-mer » for Mayotte
    bounds: Bounds = BOUNDS

    @property
    def question(self) -> str:
        """The text that asks."""
        return self.texts[-1]

    @property
    def statement(self) -> str:
        """All that was said, as one text."""
        return " ".join(self.texts)

    @property
    def whole(self) -> bool:
        """Whether all the years that an aid is paid are asked for."""
        return bool(_WHOLE.search(fold(self.question)))

    def years(self) -> int | None:
        """How many years were said last."""
        for numbers in reversed(self.numbers):
            lengths = [length for number in numbers if (length := _in_years(number, self.bounds.most_years)) is not None]
            if lengths:
                return lengths[-1]
        return None

    def count(self, counted: frozenset[str]) -> int | None:
        """How many posts were said last; `counted` holds stems of what they may be called."""
        for numbers in reversed(self.numbers):
            for number in reversed(numbers):
                if number.role is NumberRole.COUNT and 1 < number.value <= self.bounds.most_posts and _is_of(number, counted):
                    return int(number.value)
        return None


def aids_asked_for(
    finding: Finding,
    message: Message,
    turns: Sequence[Turn],
    documents: Mapping[str, Document],
    passages: Sequence[Passage],
    bounds: Bounds = BOUNDS,
) -> ComputedAids | None:
    """The aids that a question asks to compute; None when it asks for no sum, or nothing can be computed.

    What the question does not say may stand in what is told with it, or in the turns on its subject.
    """
    question = in_digits(finding.query.text)
    expected, want = expectation(question), wanted(question)
    counts = want is not None and want.kind == "count" and stem(want.noun) not in _MONEY  # « combien de postes en tout ? »
    if expected.time or expected.contact or expected.how or expected.comparison or counts:
        return None
    subject, hits = finding.reading.document, finding.hits
    past = [turn for turn in turns if subject and turn.document == subject]
    if finding.reading.kind is ReadingKind.REPLACED:  # « et la Banque des territoires ? »: the last question, of another payer
        past = past or list(turns[-1:])
    if any(turn.computed for turn in past):  # the same sum again
        hits = tuple(hit for hit in hits if hit.passage.document == subject) or hits
    lent = [in_digits(text) for text in (*(turn.question for turn in past), finding.query.context, message.context)]
    numbers = [told_numbers(text, bounds) for text in (*lent, question)]
    expenses = [expense_of(read, bounds) for read in numbers]
    own = expenses[-1] or expenses[-2]
    if message.acts.get(Act.PERSONAL_MATTER, 0.0) >= bounds.private and own is None:
        return None  # of a private person who tells no expense
    before = [expectation(text) for text in lent[:-1]]
    computes = any(one.amount or one.asks_aid for one in before)  # a sum goes on: « et si on monte à 64 000 ? »
    states = not expected.yes_no and not interrogatives(question)  # « un poste à 60 000 € » asks for its aid
    short = len(content_words(question)) <= bounds.elliptical
    asks = (expected.amount or expected.asks_aid) and not (expected.yes_no and own is None)
    payers = {fold(grant.payer) for hit in hits for grant in documents[hit.passage.document].header.grants if grant.payer}
    goes_on = computes and short and not expected.yes_no and _brings(question, numbers[-1], payers)
    if not (asks or own is not None and (computes or states) or goes_on):
        return None
    expense = next((value for value in reversed(expenses) if value is not None), None)
    meant = frozenset(stem for terms in finding.query.extra.values() for term in terms for stem in analyse(term))
    sums = computed_aids(SumAsked((*lent, question), tuple(numbers), expense, meant, bounds), hits, documents, passages)
    # What is asked of another paragraph is not the same sum again: « et une maison, elle coûte combien à tenir ? », « il reste de
    # l'argent dans ce fonds ? ».
    near = [hit.passage for hit in (hits[:1] if short else hits[: bounds.sums_among])]
    says = len(content_words(question)) > bounds.tells and finding.own >= bounds.says_it if short else True
    left = expected.amount and _REST.search(fold(question))  # « et il nous reste combien à payer ? »
    brings = own is not None or left or any(number.role is not NumberRole.YEAR for number in numbers[-1])
    is_of_another = sums is not None and says and not brings and not set(near) & set(sums.proofs)
    return None if is_of_another else sums


def computed_aids(
    asked: SumAsked, hits: Sequence[Hit], documents: Mapping[str, Document], passages: Sequence[Passage]
) -> ComputedAids | None:
    """The aids of the fiche that is asked about; None when nothing can be computed."""
    near = [documents[path] for path in dict.fromkeys(hit.passage.document for hit in hits)][: asked.bounds.sums_among]
    if not near:
        return None
    if asked.expense is None:
        return _multiplied(asked, near[0], passages)
    stems = set(analyse(asked.statement))
    paid = [(place, document, calculable(document)) for place, document in enumerate(near)]
    # Words of its expenses that the question uses tell « coût chargé du poste » from « poste ».
    ranked = [(_shared([grant.expense for grant in rows], stems), -place, document) for place, document, rows in paid if rows]
    best = max(ranked, key=lambda row: row[:2], default=None)
    # The first document, unless the expense is named as another's: « 70 % de mes travaux » under a fiche on posts. What the first
    # gives may be named too: « un VTA nous coûte 33 000 » is not paid at the rate of another post.
    of_the_first = [f"{grant.name} {grant.expense}" for grant in lumps(near[0])]
    if best is None or best[1] and best[0] <= _shared(of_the_first, stems):
        return _of_the_first(asked, hits[0], near[0], passages)
    document, expense = best[2], asked.expense
    proved = hits[0].passage.headings[-1:] in [(grant.proof,) for grant in calculable(document)]
    if not (best[0] or proved or _names(asked.statement, document)):
        return None  # neither expense nor scheme is named, nor its paragraph found: « 24 000 € » are not those of a study
    rows = [grant for grant in _meant(document, asked, stems) if plausible(grant, expense, asked.bounds)]
    years = asked.years() or 1
    return _proved(rows, [compute(grant, expense, years if grant.period == "an" else 1) for grant in rows], document, passages)


def _of_the_first(asked: SumAsked, hit: Hit, document: Document, passages: Sequence[Passage]) -> ComputedAids | None:
    """What the first document gives where no rate is paid: a tax cut, the most of all aids together, a fixed amount."""
    expense = asked.expense or Decimal(0)
    cuts = rates(document, GrantNature.TAX_CUT)
    limits = [grant for grant in rates(document, GrantNature.LIMIT) if grant.proof in hit.passage.headings]
    rows = _of_the_length(cuts, asked) if cuts else limits
    if not rows:
        return _multiplied(asked, document, passages)
    return _proved(rows, [compute(grant, expense) for grant in rows], document, passages)


def _of_the_length(rows: Sequence[Grant], asked: SumAsked) -> list[Grant]:
    """The tax cuts for the years told, all when none are; those on a condition, « outre-mer », only where it is spoken of."""
    stems, years = {*analyse(asked.statement), *asked.meant}, asked.years()
    where = [grant for grant in rows if set(analyse(grant.condition)) & stems] or [grant for grant in rows if not grant.condition]
    return [grant for grant in where if str(years) in words(grant.name)] or where


def _multiplied(asked: SumAsked, document: Document, passages: Sequence[Passage]) -> ComputedAids | None:
    """A fixed amount for so many posts or years, or what it leaves of an expense; what was said before completes it."""
    rows = lumps(document)
    counted = _A_POST | {stem for grant in rows for stem in analyse(f"{grant.name} {grant.expense} {grant.proof}")}
    counted |= {stem for name in document.names for stem in analyse(name)}
    count, years = asked.count(counted), asked.years()
    here = replace(asked, texts=asked.texts[-1:], numbers=asked.numbers[-1:])  # what the question itself says
    spent = asked.expense if _REST.search(fold(asked.question)) else None
    if not (here.count(counted) or here.years() or asked.whole or spent is not None):
        return None
    rows = [grant for grant in rows if (count or 1) > 1 or grant.period == "an" or spent is not None]
    lines = []
    for grant in rows:
        most = int(grant.most_years) if asked.whole and grant.most_years else 1
        lines.append(multiply(grant, count or 1, years or most, spent))
    return _proved(rows, lines, document, passages)


def _proved(
    rows: Sequence[Grant], lines: Sequence[ComputedAid], document: Document, passages: Sequence[Passage]
) -> ComputedAids | None:
    """The sums of some grants; none at all when a paragraph does not carry its figures."""
    proofs = [passage_of(grant, document.path, passages) for grant in rows]
    return ComputedAids(tuple(lines), tuple(proof for proof in proofs if proof)) if rows and all(proofs) else None


def _in_years(number: ToldNumber, most: int) -> int | None:
    """A length of time in whole years: « 3 ans », « 24 mois », « x3 »; None for any other."""
    if number.role is not NumberRole.DURATION:
        return None
    unit = next(iter(number.after), "")
    months = unit == "mois"
    if unit and not months and unit not in _IN_YEARS and unit not in STOP_WORDS:
        return None
    years, part = divmod(number.value, 12 if months else 1)
    return int(years) if not part and 1 <= years <= most else None


def _is_of(number: ToldNumber, counted: frozenset[str]) -> bool:
    """Whether a number counts what an aid is paid for: « 3 VTA », « si on en prend 3 », never « 3 communes »."""
    noun = next(iter(number.after), "")
    return not noun or noun in STOP_WORDS or bool(set(analyse(noun)) & counted)


def _shared(texts: Sequence[str], stems: set[str]) -> int:
    """How many words, at most, one of some texts shares with a question, those that name no expense left out."""
    return max((len((set(analyse(text)) - _ANY_EXPENSE) & stems) for text in texts), default=0)


def _names(statement: str, document: Document) -> bool:
    spoken = f" {' '.join(words(statement))} "
    return any(f" {' '.join(words(name))} " in spoken for name in document.names)


def _brings(question: str, numbers: Sequence[ToldNumber], payers: Collection[str]) -> bool:
    """Whether a short message changes something of a sum: « sur trois ans ? », « et sans ? », « et l'Anah ? », « il reste ? »."""
    plain = fold(question).strip(" ?!.")
    told = {number.role for number in numbers} & {NumberRole.EXPENSE, NumberRole.DURATION, NumberRole.COUNT, NumberRole.RATE}
    said = _WITH.search(plain) or _WHOLE.search(plain) or _REST.search(plain) or re.search(r"\b(?:avec|sans)$", plain)
    return bool(told or said or any(payer in plain for payer in payers) or len(content_words(question)) <= 1)


def _meant(document: Document, asked: SumAsked, stems: set[str]) -> list[Grant]:
    """The grants whose expense or name the question says, all when it says none.

    One of several payers is chosen when its share is asked (« et l'Anah, combien ? »); « avec » or « sans » it, the variant.
    """
    if shares := _of_a_payer(rates(document, GrantNature.SUBSIDY), asked):
        return shares
    rows = calculable(document)
    by_words = [len(set(analyse(f"{grant.name} {grant.expense}")) & stems) for grant in rows]
    best = max(by_words, default=0)
    meant = [grant for grant, shared in zip(rows, by_words, strict=True) if shared == best] if best else list(rows)
    # Variants of one aid, for one expense, stay together: which applies is what the asker must see.
    expenses = {grant.expense for grant in meant}
    meant = [grant for grant in rows if grant.expense in expenses] if len(expenses) == 1 else meant
    plain = fold(asked.statement).strip(" ?!.")
    # What is said last of a partner counts: « sans l'Anah » before, « et avec l'Anah ? » now.
    said = {partner: "avec" if word == "avec" else "sans" for word, partner in _WITH.findall(plain)}
    if said and (bare := re.search(r"\b(avec|sans)$", plain)):  # « sans l'Anah », then « et avec ? »
        said[list(said)[-1]] = bare[1]
    for partner, word in said.items():
        chosen = [g for g in meant if fold(g.name).startswith(word) and partner in fold(g.name)]
        meant = chosen or meant
    return meant


def _of_a_payer(rows: Sequence[Grant], asked: SumAsked) -> list[Grant]:
    """The shares of who is asked about last, when it is a share that is asked."""
    payers = {fold(grant.payer): grant for grant in rows if grant.payer}
    for text in reversed(asked.texts):
        plain = fold(text).strip(" ?!.")
        partners = {partner for _, partner in _WITH.findall(plain)}
        for payer, grant in payers.items():
            name = rf"(?:l'|la |le |de la |de l'|du )?{re.escape(payer)}"
            near = rf"\b{_SHARE}\b(?:\W+\w+){{0,3}}?\W+{name}\b|\b{name}\b(?:\W+\w+){{0,4}}?\W+{_SHARE}\b|^(?:et )?{name}$"
            if not partners & set(payer.split()) and re.search(near, plain):
                return [grant]
        if partners or _WHOLE.search(plain):
            return []
    return []
