"""What every router of the staff is given. Knows nothing of routes."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.records.database import Database
from assistant.records.journal import Journal
from assistant.settings import Settings
from assistant.web.shared.published_base import PublishedBase


@dataclass(frozen=True)
class Desk:
    """The base in use, what is kept, and the settings."""

    base: PublishedBase
    database: Database
    journal: Journal
    settings: Settings
