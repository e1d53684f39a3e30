"""What is drawn on the staff's pages: figures of `quality` and `gaps` → plots with their words and tables.

Knows the French of plots; draws nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from assistant.answering.answer import Status
from assistant.curation.quality import Measurement, Week
from assistant.web.shared.common_texts import FIGURES
from assistant.web.shared.typography import number, percent
from assistant.web.staff import desk_texts as texts
from assistant.web.staff import svg_plots
from assistant.web.staff.svg_plots import Plot
from index.figures import long_date
from index.french import SHORT_MONTHS

_OTHER = (Status.CLARIFY, Status.OUT_OF_SCOPE, Status.REFUSED)
_LINES = ("overall", "answerable", "refusal", "follow_up")  # the figures drawn; the table holds them all


def gaps_by_week(name: str, title: str, weeks: Sequence[date], weekly: Mapping[str, Sequence[int]]) -> Plot:
    """Unanswered exchanges of a period or of a topic."""
    series = {texts.KINDS[kind]: counts for kind, counts in weekly.items()}
    totals = ", ".join(f"{label.lower()} {sum(counts)}" for label, counts in series.items())
    total = sum(map(sum, series.values()))
    summary = texts.PLOT_GAPS.format(count=total, weeks=len(weeks), totals=totals)
    return _stacked(name, title, summary, weeks, series)


def statuses(weeks: Sequence[Week]) -> Plot:
    """How exchanges ended, week by week."""
    series = {
        texts.ENDINGS[status]: [week.statuses[status] for week in weeks]
        for status in (Status.ANSWERED, Status.PARTIAL, Status.NOT_FOUND)
    }
    series[texts.OTHER_STATUSES] = [sum(week.statuses[status] for status in _OTHER) for week in weeks]
    totals = ", ".join(f"{label.lower()} {sum(counts)}" for label, counts in series.items())
    summary = texts.PLOT_STATUSES.format(count=sum(w.count for w in weeks), weeks=len(weeks), totals=totals)
    return _stacked("statuts", texts.STATUSES_TITLE, summary, [week.monday for week in weeks], series)


def opinions(weeks: Sequence[Week]) -> Plot:
    """👍 and 👎, week by week."""
    series = {texts.OPINION_UP: [week.up for week in weeks], texts.OPINION_DOWN: [week.down for week in weeks]}
    up, down = (sum(counts) for counts in series.values())
    asked = sum(week.count for week in weeks)
    summary = texts.PLOT_OPINIONS.format(up=up, down=down, share=percent((up + down) / asked) if asked else "–", weeks=len(weeks))
    return _stacked("avis", texts.OPINIONS_TITLE, summary, [week.monday for week in weeks], series)


def latency(weeks: Sequence[Week]) -> Plot:
    """How long answers took, week by week."""
    series = {texts.MEDIAN: [week.median for week in weeks], texts.P95: [week.p95 for week in weeks]}
    known = [week for week in weeks if week.median is not None and week.p95 is not None]
    summary = (
        texts.PLOT_LATENCY.format(
            week=long_date(known[-1].monday.isoformat()), median=_milliseconds(known[-1].median), p95=_milliseconds(known[-1].p95)
        )
        if known
        else texts.NO_EXCHANGE
    )
    rows = tuple((long_date(w.monday.isoformat()), number(w.count), _milliseconds(w.median), _milliseconds(w.p95)) for w in weeks)
    svg = svg_plots.lines("delai", [_short(week.monday) for week in weeks], series)
    return Plot("delai", texts.LATENCY_TITLE, summary, svg, (texts.WEEK_OF, texts.EXCHANGES, *series), rows)


def golden(measured: Sequence[Measurement]) -> Plot:
    """The golden figures of each measurement, oldest first."""
    series = {texts.FIGURES_SHORT[name]: [m.figures.get(name) for m in measured] for name in _LINES}
    last = measured[-1]
    summary = texts.PLOT_GOLDEN.format(
        count=len(measured), date=long_date(last.created.date().isoformat()), overall=percent(last.figures.get("overall", 0.0))
    )
    columns = (texts.MEASURED_ON, texts.VERSION, texts.QUESTIONS, *FIGURES.values(), texts.WORDS)
    svg = svg_plots.lines("reference", [_short(m.created.date()) for m in measured], series, percent=True)
    return Plot("reference", texts.GOLDEN_TITLE, summary, svg, columns, tuple(_measured(m) for m in reversed(measured)))


def calibration(measured: Measurement) -> Plot:
    """Announced probabilities against what held."""
    bins = measured.bins
    apart = sum(b.count * abs(b.predicted - b.observed) for b in bins) / max(sum(b.count for b in bins), 1)
    summary = texts.PLOT_CALIBRATION.format(
        count=sum(b.count for b in bins), gap=number(100 * apart, 1), date=long_date(measured.created.date().isoformat())
    )
    rows = tuple(
        (
            texts.FROM_TO.format(low=round(100 * b.low), high=round(100 * b.low) + 10),
            number(b.count),
            percent(b.predicted),
            percent(b.observed),
        )
        for b in bins
    )
    svg = svg_plots.calibration(
        "calibration",
        [(b.predicted, b.observed, b.count) for b in bins],
        texts.PREDICTED,
        texts.OBSERVED,
        texts.IDEAL,
        texts.MEASURED,
    )
    return Plot(
        "calibration",
        texts.CALIBRATION_TITLE,
        summary,
        svg,
        (texts.ANNOUNCED, texts.QUESTIONS, texts.MEAN_PREDICTED, texts.OBSERVED),
        rows,
    )


def _stacked(name: str, title: str, summary: str, weeks: Sequence[date], series: Mapping[str, Sequence[int]]) -> Plot:
    rows = tuple(
        (long_date(week.isoformat()), *(number(counts[at]) for counts in series.values())) for at, week in enumerate(weeks)
    )
    svg = svg_plots.stacked_bars(name, [_short(week) for week in weeks], series)
    return Plot(name, title, summary, svg, (texts.WEEK_OF, *series), rows)


def _measured(measured: Measurement) -> tuple[str, ...]:
    shares = (percent(measured.figures[name]) if name in measured.figures else "–" for name in FIGURES)
    words = measured.figures.get("median_words")
    return (
        long_date(measured.created.date().isoformat()),
        measured.version,
        number(measured.turns) if measured.turns else "–",
        *shares,
        number(words) if words is not None else "–",
    )


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{number(value)}\u202fms"


def _short(day: date) -> str:
    return f"{day.day} {SHORT_MONTHS[day.month - 1]}"
