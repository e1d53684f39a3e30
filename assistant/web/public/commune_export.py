"""The result of « Ma commune » as a file to keep: Markdown or DOCX, with sources, date of the base and of the list.

Pure: a consultation in, bytes out. Nothing is written on disk.
"""

from __future__ import annotations

import re

from docx.document import Document as DocxDocument

from assistant.answering.eligibility import Aid, Outcome, SchemeReview, Verdict, Why
from assistant.web.public import page_texts as texts
from assistant.web.public.chat_export import about, add_source, markdown_source, saved, titled
from assistant.web.public.consultation import Consultation
from assistant.web.shared.xml_text import clean
from index.document import Passage

_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


def to_markdown(found: Consultation) -> bytes:
    """The result as Markdown, UTF-8."""
    blocks = [f"# {_plain(_title(found))}", *map(_plain, _preamble(found))]
    for outcome in Outcome:
        if schemes := found.of(outcome):
            blocks.append(f"## {texts.GROUPS[outcome][0]}\n\n{texts.GROUPS[outcome][1]}")
        for scheme in schemes:
            blocks.append(f"### {_plain(scheme.document.title)}")
            blocks.append("\n".join(f"- {_plain(line, marked=True)}" for line in _lines(scheme, found)))
    blocks.append(f"## {texts.SOURCES}\n\n" + "\n".join(markdown_source(source) for source in found.sources))
    return ("\n\n".join([*blocks, "---", texts.LIMITS]) + "\n").encode("utf-8")


def to_docx(found: Consultation) -> bytes:
    """The result as a Word document."""
    file = titled(_title(found))
    for line in _preamble(found):
        file.add_paragraph(clean(line))
    for outcome in Outcome:
        _add_group(file, outcome, found)
    file.add_heading(texts.SOURCES, 1)
    for source in found.sources:
        add_source(file, source)
    file.add_paragraph(texts.LIMITS)
    return saved(file)


def _add_group(file: DocxDocument, outcome: Outcome, found: Consultation) -> None:
    schemes = found.of(outcome)
    if schemes:
        file.add_heading(texts.GROUPS[outcome][0], 1)
        file.add_paragraph(texts.GROUPS[outcome][1])
    for scheme in schemes:
        file.add_heading(clean(scheme.document.title), 2)
        for line in _lines(scheme, found):
            file.add_paragraph(clean(line), style="List Bullet")


def _title(found: Consultation) -> str:
    return f"{texts.COMMUNE} : {found.name}" if found.name else texts.COMMUNE_EXPORT_TITLE


def _preamble(found: Consultation) -> list[str]:
    facts = " ; ".join(found.facts) or texts.COMMUNE_EXPORT_NOTHING
    return [about(found.edition.state), found.listed, texts.COMMUNE_EXPORT_FACTS.format(facts=facts), *found.notices]


def _lines(scheme: SchemeReview, found: Consultation) -> list[str]:
    """Verdicts, aids and contact of a dispositif, one line each."""
    lines = [_verdict(verdict, found) for verdict in scheme.verdicts] or [texts.NO_CRITERION]
    lines += [_aid(aid, found) for aid in scheme.aids]
    contact = scheme.document.header.contact
    lines += filter(None, [texts.stale_scheme(scheme.review_date)])
    return lines + ([texts.CONTACT.format(contact=contact)] if contact else [])


def _verdict(verdict: Verdict, found: Consultation) -> str:
    why = "" if verdict.why is Why.KNOWN else f" ({texts.WHY_VERDICT[verdict.why]})"
    return f"{texts.OUTCOMES[verdict.outcome]} : {verdict.criterion.text}{why}{_marker(verdict.passage, found)}"


def _aid(aid: Aid, found: Consultation) -> str:
    condition = f" {texts.AID_CONDITION.format(condition=aid.condition)}" if aid.condition else ""
    return f"{aid.name[:1].upper()}{aid.name[1:]} : {' '.join(aid.sentences)}{_marker(aid.passage, found)}{condition}"


def _marker(passage: Passage | None, found: Consultation) -> str:
    return f" [{found.markers[passage.id]}]" if passage else ""


def _plain(text: str, marked: bool = False) -> str:
    """Text that Markdown shows as it is; `marked` keeps the numbers of sources."""
    escaped = _MARKUP.sub(r"\\\1", re.sub(r"[ \t\r\n]+", " ", text))
    return re.sub(r"\\\[(\d+)\\\]", r"[\1]", escaped) if marked else escaped
