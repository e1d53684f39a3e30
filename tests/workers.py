"""The workers of a run of the tests (`make test` has two): which one this is, and what is made once for all of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def worker() -> tuple[int, int]:
    """The number of this worker, from 0, and how many there are: (0, 1) where tests run one after the other."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return int(number), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker to want it makes while the others wait. They share it: tests read it and no more.

    Args:
        make: fills the folder that it is given, which does not exist; the folder is then renamed, once.
    """
    run = temporary.getbasetemp()
    run = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run  # each worker has a folder in that of the run
    folder, unfinished = run / name, run / f"{name}-unfinished"
    with FileLock(run / f"{name}.lock"):
        if not folder.exists():
            make(unfinished)
            unfinished.rename(folder)
    return folder
