"""Whether this process is well, for whoever watches it: a load balancer, systemd, a monitor."""

from __future__ import annotations

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse

PATH = "/health"


def health(request: HttpRequest) -> JsonResponse:
    """200 where pages can be served, 503 where the control database does not answer. It names nothing."""
    del request
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})
