"""Has dlt write one table to CSV files. Runs in an environment of its own: URL, table, backend, folder."""

from __future__ import annotations

import sys
from pathlib import Path

import dlt
from dlt.sources.sql_database import sql_table


def main() -> None:
    url, table, backend, folder = sys.argv[1:]
    pipeline = dlt.pipeline(
        pipeline_name=f"bench_{backend}",
        destination=dlt.destinations.filesystem(bucket_url=Path(folder).resolve().as_uri()),
        dataset_name="out",
        pipelines_dir=str(Path(folder) / "pipelines"),
    )
    # The chunk that its documentation advises for large tables; one file of what it gives.
    rows = sql_table(credentials=url, table=table, backend=backend, chunk_size=100_000)
    pipeline.run(rows, loader_file_format="csv", write_disposition="replace")


if __name__ == "__main__":
    main()
