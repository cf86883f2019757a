"""Which algorithms of SSH are used. Modern ones by default; more only where a server is marked as old."""

from __future__ import annotations

from typing import TypedDict


class Algorithms(TypedDict):
    """As asyncssh takes them, best first."""

    kex_algs: list[str]
    encryption_algs: list[str]
    mac_algs: list[str]
    compression_algs: list[str]


SERVED = Algorithms(
    # group-exchange is left out: its primes are the server's to choose, and the fixed groups are as good.
    kex_algs=[
        "mlkem768x25519-sha256",
        "curve25519-sha256",
        "curve25519-sha256@libssh.org",
        "diffie-hellman-group16-sha512",
        "diffie-hellman-group18-sha512",
    ],
    encryption_algs=["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"],
    mac_algs=["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com"],
    # Compressed before log-in, a peer that is not known yet could have memory filled with nothing.
    compression_algs=["none"],
)

STRICT = Algorithms(
    kex_algs=["mlkem768x25519-sha256"],
    encryption_algs=SERVED["encryption_algs"],
    mac_algs=SERVED["mac_algs"],
    compression_algs=["none"],
)
"""What withstands a quantum computer, too."""

CLIENT = Algorithms(
    kex_algs=[*SERVED["kex_algs"], "diffie-hellman-group-exchange-sha256"],
    # GCM is what a machine computes fastest.
    encryption_algs=[*SERVED["encryption_algs"], "chacha20-poly1305@openssh.com"],
    mac_algs=[*SERVED["mac_algs"], "hmac-sha2-256", "hmac-sha2-512"],
    compression_algs=["none"],
)

LEGACY = Algorithms(
    kex_algs=[
        *CLIENT["kex_algs"],
        "ecdh-sha2-nistp521",
        "ecdh-sha2-nistp384",
        "ecdh-sha2-nistp256",
        "diffie-hellman-group14-sha256",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group-exchange-sha1",
    ],
    encryption_algs=[*CLIENT["encryption_algs"], "aes256-cbc", "aes128-cbc", "3des-cbc"],
    mac_algs=[*CLIENT["mac_algs"], "hmac-sha1-etm@openssh.com", "hmac-sha1"],
    compression_algs=["none"],
)

HOST_KEYS = {
    "ssh-ed25519": ["ssh-ed25519"],
    "ecdsa-sha2-nistp256": ["ecdsa-sha2-nistp256"],
    "ecdsa-sha2-nistp384": ["ecdsa-sha2-nistp384"],
    "ecdsa-sha2-nistp521": ["ecdsa-sha2-nistp521"],
    "ssh-rsa": ["rsa-sha2-512", "rsa-sha2-256"],
}
"""Type of a host key → the signatures it may be shown with; the types are in order of preference."""

LEGACY_SIGNATURES = ["ssh-rsa"]
"""Signatures over SHA-1, for old servers that know no others."""

CLIENT_SIGNATURES = [
    "ssh-ed25519",
    "sk-ssh-ed25519@openssh.com",
    "ecdsa-sha2-nistp521",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp256",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-256",
]
"""Signatures that the hosted server takes from a receiver, and that it gives for its own keys."""
