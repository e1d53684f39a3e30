"""The look of the page: Gradio's theme reduced to system fonts, our style sheet, script and icon.

The style sheet and the script are files beside this one; their names carry a hash of their content,
so that a browser never mixes two versions. Knows nothing of what is shown.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import gradio as gr

_HERE = Path(__file__).parent
_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Ubuntu", "Liberation Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "Liberation Mono", "monospace"]

# A bell tower between two roofs: a small town, not the State's mark, which is not ours to use.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#17365f"/>'
    '<path fill="#fff" d="M16 4.5 19.6 11v4l4.2-3.2L28 15v11H4V15l4.2-3.2 4.2 3.2v-4z"/>'
    '<path fill="#17365f" d="M14.6 12.4h2.8v3.4h-2.8zM14 26v-4.2a2 2 0 0 1 4 0V26zM7.2 18h2.2v2.4H7.2zm15.4 0h2.2v2.4h-2.2z"/>'
    '<path fill="#e8b84a" d="M4 26h24v1.8H4z"/></svg>'
)
ICON_DATA = "data:image/svg+xml," + quote(ICON, safe="")


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
