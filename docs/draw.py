"""The rooms of the code and who imports whom, read from the source → docs/architecture.svg.

    python docs/draw.py

Standard library only, and the same picture every time: `tests/test_docs_pages.py` draws it again and compares. An arrow is
drawn only where no other way along the arrows leads; what a room imports besides is written in its box. Knows nothing of
what the modules do.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

PROJECT = Path(__file__).parents[1]
FILE = Path(__file__).with_name("architecture.svg")


@dataclass(frozen=True)
class Room:
    """A part of the code, where it stands in the picture, and the paths of its modules (the longest path wins)."""

    name: str
    row: int
    column: str  # left, right, all, or one of three: first, second, third
    paths: tuple[str, ...]
    says: str = ""  # by default the first sentence of its package


COMMON = "settings, texts, errors"  # every room of the assistant stands on it: no arrows, a word in its box
ROOMS = (
    Room(
        "commands",
        0,
        "left",
        tuple(f"assistant/{name}.py" for name in ("cli", "accounts_cli", "keys_cli", "models_cli", "__main__")),
        "The command line: python -m assistant.",
    ),
    Room("web/serving", 0, "right", ("assistant/web/",)),
    Room("web/public", 1, "first", ("assistant/web/public/",)),
    Room("web/staff", 1, "second", ("assistant/web/staff/",)),
    Room("doors", 1, "third", ("assistant/doors/",)),
    Room("web/shared", 2, "first", ("assistant/web/shared/",)),
    Room("curation", 2, "second", ("assistant/curation/",)),
    Room("generation", 2, "third", ("assistant/generation/",)),
    Room("answering/training", 3, "left", ("assistant/answering/training/",)),
    Room("records", 3, "right", ("assistant/records/",)),
    Room(COMMON, 4, "first", ("assistant/",), "The settings, every sentence that answers say of their own, the errors."),
    Room("answering", 4, "second", ("assistant/answering/",)),
    Room("privacy", 4, "third", ("assistant/privacy/",)),
    Room("index", 5, "all", ("index/",)),
    Room("index/loaders", 6, "first", ("index/loaders/",)),
    Room("index/stores", 6, "second", ("index/stores/",)),
    Room("index/training", 6, "third", ("index/training/",)),
)
KNOWLEDGE = Room("knowledge", 7, "first", (), "What the assistant knows: files, no code.")

# Pixels; the picture is read at its own width.
WIDTH, LANE = 900, 16
COLUMNS = {
    "left": (48, 380),
    "right": (472, 380),
    "all": (48, 804),
    "first": (48, 252),
    "second": (324, 252),
    "third": (600, 252),
}
TOP, GAP, LINE, PADDING = 92, 36, 17, 12
LETTER = 7.1  # of a line of text, on average
FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
COLOURS = {"web": ("#e9eff8", "#1d4f91"), "index": ("#eaf4ec", "#2f6b3c"), "": ("#ffffff", "#4a5667")}
STYLE = (
    f"text{{font:13px {FONT};fill:#16202e}}.name{{font-weight:700;font-size:15px}}.also{{fill:#4a5667}}"
    ".arrow{fill:none;stroke:#16202e;stroke-width:1.6}.file{stroke-dasharray:5 4}"
)


# -- what imports what -----------------------------------------------------------------------------


def modules() -> dict[str, Path]:
    """Full name → file, of every module of the two packages."""
    files = sorted(path for package in ("index", "assistant") for path in (PROJECT / package).rglob("*.py"))
    return {".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


def imported(path: Path, known: Mapping[str, Path]) -> set[str]:
    """The modules among `known` that a file imports, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names & known.keys() or {node.module}
    return found & known.keys()


def room_of(path: Path) -> Room:
    """The room whose path names a file most narrowly."""
    where = path.relative_to(PROJECT).as_posix()
    return max(((one, room) for room in ROOMS for one in room.paths if where.startswith(one)), key=lambda pair: len(pair[0]))[1]


def imports() -> dict[str, list[str]]:
    """Room → the other rooms that it imports, in the order of ROOMS."""
    known = modules()
    found: dict[str, set[str]] = {room.name: set() for room in ROOMS}
    for path in known.values():
        own = room_of(path).name
        found[own] |= {room_of(known[module]).name for module in imported(path, known)} - {own}
    return {name: [room.name for room in ROOMS if room.name in others] for name, others in found.items()}


def arrows(graph: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """The imports that no other way along the arrows shows."""
    left = {name: [other for other in others if other != COMMON] for name, others in graph.items()}
    for name, others in left.items():
        for other in list(others):
            others.remove(other)
            if not _leads(left, name, other):
                others.append(other)
    return [(name, other.name) for name in left for other in ROOMS if other.name in left[name]]


def _leads(graph: Mapping[str, list[str]], start: str, end: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        for other in graph[waiting.pop()]:
            if other == end:
                return True
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return False


# -- the picture -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A room drawn: its place and its lines of text."""

    room: Room
    x: int
    y: int
    width: int
    height: int
    lines: tuple[tuple[str, str], ...]  # (class, text)

    @property
    def middle(self) -> int:
        """Of its width, in pixels."""
        return self.x + self.width // 2


def purpose(room: Room) -> str:
    """The first sentence of a room's package."""
    if room.says:
        return room.says
    text = ast.get_docstring(ast.parse((PROJECT / room.paths[0] / "__init__.py").read_text(encoding="utf-8"))) or ""
    return " ".join(text.replace("`", "").split("\n\n")[0].split()).split(". ")[0].rstrip(".") + "."


def drawing() -> str:
    """The whole picture."""
    graph = imports()
    drawn = arrows(graph)
    boxes = _boxes(graph, drawn)
    height = max(box.y + box.height for box in boxes.values()) + 24
    told = [f"{name} imports {', '.join(others) or 'no other room'}." for name, others in graph.items()]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'role="img" aria-labelledby="title desc">',
        '<title id="title">The rooms of the code and who imports whom</title>',
        f'<desc id="desc">{escape(" ".join(told))}</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#16202e"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fbfcfd"/>',
        '<text x="48" y="34" class="name">Who imports whom</text>',
        '<text x="48" y="56" class="also">An arrow means « imports », and leads as well to what lies behind it. '
        "« Also »: what a room imports besides, further</text>",
        '<text x="48" y="73" class="also">along its arrows. Dashed: reads files. Drawn from the imports by docs/draw.py.</text>',
        *_lines(boxes, drawn),
        *(_drawn(box) for box in boxes.values()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _boxes(graph: Mapping[str, list[str]], drawn: list[tuple[str, str]]) -> dict[str, Box]:
    texts = {room.name: _texts(room, graph, drawn) for room in (*ROOMS, KNOWLEDGE)}
    heights = {name: 2 * PADDING + 16 + LINE * len(lines) for name, lines in texts.items()}
    boxes, y = {}, TOP
    for row in range(KNOWLEDGE.row + 1):
        rooms = [room for room in (*ROOMS, KNOWLEDGE) if room.row == row]
        height = max(heights[room.name] for room in rooms)
        for room in rooms:
            x, width = COLUMNS[room.column]
            boxes[room.name] = Box(room, x, y, width, height, texts[room.name])
        y += height + GAP
    return boxes


def _texts(room: Room, graph: Mapping[str, list[str]], drawn: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    letters = int((COLUMNS[room.column][1] - 2 * PADDING) / LETTER)
    also = [other for other in graph.get(room.name, ()) if other != COMMON and (room.name, other) not in drawn]
    said = [("", line) for line in _wrapped(purpose(room), letters)]
    said += [("also", line) for line in _wrapped(f"Also: {', '.join(also)}." if also else "", letters)]
    if room.name == COMMON:
        above = [name for name in graph if not name.startswith("index") and name != COMMON]
        by = [name for name, others in graph.items() if COMMON in others]
        told = "every room of the assistant" if by == above else ", ".join(by)
        said += [("also", line) for line in _wrapped(f"Imported by {told}.", letters)]
    return tuple(said)


def _wrapped(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters, break_on_hyphens=False)


def _drawn(box: Box) -> str:
    fill, ink = COLOURS.get(box.room.name.split("/")[0], COLOURS[""])
    place = f'x="{box.x + PADDING}"'
    lines = [f'<text {place} y="{box.y + PADDING + 12}" class="name" style="fill:{ink}">{escape(_title(box.room))}</text>']
    for number, (kind, text) in enumerate(box.lines, 1):
        named = f' class="{kind}"' if kind else ""
        lines.append(f'<text {place} y="{box.y + PADDING + 14 + LINE * number}"{named}>{escape(text)}</text>')
    outline = f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6" fill="{fill}" stroke="{ink}"/>'
    return "\n".join((outline, *lines))


def _title(room: Room) -> str:
    if room.name in ("knowledge", "commands", COMMON) or room.name.startswith("index"):
        return room.name
    return f"assistant/{room.name}"


def _lines(boxes: Mapping[str, Box], drawn: list[tuple[str, str]]) -> Iterator[str]:
    both = {pair for pair in drawn if pair[::-1] in drawn}
    lanes = {"left": 0, "right": 0}
    for name, other in drawn:
        if (name, other) in both and name > other:
            continue
        a, b = boxes[name], boxes[other]
        if abs(a.room.row - b.room.row) > 1:
            side = "right" if b.room.column == "right" else "left"
            lanes[side] += 1
            path = _lane(a, b, side, lanes[side])
        else:
            path = _straight(a, b)
        sign, start = ("↔", ' marker-start="url(#head)"') if (name, other) in both else ("→", "")
        told = f"<title>{escape(name)} {sign} {escape(other)}</title>"
        yield f'<path class="arrow" d="{path}"{start} marker-end="url(#head)">{told}</path>'
    files = _straight(boxes["index/loaders"], boxes["knowledge"])
    yield f'<path class="arrow file" d="{files}" marker-end="url(#head)"><title>index/loaders reads knowledge</title></path>'


def _straight(a: Box, b: Box) -> str:
    """From one box to another of the same row or of the next."""
    if a.room.row == b.room.row:
        ends = (a.x + a.width, b.x) if a.x < b.x else (a.x, b.x + b.width)
        return f"M{ends[0]} {a.y + a.height // 2}L{ends[1]} {b.y + b.height // 2}"
    start, end = (a.y + a.height, b.y) if a.y < b.y else (a.y, b.y + b.height)
    left, right = max(a.x, b.x), min(a.x + a.width, b.x + b.width)
    if left < right:
        x = to = (left + right) // 2
    else:  # away from the middles, which the vertical ones take
        x, to = (a.x + a.width * 4 // 5, b.x + b.width // 5) if a.x < b.x else (a.x + a.width // 5, b.x + b.width * 4 // 5)
    return f"M{x} {start}L{to} {end}"


def _lane(a: Box, b: Box, side: str, number: int) -> str:
    """Around the boxes between two rows that are not neighbours."""
    x = 48 - LANE * number if side == "left" else WIDTH - 48 + LANE * number
    edges = [box.x if side == "left" else box.x + box.width for box in (a, b)]
    return f"M{edges[0]} {a.y + a.height // 2}H{x}V{b.y + b.height // 2}H{edges[1]}"


if __name__ == "__main__":
    FILE.write_text(drawing(), encoding="utf-8")
