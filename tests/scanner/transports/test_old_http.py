"""Heads of answers that came over old TLS, read as strictly as any other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.http import Answer
from scanner.transports.old_http import read_head
from scanner.transports.tls import RawHead


def read(text: str, version: str = "SSLv3") -> Answer | Unobserved:
    return read_head(RawHead(tls_version=version, text=text), where="192.0.2.1:443")


def test_a_head_is_an_answer_with_its_version_as_openssl_names_it() -> None:
    answer = read("HTTP/1.0 200 OK\r\nServer: old\r\nSet-Cookie: a=b\r\nset-cookie: c=d\r\n\r\nbody", "TLSv1.0")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.tls_version) == (200, "TLSv1")
    assert answer.values("set-cookie") == ("a=b", "c=d")
    assert len(answer.digest) == 64


def test_interim_answers_are_skipped() -> None:
    answer = read("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    assert isinstance(answer, Answer)
    assert answer.status == 404


@pytest.mark.parametrize("text", ["<html>", "HTTP/1.1 200 OK\r\nServer: x", "HTTP/1.1 2x0 OK\r\n\r\n", "\x16\x03\x01"])
def test_what_is_no_whole_head_is_malformed(text: str) -> None:
    found = read(text)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.MALFORMED
    assert "192.0.2.1:443" in found.detail


def test_nothing_at_all_is_no_answer() -> None:
    found = read("")
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.UNREACHABLE


def test_control_characters_do_not_come_through() -> None:
    found = read("HTTP/1.1 200 OK\r\nServer: a\x1b]0;owned\x07b\r\n\r\n")
    told = found.detail if isinstance(found, Unobserved) else found.values("server")[0]
    assert told.isprintable()


@given(st.text(st.characters(max_codepoint=255), max_size=200))
def test_any_bytes_are_an_answer_or_a_gap(text: str) -> None:
    for each in (text, "HTTP/1.1 200 OK\r\n" + text + "\r\n\r\n"):
        assert isinstance(read(each), Answer | Unobserved)
