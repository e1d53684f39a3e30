"""What of a page is its content: navigation, hidden and struck text leave the tree.

An element that a tag, a role or a class suggests to be navigation is judged by what it holds: links
and fields lead elsewhere, text stays (an aside with a date, « logement-social »). This module knows
nothing of headings, paragraphs or tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml.html import HtmlElement

from index.loaders.html.style import StyledElements

# Without text for readers, or drawn by a program. Fields and buttons stay: they tell what their surroundings are.
_NOT_TEXT = frozenset(
    "script style noscript template svg math datalist iframe object canvas audio video dialog map frameset".split()
)
_STRUCK_TAGS = frozenset({"del", "s", "strike"})
_STRUCK_CLASS = re.compile(r"\b(?:line-through|strike-?through|msodel)\b", re.IGNORECASE)
# Texts for those who listen to a page.
_HEARD = re.compile(r"\b(?:sr-only|visually-?hidden|screen-reader-text)\b")
_SITE_TAGS = frozenset({"nav", "menu"})
_SITE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog"})
_SECTIONS = frozenset({"main", "article", "section", "aside", "blockquote", "figure", "details", "td", "li"})
_WORD = re.compile(r"[A-Z]?[a-z]+")  # of class and id attributes: fr-share, SiteFooter
_SUSPECT_TAGS = frozenset({"aside", "footer"})
_SUSPECT_WORDS = frozenset(
    "share sharing partage social related similaires newsletter sidebar sidemenu skiplink skiplinks nav navbar menu footer "
    "pagination popup modal".split()
)
_TRAIL_WORDS = frozenset({"breadcrumb", "breadcrumbs", "ariane"})
_CONSENT_WORDS = frozenset({"cookie", "cookies", "consent", "tarteaucitron", "axeptio", "didomi"})
_CONTROLS = ("a", "button", "input")
# An element that holds more of the page than this is the page, whatever its class says.
MAX_NAVIGATION_SHARE = 0.5
# A suspect whose text is for this part or more that of links leads elsewhere.
MIN_LINKED_SHARE = 0.5
MAX_TRAIL = 300  # characters of a breadcrumb trail
MAX_FORM = 500  # characters around the field of a newsletter or a search


def drop_unread(body: HtmlElement, styles: StyledElements) -> None:
    """Take out what is not text for the reader of a page: hidden, struck, or made for a program."""
    for seen in body.xpath(".//*[@aria-hidden='true']"):
        _prefer(seen)
    total = _length(body)
    _drop(body, lambda element: _is_unread(element, styles, total))


def drop_site(body: HtmlElement) -> None:
    """Take out what serves the site: its header and footer, menus, banners, related links."""
    total = max(_length(body), 1)
    _drop(body, lambda element: _serves_site(element, body) and _length(element) <= MAX_NAVIGATION_SHARE * total)


def main_parts(body: HtmlElement) -> list[HtmlElement]:
    """The elements that hold the page's subject: its main part with the asides around it, else its body."""
    mains = [part for part in body.xpath(".//main|.//*[@role='main']") if part.text_content().strip()]
    if len(mains) != 1:
        return [body]
    held = {mains[0], *mains[0].iterancestors(), *mains[0].iterdescendants()}
    asides = [aside for aside in body.iter("aside") if aside not in held and not any(True for _ in aside.iterancestors("aside"))]
    return sorted([mains[0], *asides], key=list(body.iter()).index) if asides else mains


def _drop(body: HtmlElement, leaves: Callable[[HtmlElement], bool]) -> None:
    for element in list(body.iterdescendants()):
        if isinstance(element.tag, str) and element.getparent() is not None and leaves(element):
            element.drop_tree()


def _length(element: HtmlElement) -> int:
    """The characters of an element's text, without spaces."""
    return len("".join(element.text_content().split()))


# ----------------------------------------------------------------------------- hidden and struck


def _is_unread(element: HtmlElement, styles: StyledElements, total: int) -> bool:
    """Whether the reader of the page does not see an element, or sees its text struck."""
    if element.tag in _NOT_TEXT:
        return True
    if element.tag in _STRUCK_TAGS or element in styles.struck or element.get("role") == "deletion":
        return True
    if _STRUCK_CLASS.search(element.get("class") or ""):
        return True
    if element in styles.hidden or element.get("hidden") not in {None, "until-found"}:
        return True
    # A page saved with its consent dialog open is wholly aria-hidden.
    return element.get("aria-hidden") == "true" and _length(element) <= MAX_NAVIGATION_SHARE * total


def _prefer(seen: HtmlElement) -> None:
    """Of a text to see and its twin to hear (« 3,60 € », « trois euros soixante »), keep the one to see."""
    heard = [one for one in (seen.getprevious(), seen.getnext()) if one is not None and _HEARD.search(one.get("class") or "")]
    if len(heard) == 1 and not len(seen) and re.search(r"\w", seen.text or ""):
        del seen.attrib["aria-hidden"]
        heard[0].drop_tree()


# ----------------------------------------------------------------------------- the site around


def _serves_site(element: HtmlElement, body: HtmlElement) -> bool:
    """Whether an element serves the site: its tag or role says so, or a class suggests it and what it holds agrees."""
    if element.tag in _SITE_TAGS or element.get("role") in _SITE_ROLES:
        return True
    if element.tag in {"header", "footer"} and not any(above.tag in _SECTIONS for above in element.iterancestors()):
        return not _holds_title(element, body)
    words = {word.lower() for word in _WORD.findall(f"{element.get('class', '')} {element.get('id', '')}")}
    if words & _TRAIL_WORDS:
        return _length(element) <= MAX_TRAIL and _linked(element) > 0
    if words & _CONSENT_WORDS:
        return any(True for _ in element.iter(*_CONTROLS))
    suspect = element.tag in _SUSPECT_TAGS or element.get("role") == "complementary" or bool(words & _SUSPECT_WORDS)
    return suspect and _leads_elsewhere(element)


def _leads_elsewhere(element: HtmlElement) -> bool:
    length = _length(element)
    if length and _linked(element) >= MIN_LINKED_SHARE * length:
        return True
    return length <= MAX_FORM and any(field.get("type") != "hidden" for field in element.iter("input", "textarea"))


def _linked(element: HtmlElement) -> int:
    return sum(_length(link) for link in element.iter("a", "button"))


def _holds_title(header: HtmlElement, body: HtmlElement) -> bool:
    """Whether a header at the top of a page written by hand holds its only main heading; a site's own name is a link."""
    titles = list(body.iter("h1"))
    outlined = any(True for _ in body.iter("main", "article"))
    return len(titles) == 1 and header in titles[0].iterancestors() and not outlined and titles[0].find(".//a") is None
