"""The title of a document: what it calls itself, never what a program or a template called it.

Metadata are often those of the file that was copied to make this one (« Modèle de convention ») or a path of
somebody's disk: they are believed when the text begins with their words. Knows nothing of formats.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from index.cleaning import one_line
from index.french import content_words, words
from index.loaders.assembly import Block

_LEAD = 3_000  # characters in which a title is looked for
_CARRIED = 0.6  # share of a title's words that the lead holds
_LONGEST = 120  # characters
_WRITTEN_BY_A_PROGRAM = re.compile(
    r"(?:microsoft (?:word|powerpoint|excel)|(?:word document|powerpoint presentation)$|untitled|sans titre"
    r"|document\d*$|diapositive|présentation powerpoint|.*[\\/]|.*\.(?:docx?|odt|pptx?|xlsx?|pdf|indd|qxd|tex|rtf)$)",
    re.IGNORECASE,
)
# « Article 1 Objet », « 2.1 Calendrier »: a part, not the whole.
_OF_A_PART = re.compile(
    r"(?:(?:art(?:icle|\.)|chapitre|titre|section|annexe)\s+)?(?:\d+|[IVX]+)(?:\.\d+)*[.)°]?\s|art(?:icle|\.)\s", re.IGNORECASE
)
_NO_NAME = re.compile(
    r"(?:[\d\W_]*|(?:tmp|temp)\w*|(?:document|doc|scan|image|img|fichier|classeur|nouveau|copie|sans titre|untitled)[\W\d_]*"
    r"|(?=.*\d)[0-9a-f]{8,}(?: [0-9a-f]{4,})*)",
    re.IGNORECASE,
)


def title_of(relative: str, blocks: Sequence[Block], said: str | None = "", heading: str | None = None) -> str:
    """The title of a document: that of its metadata when the text carries it, else its heading, else the file's name.

    A heading that opens a part (« Article 1 Objet ») comes after the name; where the name says nothing (« scan_0012 »), any
    heading does, then the first line.

    Args:
        relative: path of the file.
        said: by the metadata.
        heading: that opens the text; by default the first of the highest level.
    """
    lead = one_line(" ".join(block.text for block in blocks))[:_LEAD]
    heading = first_heading(blocks) if heading is None else heading
    said = meaningful_title(said)
    if said and is_carried(said, f"{heading} {lead}"):
        return said
    if heading and not _OF_A_PART.match(heading):
        return heading
    name = readable_name(relative)
    return heading or _opening(blocks) or name if _NO_NAME.fullmatch(name) else name


def is_carried(title: str, text: str) -> bool:
    """Whether a text holds most of a title's words."""
    told = content_words(title)
    held = set(words(text))
    return sum(word in held for word in told) >= _CARRIED * max(1, len(told))


def meaningful_title(written: str | None) -> str:
    """The title of a file's metadata, or an empty string when a program wrote it, or the path of a disk."""
    title = one_line(written or "")
    return "" if len(title) < 4 or _WRITTEN_BY_A_PROGRAM.match(title) or _NO_NAME.fullmatch(title) else title


def first_heading(blocks: Iterable[Block]) -> str:
    """The text of the first heading of the highest level present, or an empty string."""
    headings = [block for block in blocks if block.level]
    return min(headings, key=lambda block: block.level).text if headings else ""


def readable_name(relative: str) -> str:
    """A file's name as people would say it: « mode_d-emploi-2024.pdf » → « Mode d emploi 2024 »."""
    name = one_line(re.sub(r"[_\-.]+", " ", PurePath(relative).stem))
    return name[:1].upper() + name[1:]


def _opening(blocks: Sequence[Block]) -> str:
    """The first line of the text, when it is as short as a title."""
    line = next((block.text.partition("\n")[0] for block in blocks if block.text), "")
    return line if 4 <= len(line) <= _LONGEST else ""
