"""Notices, with a moved clock: each fact once per recipient, in the language of the account."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from control.fixtures import CATALOG, People, delivered, new_environment
from control.mailing import MailBox, mailbox, part
from sluis import settings
from sluis.control import queries
from sluis.control.actions import automatic, configurations, schedules
from sluis.control.actions.accounts import edit_account
from sluis.control.actions.configurations import add_configuration
from sluis.control.actions.keys import make_key
from sluis.control.actions.mails import Sending, send_due_mails
from sluis.control.actions.notices import make_notices
from sluis.control.actions.recipients import add_recipient, edit_recipient
from sluis.control.actor import CLI, SFTP, WORKER
from sluis.control.models import (
    AuditEvent,
    Configuration,
    ConnectionAccount,
    Delivery,
    DownloadReceipt,
    Environment,
    LogLine,
    Mail,
    Notice,
    NoticeKind,
    Offered,
    Recipient,
    Refresh,
    RefreshState,
    Schedule,
    Trigger,
)
from sluis.control.reports import words
from sluis.control.setup import Started
from sluis.errors import PermissionDenied, Rejected, SluisError

__all__ = ["mailbox"]

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
END = dt.date(2099, 12, 31)
"""The last day of version 2 of the catalogue."""
MONDAY = dt.datetime(2026, 11, 30, 2, 30, tzinfo=AMSTERDAM)


@pytest.fixture
def told(configuration: Configuration) -> Configuration:
    """A configuration whose account has a recipient."""
    add_recipient(CLI, configuration.account, "beheer@noord.example", report="failures")
    return configuration


@contextmanager
def at(day: dt.date, hour: int = 12) -> Iterator[None]:
    moment = dt.datetime.combine(day, dt.time(hour), AMSTERDAM)
    with time_machine.travel(moment, tick=False):
        yield


def noticed(day: dt.date, hour: int = 12) -> list[str]:
    """The subjects of what is told on a day, looked at twice."""
    Mail.objects.all().delete()
    with at(day, hour):
        make_notices(WORKER)
        assert make_notices(WORKER) == 0
    return list(Mail.objects.order_by("pk").values_list("subject", flat=True))


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


# The end of a version


def test_the_end_of_a_version_is_told_three_times_ahead_and_when_it_is_there(told: Configuration) -> None:
    ahead, ended = (
        "Noord DWH/Productie: Versie 2 eindigt op 31 december 2099",
        "Noord DWH/Productie: Versie 2 is geëindigd",
    )
    found = {before: noticed(END - days(before)) for before in (91, 90, 89, 31, 30, 8, 7, 1, 0, -1, -2, -400)}
    assert found == {91: [], 90: [ahead], 89: [], 31: [], 30: [ahead], 8: [], 7: [ahead], 1: [], 0: [], -1: [ended], -2: [], -400: []}  # fmt: skip
    assert list(Notice.objects.order_by("pk").values_list("details__days", flat=True)) == [90, 30, 7, -1]


def test_of_what_was_slept_through_only_the_nearest_is_told(told: Configuration) -> None:
    assert len(noticed(END - days(5))) == 1
    assert "nog 5 dagen" in Mail.objects.get().text
    assert noticed(END - days(4)) == []


def test_the_day_is_that_of_the_environment(told: Configuration) -> None:
    Environment.objects.update(time_zone="Pacific/Kiritimati")
    assert noticed(END - days(91), hour=9) == []
    assert len(noticed(END - days(91), hour=12)) == 1


def test_what_is_archived_or_without_the_module_is_left_alone(told: Configuration) -> None:
    Environment.objects.update(datastreams_enabled=False)
    assert noticed(END) == []
    Environment.objects.update(datastreams_enabled=True)
    configurations.archive(CLI, told)
    assert noticed(END) == []
    assert not Notice.objects.exists()


def test_a_version_that_ended_stops_its_configuration_with_one_failure(told: Configuration) -> None:
    Configuration.objects.update(automatic=True)
    moment = dt.datetime(2100, 1, 4, 2, 30, tzinfo=AMSTERDAM)
    with time_machine.travel(moment, tick=False):
        with pytest.raises(Rejected, match="version 2 ended on 2099-12-31"):
            automatic.run_delivery(WORKER, told.pk, moment, Trigger.SCHEDULE)
        line = LogLine.objects.get(level=4)
        assert (line.code, line.delivery and line.delivery.state) == ("version-ended", "failed")
        assert "Versie 2 is geëindigd: deze configuratie wordt niet meer aangeleverd." in Mail.objects.get().text
        for week in (1, 2):
            automatic.run_delivery(WORKER, told.pk, moment + days(7 * week), Trigger.SCHEDULE)
    assert (Delivery.objects.count(), Mail.objects.count()) == (1, 1)


# New in the catalogue


def edit(environment: Environment, file: str, old: str, new: str) -> None:
    path = Path(environment.catalog) / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def catalogued(told: Configuration, tmp_path: Path) -> Configuration:
    """Its environment has a catalogue of its own, which was looked at once."""
    folder = tmp_path / "own" / "catalog"
    shutil.copytree(CATALOG, folder)
    Environment.objects.update(catalog=str(folder))
    told = Configuration.objects.select_related("account__environment").get(pk=told.pk)
    assert noticed(dt.date(2026, 11, 26)) == []
    return told


NEW_COLUMN = "  - {name: Extra, type: text, nl: Extra, en: Extra}\n"
NEW_MEDICAL = "  - {name: Klacht, type: text, nl: Klacht, en: Complaint, medical: true}\n"


def add_column(environment: Environment, file: str, column: str) -> None:
    path = Path(environment.catalog) / "files" / f"{file}.yaml"
    path.write_text(path.read_text("utf-8").rstrip("\n") + "\n" + column, "utf-8")


def test_what_is_new_in_the_catalogue_is_told_once(catalogued: Configuration) -> None:
    add_column(catalogued.environment, "Dim_Werkgever", NEW_COLUMN)
    edit(catalogued.environment, "versions/2.yaml", "  zorg:", "  extra: [Dim_Werkgever]\n  zorg:")
    edit(
        catalogued.environment,
        "catalog.yaml",
        "streams:\n",
        "streams:\n  extra: {title: {nl: E, en: E}, description: {nl: E, en: E}}\n",
    )
    assert noticed(dt.date(2026, 11, 27)) == ["Noord DWH/Productie: Nieuw in versie 2"]
    text = Mail.objects.get().text
    assert "Nieuwe kolommen: Dim_Werkgever: Extra" in text
    assert "Nieuwe datastreams: extra" in text
    assert "Extra" not in catalogued.files.get(file="Dim_Werkgever").columns, "nothing is ever on by itself"
    assert noticed(dt.date(2026, 11, 28)) == []


def test_what_is_medical_is_told_only_with_the_mark(catalogued: Configuration) -> None:
    add_column(catalogued.environment, "Dim_Werkgever", NEW_MEDICAL)
    assert noticed(dt.date(2026, 11, 27)) == []
    ConnectionAccount.objects.update(medical=True)
    assert noticed(dt.date(2026, 11, 28)) == [], "it is new no more"
    add_column(catalogued.environment, "Dim_Werkgever", NEW_MEDICAL.replace("Klacht", "Oorzaak"))
    assert len(noticed(dt.date(2026, 11, 29))) == 1
    assert "Dim_Werkgever: Oorzaak" in Mail.objects.get().text


def test_another_version_is_not_news(catalogued: Configuration) -> None:
    Configuration.objects.update(version="3")
    assert noticed(dt.date(2026, 11, 27)) == []
    assert Offered.objects.get().version == "3"


def test_a_catalogue_that_cannot_be_read_stops_nothing_else(catalogued: Configuration) -> None:
    edit(catalogued.environment, "catalog.yaml", "catalog:", "katalog:")
    other = new_environment("Zuid")
    account = ConnectionAccount.objects.create(environment=other, name="DWH", type="hosted")
    add_configuration(CLI, account, "Productie", version="2", streams=["basis"], pseudonymous=True)
    noticed(END)
    assert Notice.objects.get().account == account


# Keys


def test_the_end_of_a_key_is_told(told: Configuration) -> None:
    last = dt.date(2030, 6, 30)
    with at(dt.date(2030, 1, 1)):
        make_key(CLI, told.account, "bi", valid_until=last, protected=False)
        make_key(CLI, told.account, "altijd", protected=False)
    ahead, ended = "Noord DWH: Sleutel bi eindigt op 30 juni 2030", "Noord DWH: Sleutel bi is geëindigd"
    found = {before: noticed(last - days(before)) for before in (31, 30, 29, 7, 0, -1, -10)}
    assert found == {31: [], 30: [ahead], 29: [], 7: [ahead], 0: [], -1: [ended], -10: []}


def test_a_key_that_ended_long_ago_is_no_news(told: Configuration) -> None:
    with at(dt.date(2030, 1, 1)):
        make_key(CLI, told.account, "bi", valid_until=dt.date(2030, 1, 2), protected=False)
    assert noticed(dt.date(2031, 1, 1)) == []


# Not fetched


def lies_there(configuration: Configuration, sequence: int, day: dt.date) -> Delivery:
    published = dt.datetime.combine(day, dt.time(3), AMSTERDAM)
    return delivered(configuration, sequence=sequence, published_at=published)


def fetch(delivery: Delivery, *, complete: bool = True) -> None:
    DownloadReceipt.objects.create(
        delivery=delivery, file="datapackage.json", sent=1, complete=complete, address="192.0.2.1"
    )


def test_a_receiver_that_stops_fetching_is_told_once_until_it_stops_again(told: Configuration) -> None:
    day = dt.date(2026, 11, 2)
    first = lies_there(told, 1, day)
    assert noticed(day + days(6)) == []
    assert noticed(day + days(8)) == ["Noord DWH/Productie: Aanleveringen worden niet opgehaald"]
    assert "Aanlevering 1 staat klaar sinds 2 november 2026 03:00" in Mail.objects.get().text
    second = lies_there(told, 2, day + days(7))
    assert noticed(day + days(20)) == []
    fetch(first, complete=False)
    assert noticed(day + days(21)) == []
    fetch(first)
    fetch(second)
    lies_there(told, 3, day + days(21))
    assert noticed(day + days(22)) == []
    assert len(noticed(day + days(29))) == 1


def test_the_number_of_days_can_be_set(told: Configuration, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLUIS_NOT_FETCHED_DAYS", "2")
    settings.current.cache_clear()
    lies_there(told, 1, dt.date(2026, 11, 2))
    assert len(noticed(dt.date(2026, 11, 5))) == 1


# Late refreshes


@pytest.fixture
def planned(told: Configuration) -> Configuration:
    """Refreshed every Monday at 02:30."""
    Configuration.objects.update(automatic=True)
    with time_machine.travel(MONDAY - days(3), tick=False):
        schedules.set_schedule(CLI, told.environment, time=dt.time(2, 30), weekday=1)
    return told


def test_a_refresh_that_is_late_is_told_once_per_moment(planned: Configuration) -> None:
    late = ["Noord DWH: De verversing is te laat"]
    assert noticed(MONDAY.date(), hour=8) == []
    assert noticed(MONDAY.date(), hour=9) == late
    with time_machine.travel(MONDAY + days(1), tick=False):
        automatic.enqueue_due(WORKER)
    assert noticed(MONDAY.date() + days(2)) == [], "the same moment, now that a worker has seen it"
    assert noticed(MONDAY.date() + days(7), hour=9) == late


def test_a_refresh_that_succeeded_is_not_late(planned: Configuration) -> None:
    with time_machine.travel(MONDAY, tick=False):
        automatic.enqueue_due(WORKER)
        Refresh.objects.create(environment=planned.environment, state=RefreshState.FAILED, actor="worker")
    with time_machine.travel(MONDAY + dt.timedelta(hours=3), tick=False):
        Refresh.objects.create(environment=planned.environment, state=RefreshState.SUCCEEDED, actor="cli")
    assert noticed(MONDAY.date(), hour=10) == []


def test_what_is_paused_or_by_hand_is_not_late(planned: Configuration) -> None:
    Configuration.objects.update(automatic=False)
    assert noticed(MONDAY.date(), hour=10) == []
    Configuration.objects.update(automatic=True)
    with time_machine.travel(MONDAY - days(1), tick=False):
        schedules.pause(CLI, planned.environment)
    assert noticed(MONDAY.date(), hour=10) == []
    assert Schedule.objects.get().next_run_at is None


# Who gets them


def test_each_kind_can_be_switched_off_per_recipient(told: Configuration) -> None:
    add_recipient(CLI, told.account, "bi@noord.example", report="metadata")
    first = Recipient.objects.get(address="beheer@noord.example")
    edited = edit_recipient(CLI, first, notices_off=["version-end", "key-end"])
    assert edited.notices_off == ["version-end", "key-end"]
    noticed(END - days(90))
    assert list(Mail.objects.values_list("to", flat=True)) == ["bi@noord.example"]
    assert edit_recipient(CLI, first, notices_on=["version-end"]).notices_off == ["key-end"]
    assert noticed(END - days(89)) == [], "what was told while it was off is not told afterwards"
    assert len(noticed(END - days(30))) == 2
    assert AuditEvent.objects.filter(action="recipient.edit").count() == 2
    with pytest.raises(Rejected, match="there is no kind of notice versions"):
        edit_recipient(CLI, first, notices_off=["versions"])
    with pytest.raises(Rejected, match="both on and off"):
        edit_recipient(CLI, first, notices_off=["key-end"], notices_on=["key-end"])


def test_without_recipients_the_fact_is_kept_all_the_same(configuration: Configuration, people: People) -> None:
    assert noticed(END) == []
    assert [one.form for one in queries.notices(people.rita, configuration.environment)] == ["version-ends"]
    told = AuditEvent.objects.get(action="notice.make")
    assert (told.actor, told.subject, told.environment_name) == ("worker", "DWH/Productie", "Noord")


def test_who_may_make_and_see_them(people: People, told: Configuration, medical_account: ConnectionAccount) -> None:
    for actor in (people.sam, people.rita, SFTP):
        with pytest.raises(SluisError):
            make_notices(actor)
    with at(END):
        assert make_notices(people.olga) == 1
    Notice.objects.update(account=medical_account)
    assert queries.notices(people.sam, told.environment) == []
    assert len(queries.notices(people.mia, told.environment)) == 1
    with pytest.raises((PermissionDenied, SluisError)):
        queries.notices(people.xander, told.environment)


def test_two_workers_at_once_tell_it_once(committed: Started) -> None:
    environment = new_environment("Noord")
    account = ConnectionAccount.objects.create(environment=environment, name="DWH", type="hosted")
    made = add_configuration(CLI, account, "Productie", version="2", streams=["basis"], pseudonymous=True)
    add_recipient(CLI, made.account, "beheer@noord.example", report="failures")
    gate = threading.Barrier(4)
    counts: list[int] = []

    def work() -> None:
        try:
            gate.wait()
            counts.append(make_notices(WORKER))
        finally:
            connection.close()

    with at(END):
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(counts) == [0, 0, 0, 1]
    assert (Mail.objects.count(), Notice.objects.count(), Offered.objects.count()) == (1, 1, 1)


# What they say


@pytest.mark.parametrize(
    ("language", "subject", "texts"),
    [
        ("nl", "Noord DWH/Productie: Versie 2 eindigt op 31 december 2099", ("nog 7 dagen", "Wat te doen", "einde van een versie")),
        ("en", "Noord DWH/Productie: Version 2 ends on 31 December 2099", ("7 days more", "What to do", "end of a version")),
    ],
)  # fmt: skip
def test_they_arrive_in_the_language_of_the_account(
    told: Configuration, mailbox: MailBox, language: str, subject: str, texts: tuple[str, ...]
) -> None:
    settings.current.cache_clear()
    if language != "nl":
        edit_account(CLI, told.account, language=language)
    with at(END - days(7)):
        make_notices(WORKER)
    Mail.objects.update(next_try_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert send_due_mails(WORKER) == Sending(sent=1)
    message = mailbox.messages[0]
    assert (message["Subject"], message["Content-Language"]) == (subject, language)
    for text in texts:
        assert text in part(message, "plain")
        assert text in part(message, "html")


def test_every_notice_can_be_said_in_both_languages() -> None:
    assert set(words.NOTICE_KINDS) == set(NoticeKind.values)
    for form, pairs in words.NOTICES.items():
        for pair in pairs:
            fields = [set(re.findall(r"{(\w+)}", text)) for text in pair]
            assert fields[0] == fields[1], form


def test_names_come_out_harmless(told: Configuration) -> None:
    evil = "<script>alert(1)</script>{0.__class__}"
    with at(dt.date(2030, 1, 1)):
        make_key(CLI, told.account, "bi", valid_until=dt.date(2030, 1, 2), protected=False)
    told.account.keys.update(name=evil)
    Environment.objects.update(name=evil)
    noticed(dt.date(2030, 1, 1))
    mail = Mail.objects.get()
    assert "<script" not in mail.html
    assert "{0.__class__}" in mail.text
