"""Tries a catalogue's queries on a source, and tells all that is wrong or doubtful instead of the first that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from sluis.catalog.loader import Catalog, Dataset
from sluis.catalog.model import Column, File
from sluis.errors import Rejected
from sluis.lake import patterns, repeating, sources
from sluis.lake.copying import Copying, missing_column
from sluis.lake.findings import SEVERITIES, Finding, Report, Severity, number, share
from sluis.lake.queries import Query, examine
from sluis.lake.session import Limits, Session, open_session
from sluis.lake.sources import Source
from sluis.lake.sql import ident, literal, reference
from sluis.lake.staging import (
    VALUE_ERRORS,
    Moment,
    fits,
    known_table,
    query_text,
    reading,
    result,
    row_faults,
    select_rows,
    typed,
)

_MEND_ROWS = "mend the rows in the source, or say in datasets/{}.sql what comes in their place"


def try_queries(catalog: Catalog, source: Source, moment: Moment, *, scratch: Path, limits: Limits) -> Report:
    """Run every query of a catalogue on one consistent read of a source, twice, and look at what comes out.

    Nothing is written but encrypted temporary tables under ``scratch``. Raises ``Retryable`` where the source does not
    answer, and ``Rejected`` where it cannot be read at all.
    """
    queries, findings = _examined(catalog)
    with open_session(scratch, limits) as session:
        copying = Copying(session, queries)
        copying.copy(source)
        trial = _Trial(session, catalog, moment, copying.queries, copying.known, [*findings, *copying.findings])
        for name in trial.queries:
            trial.make(catalog.datasets[name])
        for name in trial.made:
            trial.look(name)
        for file, column in _references(catalog):
            trial.join(file, column)
        trial.repeat()
    order = {severity: place for place, severity in enumerate(SEVERITIES)}
    findings = sorted(dict.fromkeys(trial.findings), key=lambda found: (found.dataset, order[found.severity]))
    return Report(tuple(findings), {name: made.rows for name, made in trial.made.items()})


@dataclass(frozen=True)
class Plan:
    """What came of planning. ``tables``: how many the source has; ``datasets``: all that were planned."""

    tables: int
    datasets: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def failing(self) -> frozenset[str]:
        """The datasets that a refresh could not make."""
        return frozenset(found.dataset for found in self.findings)


def reach(source: Source, *, scratch: Path, limits: Limits) -> None:
    """Connect to a source and look which tables it has; ``Retryable`` or ``Rejected`` where that does not go."""
    with open_session(scratch, limits) as session, sources.attached(session, source, ()) as schema, reading(source):
        if not sources.tables(session, schema):
            raise Rejected(
                "the source has no table that its reader may see",
                remedy="check the name of the database, and give its reader the right to read the tables",
            )


def plan_queries(catalog: Catalog, source: Source, moment: Moment, *, scratch: Path, limits: Limits) -> Plan:
    """See whether each query of a catalogue can be run on a source, by its tables and columns and not by its rows.

    It takes seconds where ``try_queries`` takes as long as a refresh. Raises as ``reach`` does.
    """
    queries, findings = _examined(catalog)
    with open_session(scratch, limits) as session:
        copying = Copying(session, queries)
        copying.copy_shape(source)
        trial = _Trial(session, catalog, moment, copying.queries, copying.known, [*findings, *copying.findings])
        for name in trial.queries:
            trial.plan(catalog.datasets[name])
    found = sorted(dict.fromkeys(trial.findings), key=lambda one: one.dataset)
    return Plan(len(copying.known), tuple(catalog.datasets), tuple(found))


def _examined(catalog: Catalog) -> tuple[dict[str, Query], list[Finding]]:
    queries, findings = {}, []
    for dataset in catalog.datasets.values():
        try:
            queries[dataset.name] = examine(dataset)
        except Rejected as error:
            findings.append(Finding("error", "query", dataset.name, str(error), error.remedy))
    return queries, findings


@dataclass(frozen=True)
class _Made:
    """A dataset that could be run: the part of it that has values of the right type, and its SELECT."""

    dataset: Dataset
    select: str
    rows: int
    whole_key: bool


@dataclass
class _Trial:
    session: Session
    catalog: Catalog
    moment: Moment
    queries: dict[str, Query]
    known: dict[str, dict[str, str]]
    findings: list[Finding]
    made: dict[str, _Made] = field(default_factory=dict)

    def error(self, kind: str, dataset: str, message: str, remedy: str, **more: Any) -> None:
        self.findings.append(Finding("error", kind, dataset, message, remedy, **more))

    def warning(self, kind: str, dataset: str, message: str, remedy: str, **more: Any) -> None:
        self.findings.append(Finding("warning", kind, dataset, message, remedy, **more))

    def make(self, dataset: Dataset) -> None:
        """Run a query, without the columns that the catalogue asks otherwise than they come or that do not come."""
        sql = query_text(dataset, self.moment)
        with self._telling(dataset):
            given = self._described(dataset, sql)
            columns = self._fitting(dataset, given)
            while columns and not self._ran(dataset, sql, given, columns):
                bad = self._failing(dataset, sql, columns)
                columns = [name for name in columns if name not in bad] if bad else []

    def plan(self, dataset: Dataset) -> None:
        """Look only whether a query can be run, and gives the columns that the catalogue asks."""
        sql = query_text(dataset, self.moment)
        with self._telling(dataset):
            self._fitting(dataset, self._described(dataset, sql))

    @contextmanager
    def _telling(self, dataset: Dataset) -> Iterator[None]:
        """Note what stops a query; no message of the engine that can hold a value is shown."""
        change = f"change datasets/{dataset.name}.sql"
        try:
            yield
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
            self.error("query", dataset.name, f"the query cannot be run: {str(error).splitlines()[0]}", change)
        except duckdb.OutOfMemoryException:
            self.error(
                "memory",
                dataset.name,
                "the query needs more memory than it may use",
                f"give it more with SLUIS_MEMORY_LIMIT, or {change}",
            )
        except duckdb.Error as error:
            self.error("query", dataset.name, f"the query cannot be run: {type(error).__name__}", change)

    def _described(self, dataset: Dataset, sql: str) -> dict[str, str]:
        """Columns that the query gives, with their DuckDB types; none where it names columns that there are not."""
        describe = f"DESCRIBE {sql}"
        try:
            return {row[0]: row[1] for row in self.session.execute(describe).fetchall()}
        except duckdb.BinderException as error:
            missing = self._missing(self.queries[dataset.name], describe, str(error))
            if not missing:
                raise
        self.findings += [missing_column(dataset.name, table, column) for table, column in missing]
        return {}

    def _missing(self, query: Query, describe: str, message: str) -> list[tuple[str, str]]:
        """The columns (table, column) that the source lacks: each is added for a moment, to hear of the next."""
        missing: list[tuple[str, str]] = []
        self.session.execute("BEGIN TRANSACTION")
        try:
            while (found := self._named(query, message)) and found not in missing:
                missing.append(found)
                table = f"source.main.{ident(found[0])}"
                self.session.execute(f"ALTER TABLE {table} ADD COLUMN {ident(found[1])} VARCHAR")
                try:
                    self.session.execute(describe)
                    break
                except duckdb.BinderException as error:
                    message = str(error)
        finally:
            self.session.execute("ROLLBACK")
        return missing

    def _named(self, query: Query, message: str) -> tuple[str, str] | None:
        """Which column of which table the engine's message says is not there, if the source does not have it."""
        first = message.lower().splitlines()[0]
        read = sorted(filter(None, (known_table(self.known, written) for written in query.tables)))
        asked = [(known_table(self.known, written), column) for written, column in sorted(query.columns)]
        for table, column in asked:
            if table and f'column named "{column.lower()}"' in first and not self._has(table, column):
                return table, column
        for column in sorted(query.bare_columns):
            if f'"{column.lower()}"' in first and read and not any(self._has(table, column) for table in read):
                return read[0], column
        return None

    def _has(self, table: str, column: str) -> bool:
        return column.lower() in map(str.lower, self.known[table])

    def _fitting(self, dataset: Dataset, given: dict[str, str]) -> list[str]:
        fitting = []
        for name, kind in dataset.columns.items() if given else ():
            if name not in given:
                remedy = f"add it to datasets/{dataset.name}.sql, written exactly so"
                self.error("missing-result", dataset.name, f"the query gives no column {name}", remedy, column=name)
            elif not fits(given[name], kind):
                what = f"column {name} is {given[name]}, the catalogue says {kind}"
                remedy = f"cast it in datasets/{dataset.name}.sql, or mend the type in the catalogue"
                self.error("type", dataset.name, what, remedy, column=name)
            else:
                fitting.append(name)
        return fitting

    def _ran(self, dataset: Dataset, sql: str, given: dict[str, str], names: list[str]) -> bool:
        """Keep the rows, with the numbers of each row's faults; False where a value stops the query."""
        part = replace(
            dataset,
            columns={name: kind for name, kind in dataset.columns.items() if name in names},
            key=tuple(key for key in dataset.key if key.column in names),
        )
        zone = self.moment.time_zone
        columns = {n: typed(f"given.{ident(n)}", given[n], kind, zone) for n, kind in part.columns.items()}
        faults = row_faults(part, given, columns)
        flags = ", ".join(f"CASE WHEN {condition} THEN {number} END" for number, (_, condition) in enumerate(faults))
        numbers = f"list_filter(CAST([{flags}] AS SMALLINT[]), lambda n: n IS NOT NULL) AS _faults"
        table = result(dataset.name)
        try:
            self.session.sparing(f"CREATE TABLE {table} AS {select_rows(part, sql, columns, numbers)}")
        except VALUE_ERRORS:
            return False
        again = select_rows(part, sql, columns, "NULL AS _faults")
        rows = self.session.number(f"SELECT count(*) FROM {table}")
        self.made[dataset.name] = made = _Made(part, again, rows, len(part.key) == len(dataset.key))
        self._tell_faults(made, [message for message, _ in faults])
        self._tell_duplicates(made)
        return True

    def _failing(self, dataset: Dataset, sql: str, names: list[str]) -> set[str]:
        """The columns on whose values the query stops, found by asking each by itself; empty where it is none."""
        remedy = f"look for a cast in datasets/{dataset.name}.sql that the data do not allow"
        failing: set[str] = set()
        if self._stops(f"SELECT count(*) AS rows FROM (\n{sql}\n)"):
            self.error("value", dataset.name, "a value does not fit in a condition of the query", remedy)
            return failing
        for name in names:
            if self._stops(f"SELECT {ident(name)} FROM (\n{sql}\n)"):
                failing.add(name)
                self.error("value", dataset.name, f"column {name}: a value does not fit its cast", remedy, column=name)
        if not failing:
            self.error("value", dataset.name, "a value does not fit somewhere in the query", remedy)
        return failing

    def _stops(self, select: str) -> bool:
        """Whether a SELECT stops on a value."""
        try:
            self.session.execute(f"CREATE OR REPLACE TEMPORARY TABLE tried AS {select}")
        except VALUE_ERRORS:
            return True
        return False

    def _tell_faults(self, made: _Made, messages: list[str]) -> None:
        name, table = made.dataset.name, result(made.dataset.name)
        empty_keys = sum(not part.nullable for part in made.dataset.key)
        counts = self.session.execute(
            f"SELECT number, count(*) FROM (SELECT unnest(_faults) AS number FROM {table}) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for place, count in counts:
            what = f"column {messages[place]} in {share(count, made.rows)}"
            kind = "empty-key" if place < empty_keys else "value"
            column = messages[place].split(" ", maxsplit=1)[0]
            self.error(kind, name, what, _MEND_ROWS.format(name), column=column, rows=count, of=made.rows)

    def _tell_duplicates(self, made: _Made) -> None:
        """Keys that occur more than once, but for those with an empty part, which is told already."""
        if not made.whole_key:
            return
        name = made.dataset.name
        parts = [f"{ident(part.column)} IS NOT NULL" for part in made.dataset.key if not part.nullable]
        row = self.session.row(
            f"SELECT count(*), sum(times) FROM (SELECT count(*) AS times FROM {result(name)} "
            f"WHERE {' AND '.join(parts) or 'TRUE'} GROUP BY _key HAVING count(*) > 1)"
        )
        keys, rows = (int(str(value or 0)) for value in row or (0, 0))
        if keys:
            what = f"{number(keys)} key(s) occur more than once, in {share(rows, made.rows)}"
            remedy = f"make the key of datasets/{name}.sql unique, or add a key part to the file"
            self.error("duplicate-key", name, what, remedy, rows=rows, of=made.rows)

    def look(self, name: str) -> None:
        """Look for columns without values, and for ones that look identifying or medical and are not marked."""
        made = self.made[name]
        if not made.rows:
            what, remedy = (
                "the query gives no rows",
                "see whether the source should have any; nothing else was looked at",
            )
            self.findings.append(Finding("note", "no-rows", name, what, remedy, rows=0, of=0))
        columns = [(f, column) for f in self.catalog.definitions if f.dataset == name for column in f.columns]
        suspect = {column.sources[0] for _, column in columns if _unmarked(column)}
        looks = patterns.look(self.session, result(name), made.dataset.columns, suspect) if made.rows else {}
        for file, column in columns:
            self._tell_empty(file, column, looks)
            self._tell_identifying(file, column, looks)
            self._tell_medical(file, column)

    def _tell_empty(self, file: File, column: Column, looks: dict[str, patterns.Look]) -> None:
        if any(source not in looks or looks[source].filled for source in column.sources):
            return
        what = f"column {column.name} of {file.file} is empty in every row"
        remedy = f"see whether datasets/{file.dataset}.sql reads the right column, or leave it out of the file"
        severity: Severity = "warning" if column.mandatory else "note"
        kind = "mandatory-and-empty" if column.mandatory else "empty"
        self.findings.append(Finding(severity, kind, file.dataset, what, remedy, file=file.file, column=column.name))

    def _tell_identifying(self, file: File, column: Column, looks: dict[str, patterns.Look]) -> None:
        if not column.type or not _unmarked(column):
            return
        source, where = column.sources[0], {"file": file.file, "column": column.name}
        instead = "`pseudonym`" if column.mandatory else "`identifying`"
        remedy = f"mark it {instead}, or say with `quasi` how it may be given; {{keep: reason}} where it is harmless"
        begin = f"column {column.name} of {file.file}"
        name = patterns.by_name(column.name, column.type) or patterns.by_name(source, column.type)
        if name:
            what = f"{begin} is by its name {name}, and has no mark"
            self.warning("identifying-name", file.dataset, what, remedy, **where)
        filled = looks[source].filled if source in looks else 0
        for pattern, count in looks[source].hits.items() if source in looks else ():
            what = f"{begin} looks like {pattern} in {share(count, filled, 'value')}, and has no mark"
            self.warning("identifying-content", file.dataset, what, remedy, **where, rows=count, of=filled)

    def _tell_medical(self, file: File, column: Column) -> None:
        marked = file.medical or column.medical or column.medical_when
        if not marked and any(map(patterns.medical_by_name, (column.name, *column.sources))):
            what = f"column {column.name} of {file.file} is by its name medical, and has no mark"
            remedy = "mark it `medical` or `medical_when`; if it says nothing of anyone's health, leave it so"
            self.warning("medical-name", file.dataset, what, remedy, file=file.file, column=column.name)

    def join(self, file: File, column: Column) -> None:
        """Count the references of a column that join to nothing."""
        link, made = column.reference, self.made.get(file.dataset)
        if not link or not made or not {*link.from_, *([link.by] if link.by else [])} <= made.dataset.columns.keys():
            return
        if link.file:
            self._join_one(file, column, link.file, "TRUE", "")
        for value, target in (link.files or {}).items():
            where = f"{ident(link.by or '')} = {literal(value)}"
            self._join_one(file, column, target, where, f" where {link.by} says {value}")
        if link.files:
            self._tell_unknown_kinds(file, column, link.by or "", list(link.files))

    def _join_one(self, file: File, column: Column, target: str, where: str, addition: str) -> None:
        aimed = next(definition for definition in self.catalog.definitions if definition.file == target)
        there = self.made.get(aimed.dataset)
        if not there or not there.whole_key:
            return
        pairs = zip(map(ident, column.sources), there.dataset.key, strict=True)
        row = self.session.row(
            "SELECT count(*), count(*) FILTER (target._key IS NULL) FROM "
            f"(SELECT CAST({reference(there.dataset.entity, pairs)} AS UUID) AS _key "
            f"FROM {result(file.dataset)} WHERE {where}) AS here "
            f"LEFT JOIN (SELECT DISTINCT _key FROM {result(aimed.dataset)}) AS target ON target._key = here._key "
            "WHERE here._key IS NOT NULL"
        )
        total, loose = (int(str(value)) for value in row or (0, 0))
        if not loose:
            return
        none = loose == total and there.rows > 0
        what = f"column {column.name} of {file.file}{addition} refers to no row of {target} in {share(loose, total)}"
        remedy = f"let datasets/{file.dataset}.sql leave it empty there, or datasets/{aimed.dataset}.sql give the rows"
        if none:
            remedy = f"see whether `from` names the key of {target}, in its order"
        severity: Severity = "error" if none else "warning"
        place = {"file": file.file, "column": column.name}
        found = Finding(severity, "loose-reference", file.dataset, what, remedy, **place, rows=loose, of=total)
        self.findings.append(found)

    def _tell_unknown_kinds(self, file: File, column: Column, by: str, values: list[str]) -> None:
        filled = " AND ".join(f"{ident(source)} IS NOT NULL" for source in column.sources)
        known = f"{ident(by)} IN ({', '.join(map(literal, values))})"
        row = self.session.row(
            f"SELECT count(*), count(*) FILTER ({known} IS NOT TRUE) FROM {result(file.dataset)} WHERE {filled}"
        )
        total, unknown = (int(str(value)) for value in row or (0, 0))
        if unknown:
            begin = f"column {column.name} of {file.file}"
            what = f"{begin} is left empty in {share(unknown, total)}: {by} says none of {', '.join(values)}"
            remedy = f"name the other values and their files in `files`, or leave these rows out of {file.dataset}.sql"
            place = {"file": file.file, "column": column.name}
            self.warning("unknown-target", file.dataset, what, remedy, **place, rows=unknown, of=total)

    def repeat(self) -> None:
        """Run every query again, over the same rows in another order: the answer must be the same."""
        with repeating.turned_round(self.session):
            for name, made in self.made.items():
                with self._telling(made.dataset):
                    self._repeat_one(name, made)

    def _repeat_one(self, name: str, made: _Made) -> None:
        remedy = (
            f"in datasets/{name}.sql give LIMIT, row_number, first, any_value, list and their like an ORDER BY "
            "without ties, and sum decimals instead of doubles"
        )
        try:
            found = repeating.differences(self.session, made.select, result(name), made.dataset)
        except VALUE_ERRORS:
            self.error("another-answer", name, "the query fails on a value when it is run again", remedy)
            return
        if found:
            where = f"in {', '.join(found.columns)}, " if found.columns else ""
            what = f"the query gives another answer when it is run again: {where}{share(found.rows, made.rows)} differ"
            self.error("another-answer", name, what, remedy, rows=found.rows, of=made.rows)


def _unmarked(column: Column) -> bool:
    return bool(column.type) and not (column.identifying or column.quasi or column.pseudonym)


def _references(catalog: Catalog) -> Iterable[tuple[File, Column]]:
    return ((file, column) for file in catalog.definitions for column in file.columns if column.reference)
