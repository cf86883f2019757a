"""A device with one passkey, as the browser would speak for it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

HOST = "testserver"


@dataclass
class Passkey:
    """``verifies``: whether it asked a fingerprint or PIN."""

    verifies: bool = True
    origin: str = f"https://{HOST}"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identity: bytes = field(default_factory=lambda: os.urandom(16))
    handle: str = ""

    def made(self, options: dict[str, Any]) -> str:
        """The answer to ``navigator.credentials.create``."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]  # fido2 has few types
        data = AttestedCredentialData.create(b"\0" * 16, self.identity, public)
        flags = self._flags | AuthenticatorData.FLAG.AT
        told = AuthenticatorData.create(sha256(HOST.encode()).digest(), flags, 0, data)
        attestation = AttestationObject.create("none", told, {})
        client = self._client("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": client, "attestationObject": bytes(attestation)}, rk=True)

    def used(self, options: dict[str, Any], handle: str | None = None) -> str:
        """The answer to ``navigator.credentials.get``."""
        client = self._client("webauthn.get", options["publicKey"]["challenge"])
        told = AuthenticatorData.create(sha256(HOST.encode()).digest(), self._flags, 1)
        signature = self.key.sign(bytes(told) + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        user = websafe_decode(handle if handle is not None else self.handle)
        return self._answer(
            {"clientDataJSON": client, "authenticatorData": bytes(told), "signature": signature, "userHandle": user}
        )

    @property
    def _flags(self) -> AuthenticatorData.FLAG:
        verified = AuthenticatorData.FLAG.UV if self.verifies else AuthenticatorData.FLAG(0)
        return AuthenticatorData.FLAG.UP | verified

    def _client(self, kind: str, challenge: str) -> bytes:
        return bytes(CollectedClientData.create(kind, challenge, self.origin))

    def _answer(self, response: dict[str, bytes], *, rk: bool = False) -> str:
        return json.dumps(
            {
                "id": websafe_encode(self.identity),
                "rawId": websafe_encode(self.identity),
                "type": "public-key",
                "response": {name: websafe_encode(value) for name, value in response.items()},
                "clientExtensionResults": {"credProps": {"rk": True}} if rk else {},
            }
        )
