"""Saved mails (.eml) and web archives (.mht, .mhtml) → Documents, read with the standard library.

A mail gives who wrote to whom, when, and its body; its attachments are named, not read. A web archive is
the page that it saved. This module knows nothing of Outlook's own .msg.
"""

from __future__ import annotations

import email.policy
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from pathlib import Path

from index.cleaning import one_line
from index.document import Document
from index.errors import UnreadableDocument
from index.loaders.assembly import Block, assemble, without_title
from index.loaders.html.loader import fragment_blocks, parsed, read_page, titled
from index.loaders.text.encoding import decode
from index.loaders.text.plain import plain_blocks
from index.loaders.titles import readable_name

SUFFIXES = (".eml", ".mht", ".mhtml")

_PAGES = ("text/html", "application/xhtml+xml")
_HEADERS = {"From": "De", "To": "À", "Cc": "Copie à", "Date": "Date"}
_QUOTE_MARKS = re.compile(r"^(?:> ?)+", re.MULTILINE)


def load(path: Path, relative: str) -> Document:
    """Read a mail or a web archive.

    Raises:
        UnreadableDocument: for a file without the headers of either.
    """
    message = BytesParser(policy=email.policy.default).parsebytes(path.read_bytes())
    if not message.keys():
        raise UnreadableDocument("Ce fichier n'est ni un courriel ni une page enregistrée : il n'en a pas les en-têtes.")
    return _web_archive(message, relative) if path.suffix.lower() != ".eml" else _mail(message, relative)


def _web_archive(message: EmailMessage, relative: str) -> Document:
    page = next((part for part in message.walk() if part.get_content_type() in _PAGES), None)
    if page is None:
        raise UnreadableDocument("Cette archive ne contient aucune page : enregistrez la page en .html ou en .pdf.")
    title, blocks = read_page(parsed(_text(page)))
    title = title or readable_name(relative)
    return assemble(relative, title, without_title(titled(blocks, title), title))


def _mail(message: EmailMessage, relative: str) -> Document:
    """A mail: who wrote to whom, its body, the mails joined to it; other attachments are named."""
    title = one_line(_header(message, "Subject")) or readable_name(relative)
    body = message.get_body(("html", "plain"))
    blocks = titled([*_envelope(message), *(_body(body) if body is not None else ())], title)
    joined = [part for part in message.iter_attachments() if _is_attached(part)]
    forwarded = [part for part in joined if part.get_content_type() == "message/rfc822"]
    blocks += [block for part in forwarded for block in _forwarded(part)]
    joined = [part for part in joined if part not in forwarded]
    attached = [one_line(part.get_filename() or part.get_content_type()) for part in joined]
    remarks = [f"Pièces jointes non lues : {', '.join(attached)} : enregistrez-les à côté."] if attached else []
    return assemble(relative, title, blocks, remarks=remarks)


def _forwarded(part: MIMEPart) -> Iterator[Block]:
    """A mail joined to another, under its subject; what is joined to it in turn is not read."""
    for mail in part.iter_parts() if part.is_multipart() else ():
        body = mail.get_body(("html", "plain"))
        yield Block(one_line(_header(mail, "Subject")) or "Message transféré", 2)
        yield from _envelope(mail)
        yield from (block for block in (_body(body) if body is not None else ()) if block.text)


def _is_attached(part: MIMEPart) -> bool:
    """Whether a part was joined by its author; the pictures of a signature were not."""
    return part.get_content_disposition() == "attachment" or part.get_content_maintype() != "image"


def _envelope(message: MIMEPart) -> Iterator[Block]:
    """Who wrote to whom, and when, a line each."""
    for i, (name, shown) in enumerate((n, s) for n, s in _HEADERS.items() if message[n]):
        written = _header(message, name)
        date = getattr(message[name], "datetime", None)
        yield Block(f"{shown} : {date:%d/%m/%Y à %H:%M}" if date else f"{shown} : {one_line(written)}", tight=i > 0)


def _header(message: MIMEPart, name: str) -> str:
    try:
        return str(message[name] or "")
    except HeaderParseError:
        return ""


def _body(part: MIMEPart) -> list[Block]:
    """The body of a mail; what it quotes of earlier ones loses its marks and stays under « … a écrit : »."""
    text = _text(part)
    if part.get_content_type() in _PAGES:
        return fragment_blocks(text)
    return plain_blocks(_QUOTE_MARKS.sub("", _unflowed(text, part)))


def _unflowed(text: str, part: MIMEPart) -> str:
    """The paragraphs of a « format=flowed » text (RFC 3676), whose lines go on when a space ends them."""
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    kept = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
    return re.sub(r"(?<!^--) \r?\n(?!\r?\n|>)", kept, text, flags=re.MULTILINE)


def _text(part: MIMEPart) -> str:
    """The text of a part, decoded as it says, or as its bytes read best."""
    raw = part.get_payload(decode=True)
    return decode(raw if isinstance(raw, bytes) else b"", part.get_content_charset() or "")
