"""The front matter of a Markdown file → (metadata, body): YAML between « --- », TOML between « +++ », JSON.

This module does not know which keys mean something.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import frontmatter
import yaml

from index.errors import UnreadableDocument
from index.loaders.assembly import plain

_TOML = re.compile(r"\s*\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|$)", re.DOTALL)
# A first « --- » whose second is missing: the keys go as far as the first blank line.
_UNCLOSED = re.compile(r"\s*---[ \t]*\n((?:[\w-]+[ \t]*:.*\n(?:[ \t]+\S.*\n|- .*\n)*)+)(?=\n|$)")


def split_front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The metadata of a text, as JSON can carry it, and the text under it.

    A text that opens with a rule (« --- ») and no key is all body.

    :raises UnreadableDocument: for a front matter that does not parse, with its line.
    """
    try:
        metadata, body = _parsed(text)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = f" (ligne {line + 2})" if line is not None else ""
        raise UnreadableDocument(f"L'en-tête YAML de ce fichier est mal écrit{place}.") from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDocument("L'en-tête TOML de ce fichier est mal écrit.") from error
    return ({str(key): plain(value) for key, value in metadata.items()}, body) if metadata else ({}, text)


def _parsed(text: str) -> tuple[dict[str, Any], str]:
    if found := _TOML.match(text):
        return tomllib.loads(found[1]), text[found.end() :]
    if (found := _UNCLOSED.match(text)) and not re.search(r"^-{3,}\s*$", text[found.end() :], re.MULTILINE):
        return yaml.safe_load(found[1]) or {}, text[found.end() :]
    try:
        return frontmatter.parse(text)
    except ValueError:  # braces that open a text and are no JSON
        return {}, text
