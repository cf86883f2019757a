"""Log reports: who gets a mail of which run, what it says, and what becomes of it when the mail server is away."""

from __future__ import annotations

import datetime as dt
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine

from control.fixtures import People, delivered
from control.mailing import PASSWORD, MailBox, mailbox, make_certificate, part, serving
from control.test_deliveries import House, house
from sluis import settings
from sluis.control import outbox, queries
from sluis.control.actions import accounts, configurations, decisions, deliveries, environments, refreshes, reports
from sluis.control.actions.keys import make_key
from sluis.control.actions.mails import Sending, send_due_mails
from sluis.control.actions.recipients import add_recipient, edit_recipient, remove_recipient
from sluis.control.actor import CLI, SFTP, WORKER
from sluis.control.errors import NotFound
from sluis.control.models import (
    AuditEvent,
    Configuration,
    ConnectionAccount,
    Delivery,
    DeliveryState,
    Environment,
    LogLine,
    Mail,
    ReportKind,
)
from sluis.control.reports import words
from sluis.control.reports.words import Speaker
from sluis.errors import PermissionDenied, Rejected, Retryable, SluisError

__all__ = ["house", "mailbox"]

ROOT = Path(__file__).parents[2]
KINDS = tuple(ReportKind.values)


def everyone(account: ConnectionAccount) -> None:
    """A recipient of each kind, at an address of that name."""
    for kind in KINDS:
        add_recipient(CLI, account, f"{kind}@noord.example", report=kind)


def told(mails: Any = None) -> dict[str, int]:
    """How many mails each kind of recipient was sent, or is to be."""
    rows = Mail.objects.all() if mails is None else mails
    return {kind: rows.filter(to=f"{kind}@noord.example").count() for kind in KINDS}


# Recipients


def test_recipients_are_kept_by_who_may_edit_the_account(people: People, account: ConnectionAccount) -> None:
    made = add_recipient(people.sam, account, "beheer@noord.example", report="warnings")
    edit_recipient(people.sam, made, report="metadata")
    assert [(one.address, one.report) for one in queries.recipients(people.rita, account)] == [
        ("beheer@noord.example", "metadata")
    ]
    with pytest.raises(PermissionDenied):
        remove_recipient(people.rita, made)
    remove_recipient(people.sam, queries.find_recipient(people.sam, account, "Beheer@noord.example"))
    assert queries.recipients(people.sam, account) == []
    events = AuditEvent.objects.order_by("pk").values_list("action", "details")
    assert list(events) == [
        ("recipient.add", {"address": "beheer@noord.example", "report": "warnings"}),
        ("recipient.edit", {"address": "beheer@noord.example", "report": ["warnings", "metadata"]}),
        ("recipient.remove", {"address": "beheer@noord.example"}),
    ]


def test_recipients_of_a_medical_account_ask_medical_rights(people: People, medical_account: ConnectionAccount) -> None:
    for actor, error in ((people.sam, NotFound), (people.olga, PermissionDenied), (people.xander, NotFound)):
        with pytest.raises((error, NotFound)):
            add_recipient(actor, medical_account, "a@b.example", report="failures")
    made = add_recipient(people.mia, medical_account, "a@b.example", report="failures")
    with pytest.raises(NotFound):
        edit_recipient(people.sam, made, report="metadata")


@pytest.mark.parametrize(
    "address",
    ["", "noord", "a@b", "a b@c.example", "a@b.example\nBcc: x@y.example", "é@b.example", "A <a@b.example>", "a@" + "b" * 250 + ".nl", "a@b.example,c@d.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(account: ConnectionAccount, address: str) -> None:
    with pytest.raises(Rejected, match="is not a mail address"):
        add_recipient(CLI, account, address, report="failures")


def test_an_address_is_a_recipient_once_and_of_a_known_kind(account: ConnectionAccount) -> None:
    add_recipient(CLI, account, "a@b.example", report="failures")
    with pytest.raises(Rejected, match="is a recipient of DWH already"):
        add_recipient(CLI, account, "A@B.example", report="metadata")
    with pytest.raises(Rejected, match="there is no log report 'all'"):
        add_recipient(CLI, account, "b@b.example", report="all")


# Who gets a mail of which run


def test_a_delivery_without_warnings_is_mailed_to_who_wants_messages(house: House) -> None:
    everyone(house.account)
    _with_key(house.account)
    deliveries.deliver(CLI, house.configuration)
    assert told() == {"failures": 0, "warnings": 0, "messages": 1, "metadata": 1}
    assert not LogLine.objects.filter(code="not-reported").exists()


def test_a_warning_is_mailed_to_who_wants_warnings(house: House) -> None:
    everyone(house.account)
    deliveries.deliver(CLI, house.configuration)
    assert told() == {"failures": 0, "warnings": 1, "messages": 1, "metadata": 1}
    mail = Mail.objects.get(to="warnings@noord.example")
    assert "geen geldige sleutel" in mail.text
    assert "Volledig" not in mail.text, "only the levels that were chosen"
    assert "Volledig (voor het eerst): Dim_Branch" in Mail.objects.get(to="messages@noord.example").text


def test_a_run_that_fails_is_mailed_to_everyone(house: House) -> None:
    everyone(house.account)
    house.change("ALTER TABLE loan RENAME COLUMN remark TO opmerking")
    with pytest.raises(Rejected):
        deliveries.deliver(CLI, house.configuration)
    assert told() == dict.fromkeys(KINDS, 1)
    mail = Mail.objects.get(to="failures@noord.example")
    assert mail.subject == "Noord DWH/Productie: Mislukt"
    assert "Foutmelding: dataset loan: table loan has no column remark" in mail.text


def test_with_metadata_a_mail_always_goes_out_and_holds_all_levels(house: House) -> None:
    add_recipient(CLI, house.account, "metadata@noord.example", report="metadata")
    delivery = deliveries.deliver(CLI, house.configuration)
    mail = Mail.objects.get()
    for one in delivery.files.all():
        assert re.search(rf"- {one.name} \(volledig\): {one.inserted} nieuw", mail.text)
        assert f">{one.name}</td>" in mail.html
    assert "Duur: " in mail.text
    levels = set(delivery.log.values_list("level", flat=True))
    assert levels == {1, 2, 3}
    assert delivery.log.filter(code="file").count() == delivery.files.count()


def test_held_and_released_are_two_mails_and_no_line_is_told_twice(house: House) -> None:
    everyone(house.account)
    _with_key(house.account)
    environments.edit_environment(CLI, house.environment, brake_percent=10, brake_floor=0)
    deliveries.deliver(CLI, house.configuration)
    Mail.objects.all().delete()
    house.change("DELETE FROM member; DELETE FROM loan")
    refreshes_that_pass(house)
    held = deliveries.deliver(CLI, house.configuration)
    assert held.state == DeliveryState.HELD
    assert told() == dict.fromkeys(KINDS, 1)
    assert "vrij, of weiger haar" in Mail.objects.get(to="failures@noord.example").text
    assert re.search(r"Dim_Member \(\d+ van \d+ rijen\)", Mail.objects.get(to="failures@noord.example").text)
    Mail.objects.all().delete()
    decisions.release(CLI, held)
    assert told() == {"failures": 0, "warnings": 0, "messages": 1, "metadata": 1}
    assert "Vastgehouden: in" not in Mail.objects.get(to="metadata@noord.example").text


@pytest.mark.parametrize("verb", ["refuse", "cancel", "supersede"])
def test_the_end_of_a_held_delivery_is_told(house: House, verb: str) -> None:
    add_recipient(CLI, house.account, "failures@noord.example", report="failures")
    held = delivered(house.configuration, DeliveryState.HELD, sequence=None)
    if verb == "supersede":
        deliveries.deliver(CLI, house.configuration)
    else:
        getattr(decisions, verb)(CLI, held)
    outcome = {"refuse": "Geweigerd", "cancel": "Geannuleerd", "supersede": "Vervallen"}[verb]
    assert Mail.objects.get().subject == f"Noord DWH/Productie: {outcome}"


def test_what_cannot_be_settled_is_told_once_a_day(house: House) -> None:
    add_recipient(CLI, house.account, "failures@noord.example", report="failures")
    house.folder.parent.mkdir(parents=True)
    house.folder.write_text("in the way")
    for _ in range(3):
        with pytest.raises(Retryable):
            deliveries.deliver(CLI, house.configuration)
    assert Delivery.objects.get().state == DeliveryState.PUBLISHING
    assert Mail.objects.count() == 1
    assert "Mislukt: nog niet bevestigd" in Mail.objects.get().subject
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)), pytest.raises(Retryable):
        deliveries.deliver(CLI, house.configuration)
    assert Mail.objects.count() == 2
    assert "kon nog niet worden afgerond" in Mail.objects.order_by("-created_at")[0].text


@pytest.mark.parametrize("state", [DeliveryState.RUNNING, DeliveryState.PUBLISHING])
def test_of_a_run_whose_process_died_no_duration_is_told(house: House, state: str) -> None:
    add_recipient(CLI, house.account, "metadata@noord.example", report="metadata")
    dead = deliveries.deliver(CLI, house.configuration)
    Mail.objects.all().delete()
    dead.log.all().delete()
    Delivery.objects.update(state=state, started_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    deliveries.deliver(CLI, house.configuration)
    mail = Mail.objects.get(delivery=dead)
    assert "Duur" not in mail.text
    assert ("Mislukt" in mail.subject) == (state == DeliveryState.RUNNING)
    assert ("eindigde tijdens het publiceren" in mail.text) == (state == DeliveryState.PUBLISHING)


def test_a_refresh_that_fails_is_told_to_accounts_that_wait_for_it(house: House) -> None:
    other = accounts.add_account(CLI, house.environment, "Hand", account_type="hosted", language="en")
    by_hand = configurations.add_configuration(CLI, other, "P", version="2", streams="all", pseudonymous=True)
    configurations.edit_configuration(CLI, house.configuration, automatic=True)
    everyone(house.account)
    everyone(other)
    house.change("ALTER TABLE note RENAME TO notes")
    with pytest.raises(Rejected):
        refreshes.refresh(CLI, house.environment)
    assert told() == dict.fromkeys(KINDS, 1)
    mail = Mail.objects.first()
    assert mail is not None
    assert (mail.account, mail.subject) == (house.account, "Noord DWH: Verversing mislukt")
    Mail.objects.all().delete()
    with pytest.raises(Rejected):
        deliveries.deliver(CLI, by_hand, refresh=True)
    assert told(Mail.objects.filter(account=other)) == dict.fromkeys(KINDS, 1)
    Mail.objects.all().delete()
    with pytest.raises(Rejected):
        deliveries.deliver(CLI, house.configuration, refresh=True)
    assert told() == dict.fromkeys(KINDS, 1), "of the delivery, and not of its refresh too"


def test_a_refresh_that_succeeds_writes_its_counts_down(house: House) -> None:
    refresh = refreshes.refresh(CLI, house.environment)
    assert refresh.log.filter(code="dataset", level=1).count() == len(refresh.counts)
    assert refresh.log.filter(code="duration", level=1).count() == 1


def test_a_report_that_cannot_be_made_leaves_the_run_as_it_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    add_recipient(CLI, house.account, "metadata@noord.example", report="metadata")
    monkeypatch.delitem(words.OUTCOMES, "delivered")
    delivery = deliveries.deliver(CLI, house.configuration)
    assert delivery.state == DeliveryState.DELIVERED
    assert not Mail.objects.exists()
    assert delivery.log.get(code="not-reported").text == "no log report could be made: KeyError"


# What it says


@pytest.mark.parametrize(
    ("language", "subject", "texts"),
    [
        ("nl", "Noord DWH/Productie: Aangeleverd (nummer 1)", ("Omgeving: Noord", "Wat volgt", "ontvanger is van koppelingsaccount DWH")),
        ("en", "Noord DWH/Productie: Delivered (number 1)", ("Environment: Noord", "What comes next", "recipient of account DWH")),
    ],
)  # fmt: skip
def test_mails_arrive_in_the_language_of_the_account(
    house: House, mailbox: MailBox, language: str, subject: str, texts: tuple[str, ...]
) -> None:
    variables_anew()
    accounts.edit_account(CLI, house.account, language=language) if language != "nl" else None
    everyone(house.account)
    deliveries.deliver(CLI, house.configuration)
    assert send_due_mails(WORKER) == Sending(sent=3)
    assert mailbox.encrypted == [True, True, True]
    message = mailbox.of("metadata@noord.example")[0]
    assert (message["Subject"], message["From"]) == (subject, "Sluis Noord <sluis@noord.example>")
    assert (message["Content-Language"], message["Auto-Submitted"]) == (language, "auto-generated")
    assert message.get_content_type() == "multipart/alternative"
    plain, html = part(message, "plain"), part(message, "html")
    for text in texts:
        assert text in plain
    assert f'<html lang="{language}">' in html
    assert "Dim_Member" in plain
    assert "Dim_Member" in html
    assert "Dim_Member" not in part(mailbox.of("warnings@noord.example")[0], "plain")
    assert mailbox.of("failures@noord.example") == []
    assert "http" not in plain + html


def test_a_link_leads_to_the_report(house: House, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLUIS_BASE_URL", "https://sluis.noord.example/")
    variables_anew()
    add_recipient(CLI, house.account, "metadata@noord.example", report="metadata")
    delivery = deliveries.deliver(CLI, house.configuration)
    link = f"https://sluis.noord.example/deliveries/{delivery.pk}"
    assert link in Mail.objects.get().text
    assert f'href="{link}"' in Mail.objects.get().html


def test_names_come_out_harmless(house: House) -> None:
    add_recipient(CLI, house.account, "metadata@noord.example", report="metadata")
    evil = "<script>alert(1)</script>"
    Environment.objects.update(name=evil)
    ConnectionAccount.objects.update(name=f"{evil}&\"'")
    Configuration.objects.update(name=evil)
    delivery = delivered(Configuration.objects.get(), DeliveryState.FAILED, sequence=None, mode="full")
    delivery.files.create(
        name=evil,
        mode="full",
        rows=1,
        inserted=1,
        updated=0,
        deleted=0,
        bytes=1,
        sha256="",
        generation=1,
        fingerprint="",
    )
    delivery.log.create(level=4, code="delivery-failed", text=evil)
    delivery.log.create(level=4, code="in-full", text=evil, details={"reason": evil, "files": ["{0.__class__}"]})
    delivery.log.create(level=4, code="of-another-version", text=evil)
    reports.report(delivery)
    mail = Mail.objects.get()
    assert mail.html.count("&lt;script&gt;") >= 6
    assert "<script" not in mail.html


def test_every_code_can_be_said_in_both_languages() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py")]
    codes = {code for text in sources for code in re.findall(r'\bcode(?:="|, line\.code = [^"]*")([a-z-]+)"', text)}
    codes |= {"delivery-failed", "cancelled", "refused", "superseded", "duration", "not-reported"}
    assert codes - set(words.LINES) == set()
    tables = (words.OUTCOMES, words.NEXT, words.LINES, words.REASONS, words.KINDS, words.MODES, words.UI)
    for table in tables:
        for name, pair in table.items():
            fields = [set(re.findall(r"{(\w+)}", text)) for text in pair]
            assert fields[0] == fields[1], name
    ends = set(DeliveryState.values) - {"queued", "running"}
    more = {"delivered-after-all", "given-up", "refresh", "refresh-given-up", "refreshed-after-all"}
    assert set(words.OUTCOMES) == ends | more
    assert {words.ALIKE.get(outcome, outcome) for outcome in words.OUTCOMES} <= set(words.NEXT)


def test_numbers_moments_and_durations_are_as_the_language_has_them() -> None:
    dutch, english = Speaker("nl", "Europe/Amsterdam"), Speaker("en", "Europe/Amsterdam")
    moment = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)
    assert (dutch.moment(moment), english.moment(moment)) == ("23 november 2026 00:30", "23 November 2026 00:30")
    assert (dutch.number(1234567), english.number(1234567)) == ("1.234.567", "1,234,567")
    assert [dutch.duration(n) for n in (0, 59, 65, 3725)] == ["0 s", "59 s", "1 min 05 s", "1 u 02 min"]
    assert english.duration(3725) == "1 h 02 min"


def test_of_many_files_the_first_are_named() -> None:
    names = [f"F{number}" for number in range(10)]
    said = Speaker("nl", "UTC").line("in-full", "", {"reason": "first", "files": names})
    assert said == "Volledig (voor het eerst): F0, F1, F2, F3, F4, F5, F6, F7 en nog 2"


# The outbox


def queued(account: ConnectionAccount, to: str = "a@noord.example", **more: Any) -> Mail:
    values = {"language": "nl", "subject": "Onderwerp", "text": "tekst\n", "html": "<p>tekst</p>", **more}
    return Mail.objects.create(account=account, to=to, next_try_at=dt.datetime.now(dt.UTC), **values)


def test_a_server_that_is_away_fails_no_run_and_the_mail_goes_later(
    house: House, variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificate = make_certificate(tmp_path)
    with serving(certificate) as gone:
        url, port = gone.url, gone.port
    variables.setenv("SSL_CERT_FILE", str(certificate))
    variables.setenv("SLUIS_SMTP_URL", url)
    variables_anew()
    everyone(house.account)
    assert deliveries.deliver(CLI, house.configuration).state == DeliveryState.DELIVERED
    assert send_due_mails(CLI, timeout=2) == Sending(waiting=1), "one is tried: the others would find it away too"
    assert Mail.objects.filter(tries=0).count() == 2
    tried = Mail.objects.get(tries=1)
    assert "cannot be sent now" in tried.error
    assert PASSWORD not in tried.error
    with serving(certificate, port) as back:
        assert send_due_mails(CLI) == Sending(sent=2)
        with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=2)):
            assert send_due_mails(CLI) == Sending(sent=1)
        assert len(back.messages) == 3
    assert set(Mail.objects.values_list("state", "error")) == {("sent", "")}


def test_a_mail_is_given_up_after_two_days(committed: object, house: House, mailbox: MailBox) -> None:
    variables_anew()
    queued(house.account)
    mailbox.answers = ["451 busy"] * 50
    moment = dt.datetime.now(dt.UTC)
    tries = 0
    while Mail.objects.get().state == "waiting" and tries < 50:
        with time_machine.travel(moment):
            tries += send_due_mails(CLI) != Sending()
        moment += dt.timedelta(minutes=30)
    mail = Mail.objects.get()
    assert (mail.state, mail.tries, mail.error) == ("given-up", 9, "451 busy")
    assert dt.timedelta(days=1) < moment - mail.created_at < dt.timedelta(days=4)


def test_an_address_that_is_refused_for_good_does_not_stop_the_others(house: House, mailbox: MailBox) -> None:
    variables_anew()
    for address in ("a@noord.example", "b@noord.example"):
        queued(house.account, address)
    mailbox.answers = ["550 no such user"]
    assert send_due_mails(CLI) == Sending(sent=1, given_up=1)
    assert Mail.objects.get(state="given-up").error == "550 no such user"


def test_a_subject_with_a_line_break_is_given_up(house: House, mailbox: MailBox) -> None:
    variables_anew()
    queued(house.account, subject="a\nBcc: x@y.example")
    queued(house.account)
    assert send_due_mails(CLI) == Sending(sent=1, given_up=1)


def test_a_server_that_cannot_be_trusted_gets_neither_password_nor_mail(
    house: House, mailbox: MailBox, variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    variables.setenv("SSL_CERT_FILE", str(make_certificate(tmp_path, "other.example")))
    variables_anew()
    queued(house.account)
    assert send_due_mails(CLI) == Sending(waiting=1)
    assert mailbox.messages == []
    assert "certificate of the mail server is not trusted" in Mail.objects.get().error


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_server_without_starttls_gets_neither_password_nor_mail(
    house: House, variables: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with serving(make_certificate(tmp_path), security="smtp") as box:
        variables.setenv("SLUIS_SMTP_URL", box.url)
        variables_anew()
        queued(house.account)
        assert send_due_mails(CLI) == Sending(waiting=1)
    assert box.messages == []
    assert "STARTTLS" in Mail.objects.get().error


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_server_that_is_encrypted_from_the_start(house: House, variables: pytest.MonkeyPatch, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    variables.setenv("SSL_CERT_FILE", str(certificate))
    with serving(certificate, security="smtps") as box:
        variables.setenv("SLUIS_SMTP_URL", box.url.replace("smtp+starttls", "smtps"))
        variables_anew()
        queued(house.account)
        assert send_due_mails(CLI) == Sending(sent=1)
    assert [one["Subject"] for one in box.messages] == ["Onderwerp"]


def test_a_mail_that_another_process_sends_is_left_to_it_and_taken_over_when_that_dies(house: House) -> None:
    def dies(message: EmailMessage) -> None:
        assert send_due_mails(CLI) == Sending(), "it is being sent"
        raise KeyboardInterrupt

    queued(house.account)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "_keep", dies)
        with pytest.raises(KeyboardInterrupt):
            send_due_mails(CLI)
    assert send_due_mails(CLI) == Sending()
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=11)):
        assert send_due_mails(CLI) == Sending(sent=1)


def test_a_wrong_password_waits_and_is_not_told(house: House, mailbox: MailBox, variables: pytest.MonkeyPatch) -> None:
    variables.setenv("SLUIS_SMTP_URL", f"smtp+starttls://sluis:verkeerd@localhost:{mailbox.port}")
    variables_anew()
    queued(house.account)
    assert send_due_mails(CLI) == Sending(waiting=1)
    assert "535" in Mail.objects.get().error
    assert "verkeerd" not in Mail.objects.get().error


def test_without_a_server_mails_are_kept_as_files(house: House) -> None:
    add_recipient(CLI, house.account, "metadata@noord.example", report="metadata")
    deliveries.deliver(CLI, house.configuration)
    assert send_due_mails(CLI) == Sending(sent=1)
    folder = settings.current().data_folder() / "mail"
    files = list(folder.iterdir())
    assert [oct(path.stat().st_mode & 0o777) for path in (folder, *files)] == ["0o700", "0o600"]
    message = message_from_bytes(files[0].read_bytes(), EmailMessage, policy=policy.default)
    assert message["To"] == "metadata@noord.example"
    assert "Dim_Member" in part(message, "html")


def test_who_may_send_and_see_mails(
    people: People, account: ConnectionAccount, medical_account: ConnectionAccount
) -> None:
    queued(account)
    queued(medical_account)
    # From before the mark was taken away.
    plain = Configuration.objects.create(account=account, name="P", version="2", pseudonymous=True, streams=["basis"])
    queued(account, delivery=delivered(plain, medical=True))
    for actor in (people.sam, people.rita, people.xander, SFTP):
        with pytest.raises(SluisError):
            send_due_mails(actor)
    assert len(queries.mails(people.sam, account.environment)) == 1
    assert len(queries.mails(people.mia, account.environment)) == 3
    with pytest.raises(NotFound):
        queries.mails(people.xander, account.environment)


def test_a_mail_to_who_is_no_recipient_any_more_is_not_sent(house: House) -> None:
    made = add_recipient(CLI, house.account, "metadata@noord.example", report="metadata")
    deliveries.deliver(CLI, house.configuration)
    remove_recipient(CLI, made)
    assert send_due_mails(CLI) == Sending()


def test_old_mails_go(house: House) -> None:
    queued(house.account)
    send_due_mails(CLI)
    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=91)):
        send_due_mails(CLI)
    assert not Mail.objects.exists()


def variables_anew() -> None:
    """Read the settings again, on the control database that runs."""
    settings.current.cache_clear()


def refreshes_that_pass(house: House) -> None:
    with pytest.raises(Rejected):
        refreshes.refresh(CLI, house.environment)
    refreshes.refresh(CLI, house.environment, release=True)


def _with_key(account: ConnectionAccount) -> None:
    make_key(CLI, account, "ontvanger", protected=False)
