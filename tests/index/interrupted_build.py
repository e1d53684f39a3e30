"""Builds that kill themselves (SIGKILL) at their N-th operation on files; run by test_builder.

    python tests/index/interrupted_build.py SOURCE INDEX…

The name of each index folder is its N. An audit hook sees every file opened, folder made and rename,
wherever it comes from: the build itself is the real one. Each runs in a process of its own, forked
once the imports are paid. Prints, for each, how many operations there were, or « killed ».
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from index.builder import build  # noqa: E402  # the path above comes first
from tests.fakes import HashEncoder, InlineWorkers  # noqa: E402


def run(source: Path, root: Path) -> None:
    """Build in this process, which dies at operation N."""
    count = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in ("open", "os.rename", "os.mkdir") and str(arguments[0]).startswith(str(root)):
            count += 1
            if count == int(root.name):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    build(source, root, HashEncoder(), workers=InlineWorkers())
    print(count, flush=True)


for folder in map(Path, sys.argv[2:]):
    child = os.fork()
    if not child:
        run(Path(sys.argv[1]), folder)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL:
        print("killed", flush=True)
