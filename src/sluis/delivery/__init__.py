"""What one receiver gets: projection, keys and pseudonyms, CSV, manifest. Needs DuckDB, knows no Django."""
