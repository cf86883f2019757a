"""When days begin and end in a time zone."""

from __future__ import annotations

import datetime as dt
import zoneinfo

_FIRST, _LAST = dt.date(1900, 1, 1), dt.date(9999, 12, 30)
"""People who mean always or never give the ends of the calendar, of which not every moment can be written in UTC."""


def beginning(day: dt.date, time_zone: str) -> dt.datetime:
    """00:00 of the day."""
    return dt.datetime.combine(min(max(day, _FIRST), _LAST), dt.time(), zoneinfo.ZoneInfo(time_zone))


def end(day: dt.date, time_zone: str) -> dt.datetime:
    """00:00 of the day after it."""
    return beginning(min(day, _LAST) + dt.timedelta(days=1), time_zone)
