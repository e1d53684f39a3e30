"""Work on files that nobody vouches for, done in child processes that can be lost.

A file can be made to fill the memory, to run for hours, or to abort the library that reads it: whatever
it does, it does to a child (Pebble's pool starts another one), and the caller gets one French sentence.
Memory is what the child writes to (RLIMIT_DATA), time is its processor's (RLIMIT_CPU), so that a busy
machine refuses nothing that an idle one reads. Knows nothing of documents: it calls functions.
"""

from __future__ import annotations

import atexit
import os
import resource
import signal
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from loky.backend import get_context
from pebble import ProcessExpired, ProcessFuture, ProcessPool

from index.errors import TaskLost

_SLACK = 10  # a task that waits for others (OCR) may last this many times its processor time


@dataclass(frozen=True)
class Limits:
    """What one task may use. A report of 300 pages takes about 200 MB and 10 s."""

    megabytes: int = 1024  # of memory
    seconds: int = 120  # of processor


class Workers:
    """A pool of children, started at the first task; safe to share between threads."""

    def __init__(self, limits: Limits = Limits(), count: int | None = None) -> None:
        self.limits = limits
        self._count = count or os.cpu_count() or 1
        self._pool: ProcessPool | None = None
        self._lock = threading.Lock()

    def submit(self, function: Callable[..., Any], *arguments: Any) -> ProcessFuture[Any]:
        """Queue a call; function, arguments and result must be picklable. `outcome` waits for it."""
        seconds = self.limits.seconds
        task = (seconds, function, arguments)
        future: ProcessFuture[Any] = self._started().schedule(_limited, task, timeout=seconds * _SLACK)
        return future

    def outcome(self, future: ProcessFuture[Any]) -> Any:
        """The result of a call, or the exception that it raised.

        Raises:
            TaskLost: the call went past a limit, or took its process down.
        """
        try:
            return future.result()
        except MemoryError as error:
            reason = f"Ce fichier demande plus de {self.limits.megabytes} Mo de mémoire : découpez-le."
            raise TaskLost(reason, "too_large") from error
        except OutOfTime as error:
            raise self._too_long() from error
        except ProcessExpired as error:
            if error.exitcode == -signal.SIGXCPU:
                raise self._too_long() from error
            reason = f"Ce fichier fait échouer le logiciel qui le lit, ou demande plus de {self.limits.megabytes} Mo de mémoire."
            raise TaskLost(reason) from error

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function in a child and wait; errors as `outcome`'s."""
        return self.outcome(self.submit(function, *arguments))

    def close(self) -> None:
        """Stop the children; what they were doing is lost."""
        with self._lock:
            if self._pool is not None:
                self._pool.stop()  # type: ignore[no-untyped-call]  # Pebble types all but this
                self._pool.join()
                self._pool = None

    def _started(self) -> ProcessPool:
        with self._lock:
            if self._pool is None:
                # New interpreters: a fork would bring this process's locks and index along, and multiprocessing's own
                # ways would run the main module of whoever builds again.
                limits = (self.limits.megabytes,)
                self._pool = ProcessPool(self._count, initializer=_confine, initargs=limits, context=get_context("loky"))
            return self._pool

    def _too_long(self) -> TaskLost:
        return TaskLost(f"Ce fichier demande plus de {self.limits.seconds} s pour être lu : découpez-le.", "too_large")


@lru_cache(maxsize=1)
def shared() -> Workers:
    """The pool of this process. Whoever reads the settings sets its `limits` before the first task."""
    workers = Workers()
    atexit.register(workers.close)
    return workers


def _confine(megabytes: int) -> None:
    """Bound the memory of this process; a core dump would be the file's content."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (megabytes * 1024**2,) * 2)


def _limited(seconds: int, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Call a function with that much processor time from now on."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent.ru_utime + spent.ru_stime) + seconds + 1, most))
    return function(*arguments)
