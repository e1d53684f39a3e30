"""What a page's styles say of its elements: hidden, struck through, raised.

Read from `style` attributes and from the page's own style sheets (tinycss2 parses them, cssselect2
applies their selectors): Google Docs strikes a text by a class only. This module knows nothing of
the style sheets that a page names and does not carry, and draws nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import cssselect2
import tinycss2
from lxml.html import HtmlElement

# Property → the value that matters to a reader; any other value of it takes the meaning away.
_MEANINGS: dict[str, tuple[str, re.Pattern[str]]] = {
    "display": ("hidden", re.compile(r"none")),
    "left": ("hidden", re.compile(r"-\d{3,}")),  # out of the screen
    "visibility": ("hidden", re.compile(r"hidden|collapse")),
    "mso-hide": ("hidden", re.compile(r"all")),
    "text-decoration": ("struck", re.compile(r"line-through")),
    "text-decoration-line": ("struck", re.compile(r"line-through")),
    "vertical-align": ("raised", re.compile(r"super|text-top")),
}
_WORTH_READING = re.compile(rf"(?:{'|'.join(_MEANINGS)})\s*:")
_ELSEWHERE = re.compile(r"\bprint\b|\bmax-(?:device-)?width|width\s*<")  # on paper, on a telephone: not what is read here
_NAME = re.compile(r"[.#][\w-]+")


@dataclass
class StyledElements:
    """The elements of a page by what its styles say of them.

    `folded` are hidden until the reader acts: another rule of the page can show them
    (« .panel.open { display: block } »). They are content.
    """

    hidden: set[HtmlElement] = field(default_factory=set)
    folded: set[HtmlElement] = field(default_factory=set)
    struck: set[HtmlElement] = field(default_factory=set)
    raised: set[HtmlElement] = field(default_factory=set)


def styles_of(page: HtmlElement) -> StyledElements:
    """What the style sheets and the `style` attributes of a page say."""
    styles = StyledElements()
    sheets = [sheet.text or "" for sheet in page.iter("style")]
    if any(_WORTH_READING.search(sheet) for sheet in sheets):
        _apply(_Sheets(sheets), page, styles)
    for element in page.iter():
        if isinstance(element.tag, str) and (written := element.get("style")):
            for name, value in _inline(written):
                _note(styles, element, name, bool(_MEANINGS[name][1].search(value)))
    return styles


def _inline(written: str) -> Iterator[tuple[str, str]]:
    for declaration in written.lower().split(";"):
        name, _, value = declaration.partition(":")
        if name.strip() in _MEANINGS:
            yield name.strip(), value


def _note(styles: StyledElements, element: HtmlElement, name: str, holds: bool) -> None:
    meaning: set[HtmlElement] = getattr(styles, _MEANINGS[name][0])
    (meaning.add if holds else meaning.discard)(element)


def _apply(sheets: _Sheets, page: HtmlElement, styles: StyledElements) -> None:
    """Note what style sheets say of each element: for a property, the rule that wins."""
    for wrapper in cssselect2.ElementWrapper.from_html_root(page).iter_subtree():
        matched = [rule for *_, pseudo, rule in sheets.matcher.match(wrapper) if pseudo is None]  # weakest first
        last = {name: (rule, holds) for rule in matched for name, holds in rule.says}
        for name, (rule, holds) in last.items():
            if holds and _MEANINGS[name][0] == "hidden" and sheets.can_show(wrapper, rule, matched):
                styles.folded.add(wrapper.etree_element)
            else:
                _note(styles, wrapper.etree_element, name, holds)


@dataclass(frozen=True, eq=False)
class _CssRule:
    says: tuple[tuple[str, bool], ...]  # property, whether its meaning holds
    names: frozenset[str]  # classes and identifiers of the element that the selector ends with

    @property
    def shows(self) -> bool:
        return any(_MEANINGS[name][0] == "hidden" and not holds for name, holds in self.says)


class _Sheets:
    """The rules of a page's style sheets that matter here, ready to match its elements."""

    def __init__(self, sources: list[str]) -> None:
        self.matcher: Any = cssselect2.Matcher()
        self._showing: list[_CssRule] = []
        for source in sources:
            self._read(tinycss2.parse_stylesheet(source, skip_comments=True, skip_whitespace=True), on_screen=True)

    def can_show(self, element: Any, hiding: _CssRule, matched: list[_CssRule]) -> bool:
        """Whether a rule would show a hidden element in another state of the page: opened, checked, on a large screen."""
        own = {f".{name}" for name in element.classes} | ({f"#{element.id}"} if element.id else set())
        others = (rule.names for rule in self._showing if rule.names and rule not in matched)
        return any(names <= own or not names.isdisjoint(hiding.names) for names in others)

    def _read(self, rules: list[Any], on_screen: bool) -> None:
        """`on_screen` is false inside @media: such a rule may show, and is not trusted to hide."""
        for rule in rules:
            if rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in {"media", "supports", "layer"}:
                query = tinycss2.serialize(rule.prelude).strip().lower() if rule.lower_at_keyword == "media" else "all"
                if _ELSEWHERE.search(query):
                    continue
                always = query in {"all", "screen"}
                self._read(tinycss2.parse_rule_list(rule.content, True, True), on_screen and always)
            elif rule.type == "qualified-rule":
                self._add(tinycss2.serialize(rule.prelude), rule.content, on_screen)

    def _add(self, selectors: str, content: list[Any], on_screen: bool) -> None:
        """Keep a rule that says something of what matters, for each of its selectors."""
        says = tuple(
            (one.lower_name, bool(_MEANINGS[one.lower_name][1].search(tinycss2.serialize(one.value).lower())))
            for one in tinycss2.parse_blocks_contents(content, True, True)
            if one.type == "declaration" and one.lower_name in _MEANINGS
        )
        for selector in selectors.split(",") if says else ():
            rule = _CssRule(says, frozenset(_NAME.findall(re.split(r"[\s>+~]+", selector.strip())[-1])))
            if rule.shows:
                self._showing.append(rule)
            if on_screen:
                self._match(selector, rule)

    def _match(self, selector: str, rule: _CssRule) -> None:
        try:
            for compiled in cssselect2.compile_selector_list(selector):
                self.matcher.add_selector(compiled, rule)
        except cssselect2.SelectorError:
            return  # « :has(…) », « ::-webkit-… »: states and parts that a saved page does not show
