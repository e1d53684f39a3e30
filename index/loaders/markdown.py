"""Markdown and plain text files → Documents.

Markdown is read by markdown-it-py (CommonMark with tables), its front matter by python-frontmatter;
plain text as it is. Footnote marks leave the text and become
notes at their offsets. This module does not know which front-matter keys mean something, apart from
the title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import frontmatter
import yaml
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
    table_blocks,
    without_navigation,
    without_title,
)
from index.loaders.encoding import read_text

SUFFIXES = (".md", ".markdown", ".txt")

# Footnote marks travel through the Markdown parser between two private-use characters, which no
# rule of CommonMark touches.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(r"\[\^([^\]\s]{1,40})\]")
_CARRIED_MARK = re.compile(rf"\s*{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*(.*(?:\n(?: {2,}|\t)\S.*)*)\n?", re.MULTILINE)
# « <!-- Autrement : une façon | une autre --> » under a heading: other ways to ask it, for search only.
_ALIASES = re.compile(r"\s*<!--\s*Autrement\s*:(.*?)-->", re.DOTALL | re.IGNORECASE)
_URL = re.compile(r"<?(https?://[^\s<>]+)>?")


def load(path: Path, relative: str) -> Document:
    """Read a Markdown or a plain text file."""
    text = read_text(path)
    return load_plain(text, relative) if path.suffix.lower() == ".txt" else load_markdown(text, relative)


def load_plain(text: str, relative: str) -> Document:
    """A plain text: no headings, titled by its file name."""
    blocks = [Block(part) for block in clean(text).split("\n\n") for part in _unwrapped(block)]
    return assemble(relative, readable_name(relative), blocks)


# No one wraps lines this long by hand: where one stands, a line break ends a paragraph.
_LONGEST_WRAPPED_LINE = 160


def _unwrapped(block: str) -> list[str]:
    """The paragraphs of a block: its lines, when they are not wrapped (text copied from a web page)."""
    lines = block.split("\n")
    return lines if max(map(len, lines)) > _LONGEST_WRAPPED_LINE else [block]


def load_markdown(text: str, relative: str) -> Document:
    """A Markdown text; front matter becomes the metadata, `titre` or `title` the title."""
    metadata, body = _front_matter(normalise(text))
    sources, body = _definitions(body)
    tokens = _parser().parse(_MARK.sub(rf"{_OPEN}\1{_CLOSE}", body))
    blocks = [_with_notes(block, sources) for block in _Flattener().read(tokens)]
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


class _Flattener:
    """Reads Markdown tokens in order and gathers their blocks, inline markup flattened."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._depth = 0  # of nested lists
        self._bullet = ""  # the mark that the next paragraph of a list item takes
        self._tight = False
        self._level = 0  # of the open heading
        self._rows: list[list[str]] | None = None  # of the open table

    def read(self, tokens: Iterable[Token]) -> list[Block]:
        """The blocks of a text."""
        for token in tokens:
            kind = token.type.removesuffix("_open").removesuffix("_close")
            getattr(self, f"_on_{kind}", self._ignore)(token)
        return self._blocks

    def _ignore(self, token: Token) -> None:
        """Paragraphs, quotes and rules only hold other tokens."""

    def _on_bullet_list(self, token: Token) -> None:
        self._depth += token.nesting
        # The paragraph that announces a list stays with its first item.
        self._tight = self._depth > 0

    _on_ordered_list = _on_bullet_list

    def _on_list_item(self, token: Token) -> None:
        if token.nesting > 0:
            self._bullet = f"{token.info}{token.markup} " if token.info else "- "

    def _on_heading(self, token: Token) -> None:
        self._level = int(token.tag[1]) if token.nesting > 0 else 0

    def _on_table(self, token: Token) -> None:
        if token.nesting < 0:
            self._blocks += table_blocks(self._rows or [])
        self._rows = [] if token.nesting > 0 else None

    def _on_tr(self, token: Token) -> None:
        if token.nesting > 0 and self._rows is not None:
            self._rows.append([])

    def _on_inline(self, token: Token) -> None:
        text = tidy(_flat(token.children or []))
        if self._rows:
            self._rows[-1].append(one_line(text))
        elif self._level:
            self._blocks.append(Block(one_line(text), self._level))
        elif text:
            self._blocks.append(Block(self._bullet + text, tight=self._tight))
            self._bullet = ""

    def _on_fence(self, token: Token) -> None:
        self._blocks.append(Block(tidy(token.content)))

    _on_code_block = _on_fence

    def _on_html_block(self, token: Token) -> None:
        if (aliases := _ALIASES.match(token.content)) and self._blocks and self._blocks[-1].level:
            self._blocks[-1] = replace(self._blocks[-1], aliases=_aliases(aliases[1]))
            return
        self._blocks.append(Block(tidy(_without_tags(token.content))))


def _aliases(line: str) -> tuple[str, ...]:
    return tuple(alias for part in line.split("|") if (alias := one_line(part)))


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
