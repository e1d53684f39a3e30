"""A conversation as a file to keep: Markdown or DOCX, with numbered sources and the date of the base.

Pure: entries in, bytes out. Nothing is written on disk, so nothing is left behind for others to read.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date

from docx import Document as Docx
from docx.document import Document as DocxDocument
from docx.shared import Pt, RGBColor

from assistant.generation import generation_texts
from assistant.web.public import page_texts as texts
from assistant.web.public.conversations import ChatTurn
from assistant.web.shared import common_texts as common
from assistant.web.shared.published_base import BaseState
from assistant.web.shared.sources import CitedSource, is_web
from assistant.web.shared.xml_text import clean
from index.figures import long_date

MARKDOWN_TYPE = "text/markdown; charset=utf-8"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_ITEM = re.compile(r"^[-•–] ")


def to_markdown(entries: Sequence[ChatTurn], state: BaseState) -> bytes:
    """The conversation as Markdown, UTF-8."""
    blocks = [f"# {texts.EXPORT_TITLE}", about(state)]
    for entry in _answered(entries):
        blocks += [f"## {texts.EXPORT_QUESTION.format(number=entry.number)}", _quoted(entry.question), *_vouched(entry)]
        blocks.append(entry.text.strip())
        if entry.sources:
            blocks.append(f"**{texts.SOURCES}**\n\n" + "\n".join(markdown_source(source) for source in entry.sources))
    return ("\n\n".join([*blocks, "---", texts.LIMITS]) + "\n").encode("utf-8")


def to_docx(entries: Sequence[ChatTurn], state: BaseState) -> bytes:
    """The conversation as a Word document."""
    file = titled(texts.EXPORT_TITLE)
    file.add_paragraph(about(state))
    for entry in _answered(entries):
        file.add_heading(clean(f"{texts.EXPORT_QUESTION.format(number=entry.number)} — {entry.question}"), 1)
        for line in _vouched(entry):
            file.add_paragraph(clean(line))
        _add_text(file, entry.text)
        if entry.sources:
            file.add_heading(texts.SOURCES, 2)
        for source in entry.sources:
            add_source(file, source)
    file.add_paragraph(texts.LIMITS)
    return saved(file)


def _vouched(entry: ChatTurn) -> list[str]:
    """« Réponse validée par l'équipe… », « Rédigé par le modèle… », when it is one."""
    answer = entry.answer
    lines = [texts.validated(answer.validated) + "."] if answer and answer.validated else []
    return lines + ([generation_texts.told(answer.writing)] if answer and answer.writing else [])


def titled(title: str) -> DocxDocument:
    """An empty Word document in French, under its title."""
    file = Docx()
    file.core_properties.title, file.core_properties.language = clean(title), "fr-FR"
    file.core_properties.author = texts.TITLE
    file.add_heading(clean(title), 0)
    return file


def saved(file: DocxDocument) -> bytes:
    """The bytes of a Word document."""
    content = io.BytesIO()
    file.save(content)
    return content.getvalue()


def _answered(entries: Iterable[ChatTurn]) -> list[ChatTurn]:
    return [entry for entry in entries if entry.answer]


def about(state: BaseState) -> str:
    """The state of the base, in one paragraph."""
    return texts.EXPORT_BASE.format(
        count=state.documents,
        newest=long_date(state.newest or state.published),
        version=state.version,
        today=long_date(date.today().isoformat()),
    )


def _quoted(question: str) -> str:
    return "\n".join(f"> {line}" for line in question.splitlines())


def markdown_source(source: CitedSource) -> str:
    """A numbered source and its original addresses, as a list item."""
    lines = [f"- [{source.marker}] {_name(source)}"]
    lines += [f"  - {publisher}{f' <{url}>' if url else ''}" for publisher, url in _originals(source)]
    return "\n".join(lines)


def _name(source: CitedSource) -> str:
    updated = f" ({common.UPDATED.format(date=long_date(source.updated)).lower()})" if source.updated else ""
    return f"{' › '.join([source.title, *source.headings])}{f', p. {source.page}' if source.page else ''}{updated}"


def _originals(source: CitedSource) -> list[tuple[str, str]]:
    """(publisher and date, web address or nothing) of each original source."""
    named = ((", ".join(filter(None, [note.publisher, note.date])), note.url) for note in source.notes)
    return [(name, str(url) if is_web(url) else "") for name, url in named]


def _add_text(file: DocxDocument, text: str) -> None:
    for line in filter(None, map(str.strip, clean(text).splitlines())):
        file.add_paragraph(_ITEM.sub("", line).replace("**", ""), style="List Bullet" if _ITEM.match(line) else None)


def add_source(file: DocxDocument, source: CitedSource) -> None:
    """A numbered source and its original addresses, as paragraphs."""
    paragraph = file.add_paragraph()
    paragraph.add_run(f"[{source.marker}] ").bold = True
    paragraph.add_run(clean(_name(source)))
    for name, url in _originals(source):
        original = file.add_paragraph(clean(name), style="List Bullet").add_run(f" {clean(url)}" if url else "")
        original.font.size, original.font.color.rgb = Pt(9), RGBColor(0x1D, 0x4F, 0x91)
