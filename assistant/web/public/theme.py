"""The look of the page: Gradio's theme reduced to system fonts, our style sheets and scripts.

Style sheets and scripts are files beside this one; the names they are served under carry a hash of their
content, so that a browser never mixes two versions. Knows nothing of what is shown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

_HERE = Path(__file__).parent
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Ubuntu", "Liberation Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "Liberation Mono", "monospace"]


@dataclass(frozen=True)
class Asset:
    """A file of the page, served under a name that changes with its content."""

    name: str
    content: str
    media_type: str


def _asset(file: str, media_type: str) -> Asset:
    content = (_HERE / file).read_text(encoding="utf-8")
    stem, _, suffix = file.rpartition(".")
    return Asset(f"{stem}-{hashlib.sha256(content.encode()).hexdigest()[:10]}.{suffix}", content, media_type)


STYLES = tuple(_asset(file, "text/css; charset=utf-8") for file in ("page.css", "commune.css"))
SCRIPTS = tuple(_asset(file, "text/javascript; charset=utf-8") for file in ("page.js", "commune.js"))


def gradio_theme() -> gr.themes.Base:
    """Gradio's plainest theme: everything that is seen is styled by the style sheet."""
    return gr.themes.Base(font=_FONTS, font_mono=_MONO)
