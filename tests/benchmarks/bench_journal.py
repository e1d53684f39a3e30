"""Staff's searches of a journal of 100,000 exchanges, beside reading its 50 newest. Prints Markdown."""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import insert

from assistant.curation.golden import load
from assistant.records.database import Database
from assistant.records.journal import Filters, Journal, _CitedRow, _ExchangeRow
from tests.measure import milliseconds, peak_mebibytes, table, timings

EXCHANGES = 100_000
TIMES = 30
TEXT = "Le poste de chef de projet est cofinancé à 75 % de son coût annuel chargé ; il reste 25 % à la commune. " * 4
PUBLISHED = frozenset(f"fiche-{n}.md" for n in range(1, 65))
STATUSES = ("answered",) * 7 + ("partial", "not_found", "refused")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/journal.sqlite")
        journal = Journal(database)
        fill(database)
        today = datetime.now(UTC).date()
        searches = {
            "50 newest": Filters(),
            "status": Filters(status="not_found"),
            "👎, rare": Filters(opinion="down"),
            "narrow probability": Filters(lowest=0.5, highest=0.5005),
            "theme, unchecked": Filters(documents=tuple(f"fiche-{n}.md" for n in range(0, 65, 9)), unchecked=True),
            "a week, six months ago": Filters(since=today - timedelta(days=187), until=today - timedelta(days=180)),
            "nothing passes": Filters(status="refused", opinion="down", highest=0.001),
            "frequent word": Filters(text="cofinancé"),
            "absent word": Filters(text="zanzibar"),
            "word of answers, a document withdrawn": Filters(text="cofinancé", published=PUBLISHED),
            "word of withdrawn answers only": Filters(text="cofinancé", documents=("fiche-0.md",), published=PUBLISHED),
            "absent word, a document withdrawn": Filters(text="zanzibar", published=PUBLISHED),
        }
        rows = {name: milliseconds(journal.search, [filters] * TIMES) for name, filters in searches.items()}
        rows["last page"] = milliseconds(lambda before: journal.search(before=before), [51] * TIMES)
        rows["page in the middle, status"] = milliseconds(
            lambda before: journal.search(searches["status"], before=before), [EXCHANGES // 2] * TIMES
        )
        rows["count, status"] = milliseconds(journal.count, [searches["status"]] * TIMES)
        size = Path(folder, "journal.sqlite").stat().st_size / 2**20
    print(timings(rows, "50 newest"), end="\n\n")
    print(table(["journal", "value"], [("exchanges", EXCHANGES), ("MiB", size), ("memory peak, MiB", peak_mebibytes())]))


def fill(database: Database) -> None:
    """A year of exchanges, in the shape the service gives them."""
    questions = [turn for row in load() for turn in row["turns"]]
    started = datetime.now(UTC) - timedelta(days=365)
    rows = []
    for n in range(EXCHANGES):
        question, document = questions[n % len(questions)], f"fiche-{n % 65}.md"
        citation = {
            "marker": 1,
            "document": document,
            "title": "Fiche",
            "section": "Quel soutien ?",
            "page": None,
            "quote": TEXT,
            "url": "https://exemple.fr/fiche",
        }
        rows.append(
            {
                "created": started + timedelta(days=365) * (n / EXCHANGES),
                "conversation": f"c{n // 3}",
                "question": question,
                "standalone_question": question,
                "status": STATUSES[n * 7919 % 10],
                "text": TEXT,
                "citations": [citation] * 3,
                "sentences": [{"text": TEXT, "citations": [1], "support": "verified"}] * 3,
                "probability": n * 7919 % 10007 / 10007,
                "withheld": 0,
                "index_version": "v1",
                "milliseconds": 40,
                "document": document,
                "opinion": "down" if n % 997 == 0 else "",
                "checked": int(n % 20 == 0),
                "searched": f"{question}\n{TEXT}".lower(),
                "asked": len(question),
            }
        )
    with database.session() as session:
        session.execute(insert(_ExchangeRow), rows)
        session.execute(insert(_CitedRow), [{"exchange_id": n + 1, "document": row["document"]} for n, row in enumerate(rows)])


if __name__ == "__main__":
    main()
