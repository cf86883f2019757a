"""``sluis account``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from sluis.cli import FAILED, shapes
from sluis.cli.common import (
    AsJson,
    EnvironmentName,
    actor,
    ask_secret,
    from_variable,
    listed,
    print_json,
    read_file,
    show,
    show_all,
    waiting,
    warn,
)
from sluis.errors import Rejected

app = typer.Typer(no_args_is_help=True)

AccountName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the account.")]
NOT_ENCRYPTED = "the files are not encrypted once they are delivered: handle them with care"


Login = Annotated[str | None, typer.Option(help="Hosted: the login name, fixed once there is a key.")]
MayDelete = Annotated[
    bool | None, typer.Option("--may-delete/--no-may-delete", help="Hosted: let it remove what it has fetched.")
]
Addresses = Annotated[
    str | None, typer.Option(metavar="A,B", help="Hosted: networks that may log in; empty for everywhere.")
]
KeepDays = Annotated[int | None, typer.Option(min=1, help="Hosted: days that a delivery is kept.")]
KeepMost = Annotated[
    int | None,
    typer.Option(min=0, help="Hosted: deliveries of all configurations together that are kept at most; 0: no bound."),
]
Host = Annotated[str | None, typer.Option(help="External: the server.")]
Port = Annotated[int | None, typer.Option(help="External: its port, 22 if not given.")]
User = Annotated[str | None, typer.Option(help="External: the user to log in as.")]
Folder = Annotated[str | None, typer.Option(help="External: the folder that deliveries go to.")]
PasswordPrompt = Annotated[bool, typer.Option("--password-prompt", help="External: ask for the password.")]
PasswordEnv = Annotated[str | None, typer.Option(metavar="VAR", help="External: variable that holds the password.")]
KeyFile = Annotated[Path | None, typer.Option(help="External: file with the private key to log in with.")]
PassphraseEnv = Annotated[str | None, typer.Option(metavar="VAR", help="Variable with the passphrase of that key.")]
MakeKey = Annotated[bool, typer.Option("--make-key", help="External: make a key to log in with.")]
HostKeys = Annotated[
    list[str] | None, typer.Option("--host-key", help="External: the server's key, a line or SHA256:…; at most two.")
]
Legacy = Annotated[bool | None, typer.Option("--legacy/--no-legacy", help="External: allow algorithms of old servers.")]


@app.command()
def add(
    context: typer.Context,
    *,
    env: EnvironmentName,
    name: AccountName,
    account_type: Annotated[str, typer.Option("--type", help="hosted or external")],
    medical: Annotated[bool, typer.Option("--medical", help="Deliver medical data to it.")] = False,
    language: Annotated[str, typer.Option(help="Of its log reports: nl or en.")] = "nl",
    login: Login = None,
    may_delete: MayDelete = None,
    addresses: Addresses = None,
    keep_days: KeepDays = None,
    keep_most: KeepMost = None,
    host: Host = None,
    port: Port = None,
    user: User = None,
    folder: Folder = None,
    password_prompt: PasswordPrompt = False,
    password_env: PasswordEnv = None,
    key_file: KeyFile = None,
    passphrase_env: PassphraseEnv = None,
    make_key: MakeKey = False,
    host_key: HostKeys = None,
    legacy: Legacy = None,
    as_json: AsJson = False,
) -> None:
    """Make an account."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.accounts import HostedSettings, add_account
    from sluis.control.actions.servers import ServerSettings

    environment = queries.find_environment(who, env)
    given = _credentials(password_prompt, password_env, key_file, passphrase_env, make_key, host_key)
    made = add_account(
        who,
        environment,
        name,
        account_type=account_type,
        medical=medical,
        language=language,
        hosted=HostedSettings(login, may_delete, _addresses(addresses), keep_days, keep_most),
        server=ServerSettings(host=host, port=port, user=user, folder=folder, legacy=legacy, **given),
    )
    show(shapes.account(made), as_json=as_json)
    if made.medical:
        warn(NOT_ENCRYPTED)


@app.command()
def edit(
    context: typer.Context,
    *,
    env: EnvironmentName,
    name: AccountName,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name, until a delivery exists.")] = None,
    medical: Annotated[bool | None, typer.Option("--medical/--no-medical", help="Deliver medical data to it.")] = None,
    language: Annotated[str | None, typer.Option(help="Of its log reports: nl or en.")] = None,
    remove_medical: Annotated[
        bool, typer.Option("--remove-medical", help="Remove medical deliveries that still stand there.")
    ] = False,
    login: Login = None,
    may_delete: MayDelete = None,
    addresses: Addresses = None,
    keep_days: KeepDays = None,
    keep_most: KeepMost = None,
    host: Host = None,
    port: Port = None,
    user: User = None,
    folder: Folder = None,
    password_prompt: PasswordPrompt = False,
    password_env: PasswordEnv = None,
    key_file: KeyFile = None,
    passphrase_env: PassphraseEnv = None,
    make_key: MakeKey = False,
    host_key: HostKeys = None,
    legacy: Legacy = None,
    as_json: AsJson = False,
) -> None:
    """Change an account."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import accounts
    from sluis.control.actions import medical as marks
    from sluis.control.actions.servers import ServerSettings

    account = queries.find_account(who, queries.find_environment(who, env), name)
    if remove_medical and (medical or (medical is None and account.medical)):
        raise Rejected("the account keeps the medical mark", remedy="give --no-medical too")
    hosted = accounts.HostedSettings(login, may_delete, _addresses(addresses), keep_days, keep_most)
    given = _credentials(password_prompt, password_env, key_file, passphrase_env, make_key, host_key)
    server = ServerSettings(host=host, port=port, user=user, folder=folder, legacy=legacy, **given)
    if not remove_medical or {new_name, medical, language} != {None} or hosted.given or server.given:
        account = accounts.edit_account(
            who, account, name=new_name, medical=medical, language=language, hosted=hosted, server=server
        )
    removed = marks.remove_medical(who, account) if remove_medical else []
    taken_away = not account.medical and medical is not None
    standing = [str(delivery) for delivery in marks.standing_medical(account)] if taken_away else []
    value = {"medical_deliveries_removed": [str(one) for one in removed], "medical_deliveries_standing": standing}
    show({**shapes.account(account), **value}, as_json=as_json)
    if medical:
        warn(NOT_ENCRYPTED)
    if standing:
        warn("deliveries with medical data still stand there: --remove-medical removes them")


@app.command()
def secret(
    context: typer.Context,
    *,
    env: EnvironmentName,
    name: AccountName,
    rotate: Annotated[bool, typer.Option("--rotate", help="Give it a new secret.")] = False,
    like: Annotated[str | None, typer.Option(metavar="OTHER", help="Give it the secret of another account.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change the secret that pseudonyms are made with: everything pseudonymous comes in full, with other keys."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions import secrets

    environment = queries.find_environment(who, env)
    account = queries.find_account(who, environment, name)
    if rotate == (like is not None):
        raise Rejected("what is to become of the secret is to be said once", remedy="give --rotate or --like OTHER")
    if like is None:
        account = secrets.rotate_secret(who, account)
    else:
        account = secrets.share_secret(who, account, queries.find_account(who, environment, like))
    show(shapes.account(account), as_json=as_json)


def _credentials(  # noqa: PLR0917 - the options as they were given, in the order in which they are declared
    password_prompt: bool,  # noqa: FBT001 - as above
    password_env: str | None,
    key_file: Path | None,
    passphrase_env: str | None,
    make_key: bool,  # noqa: FBT001 - as above
    host_key: list[str] | None,
) -> dict[str, Any]:
    """What is given to log in to a server with, read from where it stands."""
    return {
        "password": _password(password_env, prompt=password_prompt),
        "private_key": read_file(key_file) if key_file else None,
        "passphrase": from_variable(passphrase_env) if passphrase_env else "",
        "make_key": make_key,
        "host_keys": tuple(host_key) if host_key else None,
    }


def _addresses(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(listed(text))


def _password(variable: str | None, *, prompt: bool) -> str | None:
    if variable and prompt:
        raise Rejected("the password is to be given once", remedy="use --password-prompt or --password-env VAR")
    if prompt:
        return ask_secret("Password of the server", otherwise="--password-env VAR")
    return from_variable(variable) if variable else None


@app.command("test")
def try_connection(
    context: typer.Context,
    *,
    env: EnvironmentName,
    name: AccountName,
    accept: Annotated[
        bool, typer.Option("--accept-host-key", help="Pin the key that the server shows, where none is pinned.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Try the connection to the server of an external account, step by step."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.servers import check_connection

    account = queries.find_account(who, queries.find_environment(who, env), name)
    with waiting(f"testing {account.name}"):
        checked = check_connection(who, account, accept_host_key=accept)
    steps = [{"step": one.name, "ok": one.ok, "told": one.text} for one in checked.results]
    if as_json:
        shown = checked.host_key.fingerprint if checked.host_key else None
        print_json({"ok": checked.ok, "host_key": shown, "steps": steps})
    else:
        show_all(steps, ["step", "ok", "told"], as_json=False)
    if not checked.ok:
        raise typer.Exit(FAILED)


@app.command()
def clean(context: typer.Context, *, env: EnvironmentName, name: AccountName, as_json: AsJson = False) -> None:
    """Remove the deliveries of an account that are older, or more, than it keeps."""
    who = actor(context)
    from sluis.control import queries
    from sluis.control.actions.retention import remove_old_deliveries

    account = queries.find_account(who, queries.find_environment(who, env), name)
    rows = [shapes.delivery(row) for row in remove_old_deliveries(who, account)]
    show_all(rows, ["configuration", "sequence", "mode", "published_at"], as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, env: EnvironmentName, as_json: AsJson = False) -> None:
    """List the accounts of an environment."""
    who = actor(context)
    from sluis.control import queries

    rows = [shapes.account(row) for row in queries.accounts(who, queries.find_environment(who, env))]
    show_all(rows, ["name", "type", "language", "medical"], as_json=as_json)
