"""What a victim needs and what takes time to load; nothing here opens a file or a connection."""

import duckdb
import psycopg
import pydantic_settings
import yaml
from django.db import models

from sluis import embedded, settings
from sluis.delivery import build, manifest
from sluis.lake import refresh, upkeep

__all__ = [
    "build", "duckdb", "embedded", "manifest", "models", "psycopg", "pydantic_settings", "refresh", "settings", "upkeep",
    "yaml",
]  # fmt: skip
