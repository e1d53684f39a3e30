"""The page that documents the doors, drawn from the OpenAPI document: no script, nothing from elsewhere. Knows no request."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from assistant.doors import door_texts as texts

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#16202e;background:#fff}"
    "pre{overflow-x:auto;background:#f1f4f8;padding:.75rem;border-radius:4px}table{border-collapse:collapse;width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid #cfd6df}a{color:#1d4f91}"
)


def page(described: Mapping[str, Any], base: str, who: str, per_minute: int) -> str:
    """The page, as HTML.

    Args:
        described: the OpenAPI document.
        base: the address of this installation, without a final slash.
        who: the setting `doors`.
        per_minute: requests.
    """
    address = described["servers"][0]["url"]
    (path,) = described["paths"]
    operation, schemas = described["paths"][path]["post"], described["components"]["schemas"]
    errors = {status: one["description"] for status, one in operation["responses"].items() if status != "200"}
    parts = [
        f"<h1>{texts.DOC_TITLE}</h1><p>{escape(described['info']['description'])}</p>",
        f"<h2>{texts.DOC_KEYS}</h2>",
        _paragraphs(texts.DOC_KEYS_TEXT[who], texts.DOC_LIMITS.format(limit=per_minute)),
        f"<h2><code>POST {escape(address + path)}</code></h2>",
        _paragraphs(operation["description"]),
        f"<h3>{texts.DOC_EXAMPLE}</h3><pre><code>{escape(_example(base + address + path))}</code></pre>",
        f"<h3>{texts.DOC_BODY}</h3>" + _fields(schemas["AskedQuestion"]),
        f"<h3>{texts.DOC_ANSWER}</h3>" + _fields(schemas["AnswerFields"]),
        *(_paragraphs(schemas[name]["description"]) + _fields(schemas[name]) for name in ("CitationFields", "SentenceFields")),
        f"<h3>{texts.DOC_ERRORS}</h3>" + _paragraphs(texts.DOC_ERRORS_TEXT),
        _table((texts.DOC_CODE, texts.DOC_MEANS), errors.items()),
        f'<p><a href="{escape(address)}/openapi.json">{texts.DOC_OPENAPI}</a></p>',
        f"<h2>{texts.DOC_OPENAI}</h2>" + _paragraphs(texts.DOC_OPENAI_TEXT.format(base=base, model=texts.MODEL)),
        f"<h2>{texts.DOC_MCP}</h2>" + _paragraphs(texts.DOC_MCP_TEXT.format(base=base)),
        f'<p><a href="/">{texts.DOC_BACK}</a></p>',
    ]
    head = f"<title>{texts.DOC_TITLE}</title><style>{_STYLE}</style>"
    viewport = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    return f'<!doctype html><html lang="fr"><head>{viewport}{head}</head><body><main>{"".join(parts)}</main></body></html>'


def _example(address: str) -> str:
    body = json.dumps({"question": "Et pour combien de temps ?", "turns": ["C'est quoi un VTA ?"]}, ensure_ascii=False)
    quoted = body.replace("'", "'\\''")
    return f"curl {address} \\\n  -H 'Authorization: Bearer pvd_…' -H 'Content-Type: application/json' \\\n  -d '{quoted}'"


def _fields(schema: Mapping[str, Any]) -> str:
    rows = ((name, field["description"]) for name, field in schema["properties"].items())
    return _table((texts.DOC_FIELD, texts.DOC_MEANS), rows)


def _table(headings: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "".join(f"<tr><td><code>{escape(name)}</code></td><td>{escape(means)}</td></tr>" for name, means in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _paragraphs(*lines: str) -> str:
    return "".join(f"<p>{escape(line)}</p>" for line in lines)
