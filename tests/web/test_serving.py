"""Settings of an installation as Django's, and the files that come from others."""

from __future__ import annotations

import hashlib
import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "sluis" / "web"
_CHECK = """
import os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "sluis.web.django_settings"
from sluis.web.serving import configure
configure("0.0.0.0")
from django.conf import settings
settings.SECRET_KEY = "x1" * 32 + "".join(chr(c) for c in range(65, 91))
django.setup()
from django.core.management import call_command
call_command("check", deploy=True, fail_level="WARNING")
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.ALLOWED_HOSTS[0], settings.SECURE_HSTS_SECONDS > 0)
"""


def run(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SLUIS_")}
    return subprocess.run(
        [sys.executable, "-c", _CHECK],
        check=False,
        env={**inherited, "SLUIS_DATA_DIR": str(tmp_path / "data"), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_with_https_a_deployment_has_no_warning(tmp_path: Path) -> None:
    done = run(tmp_path, SLUIS_BASE_URL="https://sluis.example")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout
    assert done.stdout.splitlines()[-1] == "True True sluis.example True"


def test_it_does_not_listen_to_the_world_without_its_own_address(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode != 0
    assert "without knowing its own address" in done.stderr


@pytest.mark.parametrize("folder", [WEB / "static/web/vendor", WEB / "icons", ROOT / "tests/web/vendor"])
def test_files_of_others_are_as_they_were_taken(folder: Path) -> None:
    told = json.loads((folder / "vendored.json").read_text("utf-8"))
    files = {name: hashed for package in told.values() for name, hashed in package.items()}
    present = {path.name for path in folder.iterdir()} - {"vendored.json"}
    assert {name for name in present if not name.startswith("LICENSE")} == set(files)
    assert any(name.startswith("LICENSE") for name in present)
    for name, hashed in files.items():
        content = (folder / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == hashed, name
        assert b"sourceMappingURL" not in content


def test_every_text_has_a_translation_and_none_is_left_over() -> None:
    messages = runpy.run_path(str(ROOT / "tools" / "messages.py"))
    assert messages["missing"]() == []
    kept = {one.id[0] if isinstance(one.id, tuple) else one.id for one in messages["read"]() if one.id}
    used = {text if isinstance(text, str) else text[0] for text, _ in messages["texts"]()}
    assert len(used) > 200
    assert kept == used


def test_translations_of_errors_have_the_holes_of_the_text() -> None:
    known = yaml.safe_load((WEB / "locale" / "errors.nl.yaml").read_text("utf-8"))
    assert list(known) == sorted(known, key=_letters), "sort them"
    for text, said in known.items():
        for number in "123456789":
            assert f"{{{number}}}" in text or f"{{{number}}}" not in said, text


def _letters(text: str) -> str:
    return re.sub("[^a-z ]", "", text.lower())
