"""Bytes, or data → a response that a browser saves as a file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Response

_PLAIN = re.compile(r"[\w.-]+", re.ASCII)


def attached(content: bytes, media_type: str, name: str) -> Response:
    """A file under its name, which browsers do not take for anything else than what it is said to be."""
    named = f'filename="{name}"' if _PLAIN.fullmatch(name) else f"filename*=UTF-8''{quote(name, safe='')}"
    headers = {"content-disposition": f"attachment; {named}", "x-content-type-options": "nosniff"}
    return Response(content, media_type=media_type, headers=headers)


def attached_data(data: Mapping[str, Any], name: str) -> Response:
    """Data as a JSON file that people can read."""
    return attached(json.dumps(data, ensure_ascii=False, indent=1).encode("utf-8"), "application/json", name)
