"""« Ma commune »: what a visitor says of a commune → every dispositif with its verdict.

Reads the form, completes it from the list of communes where there is one, and asks `eligibility`.
Keeps nothing: each call stands alone, exports too. Draws nothing itself: `commune_view` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from assistant.answering import eligibility
from assistant.answering.aid_amounts import calculable, compute
from assistant.answering.answer import Citation
from assistant.answering.eligibility import SchemeReview
from assistant.answering.proofs import passage_of
from assistant.answering.situation import FIELDS, Deduction, Situation, completed, contradictions
from assistant.web.public import chat_export, commune_export, commune_view
from assistant.web.public import page_texts as texts
from assistant.web.public.commune_list import Commune, CommuneFile, CommuneList
from assistant.web.public.consultation import Consultation
from assistant.web.shared import page_pictures, sources, typography
from assistant.web.shared.published_base import Edition, PublishedBase
from assistant.web.shared.sources import CitedSource
from index.document import Passage
from index.fiche import Criterion
from index.figures import long_date

_TYPED = 120  # characters read of a field
_LARGEST = 100_000_000  # neither a commune nor an expense is beyond
_AMOUNT = re.compile(r"\d+(?:\.\d{1,2})?")


class CommunePage:
    """The handlers of the tab. One for all visitors: holds nothing of any."""

    def __init__(self, base: PublishedBase, file: CommuneFile) -> None:
        self._base, self._file = base, file

    def form(self) -> str:
        """The empty form: it asks only what some criterion of the base depends on."""
        communes, problem = self._file.current()
        return commune_view.form(_asked_values(self._base.edition), communes is not None, _state_of(communes, problem))

    def find(self, fields: Any) -> list[dict[str, Any]]:
        """The communes of the list that what is typed may mean."""
        communes, _ = self._file.current()
        typed = _text(fields, "typed")
        return [_proposal(commune) for commune in communes.search(typed)] if communes else []

    def review(self, fields: Any) -> str:
        """The result for a form that is sent, as HTML.

        Args:
            fields: name of a field → what was typed: `commune`, `insee`, `population`, `bearer`, « oui » or « non » for
                `programme-PVD` and the like; anything else is taken as not said.
        """
        return commune_view.result(self.consult(fields))

    def open_proof(self, fields: Any) -> str:
        """The content of the source panel for a criterion or an aid."""
        edition = self._base.edition
        wanted, marker = _text(fields, "passage", 1000), _text(fields, "marker")
        passage = next((p for p in edition.assistant.retriever.passages if p.id == wanted), None)
        if passage is None or not marker.isdecimal():
            return commune_view.gone()
        source = _source(passage, int(marker), edition)
        return sources.panel(source, pictures=page_pictures.of(source, edition.assistant.retriever))

    def compute(self, fields: Any) -> str:
        """The aids of one dispositif for an expense, step by step."""
        retriever = self._base.edition.assistant.retriever
        document = retriever.documents.get(_text(fields, "document", 1000))
        expense, chosen = _amount(_text(fields, "expense")), _text(fields, "purpose", 1000)
        if document is None or expense is None:
            return commune_view.sums([])
        rows = [grant for grant in calculable(document) if not chosen or grant.expense == chosen]
        proved = [grant for grant in rows if passage_of(grant, document.path, retriever.passages)]
        return commune_view.sums([compute(grant, expense).text for grant in proved])

    def exported(self, fields: Any, kind: str) -> tuple[bytes, str, str]:
        """(content, media type, file name) of the result as a file."""
        consultation = self.consult(fields)
        if kind == "docx":
            return commune_export.to_docx(consultation), chat_export.DOCX_TYPE, f"{texts.COMMUNE_EXPORT_FILE}.docx"
        return commune_export.to_markdown(consultation), chat_export.MARKDOWN_TYPE, f"{texts.COMMUNE_EXPORT_FILE}.md"

    def consult(self, fields: Any) -> Consultation:
        """Read the form, complete it from the list, review every dispositif."""
        edition = self._base.edition
        communes, problem = self._file.current()
        said, notices = _read(fields)
        commune, homonyms, list_notices = _identified(communes, said)
        retriever = edition.assistant.retriever
        documents, passages = retriever.documents.values(), retriever.passages
        words = [criterion for document in documents for criterion in document.header.criteria]
        said = replace(said, answers=_in_words(fields, words))
        situation = completed(_completed(said, commune), passages)
        reviews = tuple(eligibility.review(documents, passages, situation))
        proofs = {p.id: p for review in reviews for p in _proofs(review)}
        deduced = tuple((_deduced(each), each.passage) for each in situation.deduced.values() if texts.fact(each.fact))
        markers = {name: number for number, name in enumerate(dict.fromkeys([*proofs, *(p.id for _, p in deduced)]), 1)}
        facts = (*_facts(situation, commune), *_answers_in_words(situation, words))
        notices += list_notices + _clashes(situation, passages) + ([] if facts or homonyms else [texts.NOTHING_SAID])
        return Consultation(
            situation,
            commune,
            (*facts, *(text for text, _ in deduced)),
            deduced,
            tuple(eligibility.questions(reviews, passages, situation)),
            tuple(notices),
            tuple(homonyms),
            reviews,
            tuple(_source(p, markers[p.id], edition) for p in proofs.values()),
            markers,
            edition,
            _state_of(communes, problem),
        )


# -- reading the form ----------------------------------------------------------------------------


def _text(fields: Any, name: str, limit: int = _TYPED) -> str:
    value = fields.get(name) if isinstance(fields, Mapping) else None
    return " ".join(str(value)[:limit].split()) if isinstance(value, str | int) else ""


def _read(fields: Any) -> tuple[Situation, list[str]]:
    """What the visitor said, and what could not be understood of it."""
    typed = _text(fields, "population")
    population = _whole(typed)
    programmes, conventions, zones = (
        {value: given == "oui" for value, given in _answers(fields, kind) if given in ("oui", "non")} for kind in FIELDS
    )
    bearer = _text(fields, "bearer")
    said = Situation(
        _text(fields, "commune"),
        _text(fields, "insee"),
        population,
        programmes,
        conventions,
        zones,
        bearer=bearer if bearer in texts.BEARERS else None,
    )
    unread = bool(typed) and population is None
    return said, [texts.POPULATION_UNREAD.format(typed=typed)] if unread else []


def _in_words(fields: Any, criteria: Sequence[Criterion]) -> dict[str, bool]:
    """The answers given in the list itself to what a fiche asks in words."""
    given = {criterion.key: _text(fields, criterion.key) for criterion in criteria}
    return {name: answer == "oui" for name, answer in given.items() if answer in ("oui", "non")}


def _answers(fields: Any, kind: str) -> list[tuple[str, str]]:
    return [(value, _text(fields, f"{kind}-{value}")) for value in texts.ASKED[kind][1]]


def _whole(typed: str) -> int | None:
    """« 3 200 », « 3.200 hab. » → 3200; None for anything that is no whole number."""
    digits = re.sub(r"\s*(?:habitants?|hab\.?)$", "", typed, flags=re.IGNORECASE)
    digits = re.sub(r"(?<=\d)[\s.](?=\d{3}(?!\d))", "", digits)
    return int(digits) if digits.isascii() and digits.isdecimal() and int(digits) < _LARGEST else None


def _amount(typed: str) -> Decimal | None:
    """« 60 000 € », « 60000,50 » → euros; None for anything else."""
    plain = re.sub(r"\s*(?:€|euros?)$", "", typed)
    plain = re.sub(r"(?<=\d)[\s.](?=\d{3}(?!\d))", "", plain).replace(",", ".")
    if not plain.isascii() or not _AMOUNT.fullmatch(plain):
        return None
    value = Decimal(plain)
    return value if 0 < value < _LARGEST else None


def _identified(communes: CommuneList | None, said: Situation) -> tuple[Commune | None, list[Commune], list[str]]:
    """(the commune, or its homonyms, what to tell) for what was typed or chosen."""
    if communes is None or not (said.name or said.insee):
        return None, [], []
    chosen = communes.get(said.insee) if said.insee else None
    if chosen and (not said.name or said.name in (chosen.label, chosen.name)):
        return chosen, [], []
    namesakes = communes.exact(said.name)
    if len(namesakes) == 1:
        return namesakes[0], [], []
    return None, namesakes, [] if namesakes else [texts.COMMUNE_ABSENT.format(name=said.name)]


def _completed(said: Situation, commune: Commune | None) -> Situation:
    """The visitor's answers; the list's where the visitor gave none."""
    if commune is None:
        return said
    return replace(
        said,
        insee=commune.insee,
        population=commune.population if said.population is None else said.population,
        programmes={**commune.programmes, **said.programmes},
        conventions={**commune.conventions, **said.conventions},
        zones={**commune.zones, **said.zones},
    )


def _facts(situation: Situation, listed: Commune | None) -> list[str]:
    """What was taken into account, in words; what the list says too is told as such."""
    facts = []
    if situation.population is not None:
        count = typography.number(situation.population)
        from_list = listed is not None and listed.population == situation.population
        facts.append(_sourced(texts.INHABITANTS.format(count=count), from_list))
    for kind, field in FIELDS.items():
        for value, known in getattr(situation, field).items():
            label = _fact(texts.ASKED[kind][1][value], known)
            facts.append(_sourced(label, listed is not None and getattr(listed, field).get(value) == known))
    return facts + ([texts.BORNE_BY.format(bearer=texts.BEARERS[situation.bearer])] if situation.bearer else [])


def _answers_in_words(situation: Situation, words: Sequence[Criterion]) -> list[str]:
    """The answers to criteria in words, each with the words it answers."""
    criterion_texts = {criterion.key: criterion.text for criterion in words}
    return [_fact(criterion_texts[name], known) for name, known in situation.answers.items()]


def _deduced(deduction: Deduction) -> str:
    return texts.DEDUCED.format(fact=_fact(texts.fact(deduction.fact), deduction.value), because=texts.fact(deduction.because))


def _clashes(situation: Situation, passages: Sequence[Passage]) -> list[str]:
    """Answers that the base says cannot go together."""
    pairs = contradictions(situation, passages)
    said = [[texts.fact(name) for name in pair] for pair in pairs]
    return [texts.CLASH.format(first=first, second=second) for first, second in said if first and second]


def _fact(label: str, known: bool) -> str:
    return f"{label} : {texts.ANSWERS['oui' if known else 'non'].lower()}"


def _sourced(fact: str, listed: bool) -> str:
    return f"{fact} ({texts.FROM_LIST})" if listed else fact


# -- what the result shows -----------------------------------------------------------------------


def _asked_values(edition: Edition) -> dict[str, list[str]]:
    """Kind of criterion → the values some fiche depends on, in the order of the texts."""
    used: dict[str, set[str]] = {}
    for document in edition.assistant.retriever.documents.values():
        for criterion in document.header.criteria:
            used.setdefault(criterion.kind, set()).update(criterion.values)
    known = {kind: labels for kind, (_, labels) in texts.ASKED.items()} | {"porteur": texts.BEARERS}
    return {kind: [value for value in labels if value in used.get(kind, ())] for kind, labels in known.items()}


def _state_of(communes: CommuneList | None, problem: str) -> str:
    if communes is None:
        return texts.LIST_BROKEN.format(problem=problem) if problem else texts.LIST_NONE
    shape = texts.LIST_DATED if communes.dated else texts.LIST_FILE
    return shape.format(date=long_date(communes.date), count=typography.number(len(communes.communes)))


def _proposal(commune: Commune) -> dict[str, Any]:
    """A commune of the list and the answers it gives, for the form to show."""
    facts = {"population": str(commune.population)} if commune.population is not None else {}
    for kind, field in FIELDS.items():
        facts |= {f"{kind}-{value}": "oui" if known else "non" for value, known in getattr(commune, field).items()}
    return {"insee": commune.insee, "label": commune.label, "epci": commune.epci, "facts": facts}


def _proofs(review: SchemeReview) -> list[Passage]:
    """The passages a review rests on, in the order they are shown."""
    return [v.passage for v in review.verdicts if v.passage] + [aid.passage for aid in review.aids]


def _source(passage: Passage, marker: int, edition: Edition) -> CitedSource:
    return sources.source_of(Citation(marker, passage, passage.start, passage.end), edition.assistant.retriever.documents)
