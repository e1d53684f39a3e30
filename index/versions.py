"""Versions of an index on disk: staged → published → rolled back, by one atomic rename.

    DIR/CURRENT            the published version's name (replaced atomically)
    DIR/versions/NAME/     a complete, never modified version
    DIR/staging-*/         a build in progress; whatever is left of a killed one is swept away
    DIR/.current-*         CURRENT while it is written; the same
    DIR/history.jsonl      what was published, when; by whom and why when that is known

Knows folders and names; nothing of what a version holds.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from index.errors import IndexingError, IndexMissing

KEPT = 5
POINTER = ".current-"  # begins the name of the next CURRENT while it is written
PUBLICATION, ROLLBACK = "publication", "retour"  # actions, as the history names them


class Versions:
    """The versions under one index folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def current(self) -> Path | None:
        """The folder of the published version, or None."""
        try:
            name = (self.root / "CURRENT").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return self.folder(name) if name in self.names() else None

    def require_current(self) -> Path:
        """The folder of the published version; IndexMissing when there is none."""
        if folder := self.current():
            return folder
        command = f"python -m index build knowledge --index {self.root}"
        raise IndexMissing(f"Aucun index publié dans « {self.root} ». Construisez-le : {command}")

    def names(self) -> list[str]:
        """Names of the kept versions, oldest first (names begin with their date)."""
        folder = self.root / "versions"
        return sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []

    def folder(self, name: str) -> Path:
        """Where a version of this name stands, or would."""
        return self.root / "versions" / Path(name).name

    def history(self) -> list[dict[str, Any]]:
        """Publications and rollbacks, oldest first: {"when", "version", "action"} and what `about` added.

        Damaged lines are passed over.
        """
        path = self.root / "history.jsonl"
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
        return [entry for entry in map(_entry, lines) if entry]

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else builds or changes the version; refused when somebody already does."""
        self.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise IndexingError(
                f"Une autre construction est en cours dans « {self.root} ». Attendez sa fin, puis relancez."
            ) from error
        try:
            for leftover in self.root.glob(f"{POINTER}*"):  # they are written by whoever holds the lock: their writer is dead
                leftover.unlink(missing_ok=True)
            yield
        finally:
            lock.release()

    @contextmanager
    def building(self) -> Iterator[Path]:
        """A staging folder, alone: a second build at the same time is refused."""
        with self.alone():
            for leftover in self.root.glob("staging-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            # Not mkdtemp: what it makes is private, and another account may serve what this one builds.
            staging = self.root / f"staging-{uuid.uuid4().hex}"
            staging.mkdir()
            try:
                yield staging
            finally:
                shutil.rmtree(staging, ignore_errors=True)

    def publish(self, staging: Path, name: str, about: Mapping[str, Any] | None = None) -> Path:
        """Make a staged folder the current version. Readers see the old one or the new one. The caller holds the lock.

        Args:
            about: what the history says of it besides its date and name.
        """
        folder = self.folder(name)
        folder.parent.mkdir(parents=True, exist_ok=True)
        os.replace(staging, folder)
        self._point_to(name, PUBLICATION, about)
        self._forget_old()
        return folder

    def rollback(self, name: str | None = None, about: Mapping[str, Any] | None = None) -> str:
        """Point back to a kept version (the one before the current by default); returns its name.

        The caller holds the lock.
        """
        name = self.chosen(name)
        self._point_to(name, ROLLBACK, about)
        return name

    def chosen(self, name: str | None = None) -> str:
        """The version to go back to: the one named, else the one before the current; IndexMissing when there is none."""
        current, names = self.current(), self.names()
        if name is None:
            older = [n for n in names if current is None or n < current.name]
            if not older:
                raise IndexMissing("Aucune version antérieure à laquelle revenir. « python -m index history » les liste.")
            name = older[-1]
        if name not in names:
            raise IndexMissing(f"La version « {name} » n'existe pas. « python -m index history » liste les versions gardées.")
        return name

    def complete_history(self, name: str, action: str, about: Mapping[str, Any] | None = None) -> None:
        """Add the line that a process killed just after its change could not write."""
        entries = self.history()
        if not entries or (entries[-1]["version"], entries[-1]["action"]) != (name, action):
            self._remember(name, action, about)

    def _point_to(self, name: str, action: str, about: Mapping[str, Any] | None) -> None:
        temporary = self.root / f"{POINTER}{uuid.uuid4().hex}"
        with temporary.open("w", encoding="utf-8") as pointer:
            pointer.write(name)
            pointer.flush()
            os.fsync(pointer.fileno())
        os.replace(temporary, self.root / "CURRENT")
        self._remember(name, action, about)

    def _remember(self, name: str, action: str, about: Mapping[str, Any] | None) -> None:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {**(about or {}), "when": when, "version": name, "action": action}
        with (self.root / "history.jsonl").open("a", encoding="utf-8") as history:
            history.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def _forget_old(self) -> None:
        current = self.current()
        for name in self.names()[:-KEPT]:
            if current is None or name != current.name:
                shutil.rmtree(self.folder(name), ignore_errors=True)


def _entry(line: str) -> dict[str, Any] | None:
    """A line of the history; None when it is no entry (a disk full, a hand edit)."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and {"when", "version", "action"} <= entry.keys() else None
