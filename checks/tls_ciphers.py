"""No cipher suite is on that is known to be broken.

What it checks
--------------
Every cipher suite that the server accepts, in every version and at every address. It fails for suites with a broken
cipher (RC4, 3DES, DES, RC2), without encryption (NULL), with keys cut short by a former law (EXPORT) or without any
identity of the server (ANONYMOUS): `policy.suites_forbidden`. Where `policy.suites_allowed` lists suites, every other
one fails too. Finite-field Diffie-Hellman keys must have at least 2048 bits (`policy.dh_min_bits`) and, where
`policy.dh_groups_allowed` lists any, belong to one of those groups. Suites that are merely outside Mozilla's
intermediate list are told as evidence and fail nothing.

Why it matters
--------------
Somebody on the line can talk a browser and the server into the weakest suite that both accept, and then read or change
what residents send. A Diffie-Hellman key of 1024 bits is within reach of states and of large companies.

How to fix
----------
Leave on only the suites of Mozilla's intermediate list. For nginx::

    ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;

Apache has `SSLCipherSuite` for the same words; Windows has IIS Crypto or the group policy "SSL Cipher Suite Order"; a
load balancer has a TLS profile. If Diffie-Hellman (DHE) has to stay, use the group ffdhe3072 of RFC 7919.

What it cannot see
------------------
Suites that are in no public registry, or that the server accepts only together with a client certificate.

References
----------
- BOD 18-01 (2017-10-16), required actions II.1.a.ii and II.1.b.i (RC4 and 3DES)
- RFC 9325 (November 2022), sections 4.1 and 4.5; RFC 7465 (February 2015), section 2 (RC4); RFC 7919 (August 2016)
- Mozilla Server Side TLS 6.0 (May 2026), intermediate, `ciphers`, `ciphersuites` and `dh_param_size`
- Adrian et al., Imperfect Forward Secrecy (Logjam), October 2015, section 3
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.model.asset import TlsServer
from scanner.model.check import check
from scanner.model.facts.http import HttpFacts
from scanner.model.facts.service import ServiceFacts
from scanner.model.facts.tls import AddressTls, DhKey, TlsFacts
from scanner.model.finding import Evidence, Failed, Severity, Verdict, failed, passed, undecided
from scanner.model.policy import Policy
from scanner.model.principle import P6
from scanner.model.suites import MOZILLA_FORMER, MOZILLA_INTERMEDIATE, remarks, weaknesses
from scanner.model.tls_answers import accepted_suites, answers, unseen
from scanner.model.tls_verdicts import over_addresses
from scanner.model.unobserved import Unobserved

_FIX = "Leave only the cipher suites of Mozilla's intermediate list on in the server or load balancer."
_FIX_KEY = "Turn the DHE suites off in the server or load balancer, or give them the group ffdhe3072 (RFC 7919)."


@check(
    id="tls-ciphers",
    title="Broken cipher suites are off",
    principle=P6,
    severity=Severity.HIGH,
)
def tls_ciphers(
    server: TlsServer,
    tls: TlsFacts | Unobserved,
    http: HttpFacts | Unobserved,
    service: ServiceFacts | Unobserved,
    policy: Policy,
) -> Verdict:
    """Looks for forbidden suites and short keys at every address."""
    otherwise = "No server was found that could accept a broken suite."
    return over_addresses(tls, (http, service), lambda address: _verdicts(address, policy), otherwise=otherwise)


def _verdicts(address: AddressTls, policy: Policy) -> Iterator[Verdict]:
    allowed, forbidden = frozenset(policy.suites_allowed), frozenset(policy.suites_forbidden)
    bad = [
        (version, suite)
        for version, suite in accepted_suites(address)
        if (allowed and suite not in allowed) or not forbidden.isdisjoint(weaknesses(suite))
    ]
    if bad:
        yield _forbidden(address, bad)
    yield from _weak_keys(address, policy)
    yield from unseen(answers(address))
    told = frozenset(suite for _, suite in bad)
    yield passed("The server accepts no suite that is known to be broken.", evidence=_seen(address, told))


def _forbidden(address: AddressTls, bad: Iterable[tuple[str, str]]) -> Failed:
    by_version: dict[str, list[str]] = {}
    for version, suite in bad:
        by_version.setdefault(version, []).append(suite)
    count = len({suite for suites in by_version.values() for suite in suites})
    suites_said = f"{count} cipher suite{'s' if count > 1 else ''}"
    return failed(
        f"The server at {address.address} accepts {suites_said} that the policy forbids: {_kinds(by_version)}.",
        fix=_FIX,
        evidence=[
            Evidence(fact=f"forbidden suites of {version} at {address.address}", value=_told(suites))
            for version, suites in by_version.items()
        ],
    )


def _kinds(by_version: dict[str, list[str]]) -> str:
    """What is wrong with them, in the order of the policy's words, else that they are not on its list."""
    suites = [suite for each in by_version.values() for suite in each]
    found = dict.fromkeys(word for suite in suites for word in weaknesses(suite))
    other = [] if all(weaknesses(suite) for suite in suites) else ["not on the list of allowed suites"]
    return ", ".join([*found, *other])


def _weak_keys(address: AddressTls, policy: Policy) -> Iterator[Verdict]:
    """A verdict for each Diffie-Hellman key that fails; a policy that asks nothing of them misses none either."""
    if not isinstance(address.dh_keys, Unobserved):
        yield from (_weak_key(address.address, key, policy) for key in address.dh_keys if _is_weak(key, policy))
    elif policy.dh_min_bits or policy.dh_groups_allowed:
        yield undecided(address.dh_keys)


def _is_weak(key: DhKey, policy: Policy) -> bool:
    return key.bits < policy.dh_min_bits or bool(policy.dh_groups_allowed and key.group not in policy.dh_groups_allowed)


def _weak_key(address: str, key: DhKey, policy: Policy) -> Failed:
    group = key.group or "a group of its own"
    asked = f"at least {policy.dh_min_bits} bits"
    if policy.dh_groups_allowed:
        asked += f" and one of {', '.join(policy.dh_groups_allowed)}"
    return failed(
        f"The server at {address} offers a Diffie-Hellman key of {key.bits} bits ({group}) in {key.version}; the policy"
        f" asks for {asked}.",
        fix=_FIX_KEY,
        evidence=[
            Evidence(fact=f"Diffie-Hellman key of {key.version} at {address}", value=f"{key.bits} bits, {group}")
        ],
    )


def _seen(address: AddressTls, told: frozenset[str]) -> Iterator[Evidence]:
    """How many suites are on, and those that are outside Mozilla's list, with what sets them apart.

    Those that are `told` as forbidden already are not told again.
    """
    suites = list(dict.fromkeys(suite for _, suite in accepted_suites(address)))
    yield Evidence(fact=f"cipher suites accepted at {address.address}", value=str(len(suites)))
    outside = [suite for suite in suites if suite not in MOZILLA_INTERMEDIATE and suite not in told]
    former = [suite for suite in outside if suite in MOZILLA_FORMER]
    other = [suite for suite in outside if suite not in MOZILLA_FORMER]
    if other:
        also = "also " if told else ""
        fact = f"{also}outside Mozilla's intermediate list 6.0 at {address.address}"
        yield Evidence(fact=fact, value=_told(other))
    if former:
        fact = f"in Mozilla's intermediate list until 5.7, no longer in 6.0, at {address.address}"
        yield Evidence(fact=fact, value=_told(former))


def _told(suites: Iterable[str]) -> str:
    return ", ".join(remarks(suite) for suite in suites)
