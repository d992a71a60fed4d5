"""One GET over TLS that Python's own OpenSSL no longer speaks: by a worker, and read as strictly as any other."""

from __future__ import annotations

import h11

from scanner.model.foreign import harmless
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._http_url import wanted
from scanner.transports.http import USER_AGENT, Answer, NoAnswer, Stage, answer_of
from scanner.transports.tls import RawHead, TlsTarget, TlsWorkers

# Where OpenSSL's name of a version, which an `Answer` carries, is not ours.
_OPENSSL_NAMES = {"TLSv1.0": "TLSv1"}


async def get_over_any_tls(url: str, target: TlsTarget, workers: TlsWorkers, *, until: float) -> Answer | NoAnswer:
    """The first answer to one GET, over whatever TLS the server completes; its absence is told with how far it got.

    Args:
        url: https; its host is that of the Host line, whatever `target` connects to.
        target: where to connect.
        workers: those of the run.
        until: hard deadline in the event loop's time.
    """
    head = await workers.get(target, _request(url), until=until)
    if isinstance(head, Unobserved):
        return NoAnswer(stage=Stage.TLS, gap=head)
    answer = read_head(head, where=target.peer)
    return NoAnswer(stage=Stage.ANSWER, gap=answer) if isinstance(answer, Unobserved) else answer


def _request(url: str) -> str:
    asked = wanted(url)
    lines = (
        f"GET {asked.raw_path.decode('ascii')} HTTP/1.1",
        f"Host: {asked.netloc.decode('ascii')}",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
        "Accept-Encoding: identity",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, ""))


def read_head(head: RawHead, *, where: str) -> Answer | Unobserved:
    """A raw head as an answer; interim answers (RFC 9110, section 15.2) are skipped."""
    if not head.text:
        detail = f"{where} completes TLS and then gives no answer to HTTP; check the service behind it."
        return Unobserved(cause=Cause.UNREACHABLE, detail=detail)
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    try:
        parser.receive_data(head.text.encode("latin-1", "replace"))
        event = parser.next_event()
        while isinstance(event, h11.InformationalResponse):
            event = parser.next_event()
    except h11.RemoteProtocolError as error:
        return _malformed(where, harmless(str(error), 120))
    if isinstance(event, h11.Response):
        version = _OPENSSL_NAMES.get(head.tls_version, head.tls_version)
        return answer_of(event.status_code, list(event.headers), version)
    return _malformed(where, "its answer breaks off, or its head is too long")


def _malformed(where: str, said: str) -> Unobserved:
    detail = f"{where} did not answer in valid HTTP ({said}); check which service listens there."
    return Unobserved(cause=Cause.MALFORMED, detail=detail)
