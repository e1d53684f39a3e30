"""The published base as the pages see it: its assistant, its state, its suggested questions.

Watches the index folder: a newly published version is opened aside, then takes the place of the old
one by one assignment; answers in flight finish on the version they began with. Knows no screen.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from assistant.answering import screening
from assistant.answering.service import Assistant
from assistant.errors import AssistantError
from assistant.privacy.public_words import PublicWords
from assistant.records.database import DatabaseUnavailable
from assistant.records.reviews import Reviews
from assistant.settings import Settings
from index.document import Document
from index.errors import IndexingError
from index.search import Retriever
from index.versions import Versions

log = logging.getLogger(__name__)

EVERY = 3.0  # seconds between two looks at the index folder: one small file read
PER_THEME = 4  # questions suggested
_RELATED = 3  # questions suggested after an answer


@dataclass(frozen=True)
class BaseState:
    """What is said of the base in the page's header."""

    version: str
    documents: int
    published: str  # ISO 8601, UTC
    newest: str | None  # ISO date of the most recent document


@dataclass(frozen=True)
class Edition:
    """One version of the base, ready to answer."""

    assistant: Assistant
    state: BaseState
    suggestions: dict[str, tuple[str, ...]]  # theme → questions the base answers

    @classmethod
    def of(cls, assistant: Assistant) -> Edition:
        """The edition of an assistant that was just opened."""
        manifest, documents = assistant.retriever.manifest, assistant.retriever.documents
        newest = max((d.date for d in documents.values() if d.date), default=None)
        state = BaseState(manifest.version, manifest.documents, manifest.created, newest)
        return cls(assistant, state, suggested(documents.values()))

    @cached_property
    def public(self) -> PublicWords:
        """What its documents say themselves, which is not masked; read when first asked, a quarter of a second a megabyte."""
        return PublicWords.of(document.text for document in self.assistant.retriever.documents.values())

    def related(self, document: str, besides: set[str]) -> tuple[str, ...]:
        """Other questions the same document answers."""
        found = self.assistant.retriever.documents.get(document)
        return tuple(q for q in questions_of(found) if q not in besides)[:_RELATED] if found else ()


class PublishedBase:
    """Always the latest edition that could be opened."""

    def __init__(self, assistant: Assistant, settings: Settings, reviews: Reviews | None = None) -> None:
        self._settings, self._reviews = settings, reviews
        self._versions = Versions(settings.index)
        self._seen = assistant.retriever.folder.name
        self._stopped = threading.Event()
        self._opening = threading.Lock()
        assistant.validated = reviews
        self.edition = Edition.of(assistant)
        self._compare()

    def watch(self) -> None:
        """Look for new versions until `stop`, in a thread of its own."""
        threading.Thread(target=self._watch, name="index-watch", daemon=True).start()

    def stop(self) -> None:
        """Watch for new versions no longer."""
        self._stopped.set()

    def refresh(self) -> bool:
        """Open the published version if it is not the one in use; True when it was replaced.

        Whoever calls it while another one opens a version waits: once it returns, the published version is in use.
        """
        with self._opening:
            return self._refresh()

    def _refresh(self) -> bool:
        folder = self._versions.current()
        if folder is None or folder.name == self._seen:
            return False
        self._seen = folder.name  # a version that cannot be opened is tried once, not every few seconds
        try:
            started = time.perf_counter()
            running = self.edition.assistant.retriever
            retriever = Retriever(folder, running.encoder, reranker=running.reranker)
            following = Assistant(retriever, self._settings, validated=self._reviews)
            following.proposer = self.edition.assistant.proposer
            self.edition = Edition.of(following)
        except (AssistantError, IndexingError, OSError) as error:
            log.warning("Version %s cannot be opened; the previous one stays. %s", folder.name, error)
            return False
        log.info("Version %s in use, opened in %.1f s.", folder.name, time.perf_counter() - started)
        self._compare()
        return True

    def _compare(self) -> None:
        """List for review the validated answers that rest on a passage this version no longer has."""
        try:
            expired = self._reviews.compare(self.edition.assistant.retriever.passages) if self._reviews else 0
        except DatabaseUnavailable as error:  # they are not served all the same: the service looks for each passage
            log.warning("Validated answers could not be compared with the new version. %s", error)
        else:
            if expired:
                log.info("%d validated answers withdrawn: their passages changed.", expired)

    def _watch(self) -> None:
        while not self._stopped.wait(EVERY):
            self.refresh()


def suggested(documents: Iterable[Document]) -> dict[str, tuple[str, ...]]:
    """A few questions a theme, taken in turn from each of its documents."""
    themes: dict[str, list[list[str]]] = {}
    for document in documents:
        if (theme := document.header.theme) and (questions := questions_of(document)):
            themes.setdefault(theme, []).append(questions)
    largest_first = sorted(themes.items(), key=lambda item: -len(item[1]))
    return {theme: _varied(lists) for theme, lists in largest_first}


def questions_of(document: Document) -> list[str]:
    """The headings of a document that are questions one may ask, each once.

    They are those of its deepest level, with a question mark, that the assistant would not refuse to answer.
    """
    deepest = max((section.level for section in document.sections), default=0)
    headings = (s.heading.strip() for s in document.sections if s.level == deepest)
    return list(dict.fromkeys(h for h in headings if h.endswith("?") and not screening.refusal(h)))


def _varied(lists: list[list[str]]) -> tuple[str, ...]:
    """The questions of a theme, from those of each of its documents: one a document in turn, until PER_THEME.

    A question that opens otherwise than those chosen goes first (« C'est quoi… » once), then the shortest.
    """
    chosen: list[str] = []
    for questions in lists * PER_THEME:
        openings = {question.split()[0] for question in chosen}
        left = [question for question in questions if question not in chosen]
        if left and len(chosen) < PER_THEME:
            chosen.append(min(left, key=lambda question: (question.split()[0] in openings, len(question))))
    return tuple(chosen)
