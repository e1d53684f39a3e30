"""The mark of the assistant, as SVG."""

from __future__ import annotations

from urllib.parse import quote

# A bell tower between two roofs: a small town, not the State's mark, which is not ours to use.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect width="32" height="32" rx="7" fill="#17365f"/>'
    '<path fill="#fff" d="M16 4.5 19.6 11v4l4.2-3.2L28 15v11H4V15l4.2-3.2 4.2 3.2v-4z"/>'
    '<path fill="#17365f" d="M14.6 12.4h2.8v3.4h-2.8zM14 26v-4.2a2 2 0 0 1 4 0V26zM7.2 18h2.2v2.4H7.2zm15.4 0h2.2v2.4h-2.2z"/>'
    '<path fill="#e8b84a" d="M4 26h24v1.8H4z"/></svg>'
)
ICON_DATA = "data:image/svg+xml," + quote(ICON, safe="")
