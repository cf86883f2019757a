"""What a victim needs and what takes time to load.

No connection and no file of a test is opened here. An engine is: it reads and checks 130 MB of extensions. It has one
thread, as in all these tests, so that there is none that a fork would lose.
"""

from __future__ import annotations

import gc
import os
import tempfile
from pathlib import Path

import django

from sluis.lake.session import Limits, open_session

os.environ["DJANGO_SETTINGS_MODULE"] = "sluis.control.django_settings"
django.setup()

from sluis.control.actions import deliveries, medical, refreshes, upkeep  # noqa: E402 - Django comes first
from sluis.worker import running  # noqa: E402 - Django comes first

__all__ = ["deliveries", "medical", "refreshes", "running", "upkeep"]

with tempfile.TemporaryDirectory() as folder, open_session(Path(folder), Limits(threads=1)) as session:
    session.load("postgres_scanner", "ducklake", "sqlite_scanner")
    # At its first parameter the engine looks for packages that it could take values from.
    session.execute("SELECT ?", [1])
gc.freeze()
