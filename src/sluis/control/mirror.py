"""Whether the control database and the lake remember the same: either can have been put back from an older copy."""

from __future__ import annotations

from django.db import transaction

from sluis.control.actions import bookmarks
from sluis.control.models import Doubt, Environment, Refresh, RefreshState
from sluis.lake.store import Head


def lake_is_behind(environment: Environment, head: Head) -> bool:
    """Whether the lake lacks snapshots that the control database knows: it must be read anew before it is used."""
    return head.lake_id == environment.lake_id and head.sequence < (environment.lake_sequence or 0)


def reconcile(environment: Environment, head: Head) -> bool:
    """Doubt every bookmark where the lake has snapshots that the control database never heard of; whether it did.

    Deliveries may have been made of them that it does not know either. A refresh that is on its way, or whose process
    died before it could tell, explains one snapshot.
    """
    if head.lake_id != environment.lake_id:
        return False
    # In this order: a refresh that tells of its snapshot in between is seen by one of the two.
    on_its_way = Refresh.objects.filter(environment=environment, state=RefreshState.RUNNING).exists()
    with transaction.atomic():
        fresh = Environment.objects.select_for_update().get(pk=environment.pk)
        known = (fresh.lake_sequence or 0) + on_its_way
        if fresh.lake_id != head.lake_id or head.sequence <= known:
            return False
        bookmarks.doubt_all(fresh, Doubt.UNKNOWN)
        fresh.lake_sequence, fresh.snapshot_time = head.sequence, head.snapshot_time
        fresh.save(update_fields=["lake_sequence", "snapshot_time"])
    return True
