"""OpenID Connect as Django, allauth and the pages are told of it, from the settings of this installation."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from sluis import settings


def provider_id() -> str:
    """Under which its users are kept: another issuer has other users, whatever numbers it gives them."""
    return f"oidc-{sha256((settings.current().oidc_issuer or '').encode()).hexdigest()[:12]}"


def of_installation() -> dict[str, Any]:
    """``SOCIALACCOUNT_PROVIDERS`` of allauth; empty where nothing is set up."""
    now = settings.current()
    if now.oidc_issuer is None or now.oidc_client_secret is None:
        return {}
    app = {
        "provider_id": provider_id(),
        "name": now.oidc_name,
        "client_id": now.oidc_client_id,
        "secret": now.oidc_client_secret.get_secret_value(),
        "settings": {"server_url": now.oidc_issuer, "scope": now.oidc_scopes.split()},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def policy(usual: Mapping[str, Any]) -> dict[str, Any]:
    """The Content-Security-Policy in which a form of ours may lead to the log-in page of the provider."""
    issuer = settings.current().oidc_issuer
    if issuer is None:
        return dict(usual)
    parts = urlsplit(issuer)
    directives = dict(usual["DIRECTIVES"])
    origin = f"{parts.scheme}://{parts.netloc}"
    return {**usual, "DIRECTIVES": {**directives, "form-action": [*directives["form-action"], origin]}}


def name() -> str:
    """What the provider is called on pages; empty where none is set up."""
    now = settings.current()
    return now.oidc_name if now.oidc_issuer else ""
