"""Reading ``datapackage.json``: what is taken, and what is refused with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from receive.writer import MANIFEST, CsvFile, deleted_keys, deliver, edit
from sluis.errors import Rejected
from sluis.receive.manifest import delivery_folders, read_manifest

FACT = CsvFile("Fact_Verzuim", {"Nummer": "integer"}, [("I", "one", ["1"])])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return deliver(tmp_path, 1, FACT)


def test_it_is_read_and_typed(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert manifest.sluis.sequence == 1
    assert manifest.sluis.previous is None
    assert manifest.every_file_full
    assert manifest.files[0].own_key == "Fact_VerzuimID"
    assert manifest.files[0].names == ["PrimaryKey", "RecordKey", "Mutatie", "Fact_VerzuimID", "Nummer"]


def test_keys_that_come_later_do_no_harm(folder: Path) -> None:
    def grow(manifest: dict[str, Any]) -> None:
        manifest["sluis"]["novelty"] = {"a": 1}
        manifest["resources"][0]["profile"] = "x"
        manifest["resources"][0]["schema"]["fields"][0]["description"] = "a key"

    edit(folder, grow)
    assert read_manifest(folder).sluis.id == "id-1"


def test_deleted_keys_find_their_file(tmp_path: Path) -> None:
    fact = CsvFile("Fact_Verzuim", {"Nummer": "integer"}, mutatie=False)
    manifest = read_manifest(deliver(tmp_path, 1, fact, deleted_keys("Fact_Verzuim", ["one"])))
    assert [file.name for file in manifest.files] == ["Fact_Verzuim"]
    deletes = manifest.deletes_of(manifest.files[0])
    assert deletes is not None
    assert deletes.path == "Fact_Verzuim_verwijderd.csv"


PATHS = [
    "../Fact.csv",
    "/etc/passwd.csv",
    "sub/Fact.csv",
    "sub\\Fact.csv",
    "..csv",
    ".Fact.csv",
    "Fact..csv",
    "C:Fact.csv",
    "https://example.org/Fact.csv",
    "Fact.csv\n",
    "Fact\x00.csv",
    "datapackage.json",
    "",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_is_no_plain_file_name_is_refused(folder: Path, path: str) -> None:
    edit(folder, lambda manifest: manifest["resources"][0].update(path=path))
    with pytest.raises(Rejected, match=r"resources\.0\.path") as caught:
        read_manifest(folder)
    assert caught.value.remedy


def test_a_newer_format_asks_for_a_newer_version(folder: Path) -> None:
    edit(folder, lambda manifest: manifest["sluis"].update(format=2))
    with pytest.raises(Rejected, match="format 2") as caught:
        read_manifest(folder)
    assert "newer version" in caught.value.remedy


def _drop(key: str) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest.pop(key)


def _resource(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: manifest["resources"][0].update(changes)


def _fields(change: Callable[[list[dict[str, Any]]], object]) -> Callable[[dict[str, Any]], object]:
    return lambda manifest: change(manifest["resources"][0]["schema"]["fields"])


UNUSABLE: dict[str, Callable[[dict[str, Any]], object]] = {
    "is not of a Sluis delivery": _drop("sluis"),
    "resources": _drop("resources"),
    "sluis.sequence": lambda manifest: manifest["sluis"].update(sequence=0),
    "sluis.previous is not before": lambda manifest: manifest["sluis"].update(previous=1),
    "hash": _resource(hash="md5:123"),
    "bytes": _resource(bytes=-1),
    "resource fact_verzuim stands there twice": lambda m: m["resources"].append(m["resources"][0]),
    "column nummer stands there twice": _fields(lambda fields: fields.append({"name": "NUMMER", "type": "integer"})),
    "do not begin with PrimaryKey, RecordKey, Mutatie": _fields(lambda fields: fields.reverse()),
    "type": _fields(lambda fields: fields[4].update(type="geopoint")),
    "name": _fields(lambda fields: fields[4].update(name='x"; DROP TABLE y')),
    "a file that is not in the delivery": lambda m: m["resources"][0].update(
        deleted_keys("Gone", []).resource(b"") | {"path": "Fact_Verzuim.csv"}
    ),
}


@pytest.mark.parametrize("message", UNUSABLE)
def test_a_manifest_that_cannot_be_right_is_refused(folder: Path, message: str) -> None:
    edit(folder, UNUSABLE[message])
    with pytest.raises(Rejected, match=message) as caught:
        read_manifest(folder)
    assert caught.value.remedy


@pytest.mark.parametrize("content", [b"", b'{"name": "half', b"\xff\xfe", b"[]", b"null", b'{"sluis": []}'])
def test_what_is_not_a_manifest_is_refused(folder: Path, content: bytes) -> None:
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(Rejected) as caught:
        read_manifest(folder)
    assert caught.value.remedy


def test_without_a_manifest_the_delivery_is_not_complete(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(Rejected, match="not complete") as caught:
        read_manifest(folder)
    assert "wait until copying is done" in caught.value.remedy


def test_deliveries_are_found_in_order_and_other_things_left_alone(tmp_path: Path) -> None:
    made = [deliver(tmp_path, sequence, FACT) for sequence in (1_000_000, 2, 10)]
    (tmp_path / ".000011_20260103T020000Z_full").mkdir()
    (tmp_path / "archive").mkdir()
    (tmp_path / "000003_20260103T020000Z_full").write_text("a file")
    assert delivery_folders(tmp_path) == [made[1], made[2], made[0]]
    assert delivery_folders(made[0]) == [made[0]]


def test_a_folder_without_deliveries_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="holds no delivery"):
        delivery_folders(tmp_path)
    with pytest.raises(Rejected, match="is not a folder"):
        delivery_folders(tmp_path / "nowhere")
