"""Configurations on screen: made, edited with a summary first, archived; who may, and what is refused."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from control.fixtures import People, delivered
from sluis.catalog.loader import load
from sluis.control.actions.configurations import add_configuration
from sluis.control.actor import CLI
from sluis.control.models import AuditEvent, Bookmark, Configuration, ConnectionAccount
from sluis.delivery.build import projections_of
from sluis.delivery.projection import Receiver
from web.visiting import Visit

NEW = {"name": "Nieuw", "version": "2", "form": "pseudonymous", "reason": "", "stream": ["basis"], "incremental": "on"}


def of_account(name: str, account: ConnectionAccount) -> str:
    return reverse(name, kwargs={"environment": account.environment.pk, "account": account.pk})


def of(name: str, configuration: Configuration) -> str:
    account = configuration.account
    return reverse(
        name,
        kwargs={"environment": account.environment.pk, "account": account.pk, "configuration": configuration.pk},
    )


def kept(configuration: Configuration) -> dict[str, Any]:
    """What the form of a configuration posts when nobody changes anything."""
    rows = list(configuration.files.all())
    return {
        "name": configuration.name,
        **{name: "on" for name in ("automatic", "incremental") if getattr(configuration, name)},
        "before": configuration.streams,
        "stream": configuration.streams,
        "file": [row.file for row in rows],
        "column": [f"{row.file}.{column}" for row in rows for column in row.columns],
    }


def with_bookmarks(configuration: Configuration) -> None:
    """As after a first delivery of 120 rows a file."""
    catalog, account = load(configuration.environment.catalog), configuration.account
    chosen = {row.file: frozenset(row.columns) for row in configuration.files.all()}
    receiver = Receiver(account.medical, configuration.pseudonymous, account.secret)
    for one in projections_of(catalog, configuration.version, chosen, receiver):
        Bookmark.objects.create(
            configuration=configuration,
            file=one.file.file,
            lake_id="x",
            sequence=7,
            generation=1,
            fingerprint=one.fingerprint,
            destination="here",
            rows=120,
        )
    delivered(configuration)


# New


def test_nothing_is_preselected_between_pseudonymous_and_plain(
    visit: Visit, people: People, account: ConnectionAccount
) -> None:
    client = visit(people.sam)
    page = client.get(of_account("configuration_new", account)).content.decode()
    for value in ("pseudonymous", "plain"):
        assert f'value="{value}"' in page
        assert f'value="{value}" checked' not in page
    answer = client.post(of_account("configuration_new", account), {**NEW, "form": ""})
    assert answer.status_code == 422
    assert not account.configurations.exists()


def test_a_configuration_is_made(visit: Visit, people: People, account: ConnectionAccount) -> None:
    client = visit(people.sam)
    answer = client.post(of_account("configuration_new", account), {**NEW, "reason": "typed before"})
    made = account.configurations.get()
    assert answer.headers["location"] == of("configuration_detail", made)
    assert (made.name, made.version, made.pseudonymous, made.plain_reason) == ("Nieuw", "2", True, "")
    assert (made.streams, made.automatic, made.incremental) == (["basis"], False, True)
    assert AuditEvent.objects.filter(action="configuration.add", actor="sam").count() == 1
    assert client.get(of("configuration_detail", made)).status_code == 200


def test_plain_asks_a_reason(visit: Visit, people: People, account: ConnectionAccount) -> None:
    client = visit(people.sam)
    refused = client.post(of_account("configuration_new", account), {**NEW, "form": "plain"})
    assert refused.status_code == 422
    assert "vraagt een reden" in refused.content.decode()
    client.post(of_account("configuration_new", account), {**NEW, "form": "plain", "reason": "PIA 2026-4"})
    assert account.configurations.get().plain_reason == "PIA 2026-4"


def test_what_is_refused_leaves_the_form_as_it_was(visit: Visit, people: People, account: ConnectionAccount) -> None:
    client = visit(people.sam)
    answer = client.post(of_account("configuration_new", account), {**NEW, "stream": []})
    assert answer.status_code == 422
    assert "minstens één datastream" in answer.content.decode()
    wrong = client.post(of_account("configuration_new", account), {**NEW, "name": "a/b", "stream": ["basis", "zorg"]})
    text = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'value="a/b"' in text
    assert 'value="zorg" id="stream-zorg" checked' in text


def test_an_ended_version_cannot_be_chosen_and_another_shows_its_streams(
    visit: Visit, people: People, account: ConnectionAccount
) -> None:
    client = visit(people.sam)
    page = client.get(of_account("configuration_new", account), {"version": "2"}).content.decode()
    assert 'value="zorg"' in page
    assert 'value="1" disabled' in page
    assert "1 juni 2025" in page
    newest = client.get(of_account("configuration_new", account), {"version": "3"}).content.decode()
    assert 'value="zorg"' not in newest
    assert client.post(of_account("configuration_new", account), {**NEW, "version": "1"}).status_code == 422


# Edit


def test_the_editor_shows_columns_with_meaning_type_and_marks(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    page = visit(people.sam).get(of("configuration_edit", configuration)).content.decode()
    assert 'value="Dim_Werknemer.WerknemerId" aria-label="WerknemerId" checked disabled' in page
    assert "Heeft een zorgvraag" in page
    assert "geen toegang tot medische gegevens" in page
    assert "de configuratie is pseudoniem" in page
    assert "Fact_Meting" in page, "in the tree of the streams"
    assert 'value="Fact_Meting"' not in page


def test_another_stream_brings_its_files_without_saving(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    given = {**kept(configuration), "stream": ["basis", "metingen"], "step": "files", "name": ""}
    answer = visit(people.sam).post(of("configuration_edit", configuration), given)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="Fact_Meting" id="file-Fact_Meting" checked' in page
    assert 'value="Fact_MetingDetail" id="file-Fact_MetingDetail">' in page, "off by the catalogue"
    assert page.count('id="file-Dim_Werkgever"') == 1, "shared, shown once"
    configuration.refresh_from_db()
    assert configuration.streams == ["basis"]


def test_the_summary_says_what_the_receiver_notices_and_saving_does_it(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    with_bookmarks(configuration)
    client = visit(people.sam)
    before = kept(configuration)
    columns = [one for one in before["column"] if one != "Dim_Werkgever.Naam"]
    given = {
        **before,
        "stream": ["basis", "metingen"],
        "file": [*before["file"], "Fact_Meting"],
        "column": [*columns, "Fact_Meting.Waarde"],
        "before": ["basis", "metingen"],
        "automatic": "on",
    }
    summary = client.post(of("configuration_edit", configuration), {**given, "step": "summary"})
    text = summary.content.decode()
    assert summary.status_code == 200
    for part in ("Metingen</strong> komt erbij", "andere kolommen; hij heeft nu 120 rijen", "voortaan vanzelf"):
        assert part in text
    assert "In <strong>Dim_Werkgever</strong> valt 1 kolom weg" in text
    assert "1 bestand komt voor het eerst" in text
    assert "1 bestand gaat door zoals het was" in text
    configuration.refresh_from_db()
    assert not configuration.automatic
    assert client.post(of("configuration_edit", configuration), {**given, "step": "save"}).status_code == 302
    configuration.refresh_from_db()
    assert (configuration.automatic, configuration.streams) == (True, ["basis", "metingen"])
    assert configuration.files.get(file="Dim_Werkgever").columns == ["WerkgeverId"]
    assert configuration.files.get(file="Fact_Meting").columns == ["MetingId", "Waarde"], "mandatory by itself"
    assert AuditEvent.objects.filter(action="configuration.edit").count() == 1


def test_a_stream_that_goes_ends_its_files(visit: Visit, people: People, account: ConnectionAccount) -> None:
    streams = ["basis", "metingen"]
    both = add_configuration(CLI, account, "Beide", version="2", streams=streams, pseudonymous=True)
    with_bookmarks(both)
    given = {**kept(both), "stream": ["basis"], "step": "summary"}
    text = visit(people.sam).post(of("configuration_edit", both), given).content.decode()
    assert "1 bestand eindigt" in text
    assert "Fact_Meting" in text


def test_nothing_changed_is_said_too(visit: Visit, people: People, configuration: Configuration) -> None:
    with_bookmarks(configuration)
    given = {**kept(configuration), "step": "summary"}
    text = visit(people.sam).post(of("configuration_edit", configuration), given).content.decode()
    assert "merkt niets" in text


def test_what_came_since_the_last_save_is_new_and_off(
    visit: Visit, people: People, account: ConnectionAccount, configuration: Configuration
) -> None:
    client = visit(people.sam)
    assert "trait-new" not in client.get(of("configuration_edit", configuration)).content.decode()
    known = configuration.known
    known["streams"].remove("metingen")
    known["columns"]["Dim_Werkgever"].remove("Sector")
    configuration.save()
    page = client.get(of("configuration_edit", configuration)).content.decode()
    assert page.count('<span class="trait trait-new">nieuw</span>') == 1
    assert 'aria-label="Sector">' in page, "off"
    assert "iets nieuws" in client.get(of("configuration_detail", configuration)).content.decode()
    given = {**kept(configuration), "automatic": "on", "step": "save"}
    client.post(of("configuration_edit", configuration), given)
    assert "trait-new" not in client.get(of("configuration_edit", configuration)).content.decode()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"stream": [], "file": []}, "minstens één datastream"),
        ({"file": []}, "minstens één bestand"),
        ({"name": ""}, "niet alles"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_at_the_summary(
    visit: Visit, people: People, configuration: Configuration, wrong: dict[str, object], told: str
) -> None:
    given = {**kept(configuration), "step": "summary", **wrong}
    answer = visit(people.sam).post(of("configuration_edit", configuration), given)
    assert answer.status_code == 422
    assert told in answer.content.decode().lower()


@pytest.mark.parametrize("given", [{"stream": ["nope"]}, {"file": ["nope"]}, {"column": ["Dim_Werkgever.nope"]}])
def test_names_that_are_made_up_are_refused(
    visit: Visit, people: People, configuration: Configuration, given: dict[str, object]
) -> None:
    client = visit(people.sam)
    for step in ("files", "summary", "save"):
        posted = {**kept(configuration), **given, "step": step}
        assert client.post(of("configuration_edit", configuration), posted).status_code in {409, 422}


def test_a_name_is_fixed_after_the_first_delivery(visit: Visit, people: People, configuration: Configuration) -> None:
    delivered(configuration)
    given = {**kept(configuration), "name": "Anders", "step": "save"}
    answer = visit(people.sam).post(of("configuration_edit", configuration), given)
    assert answer.status_code == 422
    assert "heeft een aanlevering" in answer.content.decode()


# Copy, archive


def test_archived_is_out_of_the_way_and_can_be_restored(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    client = visit(people.sam)
    assert client.post(of("configuration_archive", configuration)).status_code == 302
    account = client.get(of_account("account_detail", configuration.account)).content.decode()
    assert "1 gearchiveerde configuratie" in account
    page = client.get(of("configuration_detail", configuration)).content.decode()
    assert of("configuration_edit", configuration) not in page
    assert of("configuration_restore", configuration) in page
    again = client.post(of("configuration_archive", configuration))
    assert again.status_code == 409
    assert client.post(of("configuration_restore", configuration)).status_code == 302
    configuration.refresh_from_db()
    assert configuration.archived_at is None


def test_a_copy_in_a_newer_version_marks_what_is_new_there(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    client = visit(people.sam)
    assert "nieuwere versie" in client.get(of("configuration_detail", configuration)).content.decode()
    client.post(of("configuration_copy", configuration), {"name": "Productie 3", "version": "3"})
    copy = Configuration.objects.get(name="Productie 3")
    assert (copy.version, copy.automatic) == ("3", False)
    page = client.get(of("configuration_edit", copy)).content.decode()
    assert '<span class="trait trait-new">nieuw</span>' in page, "Omvang"
    assert 'value="Fact_Nieuw" id="file-Fact_Nieuw">' in page, "off"


# Who


PAGES = ["configuration_detail", "configuration_edit", "configuration_copy", "configuration_run", "run_progress"]
DEEDS = ["configuration_archive", "configuration_restore", "run_cancel", "run_preview"]


def test_who_may_not_see_an_account_finds_none_of_its_pages(
    visit: Visit, people: People, configuration: Configuration, medical_account: ConnectionAccount
) -> None:
    hidden = add_configuration(CLI, medical_account, "Zorg", version="2", streams=["zorg"], pseudonymous=True)
    for client, row in ((visit(people.xander), configuration), (visit(people.sam), hidden)):
        assert client.get(of_account("configuration_new", row.account)).status_code == 404
        for name in PAGES:
            assert client.get(of(name, row)).status_code == 404, name
        for name in DEEDS:
            assert client.post(of(name, row)).status_code == 404, name
    assert visit(people.mia).get(of("configuration_detail", hidden)).status_code == 200


def test_a_configuration_of_another_account_is_not_there(
    visit: Visit, people: People, configuration: Configuration
) -> None:
    other = ConnectionAccount.objects.create(environment=configuration.environment, name="Ander", type="hosted")
    place = {"environment": other.environment.pk, "account": other.pk, "configuration": configuration.pk}
    assert visit(people.sam).get(reverse("configuration_detail", kwargs=place)).status_code == 404


def test_a_reader_looks_and_changes_nothing(visit: Visit, people: People, configuration: Configuration) -> None:
    client = visit(people.rita)
    page = client.get(of("configuration_detail", configuration))
    assert page.status_code == 200
    for name in ("configuration_edit", "configuration_archive", "configuration_copy", "configuration_run"):
        assert of(name, configuration) not in page.content.decode()
    for name in ("configuration_edit", "configuration_copy", "configuration_run"):
        assert client.get(of(name, configuration)).status_code == 403
        assert client.post(of(name, configuration), kept(configuration)).status_code == 403
    assert client.get(of_account("configuration_new", configuration.account)).status_code == 403
    for name in DEEDS:
        assert client.post(of(name, configuration), {"since": "last"}).status_code == 403, name
    configuration.refresh_from_db()
    assert configuration.archived_at is None


def test_queries_do_not_grow_with_what_there_is(
    visit: Visit, people: People, account: ConnectionAccount, configuration: Configuration
) -> None:
    client = visit(people.sam)
    delivered(configuration)
    counts = []
    for turn in range(2):
        with CaptureQueriesContext(connection) as asked:
            for name in ("configuration_detail", "configuration_edit", "configuration_run"):
                assert client.get(of(name, configuration)).status_code == 200
        counts.append(len(asked))
        for number in range(5):
            name = f"C{turn}-{number}"
            more = add_configuration(CLI, account, name, version="2", streams=["basis"], pseudonymous=True)
            delivered(more)
            at = dt.datetime(2026, 11, 1 + number, tzinfo=dt.UTC)
            delivered(configuration, sequence=10 * turn + number + 2, published_at=at)
    assert counts[0] == counts[1]
    assert counts[0] <= 52
