"""Reading documents: pages and kilobytes of text a second beside the bare library of each format, memory peak. Prints Markdown.

`bench_reading.py [FOLDER]`: the folder read, tests/data without one. The bare library gives the text alone, without the order of
columns, headings, tables with their headers or anything that is left out: what it costs to do no more.
"""

from __future__ import annotations

import sys
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import docx
import openpyxl
import pypdfium2
from lxml import etree, html

from index.errors import UnreadableDocument
from index.loaders import load
from tests.measure import PROJECT, peak_mebibytes, table


def _pdf(path: Path) -> str:
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path))


def _word(path: Path) -> str:
    return "\n".join(paragraph.text for paragraph in docx.Document(str(path)).paragraphs)


def _excel(path: Path) -> str:
    sheets = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return "\n".join(str(value) for sheet in sheets for row in sheet.iter_rows(values_only=True) for value in row)


def _opendocument(path: Path) -> str:
    with zipfile.ZipFile(path) as archive:
        return "".join(etree.fromstring(archive.read("content.xml")).itertext())


def _page(path: Path) -> str:
    return str(html.fromstring(path.read_bytes()).text_content())


BARE: dict[str, Callable[[Path], str]] = {
    ".pdf": _pdf, ".docx": _word, ".xlsx": _excel, ".odt": _opendocument, ".ods": _opendocument, ".html": _page,
}  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PROJECT / "tests" / "data"
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in BARE)
    ours: dict[str, float] = defaultdict(float)
    bare: dict[str, float] = defaultdict(float)
    read: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])  # files, pages, characters
    for path in files:
        kind = path.suffix.lower()
        try:
            started = time.perf_counter()
            document = load(path, path.name)
            spent = time.perf_counter() - started
        except UnreadableDocument as error:
            print(f"{path.name} : {error}", file=sys.stderr)
            continue
        started = time.perf_counter()
        BARE[kind](path)
        bare[kind] += time.perf_counter() - started
        ours[kind] += spent
        for place, value in enumerate((1, len(document.pages), len(document.text))):
            read[kind][place] += value
    rows = [
        (kind, count, pages, pages / ours[kind], characters / 1000 / ours[kind], ours[kind] / bare[kind])
        for kind, (count, pages, characters) in sorted(read.items())
    ]
    print(table(["format", "files", "pages", "pages/s", "kB/s", "time, bare library = 1"], rows))
    print(f"\nmemory peak, MiB: {peak_mebibytes():.0f}")


if __name__ == "__main__":
    main()
