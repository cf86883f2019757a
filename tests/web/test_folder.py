"""Open folder on screen."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.urls import reverse

from control.fixtures import join, person
from control.test_deliveries import House, house
from sluis.control import places
from sluis.control.actions import accounts, opening
from sluis.control.actions.configurations import add_configuration
from sluis.control.actions.deliveries import deliver
from sluis.control.actor import CLI
from sluis.control.models import Delivery, Role
from web.visiting import Visit

__all__ = ["house"]


def address(view: str, house: House, **more: str) -> str:
    return reverse(view, kwargs={"environment": house.environment.pk, "account": house.account.pk, **more})


def test_from_the_account_to_a_file(house: House, visit_committed: Visit) -> None:
    mia = person("mia")
    join(mia, house.environment, Role.SUPERBEHEERDER, medical=True)
    delivery = deliver(CLI, house.configuration)
    client = visit_committed(mia, language="en")
    account = client.get(address("account_detail", house)).content.decode()
    assert address("folder", house) in account
    top = client.get(address("folder", house)).content.decode()
    inside = address("folder_configuration", house, configuration="Productie")
    assert inside in top
    where = {"configuration": "Productie", "delivery": delivery.folder}
    deliveries = client.get(inside).content.decode()
    assert address("folder_delivery", house, **where) in deliveries
    assert "Everything" in deliveries
    files = client.get(address("folder_delivery", house, **where)).content.decode()
    assert address("folder_file", house, **where, file="Dim_Member.csv") in files
    assert address("folder_download", house, **where, file="datapackage.json") in files
    assert f'href="{address("folder_file", house, **where, file="datapackage.json")}"' not in files
    page = client.get(address("folder_file", house, **where, file="Dim_Member.csv")).content.decode()
    assert "PrimaryKey" in page
    assert "trait-medical" in page
    kept = client.get(address("folder_download", house, **where, file="Dim_Member.csv"))
    stands = places.hosted(house.account).place("Productie", delivery.folder) / "Dim_Member.csv"
    assert kept.getvalue() == stands.read_bytes()
    assert kept.headers["Content-Disposition"] == 'attachment; filename="Dim_Member.csv"'
    assert kept.headers["X-Content-Type-Options"] == "nosniff"
    packed = client.get(address("folder_zip", house, **where))
    assert f"{delivery.folder}/Dim_Member.csv" in zipfile.ZipFile(io.BytesIO(packed.getvalue())).namelist()


def test_what_is_closed_has_no_way_in(house: House, visit_committed: Visit) -> None:
    sam = person("sam")
    join(sam, house.environment, Role.SUPERBEHEERDER)
    delivery = deliver(CLI, house.configuration)
    accounts.edit_account(CLI, house.account, medical=False)
    client = visit_committed(sam)
    inside = client.get(address("folder_configuration", house, configuration="Productie")).content.decode()
    assert delivery.folder in inside
    assert "Vraagt medische rechten" in inside
    where = {"configuration": "Productie", "delivery": delivery.folder}
    assert address("folder_delivery", house, **where) not in inside
    for view, more in (("folder_delivery", {}), ("folder_zip", {}), ("folder_file", {"file": "Dim_Member.csv"})):
        assert client.get(address(view, house, **where, **more)).status_code == 404


def test_deliveries_are_shown_by_the_page(
    house: House, visit_committed: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PER_PAGE", 1)
    mia = person("mia")
    join(mia, house.environment, Role.SUPERBEHEERDER, medical=True)
    first, second = deliver(CLI, house.configuration), deliver(CLI, house.configuration)
    inside = address("folder_configuration", house, configuration="Productie")
    client = visit_committed(mia)
    newest = client.get(inside).content.decode()
    assert second.folder in newest
    assert first.folder not in newest
    assert 'href="?page=2">Ouder' in newest
    assert "Nieuwer" not in newest
    assert "2 aanleveringen" in newest
    for number in ("2", "9"):
        oldest = client.get(inside, {"page": number}).content.decode()
        assert first.folder in oldest
        assert second.folder not in oldest
        assert 'href="?page=1">Nieuwer' in oldest
        assert "Ouder" not in oldest
    assert client.get(inside, {"page": "x"}).content.count(second.folder.encode()) > 0
    assert 'aria-label="Pagina' not in client.get(address("folder", house)).content.decode()


def test_a_reader_sees_no_folder(house: House, visit_committed: Visit) -> None:
    rita = person("rita")
    join(rita, house.environment, Role.READER, medical=True)
    client = visit_committed(rita)
    assert address("folder", house) not in client.get(address("account_detail", house)).content.decode()
    assert client.get(address("folder", house)).status_code == 403


def test_values_that_look_like_markup_are_shown_as_they_are(house: House, visit_committed: Visit) -> None:
    mia = person("mia")
    join(mia, house.environment, Role.SUPERBEHEERDER, medical=True)
    nasty = "<script>alert(1)</script>"
    house.change(f"UPDATE member SET condition = '{nasty}' WHERE id = 1")
    plain = add_configuration(
        CLI, house.account, "Plat", version="2", streams="all", pseudonymous=False, reason="proef"
    )
    delivery: Delivery = deliver(CLI, plain)
    where = {"configuration": "Plat", "delivery": delivery.folder, "file": "Dim_Member.csv"}
    page = visit_committed(mia).get(address("folder_file", house, **where)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert nasty not in page
