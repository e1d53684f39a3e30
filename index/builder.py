"""A folder of documents → a new published version of the index.

Reads what changed, takes the rest from the previous version, stages everything, checks it, then
publishes by one rename. Knows nothing of questions or answers.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from index import loaders, originals
from index.deduplication import find_duplicates
from index.document import Document, Passage, embedded_text
from index.embedding import Encoder, Vectors
from index.errors import EmptyKnowledge, IndexCorrupt, IndexingError, UnreadableDocument
from index.french import analyse, pieces, sentences
from index.lexical import LexicalIndex
from index.manifest import Manifest, Source, reading_code, sha256
from index.ranking import tuned_for
from index.serialisation import read_documents, read_passages, write_jsonl
from index.splitting import Splitting, split
from index.stores.faiss_store import FaissStore
from index.versions import Versions

LEXICON = "lexique.yaml"
# Files at the root of a source folder that serve its maintainers: read elsewhere, never indexed.
CONTROL_FILES = frozenset({"LISEZMOI.md", LEXICON, "questions.jsonl", "messages.jsonl", "clauses.jsonl", "communes.csv"})
_BATCH = 128  # passages between two signs of progress

Progress = Callable[[str, int, int], None]  # step, done, total


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

    sources: Mapping[str, Source] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    vectors: Mapping[tuple[str, ...], tuple[Any, Any]] = field(default_factory=dict)  # `_encoded` → its vector, its units'
    manifest: Manifest | None = None
    folder: Path | None = None


def build(
    source: Path,
    root: Path,
    encoder: Encoder,
    splitting: Splitting = Splitting(),
    ranking: Mapping[str, Any] | None = None,
    progress: Progress = lambda step, done, total: None,
    lender: Path | None = None,
) -> Report:
    """Index a folder (or one file) into the version folder `root` and publish it.

    Args:
        lender: folder of the version that lends what did not change; by default the current one of `root`.

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
        read, documents = _read_all(source, previous, progress)
        if not documents:
            raise EmptyKnowledge(_nothing_readable(source, read))
        passages, read = _split_all(documents, read, splitting)
        if not passages:
            raise EmptyKnowledge(_nothing_readable(source, read))
        manifest = Manifest(
            version=_version_name(started, read, encoder),
            created=started.isoformat(timespec="seconds"),
            source=source.name,
            encoder=encoder.identity,
            splitting=splitting.as_dict(),
            sources=read,
            documents=len(documents),
            passages=len(passages),
            ranking=dict(ranking or tuned_for(encoder.identity.sha256, root)),
            lexicon=sha256(source / LEXICON) if (source / LEXICON).is_file() else "",
        )
        unchanged = previous.manifest is not None and manifest.same_content(previous.manifest)
        if unchanged:
            manifest = previous.manifest or manifest
        else:
            _write(staging, documents, passages, encoder, previous, manifest, source, progress)
            versions.publish(staging, manifest.version)
    seconds = (datetime.now(UTC) - started).total_seconds()
    files = _file_reports(read, previous.sources)
    return Report(manifest.version, not unchanged, files, len(documents), len(passages), seconds)


def files_of(source: Path) -> list[tuple[Path, str]]:
    """Files to index with their relative path, sorted; hidden and control files left out."""
    if source.is_file():
        return [(source, source.name)]
    found = []
    for path in sorted(source.rglob("*")):
        relative = path.relative_to(source)
        hidden = any(part.startswith((".", "~$")) for part in relative.parts)
        if path.is_file() and not hidden and relative.as_posix() not in CONTROL_FILES:
            found.append((path, relative.as_posix()))
    return found


def fingerprint(source: Path, *control: str) -> dict[str, str]:
    """Path → hash of the documents of a folder, and of the control files named."""
    found = {}
    for path, relative in files_of(source) if source.is_dir() else []:
        try:
            state = path.stat()
            found[relative] = _digest(path, state.st_mtime_ns, state.st_size, state.st_ino)
        except OSError:
            continue  # the build report names it
    return found | {name: sha256(source / name) for name in control if (source / name).is_file()}


@lru_cache(maxsize=10_000)
def _digest(path: Path, modified: int, size: int, inode: int) -> str:
    """The hash of a file, computed again only when the file system says that the file is another."""
    return sha256(path)


def headings_of(passage: Passage) -> list[str]:
    """The heading (or title) and its aliases: each has a vector, before those of the sentences."""
    return [passage.headings[-1] if passage.headings else passage.subject, *passage.aliases]


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


def _read_all(source: Path, previous: _Previous, progress: Progress) -> tuple[dict[str, Source], list[Document]]:
    """Every file's fate, and the documents that could be read, in path order."""
    files = files_of(source)
    read: dict[str, Source] = {}
    documents: list[Document] = []
    hashes: dict[str, str] = {}
    for done, (path, relative) in enumerate(files):
        progress("lecture", done, len(files))
        try:
            digest = sha256(path)
        except OSError:
            read[relative] = Source("", "unreadable", reason="le fichier ne peut pas être ouvert")
            continue
        if twin := hashes.get(digest):
            read[relative] = Source(digest, "duplicate", reason=f"copie exacte de « {twin} »")
            continue
        known = previous.sources.get(relative)
        stored = previous.documents.get(relative)
        # What could not be read, or not wholly, is tried again: Tesseract may have come since.
        if known and stored and (known.sha256, known.status) == (digest, "indexed") and not stored.unreadable_pages:
            read[relative] = known
            documents.append(stored)
            hashes[digest] = relative
            continue
        try:
            document = loaders.load(path, relative)
        except UnreadableDocument as error:
            read[relative] = Source(digest, error.status, reason=str(error))
            continue
        hashes[digest] = relative
        documents.append(document)
        read[relative] = Source(digest, "indexed", pages=document.page_count, reason=about_pages(document))
    progress("lecture", len(files), len(files))
    return read, documents


def about_pages(document: Document) -> str:
    """Which pages of a document have no text, in French; empty when all have."""
    missing = document.unreadable_pages
    if not missing:
        return ""
    shown = ", ".join(map(str, missing[:12])) + ("…" if len(missing) > 12 else "")
    return f"{len(missing)} page(s) sur {document.page_count} sans texte (numérisées) : {shown}"


def _split_all(
    documents: Sequence[Document], read: dict[str, Source], splitting: Splitting
) -> tuple[list[Passage], dict[str, Source]]:
    """Passages of every document, duplicates left out; the fates completed with their counts."""
    duplicates = find_duplicates(documents)
    passages: list[Passage] = []
    for document in documents:
        own = split(document, splitting, duplicates.skip.get(document.path, ()), duplicates.also.get(document.path))
        fate = read[document.path]
        if own:
            read[document.path] = replace(fate, passages=len(own))
        elif duplicates.skip.get(document.path):
            read[document.path] = replace(fate, status="duplicate", reason="tout son texte figure déjà dans d'autres documents")
        else:
            read[document.path] = replace(fate, status="empty", reason=fate.reason or "aucun texte à indexer")
        passages += own
    return passages, read


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
    vectors, units = _encode(passages, encoder, previous.vectors, progress)
    FaissStore.build(vectors).save(staging / "vectors.faiss")
    ends = np.cumsum([len(own) for own in units])
    np.savez(staging / "units.npz", vectors=np.concatenate(units).astype(np.float16), ends=ends)
    LexicalIndex.build([lexical_terms(passage) for passage in passages]).save(staging / "lexical")
    LexicalIndex.build([pieces(searched_text(passage)) for passage in passages]).save(staging / "pieces")
    LexicalIndex.build([document_terms(document) for document in documents]).save(staging / "documents")
    if (lexicon := source / LEXICON).is_file():
        shutil.copyfile(lexicon, staging / LEXICON)
    originals.keep(staging, source, manifest.sources, previous.folder)
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
    passages: Sequence[Passage], encoder: Encoder, known: Mapping[tuple[str, ...], tuple[Any, Any]], progress: Progress
) -> tuple[Vectors, list[Vectors]]:
    """The vector of each passage, and those of its headings then sentences; those of the previous version reused."""
    vectors = np.zeros((len(passages), encoder.identity.dimension), dtype=np.float32)
    units: list[Vectors] = [vectors[:0]] * len(passages)
    missing = []
    for row, passage in enumerate(passages):
        if found := known.get(_encoded(passage)):
            vectors[row], units[row] = found
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
        vectors[rows], parts = encoder.encode_parts(texts, spans)
        new = [text for text in dict.fromkeys(t for row in rows for t in headings_of(passages[row])) if text not in of_text]
        of_text |= zip(new, encoder.encode_passages(new), strict=True)
        for row, of_sentences in zip(rows, parts, strict=True):
            units[row] = np.concatenate([np.stack([of_text[text] for text in headings_of(passages[row])]), of_sentences])
    progress("vecteurs", len(missing), len(missing))
    return vectors, units


def _previous(folder: Path | None, encoder: Encoder) -> _Previous:
    """A version's documents and vectors; nothing when it is absent, corrupt or outdated."""
    if folder is None:
        return _Previous()
    try:
        manifest = Manifest.load(folder / "manifest.json")
        manifest.check_files(folder)
        documents = {document.path: document for document in read_documents(folder / "documents.jsonl")}
        vectors: dict[tuple[str, ...], tuple[Any, Any]] = {}
        if manifest.encoder == encoder.identity:
            stored = FaissStore.load(folder / "vectors.faiss").vectors()
            kept = np.load(folder / "units.npz")
            units = np.split(kept["vectors"].astype(np.float32), kept["ends"][:-1])
            passages = read_passages(folder / "passages.jsonl")
            vectors = {_encoded(passage): (stored[row], units[row]) for row, passage in enumerate(passages)}
        if manifest.reading != reading_code():  # read by other code: read again
            documents = {}
        return _Previous(manifest.sources, documents, vectors, manifest, folder)
    except (IndexingError, OSError, ValueError, KeyError, TypeError):
        return _Previous()


def _file_reports(read: Mapping[str, Source], before: Mapping[str, Source]) -> tuple[FileReport, ...]:
    reports = []
    for path, fate in read.items():
        known = before.get(path)
        same = known is not None and (known.sha256, known.status) == (fate.sha256, "indexed") and fate.status == "indexed"
        reports.append(FileReport(path, "unchanged" if same else fate.status, fate.passages, fate.pages, fate.reason))
    withdrawn = (FileReport(path, "withdrawn", reason="retiré du dossier") for path in before if path not in read)
    return tuple(sorted([*reports, *withdrawn], key=lambda file: file.path))


def _nothing_readable(source: Path, read: Mapping[str, Source]) -> str:
    if not read:
        return f"Le dossier « {source} » est vide : rien à indexer. Ajoutez-y des documents, puis relancez."
    reasons = "; ".join(f"{path} ({fate.reason or fate.status})" for path, fate in list(read.items())[:5])
    return f"Aucun document lisible dans « {source} » ({len(read)} fichier(s)) : {reasons}. L'index précédent est conservé."


def _version_name(started: datetime, read: Mapping[str, Source], encoder: Encoder) -> str:
    digest = hashlib.sha256()
    for path, fate in sorted(read.items()):
        digest.update(f"{path}:{fate.sha256}".encode())
    digest.update(encoder.identity.sha256.encode())
    return f"{started:%Y%m%dT%H%M%S%f}-{digest.hexdigest()[:8]}"
