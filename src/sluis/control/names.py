"""Names that people give: kept as written, unique without regard to case, safe as the name of a folder."""

from __future__ import annotations

import re

from django.db import IntegrityError, models, transaction

from sluis.errors import Rejected

LONGEST = 80

_ALLOWED = re.compile(r"[A-Za-z0-9 ._-]*")
_REMEDY = f"use letters without accents, digits, spaces, - _ and ., at most {LONGEST} characters"


def check_name(name: str) -> str:
    """The name itself; ``Rejected`` with the reason where it is not safe as a folder."""
    reason = _fault(name)
    if reason:
        raise Rejected(f"the name {name!r} {reason}", remedy=_REMEDY)
    return name


def _fault(name: str) -> str:
    if not name:
        return "is empty"
    if len(name) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if not _ALLOWED.fullmatch(name):
        return f"holds {re.sub(_ALLOWED, '', name)[0]!r}"
    if not name.strip("."):
        return "has nothing but dots"
    if name[0] in " ." or name[-1] in " .":
        return "begins or ends with a space or a dot"
    return ""


def save_named(row: models.Model, constraint: str, taken: str, *, also: str = "") -> None:
    """Save the row; ``Rejected`` with ``taken`` where the constraint, or ``also``, says that it is in use."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        if getattr(diagnosis, "constraint_name", None) not in {constraint, also}:
            raise
        raise Rejected(taken, remedy="choose another name; capitals make no difference") from None
