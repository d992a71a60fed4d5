"""ClientHellos byte by byte: what they say, how long they are, and that a strict parser accepts them."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

import pytest
import tlslite.api  # noqa: F401 (its modules import each other in circles unless this comes first)
from hypothesis import given
from hypothesis import strategies as st
from tlslite import messages
from tlslite.utils.codec import Parser

from scanner.transports._hello_numbers import HYBRID_GROUPS
from scanner.transports._hello_suites import FALLBACK_SCSV, MOST_SUITES, RENEGOTIATION_SCSV, suites_of
from scanner.transports._hello_write import Shape, Writer, ssl2_hello

VERSIONS = ("SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def parsed(hello: bytes) -> Any:
    """As tlslite-ng reads it, which is strict about every length."""
    kind, _, size = struct.unpack(">BHH", hello[:5])
    assert (kind, size) == (22, len(hello) - 5)
    parser = Parser(bytearray(hello[5:]))
    assert parser.get(1) == 1
    read = messages.ClientHello().parse(parser)
    assert parser.atLengthCheck()
    return read


def extension(hello: Any, number: int) -> Any:
    return next((each for each in hello.extensions or () if each.extType == number), None)


shapes = st.builds(
    Shape,
    version=st.sampled_from(VERSIONS),
    older=st.booleans(),
    server_name=st.none() | st.sampled_from(["a.example", "x" * 63 + ".city.example"]),
    groups=st.none() | st.just((0x001D,)),
    shares=st.sampled_from([(), ((0x001D, bytes(32)),)]),
    alpn=st.sampled_from([(), ("h2", "http/1.1")]),
    heartbeat=st.booleans(),
    compression=st.booleans(),
    status=st.booleans(),
    master_secret=st.booleans(),
    fallback=st.booleans(),
    grease=st.booleans(),
    plain=st.booleans(),
)


@given(shapes, st.integers(1, MOST_SUITES))
def test_every_hello_is_well_formed_and_of_a_sensible_length(shape: Shape, count: int) -> None:
    suites = suites_of(shape.version)[:count]
    hello = Writer(shape).hello(suites)
    read = parsed(hello)
    values = {0x0A0A, RENEGOTIATION_SCSV, FALLBACK_SCSV}
    assert [suite for suite in read.cipher_suites if suite not in values] == list(suites)
    assert len(hello) - 5 not in range(256, 512)
    assert len(hello) < 1400
    assert len(suites) + shape.fallback <= 64


@given(shapes)
def test_secure_renegotiation_is_said_once(shape: Shape) -> None:
    read = parsed(Writer(shape).hello([0x002F]))
    assert (RENEGOTIATION_SCSV in read.cipher_suites) + (extension(read, 0xFF01) is not None) == 1


def test_tls_1_3_is_asked_alone_without_a_key_and_with_every_hybrid_group() -> None:
    read = parsed(Writer(Shape(version="TLSv1.3", server_name="a.example")).hello(suites_of("TLSv1.3")))
    assert extension(read, 43).versions == [(3, 4)]
    assert extension(read, 51).client_shares == []
    assert set(HYBRID_GROUPS) <= set(extension(read, 10).groups)
    assert read.server_name == b"a.example"
    assert len(read.session_id) == 32


def test_a_name_is_sent_only_where_there_is_one() -> None:
    assert parsed(Writer(Shape(version="TLSv1.2")).hello([0x002F])).server_name == b""


def test_older_versions_come_along_where_asked_for() -> None:
    read = parsed(Writer(Shape(version="TLSv1.3", older=True)).hello([0x1301, 0xC02F]))
    assert extension(read, 43).versions == [(3, 4), (3, 3), (3, 2), (3, 1)]


def test_an_ssl_3_hello_has_no_extensions() -> None:
    hello = Writer(Shape(version="SSLv3", server_name="a.example", heartbeat=True)).hello([0x000A])
    read = parsed(hello)
    assert (read.client_version, read.extensions, hello[1:3]) == ((3, 0), None, b"\x03\x00")


def test_options_are_said_only_where_asked_for() -> None:
    plain = Shape(version="TLSv1.2", server_name="a.example")
    rich = replace(plain, alpn=("h2",), heartbeat=True, compression=True, status=True, fallback=True, grease=True)
    read, bare = parsed(Writer(rich).hello([0xC02F])), parsed(Writer(plain).hello([0xC02F]))
    for number in (5, 15, 16, 0x2A2A):
        assert extension(read, number) is not None
        assert extension(bare, number) is None
    assert (read.compression_methods, bare.compression_methods) == ([1, 0], [0])
    assert FALLBACK_SCSV in read.cipher_suites
    assert bare.cipher_suites == [0xC02F]
    assert extension(read, 16).protocol_names == [b"h2"]


def test_no_two_hellos_are_the_same() -> None:
    writer = Writer(Shape(version="TLSv1.3"))
    assert writer.hello([0x1301]) != writer.hello([0x1301])


def test_a_name_too_long_for_a_hello_is_our_error_at_once() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        Writer(Shape(version="TLSv1.2", server_name="a" * 70_000))


def test_a_hello_of_ssl_2_says_its_lengths() -> None:
    kinds = suites_of("SSLv2")
    hello = ssl2_hello(kinds)
    assert int.from_bytes(hello[:2], "big") == 0x8000 | len(hello) - 2
    kind, version, offered, session, challenge = struct.unpack_from(">BHHHH", hello, 2)
    assert (kind, version, offered, session, challenge) == (1, 2, 3 * len(kinds), 0, 16)
    assert len(hello) == 2 + 9 + offered + challenge
