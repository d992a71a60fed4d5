"""Library errors to causes."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

import httpx
import pytest

from scanner.model.unobserved import Cause
from scanner.transports._errors import is_refusal, unobserved_from


def chained(outer: Exception, inner: BaseException) -> Exception:
    """The outer error as libraries raise it: the inner one hidden behind it by `from None`."""
    try:
        try:
            raise inner
        except BaseException:
            raise outer from None
    except Exception as error:
        return error


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ConnectionRefusedError(), Cause.UNREACHABLE),
        (ConnectionResetError(), Cause.UNREACHABLE),
        (BrokenPipeError(), Cause.UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "no route"), Cause.UNREACHABLE),
        (OSError(errno.EPERM, "not permitted"), Cause.UNREACHABLE),
        (OSError(errno.EINVAL, "odd"), Cause.UNREACHABLE),
        (asyncio.IncompleteReadError(b"", 1), Cause.UNREACHABLE),
        (EOFError(), Cause.UNREACHABLE),
        (TimeoutError(), Cause.TIMEOUT),
        (OSError(errno.ETIMEDOUT, "timed out"), Cause.TIMEOUT),
        (socket.gaierror(socket.EAI_NONAME, "unknown"), Cause.DNS),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), Cause.DNS),
        (httpx.RemoteProtocolError("illegal status line"), Cause.MALFORMED),
        (httpx.InvalidURL("no URL"), Cause.MALFORMED),
        (chained(RuntimeError("x"), ConnectionRefusedError()), Cause.UNREACHABLE),
        (chained(RuntimeError("x"), socket.gaierror(socket.EAI_NONAME, "x")), Cause.DNS),
        (ExceptionGroup("several", [OSError(errno.ENETUNREACH, "x")]), Cause.UNREACHABLE),
        (ssl.SSLCertVerificationError(1, "bad certificate"), Cause.HOST_KEY),
        (ssl.SSLEOFError(8, "EOF"), Cause.UNREACHABLE),
        (ssl.SSLError(1, "[SSL] tlsv1 alert no application protocol (_ssl.c:1006)"), Cause.UNSUPPORTED),
        (ssl.SSLError(1, "[SSL] sslv3 alert handshake failure (_ssl.c:1006)"), Cause.UNSUPPORTED),
        (ssl.SSLError(1, "[SSL] tlsv1 unrecognized name (_ssl.c:1006)"), Cause.UNSUPPORTED),
        (ssl.SSLError(1, "[SSL] too many warn alerts (_ssl.c:1006)"), Cause.MALFORMED),
        (ssl.SSLError(1, "[SSL] unknown alert type (_ssl.c:1006)"), Cause.MALFORMED),
        (ssl.SSLError(1, "[SSL] wrong cipher returned (_ssl.c:1006)"), Cause.MALFORMED),
        (ssl.SSLError(1, "[SSL] unknown cipher returned (_ssl.c:1006)"), Cause.MALFORMED),
        (ssl.SSLError(1, "[SSL] wrong ssl version (_ssl.c:1006)"), Cause.MALFORMED),
        (ValueError("our bug"), Cause.PROBE_CRASHED),
    ],
    ids=repr,
)
def test_each_error_has_its_cause_and_a_sentence(error: BaseException, cause: Cause) -> None:
    gap = unobserved_from(error, where="192.0.2.1:443")
    assert gap.cause is cause
    assert "192.0.2.1:443" in gap.detail
    assert gap.detail.endswith(".")


def test_a_machine_without_ipv6_is_told_what_to_do() -> None:
    for number in (errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        gap = unobserved_from(chained(RuntimeError("x"), OSError(number, "x")), where="[2001:db8::1]:443")
        assert gap.cause is Cause.UNREACHABLE
        assert "no IPv6 route" in gap.detail
        assert "`address:`" in gap.detail


def test_a_fault_of_tls_without_a_name_leaves_no_empty_word() -> None:
    gap = unobserved_from(ssl.SSLError(1, "[SSL] unknown error (_ssl.c:1006)"), where="192.0.2.1:443")
    assert gap.detail.startswith("192.0.2.1:443 broke the rules of TLS; check")


def test_what_a_peer_says_stays_harmless_in_the_detail() -> None:
    error = httpx.RemoteProtocolError("illegal \x1b[31m" + "x" * 10_000)
    detail = unobserved_from(error, where="192.0.2.1:80").detail
    assert "\x1b" not in detail
    assert len(detail) < 400


def test_a_circle_of_causes_ends() -> None:
    one, other = OSError(errno.EINVAL, "a"), OSError(errno.EINVAL, "b")
    one.__cause__, other.__cause__ = other, one
    assert unobserved_from(one, where="x").cause is Cause.UNREACHABLE
    assert not is_refusal(one)
