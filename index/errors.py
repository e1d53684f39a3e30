"""Everything that can go wrong in the index, each with a French sentence that says what to do.

    IndexingError
    ├── EmptyKnowledge      nothing readable to index
    ├── IndexMissing        no published index where one was asked for
    ├── IndexCorrupt        files of a version are absent or altered
    ├── IndexOutdated       the index was built with other parts than those installed
    ├── EncoderUnavailable  the sentence encoder cannot be loaded
    ├── PageUnavailable     a page of a document cannot be drawn
    └── UnreadableDocument  one file cannot be read; carries its status, the build goes on
        └── TaskLost        reading it went past a limit, or took the process down

The message is for people; foreign exceptions are kept as `__cause__`.
"""

from __future__ import annotations


class IndexingError(Exception):
    """Base of the errors of the index."""


class EmptyKnowledge(IndexingError):
    """Nothing readable to index."""


class IndexMissing(IndexingError):
    """No published index where one was asked for."""


class IndexCorrupt(IndexingError):
    """Files of a version are absent or altered."""


class IndexOutdated(IndexingError):
    """The index was built with other parts than those installed."""


class EncoderUnavailable(IndexingError):
    """The sentence encoder cannot be loaded."""


class PageUnavailable(IndexingError):
    """A page of a document cannot be drawn."""


class UnreadableDocument(IndexingError):
    """One file cannot be read. `status` is the word of the build report for it."""

    def __init__(self, reason: str, status: str = "unreadable") -> None:
        super().__init__(reason)
        self.status = status


class TaskLost(UnreadableDocument):
    """Work on a file went past a limit of memory or time, or took its process down."""
