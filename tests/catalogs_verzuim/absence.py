"""The figures of absence, counted day by day from the employments and absences: slow, and plain enough to trust."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import ROUND_HALF_UP, Decimal

import psycopg

_PERIODS = """SELECT p.dienstverband_id, w.werkgever_id, p.vanaf, coalesce(p.tot_en_met, a.verwerkt_tot), p.uren_per_week,
    g.fte_uren FROM dienstverband_periode p JOIN dienstverband d USING (dienstverband_id) JOIN werknemer w
    USING (werknemer_id) JOIN werkgever g USING (werkgever_id), administratie a"""
_ABSENCES = """SELECT v.verzuim_id, v.dienstverband_id, v.eerste_ziektedag, v.hersteld_op,
    coalesce(c.is_wazo, false) OR coalesce(n.is_wazo, false), coalesce(c.telt_mee, true) FROM verzuim v
    LEFT JOIN verzuimclassificatie c USING (verzuimclassificatie_id) LEFT JOIN vangnetsoort n USING (vangnetsoort_id)
    WHERE v.ingetrokken_op IS NULL"""
_STEPS = "SELECT verzuim_id, vanaf, tot_en_met, verzuimpercentage FROM verzuim_verloop"


@dataclass
class Figures:
    """Sums of what the files FeitDienstverbandVerzuim… give, under the same names."""

    Dienstverbanduren: Decimal = Decimal(0)
    Verzuimuren: Decimal = Decimal(0)
    VerzuimurenZwangerschap: Decimal = Decimal(0)
    Ziekmeldingen: Decimal = Decimal(0)
    Herstelmeldingen: Decimal = Decimal(0)
    Dienstverbanddagen: Decimal = Decimal(0)
    Verzuimdagen: Decimal = Decimal(0)

    def add(self, other: Figures) -> None:
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))


@dataclass(frozen=True)
class _Period:
    employer: int
    first: dt.date
    last: dt.date
    hours: Decimal
    factor: Decimal


def per_day(url: str) -> dict[tuple[int, dt.date], Figures]:
    """Figures per employer and day, between the days up to and from which the application has processed absence."""
    totals: dict[tuple[int, dt.date], Figures] = defaultdict(Figures)
    with psycopg.connect(url) as connection:
        first, last = next(connection.execute("SELECT historie_vanaf, verwerkt_tot FROM administratie"))
        periods = _periods(connection)
        for of_employment in periods.values():
            for period in of_employment:
                for day in _days(max(first, period.first), min(last, period.last)):
                    total = totals[period.employer, day]
                    total.Dienstverbanduren += period.hours / 7
                    total.Dienstverbanddagen += period.factor
        absences = {row[0]: row[1:] for row in connection.execute(_ABSENCES)}
        for absence, vanaf, tot, percentage in connection.execute(_STEPS):
            if absence in absences:
                employment, _, _, is_leave, counts = absences[absence]
                for day in _days(max(first, vanaf), min(last, tot or last)):
                    _add_absence(totals, periods[employment], day, percentage / 100, is_leave=is_leave, counts=counts)
        for employment, sick, recovered, is_leave, counts in absences.values():
            if counts and not is_leave:
                _add_report(totals, periods[employment], sick, "Ziekmeldingen")
                _add_report(totals, periods[employment], recovered, "Herstelmeldingen")
    return {key: total for key, total in totals.items() if first <= key[1] <= last}


def _periods(connection: psycopg.Connection) -> dict[int, list[_Period]]:
    periods: dict[int, list[_Period]] = defaultdict(list)
    for employment, employer, first, last, hours, full in connection.execute(_PERIODS):
        factor = min(Decimal(1), hours / full).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        periods[employment].append(_Period(employer, first, last, hours, factor))
    return periods


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=number) for number in range((last - first).days + 1))


def _on(periods: list[_Period], day: dt.date | None) -> _Period | None:
    return next((period for period in periods if day and period.first <= day <= period.last), None)


def _add_absence(
    totals: dict[tuple[int, dt.date], Figures],
    periods: list[_Period],
    day: dt.date,
    part: Decimal,
    *,
    is_leave: bool,
    counts: bool,
) -> None:
    period = _on(periods, day)
    if period and is_leave:
        totals[period.employer, day].VerzuimurenZwangerschap += period.hours / 7 * part
    elif period and counts:
        totals[period.employer, day].Verzuimuren += period.hours / 7 * part
        totals[period.employer, day].Verzuimdagen += period.factor * part


def _add_report(
    totals: dict[tuple[int, dt.date], Figures], periods: list[_Period], day: dt.date | None, name: str
) -> None:
    period = _on(periods, day)
    if period and day:
        total = totals[period.employer, day]
        setattr(total, name, getattr(total, name) + 1)
