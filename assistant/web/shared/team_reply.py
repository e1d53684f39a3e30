"""A reply of the team as its asker sees it: its words, its sources, its address.

What a passage says is read from the base as it is now, never copied: a withdrawn one is gone from here too.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from assistant.records.team_questions import TeamQuestion
from assistant.web.shared import common_texts as common
from assistant.web.shared import safe_markdown
from assistant.web.shared.typography import place, tied
from index.search import Retriever

ADDRESS = "/reponse"
_WEB = ("http://", "https://")


@dataclass(frozen=True)
class Cited:
    """A source of a reply as the page shows it."""

    label: str
    quote: str = ""
    url: str = ""
    gone: bool = False  # the passage is no longer in the base


def formatted(text: str) -> Markup:
    """The team's words as the asker sees them."""
    return Markup(safe_markdown.markdown(tied(text)))


def cited(question: TeamQuestion, retriever: Retriever) -> list[Cited]:
    """The sources of a reply: passages as the base has them now, addresses as they were given."""
    known = {passage.id: passage for passage in retriever.passages}
    found = []
    for source in question.sources:
        if source.startswith(_WEB):
            found.append(Cited(source, url=source))
        elif passage := known.get(source):
            url = next((note.url for note in passage.notes if (note.url or "").startswith(_WEB)), None) or ""
            found.append(Cited(place(passage.title, passage.headings, passage.page), passage.text, url))
        else:
            found.append(Cited(common.TEAM_SOURCE_GONE, gone=True))
    return found
