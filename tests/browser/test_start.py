"""Starting the server: what goes wrong is said in one French sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.browser.conftest import ROOT, free_port

pytestmark = pytest.mark.slow


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    return subprocess.run(
        [sys.executable, "-m", "assistant"], cwd=ROOT, env=own | settings, capture_output=True, text=True, timeout=120
    )


def test_a_busy_port_is_told_with_what_to_do(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = start(ASSISTANT_PORT=str(port), ASSISTANT_INDEX=str(tmp_path))
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert str(port) in done.stderr and f"ASSISTANT_PORT={port + 1} " in done.stderr


def test_a_base_that_cannot_be_built_is_named(tmp_path):
    (tmp_path / "empty").mkdir()
    settings = {"INDEX": tmp_path / "index", "KNOWLEDGE": tmp_path / "empty", "PORT": free_port()}
    done = start(**{f"ASSISTANT_{name}": str(value) for name, value in settings.items()})
    assert done.returncode == 1 and "Traceback" not in done.stderr and f"« {tmp_path / 'empty'} »" in done.stderr
