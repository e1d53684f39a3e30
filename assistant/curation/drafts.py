"""Changes to the base that are not published yet: files to add or to replace, documents to withdraw.

One draft, shared by the editors, kept on disk. `preview` says what a file would give once indexed, cut as
a build cuts it. Knows the folder of documents and the loaders; nothing of versions, answers or screens.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import threading
import time
import unicodedata
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, BinaryIO

from assistant.errors import AssistantError
from index import loaders, retitling
from index.deduplication import find_duplicates
from index.document import Document, Passage
from index.document_loading import shortcomings
from index.errors import UnreadableDocument
from index.folder import CONTROL_FILES, fingerprint
from index.manifest import sha256
from index.splitting import Splitting, split
from index.workers import shared

SUFFIXES = tuple(sorted(loaders.LOADERS))
_LONGEST_NAME = 120  # characters; file systems stop at 255 bytes
_BLOCK = 1024 * 1024  # bytes
_UNFINISHED = 24 * 3600  # seconds after which a temporary file is of a process that died
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]+')
_FICHES, _OTHERS = "fiches", "documents"  # where new files go


class DraftRefused(AssistantError):
    """A change cannot be made; says why, in French. The draft is as it was."""


class ChangeKind(StrEnum):
    """What a change does to the folder of documents."""

    ADDITION = "ajout"
    REPLACEMENT = "remplacement"
    WITHDRAWAL = "retrait"


@dataclass(frozen=True)
class Change:
    """A pending change of one file. `path` is relative to the folder of documents, with « / »."""

    path: str
    kind: ChangeKind
    who: str  # login
    when: str  # ISO 8601, UTC
    name: str = ""  # of the file as it was sent
    size: int = 0  # bytes
    sha256: str = ""
    problem: str = ""  # why it cannot be read, or not wholly, in French


@dataclass(frozen=True)
class FilePreview:
    """What a file would give once indexed, alone."""

    path: str
    document: Document | None
    passages: tuple[Passage, ...] = ()
    problem: str = ""  # why it cannot be read, in French


class Draft:
    """The pending changes. Safe to share between the threads of one process."""

    def __init__(self, folder: Path, knowledge: Path, megabytes: int, files: int) -> None:
        """The draft kept in a folder: its record, `draft.json`, and the content of its files under `files/`.

        Args:
            knowledge: the folder of documents that it changes.
            megabytes: that a file may have.
            files: how many changes may wait.
        """
        self._folder, self._knowledge = folder, knowledge
        self.megabytes, self.files = megabytes, files
        self._lock = threading.RLock()
        self._sweep_unfinished()

    def changes(self) -> tuple[Change, ...]:
        """By path. A change that the folder of documents already shows (published, or made by hand) is dropped."""
        with self._lock:
            present = self._present()
            rows = self._read()
            left = {path: row for path, row in rows.items() if not self._is_done(row, present)}
            if len(left) != len(rows):
                self._write(left)
            return tuple(replace(row, kind=_kind(row, present)) for _, row in sorted(left.items()))

    def revision(self) -> str:
        """A hash that is another one as soon as the draft is."""
        rows = [[change.path, str(change.kind), change.sha256] for change in self.changes()]
        return hashlib.sha256(json.dumps(rows).encode()).hexdigest()

    def add(self, name: str, content: BinaryIO, who: str) -> Change:
        """Put a file in the draft; one whose name a document of the base has replaces it.

        Raises:
            DraftRefused: name, format, size or count.
        """
        safe = safe_name(name)
        return self._store(self._destination(safe), safe, content, who)

    def replace(self, path: str, name: str, content: BinaryIO, who: str) -> Change:
        """Put a new file in the place of a document; of another format, it is added and the document withdrawn.

        Raises:
            DraftRefused: no such document; name, format, size or count.
        """
        safe = safe_name(name)
        with self._lock:
            if path not in self._present():
                raise DraftRefused(f"« {path} » n'est pas dans la base : rien à remplacer.")
            if Path(safe).suffix == Path(path).suffix.lower():
                return self._store(path, safe, content, who)
            change = self._store(self._free(PurePosixPath(path).parent / safe), safe, content, who)
            self.withdraw(path, who)
            return change

    def withdraw(self, path: str, who: str) -> Change:
        """Have a document taken out of the base at the next publication.

        Raises:
            DraftRefused: no such document.
        """
        with self._lock:
            if path not in self._present():
                raise DraftRefused(f"« {path} » n'est pas dans la base : rien à retirer.")
            change = Change(path, ChangeKind.WITHDRAWAL, who, _now())
            self._keep(change)
            self._file(path).unlink(missing_ok=True)
            return change

    def titles(self) -> dict[str, str]:
        """Path → title of the documents to which one was given, once the draft is published."""
        sent = self.content(retitling.FILE)
        return retitling.given(sent.parent if sent else self._knowledge)

    def retitle(self, path: str, title: str, who: str) -> Change:
        """Have a document called otherwise at the next publication; without a title, as its file says again.

        Raises:
            DraftRefused: no such document, in the base or in the draft.
            IndexingError: the file of titles cannot be read.
        """
        with self._lock:
            rows, present = self._read(), self._present()
            if path == retitling.FILE or path not in present and path not in rows:
                raise DraftRefused(f"« {path} » n'est ni dans la base ni en attente : pas de titre à lui donner.")
            titles = self.titles() | {path: retitling.clean(title)}
            target = self._file(retitling.FILE)
            target.parent.mkdir(parents=True, exist_ok=True)
            self._write_text(target, retitling.written({name: own for name, own in titles.items() if own}))
            change = Change(
                retitling.FILE, ChangeKind.REPLACEMENT, who, _now(), retitling.FILE, target.stat().st_size, sha256(target)
            )
            self._keep(change)
            return replace(change, kind=_kind(change, present))

    def cancel(self, path: str) -> None:
        """Forget the pending change of a file.

        Raises:
            DraftRefused: it has none.
        """
        with self._lock:
            rows = self._read()
            if rows.pop(path, None) is None:
                raise DraftRefused(f"« {path} » n'a pas de changement en attente.")
            self._write(rows)

    def content(self, path: str) -> Path | None:
        """The pending content of a file, or None."""
        row = self._read().get(path)
        return self._file(path) if row and row.kind is not ChangeKind.WITHDRAWAL and self._file(path).is_file() else None

    def beside(self, path: str, published: Mapping[str, Document]) -> list[Document]:
        """The documents that a pending file will stand beside once the draft is published."""
        changes = {change.path: change for change in self.changes()}
        left = [document for name, document in published.items() if name not in changes and name != path]
        sent = [
            _read(self._file(name), name, change.sha256)[0]
            for name, change in changes.items()
            if name not in (path, retitling.FILE) and change.kind is not ChangeKind.WITHDRAWAL
        ]
        return [*left, *filter(None, sent)]

    def copy_to(self, folder: Path) -> None:
        """Apply the changes to a copy of the folder of documents."""
        with self._lock:
            for change in self.changes():
                target = folder / change.path
                if change.kind is ChangeKind.WITHDRAWAL:
                    target.unlink(missing_ok=True)
                else:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(self._file(change.path), target)

    def _destination(self, name: str) -> str:
        """Where a file goes: over the document of the same name, else among its kind."""
        paths = {*self._present(), *self._read()}
        same = [path for path in paths if PurePosixPath(path).name.casefold() == name.casefold()]
        if len(same) > 1:
            places = ", ".join(f"« {path} »" for path in sorted(same))
            raise DraftRefused(f"Plusieurs documents portent ce nom ({places}) : utilisez « Remplacer » sur le bon.")
        if same:
            return same[0]
        fiche = name.endswith(".md")
        folder = (_FICHES if (self._knowledge / _FICHES).is_dir() else "") if fiche else _OTHERS
        return self._free(PurePosixPath(folder) / name)

    def _free(self, path: PurePosixPath) -> str:
        """A path that no file has, whatever its case: itself, else « note-2.md »."""
        taken = set(map(str.casefold, (*self._present(), *self._read(), *CONTROL_FILES)))
        number, free = 1, path
        while str(free).casefold() in taken:
            number += 1
            free = path.with_name(f"{path.stem}-{number}{path.suffix}")
        return str(free)

    def _store(self, path: str, name: str, content: BinaryIO, who: str) -> Change:
        """Receive a file, then put it in the draft at a path; what was received of a refused one is removed."""
        received = self._receive(name, content, Path(path).suffix)
        try:
            digest, size, problem = sha256(received), received.stat().st_size, _unread(received, path)
            with self._lock:
                rows, present = self._read(), self._present()
                if present.get(path) == digest:
                    raise DraftRefused(f"« {name} » est déjà dans la base, à l'identique ({path}).")
                if path not in rows and len(rows) >= self.files:
                    raise DraftRefused(f"Le brouillon contient déjà {self.files} changements : publiez-les, ou annulez-en.")
                change = Change(path, ChangeKind.ADDITION, who, _now(), name, size, digest, problem)
                self._file(path).parent.mkdir(parents=True, exist_ok=True)
                os.replace(received, self._file(path))
                self._keep(change)
                return replace(change, kind=_kind(change, present))
        finally:
            received.unlink(missing_ok=True)

    def _receive(self, name: str, content: BinaryIO, suffix: str) -> Path:
        """The content in a temporary file, no longer than allowed, with the suffix that the loaders know it by."""
        self._folder.mkdir(parents=True, exist_ok=True)
        received, size = self._folder / f".received-{uuid.uuid4().hex}{suffix}", 0
        try:
            with received.open("wb") as file:
                while block := content.read(_BLOCK):
                    size += len(block)
                    if size > self.megabytes * _BLOCK:
                        raise DraftRefused(f"« {name} » dépasse {self.megabytes} Mo : découpez-le, ou allégez-le.")
                    file.write(block)
            if not size:
                raise DraftRefused(f"« {name} » est vide.")
        except BaseException:
            received.unlink(missing_ok=True)
            raise
        return received

    def _present(self) -> dict[str, str]:
        """Path → hash of the folder of documents and of the file of titles; other control files change by hand."""
        return fingerprint(self._knowledge, retitling.FILE)

    def _is_done(self, row: Change, present: Mapping[str, str]) -> bool:
        """Whether nothing is left to do of a change: the folder shows it, or its content is lost."""
        if row.kind is ChangeKind.WITHDRAWAL:
            return row.path not in present
        return present.get(row.path) == row.sha256 or not self._file(row.path).is_file()

    def _file(self, path: str) -> Path:
        return self._folder / "files" / path

    def _keep(self, change: Change) -> None:
        self._write(self._read() | {change.path: change})

    def _read(self) -> dict[str, Change]:
        record = self._folder / "draft.json"
        if not record.is_file():
            return {}
        try:
            rows: list[dict[str, Any]] = json.loads(record.read_text(encoding="utf-8"))
            return {row["path"]: Change(**row | {"kind": ChangeKind(row["kind"])}) for row in rows}
        except (ValueError, KeyError, TypeError) as error:
            raise DraftRefused(f"Le brouillon « {record} » est illisible : supprimez ce fichier, puis recommencez.") from error

    def _write(self, rows: Mapping[str, Change]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        content = json.dumps([asdict(row) for row in rows.values()], ensure_ascii=False, indent=1)
        self._write_text(self._folder / "draft.json", content)
        self._sweep(rows)

    def _write_text(self, target: Path, content: str) -> None:
        """All of a file or nothing of it."""
        temporary = self._folder / f".draft-{uuid.uuid4().hex}"
        temporary.write_text(content, encoding="utf-8")
        os.replace(temporary, target)

    def _sweep_unfinished(self) -> None:
        """Remove what a killed process was writing. Nothing is written for a day: a younger one may be somebody's."""
        for path in (*self._folder.glob(".draft-*"), *self._folder.glob(".received-*")):
            try:
                if time.time() - path.stat().st_mtime > _UNFINISHED:
                    path.unlink()
            except OSError:  # another process has just done it
                continue

    def _sweep(self, rows: Mapping[str, Change]) -> None:
        """Remove the contents that no change names any more."""
        for path in (self._folder / "files").rglob("*"):
            if path.is_file() and path.relative_to(self._folder / "files").as_posix() not in rows:
                path.unlink()


def safe_name(name: str) -> str:
    """The name of a file that was sent, made fit for the folder of documents.

    Raises:
        DraftRefused: nothing usable is left, or the format is not read.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    clean = " ".join(_UNSAFE.sub(" ", last).split()).lstrip(".~$ ")
    stem, dot, suffix = clean.rpartition(".")
    if not dot or not stem.strip(" ."):
        raise DraftRefused(f"« {name[:_LONGEST_NAME]} » n'a pas un nom de fichier utilisable.")
    if f".{suffix.lower()}" not in SUFFIXES:
        readable = ", ".join(SUFFIXES)
        raise DraftRefused(f"« {clean[:_LONGEST_NAME]} » n'est pas d'un format lu par l'assistant ({readable}).")
    while len(stem.encode()) > _LONGEST_NAME:
        stem = stem[:-1]
    return f"{stem.strip(' .')}.{suffix.lower()}"


def preview(
    file: Path, path: str, others: Iterable[Document] = (), titles: Mapping[str, str] = MappingProxyType({})
) -> FilePreview:
    """Read and cut a file as a build would.

    Args:
        others: the documents it will stand beside: a paragraph that one of them says already makes no passage.
        titles: that were given to documents.
    """
    document, problem = _read(file, path, sha256(file))
    if document is None:
        return FilePreview(path, None, problem=problem)
    document = retitling.retitled(document, titles)
    duplicates = find_duplicates(sorted([*others, document], key=lambda one: PurePosixPath(one.path)))
    passages = split(document, Splitting(), duplicates.skip.get(path, ()), duplicates.also.get(path))
    return FilePreview(path, document, tuple(passages))


def _unread(file: Path, path: str) -> str:
    """What cannot be read of a file; empty when all can."""
    document, problem = _loaded(file, path)
    return shortcomings(document) if document else problem


@lru_cache(maxsize=32)  # a long PDF takes seconds, and each page of its passages asks for it
def _read(file: Path, path: str, digest: str) -> tuple[Document | None, str]:
    """A file of this content as a document, or why it cannot be read."""
    return _loaded(file, path)


def _loaded(file: Path, path: str) -> tuple[Document | None, str]:
    """A file as a document, read in a child process, or why it cannot be read, in French."""
    try:
        return shared().run(loaders.load, file, path), ""
    except UnreadableDocument as error:
        return None, str(error)


def _kind(row: Change, present: Mapping[str, str]) -> ChangeKind:
    """What a change now does: a file that came by hand meanwhile turns an addition into a replacement."""
    if row.kind is ChangeKind.WITHDRAWAL:
        return row.kind
    return ChangeKind.REPLACEMENT if row.path in present else ChangeKind.ADDITION


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
