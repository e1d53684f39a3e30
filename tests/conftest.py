"""What pytest itself is told for every test."""

from __future__ import annotations

import os

import pytest

# One thread for each of BLAS, torch and FAISS, here and in the processes that tests start: two workers, their servers and their
# browsers share the cores, and threads that wait for each other by spinning take three times the processor's time.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-docs", action="store_true", help="write the pictures of docs/ that tests make (`make docs`)")
