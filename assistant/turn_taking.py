"""Threads that clients take in turn: whoever sends five hundred tasks does not make the others wait for them.

The next thread that is free goes to the client whose turn it is, and one client holds half of them at most. Knows nothing of what
a task does, nor of who a client is.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

Task = Callable[[], None]


class TurnTaking:
    """Runs tasks in `threads` threads. Safe to share between threads."""

    def __init__(self, threads: int, name: str) -> None:
        self._threads, self._share = threads, max(1, threads // 2)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[Task]] = OrderedDict()  # by client, the one whose turn it is first
        self._running: Counter[str] = Counter()
        self._closed = False

    def submit(self, client: str, task: Task) -> None:
        """Have a task run when the turn of this client comes; `RuntimeError` once closed."""
        with self._lock:
            if self._closed:
                raise RuntimeError("closed")
            self._waiting.setdefault(client, deque()).append(task)
            self._start()

    def close(self) -> None:
        """Wait for the tasks that run; those that wait are given up."""
        with self._lock:
            self._closed = True
            self._waiting.clear()
        self._executor.shutdown(wait=True)

    def _start(self) -> None:
        """Start what may be; the lock is held."""
        while self._running.total() < self._threads:
            client = next((one for one in self._waiting if self._running[one] < self._share), None)
            if client is None:
                return
            task = self._waiting[client].popleft()
            self._waiting.move_to_end(client)
            if not self._waiting[client]:
                del self._waiting[client]
            self._running[client] += 1
            self._executor.submit(self._run, client, task)

    def _run(self, client: str, task: Task) -> None:
        try:
            task()
        finally:
            with self._lock:
                self._running[client] -= 1
                self._running += Counter()  # who runs nothing is forgotten
                self._start()
