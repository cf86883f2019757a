"""Every text of the documentation that is not the catalogue's own: Dutch and English side by side."""

from __future__ import annotations

import datetime as dt
from typing import Literal

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")
OTHER: dict[Language, Language] = {"nl": "en", "en": "nl"}
NAMES: dict[Language, str] = {"nl": "Nederlands", "en": "English"}

_Pair = tuple[str, str]

UI: dict[str, _Pair] = {
    "site": ("Overzicht datastreams", "Overview of datastreams"),
    "skip": ("Naar de inhoud", "Skip to content"),
    "path": ("Kruimelpad", "Breadcrumb"),
    "start": ("Begin", "Start"),
    "guide": ("Uitleg", "Explanation"),
    "language": ("Taal", "Language"),
    "version": ("Versie", "Version"),
    "versions": ("Versies", "Versions"),
    "newest": ("nieuwste", "newest"),
    "released": ("Uitgebracht", "Released"),
    "support": ("Ondersteuning", "Support"),
    "supported_until": ("tot en met {day}", "until {day}"),
    "no_end": ("geen einddatum", "no end date"),
    "deleted_rows": ("Verwijderde rijen", "Deleted rows"),
    "deletions_column": ("met D in de kolom Mutatie", "as D in the column Mutatie"),
    "deletions_file": ("in <Bestand>_verwijderd.csv", "in <File>_verwijderd.csv"),
    "stream": ("datastream", "datastream"),
    "streams": ("Datastreams", "Datastreams"),
    "streams_few": ("datastreams", "datastreams"),
    "file": ("bestand", "file"),
    "files": ("Bestanden", "Files"),
    "files_few": ("bestanden", "files"),
    "columns": ("Kolommen", "Columns"),
    "columns_few": ("kolommen", "columns"),
    "column": ("Kolom", "Column"),
    "column_one": ("kolom", "column"),
    "type": ("Type", "Type"),
    "meaning": ("Betekenis", "Meaning"),
    "in_pseudonymous": ("In een pseudonieme aanlevering", "In a pseudonymous delivery"),
    "example": ("Voorbeeld", "Example"),
    "downloads": ("Downloaden", "Downloads"),
    "downloads_lead": (
        "Alles van deze versie, voor een spreadsheet of een programma; in beide talen.",
        "All of this version, for a spreadsheet or a program; in both languages.",
    ),
    "json_all": ("alles in één bestand", "everything in one file"),
    "start_lead": (
        "Wat er geleverd kan worden: per versie de datastreams, hun bestanden en wat elke kolom betekent.",
        "What can be delivered: per version the datastreams, their files, and what each column means.",
    ),
    "version_lead": (
        (
            "Een datastream is een verzameling bestanden rond een thema. Een bestand kan in meer datastreams "
            "voorkomen en "
            "wordt dan één keer geleverd."
        ),
        "A datastream is a set of files around a theme. A file can be in several, and is then delivered once.",
    ),
    "all_files": ("Alle bestanden", "All files"),
    "kind": ("Soort", "Kind"),
    "fact": ("feit", "fact"),
    "dimension": ("dimensie", "dimension"),
    "facts": ("feiten", "facts"),
    "dimensions": ("dimensies", "dimensions"),
    "grain": ("Eén rij is", "One row is"),
    "key": ("Sleutel", "Key"),
    "key_of": ("PrimaryKey is de sleutel van", "PrimaryKey is the key of"),
    "key_from": ("gemaakt van", "made of"),
    "dataset": ("Dataset", "Dataset"),
    "dataset_shared": ("ook van", "also of"),
    "in_streams": ("In datastreams", "In datastreams"),
    "in_versions": ("In versies", "In versions"),
    "referred_by": ("Verwezen door", "Referred to by"),
    "nothing": ("niets", "nothing"),
    "star": ("Stermodel", "Star model"),
    "star_lead": (
        (
            "Feiten staan in het midden, dimensies eromheen. Een pijl gaat van een bestand naar het bestand "
            "waarnaar het "
            "verwijst. Kies een bestand voor zijn kolommen."
        ),
        (
            "Facts are in the middle, dimensions around them. An arrow goes from a file to the file that it refers to. "
            "Choose a file to see its columns."
        ),
    ),
    "star_label": ("Stermodel van datastream {title}", "Star model of datastream {title}"),
    "references_text": ("De verwijzingen als tabel", "The references as a table"),
    "from_file": ("Van bestand", "From file"),
    "through": ("Kolom", "Column"),
    "to_file": ("Naar bestand", "To file"),
    "outside": ("niet in deze datastream", "not in this datastream"),
    "no_references": ("Geen bestand van deze datastream verwijst.", "No file of this datastream refers."),
    "reference_to": ("Verwijst naar", "Refers to"),
    "reference_or": ("of", "or"),
    "reference_when": ("als {by} “{value}” is", "if {by} is “{value}”"),
    "match_on": (
        "Sleutel om te koppelen: dezelfde waarde bij dezelfde {entity}",
        "Key to match on: the same value for the same {entity}",
    ),
    "absent_in_version": ("niet in deze versie", "not in this version"),
    "file_medical": (
        "Dit bestand is geheel medisch: het wordt alleen geleverd aan een koppelingsaccount met de medische markering.",
        "This file is wholly medical: it is delivered only to a connection account with the medical mark.",
    ),
    "file_off": (
        "Dit bestand staat uit in een nieuwe configuratie en moet gekozen worden.",
        "This file is off in a new configuration and has to be chosen.",
    ),
    "medical_file": ("geheel medisch", "wholly medical"),
    "off_file": ("standaard uit", "off by default"),
    "deleted_file": (
        "Verwijderde sleutels komen in {name}.csv, met PrimaryKey en {own}.",
        "Deleted keys come in {name}.csv, with PrimaryKey and {own}.",
    ),
    "system_columns": ("Systeemkolommen", "System columns"),
    "own_columns": ("Kolommen van het bestand", "Columns of the file"),
    "marks": ("Markeringen", "Marks"),
    "show": ("Toon", "Show"),
    "show_all": ("alle kolommen", "all columns"),
    "types": ("Typen", "Types"),
    "as_delivered": ("Zo staat het in het bestand", "As it stands in the file"),
    "search": ("Zoeken", "Search"),
    "search_hint": ("Zoek bestand, kolom of betekenis", "Search file, column or meaning"),
    "search_none": ("Niets gevonden", "Nothing found"),
    "search_some": ("{n} gevonden", "{n} found"),
    "search_more": ("{n} gevonden, de eerste {shown} getoond", "{n} found, the first {shown} shown"),
    "menu": ("Datastreams van deze versie", "Datastreams of this version"),
    "made_by": ("Gemaakt door Sluis uit catalogus", "Made by Sluis from catalogue"),
    "digest": ("kenmerk", "digest"),
    "guide_lead": (
        "Wat de markeringen bij kolommen betekenen, welke kolommen elk bestand heeft, en hoe waarden eruitzien.",
        "What the marks of columns mean, which columns every file has, and what values look like.",
    ),
    "marks_lead": (
        "Een markering zegt wat een kolom is, of wat er voor wie mee gebeurt.",
        "A mark says what a column is, or what happens with it for whom.",
    ),
    "system_lead": (
        "Elk bestand begint met deze kolommen. Ze staan altijd aan.",
        "Every file begins with these columns. They are always on.",
    ),
    "types_lead": (
        'Bestanden zijn CSV (RFC 4180) in UTF-8. Niets tussen de komma\'s is geen waarde, “""” is een lege tekst.',
        'Files are CSV (RFC 4180) in UTF-8. Nothing between the commas is no value, “""” is an empty text.',
    ),
    "rules_lead": (
        (
            "In een pseudonieme aanlevering zijn sleutels en interne nummers pseudoniemen: dezelfde persoon "
            "heeft in elk "
            "bestand en elke aanlevering hetzelfde pseudoniem. Identificerende kolommen zijn er niet, en "
            "quasi-identificerende volgen een regel."
        ),
        (
            "In a pseudonymous delivery keys and internal numbers are pseudonyms: the same person has the same "
            "pseudonym "
            "in every file and every delivery. Identifying columns are not there, quasi-identifying ones follow a rule."
        ),
    ),
    "changes": ("Wijzigingen", "Changes"),
    "changes_since": ("Wijzigingen sinds", "Changes since"),
    "changes_lead": (
        "Wat er anders is dan in de vorige versie, en wat een ontvanger doet om over te gaan.",
        "What differs from the version before, and what a receiver does to move.",
    ),
    "changes_none": ("Er is niets veranderd.", "Nothing changed."),
    "level_major": ("ingrijpend", "major"),
    "level_minor": ("aanvulling", "minor"),
    "level_none": ("geen gevolg", "no effect"),
    "level_major_means": (
        "wat de gegevens laadt moet mee veranderen, of waarden kunnen anders zijn",
        "what loads the data has to change too, or values can be other",
    ),
    "level_minor_means": ("er kan meer geladen worden", "something more can be loaded"),
    "level_none_means": ("voor het laden verandert er niets", "nothing changes for what loads the data"),
}

MARKS: dict[str, tuple[_Pair, _Pair]] = {
    "key": (
        ("sleutel", "key"),
        ("Deel van de sleutel waarvan PrimaryKey is gemaakt.", "Part of the key that PrimaryKey is made of."),
    ),
    "nullable": (
        ("sleutel, mag leeg zijn", "key, may be empty"),
        (
            "Deel van de sleutel waarvan PrimaryKey is gemaakt, waarvan de waarde mag ontbreken.",
            "Part of the key that PrimaryKey is made of, whose value may be missing.",
        ),
    ),
    "mandatory": (
        ("verplicht", "mandatory"),
        (
            "Staat altijd in het bestand en kan niet uitgezet worden. De waarde kan wel leeg zijn.",
            "Is always in the file and cannot be switched off. The value may be empty.",
        ),
    ),
    "reference": (
        ("verwijzing", "reference"),
        (
            (
                "De PrimaryKey van een rij in een ander bestand, of leeg. Die rij hoeft niet geleverd te zijn: "
                "gebruik een "
                "outer join."
            ),
            "The PrimaryKey of a row in another file, or empty. That row need not be delivered: use an outer join.",
        ),
    ),
    "match": (
        ("koppelsleutel", "match key"),
        (
            "Een sleutel om rijen aan elkaar te koppelen; hij wijst naar geen bestand.",
            "A key to match rows on; it points at no file.",
        ),
    ),
    "identifying": (
        ("identificerend", "identifying"),
        (
            "Leidt naar een persoon. Staat niet in een pseudonieme aanlevering.",
            "Leads to a person. Not in a pseudonymous delivery.",
        ),
    ),
    "quasi": (
        ("quasi-identificerend", "quasi-identifying"),
        (
            (
                "Kan helpen een persoon te herkennen. In een pseudonieme aanlevering grover gemaakt of "
                "weggelaten, volgens "
                "de regel die bij de kolom staat."
            ),
            (
                "May help to recognise a person. Made coarser or left out in a pseudonymous delivery, by the rule that "
                "stands with the column."
            ),
        ),
    ),
    "pseudonym": (
        ("pseudoniem", "pseudonym"),
        (
            "In een pseudonieme aanlevering vervangen door een pseudoniem. Gewoon geleverd is het de waarde zelf.",
            "Replaced by a pseudonym in a pseudonymous delivery. In a plain one it is the value itself.",
        ),
    ),
    "medical": (
        ("medisch", "medical"),
        (
            (
                "Alleen voor een koppelingsaccount met de medische markering; zonder die markering staat de "
                "kolom niet in "
                "het bestand."
            ),
            "Only for a connection account with the medical mark; without it the column is not in the file.",
        ),
    ),
    "medical_some": (
        ("in sommige rijen medisch", "medical in some rows"),
        (
            "Zonder de medische markering is de waarde leeg in de rijen die medisch zijn; de kolom en de rij blijven.",
            "Without the medical mark the value is empty in the rows that are medical; column and row stay.",
        ),
    ),
    "medical_always": (
        ("leeg zonder medische markering", "blank without medical mark"),
        (
            "Zonder de medische markering is de waarde in elke rij leeg; de kolom blijft.",
            "Without the medical mark the value is empty in every row; the column stays.",
        ),
    ),
    "off": (
        ("standaard uit", "off by default"),
        (
            "Staat uit in een nieuwe configuratie en moet gekozen worden.",
            "Is off in a new configuration and has to be chosen.",
        ),
    ),
    "since": (
        ("sinds {version}", "since {version}"),
        ("De eerste versie die de kolom heeft.", "The first version that has the column."),
    ),
    "until": (
        ("tot en met {version}", "until {version}"),
        ("De laatste versie die de kolom heeft.", "The last version that has the column."),
    ),
}
"""Per mark its badge and its explanation, in the order in which they are shown."""

SYSTEM: dict[str, _Pair] = {
    "PrimaryKey": (
        (
            "De sleutel van de rij: 32 hexadecimale tekens, altijd gevuld, uniek in het bestand en gelijk in elke "
            "aanlevering. Voeg in, wijzig en verwijder hierop."
        ),
        (
            "The key of the row: 32 hexadecimal characters, always there, unique in the file and the same in every "
            "delivery. Insert, update and delete by it."
        ),
    ),
    "RecordKey": (
        "Een hash over alle geleverde waarden van de rij: gelijk betekent dat de rij gelijk is. Geen sleutel.",
        "A hash over all delivered values of the row: equal means that the row is equal. No key.",
    ),
    "Mutatie": (
        (
            "I nieuw, U gewijzigd, D verwijderd. Hoort bij de aanlevering, niet bij de rij. Een rij met D heeft alleen "
            "haar sleutels."
        ),
        "I new, U changed, D deleted. Belongs to the delivery, not to the row. A row with D has nothing but its keys.",
    ),
    "own": (
        "De eigen sleutel van het bestand, gelijk aan PrimaryKey, zodat op gelijke namen gekoppeld kan worden.",
        "The file's own key, equal to PrimaryKey, so that files can be joined on equal names.",
    ),
}

TYPES: dict[str, tuple[_Pair, str]] = {
    "integer": (
        ("geheel getal van 64 bits, hoogstens 19 cijfers", "whole number of 64 bits, at most 19 digits"),
        "integer",
    ),
    "decimal(p,s)": (
        (
            "getal van hoogstens p cijfers, waarvan s achter de punt; lees als decimaal",
            "number of at most p digits, s of which after the point; read as a decimal",
        ),
        "decimal(12,2)",
    ),
    "date": (("datum: jaar-maand-dag", "date: year-month-day"), "date"),
    "timestamp": (("moment, altijd in UTC", "moment, always in UTC"), "timestamp"),
    "boolean": (("1 is ja, 0 is nee", "1 is yes, 0 is no"), "boolean"),
    "text": (("tekst", "text"), "text"),
    "text(n)": (("tekst van hoogstens n tekens", "text of at most n characters"), "text(20)"),
    "key": (
        (
            "sleutel: 32 hexadecimale tekens (PrimaryKey, verwijzingen, koppelsleutels)",
            "key: 32 hexadecimal characters (PrimaryKey, references, match keys)",
        ),
        "key",
    ),
}
"""Per type its explanation, and a type of that kind for an example."""

RULES: dict[str, _Pair] = {
    "drop": ("niet in het bestand", "not in the file"),
    "year": ("alleen het jaar", "only the year"),
    "month": ("alleen jaar en maand", "only year and month"),
    "day": ("alleen de dag (UTC), zonder tijd", "only the day (UTC), without time"),
    "prefix": ("alleen de eerste {n} tekens", "only the first {n} characters"),
    "band": ("ondergrens van een klasse van {n}", "lower bound of a band of {n}"),
    "values": ("alleen {values}; andere waarden leeg", "only {values}; other values empty"),
    "keep": ("ongewijzigd", "unchanged"),
}

PSEUDONYMOUS: dict[str, _Pair] = {
    "absent": ("niet in het bestand", "not in the file"),
    "unchanged": ("ongewijzigd", "unchanged"),
    "recomputed": ("over de pseudonieme waarden", "over the pseudonymous values"),
    "pseudonym": ("pseudoniem", "pseudonym"),
    "pseudonym_of": ("pseudoniem van {entity}", "pseudonym of {entity}"),
}

_MONTHS: dict[Language, str] = {
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "en": "January February March April May June July August September October November December",
}


def say(pair: _Pair, language: Language) -> str:
    """One of the two texts."""
    return pair[LANGUAGES.index(language)]


def texts(language: Language) -> dict[str, str]:
    """The texts of the pages in one language, by their names."""
    return {name: say(pair, language) for name, pair in UI.items()}


def day(date: dt.date, language: Language) -> str:
    """A date as a person writes it, e.g. ``1 juni 2026``."""
    return f"{date.day} {_MONTHS[language].split()[date.month - 1]} {date.year}"
