"""Copies what queries need of a source in one consistent read, and tells of every table and column it cannot copy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sluis.errors import Rejected
from sluis.lake import sources
from sluis.lake.findings import Finding
from sluis.lake.queries import Query
from sluis.lake.session import Session
from sluis.lake.sources import Reading, Source
from sluis.lake.sql import ident
from sluis.lake.staging import (
    UNREADABLE,
    VALUE_ERRORS,
    known_table,
    needed_columns,
    new_stage,
    reading,
    unreadable_columns,
)

_Unreadable = dict[tuple[str, str], tuple[str, str]]
"""What is wrong and what to do, by table and column."""
_MEND_TABLE = "mend the rows in the source, or read them through a view there that says what comes in their place"


@dataclass
class Copying:
    """Copies what queries (by dataset) need.

    Afterwards ``queries`` are those that can be run, and ``known`` are the source's tables (name → column → type).
    """

    session: Session
    queries: dict[str, Query]
    known: dict[str, dict[str, str]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def error(self, kind: str, dataset: str, message: str, remedy: str, column: str | None = None) -> None:
        self.findings.append(Finding("error", kind, dataset, message, remedy, column=column))

    def copy(self, source: Source) -> None:
        """Copy what the queries need to ``source.<table>``; those that cannot have it are left out from here on."""
        new_stage(self.session)
        self.session.execute("CREATE SCHEMA source.result")
        tables = {table for query in self.queries.values() for table in query.tables}
        bad: _Unreadable = {}
        with sources.attached(self.session, source, tables) as schema:
            # A value that stops the engine ends the transaction: what was read is thrown away, and read without it.
            while not self._copied(source, schema, bad):
                pass
        self._leave_out_missing()
        self._leave_out_unreadable(bad)

    def copy_shape(self, source: Source) -> None:
        """Make ``source.<table>`` of what queries need, without rows; those that may not read theirs are left out."""
        new_stage(self.session)
        bad: _Unreadable = {}
        with sources.attached(self.session, source, ()) as schema, reading(source):
            self.known = sources.tables(self.session, schema)
            for table in self._readings({}):
                columns = ", ".join(f"{ident(column)} {kind}" for column, kind in table.columns.items())
                self.session.execute(f"CREATE TABLE source.main.{ident(table.table)} ({columns})")
                try:
                    sources.refuse_unreadable(self.session, source, schema, table)
                except Rejected as error:
                    bad[table.table, next(iter(table.columns))] = (_told(error, table), error.remedy)
        self._leave_out_missing()
        self._leave_out_unreadable(bad)

    def _copied(self, source: Source, schema: str, bad: _Unreadable) -> bool:
        """One attempt at one consistent read of all but the bad columns; False where it found another of these."""
        try:
            with reading(source), self.session.transaction():
                sources.begin(self.session, source)
                self.known = sources.tables(self.session, schema)
                for table in self._readings(bad):
                    self._copy_table(source, schema, table, bad)
        except _StoppedError:
            return False
        return True

    def _copy_table(self, source: Source, schema: str, table: Reading, bad: _Unreadable) -> None:
        good = self._exact(source, schema, table, bad)
        if not good.columns:
            return
        select = sources.selects(self.session, source, schema, [good])[good.table]
        try:
            self.session.execute(f"CREATE TABLE source.main.{ident(good.table)} AS {select}")
        except VALUE_ERRORS:
            columns = list(unreadable_columns(self.session, good, select)) or list(good.columns)
            for column in columns:
                bad[good.table, column] = (f"column {column} of table {good.table} {UNREADABLE}", _MEND_TABLE)
            raise _StoppedError from None

    def _exact(self, source: Source, schema: str, table: Reading, bad: _Unreadable) -> Reading:
        """The table without the columns that cannot be read exactly; these are added to the bad ones."""
        try:
            sources.selects(self.session, source, schema, [table])
        except Rejected:
            good = {}
            for column, kind in table.columns.items():
                try:
                    sources.selects(self.session, source, schema, [replace(table, columns={column: kind})])
                except Rejected as error:
                    bad[table.table, column] = (_told(error, table), error.remedy)
                else:
                    good[column] = kind
            return replace(table, columns=good)
        return table

    def _readings(self, bad: _Unreadable) -> list[Reading]:
        needs: dict[str, dict[str, set[str]]] = {}
        for name, query in self.queries.items():
            for written in query.tables:
                table = known_table(self.known, written)
                if table:
                    needed = {column for column in self.known[table] if query.needs(written, column)}
                    needs.setdefault(table, {}).setdefault(name, set()).update(needed)
        made = []
        for table, by in needs.items():
            good = {column: kind for column, kind in self.known[table].items() if (table, column) not in bad}
            made.append(Reading(table, needed_columns(good, by.values()), tuple(sorted(by))))
        return made

    def _leave_out_missing(self) -> None:
        for name, query in list(self.queries.items()):
            for written in sorted(query.tables):
                if known_table(self.known, written) is None:
                    what = f"reads source.{written}, which the source does not have (any more)"
                    remedy = "restore the table, give its reader the right to read it, or change the catalogue"
                    self.error("missing-table", name, what, remedy)
                    self.queries.pop(name, None)

    def _leave_out_unreadable(self, bad: _Unreadable) -> None:
        for (table, column), (what, remedy) in bad.items():
            for name, query in list(self.queries.items()):
                if any(known_table(self.known, t) == table and query.needs(t, column) for t in query.tables):
                    self.error("unreadable", name, what, remedy, column=column)
        unreadable = {found.dataset for found in self.findings if found.kind == "unreadable"}
        self.queries = {name: query for name, query in self.queries.items() if name not in unreadable}


def _told(error: Rejected, table: Reading) -> str:
    """What is wrong with a table, without the names of all datasets that read it."""
    return str(error).removeprefix(f"dataset {', '.join(table.datasets)}: ")


def missing_column(dataset: str, table: str, column: str) -> Finding:
    """That a query asks a column that the source does not have."""
    what = f"table {table} has no column {column} (any more)"
    remedy = f"restore it in the source, or change datasets/{dataset}.sql"
    return Finding("error", "missing-column", dataset, what, remedy, column=column)


class _StoppedError(Exception):
    """A value stopped the reading; begin again without its column."""
