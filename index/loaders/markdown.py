"""Markdown and plain text files → Documents.

Markdown is read by markdown-it-py (CommonMark with tables), its front matter by python-frontmatter;
plain text in whatever encoding charset-normalizer finds. Footnote marks leave the text and become
notes at their offsets. This module does not know which front-matter keys mean something, apart from
the title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import frontmatter
import yaml
from charset_normalizer import from_bytes
from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.cleaning import clean, normalise, one_line, tidy
from index.document import Document, Note
from index.errors import UnreadableDocument
from index.loaders.assembly import (
    Block,
    assemble,
    first_heading,
    plain,
    readable_name,
    without_navigation,
    without_title,
)

SUFFIXES = (".md", ".markdown", ".txt", ".text")

# Footnote marks travel through the Markdown parser between two private-use characters, which no
# rule of CommonMark touches.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(r"\[\^([^\]\s]{1,40})\]")
_CARRIED_MARK = re.compile(rf"\s*{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*(.*(?:\n(?: {2,}|\t)\S.*)*)\n?", re.MULTILINE)
_URL = re.compile(r"<?(https?://[^\s<>]+)>?")
# charset-normalizer may answer a far-off code page for a short text: these are what French files use.
_LIKELY_ENCODINGS = ["utf_8", "cp1252", "utf_16", "utf_32", "mac_roman", "cp850"]
_SAMPLE_BYTES = 200_000  # enough to tell an encoding; detection is slower than reading
# A page of text has next to no control characters; a random file has one byte in nine.
MAX_CONTROL_SHARE = 0.01


def load(path: Path, relative: str) -> Document:
    """Read a Markdown or a plain text file."""
    text = read_text(path)
    return load_plain(text, relative) if path.suffix.lower() in {".txt", ".text"} else load_markdown(text, relative)


def read_text(path: Path) -> str:
    """Decode a text file: its BOM, else UTF-8, else the encoding that reads best as French."""
    raw = path.read_bytes()
    for mark, encoding in ((b"\xef\xbb\xbf", "utf_8"), (b"\xff\xfe", "utf_16"), (b"\xfe\xff", "utf_16")):
        if raw.startswith(mark):
            return _checked(raw.decode(encoding, errors="replace"))
    try:
        return _checked(raw.decode("utf_8"))
    except UnicodeDecodeError:
        best = from_bytes(raw[:_SAMPLE_BYTES], cp_isolation=_LIKELY_ENCODINGS).best()
    return _checked(raw.decode(best.encoding if best else "cp1252", errors="replace"))


def _checked(text: str) -> str:
    controls = sum(1 for c in text if c < " " and c not in "\t\n\r\f\v") + text.count("\ufffd")
    if controls > MAX_CONTROL_SHARE * len(text) + 1:
        raise UnreadableDocument("Ce fichier ne contient pas de texte lisible (contenu binaire).")
    return text


def load_plain(text: str, relative: str) -> Document:
    """A plain text: no headings, titled by its file name."""
    blocks = [Block(part) for part in clean(text).split("\n\n")]
    return assemble(relative, readable_name(relative), blocks)


def load_markdown(text: str, relative: str) -> Document:
    """A Markdown text; front matter becomes the metadata, `titre` or `title` the title."""
    metadata, body = _front_matter(normalise(text))
    sources, body = _definitions(body)
    tokens = _parser().parse(_MARK.sub(rf"{_OPEN}\1{_CLOSE}", body))
    blocks = [_with_notes(block, sources) for block in _blocks(tokens)]
    # Front matter is written by people who keep the base: what they list under « Voir aussi » stays.
    blocks = blocks if metadata else without_navigation(blocks)
    named = metadata.get("titre") or metadata.get("title") or first_heading(blocks)
    title = one_line(str(named)) if named else readable_name(relative)
    return assemble(relative, title, without_title(blocks, title), metadata=metadata)


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    try:
        metadata, body = frontmatter.parse(text)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f" (ligne {line + 2})" if line is not None else ""
        raise UnreadableDocument(f"L'en-tête YAML de ce fichier est mal écrit{place}.") from error
    return {str(key): plain(value) for key, value in metadata.items()}, body


# ------------------------------------------------------------------------------------- footnotes


@dataclass(frozen=True)
class _Source:
    publisher: str
    date: str
    url: str | None


def _definitions(body: str) -> tuple[dict[str, _Source], str]:
    """Take the footnote definitions out of a text."""
    sources = {match[1]: _source(match[2]) for match in _DEFINITION.finditer(body)}
    return sources, _DEFINITION.sub("", body)


def _source(definition: str) -> _Source:
    """Read « Éditeur — date — <URL> »; the publisher may itself hold a dash, the date may lack."""
    found = _URL.search(definition)
    words = one_line(_URL.sub("", definition)).strip(" —–")
    publisher, _, date = words.rpartition(" — ")
    return _Source(publisher.strip() or words, date.strip() if publisher else "", found[1] if found else None)


def _with_notes(block: Block, sources: Mapping[str, _Source]) -> Block:
    """Take the carried marks out of a block; a mark without definition is dropped."""
    notes: list[Note] = []
    text = ""
    end = 0
    for match in _CARRIED_MARK.finditer(block.text):
        text += block.text[end : match.start()]
        end = match.end()
        source = sources.get(match[1])
        if source:
            notes.append(Note(len(text), match[1], source.publisher, source.date, source.url))
    return replace(block, text=text + block.text[end:], notes=tuple(notes))


# ---------------------------------------------------------------------------------------- blocks


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")


def _blocks(tokens: Iterable[Token]) -> Iterator[Block]:
    """Markdown tokens → blocks, inline markup flattened."""
    lists: list[str] = []  # the marks of the open lists, outermost first
    bullet = ""  # the mark that the next paragraph of a list item takes
    tight = False
    level = 0
    cells: list[str] | None = None
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token.markup)
            # The paragraph that announces a list stays with its first item.
            tight = True
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
            tight = bool(lists)
        elif token.type == "list_item_open":
            bullet = f"{token.info}{token.markup} " if token.info else "- "
        elif token.type in {"heading_open", "heading_close"}:
            level = int(token.tag[1]) if token.nesting > 0 else 0
        elif token.type == "tr_open":
            cells = []
        elif token.type == "tr_close":
            yield Block(" | ".join(cells or []), tight=tight)
            cells, tight = None, True
        elif token.type == "table_close":
            tight = bool(lists)
        elif token.type == "inline":
            text = tidy(_flat(token.children or []))
            if cells is not None:
                cells.append(one_line(text))
            elif level:
                yield Block(one_line(text), level)
            elif text:
                yield Block(bullet + text, tight=tight)
                bullet = ""
        elif token.type in {"fence", "code_block"}:
            yield Block(tidy(token.content))
        elif token.type == "html_block":
            yield Block(tidy(_without_tags(token.content)))


def _flat(children: Iterable[Token]) -> str:
    """Inline tokens → their text: links keep their words, images their description."""
    parts: list[str] = []
    for token in children:
        if token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak":
            parts.append("\n")
        elif token.type == "html_inline":
            parts.append("\n" if token.content.lower().startswith("<br") else "")
        elif token.type == "image":
            parts.append(_flat(token.children or []))
        else:
            parts.append(token.content)
    return "".join(parts)


def _without_tags(html: str) -> str:
    """The text of a piece of raw HTML; comments and scripts hold none."""
    html = re.sub(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", "", html, flags=re.DOTALL | re.IGNORECASE)
    return re.sub(r"<[^>]*>", " ", html)
