"""Refreshes on screen: list, detail, log, letting go what the brake stopped, and refreshing now."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from control.fixtures import People
from sluis.control import refreshing
from sluis.control.models import Environment, LogLine, Refresh, RefreshState, RunProgress, Stage
from web.visiting import Visit

COUNTS = {
    "member": {"before": 1200, "rows": 1234, "inserted": 50, "updated": 1007, "deleted": 16, "rebuilt": False},
    "loan": {"before": 10, "rows": 10, "inserted": 0, "updated": 0, "deleted": 0, "rebuilt": False},
    "note": {"before": 3, "rows": 4, "inserted": 0, "updated": 0, "deleted": 0, "rebuilt": True},
}
MOMENT = dt.datetime(2026, 11, 22, 2, tzinfo=dt.UTC)


def refreshed(environment: Environment, state: str = RefreshState.SUCCEEDED, **more: Any) -> Refresh:
    """A refresh as a run leaves it, of 65 seconds."""
    values: dict[str, Any] = {"actor": "worker", "trigger": "schedule"}
    if state == RefreshState.SUCCEEDED:
        values |= {"counts": COUNTS, "sequence": 7, "snapshot_time": MOMENT}
    row = Refresh.objects.create(environment=environment, state=state, **{**values, **more})
    ended = None if state == RefreshState.RUNNING else MOMENT + dt.timedelta(seconds=65)
    Refresh.objects.filter(pk=row.pk).update(started_at=MOMENT, finished_at=ended)
    for level, code in ((1, "duration"), (2, "refreshed"), (4, "refresh-failed")):
        details = {"seconds": 65, "snapshot": 7, "datasets": 3}
        LogLine.objects.create(refresh=row, level=level, code=code, text=f"line {code}", details=details)
    row.refresh_from_db()
    return row


def braked(environment: Environment) -> Refresh:
    failure = "too much would go at once from member (900 of 1200 rows)"
    return refreshed(environment, RefreshState.FAILED, gone={"member": 900}, failure=failure)


def of(name: str, refresh: Refresh) -> str:
    return reverse(name, kwargs={"environment": refresh.environment.pk, "refresh": refresh.pk})


def at(name: str, environment: Environment) -> str:
    return reverse(name, kwargs={"environment": environment.pk})


# List


def test_the_list_shows_the_newest_first_with_what_changed(
    visit: Visit, people: People, environment: Environment
) -> None:
    refreshed(environment)
    braked(environment)
    text = visit(people.rita).get(at("refresh_list", environment)).content.decode()
    assert text.index("Gestopt door de rem") < text.index("Gelukt</span>")
    for told in ("2 verversingen", "1.073", "1.007", "1 min 05 s", "−900", "opnieuw gemaakt", "Volgens het schema"):
        assert told in text, told
    assert "Nu verversen" not in text


def test_the_list_is_filtered_by_state_and_days(visit: Visit, people: People, environment: Environment) -> None:
    refreshed(environment)
    old = refreshed(environment, RefreshState.FAILED)
    Refresh.objects.filter(pk=old.pk).update(started_at=dt.datetime(2025, 1, 1, 23, 30, tzinfo=dt.UTC))
    client = visit(people.sam)

    def found(**given: str) -> int:
        return client.get(at("refresh_list", environment), given).content.decode().count('class="row-link')

    assert found() == 2
    assert found(state="failed") == 1
    assert found(state="running") == 0
    assert found(first="2025-01-02", last="2025-01-02") == 1, "the day of the environment's time zone"
    assert found(last="2025-01-01") == 0
    assert found(first="nonsense", state="nonsense", page="nonsense") == 2


def test_a_list_has_pages_and_a_fixed_number_of_queries(
    visit: Visit, people: People, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refreshing, "NEWEST", 60)
    client = visit(people.sam)
    counts = []
    for many in (1, 61):
        for _ in range(many):
            last = refreshed(environment)
        with CaptureQueriesContext(connection) as asked:
            page = client.get(at("refresh_list", environment)).content.decode()
            assert client.get(of("refresh_detail", last)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= 28
    assert page.count('class="row-link') == 50
    assert "pagina 1 van 2" in page
    assert "kies dagen om oudere te zien" in page
    assert client.get(at("refresh_list", environment), {"page": "9"}).content.decode().count('class="row-link') == 10


# Detail


def test_the_detail_shows_datasets_and_log(visit: Visit, people: People, environment: Environment) -> None:
    refresh = refreshed(environment)
    client = visit(people.rita, language="en")
    text = client.get(of("refresh_detail", refresh)).content.decode()
    for told in ("1,234", "1,007", "By the schedule", "worker", "1 min 05 s", "Duration: 65 seconds.", "Snapshot 7"):
        assert told in text, told
    assert "line refresh-failed" in text, "what went wrong is quoted"
    some = client.get(of("refresh_detail", refresh), {"level": ["2", "9", "x"]}).content.decode()
    assert "Snapshot 7: 3 dataset(s)." in some
    assert "Duration: 65" not in some
    kept = client.get(of("refresh_log", refresh))
    assert kept.headers["content-disposition"] == f'attachment; filename="refresh-{refresh.pk}.txt"'
    assert kept.content.decode().count("\n") == 3


def test_a_failure_is_told_in_the_language_of_the_page(visit: Visit, people: People, environment: Environment) -> None:
    refresh = refreshed(
        environment,
        RefreshState.FAILED,
        failure="dataset loan reads source.loan, which the source does not have (any more)",
    )
    text = visit(people.sam).get(of("refresh_detail", refresh)).content.decode()
    assert "dataset loan leest source.loan, die de bron niet (meer) heeft" in text
    assert "Er is geen peilmoment gemaakt" in text
    assert at("settings_source", environment) not in text
    assert at("settings_source", environment) in visit(people.olga).get(of("refresh_detail", refresh)).content.decode()


def test_progress_is_shown_and_ends_with_loading_the_page(
    visit: Visit, people: People, environment: Environment
) -> None:
    refresh = refreshed(environment, RefreshState.RUNNING)
    RunProgress.objects.create(refresh=refresh, stage=Stage.READING, total=6, moment=timezone.now())
    client = visit(people.olga)
    for page in (of("refresh_detail", refresh), at("refresh_list", environment)):
        text = client.get(page).content.decode()
        assert 'hx-trigger="every 2s"' in text
        assert "Bron lezen" in text
    for part in (of("refresh_progress", refresh), at("refreshes_progress", environment)):
        assert "HX-Refresh" not in client.get(part).headers
    Refresh.objects.update(state=RefreshState.FAILED)
    for part in (of("refresh_progress", refresh), at("refreshes_progress", environment)):
        assert client.get(part).headers["HX-Refresh"] == "true"


def test_a_link_in_a_mail_leads_to_the_page(visit: Visit, people: People, environment: Environment) -> None:
    refresh = refreshed(environment)
    answer = visit(people.sam).get(f"/refreshes/{refresh.pk}", follow=True)
    assert answer.redirect_chain[-1][0] == of("refresh_detail", refresh)
    assert visit(people.xander).get(f"/refreshes/{refresh.pk}/").status_code == 404


# Asked of a worker


def test_what_the_brake_stopped_is_let_go(visit: Visit, people: People, environment: Environment) -> None:
    refresh = braked(environment)
    client = visit(people.sam)
    page = client.get(of("refresh_detail", refresh)).content.decode()
    assert "900 rijen zouden verdwijnen" in page
    assert of("refresh_release", refresh) in page
    assert client.post(of("refresh_release", refresh)).status_code == 302
    job = ProcrastinateJob.objects.get()
    assert people.sam.user
    assert (job.task_name, job.args["release"], job.args["by"]) == ("refresh", True, people.sam.user.pk)
    assert client.post(of("refresh_release", refresh)).status_code == 409, "it waits already"
    refreshed(environment)
    assert of("refresh_release", refresh) not in client.get(of("refresh_detail", refresh)).content.decode()
    assert client.post(of("refresh_release", refresh)).status_code == 409, "there is a newer one"


def test_a_refresh_is_asked_and_taken_back(visit: Visit, people: People, environment: Environment) -> None:
    client = visit(people.sam)
    assert at("refreshes_now", environment) in client.get(at("refresh_list", environment)).content.decode()
    client.post(at("refreshes_now", environment))
    assert client.post(at("refreshes_now", environment)).status_code == 409
    assert "wacht op een worker" in client.get(at("refresh_list", environment)).content.decode()
    assert client.post(at("refreshes_cancel", environment)).status_code == 302
    assert client.post(at("refreshes_cancel", environment)).status_code == 409
    assert not ProcrastinateJob.objects.exists()


# Who


def test_who_sees_and_who_asks(visit: Visit, people: People, environment: Environment) -> None:
    refresh = braked(environment)
    pages = [at("refresh_list", environment), at("refreshes_progress", environment)]
    pages += [of(name, refresh) for name in ("refresh_detail", "refresh_progress", "refresh_log")]
    verbs = [at("refreshes_now", environment), at("refreshes_cancel", environment), of("refresh_release", refresh)]
    rita, xander, olga = visit(people.rita), visit(people.xander), visit(people.olga)
    for page in pages:
        assert (rita.get(page).status_code, olga.get(page).status_code, xander.get(page).status_code) == (
            200,
            200,
            404,
        ), page
    for verb in verbs:
        assert (rita.post(verb).status_code, xander.post(verb).status_code) == (403, 404), verb
        assert olga.get(verb).status_code == 405
    elsewhere = Environment.objects.get(name="Zuid")
    place = {"environment": elsewhere.pk, "refresh": refresh.pk}
    assert olga.get(reverse("refresh_detail", kwargs=place)).status_code == 404
    assert not ProcrastinateJob.objects.exists()


def test_without_the_module_only_the_operator_looks(visit: Visit, people: People, environment: Environment) -> None:
    Environment.objects.update(datastreams_enabled=False)
    refresh = braked(environment)
    olga = visit(people.olga)
    page = olga.get(of("refresh_detail", refresh))
    assert page.status_code == 200
    assert of("refresh_release", refresh) not in page.content.decode()
    assert visit(people.sam).get(of("refresh_detail", refresh)).status_code == 404
    assert olga.post(at("refreshes_now", environment)).status_code == 403
