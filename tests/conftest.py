"""What pytest itself is told for every test."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-docs", action="store_true", help="write the pictures of docs/ that tests make (`make docs`)")
