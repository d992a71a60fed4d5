"""What stands in and beside a website's page: cookies, parts over plain http, security.txt, the preload list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scanner.model.unobserved import Unobserved


@dataclass(frozen=True, kw_only=True)
class Cookie:
    """A cookie that an answer sets; its value is never kept.

    Attributes:
        same_site: the attribute's value in lower case (`strict`, `lax`, `none`); None without one.
        domain: whether it names a Domain, so that subdomains get it too.
        root_path: whether its Path is `/`.
    """

    name: str
    secure: bool
    http_only: bool = False
    same_site: str | None = None
    domain: bool = False
    root_path: bool = False

    @property
    def faults(self) -> tuple[str, ...]:
        """What browsers hold against it beside a missing Secure (RFC 6265bis, sections 4.1.3 and 5.6)."""
        name, found = self.name.lower(), list[str]()
        if self.same_site == "none" and not self.secure:
            found.append("SameSite=None without Secure, so browsers refuse it")
        if name.startswith("__secure-") and not self.secure:
            found.append("its __Secure- name demands Secure, so browsers refuse it")
        if name.startswith("__host-") and (not self.secure or self.domain or not self.root_path):
            found.append("its __Host- name demands Secure, Path=/ and no Domain, so browsers refuse it")
        return tuple(found)


@dataclass(frozen=True, kw_only=True)
class PlainLoad:
    """A part that a page loads, or a form that it sends, over plain http; `element` is the HTML element's name."""

    element: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """What an answer holds.

    Attributes:
        html: whether it is HTML at all; if not, nothing else was looked for.
        loads: the parts over plain http in the order of the page, at most a few dozen.
        found: how many there are in all.
        upgraded: whether the page has browsers ask for all parts over https (`upgrade-insecure-requests`).
        rest: why there may be more than these: the page was not read to its end.
    """

    url: str
    html: bool
    loads: tuple[PlainLoad, ...] = ()
    found: int = 0
    upgraded: bool = False
    rest: Unobserved | None = None


@dataclass(frozen=True, kw_only=True)
class SecurityTxt:
    """What `/.well-known/security.txt` answered over https (RFC 9116).

    Attributes:
        status: of the answer; the file is there with 200 alone.
        text_plain: whether it is served as text/plain (section 3).
        contacts: how many Contact lines it has; one at least is required (section 2.5.3).
        expires: the one Expires date that is required (section 2.5.5); None where there is none, several, or no date.
    """

    url: str
    status: int
    text_plain: bool = False
    contacts: int = 0
    expires: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Preload:
    """Where a name stands in the browsers' HSTS preload list.

    Attributes:
        entry: the name in the list that covers the site, itself or a parent; None where there is none.
        version: of the list, which is a month (`2025.1.1`).
    """

    entry: str | None
    version: str
