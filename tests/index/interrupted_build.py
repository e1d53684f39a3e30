"""A build that kills itself (SIGKILL) at its N-th operation on files; run by test_builder.

    python tests/index/interrupted_build.py SOURCE ROOT N

An audit hook sees every file opened and every rename, wherever it comes from, so the build itself
is the real one. Prints how many operations there were when it lives to the end.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from index.builder import build  # noqa: E402  # the path above comes first
from tests.fakes import HashEncoder  # noqa: E402


def main(source: Path, root: Path, last: int) -> None:
    count = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in ("open", "os.rename", "os.mkdir") and str(arguments[0]).startswith(str(root)):
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    build(source, root, HashEncoder())
    print(count)


main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
