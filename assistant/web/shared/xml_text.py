"""Text that XML takes."""

from __future__ import annotations

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # refused by XML


def clean(text: str) -> str:
    """The text without the control characters that XML refuses."""
    return _CONTROL.sub("", text)
