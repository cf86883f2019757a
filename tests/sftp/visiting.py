"""An SFTP client that says exactly what a test wants, over asyncssh's own wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh

from sftp.hosting import Hosted


@asynccontextmanager
async def visiting(
    hosted: Hosted, login: str = "dwh", key: Path | None = None
) -> AsyncIterator[tuple[asyncssh.SSHClientConnection, asyncssh.SFTPClient]]:
    """Logged in, with an SFTP session."""
    async with (
        asyncssh.connect(
            "127.0.0.1",
            hosted.port,
            username=login,
            client_keys=[str(key or hosted.key)],
            known_hosts=str(hosted.known_hosts),
            config=None,
            agent_path=None,
        ) as connection,
        connection.start_sftp_client() as sftp,
    ):
        yield connection, sftp
