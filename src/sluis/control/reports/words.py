"""Every text of a mailed log report: Dutch and English side by side."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from typing import Any

_Pair = tuple[str, str]

OUTCOMES: dict[str, _Pair] = {
    "delivered": ("Aangeleverd", "Delivered"),
    "held": ("Vastgehouden: wacht op een besluit", "Held: waits for a decision"),
    "failed": ("Mislukt", "Failed"),
    "publishing": ("Mislukt: nog niet bevestigd", "Failed: not confirmed yet"),
    "cancelled": ("Geannuleerd", "Cancelled"),
    "refused": ("Geweigerd", "Refused"),
    "superseded": ("Vervallen", "Superseded"),
    "unknown": ("Onbekend of deze is aangekomen", "Unknown whether it arrived"),
    "delivered-after-all": ("Alsnog aangeleverd", "Delivered after all"),
    "given-up": ("Mislukt, en opgegeven", "Failed, and given up"),
    "refresh": ("Verversing mislukt", "Refresh failed"),
    "refresh-given-up": ("Verversing mislukt, en opgegeven", "Refresh failed, and given up"),
    "refreshed-after-all": ("Verversing alsnog gelukt", "Refreshed after all"),
}
"""How a run ended, by the state of the delivery, and what becomes of a job that is tried several times."""

ALIKE = {
    "cancelled": "failed",
    "given-up": "failed",
    "delivered-after-all": "delivered",
    "refresh-given-up": "refresh",
}
"""Outcomes after which comes the same as after another."""

NEXT: dict[str, _Pair] = {
    "delivered": (
        "De volgende aanlevering bevat wat er daarna verandert.",
        "The next delivery holds what changes from then on.",
    ),
    "delivered-all": ("De volgende aanlevering bevat weer alles.", "The next delivery holds everything again."),
    "held": (
        "Er is niets gepubliceerd. Kijk eerst in de bron. Geef de aanlevering daarna vrij, of weiger haar.",
        "Nothing was published. Look at the source first. Then release the delivery, or refuse it.",
    ),
    "failed": (
        "De ontvanger houdt wat hij had. De volgende aanlevering bevat alles sinds de laatste die is aangekomen.",
        "The receiver keeps what it had. The next delivery holds everything since the last that arrived.",
    ),
    "publishing": (
        "Deze aanlevering wordt eerst afgerond, met dezelfde inhoud en hetzelfde nummer, voordat er een volgende komt.",
        "This delivery is settled first, with the same content and number, before there is another.",
    ),
    "refused": (
        "De ontvanger houdt wat hij had. De volgende aanlevering kan ook worden vastgehouden.",
        "The receiver keeps what it had. The next delivery may be held too.",
    ),
    "superseded": ("De volgende aanlevering komt hiervoor in de plaats.", "The next delivery takes its place."),
    "unknown": ("De volgende aanlevering bevat alles.", "The next delivery holds everything."),
    "refresh": (
        "De ontvanger houdt wat hij had. Na een geslaagde verversing komt alles sinds de laatste aanlevering.",
        "The receiver keeps what it had. After a refresh that succeeds comes everything since the last delivery.",
    ),
    "refreshed-after-all": (
        "De automatische aanleveringen volgen nu.",
        "The automatic deliveries follow now.",
    ),
}
"""What comes next, by the outcome."""

AUTOMATIC: _Pair = ("Zij volgt vanzelf op een verversing.", "It follows a refresh by itself.")
BY_HAND: _Pair = ("Zij wordt met de hand gestart.", "It is started by hand.")
AGAIN: _Pair = ("Op {moment} wordt het opnieuw geprobeerd.", "It is tried again on {moment}.")
PLANNED: _Pair = (
    "De volgende verversing is gepland op {moment}.",
    "The next refresh is planned for {moment}.",
)
PAUSED: _Pair = ("Het schema staat stil.", "The schedule is paused.")

LINES: dict[str, _Pair] = {
    "delivered": (
        "Aanlevering {sequence} is aangekomen, met peilmoment {snapshot_time}.",
        "Delivery {sequence} arrived, with the snapshot of {snapshot_time}.",
    ),
    "delivery-failed": ("De aanlevering is mislukt.", "The delivery failed."),
    "delivery-dropped": (
        "De aanlevering is afgebroken voordat er iets was gepubliceerd.",
        "The delivery was broken off before anything was published.",
    ),
    "not-settled": (
        "De aanlevering kon nog niet worden afgerond.",
        "The delivery could not be settled yet.",
    ),
    "interrupted": (
        "Het proces eindigde tijdens het publiceren.",
        "Its process ended while it was being published.",
    ),
    "in-full": ("Volledig ({why}): {files}", "In full ({why}): {files}"),
    "no-history": (
        "De historie gaat niet terug tot {since}: alles wordt geleverd.",
        "The history does not go back to {since}: everything is delivered.",
    ),
    "held": (
        "Vastgehouden: in één keer zou te veel verdwijnen uit {files}.",
        "Held: too much would go at once from {files}.",
    ),
    "refused": ("De vastgehouden aanlevering is geweigerd.", "The held delivery was refused."),
    "superseded": ("De vastgehouden aanlevering is vervallen.", "The held delivery was superseded."),
    "cancelled": ("De aanlevering is geannuleerd.", "The delivery was cancelled."),
    "fate-unknown": (
        "Of de aanlevering is aangekomen, is niet meer na te gaan: de volgende is volledig.",
        "Whether the delivery arrived cannot be learned: the next comes in full.",
    ),
    "control-behind": (
        "De administratie is uit een oudere kopie teruggezet: alles wordt volledig geleverd.",
        "The control database was put back from an older copy: everything comes in full.",
    ),
    "mark-gone": (
        "De aanlevering bevat medische gegevens, en het account mag die intussen niet meer: verwijder haar zo nodig.",
        "It holds medical data, and the account's mark was taken away meanwhile: remove it if you want.",
    ),
    "no-key": (
        "Het koppelingsaccount heeft geen geldige sleutel: niemand kan deze aanlevering ophalen.",
        "The account has no valid key: nobody can fetch this delivery.",
    ),
    "not-fetched": (
        "De aanlevering is verwijderd voordat zij was opgehaald: de volgende is volledig.",
        "The delivery was removed before it was fetched: the next comes in full.",
    ),
    "not-reported": (
        "Van deze aanlevering kon geen logverslag worden gemaakt.",
        "No log report could be made of this run.",
    ),
    "refreshed": (
        "Peilmoment {snapshot}: {datasets} dataset(s).",
        "Snapshot {snapshot}: {datasets} dataset(s).",
    ),
    "refresh-failed": (
        "De bron kon niet worden gelezen; aanleveringen wachten tot dit is verholpen.",
        "The source could not be read; deliveries wait until this is mended.",
    ),
    "duration": ("Duur: {seconds} seconden.", "Duration: {seconds} seconds."),
    "file": (
        "{file}: {mode}, {inserted} nieuw, {updated} gewijzigd, {deleted} verwijderd, {bytes} bytes",
        "{file}: {mode}, {inserted} new, {updated} changed, {deleted} deleted, {bytes} bytes",
    ),
    "dataset": (
        "{dataset}: {rows} rijen, {inserted} nieuw, {updated} gewijzigd, {deleted} verwijderd",
        "{dataset}: {rows} rows, {inserted} new, {updated} changed, {deleted} deleted",
    ),
}
"""What a line of a log says, by its code."""

QUOTED = ("delivery-failed", "delivery-dropped", "not-settled", "refresh-failed")
"""Codes of lines whose own text is quoted too: it says what went wrong, in English."""

GONE: _Pair = ("{file} ({many} van {had} rijen)", "{file} ({many} of {had} rows)")

MORE: _Pair = ("en nog {number}", "and {number} more")
_MOST_NAMES = 8
"""How many names of files a line holds; the log itself and the table per file name all."""

REASONS: dict[str, _Pair] = {
    "first": ("voor het eerst", "for the first time"),
    "columns": ("andere kolommen", "other columns"),
    "medical": ("ander medisch kenmerk", "another medical mark"),
    "secret": ("ander geheim", "another secret"),
    "rebuilt": ("opnieuw opgebouwd", "made anew"),
    "destination": ("andere bestemming", "another destination"),
    "history": ("historie gaat niet ver genoeg terug", "history does not go back far enough"),
    "unknown": ("onzeker wat de ontvanger heeft", "unsure what the receiver has"),
    "asked": ("gevraagd", "asked for"),
}

LEVELS: dict[int, _Pair] = {
    1: ("metadata", "metadata"),
    2: ("melding", "message"),
    3: ("waarschuwing", "warning"),
    4: ("uitval", "failure"),
}

KINDS: dict[str, _Pair] = {
    "failures": ("alleen uitval", "failures only"),
    "warnings": ("uitval en waarschuwingen", "failures and warnings"),
    "messages": ("alle meldingen", "all messages"),
    "metadata": ("alle meldingen incl. metadata", "all messages incl. metadata"),
}

MODES: dict[str, _Pair] = {"full": ("volledig", "full"), "changes": ("mutaties", "changes")}

UI: dict[str, _Pair] = {
    "report": ("Logverslag", "Log report"),
    "environment": ("Omgeving", "Environment"),
    "account": ("Koppelingsaccount", "Connection account"),
    "configuration": ("Datastreamconfiguratie", "Configuration"),
    "delivery": ("Aanlevering", "Delivery"),
    "snapshot": ("Peilmoment", "Snapshot"),
    "duration": ("Duur", "Duration"),
    "total": ("Totaal", "Total"),
    "log": ("Logregels", "Log lines"),
    "files": ("Per bestand", "Per file"),
    "file": ("Bestand", "File"),
    "mode": ("Soort", "Kind"),
    "new": ("Nieuw", "New"),
    "changed": ("Gewijzigd", "Changed"),
    "deleted": ("Verwijderd", "Deleted"),
    "next": ("Wat volgt", "What comes next"),
    "open": ("Open het logverslag", "Open the log report"),
    "quoted": ("Foutmelding", "Error"),
    "number": ("nummer {number}", "number {number}"),
    "counts": (
        "{files} bestanden: {inserted} nieuw, {updated} gewijzigd, {deleted} verwijderd",
        "{files} files: {inserted} new, {updated} changed, {deleted} deleted",
    ),
    "why": (
        "U krijgt dit bericht omdat dit adres ontvanger is van koppelingsaccount {account} (keuze: {kind}).",
        "You get this message because this address is a recipient of account {account} (choice: {kind}).",
    ),
    "no_data": (
        "Een logverslag bevat aantallen en namen van bestanden, nooit de inhoud van een rij.",
        "A log report holds counts and names of files, never the content of a row.",
    ),
}

_MONTHS = (
    ("januari", "January"), ("februari", "February"), ("maart", "March"), ("april", "April"), ("mei", "May"),
    ("juni", "June"), ("juli", "July"), ("augustus", "August"), ("september", "September"), ("oktober", "October"),
    ("november", "November"), ("december", "December"),
)  # fmt: skip


class Speaker:
    """Says things in one language, ``nl`` or ``en``; moments in the given time zone."""

    def __init__(self, language: str, time_zone: str) -> None:
        self.language = language
        self._index = 0 if language == "nl" else 1
        self._zone = zoneinfo.ZoneInfo(time_zone)

    def say(self, pair: _Pair, **values: object) -> str:
        """One of the pair, filled in; numbers are grouped."""
        filled = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return pair[self._index].format(**filled) if filled else pair[self._index]

    def number(self, value: int) -> str:
        """``1.234`` or ``1,234``."""
        return f"{value:,}".replace(",", ".") if self.language == "nl" else f"{value:,}"

    def moment(self, value: dt.datetime) -> str:
        """As ``23 november 2026 03:00``."""
        local = value.astimezone(self._zone)
        return f"{local.day} {_MONTHS[local.month - 1][self._index]} {local.year} {local:%H:%M}"

    def duration(self, seconds: int) -> str:
        """As ``1 u 02 min``, ``4 min 05 s`` or ``12 s``."""
        minutes, rest = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        if hours:
            return f"{hours} {'u' if self.language == 'nl' else 'h'} {minutes:02} min"
        return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"

    def _named(self, names: Sequence[str]) -> str:
        """Names with commas, of many the first few."""
        rest = len(names) - _MOST_NAMES
        return ", ".join(names[:_MOST_NAMES]) + (f" {self.say(MORE, number=rest)}" if rest > 0 else "")

    def line(self, code: str, text: str, details: Mapping[str, Any]) -> str:
        """What a log line says; its own text where it cannot be said in the language."""
        given = dict(details)
        if "reason" in given:
            reason = str(given["reason"])
            given["why"] = self.say(REASONS[reason]) if reason in REASONS else reason
        if "gone" in given:
            rows = given["gone"].items()
            given["files"] = [self.say(GONE, file=name, many=many, had=had) for name, (many, had) in rows]
        if "files" in given:
            given["files"] = self._named(given["files"])
        if given.get("mode") in MODES:
            given["mode"] = self.say(MODES[given["mode"]])
        try:
            return self.say(LINES[code], **given)
        except KeyError:
            return text
