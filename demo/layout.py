"""What the demo city is made of, as data: every server, its port and the fault that is planted in it.

The repository's `inventory.yaml` declares the same city from the outside; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

ADDRESS = "127.0.0.1"
S3_PORT = 17500
SSH_CLOSED_PORT = 17429  # where the host that is down would listen
USER = "civicseal"  # the account of the SSH servers


class Leaf(Enum):
    """Which certificate a website shows."""

    GOOD = auto()
    EXPIRED = auto()
    SELF_SIGNED = auto()
    OTHER_NAME = auto()
    WEAK_KEY = auto()


class Https(Enum):
    """What stands on a website's https port."""

    MODERN = auto()  # TLS 1.2 and 1.3
    OLD = auto()  # TLS 1.0 and 1.1 as well
    SILENT = auto()  # takes the connection and never says a word
    CLOSED = auto()


@dataclass(frozen=True, kw_only=True)
class Site:
    """A website of the demo city; what is not said is as it should be.

    Attributes:
        id: the asset's id in the inventory, also the name of its certificate's files.
        host: the name that residents type.
        port: the https port.
        http_port: the plain twin's port; None where there is none.
        hsts: whether the https answer tells browsers to stay with https.
        redirects: whether the plain twin sends visitors to https.
    """

    id: str
    host: str
    port: int
    http_port: int | None
    leaf: Leaf = Leaf.GOOD
    https: Https = Https.MODERN
    hsts: bool = True
    redirects: bool = True

    @property
    def url(self) -> str:
        """The https address."""
        return f"https://{self.host}:{self.port}/"


def _site(id: str, number: int, **rest: object) -> Site:
    """The site of that number: its https port is 17440 + number, its plain twin's port 17460 + number."""
    fields: dict[str, object] = {"http_port": 17460 + number} | rest
    return Site(id=id, host=f"{id}.riverton.example", port=17440 + number, **fields)  # type: ignore[arg-type]


SITES: tuple[Site, ...] = (
    _site("www", 3),
    _site("permits", 4, leaf=Leaf.EXPIRED),
    _site("library", 5, leaf=Leaf.SELF_SIGNED),
    _site("parks", 6, leaf=Leaf.OTHER_NAME),
    _site("records", 7, leaf=Leaf.WEAK_KEY),
    _site("clinic", 8, hsts=False, redirects=False),
    _site("payments", 9, https=Https.OLD),
    _site("events", 10, https=Https.CLOSED, redirects=False),
    _site("parking", 11, https=Https.SILENT, http_port=None),
)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A host of the demo city that answers over SSH, with the file `recordings/ID.txt`."""

    id: str
    port: int


MACHINES: tuple[Machine, ...] = (
    Machine(id="db1", port=17421),
    Machine(id="files1", port=17422),
)

SSH_PORTS: tuple[int, ...] = (*(machine.port for machine in MACHINES), SSH_CLOSED_PORT)


@dataclass(frozen=True, kw_only=True)
class Store:
    """A bucket of the demo city; what is not said is as it should be."""

    name: str
    region: str = "us-west-2"
    encrypted: bool = True
    public: bool = False


STORES: tuple[Store, ...] = (
    Store(name="riverton-permit-archive"),
    Store(name="riverton-clinic-scans", encrypted=False),
    Store(name="riverton-parking-photos", region="eu-central-1"),
    Store(name="riverton-event-permits", public=True),
)


def ports() -> dict[int, str]:
    """Every port that must be free, and what for; also those that the demo city leaves closed on purpose."""
    wanted = {S3_PORT: "the object storage", SSH_CLOSED_PORT: "the host that is down, where nothing may answer"}
    wanted |= {machine.port: f"the SSH server of {machine.id}" for machine in MACHINES}
    for site in SITES:
        wanted[site.port] = f"the website {site.id}"
        if site.http_port is not None:
            wanted[site.http_port] = f"the plain HTTP side of the website {site.id}"
    return wanted
