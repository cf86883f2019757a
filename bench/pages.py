"""Pages: server time and number of queries of each, in a full database. `make bench-pages`.

On an embedded PostgreSQL: 1,000 configurations on 100 accounts, 100,000 deliveries with files and log lines, 100,000
audit events, a year of refreshes. Times are from the request to the whole answer, in this process, without network or
WSGI server. The page of a configuration is of one with everything that the built-in catalogue has; that of a delivery
has all files and a long log.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    # Models can be imported only once Django runs.
    from django.test import Client

    from sluis.control.models import Configuration, Environment

GOAL = 100
"""Milliseconds."""
ACCOUNTS, EACH, DELIVERIES, EVENTS = 100, 10, 100_000, 100_000
OF_OPERATORS = {"settings_edit", "settings_source", "settings_catalog", "settings_suspend", "role_edit"}
"""Pages about an environment that a superbeheerder does not see."""
LEADS_ON = {"home", "environment_home", "catalogue", "refresh_of_mail", "delivery_of_mail", "account_set_password"}
LEADS_ON |= {"socialaccount_login_cancelled", "mfa_list_webauthn", "mfa_remove_webauthn"}
"""Addresses that lead to a page."""
IS_OFF = {"openid_connect_login", "openid_connect_callback"}
"""Addresses of what is not set up here."""
FILES, LINES = 5, 4
"""Of a delivery."""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--only", help="pages whose name has this in it")
    options.add_argument("--share", type=int, default=1, help="a database so many times as small")
    options.add_argument("--profile", action="store_true", help="where the time of each goes, too")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="sluis-bench-") as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "sluis.web.django_settings",
            "SLUIS_DATA_DIR": str(Path(folder) / "data"),
            "SLUIS_SECRET_KEY": secrets.token_hex(32),
            "SLUIS_SECOND_FACTOR": "0",
        }
        Path(os.environ["SLUIS_DATA_DIR"]).mkdir(mode=0o700)
        from sluis.control.setup import start

        start()
        began = time.perf_counter()
        environment = fill(given.share)
        # As ``sluis web`` does.
        from sluis.web.serving import keep_connections

        keep_connections()
        print(f"filled in {time.perf_counter() - began:.0f} s")
        slow, wrong = measure(environment, given.rounds, given.only or "", profile=given.profile)
    sys.exit(1 if slow or wrong else 0)


def fill(share: int) -> Environment:
    """An environment with all that, and one beside it."""
    from sluis.control.actions.accounts import add_account
    from sluis.control.actions.configurations import add_configuration
    from sluis.control.actions.environments import add_environment
    from sluis.control.actions.users import add_user, ask_medical, give_role, grant_medical
    from sluis.control.actor import CLI, Actor

    environments = [
        add_environment(CLI, name, source_url="postgresql://reader@db/app", catalog="verzuim")
        for name in ("Noord", "Zuid")
    ]
    people = {name: add_user(CLI, name, operator=name == "olga")[0] for name in ("olga", "mia")}
    for user in people.values():
        user.must_change_password = False
        user.save()
    for environment in environments:
        give_role(CLI, people["mia"], environment, "superbeheerder")
        ask_medical(CLI, people["mia"], environment)
        grant_medical(Actor(user=people["olga"]), people["mia"], environment)
    noord = environments[0]
    for number in range(ACCOUNTS // share):
        account = add_account(CLI, noord, f"DWH {number:03}", account_type="hosted", medical=number % 10 == 0)
        for one in range(EACH):
            first = number == one == 0
            streams: Any = "all" if first else ["werkgevers", "werknemers"]
            add_configuration(
                CLI,
                account,
                f"P{one}",
                version="7.36",
                streams=streams,
                pseudonymous=not first,
                reason="x" if first else "",
            )
    _rows(DELIVERIES // share, EVENTS // share)
    return noord


def _rows(deliveries: int, events: int) -> None:
    from django.db import connection

    configurations = (
        "(SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many FROM control_configuration)"
    )
    statements = [
        f"""INSERT INTO control_delivery (id, configuration_id, state, trigger, actor, mode, since, sequence, previous,
            destination, folder, lake_id, snapshot, snapshot_time, baseline, projection_digest, pseudonymous, medical,
            version, ended, released, cancel_asked, failure, created_at, started_at, published_at, rows, inserted,
            updated, deleted, bytes)
        SELECT gen_random_uuid(), c.id, 'delivered', 'schedule', 'worker', 'changes', 'last', n / c.many + 1,
            nullif(n / c.many, 0), 'hosted', lpad((n / c.many + 1)::text, 6, '0') || '_20261123T020000Z_changes',
            'lake', n, now(), n - 1, '', true, false, '7.36', '[]', '{{}}', false, '',
            now() - make_interval(mins => 5 * ({deliveries} - n)), now(), now(), {FILES} * 100, {FILES} * 60,
            {FILES} * 30, {FILES} * 10, {FILES} * 12345
        FROM generate_series(0, {deliveries} - 1) n JOIN {configurations} c ON c.place = n % c.many ORDER BY n""",
        f"""INSERT INTO control_deliveryfile (delivery_id, name, mode, rows, inserted, updated, deleted, bytes, sha256,
            total, gone, generation, fingerprint)
        SELECT d.id, 'File_' || n, 'changes', 100, 60, 30, 10, 12345, repeat('ab', 32), 1000, 0, 1, 'x'
        FROM control_delivery d, generate_series(1, {FILES}) n""",
        f"""INSERT INTO control_logline (delivery_id, level, moment, code, text, details, reported)
        SELECT d.id, n, now(), 'delivered', 'delivery 1 (changes) of snapshot 1', '{{}}', true
        FROM control_delivery d, generate_series(1, {LINES}) n""",
        f"""INSERT INTO control_auditevent (moment, actor, actor_kind, action, environment_name, scope, subject,
            details)
        SELECT now() - make_interval(mins => 5 * ({events} - n)), 'user' || n % 50, 'user', (ARRAY['account.edit',
            'configuration.edit', 'configuration.run', 'delivery.download', 'environment.refresh'])[n % 5 + 1],
            CASE n % 20 WHEN 0 THEN '' ELSE 'Noord' END, (ARRAY['account', 'medical', 'environment'])[n % 3 + 1],
            'account DWH ' || n % 100, jsonb_build_object('language', jsonb_build_array('nl', 'en'), 'number', n)
        FROM generate_series(1, {events}) n""",
        """INSERT INTO control_refresh (environment_id, state, trigger, actor, started_at, finished_at, sequence,
            snapshot_time, counts, gone, failure)
        SELECT e.id, 'succeeded', 'schedule', 'worker', d.moment, d.moment, d.n, d.moment, c.counts, '{}', ''
        FROM control_environment e,
            (SELECT n, now() - make_interval(days => 366 - n) AS moment FROM generate_series(1, 365) n) d,
            (SELECT jsonb_object_agg('dataset_' || k,
                '{"rows": 100000, "inserted": 60, "updated": 30, "deleted": 10}'::jsonb) AS counts
                FROM generate_series(1, 40) k) c""",
        """INSERT INTO control_downloadreceipt (delivery_id, file, sent, complete, address, key_name, moment)
        SELECT d.id, 'File_1.csv', 12345, true, '192.0.2.7', 'dwh', now() FROM control_delivery d""",
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")
        # Else the first pages are measured while all that is still being written to disk.
        cursor.execute("CHECKPOINT")


def measure(environment: Environment, rounds: int, only: str, *, profile: bool) -> tuple[list[str], list[str]]:
    """Print the table; the pages that took too long, and those that were not what was asked for."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from sluis.control.models import User

    clients = {name: Client(SERVER_NAME="localhost", headers={"accept-language": "nl"}) for name in ("mia", "olga")}
    for name, client in clients.items():
        client.force_login(User.objects.get(username=name))
    slow, wrong = [], []
    print(f"{'page':38} {'status':>6} {'median ms':>9} {'least':>6} {'cpu':>6} {'queries':>8} {'kB':>5}")
    for name, who, ask in requests(environment):
        if only not in name:
            continue
        client = clients[who]
        with CaptureQueriesContext(connection) as caught:
            answer = ask(client)
        queries = len(caught)
        size = 0 if answer.streaming else len(answer.content)
        times = [_timed(ask, client) for _ in range(rounds)]
        median, cpu = (statistics.median(one) for one in zip(*times, strict=True))
        mark = "" if median <= GOAL else "  above the goal"
        slow += [name] if mark else []
        if answer.status_code not in _expected(name):
            wrong += [name]
            mark += "  not the page"
        least = min(took for took, _ in times)
        figures = f"{median:>9.1f} {least:>6.1f} {cpu:>6.1f} {queries:>8} {size / 1000:>5.0f}"
        print(f"{name:38} {answer.status_code:>6} {figures}{mark}")
        if profile:
            _profile(ask, client)
    print(f"\n{len(slow)} above the goal of {GOAL} ms: {', '.join(slow) or 'none'}")
    print(f"{len(wrong)} that did not answer as they should: {', '.join(wrong) or 'none'}")
    return slow, wrong


def _expected(name: str) -> set[int]:
    """Status of an address that is asked for: 405 where something can only be sent to it."""
    if name in LEADS_ON:
        return {302}
    return {404} if name in IS_OFF else {200, 405}


def _timed(ask: Callable[[Client], Any], client: Client) -> tuple[float, float]:
    """Milliseconds of the clock, and of this process: where they differ it waited, for the database or its turn."""
    began, cpu = time.perf_counter(), time.process_time()
    answer = ask(client)
    if answer.streaming:
        next(iter(answer))
    took = (time.perf_counter() - began) * 1000, (time.process_time() - cpu) * 1000
    answer.close()
    return took


def _profile(ask: Callable[[Client], Any], client: Client) -> None:
    with cProfile.Profile() as profile:
        ask(client)
    pstats.Stats(profile).sort_stats("cumulative").print_stats(60)


_FORM = "application/x-www-form-urlencoded"
Asked = tuple[str, str, Callable[["Client"], Any]]


def requests(environment: Environment) -> Iterator[Asked]:
    """Name, who asks, and the request, of every page there is, and of some of their forms."""
    from django.urls import reverse

    from sluis.control.models import Configuration

    configuration = Configuration.objects.select_related("account__environment").earliest("pk")
    values, stands = _arguments(configuration)
    for name, arguments in addresses():
        missing = sorted(set(arguments) - set(values))
        if missing:
            raise SystemExit(f"{name}: give {missing} a value in _arguments() of {__file__}")
        given = values | (stands if name.startswith("folder") else {})
        path = reverse(name, kwargs={one: given[one] for one in arguments})
        inside = "environment" in arguments or name.endswith("_of_mail")
        who = "mia" if inside and name not in OF_OPERATORS else "olga"
        if _is_page(name, path):
            yield name, who, getting(path)
    listed = reverse("delivery_list", args=[environment.pk])
    trail = reverse("audit_list", args=[environment.pk])
    for title, path in {
        "delivery_list, last page": f"{listed}?page=20",
        "delivery_list, of one configuration": f"{listed}?configuration={configuration.pk}",
        "delivery_list, nothing found": f"{listed}?state=refused",
        "figures, of a year": f"{reverse('figures', args=[environment.pk])}?days=365",
        "audit_list, last page": f"{trail}?page=20",
        "audit_list, by person and action": f"{trail}?person=user7&action=account.edit",
        "audit_list, text that is nowhere": f"{trail}?text=nowhere",
    }.items():
        yield title, "mia", getting(path)
    edit = reverse("configuration_edit", args=[environment.pk, configuration.account.pk, configuration.pk])
    form = _form(configuration)
    for step in ("files", "summary"):
        # As a browser sends it, made here so that it does not count.
        body = urlencode({**form, "step": step}, doseq=True)
        yield f"configuration_edit, {step}", "mia", posting(edit, body)


def getting(path: str) -> Callable[[Client], Any]:
    return lambda client: client.get(path)


def posting(path: str, body: str) -> Callable[[Client], Any]:
    return lambda client: client.post(path, body, _FORM)


def addresses(resolver: Any = None) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Name and arguments of every address there is."""
    from django.urls import URLPattern, get_resolver

    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield str(one.name), tuple(one.pattern.converters)
        else:
            for name, arguments in addresses(one):
                yield name, (*one.pattern.converters, *arguments)


def _is_page(name: str, path: str) -> bool:
    """Whether it can be asked for, and leaves whoever asks logged in."""
    from django.urls import resolve

    view: Any = resolve(path).func
    return name not in {"account_logout", "set_language", "set_theme"} and "allauth" not in view.__module__


def _arguments(configuration: Configuration) -> tuple[dict[str, Any], dict[str, str]]:
    """Values of what addresses name; and those of the addresses of the open folder, which name what stands there."""
    from django.utils import timezone

    from sluis.control import places
    from sluis.control.actions.keys import make_key
    from sluis.control.actions.recipients import add_recipient
    from sluis.control.actor import CLI
    from sluis.control.models import Delivery, DeliveryFile, LogLine, Mail, User

    delivery = Delivery.objects.filter(configuration=configuration).latest("created_at")
    refresh = configuration.environment.refreshes.latest("pk")
    names = [one.file for one in configuration.files.all()]
    DeliveryFile.objects.bulk_create(
        DeliveryFile(
            delivery=delivery,
            name=name,
            mode="full",
            reason="first",
            rows=1,
            inserted=1,
            updated=0,
            deleted=0,
            bytes=1,
            sha256="x",
            generation=1,
            fingerprint="x",
        )
        for name in names
    )
    LogLine.objects.bulk_create(
        LogLine(
            delivery=delivery,
            level=1,
            code="file",
            text=f"{name}: full",
            details={"file": name, "mode": "full", "inserted": 1, "updated": 0, "deleted": 0, "bytes": 1},
        )
        for name in names
    )
    LogLine.objects.bulk_create(
        LogLine(refresh=refresh, level=1, code="dataset", text=f"dataset_{number}: 100 changes") for number in range(40)
    )
    folders = Delivery.objects.filter(configuration=configuration).values_list("folder", flat=True)
    for folder in folders:
        place = places.hosted(configuration.account).place(configuration.name, folder)
        place.mkdir(parents=True)
        for name in names if folder == delivery.folder else names[:1]:
            (place / f"{name}.csv").write_text("PrimaryKey,RecordKey\n" + "0" * 32 + "," + "1" * 32 + "\n", "utf-8")
    key, _ = make_key(CLI, configuration.account, "key")
    recipient = add_recipient(CLI, configuration.account, "a@example.org", report="failures")
    mail = Mail.objects.create(
        account=configuration.account,
        to=recipient.address,
        language="nl",
        subject="x",
        text="x" * 5000,
        html="x" * 20_000,
        next_try_at=timezone.now(),
    )
    values = {
        "environment": configuration.environment.pk,
        "account": configuration.account.pk,
        "configuration": configuration.pk,
        "delivery": delivery.pk,
        "key": key.pk,
        "recipient": recipient.pk,
        "kind": "external",
        "version": "7.36",
        "dataset": "werknemer",
        "stream": "verzuim",
        "file": "Fact_Verzuim",
        "refresh": refresh.pk,
        "mail": mail.pk,
        "user": User.objects.get(username="mia").pk,
        "member": User.objects.get(username="mia").memberships.latest("pk").pk,
        "step": "ask",
        "pk": 1,
        "provider_id": "oidc",
    }
    return values, {"configuration": configuration.name, "delivery": delivery.folder, "file": f"{names[0]}.csv"}


def _form(configuration: Configuration) -> dict[str, Any]:
    """The page of a configuration as it is sent back, with another name."""
    chosen = {one.file: one.columns for one in configuration.files.all()}
    return {
        "name": configuration.name,
        "incremental": "on",
        "automatic": "on",
        "before": configuration.streams,
        "stream": configuration.streams,
        "file": list(chosen),
        "column": [f"{file}.{column}" for file, columns in chosen.items() for column in columns],
    }


if __name__ == "__main__":
    main()
