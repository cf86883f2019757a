"""Keys, servers, receipts and retention: who may, what is kept, what is told, and what never is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from control.fixtures import People, delivered
from control.test_deliveries import House, house
from sftp import receiving as servers
from sftp.hosting import hashes
from sftp.receiving import PASSWORD, Receiver, receiving
from sluis.control import places, queries, receipts
from sluis.control.actions.accounts import HostedSettings, add_account, edit_account
from sluis.control.actions.configurations import add_configuration, copy_configuration
from sluis.control.actions.deliveries import deliver
from sluis.control.actions.keys import add_key, make_key, remove_key
from sluis.control.actions.retention import remove_old_deliveries
from sluis.control.actions.servers import ServerSettings, check_connection
from sluis.control.actor import CLI, WORKER
from sluis.control.errors import NotFound
from sluis.control.models import (
    AuditEvent,
    Bookmark,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    DownloadReceipt,
    Environment,
    ExternalServer,
    LogLine,
    SftpKey,
)
from sluis.control.sftp_accounts import ControlAccounts
from sluis.errors import PermissionDenied, Rejected, Retryable
from sluis.sftp import external, keys
from sluis.sftp.accounts import Receipt
from sluis.sftp.connecting import HostKeyRefused

__all__ = ["house"]

PUBLIC = keys.make_pair(protected=False).public
SERVER = ServerSettings(host="sftp.example", user="sluis", folder="/in", password=PASSWORD)


def everything_kept() -> str:
    """All that the database holds, as text, but for the encrypted columns."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT details::text || subject FROM control_auditevent")
        audit = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT row_to_json(s)::text FROM control_externalserver s")
        rows = [row[0] for row in cursor.fetchall()]
    return "\n".join([*audit, *rows, *LogLine.objects.values_list("text", flat=True)])


# --- keys


def test_a_superbeheerder_adds_and_removes_a_key(people: People, account: ConnectionAccount) -> None:
    key = add_key(people.sam, account, "BI server", f"{PUBLIC.line} jan@bi", valid_until=dt.date(2999, 1, 1))
    assert (key.public_key, key.fingerprint) == (PUBLIC.line, PUBLIC.fingerprint)
    assert key.account.login == "noord-dwh"
    assert queries.keys(people.rita, account) == [key]
    remove_key(people.sam, account, "bi SERVER")
    assert not SftpKey.objects.exists()
    events = list(AuditEvent.objects.order_by("id").values_list("action", "subject"))
    assert events == [("key.add", "key BI server of account DWH"), ("key.remove", "key BI server of account DWH")]
    assert AuditEvent.objects.earliest("id").details["fingerprint"] == PUBLIC.fingerprint


@pytest.mark.parametrize(("who", "error"), [("rita", PermissionDenied), ("olga", NotFound), ("xander", NotFound)])
def test_nobody_else_does(people: People, account: ConnectionAccount, who: str, error: type[Rejected]) -> None:
    actor = getattr(people, who)
    for call in (
        lambda: add_key(actor, account, "k", PUBLIC.line),
        lambda: make_key(actor, account, "k"),
        lambda: remove_key(actor, account, "k"),
        lambda: check_connection(actor, account),
        lambda: remove_old_deliveries(actor, account),
    ):
        with pytest.raises(error):
            call()
    assert not SftpKey.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_pair_is_shown_once_and_kept_nowhere(people: People, account: ConnectionAccount) -> None:
    key, pair = make_key(people.sam, account, "BI")
    assert keys.read_private(pair.private, pair.passphrase)[1].fingerprint == key.fingerprint
    kept = everything_kept() + repr(vars(SftpKey.objects.get()))
    assert pair.passphrase not in kept
    assert "PRIVATE" not in kept


@pytest.mark.parametrize(
    ("name", "text", "until", "message"),
    [
        ("k", "ssh-ed25519 AAAA", None, "cut off or damaged"),
        ("k", PUBLIC.line, dt.date(2020, 1, 1), "is past"),
        ("used", keys.make_pair(protected=False).public.line, None, "has a key 'used' already"),
        ("k", "TWICE", None, "has this key already"),
        ("", PUBLIC.line, None, "is empty"),
    ],
    ids=["damaged", "past", "name in use", "twice", "no name"],
)
def test_keys_that_are_refused(
    account: ConnectionAccount, name: str, text: str, until: dt.date | None, message: str
) -> None:
    first = add_key(CLI, account, "Used", keys.make_pair(protected=False).public.line)
    with pytest.raises(Rejected, match=message) as caught:
        add_key(CLI, account, name, first.public_key if text == "TWICE" else text, valid_until=until)
    assert caught.value.remedy
    assert SftpKey.objects.count() == 1


def test_the_login_name_is_unique_and_fixed_once_there_is_a_key(environment: Environment) -> None:
    first, second = (
        add_account(CLI, environment, name, account_type="hosted") for name in ("Bé".replace("é", "e"), "B-e")
    )
    assert (first.login, second.login) == ("noord-be", "noord-b-e")
    edit_account(CLI, second, hosted=HostedSettings(login="receiver"))
    with pytest.raises(Rejected, match="'receiver' is in use"):
        edit_account(CLI, first, hosted=HostedSettings(login="receiver"))
    with pytest.raises(Rejected, match="cannot be used"):
        edit_account(CLI, first, hosted=HostedSettings(login="../x"))
    add_key(CLI, second, "k", PUBLIC.line)
    with pytest.raises(Rejected, match="login name is fixed"):
        edit_account(CLI, second, hosted=HostedSettings(login="another"))
    third = add_account(CLI, environment, "be-", account_type="hosted")
    assert third.login == "noord-be-2"


def test_settings_of_a_hosted_account_are_checked_and_audited(people: People, account: ConnectionAccount) -> None:
    given = HostedSettings(
        may_delete=True, addresses=("192.0.2.0/24", "2001:db8::1"), retention_days=7, retention_count=3
    )
    edited = edit_account(people.sam, account, hosted=given)
    assert edited.addresses == ["192.0.2.0/24", "2001:db8::1/128"]
    assert AuditEvent.objects.get().details == {
        "may_delete": [False, True],
        "retention_days": [30, 7],
        "retention_count": [None, 3],
        "addresses": [[], ["192.0.2.0/24", "2001:db8::1/128"]],
    }
    assert edit_account(people.sam, account, hosted=HostedSettings(retention_count=0)).retention_count is None
    for wrong in (HostedSettings(addresses=("10.0.0.1/8",)), HostedSettings(retention_days=0)):
        with pytest.raises(Rejected):
            edit_account(people.sam, account, hosted=wrong)
    with pytest.raises(Rejected, match="no server of the receiver"):
        edit_account(people.sam, account, server=SERVER)


# --- servers


def test_an_external_account_keeps_its_secrets_to_itself(people: People, environment: Environment) -> None:
    made = add_account(people.sam, environment, "Extern", account_type="external", server=SERVER)
    assert made.login is None
    assert made.server.password == PASSWORD
    assert places.destination(made) == "sftp://sluis@sftp.example:22//in"
    edit_account(people.sam, made, server=ServerSettings(make_key=True, port=2222, legacy=True))
    row = ExternalServer.objects.get()
    assert (row.password, row.port, row.legacy) == ("", 2222, True)
    assert keys.read_private(row.private_key)[1].line == row.public_key
    assert PASSWORD not in everything_kept()
    assert "PRIVATE" not in everything_kept()
    assert PASSWORD not in repr(SERVER)
    changed = AuditEvent.objects.latest("id").details
    assert set(changed) == {"port", "log_in", "public_key", "legacy"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"host": None}, "has a host"),
        ({"user": None}, "has a user"),
        ({"host": "a b"}, "is no host"),
        ({"host": "-oProxyCommand=x"}, "is no host"),
        ({"port": 0}, "no port 0"),
        ({"password": None}, "no way to log in"),
        ({"password": ""}, "password is empty"),
        ({"make_key": True}, "more than one way"),
        ({"password": None, "private_key": "hello"}, "cannot be read"),
        ({"host_keys": ("MD5:aa",)}, "not a host key"),
        ({"host_keys": (PUBLIC.fingerprint,) * 3}, "3 host keys"),
    ],
)
def test_servers_that_are_refused(environment: Environment, given: dict[str, Any], message: str) -> None:
    values: dict[str, Any] = {"host": "h", "user": "u", "password": PASSWORD, **given}
    with pytest.raises(Rejected, match=message) as caught:
        add_account(CLI, environment, "Extern", account_type="external", server=ServerSettings(**values))
    assert PASSWORD not in f"{caught.value} {caught.value.remedy}"
    assert not ConnectionAccount.objects.exists()


def test_each_type_has_its_own_settings(environment: Environment, account: ConnectionAccount) -> None:
    with pytest.raises(Rejected, match="nobody logs in"):
        add_account(
            CLI, environment, "X", account_type="external", server=SERVER, hosted=HostedSettings(may_delete=True)
        )
    made = add_account(CLI, environment, "X", account_type="external", server=SERVER)
    with pytest.raises(Rejected, match="is not hosted"):
        add_key(CLI, made, "k", PUBLIC.line)
    with pytest.raises(Rejected, match="is hosted"):
        check_connection(CLI, account)


@pytest.mark.parametrize("change", [{"host": "other"}, {"port": 23}])
def test_a_password_goes_to_the_place_that_it_was_given_for(
    people: People, environment: Environment, change: dict[str, Any]
) -> None:
    made = add_account(people.sam, environment, "X", account_type="external", server=SERVER)
    elsewhere = {**change, "host_keys": (PUBLIC.line,)}
    with pytest.raises(Rejected, match="given for another host or port"):
        edit_account(people.sam, made, server=ServerSettings(**elsewhere))
    row = ExternalServer.objects.get()
    assert (row.host, row.port, row.host_keys) == (SERVER.host, 22, [])
    edit_account(people.sam, made, server=ServerSettings(password="another", **elsewhere))
    edit_account(people.sam, made, server=ServerSettings(make_key=True))
    edit_account(people.sam, made, server=ServerSettings(host="third", port=24))
    assert ExternalServer.objects.get().private_key, "a key is not sent, so it goes along"


@pytest.mark.parametrize("change", [{"host": "other"}, {"port": 23}, {"user": "u"}, {"folder": "/elsewhere"}])
def test_another_place_is_another_destination(environment: Environment, change: dict[str, Any]) -> None:
    made = add_account(CLI, environment, "X", account_type="external", server=SERVER)
    ExternalServer.objects.update(renames_folders=False)
    before = places.destination(made)
    edit_account(CLI, made, server=ServerSettings(password="another"))
    assert places.destination(made) == before
    assert ExternalServer.objects.get().renames_folders is False
    edit_account(CLI, made, server=ServerSettings(password="another", **change))
    assert places.destination(made) != before
    assert ExternalServer.objects.get().renames_folders is None, "what was learned is of another place"


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path) as running:
        yield running


def at(receiver: Receiver, **more: Any) -> ServerSettings:
    return ServerSettings(
        **{"host": "127.0.0.1", "port": receiver.port, "user": "sluis", "folder": "/in", "password": PASSWORD, **more}
    )


def test_the_host_key_is_pinned_when_it_is_accepted(
    people: People, environment: Environment, receiver: Receiver
) -> None:
    made = add_account(people.sam, environment, "X", account_type="external", server=at(receiver))
    assert not check_connection(people.sam, made).ok
    assert ExternalServer.objects.get().host_keys == []
    assert check_connection(people.sam, made, accept_host_key=True).ok
    row = ExternalServer.objects.get()
    assert row.host_keys == [receiver.host_keys[0].public.line]
    assert row.renames_folders is True
    told = AuditEvent.objects.latest("id").details
    assert told["accepted"] is True
    assert told["host_key"] == receiver.host_keys[0].public.fingerprint

    edit_account(people.sam, made, server=ServerSettings(host_keys=(PUBLIC.line,)))
    assert not check_connection(people.sam, made, accept_host_key=True).ok
    assert ExternalServer.objects.get().host_keys == [PUBLIC.line], "a pinned key is never replaced by a test"


# --- deliveries to a server


@pytest.fixture
def external_house(house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> House:
    """The house delivers to the receiver's server."""
    monkeypatch.setattr(external, "PAUSES", (0.0,))
    pins = (receiver.host_keys[0].public.line,)
    house.account = add_account(
        CLI, house.environment, "Extern", account_type="external", medical=True, server=at(receiver, host_keys=pins)
    )
    house.configuration = add_configuration(
        CLI, house.account, "Productie", version="2", streams="all", pseudonymous=True
    )
    return house


def standing(receiver: Receiver) -> list[str]:
    folder = receiver.root / "in" / "Productie"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def right(receiver: Receiver, delivery: Delivery) -> bool:
    found = hashes(receiver.root / "in" / "Productie" / delivery.folder)
    return {f"{one.name}.csv": one.sha256.removeprefix("sha256:") for one in delivery.files.all()} == {
        name: value for name, value in found.items() if name != "datapackage.json"
    }


def test_deliveries_go_to_the_server_in_full_and_as_changes(external_house: House, receiver: Receiver) -> None:
    first = deliver(CLI, external_house.configuration)
    external_house.change("UPDATE member SET condition = 'x' WHERE id = 1")
    second = deliver(CLI, external_house.configuration, refresh=True)
    assert standing(receiver) == [first.folder, second.folder]
    assert (first.mode, second.mode) == ("full", "changes")
    assert right(receiver, first)
    assert right(receiver, second)
    assert not places.building(first).exists(), "what went out is not kept here"
    assert not LogLine.objects.filter(code="no-key").exists()


def test_another_folder_gets_everything(external_house: House, receiver: Receiver) -> None:
    deliver(CLI, external_house.configuration)
    (receiver.root / "new").mkdir()
    edit_account(CLI, external_house.account, server=ServerSettings(folder="/new"))
    second = deliver(CLI, external_house.configuration)
    assert second.mode == "full"
    assert set(second.files.values_list("reason", flat=True)) == {"destination"}


def test_a_run_that_could_not_bring_up_its_files_fails_and_takes_no_number(
    external_house: House, receiver: Receiver
) -> None:
    receiver.behaviour = servers.DropsAlways
    with pytest.raises(Retryable, match="broke off"):
        deliver(CLI, external_house.configuration)
    failed = Delivery.objects.get()
    assert (failed.state, failed.sequence) == (DeliveryState.FAILED, None)
    assert not Bookmark.objects.exists()
    assert LogLine.objects.filter(delivery=failed, text__contains="broke off").exists()
    receiver.behaviour = servers.Honest
    second = deliver(CLI, external_house.configuration)
    assert (second.sequence, standing(receiver)) == (1, [second.folder]), "and nothing is left of the first"


@pytest.mark.parametrize("behaviour", [servers.LosesTheReply, servers.LosesTheRequest])
def test_a_run_whose_rename_was_perhaps_sent_is_settled_as_itself(
    external_house: House, receiver: Receiver, behaviour: type[servers.Honest], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "PAUSES", ())
    receiver.behaviour = behaviour
    with pytest.raises(Retryable, match="broke off"):
        deliver(CLI, external_house.configuration)
    stuck = Delivery.objects.get()
    assert (stuck.state, stuck.sequence, Bookmark.objects.count()) == (DeliveryState.PUBLISHING, 1, 0)
    receiver.behaviour = servers.Honest
    second = deliver(CLI, external_house.configuration)
    stuck.refresh_from_db()
    assert (stuck.state, stuck.sequence, second.sequence) == (DeliveryState.DELIVERED, 1, 2)
    assert standing(receiver) == [stuck.folder, second.folder]
    assert right(receiver, stuck)
    assert second.mode == "changes"


def test_one_that_may_not_go_out_any_more_is_withdrawn_from_the_server(
    external_house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "PAUSES", ())
    receiver.behaviour = servers.LosesTheRequest
    with pytest.raises(Retryable):
        deliver(CLI, external_house.configuration)
    receiver.behaviour = servers.Honest
    edit_account(CLI, external_house.account, medical=False)
    second = deliver(CLI, external_house.configuration)
    assert (second.sequence, second.medical, standing(receiver)) == (1, False, [second.folder])
    assert Delivery.objects.exclude(pk=second.pk).get().state == DeliveryState.FAILED


def test_at_another_server_the_fate_cannot_be_learned_and_all_comes_in_full(
    external_house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external, "PAUSES", ())
    deliver(CLI, external_house.configuration)
    receiver.behaviour = servers.LosesTheReply
    with pytest.raises(Retryable):
        deliver(CLI, external_house.configuration)
    receiver.behaviour = servers.Honest
    (receiver.root / "new").mkdir()
    edit_account(CLI, external_house.account, server=ServerSettings(folder="/new"))
    third = deliver(CLI, external_house.configuration)
    assert (third.sequence, third.previous, third.mode) == (3, 2, "full")
    assert Delivery.objects.get(sequence=2).state == DeliveryState.UNKNOWN


def test_a_place_that_changes_during_a_run_is_the_one_that_is_remembered(
    external_house: House, receiver: Receiver
) -> None:
    (receiver.root / "new").mkdir()
    deliver(CLI, external_house.configuration)

    def move(name: str, number: int, many: int) -> None:
        if ExternalServer.objects.get().folder != "/new":
            edit_account(CLI, external_house.account, server=ServerSettings(folder="/new"))

    second = deliver(CLI, external_house.configuration, progress=move)
    assert second.mode == "full"
    assert {row.destination for row in Bookmark.objects.all()} == {second.destination}
    assert second.destination.endswith("//new")


def test_two_accounts_do_not_deliver_to_one_folder(
    people: People, environment: Environment, receiver: Receiver
) -> None:
    add_account(people.sam, environment, "X", account_type="external", server=at(receiver))
    with pytest.raises(Rejected, match="another account delivers to"):
        add_account(people.sam, environment, "Y", account_type="external", server=at(receiver))
    assert add_account(people.sam, environment, "Y", account_type="external", server=at(receiver, folder="/in/y"))


def test_a_host_key_that_changed_stops_the_run_and_moves_nothing(external_house: House, receiver: Receiver) -> None:
    edit_account(CLI, external_house.account, server=ServerSettings(host_keys=(PUBLIC.line,)))
    with pytest.raises(HostKeyRefused):
        deliver(CLI, external_house.configuration)
    assert not Bookmark.objects.exists()
    assert standing(receiver) == []
    assert receiver.logins == 0


def test_what_is_learned_of_a_server_is_kept(external_house: House, receiver: Receiver) -> None:
    receiver.behaviour = servers.RefusesFolders
    done = deliver(CLI, external_house.configuration)
    assert right(receiver, done)
    assert ExternalServer.objects.get().renames_folders is False


# --- hosted: can it be fetched, was it, and when does it go


def test_a_delivery_that_nobody_can_fetch_is_told(house: House) -> None:
    run = deliver(CLI, house.configuration)
    line = LogLine.objects.get(code="no-key")
    assert (line.level, line.delivery) == (3, run)
    key = add_key(CLI, house.account, "k", PUBLIC.line)
    receipts.warn_without_key(run)
    assert LogLine.objects.filter(code="no-key").count() == 1
    SftpKey.objects.filter(pk=key.pk).update(valid_until=house.environment.today() - dt.timedelta(days=1))
    receipts.warn_without_key(run)
    assert LogLine.objects.filter(code="no-key").count() == 2


def stands(configuration: Configuration, sequence: int, days: int) -> Delivery:
    """A delivery of so many days ago in the receiver's folder."""
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    made = delivered(configuration, sequence=sequence, folder=f"{sequence:06}_x", published_at=moment)
    places.hosted(configuration.account).place(configuration.name, made.folder).mkdir(parents=True)
    return made


def fetch(delivery: Delivery, *, without: str = "") -> None:
    for name in receipts.files_of(delivery):
        if name != without:
            DownloadReceipt.objects.create(delivery=delivery, file=name, sent=1, complete=True, address="127.0.0.1")


def standing_here(configuration: Configuration) -> list[str]:
    return places.hosted(configuration.account).standing(configuration.name)


def test_old_deliveries_go_and_one_that_was_not_fetched_is_told(configuration: Configuration) -> None:
    runs = [stands(configuration, number, days) for number, days in enumerate((40, 31, 29, 0), start=1)]
    fetch(runs[0])
    fetch(runs[1], without="datapackage.json")
    assert remove_old_deliveries(WORKER, configuration.account) == runs[:2]
    assert standing_here(configuration) == [run.folder for run in runs[2:]]
    assert [line.delivery for line in LogLine.objects.filter(code="not-fetched")] == [runs[1]]
    told = AuditEvent.objects.filter(action="delivery.remove").order_by("id").values_list("details", flat=True)
    assert [one["fetched"] for one in told] == [True, False]
    assert remove_old_deliveries(WORKER, configuration.account) == []


def test_no_more_than_so_many_are_kept(configuration: Configuration) -> None:
    runs = [stands(configuration, number, 5 - number) for number in (1, 2, 3)]
    account = edit_account(CLI, configuration.account, hosted=HostedSettings(retention_count=1))
    assert remove_old_deliveries(CLI, account) == runs[:2]
    assert standing_here(configuration) == [runs[2].folder]
    # Of the account, not of each configuration.
    other = copy_configuration(CLI, configuration, "Kopie")
    newer = stands(other, 1, 1)
    assert remove_old_deliveries(CLI, account) == [runs[2]]
    assert places.hosted(account).standing("Kopie") == [newer.folder]


def test_on_a_server_nothing_goes_but_what_dead_runs_left(external_house: House, receiver: Receiver) -> None:
    for name in ("000001_x", ".sluis-delivery-dead"):
        (receiver.root / "in" / "Productie" / name).mkdir(parents=True)
    moment = dt.datetime.now(dt.UTC) - dt.timedelta(days=400)
    delivered(external_house.configuration, folder="000001_x", published_at=moment)
    assert remove_old_deliveries(CLI, external_house.account) == []
    assert standing(receiver) == ["000001_x"]


# --- what the SFTP server asks


def test_the_server_finds_the_account_with_the_keys_of_today(configuration: Configuration) -> None:
    account = configuration.account
    today = account.environment.today()
    never = dt.date(9999, 12, 31)
    for name, until in (("old", today - dt.timedelta(days=1)), ("last", today), ("open", None), ("very late", never)):
        key = SftpKey(account=account, name=name, public_key=PUBLIC.line, fingerprint=name, valid_until=until)
        key.save()
    ConnectionAccount.objects.update(login="dwh", addresses=["192.0.2.0/24"], may_delete=True)
    account.refresh_from_db()
    found = _find("dwh")
    assert found is not None
    assert [key.fingerprint for key in found.keys] == ["last", "open", "very late"]
    assert found.keys[0].ends is not None
    assert found.keys[0].ends.date() == today + dt.timedelta(days=1)
    assert found.root == places.hosted(account).root
    assert (str(found.addresses[0]), found.may_delete) == ("192.0.2.0/24", True)
    assert _find("DWH") is None
    Environment.objects.update(datastreams_enabled=False)
    assert _find("dwh") is None


def _find(login: str) -> Any:
    return ControlAccounts().find(login)


@pytest.fixture(autouse=True)
def _connections_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests call the bridge in a transaction that is rolled back: it must not end with the connection."""
    monkeypatch.setattr("sluis.control.sftp_accounts.close_old_connections", lambda: None)


def test_receipts_are_of_deliveries_and_seen_by_who_may_see_them(people: People, configuration: Configuration) -> None:
    ConnectionAccount.objects.update(login="dwh")
    add_key(CLI, configuration.account, "BI", PUBLIC.line)
    delivery = delivered(configuration, folder="000001_x")
    bridge = ControlAccounts()
    path = (configuration.name, "000001_x", "Dim_Werkgever.csv")
    bridge.fetched(Receipt("dwh", path, 10, False, "192.0.2.1", PUBLIC.fingerprint))
    assert not bridge.has_fetched("dwh", path)
    bridge.fetched(Receipt("dwh", path, 90, True, "192.0.2.1", PUBLIC.fingerprint))
    bridge.fetched(Receipt("dwh", ("Anders", "000001_x", "a.csv"), 90, True, "192.0.2.1", PUBLIC.fingerprint))
    assert bridge.has_fetched("dwh", path)
    assert not bridge.has_fetched("dwh", ("loose.csv",))
    rows = queries.receipts(people.rita, configuration.environment, configuration)
    assert [(row.delivery, row.file, row.sent, row.complete, row.key_name) for row in rows] == [
        (delivery, "Dim_Werkgever.csv", 90, True, "BI"),
        (delivery, "Dim_Werkgever.csv", 10, False, "BI"),
    ]
    with pytest.raises(NotFound):
        queries.receipts(people.xander, configuration.environment)
    bridge.used("dwh", PUBLIC.fingerprint, "192.0.2.1")
    assert SftpKey.objects.get().last_used_at is not None
    bridge.removed("dwh", path, "192.0.2.1")
    event = AuditEvent.objects.latest("id")
    assert (event.actor, event.action, event.environment_name) == ("sftp", "receiver.remove", "Noord")


def test_receipts_of_a_medical_delivery_need_medical_rights(people: People, configuration: Configuration) -> None:
    delivery = delivered(configuration, folder="f", medical=True)
    fetch(delivery)
    assert queries.receipts(people.sam, configuration.environment) == []
    assert len(queries.receipts(people.mia, configuration.environment)) == 1
