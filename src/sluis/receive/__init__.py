"""The receiver's side: read, verify and load deliveries. Needs DuckDB and pydantic, and nothing else of Sluis."""
