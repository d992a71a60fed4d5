"""What the main process and a TLS worker say to each other: one JSON document per line, never a pickle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from scanner.model.asset import StartTls
from scanner.model.facts.tls import AddressTls, Deployment
from scanner.model.facts.tls_tests import Hole, HoleAnswer
from scanner.model.unobserved import Unobserved
from scanner.transports._endpoint import endpoint

# A worker's line may hold a few certificate chains. OpenSSL itself takes at most 100 kB per chain.
LONGEST_LINE = 4_000_000


@dataclass(frozen=True, kw_only=True)
class TlsTarget:
    """One server to scan.

    Attributes:
        address: IP address to connect to.
        server_name: what to send as SNI; None for a server that is known by its address alone (RFC 6066, section 3).
        timeout: seconds for one step of one connection.
        starttls: the protocol that turns TLS on by a command; None where TLS begins with the first byte.
    """

    address: str
    port: int
    server_name: str | None
    timeout: float
    starttls: StartTls | None = None

    @property
    def peer(self) -> str:
        """`ADDRESS:PORT`, for people."""
        return endpoint(self.address, self.port)


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Asks which trust stores accept a chain (PEM, leaf first).

    Attributes:
        ca_bundle: extra trust anchors in PEM, or why they cannot be read; None where none are declared.
    """

    kind: Literal["judge"] = "judge"
    chain: tuple[str, ...]
    ca_bundle: str | Unobserved | None = None


@dataclass(frozen=True, kw_only=True)
class TryHoles:
    """Asks for tests for holes; `tls` is what the server's hellos showed."""

    kind: Literal["try_holes"] = "try_holes"
    target: TlsTarget
    tls: AddressTls
    holes: tuple[Hole, ...]


@dataclass(frozen=True, kw_only=True)
class AskEarlyData:
    """Asks whether a server takes early data; sends it an HTTP request."""

    kind: Literal["early_data"] = "early_data"
    target: TlsTarget


@dataclass(frozen=True, kw_only=True)
class CrossCheck:
    """Asks what sslyze sees differently than the hellos showed; no test for a hole is among it."""

    kind: Literal["cross_check"] = "cross_check"
    target: TlsTarget
    tls: AddressTls


@dataclass(frozen=True, kw_only=True)
class Get:
    """Asks for the answer to one HTTP request (whole, Latin-1) over whatever TLS completes."""

    kind: Literal["get"] = "get"
    target: TlsTarget
    request: str


Task = Annotated[Judge | TryHoles | AskEarlyData | CrossCheck | Get, Field(discriminator="kind")]


@dataclass(frozen=True, kw_only=True)
class Job:
    """One thing that a worker is to do; it does many at the same time.

    Attributes:
        number: unique in its worker, from 1 on.
        seconds: after this time nobody waits for the answer any more.
    """

    number: int = 0
    seconds: float
    task: Task


@dataclass(frozen=True, kw_only=True)
class RawHead:
    """The first bytes that came back for a request, as Latin-1 text.

    Attributes:
        tls_version: a name as in `VersionAnswer`.
    """

    tls_version: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """Something that sslyze sees differently than our own hellos did.

    Attributes:
        about: the protocol version, or the name of the field of `AddressTls` or `TlsTraits`.
        what: what each of the two saw, one clause.
    """

    about: str
    what: str


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of the answer, sent as soon as it is known; the last one says `done`.

    Attributes:
        job: the number of the job; 0 for a mere sign of life.
        gap: why nothing at all was seen, where it is so.
    """

    job: int = 0
    deployment: Deployment | None = None
    hole: HoleAnswer | None = None
    early_data: bool | None = None
    disagreement: Disagreement | None = None
    head: RawHead | None = None
    gap: Unobserved | None = None
    done: bool = False


_JOB = TypeAdapter(Job)
_PART = TypeAdapter(Part)


def write_job(job: Job) -> bytes:
    """A job as one line."""
    return _JOB.dump_json(job) + b"\n"


def read_job(line: bytes) -> Job:
    """A job from its line."""
    return _JOB.validate_json(line)


def write_part(part: Part) -> bytes:
    """A part of the answer as one line."""
    return _PART.dump_json(part) + b"\n"


def read_part(line: bytes) -> Part:
    """A part of the answer from its line.

    Raises:
        ValueError: if a worker sent something else.
    """
    return _PART.validate_json(line)
