"""Bodies within bounds."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model.unobserved import Cause, Unobserved
from scanner.transports._http_body import LARGEST_BODY, unpacked

TEXT = b"<p>hello</p>" * 100
BARE = zlib.compressobj(wbits=-15)
PACKED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    " GZIP ": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
}


@pytest.mark.parametrize("coding", PACKED)
def test_a_body_is_unpacked(coding: str) -> None:
    body = unpacked(PACKED[coding], coding, None, where="192.0.2.1:443")
    assert (body.content, body.gap) == (TEXT, None)


def test_a_bare_deflate_stream_is_unpacked_too() -> None:
    sent = BARE.compress(TEXT) + BARE.flush()
    assert unpacked(sent, "deflate", None, where="x").content == TEXT


def test_a_gzip_bomb_is_cut_at_the_largest_body() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    tracemalloc.start()
    body = unpacked(bomb, "gzip", None, where="192.0.2.1:443")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(body.content) == LARGEST_BODY
    assert peak < 10_000_000
    assert body.gap is not None
    assert body.gap.cause is Cause.UNSUPPORTED


@pytest.mark.parametrize("sent", [gzip.compress(TEXT)[:-12], gzip.compress(TEXT)[:30] + b"garbage", b"\0\1", b""])
def test_a_packed_body_that_breaks_off_is_a_gap_behind_what_was_read(sent: bytes) -> None:
    body = unpacked(sent, "gzip", None, where="192.0.2.1:443")
    assert body.gap is not None
    assert body.gap.cause is Cause.MALFORMED
    assert TEXT.startswith(body.content)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "x"])
def test_a_coding_that_nobody_asked_for_is_a_gap(coding: str) -> None:
    body = unpacked(b"abc", coding, None, where="192.0.2.1:443")
    assert body.content == b""
    assert body.gap is not None
    assert body.gap.cause is Cause.UNSUPPORTED


def test_why_the_rest_did_not_come_stays() -> None:
    gap = Unobserved(cause=Cause.TIMEOUT, detail="late")
    assert unpacked(gzip.compress(TEXT)[:40], "gzip", gap, where="x").gap == gap


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "identity", "br"]))
def test_any_bytes_are_unpacked_or_a_gap(sent: bytes, coding: str) -> None:
    assert len(unpacked(sent, coding, None, where="x").content) <= LARGEST_BODY
