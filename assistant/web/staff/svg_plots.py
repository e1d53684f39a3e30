"""Figures → SVG pictures with their table and their text: bars by week, lines, a calibration curve.

The only module that imports matplotlib. Pictures are made for a phone and grow; they carry no
style of their own: colours are CSS variables (`--plot-1`…), so that they follow the page's scheme and
pass a policy without inline styles. Knows nothing of what is drawn: every word is given.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from index.figures import readable

_WIDTH, _HEIGHT = 312 / 72, 210 / 72  # inches; one point is one pixel in a picture 312 pixels wide
_SERIES = ("#010101", "#020202", "#030303", "#040404")  # stand for --plot-1 to --plot-4
_INK, _LINE = "#0a0a0a", "#0b0b0b"  # stand for --plot-ink and --plot-line
_VARIABLES = {color: f"var(--plot-{n})" for n, color in enumerate(_SERIES, 1)} | {
    _INK: "var(--plot-ink)",
    _LINE: "var(--plot-line)",
}
_PARAMETERS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "plot",
    "font.size": 11,
    "font.family": "DejaVu Sans",
    "axes.edgecolor": _LINE,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "text.color": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
}
_MARKERS = ("o", "s", "^", "D")  # lines differ by their marks too, not only by their colour
_TICKS = 5  # labels under an axis
_DRAWING = threading.Lock()  # matplotlib's settings are those of the whole process


@dataclass(frozen=True)
class Plot:
    """A picture, what it shows in words, and its figures."""

    name: str  # unique on a page
    title: str
    summary: str  # the picture in a sentence, for who does not see it
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def stacked_bars(name: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """Counts one on top of the other, as SVG."""

    def draw(axes: Axes) -> None:
        base = [0] * len(labels)
        for color, (label, counts) in zip(_SERIES, series.items(), strict=False):
            axes.bar(range(len(labels)), counts, bottom=base, label=label, color=color, width=0.78)
            base = [low + count for low, count in zip(base, counts, strict=True)]
        axes.set_ylim(0, max(1, *base) * 1.02)  # empty weeks have an axis too
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        _label(axes, labels)

    return _drawn(name, draw, len(series))


def lines(name: str, labels: Sequence[str], series: Mapping[str, Sequence[float | None]], percent: bool = False) -> str:
    """Values joined by lines, cut where there is none (None), as SVG. Shares are shown in percent."""

    def draw(axes: Axes) -> None:
        for color, marker, (label, values) in zip(_SERIES, _MARKERS, series.items(), strict=False):
            shown = [float("nan") if value is None else value for value in values]
            axes.plot(range(len(labels)), shown, color=color, marker=marker, markersize=5, linewidth=2, label=label)
        if percent:
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="\u00a0%"))
            low = min((v for values in series.values() for v in values if v is not None), default=0.9)
            axes.set_ylim(bottom=max(0.0, low - 0.03), top=1.005)
        else:
            axes.set_ylim(bottom=0)
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: readable(value, 0)))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.set_xlim(-0.5, len(labels) - 0.5)
        _label(axes, labels)

    return _drawn(name, draw, len(series))


def calibration(name: str, points: Sequence[tuple[float, float, int]], across: str, up: str, ideal: str, label: str) -> str:
    """(predicted, observed, count) against the diagonal; the area of a point is its count. As SVG."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=_LINE, linewidth=1.5, linestyle="--", label=ideal)
        most = max((count for _, _, count in points), default=1)
        axes.plot([p for p, _, _ in points], [o for _, o, _ in points], color=_SERIES[0], linewidth=2, label=label)
        axes.scatter(
            [p for p, _, _ in points], [o for _, o, _ in points], s=[20 + 180 * n / most for _, _, n in points], color=_SERIES[0]
        )
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="\u00a0%"))
            axis.set_major_locator(MaxNLocator(5))
        axes.set(xlim=(-0.04, 1.06), ylim=(-0.06, 1.08), xlabel=across, ylabel=up)

    return _drawn(name, draw, 2, height=1.25)


def _label(axes: Axes, labels: Sequence[str]) -> None:
    """Name at most _TICKS places under an axis: the last one always, then one in every so many before it."""
    step = max(1, -(-len(labels) // _TICKS))
    chosen = list(range(len(labels) - 1, -1, -step))[::-1]
    named = [labels[position] for position in chosen]
    # A label said already is not said again: several measurements of one day.
    axes.set_xticks(chosen, ["" if at and label == named[at - 1] else label for at, label in enumerate(named)])


def _drawn(name: str, draw: Callable[[Axes], None], series: int, height: float = 1.0) -> str:
    """The SVG of what `draw` puts on axes, under the legend of its series."""
    with _DRAWING, rc_context(_PARAMETERS):
        rows = -(-series // 2)
        figure = Figure(figsize=(_WIDTH, _HEIGHT * height + rows * 17 / 72), layout="constrained")
        axes = figure.add_subplot()
        axes.grid(axis="y", color=_LINE, linewidth=0.6, alpha=0.6)
        draw(axes)
        figure.legend(loc="outside upper left", ncols=2, frameon=False, fontsize=11, handlelength=1.2, columnspacing=1.2)
        figure.patch.set_alpha(0)
        axes.patch.set_alpha(0)
        output = io.StringIO()
        figure.savefig(output, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _for_pages(output.getvalue(), name)


def _for_pages(svg: str, name: str) -> str:
    """The picture alone, its styles as attributes, its colours as variables, its ids told from other pictures'."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style\b.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r' style="([^"]*)"', lambda found: _attributes(found[1]), svg)
    svg = re.sub(r'\b(id="|href="#|url\(#)', rf"\1{name}-", svg)
    for color, variable in _VARIABLES.items():
        svg = svg.replace(color, variable)
    size = re.search(r'viewBox="[^"]*"', svg)
    head = f'<svg {size[0] if size else ""} xmlns:xlink="http://www.w3.org/1999/xlink" aria-hidden="true" focusable="false">'
    return head + svg[svg.index(">") + 1 :]


def _attributes(style: str) -> str:
    """A `style` as attributes of SVG, which the policy of the pages allows: « fill: #0a0a0a » → « fill="#0a0a0a" »."""
    pairs = [(key.strip(), value.strip()) for key, _, value in (part.partition(":") for part in style.split(";")) if value]
    kept = []
    for key, value in pairs:
        if key == "font":  # « 10px 'DejaVu Sans', … »: the page's own fonts
            kept.append(("font-size", re.search(r"[\d.]+px", value)[0].removesuffix("px")))  # type: ignore[index]
        elif key not in ("white-space", "font-family"):
            kept.append((key, value.removesuffix("px")))
    return "".join(f' {key}="{value}"' for key, value in kept)
