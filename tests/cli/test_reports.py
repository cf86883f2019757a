"""``sluis recipient`` and ``sluis mail``, and that the mails of a run go when its command ends."""

from __future__ import annotations

import datetime as dt
import socket
import time

import pytest

from cli.running import Sluis
from control.fixtures import delivered
from control.test_deliveries import House, house
from sluis import settings
from sluis.control.actions import mails
from sluis.control.models import Configuration, ConnectionAccount, Mail

__all__ = ["house"]


def test_recipients(account: ConnectionAccount, sluis: Sluis) -> None:
    added = sluis("recipient", "add", "Noord", "DWH", "a@b.example", "--json")
    assert added.json == {"account": "DWH", "address": "a@b.example", "report": "warnings", "notices_off": []}
    edited = sluis("recipient", "edit", "Noord", "DWH", "A@b.example", "--report", "metadata", "--json")
    assert sluis("recipient", "list", "Noord", "DWH", "--json").json == [edited.json]
    assert edited.json["report"] == "metadata"
    off = ("recipient", "edit", "Noord", "DWH", "a@b.example", "--notices-off", "key-end,not-fetched", "--json")
    assert sluis(*off).json["notices_off"] == ["key-end", "not-fetched"]
    on = ("recipient", "edit", "Noord", "DWH", "a@b.example", "--notices-on", "key-end", "--json")
    assert sluis(*on).json["notices_off"] == ["not-fetched"]
    assert sluis("recipient", "edit", "Noord", "DWH", "a@b.example", "--notices-off", "all").code == 2
    removed = sluis("recipient", "remove", "Noord", "DWH", "a@b.example", "--json")
    assert removed.json == {"account": "DWH", "removed": "a@b.example"}
    gone = sluis("recipient", "remove", "Noord", "DWH", "a@b.example")
    assert (gone.code, "there is no recipient 'a@b.example'" in gone.err) == (2, True)
    assert sluis("recipient", "add", "Noord", "DWH", "nobody", "--report", "metadata").code == 2
    assert sluis("recipient", "add", "Noord", "DWH", "a@b.example", "--report", "all").code == 2


def test_notices(account: ConnectionAccount, sluis: Sluis) -> None:
    last = account.environment.today() + dt.timedelta(days=5)
    assert sluis("key", "make", "Noord", "DWH", "bi", "--until", last.isoformat(), "--json").code == 0
    assert [sluis("notice", "make", "--json").json for _ in range(2)] == [{"made": 1}, {"made": 0}]
    (shown,) = sluis("notice", "list", "Noord", "--json").json
    assert (shown["account"], shown["configuration"], shown["kind"]) == ("DWH", None, "key-end")
    assert "Key bi can log in up to and including" in shown["text"]
    assert "5 days more" in shown["text"]
    assert shown["subject"] in sluis("notice", "list", "Noord").out


def test_the_mails_of_a_run_go_when_its_command_ends(house: House, sluis: Sluis) -> None:
    assert sluis("recipient", "add", "Noord", "DWH", "a@b.example", "--report", "metadata").code == 0
    ran = sluis("deliver", "Noord", "DWH/Productie", "--json")
    assert (ran.code, ran.err, ran.json["state"]) == (0, "", "delivered")
    house.change("ALTER TABLE note RENAME TO notes")
    assert sluis("deliver", "Noord", "DWH/Productie", "--refresh").code == 1
    listed = sluis("mail", "list", "Noord", "--json").json
    assert [(one["to"], one["state"], one["subject"]) for one in listed] == [
        ("a@b.example", "sent", "Noord DWH/Productie: Mislukt"),
        ("a@b.example", "sent", "Noord DWH/Productie: Aangeleverd (nummer 1)"),
    ]
    assert len(list((settings.current().data_folder() / "mail").iterdir())) == 2
    assert sluis("mail", "send", "--json").json == {"sent": 0, "waiting": 0, "given_up": 0}


def test_a_mail_server_that_says_nothing_holds_a_command_up_for_seconds_only(
    house: House, sluis: Sluis, variables: pytest.MonkeyPatch
) -> None:
    sluis("recipient", "add", "Noord", "DWH", "a@b.example", "--report", "metadata")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        variables.setenv("SLUIS_SMTP_URL", f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        settings.current.cache_clear()
        began = time.monotonic()
        ran = sluis("deliver", "Noord", "DWH/Productie", "--json")
        assert time.monotonic() - began < 40
    assert (ran.code, ran.json["state"]) == (0, "delivered")
    mail = Mail.objects.get()
    assert (mail.state, mail.tries) == ("waiting", 1)


def test_whatever_goes_wrong_with_mails_the_command_ends_as_its_run_did(
    configuration: Configuration, sluis: Sluis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("tokensecret")

    monkeypatch.setattr(mails, "send_due_mails", broken)
    delivered(configuration, "held", sequence=None)
    refused = sluis("delivery", "refuse", "Noord", "DWH/Productie", "--json")
    assert (refused.code, refused.json["state"]) == (0, "refused")
    assert refused.err == "note: mails of this run wait: `sluis mail send` sends them\n"
