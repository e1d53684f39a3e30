"""What is logged → standard error, without personal data: a trace may show what was being written.

Knows `logging` and the masker; nothing of who logs what.
"""

from __future__ import annotations

import logging

from assistant.privacy.masking import Masker


class MaskedFormatter(logging.Formatter):
    """Formats a record as the root logger does, masked; lines of a trace that are code stay as they are."""

    def __init__(self, masker: Masker) -> None:
        super().__init__()
        self._masker = masker

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record and its trace."""
        lines = super().format(record).split("\n")
        return "\n".join(line if line.startswith("  ") else self._masker.mask(line) for line in lines)


def mask_logs(masker: Masker) -> None:
    """Write warnings and errors of this process to standard error, masked."""
    handler = logging.StreamHandler()
    handler.setFormatter(MaskedFormatter(masker))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
