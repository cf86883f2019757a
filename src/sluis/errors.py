"""What Sluis tells a caller when something does not go: mend the input, try again, or call someone."""


class SluisError(Exception):
    """Root of every error that Sluis raises on purpose.

    ``str(error)`` is a complete sentence for a person; ``remedy`` says what to do next and may be empty.
    Neither holds a row's content or a secret. ``ended_run``: it came up in a refresh or a delivery that had begun, and
    that is now in the list as failed.
    """

    code = "error"
    ended_run = False

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class Rejected(SluisError):
    """The input cannot be accepted as it is; nothing was changed. Mend the input and call again."""

    code = "rejected"


class PermissionDenied(Rejected):
    """The actor has no right to do this."""

    code = "permission-denied"


class Retryable(SluisError):
    """It did not work this time; nothing was lost. Try again later."""

    code = "retryable"


class Fatal(SluisError):
    """It will not work until someone looks at it."""

    code = "fatal"
