"""Send what is in the outbox."""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
import time
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from sluis.control import outbox
from sluis.control.actor import Actor
from sluis.control.models import Mail, MailState
from sluis.control.outbox import Send
from sluis.control.permissions import require

_PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
"""How long to wait after each try that failed; after the last, a mail is given up: two days in all."""
_CLAIM = dt.timedelta(minutes=10)
"""For how long nobody else takes a mail that is being sent; one whose process died is taken again after that."""
_KEPT = dt.timedelta(days=90)
_PERMANENT = 500
_LONGEST_ERROR = 300


@dataclass(frozen=True)
class Sending:
    """What came of it: mails that were sent, that wait for another try, and that were given up."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0


def send_due_mails(actor: Actor, *, budget: float = 60, timeout: float = 10) -> Sending:
    """Send the mails whose time has come, oldest first; several processes can do so at once.

    ``budget``: seconds after which no other mail is begun; ``timeout``: seconds to wait for each answer of the server.
    A mail that cannot be sent is tried again later, and given up after two days or where the server refuses its address
    for good. Mails that were sent or given up are removed after 90 days.
    """
    require(actor, "mail.send", None)
    Mail.objects.exclude(state=MailState.WAITING).filter(created_at__lt=timezone.now() - _KEPT).delete()
    until = time.monotonic() + budget
    states: list[str] = []
    mail = _claim()
    if mail is None:
        return Sending()
    try:
        with outbox.opened(timeout) as send:
            while mail is not None:
                states.append(_send(mail, send))
                mail = _claim() if time.monotonic() < until else None
    except OSError as error:
        # The server is away, or went away: the mails behind this one wait for the next call.
        states += [_postpone(mail, _told(error))] if mail else []
    return Sending(*(states.count(state) for state in (MailState.SENT, MailState.WAITING, MailState.GIVEN_UP)))


@transaction.atomic
def _claim() -> Mail | None:
    """Take the oldest mail that is due, so that no other process does."""
    due = Mail.objects.filter(state=MailState.WAITING, next_try_at__lte=timezone.now())
    mail = due.select_for_update(skip_locked=True).order_by("next_try_at", "created_at").first()
    if mail is not None:
        mail.next_try_at = timezone.now() + _CLAIM
        mail.tries += 1
        mail.save(update_fields=["next_try_at", "tries"])
    return mail


def _send(mail: Mail, send: Send) -> MailState:
    """Send one mail, and give its state; ``OSError`` where the connection broke."""
    try:
        send(outbox.message_of(mail))
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return _refused(mail, code, text)
    except smtplib.SMTPResponseException as error:
        return _refused(mail, error.smtp_code, error.smtp_error)
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        return _end(mail, MailState.GIVEN_UP, f"cannot be written as a mail: {type(error).__name__}")
    return _end(mail, MailState.SENT, "")


def _refused(mail: Mail, code: int, text: bytes | str) -> MailState:
    told = f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    return _end(mail, MailState.GIVEN_UP, told) if code >= _PERMANENT else _postpone(mail, told)


def _postpone(mail: Mail, error: str) -> MailState:
    if mail.tries > len(_PAUSES):
        return _end(mail, MailState.GIVEN_UP, error)
    mail.next_try_at = timezone.now() + _PAUSES[mail.tries - 1]
    return _end(mail, MailState.WAITING, error)


def _end(mail: Mail, state: MailState, error: str) -> MailState:
    mail.state, mail.error = state, " ".join(error.split())[:_LONGEST_ERROR]
    mail.sent_at = timezone.now() if state == MailState.SENT else None
    # One that was taken back meanwhile, with its recipient, does not come back.
    Mail.objects.filter(pk=mail.pk).update(
        state=mail.state, error=mail.error, sent_at=mail.sent_at, next_try_at=mail.next_try_at
    )
    return state


def _told(error: OSError) -> str:
    """What went wrong with the server; the answer of a server holds no password of ours."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of the mail server is not trusted: {error.verify_message}"
    return f"cannot be sent now: {error.strerror or error}"
