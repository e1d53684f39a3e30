"""« Ma commune » as HTML: the form, the result criterion by criterion, the sums. Everything shown is escaped here.

Draws what `commune_page` found; decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from assistant.answering import eligibility
from assistant.answering.eligibility import Aid, CriterionVerdict, EligibilityOutcome, Question, SchemeReview, VerdictBasis
from assistant.answering.situation import BEARER, POPULATION
from assistant.web.public import page_texts as texts
from assistant.web.public.consultation import Consultation
from assistant.web.shared.sources import name_of
from assistant.web.shared.typography import tied
from index.document import Passage
from index.figures import long_date

_NAMED = 3  # dispositifs named beside a question
_ASKED_FIRST = 5  # questions in sight; the others are one click away


# -- the form ------------------------------------------------------------------------------------


def form(asked_values: Mapping[str, Sequence[str]], listed: bool, state: str) -> str:
    """The form; `asked_values` names the values some criterion depends on, `listed` says whether names are completed."""
    groups = "".join(_answers(kind, asked_values.get(kind, ())) for kind in texts.ASKED)
    return (
        f'<section class="commune" aria-labelledby="commune-title"><h2 id="commune-title">{texts.COMMUNE}</h2>'
        f'<p class="lead">{tied(texts.COMMUNE_LEAD)}</p>'
        '<form id="commune-form" method="post" action="commune/export" autocomplete="off" novalidate>'
        f'<div class="pair">{_name(listed)}{_population()}</div><p class="listed">{escape(tied(state))}</p>'
        f"{groups}{_bearer(asked_values.get('porteur', ()))}"
        f'<div class="buttons"><button type="submit" class="primary">{texts.COMMUNE_SUBMIT}</button>'
        f'<button type="reset" class="plain">{texts.COMMUNE_RESET}</button></div><div id="commune-notice"></div></form>'
        '<div id="commune-result"></div><p class="sr-only" role="status" id="commune-said"></p></section>'
    )


def _name(listed: bool) -> str:
    if not listed:
        return _field("commune-name", texts.COMMUNE_NAME_FREE, '<input id="commune-name" name="commune" maxlength="120">')
    return _field(
        "commune-name",
        texts.COMMUNE_NAME,
        '<div class="combo"><input id="commune-name" name="commune" maxlength="120" role="combobox" aria-autocomplete="list" '
        'aria-expanded="false" aria-controls="commune-choices" spellcheck="false"><input type="hidden" name="insee">'
        f'<ul id="commune-choices" role="listbox" aria-label="{texts.COMMUNE_CHOICES}" hidden></ul></div>'
        f'<p class="sr-only" role="status" id="commune-found" data-none="{texts.found_communes(0)}" '
        f'data-one="{texts.found_communes(1)}" data-many="{texts.COMMUNE_FOUND_MANY}"></p>',
    )


def _population() -> str:
    box = (
        '<input id="commune-population" name="population" inputmode="numeric" maxlength="20" '
        f'placeholder="{texts.POPULATION_HINT}">'
    )
    return _field("commune-population", texts.POPULATION, box)


def _field(name: str, label: str, control: str) -> str:
    return f'<div class="field"><label for="{name}">{label}</label>{control}</div>'


def _answers(kind: str, values: Sequence[str]) -> str:
    if not values:
        return ""
    legend, labels = texts.ASKED[kind]
    rows = "".join(_answer(f"{kind}-{value}", f"{legend.rstrip('…')} {labels[value]}", labels[value]) for value in values)
    return f'<fieldset class="answers"><legend>{escape(legend)}</legend>{rows}</fieldset>'


def _answer(name: str, question: str, label: str) -> str:
    choices = "".join(
        f'<label><input type="radio" name="{name}" value="{value}"{"" if value else " checked"}><span>'
        + (shown if value else f'<span aria-hidden="true">{shown}</span><span class="sr-only">{texts.ANSWER_UNKNOWN}</span>')
        + "</span></label>"
        for value, shown in texts.ANSWERS.items()
    )
    return (
        f'<div class="answer-row" role="radiogroup" aria-label="{escape(question)}"><span>{escape(label)}</span>'
        f'<span class="choices">{choices}</span></div>'
    )


def _bearer(values: Sequence[str]) -> str:
    if not values:
        return ""
    options = "".join(f'<option value="{value}">{escape(texts.BEARERS[value])}</option>' for value in values)
    box = f'<select id="commune-bearer" name="bearer"><option value="">{texts.BEARER_UNKNOWN}</option>{options}</select>'
    return _field("commune-bearer", texts.BEARER, box)


# -- the result ----------------------------------------------------------------------------------


def result(consultation: Consultation) -> str:
    """Every dispositif with its verdict; or, for homonyms, the choice to make first."""
    notices = "".join(f'<p class="warning">{escape(tied(notice))}</p>' for notice in consultation.notices)
    if consultation.homonyms:
        return notices + _homonyms(consultation)
    title = texts.RESULT_FOR.format(name=consultation.name) if consultation.name else texts.RESULT
    groups = "".join(_group(outcome, consultation) for outcome in EligibilityOutcome)
    return (
        f'<h2 class="result-title" tabindex="-1">{escape(title)}</h2><p class="counts">{escape(_counts(consultation))}</p>'
        f"{notices}{_facts(consultation)}{_exports()}{_questions(consultation)}{groups}"
    )


def gone() -> str:
    """The source panel when a passage is no longer in the base."""
    return f'<p class="warning">{texts.PROOF_GONE}</p>'


def sums(lines: Sequence[str]) -> str:
    """Computed aids, one line each; nothing to compute is told as such."""
    if not lines:
        return f'<p class="warning">{texts.SUM_UNREAD}</p>'
    items = "".join(f"<li>{_shown(line)}</li>" for line in lines)
    return f'<ul class="sums">{items}</ul><p class="note">{texts.SUM_NOTE}</p>'


def _counts(consultation: Consultation) -> str:
    yes, confirm, no = (len(consultation.of(outcome)) for outcome in EligibilityOutcome)
    return texts.RESULT_COUNTS.format(yes=yes, confirm=confirm, no=no, total=len(consultation.reviews))


def _homonyms(consultation: Consultation) -> str:
    buttons = "".join(
        f'<li><button type="button" class="suggestion" data-commune="{escape(commune.insee)}" '
        f'data-label="{escape(commune.label)}">'
        f"{escape(commune.label)}<small>{escape(', '.join(filter(None, [commune.insee, commune.epci])))}</small></button></li>"
        for commune in consultation.homonyms
    )
    title = texts.COMMUNE_HOMONYMS.format(name=consultation.situation.name)
    return f'<h2 class="result-title" tabindex="-1">{escape(tied(title))}</h2><ul class="suggestions">{buttons}</ul>'


def _facts(consultation: Consultation) -> str:
    deduced = dict(consultation.deduced)
    items = "".join(f"<li>{escape(tied(fact))}{_cite(deduced.get(fact), consultation)}</li>" for fact in consultation.facts)
    facts = f'<p class="label">{texts.RESULT_FACTS}</p><ul class="known">{items}</ul>' if items else ""
    state = consultation.edition.state
    dates = texts.RESULT_BASE.format(date=long_date(state.newest or state.published))
    return f'{facts}<p class="dates">{escape(dates)} {escape(consultation.listed)}</p>'


def _exports() -> str:
    buttons = "".join(
        f'<button type="submit" form="commune-form" class="plain" name="format" value="{kind}" '
        f'aria-label="{texts.EXPORT} : {name}">{name}</button>'
        for kind, name in (("md", texts.EXPORT_MARKDOWN), ("docx", texts.EXPORT_DOCX))
    )
    return f'<p class="export"><span>{texts.EXPORT}</span>{buttons}</p>'


def _questions(consultation: Consultation) -> str:
    """The facts left, each with its answers and what it settles; what settles most first."""
    if not consultation.questions:
        return ""
    first, rest = consultation.questions[:_ASKED_FIRST], consultation.questions[_ASKED_FIRST:]
    more = texts.counted(len(rest), texts.QUESTIONS_MORE, texts.QUESTIONS_MORE_MANY)
    folded = (
        f'<details class="more"><summary>{more}</summary><ul>{_question_list(rest, consultation)}</ul></details>' if rest else ""
    )
    return (
        f'<section class="asks" aria-labelledby="asks-title"><h3 id="asks-title" tabindex="-1">{texts.QUESTIONS_LEFT} '
        f'<span class="count">{len(consultation.questions)}</span></h3>'
        f'<p class="meaning">{tied(texts.QUESTIONS_LEAD)}</p><ul>{_question_list(first, consultation)}</ul>{folded}</section>'
    )


def _question_list(questions: Sequence[Question], consultation: Consultation) -> str:
    return "".join(f"<li>{_question(question, consultation)}</li>" for question in questions)


def _question(question: Question, consultation: Consultation) -> str:
    titles = [document.title for document in question.settles]
    schemes = (
        texts.SETTLES[1].format(first=titles[0])
        if len(titles) == 1
        else texts.SETTLES_MANY.format(
            count=len(titles), names=" ; ".join(titles[:_NAMED]) + (" ; …" if len(titles) > _NAMED else "")
        )
    )
    settles = f'<p class="settles">{_shown(schemes)}</p>'
    if question.fact in (POPULATION, BEARER):
        return _open_question(question.fact) + settles
    return _control(question.fact, texts.statement(question.fact) or question.text, consultation) + settles


def _open_question(fact: str) -> str:
    """What is no yes or no: a number of inhabitants, a bearer."""
    label = texts.POPULATION if fact == POPULATION else texts.BEARER
    options = "".join(f'<option value="{value}">{escape(shown)}</option>' for value, shown in texts.BEARERS.items())
    box = (
        f'<input id="ask-{fact}" inputmode="numeric" maxlength="20" placeholder="{texts.POPULATION_HINT}">'
        if fact == POPULATION
        else f'<select id="ask-{fact}"><option value="">{texts.BEARER_UNKNOWN}</option>{options}</select>'
    )
    return (
        f'<div class="ask open"><label for="ask-{fact}">{escape(label)}</label><span class="amount">{box}'
        f'<button type="button" class="plain" data-ask="{fact}" data-from="ask-{fact}">{texts.ASK_SUBMIT}</button></span></div>'
    )


def _control(fact: str, label: str, consultation: Consultation, seen: bool = True) -> str:
    """Yes, no, unknown: an answer refreshes the list. `seen`: the label is shown, not only said."""
    known = consultation.situation.fact(fact)
    now = "" if known is None else "oui" if known else "non"
    label = _capital(label)
    buttons = "".join(
        f'<button type="button" data-ask="{escape(fact)}" data-answer="{value}" aria-pressed="{str(value == now).lower()}">'
        + (shown if value else f'<span aria-hidden="true">{shown}</span><span class="sr-only">{texts.ANSWER_UNKNOWN}</span>')
        + "</button>"
        for value, shown in texts.ANSWERS.items()
    )
    shown = f"<span>{_shown(label)}</span>" if seen else ""
    return f'<div class="ask" role="group" aria-label="{escape(label)}">{shown}<span class="choices">{buttons}</span></div>'


def _group(outcome: EligibilityOutcome, consultation: Consultation) -> str:
    schemes = consultation.of(outcome)
    if not schemes:
        return ""
    title, meaning = texts.GROUPS[outcome]
    cards = "".join(_scheme(scheme, consultation) for scheme in schemes)
    return (
        f'<section class="group {outcome.name.lower()}"><h3>{_mark(outcome)} {title} '
        f'<span class="count">{len(schemes)}</span></h3>'
        f'<p class="meaning">{meaning}</p>{cards}</section>'
    )


def _scheme(scheme: SchemeReview, consultation: Consultation) -> str:
    label = texts.NOT_THIS_BEARER if scheme.only_bearer else texts.OUTCOMES[scheme.outcome]
    opened = " open data-open" if scheme.outcome is EligibilityOutcome.YES else ""
    name = escape(tied(scheme.document.title))
    return (
        f'<details class="scheme" data-path="{escape(scheme.document.path)}"{opened}>'
        f'<summary><span class="scheme-name">{name}</span>'
        f'<span class="verdict {scheme.outcome.name.lower()}">{label}</span>{_stale(scheme)}'
        f'<span class="gist">{_shown(_gist(scheme))}</span></summary>'
        f"{_late(scheme)}{_criteria(scheme, consultation)}"
        f"{_aids(scheme, consultation)}{_calculator(scheme)}{_contact(scheme)}</details>"
    )


def _gist(scheme: SchemeReview) -> str:
    """What decides, in one line."""
    against = [v.criterion.text for v in scheme.verdicts if v.outcome is EligibilityOutcome.NO]
    if against:
        return texts.AGAINST.format(first=against[0])
    if not scheme.verdicts:
        return texts.NO_CRITERION
    if not scheme.missing:
        return ""
    count, first = len(scheme.missing), scheme.missing[0].criterion.text
    return texts.REMAINS.get(count, texts.REMAINS_MANY).format(count=count, first=first)


def _stale(scheme: SchemeReview) -> str:
    return f'<span class="stale">{texts.TO_REVIEW_SHORT}</span>' if texts.stale_scheme(scheme.review_date) else ""


def _late(scheme: SchemeReview) -> str:
    warning = texts.stale_scheme(scheme.review_date)
    return f'<p class="late">{_shown(warning)}</p>' if warning else ""


def _criteria(scheme: SchemeReview, consultation: Consultation) -> str:
    if not scheme.verdicts:
        return ""
    items = "".join(f"<li>{_verdict(verdict, consultation)}</li>" for verdict in scheme.verdicts)
    return f'<p class="label">{texts.CRITERIA}</p><ul class="criteria">{items}</ul>'


def _verdict(verdict: CriterionVerdict, consultation: Consultation) -> str:
    why = "" if verdict.why is VerdictBasis.KNOWN else f' <span class="why-verdict">{texts.WHY_VERDICT[verdict.why]}</span>'
    return (
        f'{_mark(verdict.outcome)}<span><span class="sr-only">{texts.OUTCOMES[verdict.outcome]} : </span>'
        f"{_shown(_capital(verdict.criterion.text))}{_cite(verdict.passage, consultation)}"
        f"{why}{_in_place(verdict, consultation)}</span>"
    )


def _in_place(verdict: CriterionVerdict, consultation: Consultation) -> str:
    """The answers to a criterion, beside it: what is left to say, or what was said of its own words."""
    criterion = verdict.criterion
    if criterion.key in consultation.situation.answers:
        return _control(criterion.key, criterion.text, consultation, seen=False)
    facts = eligibility.facts_to_ask(verdict, consultation.situation)
    return "".join(
        _control(fact, texts.statement(fact) or criterion.text, consultation, seen=bool(texts.statement(fact)))
        for fact in facts
        if fact not in (POPULATION, BEARER)
    )


def _aids(scheme: SchemeReview, consultation: Consultation) -> str:
    if not scheme.aids:
        return ""
    same: dict[tuple[str, tuple[str, ...]], list[Aid]] = {}  # two rates told by one sentence: it is quoted once
    for aid in scheme.aids:
        same.setdefault((aid.passage.id, aid.sentences), []).append(aid)
    items = "".join(f"<li>{''.join(map(_aid_name, aids))}{_quote(aids[0], consultation)}</li>" for aids in same.values())
    return f'<p class="label">{texts.AIDS}</p><ul class="aids">{items}</ul>'


def _aid_name(aid: Aid) -> str:
    shown = _shown(texts.AID_CONDITION.format(condition=aid.condition))
    condition = f' <span class="condition">{shown}</span>' if aid.condition else ""
    return f'<span class="name"><strong>{_shown(_capital(aid.name))}</strong>{condition}</span>' if aid.name else ""


def _quote(aid: Aid, consultation: Consultation) -> str:
    return f'<span class="quote">{_shown(" ".join(aid.sentences))}{_cite(aid.passage, consultation)}</span>'


def _calculator(scheme: SchemeReview) -> str:
    if not scheme.grants or scheme.outcome is EligibilityOutcome.NO:
        return ""
    key = re.sub(r"\W", "-", scheme.document.path)
    purposes = list(dict.fromkeys(grant.expense for grant in scheme.grants))
    options = "".join(f'<option value="{escape(purpose)}">{escape(purpose)}</option>' for purpose in purposes)
    choice = (
        f'<label for="for-{key}">{texts.SUM_FOR}</label><select id="for-{key}" name="purpose">{options}</select>'
        if len(purposes) > 1
        else f'<p class="purpose">{texts.SUM_FOR} : {escape(purposes[0])}</p>'
    )
    return (
        f'<form class="sum" data-document="{escape(scheme.document.path)}">{choice}'
        f'<label for="sum-{key}">{texts.SUM_LABEL}</label><span class="amount"><input id="sum-{key}" name="expense" '
        f'inputmode="decimal" maxlength="20"><button type="submit" class="plain">{texts.SUM_SUBMIT}</button></span>'
        '<div class="summed" role="status"></div></form>'
    )


def _shown(text: str) -> str:
    """Escaped, and no amount is cut in two at the end of a line."""
    return escape(tied(text))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _contact(scheme: SchemeReview) -> str:
    contact = scheme.document.header.contact
    return f'<p class="contact">{escape(texts.CONTACT.format(contact=contact))}</p>' if contact else ""


def _cite(passage: Passage | None, consultation: Consultation) -> str:
    if passage is None:
        return ""
    number = consultation.markers[passage.id]
    label = escape(texts.PROOF.format(number=number, name=name_of(passage)))
    return (
        f'<button type="button" class="cite" data-proof="{escape(passage.id)}" data-number="{number}" aria-label="{label}" '
        f'title="{label}">{number}</button>'
    )


_PATHS = {
    EligibilityOutcome.YES: '<path d="m5 12.5 4.5 4.5L19 7.5"/>',
    EligibilityOutcome.CONFIRM: '<path d="M9 9.2a3 3 0 1 1 4.4 2.7c-.9.5-1.4 1.1-1.4 2.1M12 17.6v.1"/>',
    EligibilityOutcome.NO: '<path d="m6.5 6.5 11 11m0-11-11 11"/>',
}


def _mark(outcome: EligibilityOutcome) -> str:
    return (
        f'<svg class="mark {outcome.name.lower()}" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" '
        'stroke-width="2.25" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        f"{_PATHS[outcome]}</svg>"
    )
