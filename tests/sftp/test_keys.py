"""Public keys: which are good enough, and what is said of those that are not."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from needs import find
from sluis.errors import Rejected
from sluis.sftp import keys

ENCODING, FORMAT = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH


def small_rsa(bits: int) -> str:
    private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return private.public_key().public_bytes(ENCODING, FORMAT).decode()


GOOD = keys.make_pair(protected=False).public.line


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1()])
def test_good_keys_are_taken(curve: ec.EllipticCurve) -> None:
    line = ec.generate_private_key(curve).public_key().public_bytes(ENCODING, FORMAT).decode()
    read = keys.read_public(f"{line} jan@dwh \n")
    assert (read.line, read.comment) == (line, "jan@dwh")
    assert keys.read_public(small_rsa(3072)).bits == 3072


REFUSED = [
    ("", "the key is empty", "ssh-keygen"),
    ("hello", "not a public key", "ssh-keygen"),
    (small_rsa(2048), "RSA key of 2048 bits is too weak", "4096"),
    (small_rsa(1024), "RSA key of 1024 bits is too weak", "4096"),
    (GOOD[:-10], "cut off or damaged", "whole line"),
    (GOOD.replace("ssh-ed25519", "ssh-rsa"), "cut off or damaged", "whole line"),
    ("ssh-ed25519", "cut off or damaged", "whole line"),
    ("ssh-ed25519 !!!", "cut off or damaged", "whole line"),
    (f"{GOOD}\n{GOOD}", "more than one line", "one line"),
    (f'from="10.0.0.1" {GOOD}', "options before the key", "begin with ssh-ed25519"),
    (keys.make_pair().private, "this is a private key", "make a new pair"),
    ("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none", "this is a private key", "make a new pair"),
    ("---- BEGIN SSH2 PUBLIC KEY ----\nAAAA\n---- END", "RFC 4716", "ssh-keygen -i -m RFC4716 -f key.pub"),
    ("-----BEGIN PUBLIC KEY-----\nAAAA", "PEM form", "ssh-keygen -i -m PKCS8 -f key.pem"),
    ("-----BEGIN RSA PUBLIC KEY-----\nAAAA", "PEM form", "ssh-keygen -i -m PEM -f key.pem"),
    ("ssh-ed25519-cert-v01@openssh.com AAAA", "certificate", ".pub file"),
    ("ssh-ed25519 " + "A" * 20_000, "longer than", "one public key"),
]


# The keys are new each time: names of their own, or two processes would not collect the same tests.
@pytest.mark.parametrize(
    ("text", "message", "remedy"), REFUSED, ids=[f"{number} {row[1]}" for number, row in enumerate(REFUSED)]
)
def test_others_are_refused_with_what_to_do(text: str, message: str, remedy: str) -> None:
    with pytest.raises(Rejected, match=message) as caught:
        keys.read_public(text)
    assert remedy in caught.value.remedy


@pytest.mark.filterwarnings("ignore:SSH DSA")
def test_dsa_is_refused() -> None:
    line = dsa.generate_private_key(1024).public_key().public_bytes(ENCODING, FORMAT).decode()
    with pytest.raises(Rejected, match="DSA keys are too weak"):
        keys.read_public(line)


@pytest.mark.needs("ssh-keygen")
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_pair_is_what_openssh_can_read_with_its_passphrase_only(tmp_path: Path, kind: str) -> None:
    pair = keys.make_pair(kind)
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text(pair.private)

    def public(passphrase: str) -> subprocess.CompletedProcess[str]:
        command = [find("ssh-keygen"), "-y", "-P", passphrase, "-f", str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert public(pair.passphrase).stdout.split()[:2] == pair.public.line.split()
    assert public("another").returncode != 0
    shown = subprocess.run([find("ssh-keygen"), "-lf", str(path)], capture_output=True, text=True, check=False).stdout
    assert pair.public.fingerprint in shown
    assert pair.passphrase not in repr(pair)
    assert "PRIVATE" not in repr(pair)
    assert keys.make_pair().passphrase != pair.passphrase


@pytest.mark.needs("ssh-keygen", "puttygen")
def test_the_convert_commands_do_what_they_say(tmp_path: Path) -> None:
    pair = keys.make_pair(protected=False)
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_text(pair.private)
    (tmp_path / "key.pub").write_text(pair.public.line + "\n")
    run = [find("ssh-keygen"), "-e", "-m", "RFC4716", "-f", str(path)]
    other = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    with pytest.raises(Rejected, match="RFC 4716"):
        keys.read_public(other)
    (tmp_path / "other.pub").write_text(other)
    back = [find("ssh-keygen"), "-i", "-m", "RFC4716", "-f", str(tmp_path / "other.pub")]
    line = subprocess.run(back, capture_output=True, text=True, check=True).stdout
    assert keys.read_public(line).line == pair.public.line

    ppk = tmp_path / "key.ppk"
    (tmp_path / "empty").write_text("")
    putty = [find("puttygen"), str(path), "-O", "private", "-o", str(ppk), "--new-passphrase", str(tmp_path / "empty")]
    subprocess.run(putty, check=True, capture_output=True)
    with pytest.raises(Rejected, match="PuTTY"):
        keys.read_private(ppk.read_text())
    again = tmp_path / "again"
    subprocess.run([find("puttygen"), str(ppk), "-O", "private-openssh-new", "-o", str(again)], check=True)
    assert keys.read_private(again.read_text())[1].line == pair.public.line


def test_a_private_key_to_log_in_with_is_read() -> None:
    pair = keys.make_pair()
    kept, public = keys.read_private(pair.private, pair.passphrase)
    assert public.line == pair.public.line
    assert keys.read_private(kept)[1] == public
    for passphrase, message in [("", "passphrase"), ("another", "passphrase is wrong")]:
        with pytest.raises(Rejected, match=message) as caught:
            keys.read_private(pair.private, passphrase)
        assert pair.passphrase not in str(caught.value)
    with pytest.raises(Rejected, match="cannot be read"):
        keys.read_private("hello")


@pytest.mark.parametrize("form", ["{line}", "server.example {line} comment", "[h]:22,1.2.3.4 {line}", "{fingerprint}"])
def test_pins_come_in_all_forms(form: str) -> None:
    public = keys.make_pair(protected=False).public
    pin = keys.read_pin(form.format(line=public.line, fingerprint=public.fingerprint))
    assert pin.fingerprint == public.fingerprint
    assert keys.read_pin(str(pin)) == pin
    assert pin.type == ("" if form == "{fingerprint}" else "ssh-ed25519")


@pytest.mark.parametrize("text", ["", "MD5:aa:bb", "SHA256:short", "@revoked * ssh-ed25519 AAAA", "host ssh-ed25519"])
def test_what_is_no_pin_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match=r"not a host key|damaged"):
        keys.read_pin(text)
