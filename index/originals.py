"""The original files of a version: kept beside its index, found again, put back in the folder of documents.

    DIR/versions/NAME/sources/PATH   each file as it was when this version was built
    DIR/pending.json                 a change of version whose folder of documents is not yet up to date

Changing the version and the folder of documents takes several operations on files; what a killed process
left undone is written in `pending.json` first, and finished (or forgotten, when the version had not
changed yet) by whoever comes next: a build, or the assistant as it starts. No content is destroyed that
no version holds: it is moved aside. Knows nothing of drafts, accounts or answers.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from index.errors import IndexCorrupt, IndexingError
from index.manifest import Manifest, SourceFile, sha256
from index.versions import POINTER, PUBLICATION, Versions

FOLDER = "sources"
PENDING = "pending.json"
_RECORD = f".{PENDING}-"  # begins the name of the next record while it is written
_COPY = re.compile(r"\.[0-9a-f]{32}")  # the name of a file on its way to the folder of documents
_NOT_KEPT = frozenset({"unsupported", "too_large"})  # of no use to a reader, and of any size


@dataclass(frozen=True)
class FileChange:
    """A file of the folder of documents before and after: its hashes, empty where there is no file."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Switch:
    """A change of version, and what it does to the folder of documents."""

    version: str
    action: str
    documents: str  # the folder, absolute
    aside: str  # where content that no version holds is moved
    files: tuple[FileChange, ...]
    about: Mapping[str, Any] = field(default_factory=dict)  # for the history: who, why


def is_kept(fate: SourceFile) -> bool:
    """Whether a version keeps a copy of this file."""
    return bool(fate.sha256) and fate.status not in _NOT_KEPT


def place(version: Path, path: str) -> Path:
    """Where a version keeps the original of a document."""
    return version / FOLDER / path


def held(version: Path | None) -> dict[str, Path]:
    """Hash → original that a version holds; nothing when it is absent or unreadable."""
    try:
        return {digest: place(version, path) for path, digest in hashes(version).items()} if version else {}
    except IndexingError:
        return {}


def keep(staging: Path, file: Path, path: str, known: Mapping[str, Path]) -> str:
    """Copy an original into a staged version, or share it with the version that holds its content; returns its hash."""
    target = place(staging, path)
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = sha256(file)
    if _shared(known.get(digest), target):
        return digest
    shutil.copyfile(file, target)
    return sha256(target)  # of the copy: the file may change meanwhile


def drop_useless(staging: Path, fates: Mapping[str, SourceFile]) -> None:
    """Remove the copies of the files that a version does not keep."""
    for path, fate in fates.items():
        if not is_kept(fate):
            place(staging, path).unlink(missing_ok=True)


def find(version: Path, path: str) -> Path | None:
    """The original file of a document in a version's folder, or None."""
    folder = (version / FOLDER).resolve()
    found = (folder / path).resolve()
    return found if found.is_relative_to(folder) and found.is_file() else None


def hashes(version: Path, *control: str) -> dict[str, str]:
    """Path → hash of every original that a version keeps, and of the control files named that it carries."""
    manifest = Manifest.load(version / "manifest.json")
    kept = {path: fate.sha256 for path, fate in manifest.sources.items() if is_kept(fate)}
    return kept | {name: manifest.control[name] for name in control if name in manifest.control}


def known(versions: Versions, *control: str) -> set[str]:
    """The hash of every file that some version kept on disk still holds."""
    found: set[str] = set()
    for name in versions.names():
        try:
            found |= set(hashes(versions.folder(name), *control).values())
        except IndexingError:  # of an older format, or damaged: it can give nothing back
            continue
    return found


def restoration(versions: Versions, target: Path, present: Mapping[str, str], *control: str) -> tuple[FileChange, ...]:
    """What each file of the folder of documents must become for a version to be gone back to.

    Files that neither this version nor the current one knows are left alone.

    Args:
        present: path → hash of the folder's files.
        control: names of the control files that go back too.
    """
    current = versions.current()
    wanted, published = hashes(target, *control), hashes(current, *control) if current else {}
    kept = known(versions, *control)
    files = [(path, digest) for path, digest in wanted.items() if present.get(path) != digest]
    files += [(path, "") for path in present if path in published and path not in wanted]
    return tuple(FileChange(path, recoverable(present.get(path, ""), kept), digest) for path, digest in files)


def recoverable(digest: str, kept: set[str]) -> str:
    """The hash of a content that may be overwritten; empty, so that it is moved aside, when no version holds it."""
    return digest if digest in kept else ""


def switch(versions: Versions, change: Switch, staged: Path | None = None) -> None:
    """Publish the staged folder, or go back to a kept version, then bring the folder of documents to it.

    The caller holds the lock. Killed anywhere, `settle` ends it or undoes it.
    """
    _save(versions.root / PENDING, change)
    if staged:
        versions.publish(staged, change.version, change.about)
    else:
        versions.rollback(change.version, change.about)
    _put_back(versions.folder(change.version), change)
    (versions.root / PENDING).unlink()


def settle(versions: Versions) -> Switch | None:
    """End a change of version that was interrupted; returns it when the version had indeed changed.

    The caller holds the lock.
    """
    record = versions.root / PENDING
    for leftover in versions.root.glob(f"{_RECORD}*"):
        leftover.unlink(missing_ok=True)
    change = _load(record)
    if change is None:
        return None
    _sweep_copies(change)
    current = versions.current()
    changed = current is not None and current.name == change.version
    if changed:
        versions.complete_history(change.version, change.action, change.about)
        _put_back(versions.folder(change.version), change)
    elif change.action == PUBLICATION:
        shutil.rmtree(versions.folder(change.version), ignore_errors=True)  # moved in place, never pointed to
    record.unlink()
    return change if changed else None


def is_unfinished(versions: Versions) -> bool:
    """Whether a killed process left a change to end, or files to sweep."""
    found = (path for pattern in (PENDING, f"{_RECORD}*", f"{POINTER}*") for path in versions.root.glob(pattern))
    return any(found)


def _sweep_copies(change: Switch) -> None:
    """Remove the copies that a killed process did not finish: hidden, and only where it was writing."""
    for folder in {(Path(change.documents) / file.path).parent for file in change.files}:
        for path in folder.glob(".*"):
            if _COPY.fullmatch(path.name) and path.is_file():
                path.unlink(missing_ok=True)


def _shared(known: Path | None, target: Path) -> bool:
    """Link to the file of an earlier version (versions are never modified); False where that cannot be done."""
    if known is None:
        return False
    try:
        os.link(known, target)
    except OSError:  # a file system without links, too many of them, or the file is gone
        return False
    return True


def _put_back(version: Path, change: Switch) -> None:
    """Bring each file of the folder of documents to its content in the version. May be run again."""
    folder = Path(change.documents)
    for file in change.files:
        target = folder / file.path
        present = sha256(target) if target.is_file() else ""
        if present == file.after:
            continue
        if present and present != file.before:
            _move_aside(target, Path(change.aside) / file.path)
        if file.after:
            _replace(target, _content(version, file.path))
        else:
            target.unlink(missing_ok=True)
            _leave_no_empty_folder(target.parent, folder)


def _leave_no_empty_folder(place: Path, root: Path) -> None:
    while place != root and place.is_dir() and not any(place.iterdir()):
        place.rmdir()
        place = place.parent


def _content(version: Path, path: str) -> Path:
    at_root = version / path  # a control file
    found = find(version, path) or (at_root if at_root.is_file() else None)
    if found is None:
        raise IndexCorrupt(f"La version {version.name} ne contient pas « {path} » : le dossier des documents n'est pas à jour.")
    return found


def _replace(target: Path, content: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{uuid.uuid4().hex}")  # hidden: a build passes it over
    shutil.copyfile(content, temporary)
    os.replace(temporary, target)


def _move_aside(target: Path, aside: Path) -> None:
    aside.parent.mkdir(parents=True, exist_ok=True)
    free = next(path for path in _numbered(aside) if not path.exists())
    shutil.move(target, free)


def _numbered(path: Path) -> Iterable[Path]:
    yield path
    number = 1
    while True:
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
        number += 1


def _save(path: Path, change: Switch) -> None:
    temporary = path.with_name(f"{_RECORD}{uuid.uuid4().hex}")
    with temporary.open("w", encoding="utf-8") as record:
        json.dump(asdict(change), record, ensure_ascii=False)
        record.flush()
        os.fsync(record.fileno())
    os.replace(temporary, path)


def _load(path: Path) -> Switch | None:
    if not path.is_file():
        return None
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return Switch(**row | {"files": tuple(FileChange(**file) for file in row["files"])})
    except (ValueError, KeyError, TypeError) as error:
        raise IndexCorrupt(f"« {path} » est illisible : vérifiez le dossier des documents, puis supprimez ce fichier.") from error
