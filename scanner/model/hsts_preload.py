"""What keeps a site out of the browsers' HSTS preload list: hstspreload.org's rules, with its own issue codes. Pure.

Source: github.com/chromium/hstspreload (header.go, response.go, redirects.go, domain.go; read 2026-11), which decides
who is added. Not judged here: whether the name is a registered domain (only `www.` surely is not), for that needs the
public suffix list, and the certificate, which has checks of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from scanner.model.facts.http import Answered, HttpFacts, OtherName, PlainEndpoint, Unseen, host_of
from scanner.model.unobserved import Cause

_YEAR = 365 * 86_400
_MOST_REDIRECTS = 3
_LARGEST_NUMBER = 2**64 - 1
_MOST_DIGITS = 100


@dataclass(frozen=True)
class Issue:
    """One of hstspreload's issues; `error` keeps a site out of the list, the others are warnings."""

    code: str
    error: bool = True


@dataclass
class _Header:
    """A header as hstspreload reads it, which is not quite RFC 6797: of repeated directives the first counts."""

    max_age: int | None = None
    flags: set[str] = field(default_factory=set)
    issues: list[Issue] = field(default_factory=list)

    def note(self, code: str, *, error: bool = False) -> None:
        """Adds an issue, each code once."""
        if Issue(code, error) not in self.issues:
            self.issues.append(Issue(code, error))


_FLAGS = {"preload": "preload", "includesubdomains": "include_sub_domains"}


def preload_issues(http: HttpFacts, https: Answered) -> tuple[Issue, ...]:
    """Everything that hstspreload would hold against a site, seen at one of its addresses; each code once."""
    host = host_of(http.url)
    found = [*([Issue("domain.is_subdomain")] if host.startswith("www.") else []), *response_issues(https.first.hsts)]
    for plain in (each for each in http.plain if each.address == https.address):
        found += _plain_issues(plain, host, header_is_good=not any(issue.error for issue in found))
    found += _chain_issues(_targets(https))
    found += _www_issues(http.other, host)
    return tuple(dict.fromkeys(found))


def response_issues(headers: Sequence[str]) -> tuple[Issue, ...]:
    """The issues of an answer with these Strict-Transport-Security headers."""
    if not headers:
        return (Issue("response.no_header"),)
    return header_issues(headers[0]) if len(headers) == 1 else (Issue("response.multiple_headers"),)


def header_issues(value: str) -> tuple[Issue, ...]:
    """The issues of one header value."""
    header = _Header()
    directives = [directive.strip() for directive in value.split(";")]
    if directives == [""]:
        header.note("header.parse.empty")
    else:
        for directive in directives:
            _read(directive, header)
    for flag in ("includesubdomains", "preload"):
        if flag not in header.flags:
            header.note(f"header.preloadable.{_FLAGS[flag]}.missing", error=True)
    _judge_age(header)
    return tuple(header.issues)


def _read(directive: str, header: _Header) -> None:
    lower = directive.lower()
    flag = next((flag for flag in _FLAGS if lower.startswith(flag)), None)
    if flag is not None and lower == flag and flag not in header.flags:
        header.flags.add(flag)
    elif flag is not None:
        header.note(f"header.parse.{'repeated' if lower == flag else 'invalid'}.{_FLAGS[flag]}")
    elif lower.startswith("max-age="):
        _read_age(directive[len("max-age=") :], header)
    elif lower.startswith("max-age"):
        header.note("header.parse.invalid.max_age.no_value", error=True)
    else:
        header.note("header.parse.unknown_directive" if directive else "header.parse.empty_directive")


def _read_age(digits: str, header: _Header) -> None:
    if len(digits) > 1 and digits.startswith("0"):
        header.note("header.parse.max_age.leading_zero")
    if digits.strip("0123456789"):
        header.note("header.parse.max_age.non_digit_characters", error=True)
    elif not digits or len(digits) > _MOST_DIGITS or int(digits) > _LARGEST_NUMBER:
        header.note("header.parse.max_age.parse_int_error", error=True)
    elif header.max_age is not None:
        header.note("header.parse.repeated.max_age")
    else:
        header.max_age = int(digits)


def _judge_age(header: _Header) -> None:
    age = header.max_age
    if age is None:
        header.note("header.preloadable.max_age.missing", error=True)
    elif age < _YEAR:
        header.note(f"header.preloadable.max_age.{'below_1_year' if age else 'zero'}", error=True)
    elif age > 10 * _YEAR:
        header.note("header.preloadable.max_age.over_10_years")


def _plain_issues(plain: PlainEndpoint, host: str, *, header_is_good: bool) -> Iterator[Issue]:
    """What the plain endpoint adds: it must first lead to https on the same host, where HSTS must be set."""
    if not isinstance(plain, Answered):
        yield Issue("redirects.http.does_not_exist", error=False)
        return
    if plain.first.hsts:
        yield Issue("redirects.http.useless_header", error=False)
    targets = _targets(plain)
    if not targets:
        yield Issue("redirects.http.no_redirect")
    elif targets[0].startswith("https:") and host_of(targets[0]) == host:
        seen = any(issue.error for hop in plain.further[:1] for issue in response_issues(hop.hsts))
        if seen and header_is_good:
            yield Issue("redirects.http.first_redirect.no_hsts")
        yield from _chain_issues(targets)
    elif host_of(targets[0]) == f"www.{host}":
        yield Issue("redirects.http.www_first")
    else:
        yield Issue("redirects.http.first_redirect.insecure")


def _chain_issues(targets: Sequence[str]) -> Iterator[Issue]:
    if len(targets) > _MOST_REDIRECTS:
        yield Issue("redirects.too_many")
    insecure = next((number for number, target in enumerate(targets) if target.startswith("http:")), None)
    if insecure is not None:
        yield Issue(f"redirects.insecure.{'subsequent' if insecure else 'initial'}")


def _www_issues(other: object, host: str) -> Iterator[Issue]:
    """A `www.` name whose https port is open must complete TLS."""
    if not isinstance(other, OtherName) or other.host != f"www.{host}" or not isinstance(other.https, Unseen):
        return
    if other.https.declined or (other.https.gap.cause is Cause.MALFORMED and not other.https.tls):
        yield Issue("domain.www.no_tls")


def _targets(endpoint: Answered) -> list[str]:
    return [target for hop in endpoint.hops if (target := hop.target) is not None]
