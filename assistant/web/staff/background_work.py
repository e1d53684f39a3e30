"""One long work at a time, in a thread of its own, for a page that asks how far it has come.

Knows nothing of what the work is. Its state is in memory: a restart forgets it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from assistant.errors import AssistantError
from index.errors import IndexingError
from index.progress import Progress

log = logging.getLogger(__name__)


class WorkStage(StrEnum):
    """How far a work has come."""

    NONE = "none"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Work:
    """A work as it stands now."""

    stage: WorkStage = WorkStage.NONE
    name: str = ""  # what kind of work it is
    who: str = ""  # login of who began it
    step: str = ""  # as its progress tells it
    done: int = 0  # of `total`, in this step
    total: int = 0
    result: Any = None  # what the work returned, once DONE
    problem: str = ""  # in French, once FAILED


class Bench:
    """Where the works are done, one at a time; the last one stays to be looked at. Safe to share between threads."""

    def __init__(self, failed: str) -> None:
        """`failed`: what to say, in French, of a failure that nobody foresaw."""
        self._failed = failed
        self._lock = threading.Lock()
        self._work = Work()

    @property
    def work(self) -> Work:
        """The work under way, or the last one."""
        return self._work

    def start(self, name: str, who: str, run: Callable[[Progress], Any]) -> bool:
        """Begin a work; False while another one is under way."""
        with self._lock:
            if self._work.stage is WorkStage.RUNNING:
                return False
            self._work = Work(WorkStage.RUNNING, name, who)
        threading.Thread(target=self._run, args=(run,), name=f"staff-{name}", daemon=True).start()
        return True

    def clear(self) -> None:
        """Forget the last work, if it is over."""
        with self._lock:
            if self._work.stage is not WorkStage.RUNNING:
                self._work = Work()

    def _run(self, run: Callable[[Progress], Any]) -> None:
        try:
            result = run(self._progress)
        except (AssistantError, IndexingError) as error:
            self._work = replace(self._work, stage=WorkStage.FAILED, problem=str(error))
        except Exception:  # everything: nobody is above this thread, and the page would show the work as under way for ever
            log.exception("The work « %s » failed.", self._work.name)
            self._work = replace(self._work, stage=WorkStage.FAILED, problem=self._failed)
        else:
            self._work = replace(self._work, stage=WorkStage.DONE, result=result)

    def _progress(self, step: str, done: int, total: int) -> None:
        self._work = replace(self._work, step=step, done=done, total=total)
