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
