"""What an installation can set: `SLUIS_*` variables, typed, refused loudly. docs/settings.md lists them."""

from __future__ import annotations

import difflib
import functools
import os
import re
import secrets
import stat
import sys
import tempfile
import zoneinfo
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from sluis import oidc, smtp
from sluis.errors import Rejected, Retryable

PREFIX = "SLUIS_"
SECRETS = ("database_url", "secret_key", "smtp_url", "lake_key", "lake_secret", "oidc_client_secret")
"""Settings that are secrets: each can also be given as a file, by its name with ``_FILE`` behind it."""

_SHORTEST_KEY = 32
_BUCKET = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._/-]*)?")
_MEMORY = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
GIVE_RIGHTS = "run Sluis as the user that its folders belong to, or give this user the right to read and write there"
"""What to do about a folder or file that this user cannot use."""


def _given(value: object) -> object:
    # A variable that is there but empty is nearly always a deployment that lost its value.
    if value == "":
        raise ValueError("it is empty; give it a value or take the variable away")
    return value


def _zone(value: str) -> str:
    try:
        zoneinfo.ZoneInfo(value)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("it is not a time zone; use a name as Europe/Amsterdam") from error
    return value


def _amount(value: str) -> str:
    if not _MEMORY.fullmatch(value):
        raise ValueError("it is not an amount of memory; write a number with its unit, as 512MB or 2GB")
    return value


def _postgres_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("it is not the URL of a PostgreSQL database; write postgresql://user:password@host/database")
    return value


def _long_keys(value: SecretStr) -> SecretStr:
    if any(len(key) < _SHORTEST_KEY for key in _split(value.get_secret_value())):
        raise ValueError(
            f"a key has fewer than {_SHORTEST_KEY} characters; make one with `openssl rand -hex 32`, "
            "and put a comma between keys"
        )
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    # The URL holds a password, so that no message may quote it.
    smtp.read(value.get_secret_value())
    return value


def _web_address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        raise ValueError("it is not the address of a web site; write https://sluis.example")
    return value.rstrip("/")


def _issuer(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return value.rstrip("/")
    raise ValueError("it is not the address of a provider; write https://login.example")


def _groups(value: str) -> str:
    oidc.read(value)
    return value


def _lake_url(value: str) -> str:
    if _BUCKET.fullmatch(value) or value.startswith("/"):
        return value.rstrip("/")
    raise ValueError("it is neither a place in a store nor an absolute folder; write s3://bucket/prefix")


def _absolute(value: Path) -> Path:
    if not value.is_absolute():
        raise ValueError("it is not an absolute path")
    return value


def _sender(value: str) -> str:
    if not smtp.is_sender(value):
        raise ValueError("it is not the address of a sender; write Sluis <sluis@example.org>")
    return value


def _split(keys: str) -> tuple[str, ...]:
    return tuple(key.strip() for key in keys.split(","))


class _SecretFiles(PydanticBaseSettingsSource):
    """Reads ``SLUIS_<SECRET>_FILE``."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field  # all is done at once, below
        return None, field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: os.environ.get(f"{variable(name)}_FILE") for name in SECRETS}
        return {name: _read_secret(name, Path(path)) for name, path in found.items() if path is not None}


def _read_secret(name: str, path: Path) -> str:
    if variable(name) in os.environ:
        raise Rejected(f"both {variable(name)} and {variable(name)}_FILE are set", remedy="set one of the two")
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Rejected(
            f"{variable(name)}_FILE: {path} cannot be read: {reason}",
            remedy="give the path of a file that this user can read and that holds nothing but the secret",
        ) from error


class Settings(BaseSettings):
    """Every setting. Its variable is ``SLUIS_`` with the name in capitals."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    data_dir: Annotated[Path, BeforeValidator(_given)] = Field(
        default=Path(".sluis"), description="folder of everything that Sluis keeps outside a database of your own"
    )
    database_url: Annotated[SecretStr, BeforeValidator(_given), AfterValidator(_postgres_url)] | None = Field(
        default=None,
        description="the control database; without it Sluis runs a PostgreSQL of its own",
    )
    hosted_dir: Annotated[Path, BeforeValidator(_given), AfterValidator(_absolute)] | None = Field(
        default=None, description="folder of the hosted deliveries; else in the data folder"
    )
    secret_key: Annotated[SecretStr, BeforeValidator(_given), AfterValidator(_long_keys)] | None = Field(
        default=None, description="encrypts secrets at rest; without it a key file is made in the data folder"
    )
    lake_url: Annotated[str, BeforeValidator(_given), AfterValidator(_lake_url)] | None = Field(
        default=None,
        description="where the files of the histories lie, s3://bucket/prefix or a folder; else in the data folder",
    )
    lake_endpoint: Annotated[str, BeforeValidator(_given), AfterValidator(_web_address)] | None = Field(
        default=None, description="address of an S3-compatible store; without it Amazon's, of the region"
    )
    lake_region: Annotated[str, BeforeValidator(_given)] = Field(default="us-east-1", description="region of the store")
    lake_key: Annotated[SecretStr, BeforeValidator(_given)] | None = Field(
        default=None, description="id of the access key of the store"
    )
    lake_secret: Annotated[SecretStr, BeforeValidator(_given)] | None = Field(
        default=None, description="the access key's secret"
    )
    memory_limit: Annotated[str, BeforeValidator(_given), AfterValidator(_amount)] = Field(
        default="512MB", description="memory that one job of the engine may use"
    )
    threads: Annotated[int, BeforeValidator(_given), Field(ge=1)] = Field(
        default=2, description="threads that one job of the engine may use"
    )
    time_zone: Annotated[str, BeforeValidator(_given), AfterValidator(_zone)] = Field(
        default="Europe/Amsterdam", description="time zone of a new environment"
    )
    sftp_host: Annotated[str, BeforeValidator(_given)] = Field(
        default="127.0.0.1", description="address that the SFTP server listens on; 0.0.0.0 or :: for all"
    )
    sftp_port: Annotated[int, BeforeValidator(_given), Field(ge=0, le=65535)] = Field(
        default=2222, description="port of the SFTP server; 0 for a free one"
    )
    sftp_address: Annotated[str, BeforeValidator(_given)] | None = Field(
        default=None, description="host of the SFTP server as receivers are told it, with :port where it is another"
    )
    sftp_sessions: Annotated[int, BeforeValidator(_given), Field(ge=1)] = Field(
        default=200, description="connections that the SFTP server holds at a time"
    )
    sftp_sessions_per_account: Annotated[int, BeforeValidator(_given), Field(ge=1)] = Field(
        default=20, description="connections of one account at a time"
    )
    sftp_idle: Annotated[int, BeforeValidator(_given), Field(ge=10)] = Field(
        default=600, description="seconds without a request after which the SFTP server closes a connection"
    )
    sftp_strict: Annotated[bool, BeforeValidator(_given)] = Field(
        default=False, description="let the SFTP server know no key exchange that a quantum computer could break"
    )
    smtp_url: Annotated[SecretStr, BeforeValidator(_given), AfterValidator(_smtp_url)] | None = Field(
        default=None,
        description="the server that mails go through; without it they are kept as files in the data folder",
    )
    mail_from: Annotated[str, BeforeValidator(_given), AfterValidator(_sender)] = Field(
        default="Sluis <sluis@localhost>", description="sender of the mails"
    )
    base_url: Annotated[str, BeforeValidator(_given), AfterValidator(_web_address)] | None = Field(
        default=None, description="address of the web application as its users and the links in mails have it"
    )
    web_host: Annotated[str, BeforeValidator(_given)] = Field(
        default="127.0.0.1", description="address that the web application listens on; 0.0.0.0 or :: for all"
    )
    web_port: Annotated[int, BeforeValidator(_given), Field(ge=0, le=65535)] = Field(
        default=8000, description="port of the web application; 0 for a free one"
    )
    web_proxies: Annotated[str, BeforeValidator(_given)] = Field(
        default="127.0.0.1,::1", description="proxies whose X-Forwarded-For and -Proto are believed, with commas"
    )
    second_factor: Annotated[bool, BeforeValidator(_given)] = Field(
        default=True, description="ask a second factor of operators, superbeheerders and users with medical rights"
    )
    oidc_issuer: Annotated[str, BeforeValidator(_given), AfterValidator(_issuer)] | None = Field(
        default=None, description="issuer of the OpenID Connect provider that people log in with"
    )
    oidc_client_id: Annotated[str, BeforeValidator(_given)] | None = Field(
        default=None, description="what the provider knows Sluis by"
    )
    oidc_client_secret: Annotated[SecretStr, BeforeValidator(_given)] | None = Field(
        default=None, description="the secret that goes with it"
    )
    oidc_name: Annotated[str, BeforeValidator(_given), Field(max_length=40)] = Field(
        default="OpenID Connect", description="name of the provider on the log-in page"
    )
    oidc_scopes: Annotated[str, BeforeValidator(_given)] = Field(
        default="openid profile email", description="what Sluis asks the provider for"
    )
    oidc_claim: Annotated[str, BeforeValidator(_given)] = Field(
        default="groups", description="the claim that names somebody's groups"
    )
    oidc_groups: Annotated[str, BeforeValidator(_given), AfterValidator(_groups)] | None = Field(
        default=None, description="which group gives which role, as beheer=superbeheerder:Noord, with commas"
    )
    oidc_second_factor: Annotated[bool, BeforeValidator(_given)] = Field(
        default=False, description="leave the second factor of who logs in there to the provider"
    )
    deliveries_per_server: Annotated[int, BeforeValidator(_given), Field(ge=1)] = Field(
        default=4, description="deliveries that go to one server of a receiver at a time"
    )
    not_fetched_days: Annotated[int, BeforeValidator(_given), Field(ge=1)] = Field(
        default=7, description="days after which a delivery to a hosted account counts as not fetched"
    )
    late_hours: Annotated[int, BeforeValidator(_given), Field(ge=1)] = Field(
        default=6, description="hours after its planned moment after which a refresh counts as late"
    )
    stop_seconds: Annotated[int, BeforeValidator(_given), Field(ge=1)] = Field(
        default=60, description="time that a worker has to finish its job when it is asked to stop"
    )
    debug: Annotated[bool, BeforeValidator(_given)] = Field(
        default=False, description="show the traceback of an unexpected error, which may hold data"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Variables and secret files; no ``.env`` file that happens to lie in the working folder."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _SecretFiles(settings_cls)

    def data_folder(self) -> Path:
        """The data folder, absolute, made 0700 where it does not exist.

        ``Rejected`` where others can read or write it, ``Retryable`` where this user cannot.
        """
        folder = self.data_dir.expanduser().absolute()
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise Rejected(
                f"{variable('data_dir')}: {folder} cannot be made: {error.strerror}",
                remedy="give a folder that this user can make and write",
            ) from error
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & _OTHERS_WRITE or (mode & _OTHERS_READ and not (folder / "postgres").exists()):
            raise Rejected(
                f"{variable('data_dir')}: others can read or write {folder}",
                remedy=f"close it with `chmod go-rw {folder}`, or give another folder",
            )
        _refuse_closed(folder, os.X_OK)
        if mode & _OTHERS_READ:
            # An earlier version opened the folders above the embedded server while that started.
            folder.chmod(mode & ~_OTHERS_READ)
        return folder

    def subfolder(self, name: str) -> Path:
        """A folder for data inside the data folder, 0700; ``Retryable`` where it cannot be made or read."""
        folder = self.data_folder() / name
        try:
            folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise Retryable(f"{folder} cannot be made: {error.strerror}", remedy=GIVE_RIGHTS) from error
        _refuse_closed(folder, os.R_OK | os.X_OK)
        return folder

    def hosted_folder(self) -> Path:
        """The folder of the hosted deliveries; ``Retryable`` where it is not there or cannot be read."""
        if self.hosted_dir is None:
            return self.subfolder("hosted")
        folder = self.hosted_dir
        if not folder.is_dir():
            # Not made: deliveries would go where nobody looks.
            raise Retryable(
                f"{variable('hosted_dir')}: there is no folder {folder}", remedy="mount it, or make it with mode 0700"
            )
        if stat.S_IMODE(folder.stat().st_mode) & (_OTHERS_READ | _OTHERS_WRITE):
            raise Rejected(
                f"{variable('hosted_dir')}: others can read or write {folder}",
                remedy=f"close it with `chmod go-rw {folder}`, or give another folder",
            )
        _refuse_closed(folder, os.R_OK | os.X_OK)
        return folder

    def secret_keys(self) -> tuple[str, ...]:
        """The secret keys, the one to encrypt with first; a key file is made where none is given."""
        if self.secret_key is not None:
            return _split(self.secret_key.get_secret_value())
        return _split(_key_file(self.key_file()))

    def key_file(self) -> Path:
        """Where the key is kept that Sluis makes itself."""
        return self.data_folder() / "secret.key"

    def has_secret_key(self) -> bool:
        """Whether there is a key already, so that none has to be made."""
        return self.secret_key is not None or self.key_file().exists()


def variable(name: str) -> str:
    """Name of the variable of a setting."""
    return f"{PREFIX}{name.upper()}"


@functools.cache
def current() -> Settings:
    """The settings of this process; ``Rejected`` names the variables that are wrong, never their values."""
    unknown = _unknown()
    try:
        given = _whole(Settings())
    except ValidationError as error:
        faults = [
            f"{variable(str(detail['loc'][0]))}: {detail['msg'].removeprefix('Value error, ')}"
            for detail in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        raise Rejected("; ".join(faults), remedy="mend these variables; docs/settings.md lists them all") from None
    if unknown:
        sys.stderr.write(f"warning: not a setting of Sluis, and ignored: {', '.join(unknown)}\n")
    return given


def _whole(given: Settings) -> Settings:
    """``Rejected`` where a setting asks for another one."""
    in_store = (given.lake_url or "").startswith("s3:")
    of_store = [name for name in ("lake_key", "lake_secret") if getattr(given, name) is None]
    if in_store and of_store:
        lacking = " and ".join(variable(name) for name in of_store)
        raise Rejected(f"{variable('lake_url')} asks for {lacking}", remedy="give the access key of the store")
    if not in_store and (given.lake_endpoint or given.lake_key or given.lake_secret):
        raise Rejected(
            f"there is an endpoint or a key of a store, and {variable('lake_url')} names none",
            remedy=f"set {variable('lake_url')} to s3://bucket/prefix, or take the others away",
        )
    return _whole_provider(given)


def _whole_provider(given: Settings) -> Settings:
    asked = ("oidc_client_id", "oidc_client_secret", "oidc_groups")
    lacking = [variable(name) for name in asked if getattr(given, name) is None]
    if given.oidc_issuer and lacking:
        raise Rejected(
            f"{variable('oidc_issuer')} asks for {' and '.join(lacking)}", remedy="set them all, or none of them"
        )
    if not given.oidc_issuer and len(lacking) < len(asked):
        raise Rejected(
            f"log-in by OpenID Connect is set up without {variable('oidc_issuer')}",
            remedy="set the issuer too, or take the others away",
        )
    return given


def _unknown() -> list[str]:
    """Variables that are no setting; ``Rejected`` where one is nearly one."""
    # Only near misses are refused: those of other programs, and of --source-env, may begin the same.
    known = {variable(name) for name in Settings.model_fields} | {f"{variable(name)}_FILE" for name in SECRETS}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    for name in unknown:
        meant = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
        if meant:
            raise Rejected(f"{name} is not a setting", remedy=f"write {meant[0]}, or take the variable away")
    return unknown


def _refuse_closed(folder: Path, mode: int) -> None:
    if not os.access(folder, mode):
        raise Retryable(f"{folder} cannot be read by this user", remedy=GIVE_RIGHTS)


def _key_file(path: Path) -> str:
    if not path.exists():
        _make_key_file(path)
    if stat.S_IMODE(path.stat().st_mode) & (_OTHERS_READ | _OTHERS_WRITE):
        raise Rejected(f"others can read or write {path}", remedy=f"close it with `chmod 600 {path}`")
    key = path.read_text("utf-8").strip()
    if len(key) < _SHORTEST_KEY:
        raise Rejected(f"{path} holds no key", remedy="put back the key; without it the secrets at rest are lost")
    return key


def _make_key_file(path: Path) -> None:
    # Linked under its name when whole: two processes that start at once must end with the same key.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".key-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(secrets.token_hex(32) + "\n")
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        Path(temporary).unlink()
    sys.stderr.write(
        f"warning: {variable('secret_key')} is not set: a key was made in {path}. "
        "Keep a copy: without it the secrets at rest are lost.\n"
    )
