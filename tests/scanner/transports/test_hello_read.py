"""What servers answer to a hello, well formed and otherwise: the parser's events, its limits and its patience."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import struct
import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tlslite.mathtls import FFDHE2048

from scanner.transports._hello_events import (
    Alert,
    CertificateRequest,
    Certificates,
    Done,
    Event,
    KeyExchange,
    Malformed,
    ServerHello,
    Ssl2Error,
    Ssl2Hello,
    Stapled,
)
from scanner.transports._hello_read import MOST_BYTES, Reader
from scanner.transports._hello_read_ssl2 import Ssl2Reader

RETRY = hashlib.sha256(b"HelloRetryRequest").digest()
DHE, ECDHE, RSA, TLS13 = 0x0033, 0xC013, 0x002F, 0x1301


def sized(content: bytes, width: int = 2) -> bytes:
    return len(content).to_bytes(width, "big") + content


def record(content: bytes, kind: int = 22) -> bytes:
    return bytes([kind, 3, 3]) + sized(content)


def message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + sized(body, 3)


def extension(number: int, content: bytes) -> bytes:
    return number.to_bytes(2, "big") + sized(content)


def hello(
    suite: int = DHE,
    *extensions: bytes,
    version: int = 0x0303,
    compression: int = 0,
    random: bytes = bytes(32),
    session: bytes = b"",
) -> bytes:
    head = version.to_bytes(2, "big") + random + sized(session, 1) + struct.pack(">HB", suite, compression)
    return message(2, head + (sized(b"".join(extensions)) if extensions else b""))


def chain(*ders: bytes) -> bytes:
    return message(11, sized(b"".join(sized(der, 3) for der in ders), 3))


def prime(bits: int) -> bytes:
    return ((1 << bits - 1) | 1).to_bytes((bits + 7) // 8, "big")


def dhe(modulus: bytes) -> bytes:
    return message(12, sized(modulus) + sized(b"\x02") + sized(b"\x05") + b"signature")


def ecdhe(curve: int) -> bytes:
    return message(12, b"\x03" + curve.to_bytes(2, "big") + sized(bytes(32), 1) + b"signature")


DONE = message(14, b"")
STATUS = message(22, b"\x01" + sized(b"answer", 3))
REQUEST = message(13, b"\x01\x01\x00\x00\x00\x00")
FLIGHT = record(hello()) + record(chain(b"leaf", b"issuer")) + record(dhe(prime(1024))) + record(DONE)


def read(data: bytes) -> list[Event]:
    return list(Reader().feed(data))


def complaint(data: bytes) -> Malformed:
    with pytest.raises(Malformed) as caught:
        read(data)
    return caught.value


# What is said


def test_a_whole_flight_is_read_in_order() -> None:
    flight = hello(DHE, extension(0xFF01, b"\0"), extension(23, b""), version=0x0302, compression=1)
    data = record(flight + chain(b"leaf", b"issuer") + STATUS + dhe(prime(1023)) + REQUEST + DONE)
    reader = Reader()
    assert list(reader.feed(data)) == [
        ServerHello(0x0302, DHE, 1, False, frozenset({0xFF01, 23})),
        Certificates((b"leaf", b"issuer")),
        Stapled(6),
        KeyExchange(prime_bits=1023),
        CertificateRequest(),
        Done(),
    ]
    assert reader.finished
    assert not reader.broken_off


@given(st.lists(st.integers(1, len(FLIGHT) - 1), max_size=12))
def test_it_does_not_matter_where_the_network_splits_an_answer(cuts: list[int]) -> None:
    reader, events = Reader(), list[Event]()
    edges = [0, *sorted(cuts), len(FLIGHT)]
    for start, end in itertools.pairwise(edges):
        events += reader.feed(FLIGHT[start:end])
    assert events == read(FLIGHT)
    assert len(events) == 4


@given(st.lists(st.integers(1, 160), min_size=1, max_size=40))
def test_it_does_not_matter_how_records_split_messages(sizes: list[int]) -> None:
    left, records = hello() + chain(b"leaf" * 40) + dhe(prime(1024)) + DONE, b""
    for size in sizes:
        if left[:size]:
            records += record(left[:size])
            left = left[size:]
    records += record(left) if left else b""
    assert [type(each) for each in read(records)] == [ServerHello, Certificates, KeyExchange, Done]


def test_tls_1_3_names_its_group_and_the_rest_is_left_alone() -> None:
    agreed = extension(43, b"\x03\x04"), extension(51, b"\x00\x1d" + sized(bytes(32)))
    reader = Reader()
    (event,) = reader.feed(record(hello(TLS13, *agreed, session=bytes(32))) + b"\x17\x03\x03\xff\xff" + b"?" * 70)
    assert event == ServerHello(0x0304, TLS13, 0, False, frozenset({43, 51}), group=0x001D)
    assert reader.finished


def test_a_hello_retry_request_names_the_group_that_is_wanted() -> None:
    wanted = extension(43, b"\x03\x04"), extension(51, b"\x11\xec")
    (event,) = read(record(hello(TLS13, *wanted, random=RETRY)))
    assert event == ServerHello(0x0304, TLS13, 0, True, frozenset({43, 51}), group=0x11EC)


def test_the_agreed_protocol_is_read() -> None:
    (event,) = read(record(hello(RSA, extension(16, sized(sized(b"h2", 1))))))
    assert isinstance(event, ServerHello)
    assert event.alpn == b"h2"


def test_a_standard_prime_is_recognised() -> None:
    modulus = FFDHE2048[1].to_bytes(256, "big")
    events = read(record(hello() + dhe(b"\0" + modulus)))
    assert events[-1] == KeyExchange(prime_bits=2048, prime_name="ffdhe2048")


@pytest.mark.parametrize(
    ("suite", "body", "key"),
    [
        (ECDHE, ecdhe(0x0017), KeyExchange(curve=0x0017)),
        (ECDHE, message(12, b"\x01rest"), KeyExchange(curve=0xFF01)),
        (0x0003, dhe(prime(512)), KeyExchange()),
    ],
)
def test_a_key_is_read_as_its_suite_means_it(suite: int, body: bytes, key: KeyExchange) -> None:
    assert read(record(hello(suite) + body))[-1] == key


def test_a_warning_before_the_answer_does_not_end_it() -> None:
    assert read(record(b"\x01\x70", 21) + record(hello()))[:1] == [Alert(1, 112)]
    assert len(read(record(b"\x01\x70", 21) + record(hello()))) == 2


def test_a_hello_request_is_passed_over() -> None:
    assert len(read(record(message(0, b"") + hello()))) == 1


@pytest.mark.parametrize("cut", [3, 5, 9, 40, len(record(hello())), len(FLIGHT) - 1])
def test_an_answer_that_breaks_off_is_known_to_do_so(cut: int) -> None:
    reader = Reader()
    list(reader.feed(FLIGHT[:cut]))
    assert reader.broken_off


def test_nothing_at_all_is_no_answer_that_breaks_off() -> None:
    assert not Reader().broken_off


# What breaks the rules


@pytest.mark.parametrize("data", [b"HTTP/1.1 400 Bad Request\r\n", b"SSH-2.0-x", b"\0", b"\x16\x02\x00", b"\x80\x2e"])
def test_what_is_no_tls_shows_its_head(data: bytes) -> None:
    assert complaint(data).head == data


def test_garbage_after_an_answer_began_is_no_other_protocol() -> None:
    assert complaint(record(hello()) + b"HTTP/1.1 ").head == b""


@pytest.mark.parametrize(
    "data",
    [
        record(b""),
        b"\x16\x03\x03\x40\x01",
        b"\x16\x03\x03\xff\xff",
        record(b"\x02\x00\x40\x01"),
        record(hello() + b"\x0b\x01\x86\xa1"),
        record(DONE),
        record(chain(b"leaf")),
        record(hello() + hello()),
        record(hello() + dhe(prime(1024)) + chain(b"leaf")),
        record(hello() + message(1, b"")),
        record(hello() + message(20, bytes(12))),
        record(hello() + message(0, b"")),
        record(hello()[:20]) + record(b"\x02\x28", 21),
        record(hello()) + record(b"\x01", 20),
        record(hello()) + record(b"data", 23),
        record(b"\x01\x00\x00", 24),
        record(b"\x02", 21),
        record(b"\x03\x28", 21),
        record(b"\x01\x70", 21) * 9,
        record(message(0, b"")) * 5,
        record(hello() + chain(b"")),
        record(hello() + chain(*[b"leaf"] * 17)),
        record(hello() + message(11, b"\0\0\x05\0\0\x09leaf")),
        record(hello() + message(11, b"\0\0\0extra")),
        record(hello() + message(22, b"\x07" + sized(b"", 3))),
        record(hello() + dhe(b"\0\0")),
        record(hello() + message(12, b"\xff\xff")),
        record(hello(ECDHE) + message(12, b"\x09")),
        record(hello() + message(14, b"?")),
        record(message(2, bytes(37))),
        record(message(2, bytes(34) + b"\x21" + bytes(40))),
        record(message(2, hello()[4:] + b"\0\x05\0")),
        record(hello(RSA, extension(23, b""), extension(23, b""))),
        record(hello(RSA, extension(43, b"\x03"))),
        record(hello(RSA, extension(51, b"\0"))),
        record(hello(RSA, extension(16, b"\0\x03\x02h"))),
        record(hello(RSA, *[extension(number, b"") for number in range(100, 170)])),
        b"".join(record(bytes([byte])) for byte in hello() + chain(bytes(1500))),
    ],
)  # fmt: skip
def test_what_tls_forbids_is_malformed(data: bytes) -> None:
    assert not complaint(data).head


def test_endless_certificates_end() -> None:
    reader = Reader()
    list(reader.feed(record(hello())))
    with pytest.raises(Malformed):
        list(reader.feed(record(b"\x0b\xff\xff\xff" + bytes(100))))


def test_an_endless_answer_costs_neither_time_nor_memory() -> None:
    reader = Reader()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    with pytest.raises(Malformed):
        list(itertools.chain.from_iterable(map(reader.feed, _endless())))
    assert tracemalloc.get_traced_memory()[1] - before < 4 * MOST_BYTES
    tracemalloc.stop()


def _endless() -> Iterable[bytes]:
    yield record(hello() + b"\x0b\x01\x86\xa0")
    while True:
        yield record(bytes(16_384))


@given(st.binary(max_size=600))
def test_whatever_comes_is_read_or_malformed(data: bytes) -> None:
    _survive(data)


@settings(max_examples=400)
@given(
    st.lists(st.tuples(st.integers(0, len(FLIGHT) - 1), st.integers(0, 255)), min_size=1, max_size=6),
    st.integers(0, 40),
    st.integers(0, len(FLIGHT)),
)
@example([(0, 21)], 0, 7)
def test_a_damaged_flight_is_read_or_malformed(damage: list[tuple[int, int]], doubled: int, cut: int) -> None:
    data = bytearray(FLIGHT)
    for place, byte in damage:
        data[place] = byte
    _survive(bytes(data[:cut]) + bytes(data[cut - min(doubled, cut) : cut]) + bytes(data[cut:]))


@given(st.lists(st.sampled_from([hello(), chain(b"leaf"), STATUS, dhe(prime(512)), REQUEST, DONE, message(0, b"")])))
def test_messages_in_any_order_are_read_or_malformed(messages: list[bytes]) -> None:
    _survive(b"".join(map(record, messages)))


def _survive(data: bytes) -> None:
    for reader in (Reader(), Ssl2Reader()):
        events = 0
        with contextlib.suppress(Malformed):
            for _ in reader.feed(data):
                events += 1
        assert events <= len(data)


# SSL 2


def ssl2(body: bytes) -> bytes:
    return (0x8000 | len(body)).to_bytes(2, "big") + body


def ssl2_server_hello(kinds: bytes, certificate: bytes = b"der", version: int = 2) -> bytes:
    return struct.pack(">BBBHHHH", 4, 0, 1, version, len(certificate), len(kinds), 4) + certificate + kinds + b"conn"


def test_an_ssl_2_server_names_its_kinds_and_shows_its_certificate() -> None:
    reader = Ssl2Reader()
    data = ssl2(ssl2_server_hello(b"\x01\0\x80\x07\0\xc0"))
    assert list(reader.feed(data[:7])) == []
    assert reader.broken_off
    assert list(reader.feed(data[7:])) == [Ssl2Hello((0x010080, 0x0700C0), b"der")]
    assert reader.finished


def test_a_padded_ssl_2_record_is_read() -> None:
    body = ssl2_server_hello(b"\x01\0\x80")
    data = (len(body) + 3).to_bytes(2, "big") + b"\x03" + body + bytes(3)
    assert list(Ssl2Reader().feed(data)) == [Ssl2Hello((0x010080,), b"der")]


def test_an_ssl_2_error_and_a_tls_alert_are_told_apart() -> None:
    assert list(Ssl2Reader().feed(ssl2(b"\0\0\x01"))) == [Ssl2Error(1)]
    assert list(Ssl2Reader().feed(record(b"\x02\x46", 21))) == [Alert(2, 70)]


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400",
        record(hello()),
        ssl2(ssl2_server_hello(b"\x01\0")),
        ssl2(ssl2_server_hello(b"\x01\0\x80", version=0x0301)),
        ssl2(ssl2_server_hello(b"\x01\0\x80")[:-1]),
        ssl2(b"\x04\0\0"),
        ssl2(b"\0\0"),
        b"\0\x03\xff\x04abc",
        bytes(500_000),
    ],
)
def test_what_ssl_2_does_not_know_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        list(Ssl2Reader().feed(data))
