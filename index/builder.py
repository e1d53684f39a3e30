"""A folder of documents → a new published version of the index.

Reads what changed, takes the rest from the previous version, stages everything, checks it, then
publishes by one rename. Knows nothing of questions or answers.
"""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index import document_features, originals, passage_terms, passage_vectors, retitling
from index.deduplication import find_duplicates
from index.document import Document, Passage
from index.document_loading import load_folder
from index.embedding import Encoder
from index.errors import EmptyKnowledge, IndexCorrupt
from index.folder import CARRIED, FolderFile, entries
from index.french import STOP_WORDS, analyse, pieces_of, stem, words
from index.lexical import PIECES, TERMS, WHOLE, LexicalIndex
from index.manifest import Manifest, SourceFile, sha256
from index.previous_version import PreviousVersion
from index.progress import Progress, silent
from index.ranking import tuned_for
from index.serialisation import write_documents, write_passages, write_words
from index.splitting import Splitting, split
from index.stores.faiss_store import FaissStore
from index.term_lists import Vocabulary
from index.versions import Versions
from index.workers import Workers, shared


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
        """The fixed contract of `build --json`: each file, then how many of each status."""
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


def build(
    source: Path,
    root: Path,
    encoder: Encoder,
    *,
    splitting: Splitting = Splitting(),
    ranking: Mapping[str, Any] | None = None,
    progress: Progress = silent,
    lender: Path | None = None,
    workers: Workers | None = None,
) -> Report:
    """Index a folder (or one file) into the version folder `root` and publish it.

    Args:
        source: read again where it changed since the version that lends.
        ranking: weights of the ranking; by default those learned for the encoder.
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
        previous = PreviousVersion.load(lender or versions.current(), encoder.identity)
        listed, titles = entries(source), retitling.given(source)
        fates, documents = load_folder(listed, staging, previous, titles, workers or shared(), progress)
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
            passage_vectors.save(passage_vectors.encode(passages, encoder, previous.vectors, progress), staging)
            _write(staging, documents, passages)
            for name in manifest.control:
                shutil.copyfile(source / name, staging / name)
            _check(staging, documents, passages)
            _seal(staging, manifest)
            versions.publish(staging, manifest.version)
    seconds = (datetime.now(UTC) - started).total_seconds()
    files = _file_reports(fates, previous.sources, [entry for entry in listed if entry.is_control])
    return Report(manifest.version, not unchanged, files, len(documents), len(passages), seconds)


def searched_texts(passage: Passage) -> tuple[str, str, str]:
    """All that words may be found in: the title, the headings and their aliases, the text."""
    return passage.subject, " . ".join((*passage.headings, *passage.aliases)), passage.text


def document_terms(document: Document) -> list[str]:
    """What BM25 sees of a whole document."""
    headings = [text for section in document.sections for text in (section.heading, *section.aliases)]
    return analyse(" . ".join((document.subject, *headings, document.text)))


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


def _write(staging: Path, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    """The texts of a version, its three lexical indexes (terms of passages, pieces of their words, terms of documents), and what
    the ranking weighs of words."""
    write_documents(staging, documents)
    write_passages(staging, passages)
    counts: Counter[str] = Counter()
    terms, cut = [], []
    for passage in passages:
        own = [words(text) for text in searched_texts(passage)]
        for found in own:
            counts.update(dict.fromkeys(found, 1))
        kept = [word for found in own for word in found if word not in STOP_WORDS]
        terms.append([stem(word) for word in kept])
        cut.append([piece for word in kept for piece in pieces_of(word)])
    write_words(staging, counts)
    lexical = LexicalIndex.build(terms)
    lexical.save(staging / TERMS)
    LexicalIndex.build(cut).save(staging / PIECES)
    del terms, cut
    LexicalIndex.build([document_terms(document) for document in documents]).save(staging / WHOLE)
    vocabulary, names = Vocabulary(), {document.path: document.names for document in documents}
    passage_terms.save(staging, vocabulary, passages, lambda passage: names[passage.document], lexical.idf)
    vectors = FaissStore.load(staging / passage_vectors.STORE).vectors()
    document_features.save(staging, vocabulary, documents, passages, vectors)
    vocabulary.save(staging)


def _seal(staging: Path, manifest: Manifest) -> None:
    """Write the manifest, last, with the hash of every other file."""
    files = {p.relative_to(staging).as_posix(): sha256(p) for p in sorted(staging.rglob("*")) if p.is_file()}
    replace(manifest, files=files).save(staging / "manifest.json")


def _check(staging: Path, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    """Refuse to publish what a reader could not use.

    Raises:
        IndexCorrupt: vectors are missing, or a passage does not stand at its place in its document.
    """
    texts = {document.path: document.text for document in documents}
    if len(FaissStore.load(staging / passage_vectors.STORE)) != len(passages):
        raise IndexCorrupt("La version construite est incomplète : elle n'est pas publiée. Relancez la construction.")
    for passage in passages:
        if texts[passage.document][passage.start : passage.end] != passage.text:
            raise IndexCorrupt(f"Le passage « {passage.id} » ne se retrouve pas dans son document : version non publiée.")


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
