"""Settings: read from variables, refused loudly, documented."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sluis import settings, smtp
from sluis.errors import Rejected, Retryable

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"
LONG = "x" * 32
OTHER = "y" * 32


def test_defaults(variables: pytest.MonkeyPatch) -> None:
    variables.delenv("SLUIS_DATA_DIR")
    now = settings.current()
    assert (now.data_dir, now.database_url, now.memory_limit, now.threads, now.time_zone, now.debug) == (
        Path(".sluis"),
        None,
        "512MB",
        2,
        "Europe/Amsterdam",
        False,
    )


@pytest.mark.parametrize("name", settings.Settings.model_fields)
def test_every_setting_is_documented_with_its_default(name: str) -> None:
    rows = [
        line for line in DOCUMENT.read_text("utf-8").splitlines() if line.startswith(f"| `{settings.variable(name)}`")
    ]
    assert len(rows) == 1
    default = settings.Settings.model_fields[name].default
    shown = {None: "none", False: "`false`", True: "`true`"}.get(default, f"`{default}`")
    assert rows[0].split("|")[2].strip() == shown
    assert ("(secret)" in rows[0]) == (name in settings.SECRETS)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SLUIS_THREADS", "many", "SLUIS_THREADS: .*integer"),
        ("SLUIS_THREADS", "0", "SLUIS_THREADS: .*greater than or equal to 1"),
        ("SLUIS_MEMORY_LIMIT", "600", "SLUIS_MEMORY_LIMIT: it is not an amount of memory; write"),
        ("SLUIS_TIME_ZONE", "Mars/Olympus", "SLUIS_TIME_ZONE: it is not a time zone"),
        ("SLUIS_TIME_ZONE", "../../etc/passwd", "SLUIS_TIME_ZONE: it is not a time zone"),
        ("SLUIS_SECRET_KEY", f"{LONG},short", "SLUIS_SECRET_KEY: a key has fewer than 32 characters"),
        ("SLUIS_DATABASE_URL", "mysql://u:geheim@h/d", "SLUIS_DATABASE_URL: it is not the URL of a PostgreSQL"),
        ("SLUIS_DATABASE_URL", "", "SLUIS_DATABASE_URL: it is empty"),
        ("SLUIS_SECRET_KEY", "", "SLUIS_SECRET_KEY: it is empty"),
        ("SLUIS_DATA_DIR", "", "SLUIS_DATA_DIR: it is empty"),
        ("SLUIS_SMTP_URL", "smtp://u:geheim@h", "SLUIS_SMTP_URL: the password would go over the network in clear"),
        ("SLUIS_SMTP_URL", "http://u:geheim@h", "SLUIS_SMTP_URL: it is not the URL of a mail server"),
        ("SLUIS_SMTP_URL", "smtps://u:geheim@h:port", "SLUIS_SMTP_URL: it is not the URL of a mail server"),
        ("SLUIS_SMTP_URL", "smtps://u:geheim@", "SLUIS_SMTP_URL: it is not the URL of a mail server"),
        ("SLUIS_SMTP_URL", "smtps://:geheim@h", "SLUIS_SMTP_URL: it has a user or a password without the other"),
        ("SLUIS_MAIL_FROM", "Sluis", "SLUIS_MAIL_FROM: it is not the address of a sender"),
        ("SLUIS_MAIL_FROM", "a@b.example, c@d.example", "SLUIS_MAIL_FROM: it is not the address of a sender"),
        ("SLUIS_MAIL_FROM", "a@b.example\nBcc: c", "SLUIS_MAIL_FROM: it is not the address of a sender"),
        ("SLUIS_BASE_URL", "javascript:alert(1)", "SLUIS_BASE_URL: it is not the address of a web site"),
        ("SLUIS_LAKE_URL", "gs://bucket/lake", "SLUIS_LAKE_URL: it is neither a place in a store nor an absolute"),
        ("SLUIS_LAKE_URL", "s3://bucket/*", "SLUIS_LAKE_URL: it is neither a place in a store nor an absolute folder"),
        ("SLUIS_LAKE_ENDPOINT", "minio:9000", "SLUIS_LAKE_ENDPOINT: it is not the address of a web site"),
        ("SLUIS_HOSTED_DIR", "hosted", "SLUIS_HOSTED_DIR: it is not an absolute path"),
        ("SLUIS_OIDC_ISSUER", "http://login.example", "SLUIS_OIDC_ISSUER: it is not the address of a provider"),
        ("SLUIS_OIDC_ISSUER", "login.example", "SLUIS_OIDC_ISSUER: it is not the address of a provider"),
        ("SLUIS_OIDC_NAME", "x" * 41, "SLUIS_OIDC_NAME: .*at most 40"),
        ("SLUIS_OIDC_GROUPS", "beheer", "SLUIS_OIDC_GROUPS: it has a part that is no group=role"),
        ("SLUIS_OIDC_GROUPS", "=operator", "SLUIS_OIDC_GROUPS: it has a part that is no group=role"),
        ("SLUIS_OIDC_GROUPS", "beheer=operator,", "SLUIS_OIDC_GROUPS: it has a part that is no group=role"),
        ("SLUIS_OIDC_GROUPS", "beheer=superbeheerder", "SLUIS_OIDC_GROUPS: a group gives operator, superbeheerder"),
        ("SLUIS_OIDC_GROUPS", "beheer=operator:Noord", "SLUIS_OIDC_GROUPS: a group gives operator, superbeheerder"),
        ("SLUIS_OIDC_GROUPS", "beheer=medical:Noord", "SLUIS_OIDC_GROUPS: a group gives operator, superbeheerder"),
        ("SLUIS_DEBUG", "maybe", "SLUIS_DEBUG: .*boolean"),
    ],
)
def test_a_wrong_value_is_refused_with_its_variable(
    variables: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    variables.setenv(name, value)
    with pytest.raises(Rejected, match=message) as caught:
        settings.current()
    assert "docs/settings.md" in caught.value.remedy
    assert "geheim" not in str(caught.value)
    assert "short" not in str(caught.value)


def test_a_store_is_given_whole_or_not_at_all(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLUIS_LAKE_SECRET", "geheim of the store")
    with pytest.raises(Rejected, match="SLUIS_LAKE_URL names none"):
        settings.current()
    variables.setenv("SLUIS_LAKE_URL", "s3://bucket/lakes/")
    with pytest.raises(Rejected, match=r"SLUIS_LAKE_URL asks for SLUIS_LAKE_KEY$"):
        settings.current()
    variables.setenv("SLUIS_LAKE_KEY", "geheim id")
    assert settings.current().lake_url == "s3://bucket/lakes"
    assert "geheim" not in repr(settings.current())


def test_a_misspelt_variable_is_refused(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLUIS_DATABSE_URL", "postgresql://u:geheim@h/d")
    with pytest.raises(Rejected, match="SLUIS_DATABSE_URL is not a setting") as caught:
        settings.current()
    assert "SLUIS_DATABASE_URL" in caught.value.remedy


def test_a_variable_of_another_program_is_left_alone_and_told_once(
    variables: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variables.setenv("SLUIS_SOURCE_OF_CUSTOMER", "postgresql://u:geheim@h/d")
    variables.setenv("SLUIS_DB_URL", "postgresql://u:geheim@h/d")
    assert [settings.current().threads for _ in range(2)] == [2, 2]
    told = "warning: not a setting of Sluis, and ignored: SLUIS_DB_URL, SLUIS_SOURCE_OF_CUSTOMER\n"
    assert capsys.readouterr() == ("", told)


def test_a_secret_can_be_a_file(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{LONG}\n")
    variables.delenv("SLUIS_SECRET_KEY")
    variables.setenv("SLUIS_SECRET_KEY_FILE", str(file))
    assert settings.current().secret_keys() == (LONG,)


def test_a_secret_given_twice_is_refused(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables.setenv("SLUIS_SECRET_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(Rejected, match="both SLUIS_SECRET_KEY and SLUIS_SECRET_KEY_FILE"):
        settings.current()


def test_a_secret_file_that_is_not_there_is_refused(variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    variables.setenv("SLUIS_DATABASE_URL_FILE", str(tmp_path / "absent"))
    with pytest.raises(Rejected, match=r"SLUIS_DATABASE_URL_FILE: .*absent cannot be read"):
        settings.current()


def test_secrets_do_not_show(variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLUIS_DATABASE_URL", "postgresql://u:geheim@h/d")
    shown = f"{settings.current()!r} {settings.current()}"
    assert "geheim" not in shown
    assert settings.current().secret_keys()[0] not in shown


def test_the_data_folder_and_what_is_in_it_are_closed(variables: pytest.MonkeyPatch) -> None:
    now = settings.current()
    for folder in (now.data_folder(), now.subfolder("lake")):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o750, 0o705, 0o720, 0o702])
def test_a_data_folder_that_others_can_read_or_write_is_refused(variables: pytest.MonkeyPatch, mode: int) -> None:
    settings.current().data_folder().chmod(mode)
    with pytest.raises(Rejected, match="SLUIS_DATA_DIR: others can read or write") as caught:
        settings.current().subfolder("lake")
    assert "chmod go-rw" in caught.value.remedy


def test_a_folder_of_hosted_deliveries_of_ones_own_is_there_and_closed(
    variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "shared"
    variables.setenv("SLUIS_HOSTED_DIR", str(folder))
    with pytest.raises(Retryable, match="SLUIS_HOSTED_DIR: there is no folder"):
        settings.current().hosted_folder()
    folder.mkdir(mode=0o700)
    assert settings.current().hosted_folder() == folder
    folder.chmod(0o750)
    with pytest.raises(Rejected, match="SLUIS_HOSTED_DIR: others can read or write"):
        settings.current().hosted_folder()


def test_what_the_embedded_server_opened_is_closed_again(variables: pytest.MonkeyPatch) -> None:
    folder = settings.current().subfolder("postgres").parent
    folder.chmod(0o755)
    assert stat.S_IMODE(settings.current().data_folder().stat().st_mode) == 0o711
    folder.chmod(0o733)
    with pytest.raises(Rejected, match="others can read or write"):
        settings.current().data_folder()


def test_a_data_folder_that_others_can_only_pass_through_is_fine(variables: pytest.MonkeyPatch) -> None:
    settings.current().data_folder().chmod(0o711)
    assert settings.current().subfolder("lake").is_dir()


def test_without_a_key_a_closed_key_file_is_made_once_with_a_warning(
    variables: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variables.delenv("SLUIS_SECRET_KEY")
    first = settings.current().secret_keys()
    assert settings.current().secret_keys() == first
    warned = capsys.readouterr().err
    assert warned.count("warning: SLUIS_SECRET_KEY is not set") == 1
    assert first[0] not in warned
    file = settings.current().data_folder() / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secret.key"]


def test_a_key_file_that_others_can_read_is_refused(variables: pytest.MonkeyPatch) -> None:
    variables.delenv("SLUIS_SECRET_KEY")
    settings.current().secret_keys()
    (settings.current().data_folder() / "secret.key").chmod(0o640)
    with pytest.raises(Rejected, match="others can read or write"):
        settings.current().secret_keys()


def test_an_empty_key_file_is_refused(variables: pytest.MonkeyPatch) -> None:
    variables.delenv("SLUIS_SECRET_KEY")
    settings.current().secret_keys()
    (settings.current().data_folder() / "secret.key").write_text("")
    with pytest.raises(Rejected, match="holds no key"):
        settings.current().secret_keys()


def test_a_provider_is_set_up_wholly_or_not_at_all(variables: pytest.MonkeyPatch) -> None:
    given = {
        "ISSUER": "https://login.example/",
        "CLIENT_ID": "sluis",
        "CLIENT_SECRET": "geheim",
        "GROUPS": "a=operator",
    }
    for left_out in given:
        for name, value in given.items():
            variables.setenv(f"SLUIS_OIDC_{name}", value)
        variables.delenv(f"SLUIS_OIDC_{left_out}")
        settings.current.cache_clear()
        with pytest.raises(Rejected, match=f"SLUIS_OIDC_{left_out}") as caught:
            settings.current()
        assert "geheim" not in str(caught.value)
    variables.setenv("SLUIS_OIDC_GROUPS", "a=operator")
    settings.current.cache_clear()
    assert settings.current().oidc_issuer == "https://login.example"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("smtp+starttls://u%40x:p%2Fw@h", ("smtp+starttls", "h", 587, "u@x", "p/w")),
        ("smtps://u:p@h", ("smtps", "h", 465, "u", "p")),
        ("smtp://[::1]:2525/", ("smtp", "::1", 2525, "", "")),
    ],
)
def test_the_url_of_a_mail_server(url: str, found: tuple[str, str, int, str, str]) -> None:
    server = smtp.read(url)
    assert (server.security, server.host, server.port, server.user, server.password) == found
    assert "p/w" not in repr(server)
