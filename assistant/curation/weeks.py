"""Moments → weeks, which begin on Monday. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def week_of(moment: datetime) -> date:
    """The Monday of the week of a moment."""
    return moment.date() - timedelta(days=moment.weekday())


def last_weeks(count: int, until: datetime) -> list[date]:
    """The Mondays of the last weeks, that of `until` included, oldest first."""
    last = week_of(until)
    return [last - timedelta(weeks=back) for back in range(count - 1, -1, -1)]


def start_of(week: date) -> datetime:
    """The first moment of a week, UTC."""
    return datetime.combine(week, time(), UTC)
