"""The key of the secrets at rest: changed, and lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection

from control.fixtures import KEY, forget, person
from control.test_deliveries import House, house
from sluis import settings
from sluis.control import crypto, setup
from sluis.control.actions import deliveries, keyring, servers
from sluis.control.actions.accounts import add_account
from sluis.control.actor import CLI
from sluis.control.models import ConnectionAccount, Environment
from sluis.errors import Fatal
from sluis.receive.load import load
from sluis.receive.verify import verify

__all__ = ["house"]

NEW = "fedcba9876543210fedcba9876543210"


def under(variables: pytest.MonkeyPatch, keys: str) -> None:
    """The next start has these keys, none for an empty text."""
    connection.close()
    if keys:
        variables.setenv("SLUIS_SECRET_KEY", keys)
    else:
        variables.delenv("SLUIS_SECRET_KEY")
    forget()


@pytest.fixture
def external(house: House) -> ConnectionAccount:
    """An account with every kind of secret around it."""
    Environment.objects.filter(pk=house.environment.pk).update(source_url="postgresql://lezer@db.example/noord")
    house.environment.refresh_from_db()
    house.environment.source_password = "geheim-van-bron"
    house.environment.save()
    olga = person("olga", operator=True).user
    assert olga is not None
    Authenticator.objects.create(user=olga, type="totp", data={"secret": crypto.encrypt(b"JBSWY3DPEHPK3PXP")})
    Authenticator.objects.create(
        user=olga, type="recovery_codes", data={"seed": crypto.encrypt(b"zaad"), "used_mask": 0}
    )
    Authenticator.objects.create(user=olga, type="webauthn", data={"credential": {}})
    server = servers.ServerSettings(host="sftp.example.org", user="sluis", password="geheim-van-server")
    return add_account(CLI, house.environment, "Extern", account_type="external", server=server)


def secrets_of(external: ConnectionAccount) -> list[object]:
    environment = Environment.objects.get(pk=external.environment.pk)
    accounts = ConnectionAccount.objects.order_by("pk").values_list("secret", flat=True)
    factors = Authenticator.objects.exclude(type="webauthn").order_by("pk")
    tokens = [one.data.get("secret") or one.data.get("seed") for one in factors]
    external.server.refresh_from_db()
    return [*accounts, environment.source_password, external.server.password, *map(crypto.decrypt, tokens)]


def test_a_key_is_changed_to_the_end(external: ConnectionAccount, variables: pytest.MonkeyPatch) -> None:
    before = secrets_of(external)
    under(variables, f"{NEW},{KEY}")
    setup.start()
    assert keyring.rewrite_secrets(CLI) == len(before) == 6
    under(variables, NEW)
    setup.start()
    assert secrets_of(external) == before


def test_a_lost_key_is_noticed_at_the_start_and_none_is_made(
    external: ConnectionAccount, variables: pytest.MonkeyPatch
) -> None:
    under(variables, NEW)
    with pytest.raises(Fatal, match="with another key") as caught:
        setup.start()
    assert "sluis secrets forget" in caught.value.remedy
    under(variables, "")
    for start in (setup.start, setup.migrate):
        with pytest.raises(Fatal, match="there is no secret key") as caught:
            start()
    assert str(settings.current().key_file()) in caught.value.remedy
    assert not settings.current().key_file().exists()
    under(variables, KEY)
    setup.start()
    assert "geheim-van-bron" in secrets_of(external)


def test_what_a_lost_key_encrypted_is_given_up_and_the_rest_stays(
    house: House, external: ConnectionAccount, variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Environment.objects.filter(pk=house.environment.pk).update(source_url=f"sqlite:///{house.file}")
    deliveries.deliver(CLI, house.configuration)
    under(variables, NEW)
    setup.start_without_former_keys()
    kept = add_account(CLI, Environment.objects.only("name", "time_zone").get(), "Nieuw", account_type="hosted")
    lost = keyring.forget_secrets(CLI)
    assert (lost.accounts, lost.sources, lost.servers, lost.users) == (
        ["Noord/DWH", "Noord/Extern"],
        ["Noord"],
        ["Noord/Extern"],
        ["olga"],
    )
    assert keyring.forget_secrets(CLI) == keyring.Lost()
    under(variables, NEW)
    setup.start()
    assert ConnectionAccount.objects.get(pk=kept.pk).secret == kept.secret
    assert secrets_of(external)[-2:] == ["", ""]
    assert list(Authenticator.objects.values_list("type", flat=True)) == ["webauthn"]
    house.change("UPDATE member SET condition = 'x' WHERE id = 1")
    second = deliveries.deliver(CLI, house.configuration, refresh=True)
    assert set(second.files.values_list("reason", flat=True)) == {"secret"}
    assert verify(house.folder).findings == ()
    assert load(house.folder, f"duckdb:///{tmp_path / 'copy.duckdb'}").last == 2
