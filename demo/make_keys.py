"""Makes the keys that are committed beside this file, once: `python -m demo.make_keys`.

They belong to nobody and are trusted by nothing but the demo city. Run it again only to replace all of them.
"""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from demo import files
from demo.certificates import key_pem, new_authority, pem
from demo.layout import ADDRESS, SSH_PORTS

LABEL = "Part of the civicseal demo city, published with its source: trusted by nothing but this demo."


def _openssh(key: Ed25519PrivateKey) -> bytes:
    """A private key in OpenSSH's format, which leaves no room for a label in plain text."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )


def _public_line(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)


def main() -> None:
    """Writes the authority, the SSH keys and known_hosts."""
    authority = new_authority()
    host_key, client_key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    names = ",".join(f"[{ADDRESS}]:{port}" for port in SSH_PORTS)
    label = f"# {LABEL}\n".encode()
    made = {
        files.CA: label + pem(authority.certificate),
        files.CA_KEY: label + key_pem(authority.key),
        files.HOST_KEY: _openssh(host_key),
        files.CLIENT_KEY: _openssh(client_key),
        files.CLIENT_PUBLIC: _public_line(client_key) + f" {LABEL}\n".encode(),
        files.KNOWN_HOSTS: label + f"{names} ".encode() + _public_line(host_key) + b"\n",
    }
    for name, content in made.items():
        files.write_private(files.HOME / name, content)


if __name__ == "__main__":
    main()
