"""Notices: what the recipients of an account are told besides the log reports, each fact once."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from sluis.catalog import loader
from sluis.catalog.loader import Catalog
from sluis.control import audit
from sluis.control.actor import Actor
from sluis.control.facts import Fact, facts_of, news, offer
from sluis.control.models import Configuration, Environment, Mail, Notice, Offered, Recipient
from sluis.control.permissions import require
from sluis.control.reports.noticing import compose_notice
from sluis.errors import SluisError


def make_notices(actor: Actor) -> int:
    """Tell what is to be told in all environments with the module Datastreams; how many facts were new.

    Any number of workers may do this, as often as they like.
    """
    require(actor, "notice.make", None)
    environments = Environment.objects.filter(datastreams_enabled=True).order_by("pk")
    return sum(_in_environment(actor, environment) for environment in environments)


def _in_environment(actor: Actor, environment: Environment) -> int:
    try:
        catalog = loader.load(environment.catalog)
    except SluisError:
        # Whoever refreshes or delivers is told what is wrong with it.
        catalog = None
    made = 0
    if catalog:
        rows = Configuration.objects.filter(account__environment=environment, archived_at=None)
        made += sum(_look(actor, row, catalog) for row in rows.select_related("account__environment").order_by("pk"))
    known = set(Notice.objects.filter(account__environment=environment).values_list("account", "kind", "fact"))
    facts = [one for one in facts_of(environment, catalog) if (one.account.pk, one.kind, one.key) not in known]
    return made + sum(_make(actor, fact) for fact in facts)


@transaction.atomic
def _look(actor: Actor, configuration: Configuration, catalog: Catalog) -> bool:
    """Tell what is new in the catalogue since it was last looked at for a configuration."""
    if configuration.version not in catalog.versions:
        return False
    now = offer(configuration, catalog)
    values = {"version": now.version, "streams": now.streams, "columns": now.columns}
    seen, first = Offered.objects.select_for_update().get_or_create(configuration=configuration, defaults=values)
    if (seen.version, seen.streams, seen.columns) == (now.version, now.streams, now.columns):
        return False
    fact = None if first or seen.version != now.version else news(seen, now, catalog)
    Offered.objects.filter(pk=seen.pk).update(**values)
    return _make(actor, fact) if fact else False


@transaction.atomic
def _make(actor: Actor, fact: Fact) -> bool:
    """Tell a fact: a mail per recipient who did not switch its kind off; False where it was told before."""
    notice, made = Notice.objects.get_or_create(
        account=fact.account,
        kind=fact.kind,
        fact=fact.key,
        defaults={"configuration": fact.configuration, "form": fact.form, "details": fact.details},
    )
    if not made:
        return False
    account = fact.account
    mail = compose_notice(notice)
    recipients = Recipient.objects.filter(account=account).exclude(notices_off__contains=[fact.kind])
    for recipient in recipients.order_by("pk"):
        Mail.objects.create(
            account=account,
            to=recipient.address,
            language=account.language,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            next_try_at=timezone.now(),
        )
    subject = str(fact.configuration or account)
    audit.record(actor, "notice.make", subject, account, {"kind": fact.kind, "form": fact.form})
    return True
