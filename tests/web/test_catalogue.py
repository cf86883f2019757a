"""The overview of datastreams: every page of every version, in both languages, for who is inside."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from control.fixtures import People
from sluis.catalog.loader import load
from sluis.control.models import Environment
from web.visiting import Visit


def at(name: str, environment: Environment, **more: str) -> str:
    return reverse(name, kwargs={"environment": environment.pk, **more})


def every_page(environment: Environment) -> list[str]:
    catalog = load(environment.catalog)
    pages = [at("catalogue", environment)]
    for version in catalog.versions:
        pages.append(at("catalogue_version", environment, version=version))
        streams = catalog.version(version).streams
        pages += [at("catalogue_stream", environment, version=version, stream=one) for one in streams]
        pages += [at("catalogue_file", environment, version=version, file=one) for one in catalog.files(version)]
    return [*pages, *(at("catalogue_changes", environment, version=one) for one in list(catalog.versions)[1:])]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_page_of_every_version_is_there(
    visit: Visit, people: People, environment: Environment, language: str
) -> None:
    client = visit(people.rita, language=language)
    pages = every_page(environment)
    assert len(pages) > 20
    for page in pages:
        assert client.get(page, follow=True).status_code == 200, page


def test_the_built_in_catalogue_is_shown_whole(visit: Visit, people: People, environment: Environment) -> None:
    environment.catalog = "verzuim"
    environment.save()
    client = visit(people.sam)
    page = client.get(at("catalogue_file", environment, version="7.36", file="Dim_Werknemer")).content.decode()
    for row in load("verzuim").files("7.36")["Dim_Werknemer"].columns:
        assert f'id="col-{row.name}"' in page
    assert client.get(at("catalogue_changes", environment, version="7.36")).status_code == 200


def test_it_can_be_searched(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.sam)
    page = at("catalogue_version", environment, version="2")
    found = client.get(page, {"q": "zorgvraag"}).content.decode()
    assert "#col-Zorgvraag" in found
    assert "Fact_Meting" not in found
    assert "Niets gevonden" in client.get(page, {"q": "bestaat niet"}).content.decode()
    assert "<script>alert" not in client.get(page, {"q": "<script>alert(1)</script>"}).content.decode()


def test_what_is_not_there_is_not_found(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.sam)
    for name, more in (
        ("catalogue_version", {"version": "9"}),
        ("catalogue_stream", {"version": "2", "stream": "nope"}),
        ("catalogue_file", {"version": "2", "file": "nope"}),
        ("catalogue_file", {"version": "2", "file": "Fact_Nieuw"}),
        ("catalogue_changes", {"version": "1"}),
    ):
        assert client.get(at(name, environment, **more)).status_code == 404
    stranger = visit(people.xander)
    for page in every_page(environment):
        assert stranger.get(page).status_code == 404


def test_it_asks_few_queries(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.sam)
    with CaptureQueriesContext(connection) as asked:
        client.get(at("catalogue_version", environment, version="2"))
    assert len(asked) <= 10
