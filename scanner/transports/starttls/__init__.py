"""Turning TLS on by a command, on a connection that began in plain text.

One file per family of protocols; what they share, reading within bounds and saying why it did not come to TLS, is in
`_talk`.
"""

from __future__ import annotations

import asyncio

from scanner.model.asset import StartTls
from scanner.transports.starttls._imap_pop3 import imap, pop3
from scanner.transports.starttls._ldap import ldap
from scanner.transports.starttls._postgres import postgres
from scanner.transports.starttls._rdp import rdp
from scanner.transports.starttls._smtp_ftp import ftp, smtp
from scanner.transports.starttls._talk import NotOffered, Talk, Turned, is_for_now
from scanner.transports.starttls._xmpp import xmpp

__all__ = ["NotOffered", "Turned", "at_once", "is_for_now", "start_tls"]

# Mail servers count connections and turn their most eager visitors away.
_ONE_BY_ONE = frozenset({StartTls.SMTP, StartTls.IMAP, StartTls.POP3})

_PROTOCOLS = {
    StartTls.SMTP: smtp,
    StartTls.IMAP: imap,
    StartTls.POP3: pop3,
    StartTls.LDAP: ldap,
    StartTls.FTP: ftp,
    StartTls.XMPP: xmpp,
    StartTls.RDP: rdp,
    StartTls.POSTGRES: postgres,
}


def at_once(protocol: StartTls | None) -> int:
    """How many connections to one server at a time are no imposition: the `at_once` of a turn of `Pace`."""
    return 1 if protocol in _ONE_BY_ONE else 4


async def start_tls(protocol: StartTls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> None:
    """Speaks a protocol on a new connection up to the point where the next byte is the ClientHello.

    Args:
        name: the host name that the peer is known as; XMPP asks for it.

    The time is the caller's to bound; what is read is bounded here.

    Raises:
        NotOffered: the peer says clearly that it has no TLS.
        Turned: it did not come to TLS for any other reason, such as a rate limit.
    """
    talk = Talk(protocol, reader, writer)
    await _PROTOCOLS[protocol](talk, name)
    if talk.left:
        raise talk.malformed(f"it sent {len(talk.left)} bytes more in plain text after its go-ahead for TLS")
