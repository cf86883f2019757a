"""``sluis catalog``."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from sluis import settings
from sluis.cli import REFUSED
from sluis.cli.common import AsJson, print_json, show, waiting
from sluis.errors import Rejected

if TYPE_CHECKING:
    from sluis.catalog.loader import Catalog
    from sluis.lake.findings import Report

app = typer.Typer(no_args_is_help=True)


@app.command()
def check(
    *,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A folder, or the name of a built-in catalogue.")],
    source: Annotated[str | None, typer.Option(metavar="URL", help="Try every query on this database too.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a catalogue: its files and queries, and with --source what the queries give. Nothing is written."""
    from sluis.catalog.loader import load
    from sluis.control.catalogs import load_with_queries

    # On a source, a query that cannot be run is told among what else is found.
    catalog = load_with_queries(path) if source is None else load(path)
    report = None if source is None else _try_queries(catalog, source)
    value = {
        "catalog": catalog.name,
        "digest": catalog.digest,
        "versions": list(catalog.versions),
        "streams": list(catalog.streams),
        "files": list(catalog.files(catalog.newest.version)),
        "datasets": list(catalog.datasets),
        "queries_tried": report is not None,
        "notes": list(catalog.notes) if as_json else "\n".join(catalog.notes),
        **({"found": report.as_json()} if report and as_json else {}),
    }
    show(value, as_json=as_json)
    if report and not as_json:
        _show_report(report)
    if report and report.count("error"):
        raise typer.Exit(REFUSED)


@app.command()
def schema(
    *,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write a file per schema, for editors.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the JSON Schemas of a catalogue's YAML files, or write them for editors."""
    from sluis.catalog.schema import schemas

    made = schemas()
    if out is None:
        print_json(made)
        return
    paths = {kind: out / f"{kind}.schema.json" for kind in made}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind, path in paths.items():
            path.write_text(json.dumps(made[kind], ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise Rejected(
            f"{out} cannot be written: {error.strerror}", remedy="give a folder that you may write"
        ) from None
    show({kind: str(path) for kind, path in paths.items()}, as_json=as_json)


@app.command()
def lock(
    *,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A folder, or the name of a built-in catalogue.")],
    everything: Annotated[bool, typer.Option("--all", help="Versions that are not released yet too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Lock the released versions of a catalogue: from then on, what receivers depend on cannot change."""
    from sluis.catalog import loader
    from sluis.catalog import lock as locks
    from sluis.control.catalogs import check_queries

    folder, parts = loader.parts_of(path)
    check_queries(folder.name, parts.queries)
    today = dt.datetime.now(ZoneInfo(settings.current().time_zone)).date()
    made = locks.make(folder, parts, today=today, everything=everything)
    changes = list(made.changes) if as_json else "\n".join(made.changes) or "none"
    show({"lock": str(made.path), "versions": list(made.versions), "changes": changes}, as_json=as_json)


@app.command()
def diff(
    *,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A folder, or the name of a built-in catalogue.")],
    before: Annotated[str, typer.Argument(metavar="V1", help="The version that the receiver has.")],
    after: Annotated[str, typer.Argument(metavar="V2", help="The version to move to.")],
    as_json: AsJson = False,
) -> None:
    """Show what a receiver must do to move from one version of a catalogue to another."""
    from sluis.catalog.diff import diff as compare
    from sluis.catalog.loader import load

    found = compare(load(path), before, after)
    if as_json:
        print_json(found.as_json())
    else:
        typer.echo("\n".join(found.lines()))


@app.command()
def doc(
    *,
    path: Annotated[str, typer.Argument(metavar="PATH", help="A folder, or the name of a built-in catalogue.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where to write; empty, or written by this command before.")],
    as_json: AsJson = False,
) -> None:
    """Write the documentation of every version: a site in Dutch and English, with CSV and JSON of everything."""
    from sluis.catalog.loader import load
    from sluis.catalog.site.builder import build

    catalog = load(path)
    with waiting("writing the documentation"):
        built = build(catalog, out)
    value = {
        "catalog": catalog.name,
        "digest": catalog.digest,
        "versions": list(catalog.versions),
        "pages": built.pages,
        "data_files": built.data_files,
        "open": str(built.folder / "index.html"),
    }
    show(value, as_json=as_json)


def _try_queries(catalog: Catalog, url: str) -> Report:
    from sluis.control.sources import split_source
    from sluis.lake.checking import try_queries
    from sluis.lake.session import Limits
    from sluis.lake.staging import Moment

    now = settings.current()
    moment = Moment(dt.datetime.now(dt.UTC), now.time_zone)
    limits = Limits(now.memory_limit, now.threads)
    with waiting("trying the queries"):
        return try_queries(catalog, split_source(url), moment, scratch=now.subfolder("work"), limits=limits)


def _show_report(report: Report) -> None:
    """What came of trying the queries, per dataset, with what to do; a remedy that holds for several stands once."""
    for dataset, group in itertools.groupby(report.findings, key=lambda found: found.dataset):
        rows = f"{report.rows[dataset]:,} rows" if dataset in report.rows else "not run"
        typer.echo(f"\n{dataset} ({rows})")
        for (severity, remedy), alike in itertools.groupby(group, key=lambda found: (found.severity, found.remedy)):
            for found in alike:
                typer.echo(f"  {severity:<9}{found.message}")
            typer.echo(f"  {'':<9}what to do: {remedy}")
    counts = ", ".join(f"{report.count(severity)} {severity}(s)" for severity in ("error", "warning", "note"))
    typer.echo(f"\n{len(report.rows)} queries tried: {counts}")
