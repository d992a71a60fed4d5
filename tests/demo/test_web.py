import asyncio
import socket
import ssl
import struct
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from demo.city import City
from demo.files import HOME
from demo.layout import ADDRESS, SITES, Https, Leaf, Site

SPEAKING = [site for site in SITES if site.https in (Https.MODERN, Https.OLD, Https.WEAK)]
PLAIN = [site for site in SITES if site.http_port is not None]
BY_ID = {site.id: site for site in SITES}

pytestmark = pytest.mark.usefixtures("city")


def trusting(folder: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(folder / "demo" / "city-ca.pem"))


def careless() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def shake_hands(site: Site, context: ssl.SSLContext) -> x509.Certificate:
    with (
        socket.create_connection((ADDRESS, site.port), 5) as raw,
        context.wrap_socket(raw, server_hostname=site.host) as secure,
    ):
        shown = secure.getpeercert(binary_form=True)
        assert shown is not None
        return x509.load_der_x509_certificate(shown)


def https(site: Site, method: str = "GET", path: str = "/") -> httpx.Response:
    with httpx.Client(verify=careless(), trust_env=False, timeout=10) as client:
        return client.request(
            method,
            f"https://{ADDRESS}:{site.port}{path}",
            headers={"Host": f"{site.host}:{site.port}"},
            extensions={"sni_hostname": site.host},
        )


def plain(site: Site, path: str = "/") -> httpx.Response:
    with httpx.Client(trust_env=False, timeout=10) as client:
        return client.get(f"http://{ADDRESS}:{site.http_port}{path}", headers={"Host": site.host})


def test_a_visitor_who_trusts_the_demo_ca_is_welcome_at_the_good_site(folder: Path) -> None:
    shake_hands(BY_ID["www"], trusting(folder))


@pytest.mark.parametrize(
    ("id", "words"),
    [("permits", "expired"), ("library", "self.signed"), ("parks", "mismatch"), ("records", "key too weak")],
)
def test_each_certificate_fault_turns_a_careful_visitor_away(folder: Path, id: str, words: str) -> None:
    context = trusting(folder)
    context.set_ciphers("DEFAULT:@SECLEVEL=2")
    with pytest.raises(ssl.SSLCertVerificationError, match=f"(?i){words}"):
        shake_hands(BY_ID[id], context)


@pytest.mark.parametrize("site", SPEAKING, ids=lambda site: site.id)
def test_each_certificate_has_its_planted_fault_and_no_other(site: Site) -> None:
    shown = shake_hands(site, careless())
    names = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert (site.host in names.get_values_for_type(x509.DNSName)) is (site.leaf is not Leaf.OTHER_NAME)
    assert (shown.not_valid_after_utc < datetime.now(UTC)) is (site.leaf is Leaf.EXPIRED)
    assert (shown.issuer == shown.subject) is (site.leaf is Leaf.SELF_SIGNED)
    weak = isinstance(key := shown.public_key(), rsa.RSAPublicKey) and key.key_size == 1024
    assert weak is (site.leaf is Leaf.WEAK_KEY)
    assert isinstance(key, rsa.RSAPublicKey if site.leaf in (Leaf.WEAK_KEY, Leaf.RSA) else ec.EllipticCurvePublicKey)
    assert shown.signature_hash_algorithm is not None
    assert shown.signature_hash_algorithm.name == "sha256"


@pytest.mark.parametrize("site", SPEAKING, ids=lambda site: site.id)
def test_certificates_but_the_self_signed_one_come_from_the_demo_ca(site: Site) -> None:
    authority = x509.load_pem_x509_certificate((HOME / "city-ca.pem").read_bytes())
    shown = shake_hands(site, careless())
    if site.leaf is Leaf.SELF_SIGNED:
        shown.verify_directly_issued_by(shown)
    else:
        shown.verify_directly_issued_by(authority)


@pytest.mark.parametrize("site", SPEAKING, ids=lambda site: site.id)
def test_https_answers_and_tells_browsers_to_stay_except_where_that_is_the_fault(site: Site) -> None:
    answer = https(site)
    assert answer.status_code == 200
    assert "riverton" in answer.text.lower()
    assert ("max-age=63072000" in answer.headers.get("strict-transport-security", "")) is site.hsts


@pytest.mark.parametrize("site", PLAIN, ids=lambda site: site.id)
def test_the_plain_twin_sends_visitors_to_https_except_where_that_is_the_fault(site: Site) -> None:
    answer = plain(site, "/forms?id=7")
    assert answer.status_code == (301 if site.redirects else 200)
    assert answer.headers.get("location") == (f"{site.url}forms?id=7" if site.redirects else None)
    assert "strict-transport-security" not in answer.headers


def test_a_head_request_gets_no_body_and_another_method_is_refused() -> None:
    assert https(BY_ID["www"], "HEAD").content == b""
    assert https(BY_ID["www"], "DELETE").status_code == 405


@pytest.mark.parametrize("garbage", [b"\0\xff\r\n\r\n", b"GET\r\n\r\n", b"x" * 40_000 + b"\r\n\r\n", b""])
def test_a_site_survives_garbage(garbage: bytes) -> None:
    site = BY_ID["www"]
    assert site.http_port is not None
    for port in (site.http_port, site.port, BY_ID["payments"].port):
        with socket.create_connection((ADDRESS, port), 5) as rude:
            rude.sendall(garbage)
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # leave with a reset
    assert https(site).status_code == 200
    assert https(BY_ID["payments"]).status_code == 200


def only(version: ssl.TLSVersion) -> ssl.SSLContext:
    context = careless()
    context.minimum_version = context.maximum_version = version
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("site", SPEAKING, ids=lambda site: site.id)
def test_every_site_speaks_the_versions_of_today(site: Site, version: ssl.TLSVersion) -> None:
    shake_hands(site, only(version))


OLD_SUITES = (0xC009, 0xC013, 0xC00A, 0xC014, 0x002F)


def client_hello(version: bytes, offered: tuple[int, ...] = OLD_SUITES) -> bytes:
    """A hello of an old client, made by hand: this machine's own OpenSSL may refuse to speak so."""
    suites = struct.pack(f">{len(offered)}H", *offered)
    groups = bytes.fromhex("000a 0004 0002 0017") + bytes.fromhex("000b 0002 0100")
    body = version + bytes(32) + b"\0" + struct.pack(">H", len(suites)) + suites + b"\x01\0"
    body += struct.pack(">H", len(groups)) + groups
    message = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack(">H", len(message)) + message


def first_record(site: Site, version: bytes, suites: tuple[int, ...] = OLD_SUITES) -> bytes:
    with socket.create_connection((ADDRESS, site.port), 5) as old:
        old.settimeout(5)
        old.sendall(client_hello(version, suites))
        return old.recv(11)


@pytest.mark.parametrize("version", [b"\x03\x01", b"\x03\x02"])
@pytest.mark.parametrize("site", SPEAKING, ids=lambda site: site.id)
def test_only_the_payment_site_takes_old_versions(site: Site, version: bytes) -> None:
    answer = first_record(site, version)
    if site.https is Https.OLD:
        assert answer[:1] == b"\x16", "a handshake message"
        assert answer[9:11] == version, "the version of its server hello"
    else:
        assert answer[:1] in (b"\x15", b""), "an alert, or a closed door"


def test_the_silent_port_takes_a_connection_and_says_nothing() -> None:
    with socket.create_connection((ADDRESS, BY_ID["parking"].port), 5) as visitor:
        visitor.sendall(client_hello(b"\x03\x03"))
        visitor.settimeout(0.3)
        with pytest.raises(TimeoutError):
            visitor.recv(1)


def test_the_https_port_of_the_plain_site_is_closed() -> None:
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((ADDRESS, BY_ID["events"].port), 5)


async def test_a_site_bears_hundreds_of_visitors_at_once(city: City) -> None:
    context = careless()

    async def visit(site: Site) -> bytes:
        reader, writer = await asyncio.open_connection(ADDRESS, site.port, ssl=context, server_hostname=site.host)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer

    visits = [visit(BY_ID[id]) for id in ["www"] * 200 + ["payments"] * 10]
    answers = await asyncio.wait_for(asyncio.gather(*visits), 60)
    assert all(answer.startswith(b"HTTP/1.1 200 ") for answer in answers)


def test_only_the_account_site_sets_a_cookie_that_may_travel_unencrypted() -> None:
    cookies = {site.id: https(site).headers.get("set-cookie") for site in SPEAKING}
    assert {id for id, cookie in cookies.items() if cookie and "; Secure" not in cookie} == {"account"}
    assert "; Secure" in (cookies["www"] or "")


def test_only_the_news_page_embeds_something_over_plain_http() -> None:
    assert [site.id for site in SPEAKING if 'src="http://' in https(site).text] == ["news"]


def test_the_mail_policy_is_served_as_plain_text_at_its_place_and_nothing_else_is_there() -> None:
    policies = {site.id: https(site, path="/.well-known/mta-sts.txt") for site in SPEAKING}
    assert {id: answer.status_code for id, answer in policies.items()} == {
        site.id: 200 if site.id == "mta-sts" else 404 for site in SPEAKING
    }
    assert policies["mta-sts"].headers["content-type"] == "text/plain"
    assert "mode: enforce\r\n" in policies["mta-sts"].text
    assert https(BY_ID["mta-sts"], path="/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize("suite", [0x000A, 0x0005], ids=["3DES", "RC4"])
def test_only_the_archive_takes_broken_suites(suite: int) -> None:
    takers = {site.id for site in SPEAKING if first_record(site, b"\x03\x03", suites=(suite,))[:1] == b"\x16"}
    assert takers == {"archive"}
