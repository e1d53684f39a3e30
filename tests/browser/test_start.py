"""Starting the server: what goes wrong is said in one French sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.browser.conftest import ROOT

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
    assert f"Le port {port} est déjà utilisé" in done.stderr and "ASSISTANT_PORT" in done.stderr


def test_a_base_that_cannot_be_built_is_told(tmp_path):
    (tmp_path / "empty").mkdir()
    done = start(ASSISTANT_PORT="1025", ASSISTANT_INDEX=str(tmp_path / "index"), ASSISTANT_KNOWLEDGE=str(tmp_path / "empty"))
    assert done.returncode == 1 and "Traceback" not in done.stderr and done.stderr.strip()
