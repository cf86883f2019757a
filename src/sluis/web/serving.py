"""Serves the web application: Django's settings from those of this installation, and the server around it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import uvicorn
from a2wsgi import WSGIMiddleware
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection

from sluis import settings
from sluis.control import logs
from sluis.control.setup import start
from sluis.errors import Rejected, Retryable
from sluis.web import oidc_settings as providers

_THREADS = 10
_PATIENCE_SECONDS = 5.0
"""How long a request waits for a connection."""
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_YEAR = 365 * 24 * 3600


def serve(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; ``ready`` is called with the address when it listens."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "sluis.web.django_settings"
    configure(host)
    start()
    keep_connections()
    logs.log_to_stderr()
    # Its own lines would tell addresses and what was typed; ours do not.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    logging.getLogger("django.server").setLevel(logging.CRITICAL)
    call_command("collectstatic", interactive=False, verbosity=0)
    listening = _listen(host, port)
    server = uvicorn.Server(
        uvicorn.Config(
            WSGIMiddleware(WSGIHandler(), workers=_THREADS),  # type: ignore[arg-type]  # Django says less than WSGI asks
            interface="asgi3",
            lifespan="off",
            access_log=False,
            log_config=None,
            log_level="warning",
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.current().web_proxies,
            timeout_graceful_shutdown=settings.current().stop_seconds,
        )
    )
    try:
        asyncio.run(_serve(server, listening, lambda: ready(address_of(listening))))
    finally:
        connection.close_pool()  # type: ignore[attr-defined]  # it is that of PostgreSQL


def keep_connections() -> None:
    """Let every request of this process take a connection to the database that is open already.

    To open one, and to learn of the tables on it, takes PostgreSQL as long as a simple page takes in all.
    """
    connection.close()
    connection.settings_dict["CONN_HEALTH_CHECKS"] = True
    connection.settings_dict["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": _THREADS,
        "timeout": _PATIENCE_SECONDS,
        "reset": _let_go,
    }


def _let_go(taken: psycopg.Connection) -> None:
    """Locks end with a connection: so one that goes to another request has none."""
    taken.execute("SELECT pg_advisory_unlock_all()")


def configure(host: str = "127.0.0.1") -> None:
    """Fill in Django's settings from those of this installation, before Django starts."""
    now = settings.current()
    base = urlsplit(now.base_url) if now.base_url else None
    if base is None and host not in _LOOPBACK:
        raise Rejected(
            f"the web application would listen on {host} without knowing its own address",
            remedy=f"set {settings.variable('base_url')}, as https://sluis.example",
        )
    if base is not None and base.hostname:
        django_settings.ALLOWED_HOSTS = [base.hostname, *_LOOPBACK]
    secure = base is not None and base.scheme == "https"
    django_settings.SECURE_SSL_REDIRECT = secure
    django_settings.SESSION_COOKIE_SECURE = secure
    django_settings.CSRF_COOKIE_SECURE = secure
    django_settings.LANGUAGE_COOKIE_SECURE = secure
    django_settings.SECURE_HSTS_SECONDS = _YEAR if secure else 0
    django_settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = secure
    django_settings.SECURE_HSTS_PRELOAD = secure
    if secure and now.base_url:
        django_settings.CSRF_TRUSTED_ORIGINS = [f"{base.scheme}://{base.netloc}"] if base else []
    django_settings.SOCIALACCOUNT_PROVIDERS = providers.of_installation()
    django_settings.CONTENT_SECURITY_POLICY = providers.policy(django_settings.CONTENT_SECURITY_POLICY)
    django_settings.STATIC_ROOT = str(now.subfolder("static"))
    django_settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Retryable(
            f"the web application cannot listen on {host} port {port}: {error.strerror}",
            remedy=(
                f"stop what listens there, or choose another with {settings.variable('web_host')} and "
                f"{settings.variable('web_port')}"
            ),
        ) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Where pages are: the address of the setting, or that of the socket."""
    host, port = listening.getsockname()[:2]
    return settings.current().base_url or f"http://{f'[{host}]' if ':' in host else host}:{port}"


async def _serve(server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.02)
    for number in (signal.SIGTERM, signal.SIGINT):
        # In place of uvicorn's, which raises the signal once more when it has stopped.
        loop.add_signal_handler(number, _stop, server)
    if server.started:
        ready()
    await serving


def _stop(server: uvicorn.Server) -> None:
    server.should_exit = True
