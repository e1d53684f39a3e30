"""The files of a folder → the documents that could be read, and the fate of each file.

What did not change is taken from the previous version; the rest is read in child processes. Knows nothing of passages, vectors or
publication.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pebble import ProcessFuture

from index import loaders, originals, retitling
from index.document import Document
from index.errors import UnreadableDocument
from index.folder import FolderFile
from index.manifest import SourceFile, sha256
from index.previous_version import PreviousVersion
from index.progress import Progress
from index.workers import Workers


class LoadedFolder(NamedTuple):
    """What a folder gave."""

    fates: dict[str, SourceFile]  # path → what became of the file
    documents: list[Document]  # in path order


def load_folder(
    listed: Sequence[FolderFile], staging: Path, previous: PreviousVersion, titles: Mapping[str, str],
    workers: Workers, progress: Progress,
) -> LoadedFolder:  # fmt: skip
    """Read what changed of a folder, take the rest from the previous version.

    What is read is the copy that the new version keeps: a file that changes meanwhile changes nothing.

    Args:
        staging: folder of the version in the making, which keeps the originals.
        titles: path → the title that the staff gave.
    """
    fates: dict[str, SourceFile] = {}
    readings: dict[str, ProcessFuture[Any] | Document] = {}
    for name, fate in _at_sight(listed, staging, previous):
        fates[name] = fate
        if fate.status == "indexed":
            stored = _stored(name, fate.sha256, titles.get(name), previous)
            readings[name] = stored or workers.submit(loaders.load, originals.place(staging, name), name)
    documents: list[Document] = []
    first: dict[str, str] = {}  # hash → the first file of that content that could be read
    for done, (name, reading) in enumerate(readings.items()):
        progress("lecture", done, len(readings))
        digest = fates[name].sha256
        if twin := first.get(digest):
            fates[name] = SourceFile(digest, "duplicate", reason=f"copie exacte de « {twin} »", copy_of=twin)
            continue
        if isinstance(reading, Document):
            document, fates[name] = reading, previous.sources[name]
        else:
            try:
                document = workers.outcome(reading)
            except UnreadableDocument as error:
                fates[name] = SourceFile(digest, error.status, reason=str(error))
                continue
            fates[name] = SourceFile(digest, "indexed", pages=document.page_count, reason=shortcomings(document))
        first[digest] = name
        documents.append(retitling.retitled(document, titles))
    progress("lecture", len(readings), len(readings))
    originals.drop_useless(staging, fates)
    return LoadedFolder(fates, documents)


def _at_sight(listed: Sequence[FolderFile], staging: Path, previous: PreviousVersion) -> Iterator[tuple[str, SourceFile]]:
    """The path of each file and its fate before it is read; « indexed » of those that will be."""
    held = originals.held(previous.folder)
    for entry in listed:
        if entry.is_control:
            continue
        try:
            yield entry.name, _kept_or_refused(entry, staging, held)
        except OSError:
            yield entry.name, SourceFile("", "unreadable", reason="le fichier ne peut pas être ouvert")


def _kept_or_refused(entry: FolderFile, staging: Path, held: Mapping[str, Path]) -> SourceFile:
    """What can be said of a file without reading it: its copy is kept with the version, or it is refused."""
    if entry.problem:
        return SourceFile("", "unsupported", reason=entry.problem)
    try:
        loaders.check(entry.path)
    except UnreadableDocument as error:
        return SourceFile(sha256(entry.path), error.status, reason=str(error))
    return SourceFile(originals.keep(staging, entry.path, entry.name, held), "indexed")


def _stored(name: str, digest: str, title: str | None, previous: PreviousVersion) -> Document | None:
    """The document as the previous version read it; None when it must be read again.

    Read again: a file that changed, one that was given another title, and one with an unreadable page (Tesseract may have been
    installed since).
    """
    if previous.titles.get(name) != title:
        return None
    known, stored = previous.sources.get(name), previous.documents.get(name)
    same = known is not None and (known.sha256, known.status) == (digest, "indexed")
    return stored if same and stored and not stored.unreadable_pages else None


def shortcomings(document: Document) -> str:
    """What of a document could not be read, in French; empty when all was."""
    return " ".join(filter(None, [_about_pages(document), *document.remarks]))


def _about_pages(document: Document) -> str:
    missing = document.unreadable_pages
    if not missing:
        return ""
    shown = ", ".join(map(str, missing[:12])) + ("…" if len(missing) > 12 else "")
    return f"{len(missing)} page(s) sur {document.page_count} sans texte lisible (numérisées) : {shown}."
