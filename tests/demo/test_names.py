import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest

from demo.layout import ADDRESS, DNS_PORT, ZONE
from demo.names import answer


def texts(reply: dns.message.Message) -> list[str]:
    return [record.to_text() for records in reply.answer for record in records]


@pytest.mark.parametrize(("name", "kind"), ZONE)
def test_every_record_of_the_zone_is_answered_whatever_the_case(name: str, kind: str) -> None:
    for asked in (name, name.upper()):
        reply = answer(dns.message.make_query(asked, kind).to_wire())
        assert reply is not None
        # Names in an answer repeat the question's letters: the message is compressed.
        assert [each.lower() for each in texts(dns.message.from_wire(reply))] == [
            each.lower() for each in ZONE[name, kind]
        ]


def test_a_name_without_such_a_record_exists_and_another_does_not() -> None:
    codes = {
        name: dns.message.from_wire(answer(dns.message.make_query(name, "AAAA").to_wire()) or b"").rcode()
        for name in ("riverton.example", "_tls.riverton.example", "nobody.riverton.example", "example")
    }
    assert codes == {
        "riverton.example": dns.rcode.NOERROR,
        "_tls.riverton.example": dns.rcode.NOERROR,
        "nobody.riverton.example": dns.rcode.NXDOMAIN,
        "example": dns.rcode.NOERROR,
    }


def test_no_answer_claims_to_be_validated() -> None:
    reply = answer(dns.message.make_query("riverton.example", "MX", want_dnssec=True).to_wire())
    assert reply is not None
    assert not dns.message.from_wire(reply).flags & dns.flags.AD


@pytest.mark.parametrize("query", [b"", b"\0" * 12, b"\xff" * 500, dns.message.make_query("a", "A").to_wire()[:-1]])
def test_what_is_no_query_is_not_answered(query: bytes) -> None:
    assert answer(query) is None


def test_an_answer_is_not_answered() -> None:
    query = dns.message.make_query("riverton.example", "MX")
    assert answer(dns.message.make_response(query).to_wire()) is None


@pytest.mark.usefixtures("city")
def test_the_server_answers_over_udp_and_tcp() -> None:
    query = dns.message.make_query("riverton.example", "MX")
    for ask in (dns.query.udp, dns.query.tcp):
        assert texts(ask(query, ADDRESS, 5, DNS_PORT)) == ["10 mx1.riverton.example."]
