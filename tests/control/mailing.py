"""A real mail server in this process, on a free port, with STARTTLS and a certificate of its own."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "sluis", "geheim/p@ss"


class MailBox:
    """Keeps what arrives; ``answers``: what it says to the next mails instead of taking them."""

    def __init__(self) -> None:
        self.port = 0
        self.messages: list[EmailMessage] = []
        self.answers: list[str] = []
        self.encrypted: list[bool] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.messages.append(message_from_bytes(envelope.content, EmailMessage, policy=policy.default))
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def of(self, address: str) -> list[EmailMessage]:
        return [one for one in self.messages if one["To"] == address]

    @property
    def url(self) -> str:
        return f"smtp+starttls://{USER}:geheim%2Fp%40ss@localhost:{self.port}"


def part(message: EmailMessage, kind: str) -> str:
    """The text of the part ``plain`` or ``html``."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def make_certificate(folder: Path, host: str = "localhost") -> Path:
    """A certificate that signs itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"{host}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: Any, data: Any) -> AuthResult:
    given = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode())
    right = given == (USER, PASSWORD)
    # One that is not handled is answered by the server, with 535.
    return AuthResult(success=right, handled=right)


@contextmanager
def serving(certificate: Path, port: int = 0, security: str = "smtp+starttls") -> Iterator[MailBox]:
    """A mail server on localhost that asks a log-in; with ``smtp`` it knows no encryption."""
    box = MailBox()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()

    starttls = security == "smtp+starttls"

    def protocol() -> SMTP:
        return SMTP(
            box,
            tls_context=context if starttls else None,
            require_starttls=starttls,
            auth_required=True,
            auth_require_tls=starttls,
            authenticator=_authenticate,
            loop=loop,
        )

    encrypted = context if security == "smtps" else None
    server = loop.run_until_complete(loop.create_server(protocol, "localhost", port, ssl=encrypted))
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()


@pytest.fixture
def mailbox(variables: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MailBox]:
    """A mail server that this installation sends through and trusts."""
    certificate = make_certificate(tmp_path)
    with serving(certificate) as box:
        variables.setenv("SSL_CERT_FILE", str(certificate))
        variables.setenv("SLUIS_SMTP_URL", box.url)
        variables.setenv("SLUIS_MAIL_FROM", "Sluis Noord <sluis@noord.example>")
        yield box
