"""``sluis secrets``: the secrets in the control database, and the key that they are encrypted with."""

from __future__ import annotations

import typer

from sluis.cli.common import AsJson, actor, server_only, show, warn

app = typer.Typer(no_args_is_help=True)


@app.command()
def rewrite(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Encrypt every secret with the first key of SLUIS_SECRET_KEY; the others are not needed after that."""
    server_only(context)
    who = actor(context)
    from sluis.control.actions.keyring import rewrite_secrets

    show({"rewritten": rewrite_secrets(who)}, as_json=as_json)


@app.command()
def forget(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Give up the secrets that no present key reads, where the key is lost for good; shows what to give anew."""
    server_only(context)
    from sluis.control.setup import start_without_former_keys

    start_without_former_keys()
    from sluis.control.actions.keyring import forget_secrets
    from sluis.control.actor import CLI

    lost = forget_secrets(CLI)
    value = {
        "new_pseudonyms": lost.accounts,
        "source_password_lost": lost.sources,
        "server_log_in_lost": lost.servers,
        "second_factor_lost": lost.users,
    }
    show(value, as_json=as_json)
    for names, remedy in (
        (lost.sources, "give the password of the source anew with `sluis env source ENV --password-prompt`"),
        (lost.servers, "give password or key anew with `sluis account edit ENV NAME`"),
    ):
        if names:
            warn(remedy)
