"""The front matter of a Markdown file → its metadata, its body, the line of each key: YAML between rules, TOML, JSON.

This module does not know which keys mean something.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import Any

import frontmatter
import yaml

from index.errors import UnreadableDocument
from index.loaders.assembly import plain

_TOML = re.compile(r"\s*\+\+\+[ \t]*\n(.*?)\n\+\+\+[ \t]*(?:\n|$)", re.DOTALL)
_YAML = re.compile(r"\s*-{3,}\s*$(.*?)^-{3,}\s*$", re.DOTALL | re.MULTILINE)
# A first « --- » whose second is missing: the keys go as far as the first blank line.
_UNCLOSED = re.compile(r"\s*---[ \t]*\n((?:[\w-]+[ \t]*:.*\n(?:[ \t]+\S.*\n|- .*\n)*)+)(?=\n|$)")


@dataclass(frozen=True)
class FrontMatter:
    """The metadata of a text, as JSON can carry it, and the text under it."""

    metadata: dict[str, Any] = field(default_factory=dict)
    body: str = ""
    root: yaml.Node | None = None  # of YAML
    above: int = 0  # lines of the text over the root's

    def line(self, place: tuple[str | int, ...]) -> int | None:
        """The line, from 1, where a key or the item of a list stands; None where only the YAML's is known."""
        node, line = self.root, None
        for step in place:
            if isinstance(node, yaml.MappingNode):
                key, node = next(((k, v) for k, v in node.value if k.value == step), (None, None))
            else:
                key = node = node.value[step] if isinstance(node, yaml.SequenceNode) and isinstance(step, int) else None
            if key is None:
                break
            line = self.above + key.start_mark.line + 1
        return line


class _DayKeepingLoader(yaml.CSafeLoader):  # libyaml: it also reads « {preuve: Combien ?} », as people write it
    """YAML in which a day that does not exist (« 2026-02-30 ») stays as it is written."""

    def construct_yaml_timestamp(self, node: Any) -> Any:
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError:
            return node.value


_DayKeepingLoader.add_constructor("tag:yaml.org,2002:timestamp", _DayKeepingLoader.construct_yaml_timestamp)


def split_front_matter(text: str) -> FrontMatter:
    """The front matter of a text and the text under it; one that opens with a rule (« --- ») and no key is all body.

    Raises:
        UnreadableDocument: for a front matter that does not parse, with its line.
    """
    try:
        found = _parsed(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDocument("L'en-tête TOML de ce fichier est mal écrit.") from error
    if not found.metadata:
        return FrontMatter(body=text)
    return replace(found, metadata={str(key): plain(value) for key, value in found.metadata.items()})


def _parsed(text: str) -> FrontMatter:
    """The front matter that a text opens with, whichever its kind; a YAML one may lack the rule that closes it."""
    if found := _TOML.match(text):
        return FrontMatter(tomllib.loads(found[1]), text[found.end() :])
    unclosed = _UNCLOSED.match(text)
    if unclosed and not re.search(r"^-{3,}\s*$", text[unclosed.end() :], re.MULTILINE):
        return _read_yaml(unclosed, text[unclosed.end() :])
    try:
        if found := _YAML.match(text):
            return _read_yaml(found, text[found.end() :].strip())
        return FrontMatter(*frontmatter.parse(text))
    except ValueError:  # braces that open a text and are no JSON
        return FrontMatter()


def _read_yaml(found: re.Match[str], body: str) -> FrontMatter:
    above = found.string.count("\n", 0, found.start(1))
    try:
        loader = _DayKeepingLoader(found[1])
        root = loader.get_single_node()
        metadata = loader.construct_document(root) if root else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" (ligne {above + mark.line + 1})" if mark else ""
        raise UnreadableDocument(f"L'en-tête YAML de ce fichier est mal écrit{place}.") from error
    return FrontMatter(metadata if isinstance(metadata, dict) else {}, body, root, above)
