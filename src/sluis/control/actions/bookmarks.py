"""Doubt about what a receiver has: the files concerned come in full, and say why."""

from __future__ import annotations

from django.db import transaction

from sluis.control.models import Bookmark, Configuration, Delivery, Doubt, Environment


@transaction.atomic
def doubt(configuration: Configuration, reason: Doubt, delivery: Delivery | None = None) -> None:
    """Trust no bookmark of a configuration any more. ``delivery``: one that the receiver may or may not have.

    Its files, and those that it named as ended, are remembered too: the receiver may still have to hear that they left.
    """
    Bookmark.objects.filter(configuration=configuration, doubt="").update(doubt=reason)
    names = (
        [*delivery.files.exclude(fingerprint="").values_list("name", flat=True), *delivery.ended] if delivery else []
    )
    known = set(Bookmark.objects.filter(configuration=configuration).values_list("file", flat=True))
    Bookmark.objects.bulk_create(
        Bookmark(configuration=configuration, file=name, sequence=0, generation=0, doubt=reason)
        for name in names
        if name not in known
    )


def doubt_all(environment: Environment, reason: Doubt) -> None:
    """Trust no bookmark of an environment any more."""
    rows = Bookmark.objects.filter(configuration__account__environment=environment, doubt="")
    rows.update(doubt=reason)
