"""Markdown files → Documents, front matter and footnotes included.

Markdown is rendered by markdown-it-py (CommonMark with tables and struck text), and the page so made is
read as HTML: one reading serves the tables, panels and struck texts of both. Footnote marks leave
the text: a definition that names a source (« Éditeur — date — URL ») becomes a note at their offset, any
other is content and comes next to what calls it. This module does not know which front-matter keys
mean something, apart from the title; `fiche` does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index import fiche
from index.cleaning import normalise, one_line
from index.document import Document, Note
from index.loaders.assembly import Block, assemble, without_navigation, without_title
from index.loaders.html.loader import fragment_blocks, titled
from index.loaders.text.drawn_tables import parted
from index.loaders.text.encoding import read_text
from index.loaders.text.front_matter import FrontMatter, split_front_matter
from index.loaders.titles import first_heading, readable_name

SUFFIXES = (".md", ".markdown")
_FAULTS = 10  # of a header that are told: the first ones

# Footnote marks and aliases travel through the parser between private-use characters, which no rule
# of CommonMark or HTML touches.
_OPEN, _CLOSE = "\ue000", "\ue001"
_OPEN_ALIASES, _CLOSE_ALIASES = "\ue002", "\ue003"
_MARK = re.compile(r"\[\^([^\]\s]{1,40})\]")
_CARRIED_MARK = re.compile(rf"\s*{_OPEN}([^{_CLOSE}]*){_CLOSE}")
_CARRIED_ALIASES = re.compile(rf"{_OPEN_ALIASES}(.*?){_CLOSE_ALIASES}", re.DOTALL)
_DEFINITION = re.compile(r"^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*(.*(?:\n(?: {2,}|\t)\S.*|\n\n(?: {4}|\t)\S.*)*)\n?", re.MULTILINE)
_INLINE_DEFINITION = re.compile(r"\^\[((?:[^\[\]]|\[[^\]]*\]\([^)]*\))+)\]")
# « <!-- Autrement : une façon | une autre --> » under a heading: other ways to ask it, for search only.
_ALIASES = re.compile(r"\s*<!--\s*Autrement\s*:(.*?)-->", re.DOTALL | re.IGNORECASE)
_URL = re.compile(r"<?(https?://[^\s<>]+)>?")
_ENDS_WITH_YEAR = re.compile(r"\b(?:19|20)\d\d\)?$")


def load(path: Path, relative: str) -> Document:
    """Read a Markdown file."""
    return load_markdown(read_text(path), relative)


def load_markdown(text: str, relative: str) -> Document:
    """A Markdown text; front matter becomes the metadata, `titre` or `title` the title; faults of a fiche's are remarks."""
    front = split_front_matter(normalise(text))
    metadata = front.metadata
    definitions, body = _definitions(front.body)
    sources = {label: source for label, text in definitions.items() if (source := _source(text))}
    texts = {label: text for label, text in definitions.items() if label not in sources}
    blocks = list(_settled(_blocks(body), sources, texts))
    # Front matter is written by people who keep the base: what they list under « Voir aussi » stays.
    blocks = blocks if metadata else without_navigation(blocks)
    named = metadata.get("titre") or metadata.get("title") or first_heading(blocks)
    title = one_line(str(named)) if named else readable_name(relative)
    remarks = _remarks(front)
    return assemble(relative, title, without_title(titled(blocks, title), title), metadata=metadata, remarks=remarks)


def _remarks(front: FrontMatter) -> list[str]:
    """What is wrong in the header of a fiche, line by line."""
    faults = fiche.faults(front.metadata)
    lines = [front.line(fault.place) for fault in faults]
    said = [f"En-tête{f', ligne {line}' if line else ''} : {fault.text}" for fault, line in zip(faults, lines, strict=True)]
    return said[:_FAULTS] + ([f"En-tête : {len(said) - _FAULTS} autre(s) erreur(s)."] if said[_FAULTS:] else [])


# ------------------------------------------------------------------------------- text → blocks

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_CALLOUT = re.compile(r"^((?: {0,3}>)+ ?)\[!\w+\][+-]?[ \t]*", re.MULTILINE)  # « > [!NOTE] » of GitHub and Obsidian
_CONTAINER = re.compile(r"^:::+[ \t]*(?:\{[^}\n]*\}|[\w-]+)?[ \t]*(.*)$", re.MULTILINE)  # « :::info Titre » of Docusaurus
_TASK = re.compile(r"^(\s*(?:[-*+]|\d+[.)]) )\[([ xX])\](?= )", re.MULTILINE)
# « ##Titre »: people forget the space. One « # » may be a word (#PVD): it needs to stand alone and above text.
_TIGHT_HEADING = re.compile(r"^(#{2,6})(?=[^\s#])|^(#)(?=[^\W\d_][^\n#]* [^\n]*\n\s*\n)", re.MULTILINE)


# « !!! note "Titre" » of MkDocs, with its text set four spaces in.
_ADMONITION = re.compile(
    r"^(?:!{3}|\?{3}\+?)[ \t]+[\w-]+(?:[ \t]+\"([^\"\n]*)\")?[ \t]*\n((?:(?: {4}|\t).*(?:\n|\Z)|[ \t]*\n)*)", re.MULTILINE
)
# Obsidian: a comment, a link to another note, a picture or a note shown here, a marked text.
_COMMENT = re.compile(r"%%.*?%%", re.DOTALL)
_WIKI_LINK = re.compile(r"(!?)\[\[(?:[^\[\]|\n]+\|)?([^\[\]|\n]+)\]\]")
_DRAWN = re.compile(r"^ {0,3}(?:\+[-=]{3,}|-{3,} +-{3,})", re.MULTILINE)  # tables of pandoc
_SHORTCODE = re.compile(r"\{\{[<%].*?[>%]\}\}|\{%.*?%\}")  # orders to Hugo, Jekyll: they draw what they stand around
# « m^2^ », « CO~2~ » of pandoc.
_RAISED, _LOWERED = re.compile(r"(?<=\w)\^(\w{1,3})\^"), re.compile(r"(?<=[^\W_~])~(\w{1,3})~(?!~)")
_HIGHLIGHT = re.compile(r"(?<!=)==(?=[^\s=])([^=\n]+)(?<=\S)==(?!=)")
# Rows of bars without the line of dashes that would make them a table.
_BARE_ROWS = re.compile(r"(?<!\|\n)^ {0,3}\|.*\|[ \t]*\n(?! {0,3}\|[ \t]*:?-)(?= {0,3}\|.*\|[ \t]*$)", re.MULTILINE)


def _blocks(body: str) -> list[Block]:
    tokens = _PARSER.parse(_MARK.sub(rf"{_OPEN}\1{_CLOSE}", _known(body)))
    _carry_aliases(tokens)
    return [_with_aliases(block) for block in fragment_blocks(_PARSER.renderer.render(tokens, _PARSER.options, {}))]


def _known(body: str) -> str:
    """Write what CommonMark does not know in what it knows; code stays as it is."""
    lines = re.split(r"(^ {0,3}(```|~~~).*?(?:^ {0,3}\2|\Z))", body, flags=re.MULTILINE | re.DOTALL)
    for i in range(0, len(lines), 3):  # text, fenced code, its mark, text, …
        lines[i] = _ADMONITION.sub(_paragraphs, _without_wiki_marks(_with_bars(lines[i])))
        text = _TIGHT_HEADING.sub(lambda found: f"{found[0]} ", _CALLOUT.sub(r"\1", _BARE_ROWS.sub(_with_head, lines[i])))
        lines[i] = _TASK.sub(lambda found: found[1] + ("☐" if found[2] == " " else "☑"), _CONTAINER.sub(r"\1", text))
    return "".join(line for i, line in enumerate(lines) if i % 3 < 2)


def _without_wiki_marks(text: str) -> str:
    text = _WIKI_LINK.sub(lambda found: "" if found[1] else found[2], _SHORTCODE.sub("", _COMMENT.sub("", text)))
    text = _RAISED.sub(r"<sup>\1</sup>", _LOWERED.sub(r"<sub>\1</sub>", text))
    return _HIGHLIGHT.sub(r"\1", text)


def _paragraphs(admonition: re.Match[str]) -> str:
    """The title and the text of an admonition as paragraphs."""
    return f"{admonition[1] or ''}\n\n{dedent(admonition[2])}\n"


def _with_bars(text: str) -> str:
    """Grid tables, and those aligned by spaces under lines of dashes, as tables of bars."""
    if not _DRAWN.search(text):
        return text
    return "\n".join(part if isinstance(part, str) else _barred(part) for part in parted(text))


def _barred(rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(["", lines[0], "|---" * len(rows[0]) + "|", *lines[1:], ""])


def _with_head(row: re.Match[str]) -> str:
    """A first row under a head left blank, and its dashes."""
    columns = row[0].count("|") - 1
    return f"{'| ' * columns}|\n{'|-' * columns}|\n{row[0]}"


def _carry_aliases(tokens: list[Token]) -> None:
    """Move the aliases under a heading into it."""
    for i, token in enumerate(tokens):
        found = _ALIASES.match(token.content) if token.type == "html_block" else None
        if found and i >= 2 and tokens[i - 1].type == "heading_close":
            carried = Token("text", "", 0, content=f"{_OPEN_ALIASES}{found[1]}{_CLOSE_ALIASES}")
            tokens[i - 2].children = [*(tokens[i - 2].children or []), carried]


def _with_aliases(block: Block) -> Block:
    found = _CARRIED_ALIASES.search(block.text)
    if not found:
        return block
    aliases = tuple(alias for part in found[1].split("|") if (alias := one_line(part)))
    return replace(block, text=_CARRIED_ALIASES.sub("", block.text).strip(), aliases=aliases)


# ------------------------------------------------------------------------------- footnotes


@dataclass(frozen=True)
class _FootnoteSource:
    """What a footnote names: « Ministère des halles — 2026 — <https://exemple.fr/halles> »."""

    publisher: str
    date: str  # as written; empty when it lacks
    url: str | None


def _definitions(body: str) -> tuple[dict[str, str], str]:
    """Take the footnote definitions out of a text: label → what it says."""
    definitions = {match[1]: re.sub(r"\n(?: {4}|\t)", "\n", match[2]) for match in _DEFINITION.finditer(body)}
    body = _DEFINITION.sub("", body)

    def named(match: re.Match[str]) -> str:
        label = f"~{len(definitions)}"
        definitions[label] = match[1]
        return f"[^{label}]"

    return definitions, _INLINE_DEFINITION.sub(named, body)


def _source(definition: str) -> _FootnoteSource | None:
    """Read « Éditeur — date — <URL> »; the publisher may itself hold a dash, the date may lack.

    A definition that ends as a sentence is a text of its own, and one without dash, address or year too.
    """
    found = _URL.search(definition)
    words = one_line(_URL.sub("", definition)).strip(" —–")
    if words.endswith((".", "!", "?", "…")) or not (found or " — " in words or _ENDS_WITH_YEAR.search(words)):
        return None
    publisher, _, date = words.rpartition(" — ")
    words = words or urlsplit(found[1] if found else "").netloc
    return _FootnoteSource(publisher.strip() or words, date.strip() if publisher else "", found[1] if found else None)


def _settled(blocks: list[Block], sources: Mapping[str, _FootnoteSource], texts: Mapping[str, str]) -> Iterator[Block]:
    """Blocks freed of their carried marks: sources become notes, texts follow the first block that calls them.

    A mark without definition is dropped.
    """
    told: set[str] = set()
    for block in blocks:
        called = [label for label in _CARRIED_MARK.findall(block.text) if label in texts and label not in told]
        yield _with_notes(block, sources)
        for label in dict.fromkeys(called):
            told.add(label)
            yield from (replace(_with_notes(note, sources), tight=not block.level) for note in _blocks(texts[label]))


def _with_notes(block: Block, sources: Mapping[str, _FootnoteSource]) -> Block:
    """A block without its marks: those of a source are notes at their place."""
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
