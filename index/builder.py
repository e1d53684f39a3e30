"""A folder of documents → a new published version of the index.

Reads what changed, takes the rest from the previous version, stages everything, checks it, then
publishes by one rename. Knows nothing of questions or answers.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from pebble import ProcessFuture

from index import loaders, originals, retitling
from index.arrays import Vectors
from index.deduplication import find_duplicates
from index.document import Document, Passage, embedded_text
from index.embedding import Encoder
from index.errors import EmptyKnowledge, IndexCorrupt, IndexingError, UnreadableDocument
from index.folder import CARRIED, FolderFile, entries
from index.french import analyse, pieces, sentences
from index.lexical import LexicalIndex
from index.manifest import Manifest, SourceFile, reading_code, sha256
from index.progress import Progress, silent
from index.ranking import tuned_for
from index.serialisation import read_documents, read_passages, write_jsonl
from index.splitting import Splitting, split
from index.stores.faiss_store import FaissStore
from index.tokens import FILE as TOKENS
from index.tokens import NO_TOKENS, PassageTokens, load_tokens, stacked
from index.versions import Versions
from index.workers import Workers, shared

_BATCH = 128  # passages between two signs of progress


@dataclass(frozen=True)
class FileReport:
    """What became of one file."""

    path: str
    status: str
    passages: int = 0
    pages: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Report:
    """What a build did. `published` is False when nothing changed: the current version stays."""

    version: str
    published: bool
    files: tuple[FileReport, ...]
    documents: int
    passages: int
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        counts: dict[str, int] = {}
        for file in self.files:
            counts[file.status] = counts.get(file.status, 0) + 1
        totals = {"files": len(self.files), "documents": self.documents, "passages": self.passages, **counts}
        return {
            "version": self.version,
            "published": self.published,
            "seconds": round(self.seconds, 2),
            "files": [asdict(file) for file in self.files],
            "totals": totals,
        }


@dataclass
class _Previous:
    """What the current version can lend to the next one."""

    sources: Mapping[str, SourceFile] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    vectors: Mapping[tuple[str, ...], tuple[Any, Any, Any]] = field(default_factory=dict)  # `_encoded` → vector, units, tokens
    titles: Mapping[str, str] = field(default_factory=dict)  # that were given
    manifest: Manifest | None = None
    folder: Path | None = None


def build(
    source: Path,
    root: Path,
    encoder: Encoder,
    splitting: Splitting = Splitting(),
    ranking: Mapping[str, Any] | None = None,
    progress: Progress = silent,
    lender: Path | None = None,
    workers: Workers | None = None,
) -> Report:
    """Index a folder (or one file) into the version folder `root` and publish it.

    Args:
        lender: folder of the version that lends what did not change; by default the current one of `root`.
        workers: the children that read the files; by default those of this process.

    Raises:
        EmptyKnowledge: the folder is absent, empty, or holds nothing readable; the index is untouched.
        IndexingError: another build is running.
    """
    started = datetime.now(UTC)
    if not source.exists():
        raise EmptyKnowledge(f"Le dossier « {source} » n'existe pas. Indiquez le dossier des documents à indexer.")
    versions = Versions(root)
    with versions.building() as staging:
        originals.settle(versions)  # a change of version killed before it reached the folder that is about to be read
        previous = _previous(lender or versions.current(), encoder)
        listed, titles = entries(source), retitling.given(source)
        fates, documents = _read_all(listed, titles, staging, previous, workers or shared(), progress)
        if not documents:
            raise EmptyKnowledge(_nothing_readable(source, fates))
        passages, fates = _split_all(documents, fates, splitting)
        if not passages:
            raise EmptyKnowledge(_nothing_readable(source, fates))
        manifest = Manifest(
            version=_version_name(started, fates, encoder),
            created=started.isoformat(timespec="seconds"),
            source=source.name,
            encoder=encoder.identity,
            splitting=splitting.as_dict(),
            sources=fates,
            documents=len(documents),
            passages=len(passages),
            ranking=dict(ranking or tuned_for(encoder.identity.sha256, root)),
            control={name: sha256(source / name) for name in CARRIED if (source / name).is_file()},
        )
        unchanged = previous.manifest is not None and manifest.same_content(previous.manifest)
        if unchanged:
            manifest = previous.manifest or manifest
        else:
            _write(staging, documents, passages, encoder, previous, manifest, source, progress)
            versions.publish(staging, manifest.version)
    seconds = (datetime.now(UTC) - started).total_seconds()
    files = _file_reports(fates, previous.sources, [entry for entry in listed if entry.is_control])
    return Report(manifest.version, not unchanged, files, len(documents), len(passages), seconds)


def headings_of(passage: Passage) -> list[str]:
    """The heading (or title) and its aliases: each has a vector, before those of the sentences."""
    return [passage.searched_heading or passage.subject, *passage.aliases]


def searched_text(passage: Passage) -> str:
    """All that words may be found in: the title, the headings and their aliases, the text."""
    return " . ".join((passage.subject, *passage.headings, *passage.aliases, passage.text))


def lexical_terms(passage: Passage) -> list[str]:
    """What BM25 sees of a passage."""
    return analyse(searched_text(passage))


def document_terms(document: Document) -> list[str]:
    """What BM25 sees of a whole document."""
    headings = [text for section in document.sections for text in (section.heading, *section.aliases)]
    return analyse(" . ".join((document.subject, *headings, document.text)))


def _read_all(
    listed: Sequence[FolderFile],
    titles: Mapping[str, str],
    staging: Path,
    previous: _Previous,
    workers: Workers,
    progress: Progress,
) -> tuple[dict[str, SourceFile], list[Document]]:
    """Every file's fate, and the documents that could be read, in path order.

    What is read is the copy that the version keeps: a file that changes meanwhile changes nothing.
    """
    fates: dict[str, SourceFile] = {}
    readings: dict[str, ProcessFuture[Any] | Document] = {}  # of the files that are not refused at sight
    held = originals.held(previous.folder)
    for entry in listed:
        if entry.is_control:
            continue
        try:
            fates[entry.name] = fate = _at_sight(entry, staging, held)
        except OSError:
            fates[entry.name] = SourceFile("", "unreadable", reason="le fichier ne peut pas être ouvert")
            continue
        if fate.status == "indexed":
            stored = _stored(entry.name, fate.sha256, titles.get(entry.name), previous)
            readings[entry.name] = stored or workers.submit(loaders.load, originals.place(staging, entry.name), entry.name)
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
    return fates, documents


def _at_sight(entry: FolderFile, staging: Path, held: Mapping[str, Path]) -> SourceFile:
    """What can be said of a file without reading it: kept with the version, or refused."""
    if entry.problem:
        return SourceFile("", "unsupported", reason=entry.problem)
    try:
        loaders.check(entry.path)
    except UnreadableDocument as error:
        return SourceFile(sha256(entry.path), error.status, reason=str(error))
    return SourceFile(originals.keep(staging, entry.path, entry.name, held), "indexed")


def _stored(name: str, digest: str, title: str | None, previous: _Previous) -> Document | None:
    """The document as the previous version read it; not one of which a page was missing: Tesseract may have come since; nor one
    that had another title given.
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


def _split_all(
    documents: Sequence[Document], fates: dict[str, SourceFile], splitting: Splitting
) -> tuple[list[Passage], dict[str, SourceFile]]:
    """Passages of every document, duplicates left out; the fates completed with their counts."""
    duplicates = find_duplicates(documents)
    passages: list[Passage] = []
    for document in documents:
        own = split(document, splitting, duplicates.skip.get(document.path, ()), duplicates.also.get(document.path))
        fate = fates[document.path]
        if own:
            fates[document.path] = replace(fate, passages=len(own))
        elif duplicates.skip.get(document.path):
            fates[document.path] = replace(fate, status="duplicate", reason="tout son texte figure déjà dans d'autres documents")
        else:
            fates[document.path] = replace(fate, status="empty", reason=fate.reason or "aucun texte à indexer")
        passages += own
    return passages, fates


def _write(
    staging: Path,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    encoder: Encoder,
    previous: _Previous,
    manifest: Manifest,
    source: Path,
    progress: Progress,
) -> None:
    """Write a complete version into `staging`, its manifest last."""
    write_jsonl(staging / "documents.jsonl", documents)
    write_jsonl(staging / "passages.jsonl", passages)
    vectors, units, tokens = _encode(passages, encoder, previous.vectors, progress)
    FaissStore.build(vectors).save(staging / "vectors.faiss")
    ends = np.cumsum([len(own) for own in units])
    of_all, token_ends = stacked(tokens)
    np.savez(staging / "units.npz", vectors=np.concatenate(units).astype(np.float16), ends=ends, token_ends=token_ends)
    np.save(staging / TOKENS, of_all)
    LexicalIndex.build([lexical_terms(passage) for passage in passages]).save(staging / "lexical")
    LexicalIndex.build([pieces(searched_text(passage)) for passage in passages]).save(staging / "pieces")
    LexicalIndex.build([document_terms(document) for document in documents]).save(staging / "documents")
    for name in manifest.control:
        shutil.copyfile(source / name, staging / name)
    _check(staging, documents, passages, len(vectors))
    files = {p.relative_to(staging).as_posix(): sha256(p) for p in sorted(staging.rglob("*")) if p.is_file()}
    replace(manifest, files=files).save(staging / "manifest.json")


def _check(staging: Path, documents: Sequence[Document], passages: Sequence[Passage], vectors: int) -> None:
    """Refuse to publish what a reader could not use."""
    texts = {document.path: document.text for document in documents}
    if vectors != len(passages) or len(FaissStore.load(staging / "vectors.faiss")) != len(passages):
        raise IndexCorrupt("La version construite est incomplète : elle n'est pas publiée. Relancez la construction.")
    for passage in passages:
        if texts[passage.document][passage.start : passage.end] != passage.text:
            raise IndexCorrupt(f"Le passage « {passage.id} » ne se retrouve pas dans son document : version non publiée.")


def _encoded(passage: Passage) -> tuple[str, ...]:
    """All that the vectors of a passage depend on."""
    return (embedded_text(passage), passage.text, *headings_of(passage))


def _encode(
    passages: Sequence[Passage], encoder: Encoder, known: Mapping[tuple[str, ...], tuple[Any, Any, Any]], progress: Progress
) -> tuple[Vectors, list[Vectors], list[PassageTokens]]:
    """The vector of each passage, those of its headings then sentences, and its tokens; those of the previous version reused."""
    vectors = np.zeros((len(passages), encoder.identity.dimension), dtype=np.float32)
    units: list[Vectors] = [vectors[:0]] * len(passages)
    tokens: list[PassageTokens] = [NO_TOKENS] * len(passages)
    missing = []
    for row, passage in enumerate(passages):
        if reused := known.get(_encoded(passage)):
            vectors[row], units[row], tokens[row] = reused
        else:
            missing.append(row)
    missing.sort(key=lambda row: len(passages[row].text))  # a batch is as long as its longest passage
    of_text: dict[str, Any] = {}  # a heading stands over many passages, a title over all of its document's
    for first in range(0, len(missing), _BATCH):
        progress("vecteurs", first, len(missing))
        rows = missing[first : first + _BATCH]
        texts = [embedded_text(passages[row]) for row in rows]
        # The text of a passage ends what is encoded for it.
        shifts = [len(text) - len(passages[row].text) for text, row in zip(texts, rows, strict=True)]
        spans = [
            [(shift + start, shift + end) for start, end in sentences(passages[row].text)]
            for shift, row in zip(shifts, rows, strict=True)
        ]
        parts = encoder.encode_parts(texts, spans)
        vectors[rows] = parts.vectors
        new = [text for text in dict.fromkeys(t for row in rows for t in headings_of(passages[row])) if text not in of_text]
        of_text |= zip(new, encoder.encode_passages(new), strict=True)
        for row, of_sentences, of_tokens in zip(rows, parts.spans, parts.tokens, strict=True):
            tokens[row] = of_tokens
            units[row] = np.concatenate([np.stack([of_text[text] for text in headings_of(passages[row])]), of_sentences])
    progress("vecteurs", len(missing), len(missing))
    return vectors, units, tokens


def _previous(folder: Path | None, encoder: Encoder) -> _Previous:
    """A version's documents and vectors; nothing when it is absent, corrupt or outdated."""
    if folder is None:
        return _Previous()
    try:
        manifest = Manifest.load(folder / "manifest.json")
        manifest.check_files(folder)
        documents = {document.path: document for document in read_documents(folder / "documents.jsonl")}
        vectors: dict[tuple[str, ...], tuple[Any, Any, Any]] = {}
        if manifest.encoder == encoder.identity:
            stored = FaissStore.load(folder / "vectors.faiss").vectors()
            kept = np.load(folder / "units.npz")
            units = np.split(kept["vectors"].astype(np.float32), kept["ends"][:-1])
            passages = read_passages(folder / "passages.jsonl")
            tokens = np.split(load_tokens(folder), kept["token_ends"][:-1])
            vectors = {_encoded(passage): (stored[row], units[row], tokens[row]) for row, passage in enumerate(passages)}
        if manifest.reading != reading_code():  # read by other code: read again
            documents = {}
        return _Previous(manifest.sources, documents, vectors, retitling.given(folder), manifest, folder)
    except (IndexingError, OSError, ValueError, KeyError, TypeError):
        return _Previous()


def _file_reports(
    fates: Mapping[str, SourceFile], before: Mapping[str, SourceFile], control: Sequence[FolderFile]
) -> tuple[FileReport, ...]:
    reports = [FileReport(entry.name, "unsupported", reason=entry.problem) for entry in control]
    for path, fate in fates.items():
        known = before.get(path)
        same = known is not None and (known.sha256, known.status) == (fate.sha256, "indexed") and fate.status == "indexed"
        reports.append(FileReport(path, "unchanged" if same else fate.status, fate.passages, fate.pages, fate.reason))
    withdrawn = (FileReport(path, "withdrawn", reason="retiré du dossier") for path in before if path not in fates)
    return tuple(sorted([*reports, *withdrawn], key=lambda file: file.path))


def _nothing_readable(source: Path, fates: Mapping[str, SourceFile]) -> str:
    if not fates:
        return f"Le dossier « {source} » est vide : rien à indexer. Ajoutez-y des documents, puis relancez."
    reasons = "; ".join(f"{path} ({fate.reason or fate.status})" for path, fate in list(fates.items())[:5])
    return f"Aucun document lisible dans « {source} » ({len(fates)} fichier(s)) : {reasons}. L'index précédent est conservé."


def _version_name(started: datetime, fates: Mapping[str, SourceFile], encoder: Encoder) -> str:
    digest = hashlib.sha256()
    for path, fate in sorted(fates.items()):
        digest.update(f"{path}:{fate.sha256}".encode())
    digest.update(encoder.identity.sha256.encode())
    return f"{started:%Y%m%dT%H%M%S%f}-{digest.hexdigest()[:8]}"
