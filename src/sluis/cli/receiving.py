"""``sluis load`` and ``sluis verify``: the receiver's side. They need no server and no settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sluis.cli import FAILED
from sluis.cli.common import AsJson, print_json, show_all, waiting

Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="One delivery, or the folder of a configuration with all of them.")
]


def load(
    *,
    folder: Folder,
    into: Annotated[str, typer.Option(metavar="duckdb:///FILE", help="The database to load into.")],
    as_json: AsJson = False,
) -> None:
    """Load deliveries, in order and each once."""
    from sluis.receive.load import load as run

    with waiting("loading") as tell:
        report = run(folder, into, on_file=lambda file: tell(file.file))
    loaded = [
        {
            "sequence": one.sequence,
            "id": one.id,
            "folder": str(one.folder),
            "files": [vars(file) for file in one.files],
            "ended": list(one.ended),
        }
        for one in report.loaded
    ]
    skipped = [
        {
            "sequence": one.sequence,
            "id": one.id,
            "folder": str(one.folder),
            "reason": one.reason,
            "ended": list(one.ended),
        }
        for one in report.skipped
    ]
    if as_json:
        print_json({"loaded": loaded, "skipped": skipped, "last": report.last})
        return
    rows = [{"sequence": one.sequence, **vars(file)} for one in report.loaded for file in one.files]
    show_all(rows, ["sequence", "file", "mode", "written", "deleted"], as_json=False)
    for name, sequence in report.left.items():
        typer.echo(f"{name} left the configuration with delivery {sequence}; its table is kept, and no longer changes")
    typer.echo(f"loaded {len(loaded)}, skipped {len(skipped)}; the last one is {report.last or 'none'}")


def verify(*, folder: Folder, as_json: AsJson = False) -> None:
    """Verify deliveries: every file against its manifest, and their order. Exits with 1 where one is wrong."""
    from sluis.receive.verify import verify as run

    with waiting("verifying"):
        report = run(folder)
    findings = [
        {
            "severity": finding.severity,
            "code": finding.code,
            "delivery": finding.delivery,
            "file": finding.file or None,
            "message": finding.message,
        }
        for finding in report.findings
    ]
    deliveries = [{"sequence": one.sequence, "folder": str(one.folder), "rows": one.rows} for one in report.deliveries]
    if as_json:
        print_json({"ok": report.ok, "deliveries": deliveries, "findings": findings})
    else:
        show_all(deliveries, ["sequence", "folder", "rows"], as_json=False)
        if findings:
            show_all(findings, ["severity", "code", "delivery", "file", "message"], as_json=False)
        typer.echo("ok" if report.ok else "not ok")
    if not report.ok:
        raise typer.Exit(FAILED)
