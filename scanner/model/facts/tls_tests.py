"""What tests for known holes in TLS implementations showed.

A test is sent only where the hole is possible at all after what the server showed in its hellos, and only while the
city allows active tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from scanner.model.facts.base import Facts
from scanner.model.unobserved import Cause, Unobserved


class Hole(StrEnum):
    """A hole that is tested for; its name is the subject of the finding."""

    HEARTBLEED = "heartbleed"  # CVE-2014-0160
    CCS = "ccs"  # CVE-2014-0224, early ChangeCipherSpec
    ROBOT = "robot"  # CVE-2017-13099 and others, Bleichenbacher's oracle
    RENEGOTIATION = "renegotiation"  # CVE-2009-3555, insecure renegotiation
    COMPRESSION = "compression"  # CVE-2012-4929, CRIME


@dataclass(frozen=True, kw_only=True)
class Impossible:
    """The hole cannot be there; `because` completes "it cannot be there: …"."""

    kind: Literal["impossible"] = "impossible"
    hole: Hole
    because: str


@dataclass(frozen=True, kw_only=True)
class Tested:
    """The test was done.

    Attributes:
        open: whether the hole was found; an open one was found twice, the second time alone.
        seen: what the peer did, one clause.
    """

    kind: Literal["tested"] = "tested"
    hole: Hole
    open: bool
    seen: str


@dataclass(frozen=True, kw_only=True)
class NotTested:
    """The test brought no answer, or was not sent; the gap's subject is the hole."""

    kind: Literal["not_tested"] = "not_tested"
    hole: Hole
    gap: Unobserved


HoleAnswer = Impossible | Tested | NotTested


@dataclass(frozen=True, kw_only=True)
class AddressHoles:
    """The answers of one address, one for each `Hole`."""

    address: str
    answers: tuple[HoleAnswer, ...]

    def answer(self, hole: Hole) -> HoleAnswer:
        """The answer about one hole; one that was not asked about is not tested."""
        for each in self.answers:
            if each.hole is hole:
                return each
        detail = f"{self.address} was not tested for {hole}; scan again with this version."
        return NotTested(hole=hole, gap=Unobserved(cause=Cause.UNSUPPORTED, detail=detail, subject=hole.value))


@dataclass(frozen=True, kw_only=True)
class TlsTestFacts(Facts):
    """The tests at each address of a TLS server; a gap's detail names its address."""

    addresses: tuple[AddressHoles | Unobserved, ...]

    def answered(self) -> tuple[AddressHoles | Unobserved, ...]:
        """Every address, and what is missing; never nothing at all."""
        return self.addresses or (_NO_ADDRESS,)


_NO_ADDRESS = Unobserved(cause=Cause.DNS, detail="No address of the server was tested.")
