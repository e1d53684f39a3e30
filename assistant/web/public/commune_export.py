"""The result of « Ma commune » as a file to keep: Markdown or DOCX, with sources, date of the base and of the list.

Pure: a consultation in, bytes out. Nothing is written on disk.
"""

from __future__ import annotations

import re

from docx.document import Document as DocxDocument

from assistant.answering.eligibility import Aid, CriterionVerdict, EligibilityOutcome, SchemeReview, VerdictBasis
from assistant.web.public import page_texts as texts
from assistant.web.public.chat_export import about, add_source, markdown_source, saved, titled
from assistant.web.public.consultation import Consultation
from assistant.web.shared.xml_text import clean
from index.document import Passage

_MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


def to_markdown(consultation: Consultation) -> bytes:
    """The result as Markdown, UTF-8."""
    blocks = [f"# {_plain(_title(consultation))}", *map(_plain, _preamble(consultation))]
    for outcome in EligibilityOutcome:
        if schemes := consultation.of(outcome):
            blocks.append(f"## {texts.GROUPS[outcome][0]}\n\n{texts.GROUPS[outcome][1]}")
        for scheme in schemes:
            blocks.append(f"### {_plain(scheme.document.title)}")
            blocks.append("\n".join(f"- {_plain(line, marked=True)}" for line in _lines(scheme, consultation)))
    blocks.append(f"## {texts.SOURCES}\n\n" + "\n".join(markdown_source(source) for source in consultation.sources))
    return ("\n\n".join([*blocks, "---", texts.LIMITS]) + "\n").encode("utf-8")


def to_docx(consultation: Consultation) -> bytes:
    """The result as a Word document."""
    file = titled(_title(consultation))
    for line in _preamble(consultation):
        file.add_paragraph(clean(line))
    for outcome in EligibilityOutcome:
        _add_group(file, outcome, consultation)
    file.add_heading(texts.SOURCES, 1)
    for source in consultation.sources:
        add_source(file, source)
    file.add_paragraph(texts.LIMITS)
    return saved(file)


def _add_group(file: DocxDocument, outcome: EligibilityOutcome, consultation: Consultation) -> None:
    schemes = consultation.of(outcome)
    if schemes:
        file.add_heading(texts.GROUPS[outcome][0], 1)
        file.add_paragraph(texts.GROUPS[outcome][1])
    for scheme in schemes:
        file.add_heading(clean(scheme.document.title), 2)
        for line in _lines(scheme, consultation):
            file.add_paragraph(clean(line), style="List Bullet")


def _title(consultation: Consultation) -> str:
    return f"{texts.COMMUNE} : {consultation.name}" if consultation.name else texts.COMMUNE_EXPORT_TITLE


def _preamble(consultation: Consultation) -> list[str]:
    facts = " ; ".join(consultation.facts) or texts.COMMUNE_EXPORT_NOTHING
    return [
        about(consultation.edition.state),
        consultation.listed,
        texts.COMMUNE_EXPORT_FACTS.format(facts=facts),
        *consultation.notices,
    ]


def _lines(scheme: SchemeReview, consultation: Consultation) -> list[str]:
    """Verdicts, aids and contact of a dispositif, one line each."""
    lines = [_verdict(verdict, consultation) for verdict in scheme.verdicts] or [texts.NO_CRITERION]
    lines += [_aid(aid, consultation) for aid in scheme.aids]
    contact = scheme.document.header.contact
    lines += filter(None, [texts.stale_scheme(scheme.review_date)])
    return lines + ([texts.CONTACT.format(contact=contact)] if contact else [])


def _verdict(verdict: CriterionVerdict, consultation: Consultation) -> str:
    why = "" if verdict.why is VerdictBasis.KNOWN else f" ({texts.WHY_VERDICT[verdict.why]})"
    return f"{texts.OUTCOMES[verdict.outcome]} : {verdict.criterion.text}{why}{_marker(verdict.passage, consultation)}"


def _aid(aid: Aid, consultation: Consultation) -> str:
    condition = f" {texts.AID_CONDITION.format(condition=aid.condition)}" if aid.condition else ""
    return f"{aid.name[:1].upper()}{aid.name[1:]} : {' '.join(aid.sentences)}{_marker(aid.passage, consultation)}{condition}"


def _marker(passage: Passage | None, consultation: Consultation) -> str:
    return f" [{consultation.markers[passage.id]}]" if passage else ""


def _plain(text: str, marked: bool = False) -> str:
    """Text that Markdown shows as it is; `marked` keeps the numbers of sources."""
    escaped = _MARKUP.sub(r"\\\1", re.sub(r"[ \t\r\n]+", " ", text))
    return re.sub(r"\\\[(\d+)\\\]", r"[\1]", escaped) if marked else escaped
