"""The fixed parts of the page as HTML: header, source panel, tools, footer. Escapes what it is given."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from assistant.settings import Settings
from assistant.web.public import page_texts as texts
from assistant.web.shared import brand
from assistant.web.shared import common_texts as common
from assistant.web.shared.published_base import BaseState
from index.figures import long_date


def header() -> str:
    """The head of the page, with the links that skip it, as HTML."""
    return (
        f'<a class="skip" href="#question">{texts.SKIP}</a>'
        f'<a class="skip to-commune" href="#commune-form">{texts.COMMUNE_SKIP}</a><header class="brand">'
        f'<span class="mark" aria-hidden="true">{brand.ICON}</span>'
        f'<h1>{common.BRAND}<span class="sr-only"> : </span><span>{texts.BRAND_ROLE}</span></h1></header>'
    )


def views() -> str:
    """The two views of the page; the script says which one is shown."""
    return (
        f'<nav class="views" aria-label="{texts.VIEWS}"><a href="#questions" data-view="questions" aria-current="page">'
        f'{texts.VIEW_QUESTIONS}</a><a href="#ma-commune" data-view="commune">{texts.COMMUNE}</a></nav>'
    )


def state(base: BaseState) -> str:
    """The state of the base, always in sight."""
    published = long_date(base.published)
    title = texts.STATE_TITLE.format(version=base.version, published=published)
    updated = texts.STATE_UPDATED.format(date=long_date(base.newest or base.published))
    count = texts.STATE_DOCUMENTS.format(count=base.documents)
    return f'<p class="state" title="{escape(title)}"><strong>{escape(count)}</strong>, {escape(updated)}</p>'


def conversation(writes: bool = False) -> str:
    """Where the script puts the exchanges; the words it may need come along. `writes`: a model does."""
    lead = texts.WELCOME_LEAD_WRITTEN if writes else texts.WELCOME_LEAD
    return (
        f'<div class="welcome"><h2>{texts.WELCOME}</h2><p>{lead}</p></div>'
        f'<div id="log" role="log" aria-live="off" aria-label="{texts.LOG}" data-conversation=""></div>'
        f'<div id="words" hidden data-copied="{texts.COPIED}" data-copy-failed="{texts.COPY_FAILED}" '
        f'data-lost="{texts.LOST}" data-trouble="{texts.TROUBLE}" '
        f'data-fresh="{texts.FRESH}"></div>'
    )


def source_panel() -> str:
    """The panel that a citation opens, empty, as HTML."""
    return (
        f'<aside id="source" hidden aria-label="{texts.PANEL}"><button type="button" id="close-source" class="icon" '
        f'aria-label="{texts.PANEL_CLOSE}" title="{texts.PANEL_CLOSE}"><svg viewBox="0 0 24 24" width="20" height="20" '
        'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true">'
        '<path d="M6 6l12 12M18 6 6 18"/></svg>'
        '</button><div class="source-content"></div></aside>'
    )


def tools() -> str:
    """New conversation and exports. The export is a plain form: the file never touches a disk."""
    buttons = "".join(
        f'<button type="submit" class="plain" name="format" value="{kind}" aria-label="{texts.EXPORT} : {name}" disabled>'
        f"{name}</button>"
        for kind, name in (("md", texts.EXPORT_MARKDOWN), ("docx", texts.EXPORT_DOCX))
    )
    return (
        f'<div class="tools" role="group" aria-label="{texts.TOOLS}"><button type="button" class="plain" data-renew disabled>'
        f'{texts.NEW_CONVERSATION}</button><form class="export" method="post" action="export"><span>{texts.EXPORT}</span>'
        f'<input type="hidden" name="conversation" value="">{buttons}</form></div>'
    )


def style_choices() -> str:
    """How a model is to write the answer, folded: form, length, plain language."""
    forms, lengths = texts.STYLE_FORMS, texts.STYLE_LENGTHS
    chosen = f"{next(iter(forms.values()))}, {next(iter(lengths.values()))}"
    return (
        f'<details id="style"><summary>{texts.STYLE} <span>{chosen}</span></summary><div class="choices">'
        + _choices(texts.STYLE_FORM, "radio", "forme", forms)
        + _choices(texts.STYLE_LENGTH, "radio", "longueur", lengths)
        + _choices(texts.STYLE_LANGUAGE, "checkbox", "langue", {"simple": texts.STYLE_PLAIN})
        + f'</div><p class="note">{texts.STYLE_NOTE}</p></details>'
    )


def _choices(legend: str, kind: str, group: str, names: Mapping[str, str]) -> str:
    """A group of choices; of radio buttons the first is taken."""
    chips = "".join(
        f'<label class="chip"><input type="{kind}" name="style-{group}" value="{value}" data-name="{name}"'
        f"{' checked' if kind == 'radio' and number == 0 else ''}><span>{name}</span></label>"
        for number, (value, name) in enumerate(names.items())
    )
    return f'<fieldset><legend>{legend}</legend><div class="chips">{chips}</div></fieldset>'


def footer(base: BaseState, settings: Settings, encoder: str, keeps: bool) -> str:
    """The foot of the page, as HTML; `keeps` says whether exchanges are kept."""
    kept = texts.KEPT.format(days=settings.retention_days) if keeps else texts.NOT_KEPT
    named = {"encoder": encoder, "model": settings.model_name, "server": settings.model_host}
    answers, sent = (
        (texts.ABOUT_WRITTEN, texts.ABOUT_SENT) if settings.model_url else (texts.ABOUT_SENTENCES, texts.ABOUT_NOTHING_SENT)
    )
    values = {
        "count": base.documents,
        "newest": long_date(base.newest or base.published),
        "version": base.version,
        "published": long_date(base.published),
        "answers": answers.format(**named),
        "sent": sent.format(**named),
        "kept": kept,
    }
    lines = "".join(f"<li>{escape(line.format(**values))}</li>" for line in texts.ABOUT_LINES)
    return (
        f'<footer class="foot"><p class="limits">{texts.LIMITS} <a href="confidentialite">{texts.NOTICE_LINK}</a></p>'
        f'<details class="about"><summary>{texts.ABOUT}</summary><ul>{lines}</ul>'
        f'<p><a href="a-propos">{texts.CARD_LINK}</a></p></details></footer>'
    )


def notice(text: str) -> str:
    """A word to the asker under the question box; empty to clear it."""
    return f'<p class="notice" role="alert">{escape(text)}</p>' if text else ""
