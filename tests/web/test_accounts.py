"""Connection accounts on screen: who sees what, and what the form makes of what is typed."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from control.fixtures import People
from sluis.control import places
from sluis.control.models import AuditEvent, ConnectionAccount, Environment
from sluis.sftp import keys
from sluis.sftp.hostkeys import host_keys
from web.visiting import Visit

HOSTED = {"name": "Nieuw", "language": "en", "authorisation": "all_employers", "retention_days": "14", "addresses": ""}
EXTERNAL = {
    "name": "Buiten",
    "language": "nl",
    "authorisation": "all_employers",
    "host": "sftp.example.org",
    "port": "22",
    "user": "sluis",
    "folder": "in",
    "way_in": "password",
    "password": "correct horse",
    "host_keys": "",
}


def address(name: str, environment: Environment, **more: object) -> str:
    return reverse(name, kwargs={"environment": environment.pk, **more})


def test_the_list_shows_accounts_with_their_state(
    visit: Visit,
    people: People,
    environment: Environment,
    account: ConnectionAccount,
    medical_account: ConnectionAccount,
) -> None:
    page = visit(people.sam).get(address("account_list", environment))
    assert page.status_code == 200
    text = page.content.decode()
    assert "Koppelingsaccounts" in text
    assert "DWH" in text
    assert "Sleutel nodig" in text
    assert "Zorg" not in text
    assert "Zorg" in visit(people.mia).get(address("account_list", environment)).content.decode()


def test_the_list_can_be_filtered(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    client = visit(people.sam)
    found = client.get(address("account_list", environment), {"q": "dw", "type": "hosted", "state": "needs-key"})
    assert 'class="row-link' in found.content.decode()
    nothing = client.get(address("account_list", environment), {"type": "external"})
    assert 'class="row-link' not in nothing.content.decode()


def test_many_accounts_come_by_the_page(visit: Visit, people: People, environment: Environment) -> None:
    ConnectionAccount.objects.bulk_create(
        ConnectionAccount(environment=environment, name=f"Ontvanger {number:03}", type="hosted", login=f"o{number}")
        for number in range(101)
    )
    client = visit(people.sam)
    seen: list[str] = []
    for number, links in (("1", ("2",)), ("2", ("1", "3")), ("99", ("2",))):
        text = client.get(address("account_list", environment), {"q": "o", "page": number}).content.decode()
        seen += re.findall("Ontvanger [0-9]{3}", text)
        assert "101 van 101 accounts" in text
        assert re.findall(r'href="\?q=o&amp;page=(\d+)"', text) == list(links)
    assert seen == [f"Ontvanger {number:03}" for number in range(101)]


def test_a_hosted_account_leads_to_its_key(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.sam)
    form = {
        **HOSTED,
        "recipient": ["a@example.org", "", "b@example.org"],
        "report": ["failures", "warnings", "metadata"],
    }
    answer = client.post(address("account_new", environment, kind="hosted"), form)
    made = environment.accounts.get(name="Nieuw")
    assert answer.headers["location"] == address("key_new", environment, account=made.pk)
    assert (made.language, made.retention_days, made.medical) == ("en", 14, False)
    assert list(made.recipients.order_by("address").values_list("address", "report")) == [
        ("a@example.org", "failures"),
        ("b@example.org", "metadata"),
    ]
    assert AuditEvent.objects.filter(action="account.add", actor="sam").count() == 1


def test_what_an_action_refuses_stands_in_the_form_and_nothing_is_made(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    client = visit(people.sam)
    taken = client.post(address("account_new", environment, kind="hosted"), {**HOSTED, "name": "dwh"})
    assert taken.status_code == 422
    assert "bestaat al een account" in taken.content.decode()
    wrong = {**HOSTED, "recipient": ["no address"], "report": ["failures"]}
    assert client.post(address("account_new", environment, kind="hosted"), wrong).status_code == 422
    assert not environment.accounts.filter(name="Nieuw").exists()


def test_a_selection_of_employers_is_refused_with_the_reason(
    visit: Visit, people: People, environment: Environment
) -> None:
    answer = visit(people.sam, language="en").post(
        address("account_new", environment, kind="hosted"), {**HOSTED, "authorisation": "some"}
    )
    assert answer.status_code == 422
    assert "whole database" in answer.content.decode()


@pytest.mark.parametrize(("who", "expected"), [("sam", False), ("mia", True)])
def test_the_medical_mark_asks_medical_rights(
    visit: Visit, people: People, environment: Environment, who: str, expected: bool
) -> None:
    visit(getattr(people, who)).post(address("account_new", environment, kind="hosted"), {**HOSTED, "medical": "on"})
    assert environment.accounts.get(name="Nieuw").medical is expected


def test_an_external_account_keeps_its_password_to_itself(
    visit: Visit, people: People, environment: Environment
) -> None:
    client = visit(people.sam)
    assert client.post(address("account_new", environment, kind="external"), EXTERNAL).status_code == 302
    made = environment.accounts.get(name="Buiten")
    assert made.server.password == "correct horse"
    for name in ("account_detail", "account_edit"):
        page = client.get(address(name, environment, account=made.pk))
        assert page.status_code == 200
        assert "correct horse" not in page.content.decode()
    answer = client.post(
        address("account_edit", environment, account=made.pk),
        {**EXTERNAL, "way_in": "keep", "password": "", "folder": "uit"},
    )
    assert answer.status_code == 302
    made.server.refresh_from_db()
    assert (made.server.folder, made.server.password) == ("uit", "correct horse")


def test_keys_are_added_made_and_removed(
    both_host_keys: None, visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    client = visit(people.sam)
    public = keys.make_pair().public.line
    added = client.post(
        address("key_new", environment, account=account.pk), {"key_name": "laptop", "public_key": public}
    )
    assert added.status_code == 302
    made = client.post(address("key_make", environment, account=account.pk), {"key_name": "server", "kind": "ed25519"})
    text = made.content.decode()
    assert "BEGIN OPENSSH PRIVATE KEY" in text
    assert "no-store" in made.headers["cache-control"]
    shown = client.get(address("account_detail", environment, account=account.pk)).content.decode()
    for key in account.keys.all():
        assert key.fingerprint in shown
    for ours in host_keys(places.host_keys()):
        assert f"{ours.fingerprint} ({ours.kind})" in shown
    row = account.keys.get(name="laptop")
    remove = address("key_remove", environment, account=account.pk, key=row.pk)
    assert "laptop" in client.get(remove).content.decode()
    assert client.post(remove).status_code == 302
    assert list(account.keys.values_list("name", flat=True)) == ["server"]


def test_recipients_are_added_changed_and_removed(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    client = visit(people.sam)
    client.post(
        address("recipient_new", environment, account=account.pk), {"address": "a@example.org", "report": "failures"}
    )
    row = account.recipients.get()
    edit = address("recipient_edit", environment, account=account.pk, recipient=row.pk)
    assert client.post(edit, {"report": "metadata"}).status_code == 302
    row.refresh_from_db()
    assert (row.address, row.report) == ("a@example.org", "metadata")
    client.post(edit, {"remove": "1"})
    assert not account.recipients.exists()


def test_what_is_not_there_and_what_is_of_others_is_the_same_page(
    visit: Visit,
    people: People,
    environment: Environment,
    account: ConnectionAccount,
    medical_account: ConnectionAccount,
) -> None:
    paths = [
        ("account_list", {}),
        ("account_new", {}),
        ("account_detail", {"account": account.pk}),
        ("account_edit", {"account": account.pk}),
        ("key_new", {"account": account.pk}),
    ]
    client = visit(people.xander)
    missing = client.get("/environments/999999/accounts/")
    assert missing.status_code == 404
    for name, more in paths:
        assert client.get(address(name, environment, **more)).status_code == 404
    own = Environment.objects.get(name="Zuid")
    assert client.get(address("account_detail", own, account=account.pk)).status_code == 404
    assert visit(people.sam).get(address("account_detail", environment, account=medical_account.pk)).status_code == 404


def test_a_reader_sees_and_changes_nothing(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    client = visit(people.rita)
    page = client.get(address("account_detail", environment, account=account.pk)).content.decode()
    assert address("account_edit", environment, account=account.pk) not in page
    for name in ("account_edit", "key_new", "key_make", "recipient_new"):
        assert client.get(address(name, environment, account=account.pk)).status_code == 403
    assert client.get(address("account_new", environment)).status_code == 403


def test_the_menu_is_there_only_while_the_module_is_on(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.sam)
    link = f'href="{address("account_list", environment)}"'
    assert link in client.get(address("account_list", environment)).content.decode()
    environment.datastreams_enabled = False
    environment.save()
    off = client.get(address("account_list", environment))
    assert off.status_code == 403
    assert f'class="nav-link active" {link}' not in off.content.decode()
    assert "staat uit" in off.content.decode()


def test_the_list_asks_as_many_queries_for_many_as_for_few(
    visit: Visit, people: People, environment: Environment, account: ConnectionAccount
) -> None:
    client = visit(people.sam)
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address("account_list", environment)).status_code == 200
        counts.append(len(asked))
        ConnectionAccount.objects.bulk_create(
            ConnectionAccount(environment=environment, name=f"A{turn}-{number}", type="hosted") for number in range(30)
        )
    assert counts[0] == counts[1]
    assert counts[0] <= 14


def test_a_name_with_a_script_is_text(visit: Visit, people: People, environment: Environment) -> None:
    answer = visit(people.sam).post(
        address("account_new", environment, kind="hosted"), {**HOSTED, "name": "<script>alert(1)</script>"}
    )
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()
