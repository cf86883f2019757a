"""What looks identifying or medical: by the name of a column, and by what its values look like."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sluis.lake.session import Session
from sluis.lake.sql import ident

_PERSON_NAME = re.compile(
    r"achternaam|voornaam|voornamen|roepnaam|voorletter|tussenvoegsel|geboortenaam|meisjesnaam"
    r"|surname|last_?name|first_?name|family_?name|given_?name|maiden_?name|middle_?name"
)
_BIRTH_DATE = re.compile(r"geboorte|birth|(^|_)(dob|born)($|_)|^gebdat")
_CITIZEN_NUMBER = re.compile(r"(^|_)bsn($|_)|burgerservice|citizen_?service")
# Words of absence in general (ziekmelding, ziektedag, ziekteverzuim, Ziektewet) say nothing of what someone has.
# A flag on a kind, such as IsMedisch, tells which kinds are medical, and nothing of a person; nor does a right.
_MEDICAL_FLAG = re.compile(r"is_(medisch|medical)(_\w+)?|\w*(medische_rechten|medical_rights)")
_MEDICAL = re.compile(
    r"diagnos|medisch|medical|medicatie|medication|medicijn|klacht|symptoo?m|aandoening|zwanger|pregnan|anamnese"
    r"|ziekte(?!_?(dag|verzuim|meld|wet|geld|verlof|periode|percentage|kosten))|disease|illness|beperking|impairment"
)


@dataclass(frozen=True)
class Pattern:
    """Values that look identifying. ``condition``: of the SQL of a text, true where it looks so.

    A column looks so where more than ``share`` of its non-empty values do, and at least ``least`` different ones.
    """

    name: str
    condition: Callable[[str], str]
    share: float
    least: int
    of_integers: bool = False


@dataclass(frozen=True)
class Look:
    """What a column holds: how many values that are not empty, and how many look like each pattern that it shows."""

    filled: int
    hits: dict[str, int]


def by_name(name: str, column_type: str) -> str | None:
    """What identifying data a column holds by its name, or None. ``column_type``: of the catalogue."""
    written = _words(name)
    family = column_type.split("(", maxsplit=1)[0]
    if family == "text" and _PERSON_NAME.search(written):
        return "the name of a person"
    if family in {"text", "integer"} and _CITIZEN_NUMBER.search(written):
        return "a citizen service number"
    if family in {"text", "date", "timestamp", "integer"} and _BIRTH_DATE.search(written):
        return "when or where someone was born"
    return None


def medical_by_name(name: str) -> bool:
    """Whether a column holds something medical by its name."""
    return _MEDICAL.search(_words(name)) is not None and not _MEDICAL_FLAG.fullmatch(_words(name))


def look(session: Session, table: str, columns: dict[str, str], suspect: set[str]) -> dict[str, Look]:
    """Look at every value of the columns (name → catalogue type) of a table, once, in bounded memory.

    Only the suspect columns are held against the patterns.
    """
    asked = [(c, pattern) for c, kind in columns.items() if c in suspect for pattern in _for_type(kind)]
    texts = {column: f"{_text_of(column, kind)} AS {ident(column)}" for column, kind in columns.items()}
    counts = [f"count({ident(column)})" for column in columns]
    for column, pattern in asked:
        condition = pattern.condition(ident(column))
        counts += [
            f"count(*) FILTER ({condition})",
            f"approx_count_distinct({ident(column)}) FILTER ({condition})",
        ]
    row = session.row(f"SELECT {', '.join(counts)} FROM (SELECT {', '.join(texts.values())} FROM {table})") or ()
    numbers = [int(str(value)) for value in row]
    looks = {column: Look(filled, {}) for column, filled in zip(columns, numbers, strict=False)}
    hits = numbers[len(columns) :]
    for (column, pattern), count, different in zip(asked, hits[::2], hits[1::2], strict=True):
        if count > pattern.share * looks[column].filled and different >= pattern.least:
            looks[column].hits[pattern.name] = count
    return looks


def _for_type(column_type: str) -> tuple[Pattern, ...]:
    """The patterns that values of a catalogue type can show."""
    family = column_type.split("(", maxsplit=1)[0]
    if family == "text":
        return PATTERNS
    return tuple(pattern for pattern in PATTERNS if pattern.of_integers) if family == "integer" else ()


def _text_of(column: str, column_type: str) -> str:
    """The value as it is looked at, as SQL; NULL for an empty one."""
    if column_type == "integer":
        # A citizen service number kept as a number has lost the zero in front.
        text = f"CAST({ident(column)} AS VARCHAR)"
        return f"CASE WHEN {ident(column)} BETWEEN 10000000 AND 99999999 THEN '0' || {text} ELSE {text} END"
    return f"nullif(trim({ident(column)}), '')" if column_type.startswith("text") else ident(column)


def _words(name: str) -> str:
    """A column's name in lower case, with a ``_`` between its words."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return apart.lower()


def _citizen_service_number(value: str) -> str:
    digits = f"regexp_replace({value}, '[ .-]', '', 'g')"
    weights = [*range(9, 1, -1), -1]
    total = " + ".join(f"{weight} * CAST({digits}[{place}] AS INTEGER)" for place, weight in enumerate(weights, 1))
    return f"CASE WHEN regexp_full_match({digits}, '[1-9][0-9]{{8}}|0[1-9][0-9]{{7}}') THEN ({total}) % 11 = 0 END"


def _iban(value: str) -> str:
    # ISO 13616: the first four characters go to the end, letters count from A = 10, and the whole is 1 modulo 97.
    closed = f"upper(replace({value}, ' ', ''))"
    numbers = (
        f"list_transform(string_split({closed}[5:] || {closed}[1:4], ''), "
        "lambda c: if(c BETWEEN '0' AND '9', ord(c) - 48, ord(c) - 55))"
    )
    return (
        f"CASE WHEN regexp_full_match({closed}, '[A-Z]{{2}}[0-9]{{2}}[A-Z0-9]{{11,30}}') "
        f"THEN list_reduce({numbers}, lambda a, b: (a * if(b > 9, 100, 10) + b) % 97) = 1 END"
    )


def _email(value: str) -> str:
    address = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
    return f"contains({value}, '@') AND regexp_matches({value}, '{address}')"


def _phone(value: str) -> str:
    number = r"((\+|00)310?|0)(6[1-9][0-9]{7}|[1-57][0-9]{8}|8[58][0-9]{7})"
    return f"regexp_full_match(regexp_replace({value}, '[ ()./-]', '', 'g'), '{number}')"


PATTERNS = (
    # By chance one number of nine digits in eleven passes the test of a BSN, one code in ninety-seven that of an IBAN.
    Pattern("citizen service numbers (BSN)", _citizen_service_number, share=0.5, least=3, of_integers=True),
    Pattern("bank account numbers (IBAN)", _iban, share=0.1, least=1),
    Pattern("e-mail addresses", _email, share=0, least=1),
    Pattern("Dutch telephone numbers", _phone, share=0.5, least=3),
)
