"""The conversation as HTML: exchanges, numbered citations, opinions, « Pourquoi cette réponse ? ».

Draws what `conversations` holds; decides nothing. Everything shown is escaped here; answers go through `safe_markdown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from html import escape

from assistant.answering.answer import Answer, ConsideredPassage, Status, Support, WritingReport
from assistant.generation import generation_texts
from assistant.web.public import page_texts as texts
from assistant.web.public.conversations import AnswerStage, ChatTurn, Conversation
from assistant.web.shared import common_texts as common
from assistant.web.shared.published_base import Edition
from assistant.web.shared.safe_markdown import markdown
from assistant.web.shared.sources import CitedSource, is_stale
from assistant.web.shared.typography import place, tied
from index.figures import long_date

_EXPLAINED = 12  # passages listed in « Pourquoi cette réponse ? »


def frame(conversation: Conversation, entries: Iterable[ChatTurn], edition: Edition, reset: bool = False) -> str:
    """What the page must now show: exchanges to add or replace, and the state of the conversation."""
    entries = list(entries)
    last = entries[-1] if entries else None
    announced = texts.announce(len(last.sources)) if last and last.stage is AnswerStage.DONE and not reset else ""
    attributes = {
        "data-conversation": conversation.id,
        "data-running": "true" if conversation.running else "false",
        "data-reset": "true" if reset else "false",
        "data-announce": announced or (texts.FAILED if last and last.stage is AnswerStage.FAILED else ""),
    }
    head = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    cut = f'<p class="break">{texts.OLDER_GONE}</p>' if reset and entries and entries[0].number > 1 else ""
    return f"<div {head}>{cut}{''.join(exchange(entry, edition) for entry in entries)}</div>"


def exchange(entry: ChatTurn, edition: Edition) -> str:
    """One question and its answer, as far as it is written."""
    body = _finished(entry, entry.answer, edition) if entry.answer else _unfinished(entry)
    return (
        f'<article class="exchange {entry.stage}" id="exchange-{entry.key}" data-exchange="{entry.key}">'
        f'<h2 class="question"><span class="sr-only">{texts.YOU} </span>{_lines(entry.question)}</h2>'
        f'<div class="answer">{_understood(entry)}{body}</div></article>'
    )


def welcome(edition: Edition) -> str:
    """The suggested questions: one tab a theme."""
    themes = list(edition.suggestions.items())
    tabs = "".join(
        f'<button type="button" role="tab" id="theme-{n}" aria-controls="questions-{n}" '
        f'aria-selected="{"true" if n == 0 else "false"}" tabindex="{0 if n == 0 else -1}">{escape(theme)}</button>'
        for n, (theme, _) in enumerate(themes)
    )
    panels = "".join(
        f'<div role="tabpanel" id="questions-{n}" aria-labelledby="theme-{n}"{"" if n == 0 else " hidden"}>'
        f'<ul class="suggestions">{_suggestions(questions)}</ul></div>'
        for n, (_, questions) in enumerate(themes)
    )
    if not themes:
        return ""
    return (
        f'<section class="themes" aria-label="{texts.THEMES}"><h2>{texts.THEMES}</h2>'
        f'<button type="button" class="fold" aria-expanded="false" aria-controls="theme-choice">{texts.THEMES}</button>'
        f'<div id="theme-choice"><div class="tabs" role="tablist" aria-label="{texts.THEMES}">{tabs}</div>{panels}</div>'
        "</section>"
    )


# -- parts of an exchange ------------------------------------------------------------------------


def _understood(entry: ChatTurn) -> str:
    understood = entry.answer.standalone_question if entry.answer else entry.understood
    if not understood or _same(understood, entry.question):
        return ""
    return f'<p class="understood"><span>{texts.UNDERSTOOD}</span> {escape(tied(understood))}</p>'


def _same(understood: str, typed: str) -> bool:
    """True when only case, spaces or the closing mark differ: nothing worth telling."""
    return re.sub(r"[\s?.!]+", "", understood).casefold() == re.sub(r"[\s?.!]+", "", typed).casefold()


def _unfinished(entry: ChatTurn) -> str:
    if entry.stage is AnswerStage.FAILED:
        return (
            f'<p class="warning">{texts.FAILED}</p>'
            f'<button type="button" class="plain" data-ask="{escape(entry.question)}">{texts.RETRY}</button>'
        )
    stop = f'<p><button type="button" class="plain" data-stop>{texts.STOP}</button></p>' if entry.stoppable else ""
    if entry.text:
        return f'<div class="reply writing">{markdown(entry.text)}</div>{stop}'
    progress = texts.WRITING.format(count=entry.considered) if entry.considered else texts.SEARCHING
    return f'<p class="progress"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>{progress}</p>{stop}'


def _finished(entry: ChatTurn, answer: Answer, edition: Edition) -> str:
    sources = {source.marker: source for source in entry.sources}
    return (
        _status(answer)
        + _validated(answer)
        + _changed(entry, edition)
        + _written(answer)
        + f'<div class="reply">{markdown(answer.text, sources)}</div>'
        + _weak(answer)
        + _sources(entry, answer)
        + team(entry)
        + _actions(entry)
        + _related(entry.related)
        + _why(answer, edition)
    )


def _status(answer: Answer) -> str:
    label = texts.STATUS.get(answer.status)
    return f'<p class="status {answer.status}">{label}</p>' if label else ""


def _validated(answer: Answer) -> str:
    """Who vouches for an answer of the team, and the question it was validated for."""
    if answer.validated is None:
        return ""
    return (
        f'<p class="validated"><strong>{escape(texts.validated(answer.validated))}</strong> '
        f"<span>{escape(texts.VALIDATED_FOR.format(question=tied(answer.validated.question)))}</span></p>"
    )


def _written(answer: Answer) -> str:
    """Who wrote the answer, or why it is not who was asked to."""
    if answer.writing is None:
        return ""
    kind = "fell-back" if answer.writing.fallback else "by-model"
    return f'<p class="written {kind}">{escape(tied(generation_texts.told(answer.writing)))}</p>'


def _changed(entry: ChatTurn, edition: Edition) -> str:
    """Where the answer stands no more: what it quotes has left the base, or is written otherwise now."""
    documents = edition.assistant.retriever.documents
    changed = any(s.document not in documents or s.quote not in documents[s.document].text for s in entry.sources)
    if not changed and not entry.taken_back:
        return ""
    said = "" if entry.taken_back else f'<p class="warning">{texts.CHANGED}</p>'
    return f'{said}<p><button type="button" class="plain" data-ask="{escape(entry.question)}">{texts.ASK_AGAIN}</button></p>'


def _weak(answer: Answer) -> str:
    """The sentences whose source must be read before they are believed."""
    weak = [sentence.text for sentence in answer.sentences if sentence.support is Support.WEAK]
    return "".join(f'<p class="weak">{texts.WEAK.format(sentence=escape(text))}</p>' for text in weak)


def _sources(entry: ChatTurn, answer: Answer) -> str:
    if not entry.sources:
        return ""
    today = date.today()
    title = texts.NEAREST if answer.status is Status.NOT_FOUND else texts.SOURCES
    items = "".join(f"<li>{_source_line(source, is_stale(source, today))}</li>" for source in entry.sources)
    return f'<div class="sources"><h3 class="label">{title}</h3><ol>{items}</ol></div>'


def _source_line(source: CitedSource, stale: bool) -> str:
    section = f'<span class="section">{escape(tied(source.headings[-1]))}</span>' if source.headings else ""
    page = f'<span class="section">{escape(common.PAGE.format(page=source.page))}</span>' if source.page else ""
    updated = common.UPDATED.format(date=long_date(source.updated)) if source.updated else ""
    dated = f'<span class="section">{escape(updated)}</span>' if updated else ""
    late = f'<span class="stale">{texts.TO_REVIEW_SHORT}</span>' if stale else ""
    return (
        f'<button type="button" class="source-link" data-marker="{source.marker}"><span class="number">{source.marker}</span>'
        f'<span class="name"><span class="document">{escape(source.title)}</span>{section}{page}{dated}</span>{late}</button>'
    )


def team(entry: ChatTurn) -> str:
    """On a refusal: the button that puts the question to the team, then the link to their reply."""
    if entry.reference:
        address = f"reponse/{entry.reference}"
        return (
            f'<div class="team sent"><p>{texts.TEAM_SENT} <a href="{address}">{texts.TEAM_LINK}</a></p>'
            f'<div class="buttons"><button type="button" class="plain" data-link="{address}" data-copied="{texts.TEAM_COPIED}">'
            f'{texts.TEAM_COPY}</button></div><p class="said" role="status"></p></div>'
        )
    if not entry.for_the_team:
        return ""
    return (
        f'<div class="team"><p>{texts.TEAM_OFFER}</p><div class="buttons"><button type="button" class="plain" data-team>'
        f'{texts.TEAM_ASK}</button></div><p class="said" role="status"></p></div>'
    )


def _actions(entry: ChatTurn) -> str:
    buttons = "".join(
        f'<button type="button" class="icon {value}" data-opinion="{value}" aria-pressed="{str(entry.opinion == value).lower()}" '
        f'aria-label="{label}" title="{label}"{extra}>{_ICONS[value]}</button>'
        for value, label, extra in (
            ("up", texts.UP, ""),
            ("down", texts.DOWN, f' aria-expanded="false" aria-controls="opinion-{entry.key}"'),
        )
    )
    copy = (
        f'<button type="button" class="icon copy" data-copy="{escape(plain(entry))}" aria-label="{texts.COPY}" '
        f'title="{texts.COPY}">{_ICONS["copy"]}</button>'
    )
    link = (
        f'<button type="button" class="icon link" data-share aria-label="{texts.LINK}" '
        f'title="{texts.LINK}">{_ICONS["link"]}</button>'
        if entry.linkable
        else ""
    )
    said = texts.FEEDBACK_THANKS if entry.opinion else ""
    return f'<div class="actions">{buttons}{copy}{link}<p class="said" role="status">{said}</p></div>{_opinion_form(entry.key)}'


def _opinion_form(key: str) -> str:
    reasons = "".join(
        f'<label class="chip"><input type="checkbox" name="reason" value="{value}"><span>{label}</span></label>'
        for value, label in texts.REASONS.items()
    )
    return (
        f'<form class="opinion" id="opinion-{key}" hidden><fieldset><legend>{texts.FEEDBACK_QUESTION}</legend>'
        f'<div class="chips">{reasons}</div></fieldset>'
        f'<label class="comment"><span>{texts.COMMENT}</span>'
        '<textarea name="comment" rows="2" maxlength="2000"></textarea></label>'
        f'<div class="buttons"><button type="submit" class="primary">{texts.FEEDBACK_SEND}</button>'
        f'<button type="button" class="plain" data-cancel>{texts.CANCEL}</button></div></form>'
    )


def _related(questions: Sequence[str]) -> str:
    if not questions:
        return ""
    items = _suggestions(questions)
    return f'<div class="related"><h3 class="label">{texts.RELATED}</h3><ul class="suggestions">{items}</ul></div>'


def _suggestions(questions: Iterable[str]) -> str:
    return "".join(
        f'<li><button type="button" class="suggestion" data-ask="{escape(question)}">{escape(tied(question))}</button></li>'
        for question in questions
    )


def plain(entry: ChatTurn) -> str:
    """An answer as text, with its numbered sources: what « copier » copies."""
    if not entry.answer:
        return ""
    lines = [f"[{s.marker}] {place(s.title, s.headings, s.page)}" for s in entry.sources]
    vouched = f"{texts.validated(entry.answer.validated)}." if entry.answer.validated else ""
    written = generation_texts.told(entry.answer.writing) if entry.answer.writing else ""
    return "\n\n".join(filter(None, [vouched, written, entry.answer.text.strip(), "\n".join(lines)]))


# -- « Pourquoi cette réponse ? » ----------------------------------------------------------------


def _why(answer: Answer, edition: Edition) -> str:
    explanation = answer.explanation
    if explanation is None:
        return ""
    rows = [
        (texts.WHY_QUESTION, escape(answer.standalone_question)),
        (texts.WHY_CHANGES, _pairs(explanation.changes)),
        (texts.WHY_TERMS, _pairs((word, ", ".join(terms)) for word, terms in explanation.extra.items())),
        (texts.WHY_CONTEXT, escape(explanation.context)),
        (texts.WHY_MISSING, escape(", ".join(explanation.missing))),
        (texts.WHY_WITHHELD, str(answer.withheld) if answer.withheld else ""),
        *_why_written(answer.writing),
        (texts.WHY_PROBABILITY, f"{round(answer.probability * 100)} %"),
    ]
    facts = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
    return (
        f'<details class="why"><summary>{texts.WHY}</summary><dl>{facts}</dl>{_considered(explanation.hits, edition)}</details>'
    )


def _why_written(report: WritingReport | None) -> list[tuple[str, str]]:
    if report is None:
        return []
    reasons = " ; ".join(f"{escape(reason)} : {count}" for reason, count in report.reasons.items())
    told = escape(generation_texts.told(report))
    return [(texts.WHY_WRITING, told), (texts.WHY_REASONS, reasons), (texts.WHY_PROMPT, escape(report.prompt))]


def _pairs(pairs: Iterable[tuple[str, str]]) -> str:
    return " ; ".join(f"« {escape(typed)} » → {escape(meant)}" for typed, meant in pairs)


def _considered(hits: Sequence[ConsideredPassage], edition: Edition) -> str:
    if not hits:
        return ""
    heads = "".join(f'<th scope="col">{name}</th>' for name in texts.WHY_COLUMNS)
    # A passage may have left the base with its document.
    held = [hit for hit in hits if _document_of(hit) in edition.assistant.retriever.documents]
    rows = "".join(_considered_row(hit, edition) for hit in held[:_EXPLAINED])
    return (
        f'<p class="label">{texts.WHY_PASSAGES}</p>'
        f'<div class="table" tabindex="0" role="region" aria-label="{texts.WHY_PASSAGES}">'
        f'<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div><p class="note">{texts.WHY_NOTE}</p>'
    )


def _considered_row(hit: ConsideredPassage, edition: Edition) -> str:
    document = edition.assistant.retriever.documents.get(_document_of(hit))
    section = hit.section.rpartition(" › ")[2]
    name = " › ".join(filter(None, [document.title if document else "", section]))
    numbers = "".join(f"<td>{_number(value)}</td>" for value in (hit.dense, hit.lexical, hit.score))
    outcome = escape(hit.outcome)
    return f'<tr><th scope="row">{escape(name)}<span class="outcome">{outcome}</span></th>{numbers}</tr>'


def _document_of(hit: ConsideredPassage) -> str:
    return hit.passage.rpartition("#")[0]


def _number(value: float) -> str:
    return f"{value:.2f}".replace(".", ",").replace("-", "−")


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _svg(path: str) -> str:
    return (
        '<svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.75" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{path}</svg>'
    )


_THUMB = (
    '<path d="M7 10.5v9H4.2a.7.7 0 0 1-.7-.7v-7.6a.7.7 0 0 1 .7-.7H7Zm0 0 3.8-6.6c1.5 0 2.4 1 2.4 2.4v3.2h5.1a2 2 0 0 1 2 2.3'
    'l-1 6a2 2 0 0 1-2 1.7H7"/>'
)
_ICONS = {
    "up": _svg(_THUMB),
    "down": _svg(f'<g transform="rotate(180 12 12)">{_THUMB}</g>'),
    "copy": _svg(
        '<rect x="8.5" y="8.5" width="11" height="11" rx="1.5"/>'
        '<path d="M15.5 8.5v-3a1 1 0 0 0-1-1h-9a1 1 0 0 0-1 1v9a1 1 0 0 0 1 1h3"/>'
    ),
    "link": _svg(
        '<path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3"/>'
        '<path d="M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1"/>'
    ),
}
