"""Errors that only the control plane raises."""

from sluis.errors import Rejected, SluisError


class NotFound(Rejected):
    """It does not exist, or the actor may not know that it does."""

    code = "not-found"


class VersionEnded(Rejected):
    """The version of a configuration is supported no more."""

    code = "version-ended"


class Cancelled(SluisError):
    """Somebody ended it on purpose; nothing was published."""

    code = "cancelled"


def explain(error: BaseException) -> str:
    """What may be kept of an error: our own errors in full, of others the kind only, for they may hold data."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted by a person"
    return str(error) if isinstance(error, SluisError) else f"unexpected error: {type(error).__name__}"
