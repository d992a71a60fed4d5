"""What the demo city is made of, as data: every server, its port and the fault that is planted in it.

The repository's `inventory.yaml` declares the same city from the outside; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

ADDRESS = "127.0.0.1"
S3_PORT = 17500
DNS_PORT = 17410  # TCP and UDP
SSH_CLOSED_PORT = 17429  # where the host that is down would listen
USER = "civicseal"  # the account of the SSH servers


class Leaf(Enum):
    """Which certificate a website shows."""

    GOOD = auto()
    EXPIRED = auto()
    SELF_SIGNED = auto()
    OTHER_NAME = auto()
    WEAK_KEY = auto()
    RSA = auto()  # as it should be, with an RSA key


class Https(Enum):
    """What stands on a website's https port."""

    MODERN = auto()  # TLS 1.2 and 1.3
    OLD = auto()  # TLS 1.0 and 1.1 as well
    WEAK = auto()  # TLS 1.2 and 1.3, with suites that are broken or without forward secrecy
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
        cookie: what the https answer sets, with its attributes; None where it sets none.
        embeds: markup in the page.
    """

    id: str
    host: str
    port: int
    http_port: int | None
    leaf: Leaf = Leaf.GOOD
    https: Https = Https.MODERN
    hsts: bool = True
    redirects: bool = True
    cookie: str | None = None
    embeds: str = ""

    @property
    def url(self) -> str:
        """The https address."""
        return f"https://{self.host}:{self.port}/"


def _site(id: str, number: int, **rest: object) -> Site:
    """The site of that number: its https port is 17440 + number, its plain twin's port 17460 + number."""
    fields: dict[str, object] = {"http_port": 17460 + number} | rest
    return Site(id=id, host=f"{id}.riverton.example", port=17440 + number, **fields)  # type: ignore[arg-type]


SITES: tuple[Site, ...] = (
    _site("www", 3, cookie="language=en; Path=/; Secure; SameSite=Lax"),
    _site("permits", 4, leaf=Leaf.EXPIRED),
    _site("library", 5, leaf=Leaf.SELF_SIGNED),
    _site("parks", 6, leaf=Leaf.OTHER_NAME),
    _site("records", 7, leaf=Leaf.WEAK_KEY),
    _site("clinic", 8, hsts=False, redirects=False),
    _site("payments", 9, https=Https.OLD),
    _site("events", 10, https=Https.CLOSED, redirects=False),
    _site("parking", 11, https=Https.SILENT, http_port=None),
    _site("archive", 12, https=Https.WEAK, leaf=Leaf.RSA),
    _site("account", 13, cookie="session=made-up; Path=/; HttpOnly; SameSite=Lax"),
    _site("news", 14, embeds='<img alt="" src="http://pictures.riverton.example/fair.jpg">'),
    _site("mta-sts", 15, http_port=None),
)


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """An SMTP server of the demo city; `starttls`: whether it turns TLS on."""

    id: str
    port: int
    starttls: bool = True
    leaf: Leaf = Leaf.GOOD

    @property
    def host(self) -> str:
        """Its name."""
        return f"{self.id}.riverton.example"


MAIL_SERVERS: tuple[MailServer, ...] = (
    MailServer(id="mx1", port=17481),
    MailServer(id="mx2", port=17482, starttls=False),
)

# What DNS says, by name and type; a name that is not here does not exist.
ZONE: dict[tuple[str, str], tuple[str, ...]] = {
    ("riverton.example", "MX"): ("10 mx1.riverton.example.",),
    ("riverton.example", "TXT"): ('"v=spf1 mx -all"',),
    ("_dmarc.riverton.example", "TXT"): ('"v=DMARC1; p=reject; rua=mailto:dmarc@riverton.example"',),
    ("_mta-sts.riverton.example", "TXT"): ('"v=STSv1; id=20260901"',),
    ("_smtp._tls.riverton.example", "TXT"): ('"v=TLSRPTv1; rua=mailto:tls@riverton.example"',),
    ("newsletter.riverton.example", "MX"): ("10 mx2.riverton.example.",),
    ("newsletter.riverton.example", "TXT"): ('"v=spf1 +all"',),
    ("_dmarc.newsletter.riverton.example", "TXT"): ('"v=DMARC1; p=none"',),
    ("mx1.riverton.example", "A"): (ADDRESS,),
    ("mx2.riverton.example", "A"): (ADDRESS,),
    ("mta-sts.riverton.example", "A"): (ADDRESS,),
}

MTA_STS_POLICY = "version: STSv1\r\nmode: enforce\r\nmx: mx1.riverton.example\r\nmax_age: 604800\r\n"


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
    wanted |= {DNS_PORT: "the DNS server"}
    wanted |= {machine.port: f"the SSH server of {machine.id}" for machine in MACHINES}
    wanted |= {server.port: f"the mail server {server.id}" for server in MAIL_SERVERS}
    for site in SITES:
        wanted[site.port] = f"the website {site.id}"
        if site.http_port is not None:
            wanted[site.http_port] = f"the plain HTTP side of the website {site.id}"
    return wanted
