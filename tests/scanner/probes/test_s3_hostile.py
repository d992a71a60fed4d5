"""The S3 probe against servers that refuse, lie, stall, flood or are none."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from scanner.model.asset import Bucket, CloudCredential, StorageProvider
from scanner.model.facts.base import Facts
from scanner.model.facts.storage import (
    AwsRegion,
    BucketAccessFacts,
    BucketEncryptionFacts,
    BucketPlaceFacts,
    PublicAccessBlock,
    RegionSource,
)
from scanner.model.inventory import Authorization
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.s3 import PROBE
from scanner.transports.shared import Transports

pytestmark = pytest.mark.usefixtures("aws_environment", "keys")

Make = Callable[..., Transports]
Web = Callable[..., str]
Raw = Callable[[Callable[[socket.socket], None]], str]

NS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
GOOD = {
    "location": f"<LocationConstraint {NS}>us-west-2</LocationConstraint>",
    "encryption": f"<ServerSideEncryptionConfiguration {NS}><Rule><ApplyServerSideEncryptionByDefault>"
    "<SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
    "</ServerSideEncryptionConfiguration>",
    "publicAccessBlock": f"<PublicAccessBlockConfiguration {NS}><BlockPublicAcls>true</BlockPublicAcls>"
    "</PublicAccessBlockConfiguration>",
    "policyStatus": f"<PolicyStatus {NS}><IsPublic>false</IsPublic></PolicyStatus>",
    "acl": f"<AccessControlPolicy {NS}><Owner><ID>1</ID></Owner><AccessControlList/></AccessControlPolicy>",
    "ownershipControls": f"<OwnershipControls {NS}><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
    "</OwnershipControls>",
    "": "",
}


@dataclass(frozen=True)
class Said:
    """One reply: status, body, the region header."""

    status: int = 200
    body: str = ""
    region: str | None = None


def error(code: str, *, message: str | None = "no", extra: str = "") -> str:
    told = f"<Message>{message}</Message>" if message is not None else ""
    return f'<?xml version="1.0"?><Error><Code>{code}</Code>{told}{extra}</Error>'


def scripted(
    said: dict[str, Said] | None = None, *, asked: list[str] | None = None
) -> Callable[[BaseHTTPRequestHandler], None]:
    """A good S3 server but for some replies, by sub-resource (empty: HEAD, `*`: all)."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        question = urlsplit(handler.path).query.split("=")[0].split("&")[0]
        if asked is not None:
            asked.append(question)
        special = said or {}
        reply = special.get(question) or special.get("*") or Said(body=GOOD[question], region="us-east-1")
        body = b"" if handler.command == "HEAD" else reply.body.encode()
        handler.send_response(reply.status)
        if reply.region is not None:
            handler.send_header("x-amz-bucket-region", reply.region)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, aws_environment: None) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")


def bucket(url: str) -> Bucket:
    return Bucket(id="permits", provider=StorageProvider.AWS, name="riverton-permits", endpoint=url)


async def ask(asset: Bucket, transports: Transports) -> dict[type[Facts], Facts | Unobserved]:
    replies = await asyncio.wait_for(PROBE.run(asset, transports), 60)
    return {kind: reply.outcome for kind, reply in replies.items()}


async def only_cause(asset: Bucket, transports: Transports) -> Unobserved:
    """The gap of all three kinds of facts, which must be one."""
    outcomes = await ask(asset, transports)
    gaps = [outcome for outcome in outcomes.values() if isinstance(outcome, Unobserved)]
    assert len(gaps) == 3, outcomes
    assert len({gap.cause for gap in gaps}) == 1, gaps
    assert "very-secret" not in str(gaps)
    return gaps[0]


async def test_the_stub_is_a_good_server(web_server: Web, transports: Make) -> None:
    outcomes = await ask(bucket(web_server(scripted())), transports())

    assert outcomes[BucketPlaceFacts] == BucketPlaceFacts(
        place=AwsRegion(region="us-east-1", learned_from=RegionSource.HEAD_BUCKET)
    )
    assert outcomes[BucketAccessFacts] == BucketAccessFacts(
        bucket_block=PublicAccessBlock(block_public_acls=True),
        account_block=PublicAccessBlock(),
        policy_is_public=False,
        public_grants=(),
        acls_disabled=True,
    )


# Refusals


async def test_a_forbidden_head_still_tells_the_region(web_server: Web, transports: Make) -> None:
    denied = Said(403, error("AccessDenied"))
    url = web_server(scripted({"": Said(403, region="eu-west-1"), "*": denied}))

    outcomes = await ask(bucket(url), transports())

    assert outcomes[BucketPlaceFacts] == BucketPlaceFacts(
        place=AwsRegion(region="eu-west-1", learned_from=RegionSource.HEAD_BUCKET)
    )
    encryption = outcomes[BucketEncryptionFacts]
    assert isinstance(encryption, Unobserved)
    assert encryption.cause is Cause.DENIED
    assert "s3:GetEncryptionConfiguration" in encryption.detail


async def test_a_refusal_without_a_message_is_no_problem(web_server: Web, transports: Make) -> None:
    url = web_server(scripted({"encryption": Said(403, error("AccessDenied", message=None))}))

    outcome = (await ask(bucket(url), transports()))[BucketEncryptionFacts]

    assert isinstance(outcome, Unobserved)
    assert outcome.cause is Cause.DENIED


@pytest.mark.parametrize(
    ("question", "part", "permission"),
    [
        ("publicAccessBlock", "bucket_block", "s3:GetBucketPublicAccessBlock"),
        ("policyStatus", "policy_is_public", "s3:GetBucketPolicyStatus"),
        ("acl", "public_grants", "s3:GetBucketAcl"),
        ("ownershipControls", "acls_disabled", "s3:GetBucketOwnershipControls"),
    ],
)
async def test_each_denied_part_names_its_permission(
    question: str, part: str, permission: str, web_server: Web, transports: Make
) -> None:
    url = web_server(scripted({question: Said(403, error("AccessDenied"))}))

    access = (await ask(bucket(url), transports()))[BucketAccessFacts]

    gap = getattr(access, part)
    assert isinstance(gap, Unobserved)
    assert gap.cause is Cause.DENIED
    assert permission in gap.detail


@pytest.mark.parametrize(
    "code", ["InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "RequestTimeTooSkewed"]
)
async def test_a_login_that_is_not_accepted_is_not_repeated(code: str, web_server: Web, transports: Make) -> None:
    asked: list[str] = []
    url = web_server(scripted({"": Said(403), "*": Said(403, error(code))}, asked=asked))

    gap = await only_cause(bucket(url), transports())

    assert gap.cause is Cause.CREDENTIALS
    assert len(asked) == 2


async def test_a_bucket_that_is_gone_is_stale_and_asked_no_further(web_server: Web, transports: Make) -> None:
    asked: list[str] = []
    url = web_server(scripted({"": Said(404), "*": Said(404, error("NoSuchBucket"))}, asked=asked))

    assert (await only_cause(bucket(url), transports())).cause is Cause.STALE
    assert len(asked) == 2


async def test_a_web_server_that_knows_no_such_page_is_not_taken_for_a_missing_bucket(
    web_server: Web, transports: Make
) -> None:
    url = web_server(scripted({"": Said(404), "*": Said(404, "<html><body>Not found</body></html>")}))

    assert (await only_cause(bucket(url), transports())).cause is Cause.MALFORMED


async def test_a_server_that_asks_to_slow_down_is_rate_limited(web_server: Web, transports: Make) -> None:
    asked: list[str] = []
    url = web_server(scripted({"*": Said(503, error("SlowDown"))}, asked=asked))

    assert (await only_cause(bucket(url), transports())).cause is Cause.RATE_LIMITED
    assert 2 <= len(asked) <= 4


async def test_a_question_that_a_server_does_not_know_is_unsupported(web_server: Web, transports: Make) -> None:
    url = web_server(scripted({"policyStatus": Said(501, error("NotImplemented"))}))

    access = (await ask(bucket(url), transports()))[BucketAccessFacts]

    assert isinstance(access, BucketAccessFacts)
    assert isinstance(access.policy_is_public, Unobserved)
    assert access.policy_is_public.cause is Cause.UNSUPPORTED


async def test_a_server_without_public_access_blocks_blocks_nothing(web_server: Web, transports: Make) -> None:
    url = web_server(scripted({"publicAccessBlock": Said(501, error("NotImplemented"))}))

    access = (await ask(bucket(url), transports()))[BucketAccessFacts]

    assert isinstance(access, BucketAccessFacts)
    assert access.bucket_block == PublicAccessBlock()


# Regions


def moving(asked: list[str], *, known: str | None) -> Callable[[BaseHTTPRequestHandler], None]:
    """Redirects to a region until it is asked there; for ever, to another one each time, if `known` is None."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        scope = handler.headers["Authorization"].split("Credential=")[1].split("/")[2]
        asked.append(scope)
        if scope == known:
            scripted({"": Said(region=known)})(handler)
        else:
            scripted({"*": Said(301, error("PermanentRedirect"), region=known or f"eu-west-{len(asked)}")})(handler)

    return answer


async def test_a_redirect_is_followed_once_by_asking_in_the_region_told(web_server: Web, transports: Make) -> None:
    asked: list[str] = []
    url = web_server(moving(asked, known="eu-west-3"))

    outcomes = await ask(bucket(url), transports())

    assert outcomes[BucketPlaceFacts] == BucketPlaceFacts(
        place=AwsRegion(region="eu-west-3", learned_from=RegionSource.HEAD_BUCKET)
    )
    assert not isinstance(outcomes[BucketEncryptionFacts], Unobserved)
    assert asked[:2] == ["us-east-1", "eu-west-3"]
    assert set(asked[1:]) == {"eu-west-3"}


async def test_a_redirect_without_end_is_unknown(web_server: Web, transports: Make) -> None:
    asked: list[str] = []

    gap = await only_cause(bucket(web_server(moving(asked, known=None))), transports())

    assert gap.cause is Cause.MALFORMED
    assert len(asked) <= 4


async def test_a_region_that_is_named_again_there_is_the_place_though_nothing_else_is_seen(
    web_server: Web, transports: Make
) -> None:
    asked: list[str] = []
    url = web_server(scripted({"*": Said(301, error("PermanentRedirect"), region="eu-west-1")}, asked=asked))

    outcomes = await ask(bucket(url), transports())

    assert outcomes[BucketPlaceFacts] == BucketPlaceFacts(
        place=AwsRegion(region="eu-west-1", learned_from=RegionSource.HEAD_BUCKET)
    )
    for kind in (BucketEncryptionFacts, BucketAccessFacts):
        gap = outcomes[kind]
        assert isinstance(gap, Unobserved)
        assert gap.cause is Cause.MALFORMED
    assert len(asked) <= 4


async def test_a_redirect_that_names_no_region_is_unknown(web_server: Web, transports: Make) -> None:
    asked: list[str] = []
    url = web_server(scripted({"*": Said(301)}, asked=asked))

    assert (await only_cause(bucket(url), transports())).cause is Cause.MALFORMED
    assert len(asked) <= 2


async def test_a_region_in_the_error_is_asked_once(web_server: Web, transports: Make) -> None:
    wrong = Said(400, error("AuthorizationHeaderMalformed", extra="<Region>eu-north-1</Region>"))
    url = web_server(scripted({"encryption": wrong}))

    outcome = (await ask(bucket(url), transports()))[BucketEncryptionFacts]

    assert isinstance(outcome, Unobserved)
    assert outcome.cause is Cause.MALFORMED


@pytest.mark.parametrize(("told", "region"), [("us-west-2", "us-west-2"), ("EU", "eu-west-1"), ("", "us-east-1")])
async def test_without_a_header_the_location_tells(told: str, region: str, web_server: Web, transports: Make) -> None:
    location = Said(body=f"<LocationConstraint {NS}>{told}</LocationConstraint>")
    url = web_server(scripted({"": Said(), "location": location}))

    place = (await ask(bucket(url), transports()))[BucketPlaceFacts]

    assert place == BucketPlaceFacts(place=AwsRegion(region=region, learned_from=RegionSource.GET_BUCKET_LOCATION))


async def test_no_location_is_no_region_on_a_server_that_is_not_aws(web_server: Web, transports: Make) -> None:
    url = web_server(scripted({"": Said(), "location": Said(body=f"<LocationConstraint {NS}/>")}))
    own = replace(bucket(url), provider=StorageProvider.S3)

    place = (await ask(own, transports()))[BucketPlaceFacts]

    assert isinstance(place, BucketPlaceFacts)
    assert isinstance(place.place, Unobserved)
    assert place.place.cause is Cause.NOT_DECLARED


async def test_a_region_full_of_escapes_is_malformed(web_server: Web, transports: Make) -> None:
    evil = f"<LocationConstraint {NS}>us-east-1&#9;[31m&lt;script&gt;</LocationConstraint>"
    url = web_server(scripted({"": Said(), "location": Said(body=evil)}))

    place = (await ask(bucket(url), transports()))[BucketPlaceFacts]

    assert isinstance(place, BucketPlaceFacts)
    assert isinstance(place.place, Unobserved)
    assert place.place.cause is Cause.MALFORMED
    assert "script" not in place.place.detail


# Replies that are not the protocol


@pytest.mark.parametrize(
    "said",
    [
        Said(500, "<html><h1>Internal Server Error</h1></html>"),
        Said(200, "<html><body>Welcome</body></html>"),
        Said(200, "<!DOCTYPE html><p>unclosed"),
        Said(200, "{}"),
        Said(200, "<" * 1000),
        Said(200, "<a>" * 20000),
        Said(418, ""),
        Said(400, error("")),
        Said(400, "<Error/>"),
        Said(200, ""),
    ],
    ids=lambda said: f"{said.status}-{said.body[:12]}",
)
async def test_what_is_not_the_protocol_is_malformed(said: Said, web_server: Web, transports: Make) -> None:
    url = web_server(scripted({"*": said, "": Said(said.status)}))

    assert (await only_cause(bucket(url), transports())).cause is Cause.MALFORMED


@pytest.mark.parametrize("question", ["encryption", "policyStatus", "acl", "ownershipControls", "publicAccessBlock"])
async def test_a_web_page_in_place_of_one_answer_is_malformed_and_never_nothing_configured(
    question: str, web_server: Web, transports: Make
) -> None:
    url = web_server(scripted({question: Said(body="<html><body/></html>")}))

    outcomes = await ask(bucket(url), transports())

    access = outcomes[BucketAccessFacts]
    assert isinstance(access, BucketAccessFacts)
    parts = [outcomes[BucketEncryptionFacts], *(getattr(access, name) for name in access.__dataclass_fields__)]
    assert [part.cause for part in parts if isinstance(part, Unobserved)] == [Cause.MALFORMED]


async def test_an_empty_encryption_is_none_as_ceph_says_it(web_server: Web, transports: Make) -> None:
    url = web_server(scripted({"encryption": Said(body=f"<ServerSideEncryptionConfiguration {NS}/>")}))

    assert (await ask(bucket(url), transports()))[BucketEncryptionFacts] == BucketEncryptionFacts(rules=())


@pytest.mark.parametrize(("said", "public"), [("TRUE", True), ("1", True), ("False", False), (" true ", True)])
async def test_a_flag_counts_in_any_spelling(said: str, public: bool, web_server: Web, transports: Make) -> None:
    status = Said(body=f"<PolicyStatus {NS}><IsPublic>{said}</IsPublic></PolicyStatus>")

    access = (await ask(bucket(web_server(scripted({"policyStatus": status}))), transports()))[BucketAccessFacts]

    assert isinstance(access, BucketAccessFacts)
    assert access.policy_is_public is public


@pytest.mark.parametrize("said", ["<IsPublic>maybe</IsPublic>", "<IsPublic/>", ""])
async def test_a_flag_that_is_neither_true_nor_false_is_never_private(
    said: str, web_server: Web, transports: Make
) -> None:
    status = Said(body=f"<PolicyStatus {NS}>{said}</PolicyStatus>")

    access = (await ask(bucket(web_server(scripted({"policyStatus": status}))), transports()))[BucketAccessFacts]

    assert isinstance(access, BucketAccessFacts)
    assert isinstance(access.policy_is_public, Unobserved)
    assert access.policy_is_public.cause is Cause.MALFORMED


async def test_an_algorithm_that_we_do_not_know_is_unsupported(web_server: Web, transports: Make) -> None:
    body = GOOD["encryption"].replace("AES256", "rot13&#9;")

    outcome = (await ask(bucket(web_server(scripted({"encryption": Said(body=body)}))), transports()))[
        BucketEncryptionFacts
    ]

    assert isinstance(outcome, Unobserved)
    assert outcome.cause is Cause.UNSUPPORTED


async def test_a_garbage_peer_is_malformed(raw_server: Raw, transports: Make) -> None:
    def garbage(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"\x00\xff SSH-2.0-what\r\n" * 20)

    assert (await only_cause(bucket(raw_server(garbage)), transports())).cause is Cause.MALFORMED


async def test_ten_megabytes_of_headers_are_malformed(raw_server: Raw, transports: Make) -> None:
    def flood(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100):
            connection.sendall(b"X-%d: " % number + b"a" * 100_000 + b"\r\n")

    assert (await only_cause(bucket(raw_server(flood)), transports())).cause is Cause.MALFORMED


async def test_an_endless_body_is_cut_off(raw_server: Raw, transports: Make) -> None:
    def endless(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad\r\n\r\n")
        while True:
            connection.sendall(b"<a>" * 20000)

    assert (await only_cause(bucket(raw_server(endless)), transports())).cause is Cause.MALFORMED


# Silence and closed doors


async def test_a_silent_peer_is_a_timeout_and_asked_once(raw_server: Raw, transports: Make) -> None:
    met: list[bool] = []

    def silent(connection: socket.socket) -> None:
        met.append(True)
        connection.recv(65536)
        time.sleep(20)

    assert (await only_cause(bucket(raw_server(silent)), transports(timeout=0.3))).cause is Cause.TIMEOUT
    assert len(met) == 1


async def test_a_dripping_peer_is_a_timeout_and_is_hung_up_on(raw_server: Raw, transports: Make) -> None:
    hung_up: list[bool] = []

    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        try:
            while True:
                connection.sendall(b"X")
                time.sleep(0.05)
        except OSError:
            hung_up.append(True)

    assert (await only_cause(bucket(raw_server(drip)), transports(timeout=0.3))).cause is Cause.TIMEOUT
    for _ in range(100):
        if hung_up:
            break
        await asyncio.sleep(0.05)
    assert hung_up


async def test_a_closed_port_is_unreachable(transports: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    gap = await only_cause(bucket(f"http://127.0.0.1:{port}"), transports())

    assert gap.cause is Cause.UNREACHABLE
    assert f"127.0.0.1:{port}" in gap.detail


async def test_a_peer_that_hangs_up_is_unreachable(raw_server: Raw, transports: Make) -> None:
    def hang_up(connection: socket.socket) -> None:
        connection.recv(65536)

    assert (await only_cause(bucket(raw_server(hang_up)), transports())).cause is Cause.UNREACHABLE


async def test_a_reply_that_breaks_off_is_no_answer(raw_server: Raw, transports: Make) -> None:
    def break_off(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\n<Error><Code>Access")

    assert (await only_cause(bucket(raw_server(break_off)), transports())).cause in (
        Cause.MALFORMED,
        Cause.UNREACHABLE,
    )


async def test_a_host_without_an_address_is_dns(transports: Make) -> None:
    gap = await only_cause(bucket("http://storage.invalid:9000"), transports())

    assert gap.cause is Cause.DNS


async def test_an_endpoint_that_is_no_url_is_unsupported(transports: Make) -> None:
    assert (await only_cause(bucket("not a url"), transports())).cause is Cause.UNSUPPORTED


async def test_nothing_is_sent_to_an_excluded_address(raw_server: Raw, transports: Make) -> None:
    met: list[bool] = []
    url = raw_server(lambda _: met.append(True))
    excluded = Authorization(exclude=(ip_network("127.0.0.0/8"),))

    gap = await only_cause(bucket(url), transports(authorization=excluded))

    assert "excludes" in gap.detail
    assert not met


async def test_an_interrupted_scan_ends_at_once(raw_server: Raw, transports: Make) -> None:
    def silent(connection: socket.socket) -> None:
        connection.recv(65536)
        time.sleep(20)

    task = asyncio.create_task(PROBE.run(bucket(raw_server(silent)), transports(timeout=10)))
    await asyncio.sleep(0.5)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)


# TLS


@dataclass(frozen=True)
class OwnCertificate:
    """A self-signed certificate for 127.0.0.1: paths of certificate and key."""

    certificate: Path
    key: Path

    def wrap(self, listener: socket.socket) -> socket.socket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context.wrap_socket(listener, server_side=True)


@pytest.fixture
def own_certificate(tmp_path: Path) -> OwnCertificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "own storage")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = OwnCertificate(tmp_path / "own.pem", tmp_path / "own.key")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


async def test_an_untrusted_certificate_ends_before_anything_is_sent(
    own_certificate: OwnCertificate, web_server: Web, transports: Make
) -> None:
    asked: list[str] = []
    url = web_server(scripted(asked=asked), wrap=own_certificate.wrap)

    gap = await only_cause(bucket(url), transports())

    assert gap.cause is Cause.HOST_KEY
    assert "nothing was sent" in gap.detail
    assert not asked


async def test_the_citys_own_authority_is_trusted_where_the_inventory_names_it(
    own_certificate: OwnCertificate, web_server: Web, transports: Make
) -> None:
    url = web_server(scripted(), wrap=own_certificate.wrap)

    outcomes = await ask(replace(bucket(url), ca_bundle=own_certificate.certificate), transports())

    assert not any(isinstance(outcome, Unobserved) for outcome in outcomes.values())


async def test_an_own_authority_does_not_make_a_wrong_name_right(
    own_certificate: OwnCertificate, web_server: Web, transports: Make
) -> None:
    url = web_server(scripted(), wrap=own_certificate.wrap).replace("127.0.0.1", "localhost")

    gap = await only_cause(replace(bucket(url), ca_bundle=own_certificate.certificate), transports())

    assert gap.cause is Cause.HOST_KEY


@pytest.mark.parametrize("content", [None, b"no certificate"])
async def test_a_bundle_that_cannot_be_read_says_so(
    content: bytes | None, tmp_path: Path, web_server: Web, transports: Make
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)

    gap = await only_cause(replace(bucket(web_server(scripted())), ca_bundle=bundle), transports())

    assert gap.cause is Cause.NOT_DECLARED
    assert "bundle.pem" in gap.detail
    assert str(tmp_path) not in gap.detail


async def test_plain_http_behind_an_https_endpoint_is_malformed(web_server: Web, transports: Make) -> None:
    url = web_server(scripted()).replace("http://", "https://")

    assert (await only_cause(bucket(url), transports())).cause is Cause.MALFORMED


async def test_many_buckets_of_one_login_share_a_client(web_server: Web, transports: Make) -> None:
    shared, url = transports(), web_server(scripted())
    credential = CloudCredential()
    buckets = [replace(bucket(url), id=f"b{number}", credential=credential) for number in range(5)]

    await asyncio.gather(*(ask(each, shared) for each in buckets))

    assert len(shared.aws._making) == 1
