"""Everything that can go wrong in the assistant, in French, with what to do.

    AssistantError
    └── ConfigurationError   a setting is unknown or malformed; names it

Errors of the index (`index.errors`) pass through unchanged: their messages are for people too.
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of the errors of the assistant."""


class ConfigurationError(AssistantError):
    """A setting is unknown or malformed."""
