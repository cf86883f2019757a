"""Verbs for configurations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from django.db import transaction
from django.utils import timezone

from sluis.catalog.loader import Catalog, load
from sluis.control import audit, choices
from sluis.control.actor import Actor
from sluis.control.choices import Chosen
from sluis.control.models import SETTLED_STATES, Configuration, ConfigurationFile, ConnectionAccount, DeliveryState
from sluis.control.names import check_name, save_named
from sluis.control.permissions import require
from sluis.errors import Rejected


@transaction.atomic
def add_configuration(
    actor: Actor,
    account: ConnectionAccount,
    name: str,
    *,
    version: str,
    streams: Iterable[str] | Literal["all"],
    pseudonymous: bool,
    reason: str = "",
    automatic: bool = False,
    incremental: bool = True,
) -> Configuration:
    """Make a configuration with the default files and columns of its streams. Plain delivery asks a reason."""
    require(actor, "configuration.add", account)
    catalog = load(account.environment.catalog)
    choices.check_version(catalog, version, account.environment.today())
    codes = choices.streams_in(catalog, version, catalog.version(version).streams if streams == "all" else streams)
    chosen = choices.default_choice(catalog, version, codes)
    configuration = Configuration(
        account=account,
        name=check_name(name),
        version=version,
        pseudonymous=pseudonymous,
        plain_reason=_reason(reason, pseudonymous=pseudonymous),
        automatic=automatic,
        incremental=incremental,
        streams=codes,
    )
    _save_new(configuration, choices.in_order(catalog.stream_files(version, codes), chosen))
    audit.record(actor, "configuration.add", _subject(configuration), configuration, _all_of(configuration, chosen))
    return configuration


@transaction.atomic
def copy_configuration(
    actor: Actor,
    configuration: Configuration,
    name: str,
    *,
    version: str | None = None,
    pseudonymous: bool | None = None,
    reason: str = "",
) -> Configuration:
    """Make a configuration like another on the same account, never automatic by itself.

    In another version it has what stands there under the same names; what is new there is off.
    """
    origin = _locked(configuration)
    require(actor, "configuration.view", origin)
    require(actor, "configuration.add", origin.account)
    environment = origin.account.environment
    catalog = load(environment.catalog)
    target = version or origin.version
    choices.check_version(catalog, target, environment.today())
    streams, chosen = choices.moved(catalog, target, origin.streams, chosen_of(origin))
    as_it_is = pseudonymous is None or pseudonymous == origin.pseudonymous
    hidden = origin.pseudonymous if pseudonymous is None else pseudonymous
    copy = Configuration(
        account=origin.account,
        name=check_name(name),
        version=target,
        pseudonymous=hidden,
        plain_reason=_reason(reason or (origin.plain_reason if as_it_is else ""), pseudonymous=hidden),
        incremental=origin.incremental,
        streams=streams,
    )
    _save_new(copy, chosen)
    # What the other version has besides is news for who chose in this one.
    copy.known = origin.known if target == origin.version else choices.offered(catalog, origin.version)
    copy.save(update_fields=["known"])
    details = {"from": origin.name, **_all_of(copy, chosen)}
    audit.record(actor, "configuration.copy", _subject(copy), copy, details)
    return copy


@transaction.atomic
def edit_configuration(
    actor: Actor,
    configuration: Configuration,
    *,
    name: str | None = None,
    version: str | None = None,
    pseudonymous: bool | None = None,
    reason: str | None = None,
    automatic: bool | None = None,
    incremental: bool | None = None,
    add_streams: Iterable[str] = (),
    drop_streams: Iterable[str] = (),
    add_files: Iterable[str] = (),
    drop_files: Iterable[str] = (),
) -> Configuration:
    """Change what is given; what is None or empty stays. Name, version and pseudonymous are fixed once delivered."""
    configuration = _editable(actor, configuration)
    add_streams, drop_streams, add_files, drop_files = map(list, (add_streams, drop_streams, add_files, drop_files))
    given = {"name": name, "automatic": automatic, "incremental": incremental}
    others = (version, pseudonymous, reason)
    if {*given.values(), *others} == {None} and not any((add_streams, drop_streams, add_files, drop_files)):
        raise Rejected("there is nothing to change", remedy="give what is to change")
    catalog = load(configuration.environment.catalog)
    before, chosen = _fields(configuration), chosen_of(configuration)
    for field, value in given.items():
        if value is not None:
            setattr(configuration, field, value)
    check_name(configuration.name)
    _edit_pseudonymity(configuration, pseudonymous=pseudonymous, reason=reason)
    after = chosen
    if version is not None and version != configuration.version:
        choices.check_version(catalog, version, configuration.environment.today())
        configuration.version = version
        configuration.streams, after = choices.moved(catalog, version, configuration.streams, after)
    after = _edit_streams(configuration, catalog, after, add_streams, drop_streams)
    if add_files or drop_files:
        files = catalog.stream_files(configuration.version, configuration.streams)
        after = choices.with_files(files, after, add_files, drop_files)
    changed = audit.difference(before, _fields(configuration))
    _refuse_fixed(configuration, before["name"], changed)
    return _save_changed(actor, configuration, changed, chosen, after)


@transaction.atomic
def save_choice(
    actor: Actor,
    configuration: Configuration,
    *,
    name: str,
    automatic: bool,
    incremental: bool,
    streams: Iterable[str],
    files: Mapping[str, Collection[str]],
) -> Configuration:
    """Change all that can change of a configuration at once. ``files``: file → its chosen columns.

    Mandatory columns are on whether they are named or not. Nothing is written where nothing changes.
    """
    configuration = _editable(actor, configuration)
    catalog = load(configuration.environment.catalog)
    before, chosen = _fields(configuration), chosen_of(configuration)
    configuration.name = check_name(name)
    configuration.automatic, configuration.incremental = automatic, incremental
    configuration.streams = choices.streams_in(catalog, configuration.version, streams)
    after = choices.picked(catalog, configuration.version, configuration.streams, files)
    changed = audit.difference(before, _fields(configuration))
    _refuse_fixed(configuration, before["name"], changed)
    return _save_changed(actor, configuration, changed, chosen, after)


def rename(actor: Actor, configuration: Configuration, name: str) -> Configuration:
    """Give another name; only while no receiver has a delivery."""
    return edit_configuration(actor, configuration, name=name)


@transaction.atomic
def choose_columns(
    actor: Actor, configuration: Configuration, file: str, *, on: Iterable[str] = (), off: Iterable[str] = ()
) -> Configuration:
    """Switch columns of a chosen file on and off. Mandatory columns cannot be off."""
    configuration = _editable(actor, configuration)
    catalog = load(configuration.environment.catalog)
    before = chosen_of(configuration)
    if file not in before:
        raise Rejected(
            f"file {file!r} is not chosen in {configuration}", remedy=f"choose one of: {', '.join(before)}, or add it"
        )
    files = catalog.files(configuration.version)
    if file not in files:
        raise Rejected(f"version {configuration.version} has no file {file} any more", remedy="drop it")
    after = {**before, file: choices.with_columns(files[file], before[file], on, off)}
    return _save_changed(actor, configuration, {}, before, after)


@transaction.atomic
def archive(actor: Actor, configuration: Configuration) -> Configuration:
    """Take a configuration out of use. What was delivered, and its history, stay."""
    configuration = _editable(actor, configuration)
    if configuration.deliveries.filter(state=DeliveryState.PUBLISHING).exists():
        raise Rejected(f"a delivery of {configuration} is being published", remedy="archive it when that has ended")
    configuration.archived_at = timezone.now()
    configuration.save()
    audit.record(actor, "configuration.archive", _subject(configuration), configuration)
    return configuration


@transaction.atomic
def restore(actor: Actor, configuration: Configuration) -> Configuration:
    """Take an archived configuration into use again."""
    configuration = _locked(configuration)
    require(actor, "configuration.edit", configuration)
    if configuration.archived_at is None:
        raise Rejected(f"{configuration} is not archived", remedy="leave it as it is")
    configuration.archived_at = None
    configuration.save()
    audit.record(actor, "configuration.restore", _subject(configuration), configuration)
    return configuration


def chosen_of(configuration: Configuration) -> Chosen:
    """The chosen files with their chosen columns, as they are kept."""
    return {row.file: list(row.columns) for row in configuration.files.order_by("pk")}


def _locked(configuration: Configuration) -> Configuration:
    # Two edits at once would each see the choice as it was before the other.
    rows = Configuration.objects.select_for_update(of=("self",)).select_related("account__environment")
    return rows.get(pk=configuration.pk)


def _editable(actor: Actor, configuration: Configuration) -> Configuration:
    configuration = _locked(configuration)
    require(actor, "configuration.edit", configuration)
    if configuration.archived_at is not None:
        raise Rejected(f"{configuration} is archived", remedy="restore it first")
    return configuration


def _edit_pseudonymity(configuration: Configuration, *, pseudonymous: bool | None, reason: str | None) -> None:
    if pseudonymous is None and reason is None:
        return
    hidden = configuration.pseudonymous if pseudonymous is None else pseudonymous
    kept = "" if hidden else configuration.plain_reason
    configuration.plain_reason = _reason(kept if reason is None else reason, pseudonymous=hidden)
    configuration.pseudonymous = hidden


def _edit_streams(
    configuration: Configuration, catalog: Catalog, chosen: Chosen, add: list[str], drop: list[str]
) -> Chosen:
    if not add and not drop:
        return chosen
    old = list(configuration.streams)
    absent = sorted(set(drop) - set(old))
    if absent:
        raise Rejected(f"{configuration} has no stream {', '.join(absent)}", remedy=f"it has: {', '.join(old)}")
    if set(add) & set(drop):
        raise Rejected(
            f"stream {', '.join(sorted(set(add) & set(drop)))} is both to come and to go", remedy="name it once"
        )
    new = choices.streams_in(catalog, configuration.version, [*(set(old) - set(drop)), *add])
    configuration.streams = new
    return choices.with_streams(catalog, configuration.version, old, new, chosen)


def _reason(reason: str, *, pseudonymous: bool) -> str:
    reason = reason.strip()
    if pseudonymous and reason:
        raise Rejected("a reason belongs to a plain configuration", remedy="leave the reason out, or choose plain")
    if not pseudonymous and not reason:
        raise Rejected(
            "a configuration that is not pseudonymous asks a reason",
            remedy="give the reason, for example the reference of the impact assessment",
        )
    return reason


def _refuse_fixed(configuration: Configuration, name: str, changed: Mapping[str, Any]) -> None:
    fixed = [field for field in ("name", "version", "pseudonymous") if field in changed]
    if fixed and configuration.deliveries.filter(state__in=SETTLED_STATES).exists():
        raise Rejected(
            f"{configuration.account.name}/{name} has a delivery, so its {' and '.join(fixed)} cannot change",
            remedy="make a copy with the change, and archive this one when the receiver has switched",
        )


def _save_new(configuration: Configuration, chosen: Chosen) -> None:
    _save_row(configuration)
    _save_choice(configuration, {}, chosen)


def _save_changed(
    actor: Actor, configuration: Configuration, changed: Mapping[str, Any], before: Chosen, after: Chosen
) -> Configuration:
    choice = _choice_difference(before, after)
    if not changed and not choice:
        return configuration
    _save_row(configuration)
    _save_choice(configuration, before, after)
    details = {**changed, **({"files": choice} if choice else {})}
    audit.record(actor, "configuration.edit", _subject(configuration), configuration, details)
    return configuration


def _save_row(configuration: Configuration) -> None:
    configuration.known = choices.offered(load(configuration.environment.catalog), configuration.version)
    taken = f"there is a configuration {configuration.name!r} on account {configuration.account} already"
    save_named(configuration, "configuration_name_unique", f"{taken}, perhaps an archived one")


def _save_choice(configuration: Configuration, before: Chosen, after: Chosen) -> None:
    configuration.files.exclude(file__in=list(after)).delete()
    ConfigurationFile.objects.bulk_create(
        (
            ConfigurationFile(configuration=configuration, file=file, columns=columns)
            for file, columns in after.items()
            if before.get(file) != columns
        ),
        update_conflicts=True,
        unique_fields=["configuration", "file"],
        update_fields=["columns"],
    )


def _fields(configuration: Configuration) -> dict[str, Any]:
    names = ("name", "version", "pseudonymous", "plain_reason", "automatic", "incremental", "streams")
    return {name: getattr(configuration, name) for name in names}


def _all_of(configuration: Configuration, chosen: Chosen) -> dict[str, Any]:
    return {**_fields(configuration), "files": chosen}


def _choice_difference(before: Chosen, after: Chosen) -> dict[str, Any]:
    changed = {
        file: {
            "on": [column for column in after[file] if column not in before[file]],
            "off": [column for column in before[file] if column not in after[file]],
        }
        for file in after
        if file in before and set(after[file]) != set(before[file])
    }
    parts = {
        "added": {file: columns for file, columns in after.items() if file not in before},
        "removed": [file for file in before if file not in after],
        "changed": changed,
    }
    return {name: value for name, value in parts.items() if value}


def _subject(configuration: Configuration) -> str:
    return f"configuration {configuration}"
