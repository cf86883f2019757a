"""``sluis user``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sluis.cli import shapes
from sluis.cli.common import (
    AsJson,
    actor,
    ask_secret,
    day,
    from_variable,
    show,
    show_all,
    warn,
)
from sluis.errors import Rejected

if TYPE_CHECKING:
    from sluis.control.models import Membership

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name that the user logs in with.")]
Env = Annotated[str, typer.Option("--env", metavar="ENV", help="The environment.")]
Until = Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Last day.")]
Prompt = Annotated[bool, typer.Option("--password-prompt", help="Ask for the first password, instead of making one.")]
Variable = Annotated[
    str | None, typer.Option("--password-env", metavar="VARIABLE", help="Variable with that password.")
]


@app.command()
def add(
    context: typer.Context,
    *,
    name: Name,
    email: Annotated[str, typer.Option(help="Mail address.")] = "",
    operator: Annotated[bool, typer.Option("--operator", help="Keeps the environments of this installation.")] = False,
    until: Until = None,
    prompt: Prompt = False,
    variable: Variable = None,
    as_json: AsJson = False,
) -> None:
    """Make a user. The first password is shown once; the user changes it at the first log-in."""
    who = actor(context)
    from sluis.control.actions.users import add_user

    given = _password(variable, prompt=prompt)
    user, first = add_user(who, name, email=email, operator=operator, valid_until=day(until), password=given)
    show(shapes.user(user) | ({} if given else {"password": first}), as_json=as_json)


@app.command("list")
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the users with their roles."""
    who = actor(context)
    from sluis.control import people

    rows = [shapes.user(user) for user in people.users(who)]
    show_all(rows, ["name", "email", "operator", "active", "valid_until", "roles", "last_login"], as_json=as_json)


@app.command()
def edit(
    context: typer.Context,
    *,
    name: Name,
    email: Annotated[str | None, typer.Option(help="Mail address.")] = None,
    operator: Annotated[bool | None, typer.Option("--operator/--no-operator", help="Keeps the environments.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="May log in at all.")] = None,
    until: Until = None,
    for_ever: Annotated[bool, typer.Option("--for-ever", help="Without a last day.")] = False,
    as_json: AsJson = False,
) -> None:
    """Change a user; what is not given stays."""
    who = actor(context)
    from sluis.control import people
    from sluis.control.actions.users import edit_user

    user = edit_user(
        who,
        people.find_user(who, name),
        email=email,
        operator=operator,
        active=active,
        valid_until=day(until),
        for_ever=for_ever,
    )
    show(shapes.user(user), as_json=as_json)


@app.command()
def password(
    context: typer.Context,
    *,
    name: Name,
    prompt: Prompt = False,
    variable: Variable = None,
    as_json: AsJson = False,
) -> None:
    """Give a user a new first password, and end the sessions."""
    who = actor(context)
    from sluis.control import people
    from sluis.control.actions.users import renew_password

    given = _password(variable, prompt=prompt)
    first = renew_password(who, people.find_user(who, name), given)
    show({"name": name} | ({} if given else {"password": first}), as_json=as_json)


@app.command("log-out")
def log_out(context: typer.Context, *, name: Name, as_json: AsJson = False) -> None:
    """Log a user out everywhere: each session ends with its next page."""
    who = actor(context)
    from sluis.control import people
    from sluis.control.actions.users import end_sessions

    end_sessions(who, people.find_user(who, name))
    show({"logged_out": name}, as_json=as_json)


@app.command()
def unlink(context: typer.Context, *, name: Name, as_json: AsJson = False) -> None:
    """Take the log-in by a provider from a user, and end the sessions."""
    who = actor(context)
    from sluis.control import people
    from sluis.control.actions.providing import unlink_provider

    unlink_provider(who, people.find_user(who, name))
    show({"unlinked": name}, as_json=as_json)


@app.command()
def reset(context: typer.Context, *, name: Name, as_json: AsJson = False) -> None:
    """Forget the second factor of a user who lost it, and end the sessions."""
    who = actor(context)
    from sluis.control import people
    from sluis.control.actions.users import reset_second_factor

    reset_second_factor(who, people.find_user(who, name))
    show({"reset": name}, as_json=as_json)


@app.command()
def role(
    context: typer.Context,
    *,
    name: Name,
    env: Env,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="superbeheerder or reader; none takes it away.")],
    since: Annotated[str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="First day; today if new.")] = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Make a user superbeheerder or reader of an environment, or take that away."""
    who = actor(context)
    from sluis.control import people, queries
    from sluis.control.actions.users import give_role, take_role

    user, environment = people.find_user(who, name), queries.find_environment(who, env)
    if role == "none":
        take_role(who, user, environment)
        show({"name": user.username, "environment": environment.name, "role": None}, as_json=as_json)
        return
    row = give_role(who, user, environment, role, valid_from=day(since), valid_until=day(until))
    show(shapes.membership(row), as_json=as_json)


@app.command()
def medical(
    context: typer.Context,
    *,
    name: Name,
    env: Env,
    step: Annotated[str, typer.Argument(metavar="STEP", help="ask, grant (by somebody else) or withdraw.")],
    as_json: AsJson = False,
) -> None:
    """Propose the medical right, give what another proposed, or take it away."""
    who = actor(context)
    from sluis.control import people, queries
    from sluis.control.actions.users import ask_medical, grant_medical, withdraw_medical

    steps = {"ask": ask_medical, "grant": grant_medical, "withdraw": withdraw_medical}
    if step not in steps:
        raise Rejected(f"there is no step {step!r}", remedy=f"use one of: {', '.join(steps)}")
    row: Membership = steps[step](who, people.find_user(who, name), queries.find_environment(who, env))
    if step == "ask":
        warn("somebody else gives it: sluis --as USER user medical … grant")
    show(shapes.membership(row), as_json=as_json)


def _password(variable: str | None, *, prompt: bool) -> str | None:
    if variable and prompt:
        raise Rejected("the password is given in two ways", remedy="give --password-prompt or --password-env")
    if variable:
        return from_variable(variable)
    return ask_secret("password", otherwise="--password-env") if prompt else None
