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

NOTICE_KINDS: dict[str, _Pair] = {
    "version-end": ("einde van een versie", "end of a version"),
    "catalog-news": ("nieuw in de catalogus", "new in the catalogue"),
    "key-end": ("einde van een sleutel", "end of a key"),
    "not-fetched": ("niet opgehaald", "not fetched"),
    "refresh-late": ("verversing te laat", "refresh late"),
}

NOTICES: dict[str, tuple[_Pair, _Pair, _Pair]] = {
    "version-ends": (
        ("Versie {version} eindigt op {ends}", "Version {version} ends on {ends}"),
        (
            (
                "Versie {version} wordt ondersteund tot en met {ends}, nog {days}. Daarna wordt deze configuratie niet "
                "meer aangeleverd."
            ),
            (
                "Version {version} is supported up to and including {ends}, {days} more. After that this configuration "
                "is delivered no more."
            ),
        ),
        (
            (
                "Kopieer de configuratie naar versie {next} en laat de ontvanger een aanlevering daarvan proberen. "
                "Archiveer daarna de oude."
            ),
            "Copy the configuration to version {next} and let the receiver try a delivery of it. Then archive the old.",
        ),
    ),
    "version-ended": (
        ("Versie {version} is geëindigd", "Version {version} has ended"),
        (
            (
                "Versie {version} werd ondersteund tot en met {ends}. Deze configuratie wordt niet meer aangeleverd; "
                "de ontvanger houdt wat hij had."
            ),
            (
                "Version {version} was supported up to and including {ends}. This configuration is delivered no more; "
                "the receiver keeps what it had."
            ),
        ),
        (
            (
                "Kopieer de configuratie naar versie {next} en stem het eerste gebruik af met de ontvanger. Archiveer "
                "daarna de oude."
            ),
            (
                "Copy the configuration to version {next} and agree on its first use with the receiver. Then archive "
                "the old."
            ),
        ),
    ),
    "catalog-news": (
        ("Nieuw in versie {version}", "New in version {version}"),
        (
            "De catalogus heeft er voor deze configuratie iets bij. Het staat uit tot iemand het kiest.",
            "The catalogue has something new for this configuration. It is off until somebody chooses it.",
        ),
        (
            (
                "Kies wat u wilt ontvangen, of niets. Een bestand dat er kolommen bij krijgt komt de volgende keer "
                "volledig."
            ),
            "Choose what you want to receive, or nothing. A file that gets more columns comes in full the next time.",
        ),
    ),
    "key-ends": (
        ("Sleutel {key} eindigt op {ends}", "Key {key} ends on {ends}"),
        (
            "Met sleutel {key} kan worden ingelogd tot en met {ends}, nog {days}.",
            "Key {key} can log in up to and including {ends}, {days} more.",
        ),
        (
            (
                "Vraag de ontvanger om een nieuwe openbare sleutel, en voeg die toe voordat deze eindigt. Twee "
                "sleutels naast elkaar mag."
            ),
            (
                "Ask the receiver for a new public key, and add it before this one ends. Two keys beside each other "
                "are fine."
            ),
        ),
    ),
    "key-ended": (
        ("Sleutel {key} is geëindigd", "Key {key} has ended"),
        (
            "Met sleutel {key} kan sinds het einde van {ends} niet meer worden ingelogd.",
            "Key {key} cannot log in any more since the end of {ends}.",
        ),
        (
            "Voeg een nieuwe openbare sleutel van de ontvanger toe, of verwijder deze als zij niet meer nodig is.",
            "Add a new public key of the receiver, or remove this one if it is not needed any more.",
        ),
    ),
    "not-fetched": (
        ("Aanleveringen worden niet opgehaald", "Deliveries are not being fetched"),
        (
            (
                "Aanlevering {first} staat klaar sinds {since} en is niet volledig opgehaald. Aantal aanleveringen dat "
                "wacht: {count}."
            ),
            (
                "Delivery {first} stands ready since {since} and was not fetched completely. Number of deliveries that "
                "wait: {count}."
            ),
        ),
        (
            (
                "Laat de ontvanger nagaan of het ophalen nog loopt. Een aanlevering blijft {kept} dagen staan; gaat er "
                "een weg die niet is opgehaald, dan is de volgende volledig."
            ),
            (
                "Let the receiver see whether its fetching still runs. A delivery stands there for {kept} days; when "
                "one goes that was not fetched, the next is full."
            ),
        ),
    ),
    "refresh-late": (
        ("De verversing is te laat", "The refresh is late"),
        (
            "De verversing van {planned} is nog niet gelukt. De automatische aanleveringen wachten erop.",
            "The refresh of {planned} has not succeeded yet. The automatic deliveries wait for it.",
        ),
        (
            (
                "Kijk of de dienst loopt en of de bron bereikbaar is; logverslagen zeggen wat er misging. Zodra een "
                "verversing slaagt, komt alles sinds de laatste aanlevering."
            ),
            (
                "See whether the service runs and the source can be reached; log reports say what went wrong. Once a "
                "refresh succeeds, everything since the last delivery comes."
            ),
        ),
    ),
}
"""Subject, text, and what to do, by the form of a notice."""

NOTICE_WHY: _Pair = (
    (
        "U krijgt dit bericht omdat dit adres ontvanger is van koppelingsaccount {account}. Per ontvanger kan deze "
        "soort ({kind}) worden uitgezet."
    ),
    (
        "You get this message because this address is a recipient of account {account}. This kind ({kind}) can be "
        "switched off per recipient."
    ),
)

DAYS: tuple[_Pair, _Pair] = (("{number} dag", "{number} day"), ("{number} dagen", "{number} days"))

LINES: dict[str, _Pair] = {
    "version-ended": (
        "Versie {version} is geëindigd: deze configuratie wordt niet meer aangeleverd.",
        "Version {version} has ended: this configuration is delivered no more.",
    ),
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
    "suspended": (
        "Niet meegeleverd, omdat de dataset is opgeschort ({datasets}): {files}. De ontvanger houdt wat hij had.",
        "Left out, because the dataset is suspended ({datasets}): {files}. The receiver keeps what it had.",
    ),
    "not-read": (
        "Niet gelezen, omdat de dataset is opgeschort: {datasets}.",
        "Not read, because the dataset is suspended: {datasets}.",
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
        "De verversing is mislukt; aanleveringen wachten tot dit is verholpen.",
        "The refresh failed; deliveries wait until this is mended.",
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
    "notice": ("Bericht", "Notice"),
    "to_do": ("Wat te doen", "What to do"),
    "about": ("Waarover dit gaat", "What this is about"),
    "new_streams": ("Nieuwe datastreams", "New streams"),
    "new_files": ("Nieuwe bestanden", "New files"),
    "new_columns": ("Nieuwe kolommen", "New columns"),
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
        return f"{self.day(local.date())} {local:%H:%M}"

    def day(self, value: dt.date) -> str:
        """As ``23 november 2026``."""
        return f"{value.day} {_MONTHS[value.month - 1][self._index]} {value.year}"

    def days(self, number: int) -> str:
        """As ``1 dag`` or ``30 days``."""
        return self.say(DAYS[number != 1], number=number)

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

    def reason(self, reason: str) -> str:
        """Why a file comes in full."""
        return self.say(REASONS[reason]) if reason in REASONS else reason

    def line(self, code: str, text: str, details: Mapping[str, Any]) -> str:
        """What a log line says; its own text where it cannot be said in the language."""
        given = dict(details)
        if "reason" in given:
            given["why"] = self.reason(str(given["reason"]))
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
