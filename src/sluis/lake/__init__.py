"""The environment's store of datasets and their journals: sources, refresh, history. Needs DuckDB, knows no Django."""
