"""Publications that kill themselves (SIGKILL) at their N-th operation on files; run by test_interruptions.

    python tests/assistant/curation/interrupted_publication.py FOLDER…

Each FOLDER holds a base with a draft, and its name is N; 0 is never killed. Counted from the preview on. Each runs in
a process of its own, forked once the imports are paid. Prints, for each, the number of operations of the
preview and of the whole, or « killed ».
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from assistant.answering.service import Assistant  # noqa: E402
from assistant.curation.publication import Publication  # noqa: E402
from assistant.records.database import Database  # noqa: E402  # the path above comes first
from assistant.records.journal import Journal  # noqa: E402
from assistant.settings import Settings  # noqa: E402
from index.search import Retriever  # noqa: E402
from index.workers import Workers  # noqa: E402
from tests.fakes import HashEncoder, InlineWorkers  # noqa: E402

_EVENTS = frozenset({"open", "os.rename", "os.mkdir", "os.link", "os.remove", "os.rmdir", "shutil.rmtree", "shutil.copyfile"})


def settings_of(folder: Path) -> Settings:
    """The settings of a base in a folder."""
    return Settings(knowledge=folder / "knowledge", index=folder / "index", drafts=folder / "drafts", journal="")


def publication_of(settings: Settings, workers: Workers | None = None) -> Publication:
    def running() -> Assistant:
        return Assistant(Retriever.open(settings.index, HashEncoder()), settings)

    return Publication(settings, Journal(Database("")), running, workers=workers)


def run(folder: Path) -> None:
    """Preview and publish in this process, which dies at operation N."""
    count, last = 0, int(folder.name)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in _EVENTS and str(arguments[0]).startswith(str(folder)):
            count += 1
            if count == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    publication = publication_of(settings_of(folder), InlineWorkers())
    plan = publication.prepare()
    preview = count
    publication.publish(plan, "edith", "essai")
    print(preview, count, flush=True)


if __name__ == "__main__":
    for place in map(Path, sys.argv[1:]):
        child = os.fork()
        if not child:
            run(place)
            os._exit(0)
        if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL:
            print("killed", flush=True)
