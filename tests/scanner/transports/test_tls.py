"""TLS workers: chains judged, early data asked for, and processes that end as they should."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from scanner.model.asset import StartTls
from scanner.model.facts.tls import (
    CA_BUNDLE,
    Accepted,
    AddressTls,
    AlternativeNames,
    Certificate,
    Deployment,
    Distrust,
    PublicKey,
    Rejected,
    VersionAnswer,
)
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.tls import Disagreement, TlsTarget, TlsWorkers

HOST = "site.example"
PEER = "127.0.0.1:443"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
async def workers() -> AsyncIterator[TlsWorkers]:
    async with TlsWorkers(1) as pool:
        yield pool


def at(port: int, **more: Any) -> TlsTarget:
    return TlsTarget(**{"address": "127.0.0.1", "port": port, "server_name": HOST, "timeout": 2} | more)


def later(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


def as_sent(issued: Any) -> tuple[str, ...]:
    """The chain that a server with this certificate presents."""
    return tuple(each.public_bytes(Encoding.PEM).decode() for each in (issued.certificate, *issued.above))


async def judge(workers: TlsWorkers, *issued: Any, ca_bundle: Any = None, within: float = 30) -> Any:
    chains = [as_sent(each) for each in issued]
    return await asyncio.wait_for(workers.judge(chains, ca_bundle, peer=PEER, until=later(within)), 60)


async def judged(workers: TlsWorkers, issued: Any, **more: Any) -> Deployment:
    (found,) = await judge(workers, issued, **more)
    assert isinstance(found, Deployment)
    return found


# Chains


async def test_a_chain_is_described_and_asked_of_every_store(workers, issue) -> None:
    root = issue(ca=True)
    issuing = issue(ca=True, issuer=root)
    leaf = issue(HOST, "*.other.example", "127.0.0.1", issuer=issuing)
    deployment = await judged(workers, leaf, ca_bundle=root.pem)
    assert deployment.names == AlternativeNames(dns=(HOST, "*.other.example"), ips=("127.0.0.1",))
    first, second = deployment.chain
    assert isinstance(first, Certificate)
    assert isinstance(second, Certificate)
    assert first.subject == f"CN={HOST}"
    assert first.issuer == second.subject
    assert first.key == PublicKey(algorithm="ec", bits=256)
    assert (first.signature_hash, first.self_signed) == ("sha256", False)
    trusted = deployment.trust_by(CA_BUNDLE)
    assert isinstance(trusted, Accepted)
    assert len(trusted.path) == 3
    assert {each.store for each in deployment.trust} == {
        "Mozilla", "Apple", "Microsoft", "Android", "OpenJDK", "Oracle", CA_BUNDLE,
    }  # fmt: skip


async def test_a_server_with_two_certificates_has_both_judged(workers, issue) -> None:
    found = await judge(workers, issue(HOST), issue(HOST, rsa_bits=2048))
    assert [each.leaf.key.algorithm for each in found] == ["ec", "rsa"]


async def test_a_peer_that_makes_up_chains_has_four_of_them_judged(workers, issue) -> None:
    assert len(await judge(workers, *(issue(HOST) for _ in range(9)))) == 4


async def test_a_server_that_presents_no_certificate_is_a_gap(workers) -> None:
    found = await judge(workers)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.MALFORMED
    assert workers.pids == ()


async def test_servers_that_share_a_chain_cost_one_validation(workers, issue, monkeypatch) -> None:
    asked = []
    serve = workers._crew.serve

    async def counted(job: Any, hear: Any) -> None:
        asked.append(job)
        await serve(job, hear)

    monkeypatch.setattr(workers._crew, "serve", counted)
    leaf = issue(HOST)
    found = await asyncio.gather(*(judged(workers, leaf) for _ in range(50)))
    assert len(asked) == 1
    assert len(set(map(repr, found))) == 1
    await judged(workers, leaf, ca_bundle=leaf.pem)
    assert len(asked) == 2


async def test_the_time_of_one_server_is_not_that_of_another_with_the_same_chain(workers, issue) -> None:
    leaf = issue(HOST)
    hasty, patient = await asyncio.gather(judge(workers, leaf, within=0.0), judge(workers, leaf, within=30))
    assert isinstance(hasty, Unobserved)
    assert hasty.cause is Cause.TIMEOUT
    assert isinstance(patient, tuple)


async def test_who_stops_waiting_for_a_verdict_takes_nobody_along(workers, issue) -> None:
    leaf = issue(HOST)
    first = asyncio.create_task(judge(workers, leaf))
    await asyncio.sleep(0)
    second = asyncio.create_task(judge(workers, leaf))
    await asyncio.sleep(0.05)
    first.cancel()
    assert isinstance(await second, tuple)


async def test_a_certificate_that_cannot_be_read_is_a_gap_in_its_place(workers) -> None:
    nonsense = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    (found,) = await workers.judge([(nonsense,)], None, peer=PEER, until=later(20))
    assert isinstance(found.leaf, Unobserved)


async def test_a_pinned_self_signed_certificate_is_accepted_by_the_bundle_alone(workers, issue) -> None:
    leaf = issue(HOST)
    deployment = await judged(workers, leaf, ca_bundle=leaf.pem)
    assert isinstance(deployment.trust_by(CA_BUNDLE), Accepted)
    mozilla = deployment.trust_by("Mozilla")
    assert isinstance(mozilla, Rejected)
    assert mozilla.why is Distrust.SELF_SIGNED
    assert deployment.leaf.self_signed


async def test_a_city_authority_without_key_identifiers_is_accepted(workers, issue) -> None:
    root = issue(ca=True, key_identifiers=False)
    issuing = issue(ca=True, issuer=root, key_identifiers=False)
    leaf = issue(HOST, issuer=issuing, key_identifiers=False)
    bundle = "City of Riverton\n" + issue(ca=True).pem + "\nthe second:\n" + root.pem
    deployment = await judged(workers, leaf, ca_bundle=bundle)
    assert isinstance(deployment.trust_by(CA_BUNDLE), Accepted)


async def test_dates_and_names_do_not_decide_trust(workers, issue) -> None:
    root = issue(ca=True, start=timedelta(days=-90), end=timedelta(days=-1))
    leaf = issue("elsewhere.example", issuer=root, start=timedelta(days=-80), end=timedelta(days=-2))
    deployment = await judged(workers, leaf, ca_bundle=root.pem)
    assert isinstance(deployment.trust_by(CA_BUNDLE), Accepted)


async def test_strength_does_not_decide_trust(workers, issue, needs, tmp_path) -> None:
    root = issue(ca=True, rsa_bits=1024)
    leaf = signed_again_with_sha1(issue(HOST, issuer=root, rsa_bits=1024), root, needs("openssl"), tmp_path)
    deployment = await judged(workers, leaf, ca_bundle=root.pem)
    assert isinstance(deployment.trust_by(CA_BUNDLE), Accepted)
    assert deployment.leaf.signature_hash == "sha1"
    assert deployment.leaf.key == PublicKey(algorithm="rsa", bits=1024)


def signed_again_with_sha1(leaf: Any, root: Any, openssl: str, folder: Path) -> Any:
    """The `cryptography` package makes no SHA-1 signature any more."""
    request = x509.CertificateSigningRequestBuilder(leaf.certificate.subject).sign(leaf.key, hashes.SHA256())
    ca, ca_key = root.files(folder)
    words = f"{openssl} x509 -req -CA {ca} -CAkey {ca_key} -set_serial 7 -sha1 -days 1"
    given = request.public_bytes(Encoding.PEM)
    pem = subprocess.run(words.split(), input=given, check=True, capture_output=True, timeout=20).stdout
    return replace(leaf, certificate=x509.load_pem_x509_certificate(pem))


async def test_an_intermediate_that_is_not_sent_is_told_from_an_unknown_authority(workers, issue) -> None:
    root = issue(ca=True)
    leaf = issue(HOST, issuer=issue(ca=True, issuer=root))
    forgotten = await judged(workers, leaf.without_chain(), ca_bundle=root.pem)
    assert forgotten.trust_by(CA_BUNDLE).why is Distrust.ISSUER_MISSING
    unknown = await judged(workers, leaf, ca_bundle=issue(ca=True).pem)
    assert unknown.trust_by(CA_BUNDLE).why is Distrust.UNKNOWN_CA


async def test_a_certificate_for_another_purpose_is_not_accepted(workers, issue) -> None:
    root = issue(ca=True)
    leaf = issue(HOST, issuer=root, purposes=(ExtendedKeyUsageOID.CODE_SIGNING,))
    deployment = await judged(workers, leaf, ca_bundle=root.pem)
    assert deployment.trust_by(CA_BUNDLE).why is Distrust.OTHER


async def test_an_expired_intermediate_shows_in_the_accepted_path(workers, issue) -> None:
    root = issue(ca=True)
    issuing = issue(ca=True, issuer=root, end=timedelta(days=-1))
    deployment = await judged(workers, issue(HOST, issuer=issuing), ca_bundle=root.pem)
    accepted = deployment.trust_by(CA_BUNDLE)
    assert isinstance(accepted, Accepted)
    assert accepted.path[1].not_after < datetime.now(UTC)


async def test_a_bundle_that_is_no_pem_is_a_gap_of_the_bundle_alone(workers, issue) -> None:
    deployment = await judged(workers, issue(HOST), ca_bundle="-----BEGIN CERTIFICATE-----\nnonsense\n")
    assert deployment.trust_by(CA_BUNDLE).cause is Cause.NOT_DECLARED
    assert isinstance(deployment.trust_by("Mozilla"), Rejected)


async def test_a_hostile_subject_comes_out_without_control_characters(workers, issue) -> None:
    leaf = issue("evil\x1b[31m.example", subject="<script>alert(1)</script>\x1b]0;owned\x07\u202e\n" + "x" * 20)
    deployment = await judged(workers, leaf)
    told = deployment.leaf.subject + "".join(deployment.names.dns)
    assert "script" in told
    assert all(character.isprintable() for character in told)


# Early data


@pytest.fixture
async def http_server(tmp_path) -> AsyncIterator[Any]:
    """`await http_server(issued)`: answers one request per connection over TLS 1.3."""
    servers: list[asyncio.Server] = []

    async def start(issued: Any, *, answers: bool = True) -> int:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await reader.readuntil(b"\r\n\r\n")
                if answers:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                else:
                    await asyncio.sleep(30)
            writer.close()

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*issued.files(tmp_path))
        servers.append(await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
        return int(servers[-1].sockets[0].getsockname()[1])

    yield start
    for server in servers:
        server.close()


async def test_a_server_without_early_data_is_seen_as_such(workers, http_server, issue) -> None:
    assert await workers.early_data(at(await http_server(issue(HOST))), until=later(20)) is False


_NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{
        listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key};
        ssl_protocols TLSv1.3; ssl_early_data {early}; return 200;
    }}
}}
"""


@pytest.mark.parametrize("early", [True, False])
async def test_early_data_of_nginx_is_seen_as_it_is_set(
    workers, issue, needs, tmp_path, closed_tls_port, early
) -> None:
    chain, key = issue(HOST).files(tmp_path)
    config = tmp_path / "nginx.conf"
    port, switch = closed_tls_port, "on" if early else "off"
    config.write_text(_NGINX.format(folder=tmp_path, port=port, chain=chain, key=key, early=switch))
    process = await asyncio.create_subprocess_exec(
        needs("nginx"), "-e", str(tmp_path / "early.log"), "-c", str(config), stderr=subprocess.DEVNULL
    )
    try:
        await _accepts_connections(port)
        assert await workers.early_data(at(port), until=later(20)) is early
    finally:
        process.kill()
        await process.wait()


async def _accepts_connections(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def _closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)


async def test_a_server_that_answers_no_request_may_have_early_data_or_not(
    workers, http_server, tls_server, tls_peer, issue
) -> None:
    """sslyze calls each of these a server without it."""
    for port, causes in (
        (await http_server(issue(HOST), answers=False), {Cause.TIMEOUT}),
        (await tls_server(issue(HOST)), {Cause.UNREACHABLE}),
        (await tls_peer(_silent), {Cause.TIMEOUT}),
        (await tls_peer(_closes), {Cause.UNREACHABLE}),
    ):
        found = await workers.early_data(at(port, timeout=0.5), until=later(20))
        assert isinstance(found, Unobserved)
        assert found.cause in causes, found


async def test_no_http_request_is_sent_to_a_mail_server(workers) -> None:
    found = await workers.early_data(at(25, starttls=StartTls.SMTP), until=later(20))
    assert isinstance(found, Unobserved)
    assert workers.pids == ()


# The cross-check


async def test_a_look_that_sslyze_contradicts_is_told(workers, old_server, issue) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), (3, 3), ciphers=("aes128gcm",))
    absent, present = "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    wrong = AddressTls(
        address="127.0.0.1",
        versions=(VersionAnswer(version="TLSv1.2", suites=(absent,)), VersionAnswer(version="SSLv2", suites=())),
    )
    found = await workers.cross_check(at(port), wrong, until=later(60))
    assert isinstance(found, tuple)
    assert {each.about for each in found} == {"TLSv1.2"}
    told = " ".join(each.what for each in found)
    assert f"{absent} refused" in told
    assert f"{present} accepted" in told


async def test_traits_are_cross_checked_as_well(workers, tls_server, issue) -> None:
    port = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    suites = ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",)
    gap = Unobserved(cause=Cause.TIMEOUT, detail="not asked")
    versions = (
        VersionAnswer(version="TLSv1.1", suites=("TLS_RSA_WITH_AES_128_CBC_SHA",), gap=gap),
        VersionAnswer(version="TLSv1.2", suites=suites, gap=gap),
    )
    right = AddressTls(address="127.0.0.1", versions=versions, groups=gap)
    traits = {"compression": True, "extended_master_secret": False}
    wrong = replace(right, traits=replace(right.traits, **traits, secure_renegotiation=True))
    found = await workers.cross_check(at(port), wrong, until=later(60))
    assert isinstance(found, tuple)
    assert {each.about for each in found} == set(traits)
    assert all(isinstance(each, Disagreement) for each in found)


async def test_a_group_that_was_overlooked_is_told(workers, tls_server, issue) -> None:
    port = await tls_server(issue(HOST))
    gap = Unobserved(cause=Cause.TIMEOUT, detail="not asked")
    version = VersionAnswer(version="TLSv1.3", suites=("TLS_AES_256_GCM_SHA384",), gap=gap)
    tls = AddressTls(address="127.0.0.1", versions=(version,), groups=("x25519", "secp384r1", "secp521r1", "x448"))
    found = await workers.cross_check(at(port), tls, until=later(60))
    assert isinstance(found, tuple)
    assert [each.about for each in found] == ["groups"]
    assert "secp256r1" in found[0].what


async def test_silence_contradicts_nobody(workers, tls_peer) -> None:
    tls = AddressTls(
        address="127.0.0.1", versions=(VersionAnswer(version="TLSv1.3", suites=("TLS_AES_128_GCM_SHA256",)),)
    )
    assert await workers.cross_check(at(await tls_peer(_closes)), tls, until=later(30)) == ()


# The processes


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


async def test_a_worker_that_was_killed_is_replaced(workers, issue) -> None:
    await judged(workers, issue(HOST))
    (pid,) = workers.pids
    os.kill(pid, signal.SIGKILL)
    await judged(workers, issue(HOST))
    assert workers.pids != (pid,)


@LINUX
async def test_a_worker_gets_no_secret_from_our_environment(workers, issue, monkeypatch) -> None:
    monkeypatch.setenv("FS1_PASSWORD", "throw-away")
    await judged(workers, issue(HOST))
    (pid,) = workers.pids
    assert b"throw-away" not in environment_of(pid)


@LINUX
async def test_a_question_that_is_cancelled_leaves_no_worker_behind(workers, tls_peer) -> None:
    task = asyncio.create_task(workers.early_data(at(await tls_peer(_silent), timeout=20), until=later(30)))
    await asyncio.sleep(1.5)
    children = _children()
    assert children
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not set(children) & set(_children())


async def test_a_worker_ends_with_its_parent(tmp_path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scanner.transports._tls_worker", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    await _is_up(process)
    process.send_signal(signal.SIGINT)  # which it leaves to the scanner
    await _is_up(process)
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 20) == 0


async def _is_up(process: asyncio.subprocess.Process) -> None:
    """Waits until the worker has set itself up: it answers about a target that nobody listens at."""
    from scanner.transports._tls_protocol import AskEarlyData, Job, read_part, write_job

    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(write_job(Job(number=1, seconds=20, task=AskEarlyData(target=at(1)))))
    while not read_part(await asyncio.wait_for(process.stdout.readline(), 30)).done:
        pass


async def test_the_main_process_never_imports_sslyze() -> None:
    code = (
        "import sys, scanner.transports.tls, scanner.probes.tls; print(any('sslyze' in name for name in sys.modules))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    assert output.strip() == b"False"


def _children() -> list[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return [int(pid) for pid in file.read().split()]
