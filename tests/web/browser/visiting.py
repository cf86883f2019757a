"""Somebody at a browser."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

import lending
from control.fixtures import CATALOG, delivered
from control.test_sftp import PUBLIC
from sluis import settings
from sluis.control import places
from sluis.control.actions.accounts import HostedSettings, add_account
from sluis.control.actions.configurations import add_configuration
from sluis.control.actions.environments import add_environment
from sluis.control.actions.keys import add_key, make_key
from sluis.control.actions.notices import make_notices
from sluis.control.actions.recipients import add_recipient
from sluis.control.actions.schedules import set_schedule
from sluis.control.actions.servers import ServerSettings
from sluis.control.actions.users import add_user, ask_medical, give_role, grant_medical
from sluis.control.actor import CLI, Actor
from sluis.control.models import (
    Bookmark,
    Configuration,
    Delivery,
    DeliveryState,
    Environment,
    Refresh,
    RefreshState,
    RunProgress,
    Stage,
    User,
)
from web.test_deliveries import filled
from web.test_refreshes import braked, refreshed

PASSWORD = "een lang wachtwoord 42"
_AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text("utf-8")
_STEP = 30
_PATIENCE = 30_000


@dataclass(frozen=True)
class Site:
    """Where it is served, with what settings, and the secret of the second factor of each user.

    The secret is empty where the user must still set it up. ``seen``: who logged in with a code.
    """

    address: str
    people: dict[str, str]
    variables: Mapping[str, str]
    seen: set[str] = field(default_factory=set)


@dataclass
class Visitor:
    """A page of one visitor, in one language, with what went wrong in it."""

    page: Page
    site: Site
    faults: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.site.address + path)

    def log_in(self, name: str, password: str = PASSWORD) -> None:
        """By password, and by code where the user has a second factor: once, as the next code comes half a minute later."""
        self.go("/login/")
        self.page.fill("#id_login", name)
        self.page.fill("#id_password", password)
        self.page.click("main button.btn-primary")
        if self.site.people[name]:
            assert name not in self.site.seen, f"another test has {name} already; make one more user in populate()"
            self.site.seen.add(name)
            self.page.fill("#id_code", code(self.site.people[name]))
            self.page.click("main button.btn-primary")

    def check(self, shot: str = "", *, without: str = "") -> None:
        """No violation of WCAG, none of the CSP, no error in a script; with SHOTS=folder, a picture too.

        ``without``: what is not looked at, as a selector.
        """
        # From the top: what is scrolled under the bar counts as covered.
        self.page.evaluate("window.scrollTo(0, 0)")
        self.page.evaluate(_AXE)
        # What passes is not asked for: to hand that over takes longer than to find it.
        violations: list[dict[str, Any]] = self.page.evaluate(
            "without => axe.run({exclude: without ? [[without]] : []}, {resultTypes: ['violations'], "
            "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
            ".then(found => found.violations)",
            without,
        )
        told = [
            f"{one['id']}: {node['target']} {node['failureSummary']}" for one in violations for node in one["nodes"]
        ]
        assert not told, f"{self.page.url}\n" + "\n".join(told)
        assert not self.faults
        folder = os.environ.get("SHOTS")
        if folder and shot:
            self.page.screenshot(path=str(Path(folder) / f"{shot}.png"), full_page=True)


def code(secret: str) -> str:
    """What an authenticator app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // _STEP)))


Visit = Callable[..., Visitor]


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Visit]:
    """Call it for somebody at a browser of his own; ``language``, ``dark`` and ``width`` as the device has them."""
    contexts = []

    def make(language: str = "nl", *, dark: bool = False, width: int = 1280) -> Visitor:
        context = browser.new_context(
            locale={"nl": "nl-NL", "en": "en-GB"}[language],
            color_scheme="dark" if dark else "light",
            viewport={"width": width, "height": 900},
            permissions=["clipboard-read", "clipboard-write"],
            # A menu that is still sliding in moves away under a click.
            reduced_motion="reduce",
        )
        context.set_default_timeout(_PATIENCE)
        expect.set_options(timeout=_PATIENCE)
        contexts.append(context)
        visitor = Visitor(context.new_page(), site)
        visitor.page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        visitor.page.on(
            "console",
            lambda message: visitor.faults.append(message.text) if _is_fault(message.type, message.text) else None,
        )
        return visitor

    yield make
    for context in contexts:
        context.close()


def _is_fault(kind: str, text: str) -> bool:
    # A page that answers with 4xx is told as an error too; tests look at those themselves.
    return kind == "error" and "Failed to load resource" not in text


def populate(folder: Path) -> dict[str, str]:
    """People, an environment with accounts of every kind, and one over a source in ``folder``.

    User → secret of the second factor.

    A test has somebody to itself.
    """
    noord = Environment.objects.create(
        name="Noord", catalog=CATALOG, time_zone="Europe/Amsterdam", source_url="postgresql://reader@db/app"
    )
    zuid = Environment.objects.create(
        name="Zuid", catalog=CATALOG, time_zone="Europe/Amsterdam", source_url="postgresql://reader@db/app"
    )
    lending.make(folder / "lending.db").close()
    library = add_environment(
        CLI, "Bibliotheek", source_url=f"sqlite:///{folder / 'lending.db'}", catalog=str(lending.CATALOG)
    )
    operators, readers = ("olga", "otto", "onno", "ona"), ("rita", "ruben")
    plain, medical = ("sam", "sofie", "sander"), ("mia", "mirjam", "milou", "marijke", "martha", "mona")
    everyone = (*operators, *plain, *medical, *readers, "bert")
    people = {name: _user(name, operator=name in operators) for name in everyone}
    give_role(CLI, people["bert"], library, "superbeheerder")
    for name in (*plain, *medical, *readers):
        give_role(CLI, people[name], noord, "reader" if name in readers else "superbeheerder")
    ask_medical(Actor(user=people["olga"]), people["ruben"], noord)
    for name in plain:
        give_role(CLI, people[name], zuid, "reader")
    for name in medical:
        ask_medical(CLI, people[name], noord)
        grant_medical(Actor(user=people["olga"]), people[name], noord)
    secrets = {name: generate_totp_secret() for name in people}
    for name, secret in secrets.items():
        TOTP.activate(people[name], secret)
    newcomer, _ = add_user(CLI, "nina", password=PASSWORD)
    give_role(CLI, newcomer, noord, "superbeheerder")
    give_role(CLI, _user("paula", operator=False), noord, "superbeheerder")
    give_role(CLI, _user("pieter", operator=False), noord, "reader")
    _accounts(noord)
    _deliveries(noord)
    _telling(noord)
    return {**secrets, **_east(), "nina": "", "paula": "", "pieter": ""}


def _east() -> dict[str, str]:
    """An environment over a source that can be read, with weeks of refreshes; an operator, and superbeheerders of it."""
    file = settings.current().subfolder("source") / "lending.db"
    lending.make(file).close()
    oost = add_environment(CLI, "Oost", source_url=f"sqlite:///{file}", catalog=str(lending.CATALOG))
    set_schedule(CLI, oost, time=dt.time(2, 30), weekday=7)
    account = add_account(CLI, oost, "DWH", account_type="hosted")
    made = add_configuration(CLI, account, "Productie", version="2", streams="all", pseudonymous=True)
    for number in range(1, 25):
        moment = timezone.now() - dt.timedelta(days=3 * (25 - number))
        counts = {
            name: {"before": 0, "rows": size + number, "inserted": number, "updated": size % 7 * number, "deleted": 3}
            for name, size in (("member", 12_000), ("loan", 48_500), ("edition", 903))
        }
        done = refreshed(oost, sequence=number, counts=counts)
        ended = moment + dt.timedelta(seconds=30 + 7 * (number % 9))
        Refresh.objects.filter(pk=done.pk).update(started_at=moment, finished_at=ended)
        more = {"snapshot_time": moment, "started_at": moment, "folder": f"{number:06}_x"}
        sent = filled(made, sequence=number, published_at=ended, **more)
        Delivery.objects.filter(pk=sent.pk).update(created_at=moment)
    for number in range(1, 61):
        places.hosted(account).place(made.name, f"{number:06}_x").mkdir(parents=True)
    stopped = braked(oost)
    Refresh.objects.filter(pk=stopped.pk).update(started_at=timezone.now() - dt.timedelta(hours=3))
    running = refreshed(oost, RefreshState.RUNNING)
    Refresh.objects.filter(pk=running.pk).update(started_at=timezone.now())
    RunProgress.objects.create(refresh=running, stage=Stage.READING, total=6, number=2, moment=timezone.now())
    people = {name: _user(name, operator=name == "oscar") for name in ("oscar", "stijn", "stella")}
    for name in ("stijn", "stella"):
        give_role(CLI, people[name], oost, "superbeheerder")
    secrets = {name: generate_totp_secret() for name in people}
    for name, secret in secrets.items():
        TOTP.activate(people[name], secret)
    return secrets


def _user(name: str, *, operator: bool) -> User:
    user, _ = add_user(CLI, name, operator=operator, password=PASSWORD)
    user.must_change_password = False
    user.save(update_fields=["must_change_password"])
    return user


def _accounts(environment: Environment) -> None:
    dwh = add_account(
        CLI, environment, "DWH", account_type="hosted", hosted=HostedSettings(addresses=("192.0.2.0/24",))
    )
    make_key(CLI, dwh, "dwh-server")
    add_recipient(CLI, dwh, "beheer@example.org", report="metadata")
    add_recipient(CLI, dwh, "functioneelbeheer.gegevens@ziekteverzuim.example.org", report="failures")
    add_configuration(CLI, dwh, "Productie", version="2", streams=["basis"], pseudonymous=True)
    add_configuration(CLI, dwh, "Acceptatie", version="2", streams=["basis"], pseudonymous=False, reason="testdata")
    add_account(CLI, environment, "Zorg", account_type="hosted", medical=True, language="en")
    add_account(
        CLI,
        environment,
        "Rapportage extern",
        account_type="external",
        server=ServerSettings(host="sftp.example.org", user="sluis", folder="in", make_key=True),
    )


def _telling(environment: Environment) -> None:
    """A notice, and the mails of it."""
    account = environment.accounts.get(name="DWH")
    add_key(CLI, account, "BI", PUBLIC.line, valid_until=environment.today() + dt.timedelta(days=20))
    make_notices(CLI)


def _deliveries(environment: Environment) -> None:
    """Of DWH/Productie two delivered ones and one that is held; of DWH/Acceptatie one that runs."""
    rows = {one.name: one for one in Configuration.objects.filter(account__environment=environment)}
    for number, state in ((1, DeliveryState.DELIVERED), (2, DeliveryState.DELIVERED), (None, DeliveryState.HELD)):
        moment = dt.datetime(2026, 11, 15 + 7 * ((number or 3) - 1), 2, tzinfo=dt.UTC) if number else None
        more = {"mode": "changes", "snapshot_time": moment, "folder": f"00000{number}_x" if number else ""}
        filled(rows["Productie"], state=state, sequence=number, **more)
    for name in ("Dim_Werkgever", "Dim_Werknemer"):
        Bookmark.objects.create(
            configuration=rows["Productie"],
            file=name,
            lake_id="x",
            sequence=7,
            generation=1,
            fingerprint="columns=other",
            destination="here",
            rows=1234,
        )
    running = delivered(rows["Acceptatie"], DeliveryState.RUNNING, sequence=None, started_at=timezone.now())
    RunProgress.objects.create(
        delivery=running,
        stage=Stage.BUILDING,
        file="Dim_Werknemer",
        number=1,
        total=2,
        rows=4321,
        moment=timezone.now(),
    )
