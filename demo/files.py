"""The files of the demo city: where they are shipped, and how they are laid out where there is no clone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from demo.errors import DemoFailed, WouldOverwrite

HOME = Path(__file__).resolve().parent

CA = "city-ca.pem"
CA_KEY = "city-ca-key.pem"
KNOWN_HOSTS = "known_hosts"
HOST_KEY = "ssh-host-key"
CLIENT_KEY = "ssh-client-key"
CLIENT_PUBLIC = "ssh-client-key.pub"
ACCESS_KEY = "s3-access-key"
SECRET_KEY = "s3-secret-key"  # noqa: S105 (a file's name)
CONTRACT = "larkspur-contract.txt"

# What the inventory names, each as demo/NAME.
NAMED: tuple[str, ...] = (CA, KNOWN_HOSTS, CLIENT_KEY, ACCESS_KEY, SECRET_KEY, CONTRACT)


def shipped_inventory() -> Path:
    """The demo city's inventory: inside the package when installed, beside it in a clone.

    Raises:
        FileNotFoundError: if neither is there.
    """
    for place in (HOME / "inventory.yaml", HOME.parent / "inventory.yaml"):
        if place.is_file():
            return place
    raise FileNotFoundError("The demo city's inventory.yaml is missing; install civicseal again.")


def unpack(target: Path) -> Path:
    """Copies the inventory and the files that it names into a folder, which is made if it is missing.

    Files are readable by their owner alone. A file that is already there and the same is left as it is.

    Returns:
        The path of the inventory.

    Raises:
        WouldOverwrite: if another file stands where one of these belongs; nothing is written then.
    """
    wanted = {target / "inventory.yaml": shipped_inventory().read_bytes()}
    wanted |= {target / "demo" / name: (HOME / name).read_bytes() for name in NAMED}
    missing = {path: content for path, content in wanted.items() if not _stands(path, content)}
    (target / "demo").mkdir(parents=True, exist_ok=True)
    for path, content in missing.items():
        write_private(path, content)
    return target / "inventory.yaml"


def _stands(path: Path, content: bytes) -> bool:
    """Whether the very same file is there already."""
    if not path.exists():
        return False
    if not path.is_file() or path.read_bytes() != content:
        raise WouldOverwrite(f"{path} is not the demo city's own; move it away, or work in another folder.")
    return True


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner may read (mode 0600)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    path.chmod(0o600)  # the file may have been there with wider rights


def differing(folder: Path) -> Iterator[str]:
    """The named files that a folder lacks or holds in another version, as the inventory names them."""
    for name in NAMED:
        place = folder / "demo" / name
        if not place.is_file() or place.read_bytes() != (HOME / name).read_bytes():
            yield f"demo/{name}"


def must_match(folder: Path) -> None:
    """Makes sure that a folder's files are those that the servers will use.

    Raises:
        DemoFailed: if one is missing or of another version.
    """
    different = ", ".join(differing(folder))
    if different:
        raise DemoFailed(f"These files in {folder} are not those of this demo city: {different}. Use an empty folder.")
