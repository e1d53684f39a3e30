"""Bytes → a response that a browser saves as a file."""

from __future__ import annotations

from fastapi import Response


def attached(content: bytes, media_type: str, name: str) -> Response:
    """A file under its name."""
    return Response(content, media_type=media_type, headers={"content-disposition": f'attachment; filename="{name}"'})
