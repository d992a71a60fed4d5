"""One DNS server: asked over UDP, over TCP where an answer is too long, and left alone while it is dead."""

from __future__ import annotations

import asyncio

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from scanner.transports._endpoint import endpoint

# A packet may be lost, and a resolver that is still asking around has the answer by the second time.
_TRIES = 2

_MOST_SILENCES, _DEAD_FOR = 2, 60.0  # seconds
_AT_ONCE = 32

# What fits into any packet on its way (DNS flag day 2020); more comes over TCP.
_PAYLOAD = 1232

# What a server answers that does not know EDNS (RFC 6891, section 7).
_WITHOUT_EDNS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS})


class NameServer:
    """A DNS server at one address and port; `timeout` is in seconds, for one question."""

    def __init__(self, address: str, port: int, timeout: float) -> None:
        self._address, self._port, self._timeout = address, port, timeout
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._silences = 0
        self._dead_until = 0.0
        self._is_tested = False

    def __str__(self) -> str:
        return endpoint(self._address, self._port)

    @property
    def is_dead(self) -> bool:
        """Whether it has been silent lately and is not to be asked for a while."""
        return asyncio.get_running_loop().time() < self._dead_until

    async def ask(self, name: dns.name.Name, kind: str) -> dns.message.Message:
        """Its answer, whatever the response code.

        Raises:
            dns.exception.DNSException: silence (`Timeout`), or an answer that cannot be read.
            OSError: no way to the server.
        """
        try:
            async with self._slots:
                answer = await self._exchange(name, kind)
        except dns.exception.Timeout:
            await self._note_silence()
            raise
        self._silences = 0
        return answer

    async def _exchange(self, name: dns.name.Name, kind: str) -> dns.message.Message:
        answer = await self._with_patience(_question(name, kind, edns=True))
        if answer.rcode() in _WITHOUT_EDNS:
            answer = await self._with_patience(_question(name, kind, edns=False))
        return answer

    async def _with_patience(self, question: dns.message.Message) -> dns.message.Message:
        for _ in range(_TRIES - 1):
            try:
                return await self._once(question, self._timeout / _TRIES)
            except dns.exception.Timeout:
                continue
        return await self._once(question, self._timeout / _TRIES)

    async def _once(self, question: dns.message.Message, seconds: float) -> dns.message.Message:
        """One packet. What somebody else sends, or what answers another question, is not listened to."""
        answer, _ = await dns.asyncquery.udp_with_fallback(
            question, self._address, seconds, self._port, ignore_unexpected=True, ignore_errors=True
        )
        return answer

    async def _note_silence(self) -> None:
        """Twice in a row: the server itself may be dead, or only the names that it was asked for; that is tested."""
        self._silences += 1
        if self._silences < _MOST_SILENCES or self._is_tested or self.is_dead:
            return
        self._is_tested = True
        try:
            await self._once(_question(dns.name.root, "NS", edns=False), self._timeout)
        except (dns.exception.Timeout, OSError):
            self._dead_until = asyncio.get_running_loop().time() + _DEAD_FOR
        except dns.exception.DNSException:
            pass  # it says something
        finally:
            self._is_tested = False
            self._silences = 0


def _question(name: dns.name.Name, kind: str, *, edns: bool) -> dns.message.Message:
    """A question that asks for DNSSEC, so that a server that validates can say so by AD (RFC 6840, section 5.7)."""
    question = dns.message.make_query(name, dns.rdatatype.from_text(kind))
    question.flags |= dns.flags.AD
    if edns:
        question.use_edns(0, ednsflags=dns.flags.DO, payload=_PAYLOAD)
    return question
