"""The public pages that are read, not talked to: drawn from the templates of this folder."""

from __future__ import annotations

from pathlib import Path

from assistant.web.shared.html_templates import Templates

TEMPLATES = Templates(Path(__file__).parent)
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
