"""How far a long work has come: whoever does it says so, whoever waits shows it. Knows nothing of the works."""

from __future__ import annotations

import sys
from collections.abc import Callable

Progress = Callable[[str, int, int], None]  # step, done, total


def silent(step: str, done: int, total: int) -> None:
    """Nobody waits."""


def on_terminal(step: str, done: int, total: int) -> None:
    """One line, rewritten, on stderr: stdout stays clean for JSON."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{step} {done}/{total}  " + "\n" * (done >= total))
        sys.stderr.flush()
