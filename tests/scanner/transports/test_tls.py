"""TLS workers against real servers and against peers that are no such thing."""

from __future__ import annotations

import asyncio
import json
import os
import signal
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

from scanner.model.facts.tls import CA_BUNDLE, Accepted, AlternativeNames, Certificate, Distrust, PublicKey, Rejected
from scanner.model.unobserved import Cause, Unobserved
from scanner.transports.tls import TlsScan, TlsTarget, TlsWorkers

HOST = "site.example"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
async def workers() -> AsyncIterator[TlsWorkers]:
    async with TlsWorkers(1) as pool:
        yield pool


async def scan(workers: TlsWorkers, port: int, *, within: float = 30, **more: Any) -> TlsScan | Unobserved:
    target = TlsTarget(**{"address": "127.0.0.1", "port": port, "server_name": HOST, "timeout": 2} | more)
    until = asyncio.get_running_loop().time() + within
    return await asyncio.wait_for(workers.scan(target, until=until), 60)


async def seen(workers: TlsWorkers, port: int, **more: Any) -> TlsScan:
    result = await scan(workers, port, **more)
    assert isinstance(result, TlsScan), result
    return result


def suites(result: TlsScan) -> dict[str, Any]:
    return {each.version: each.suites for each in result.versions}


def only_deployment(result: TlsScan) -> Any:
    assert isinstance(result.deployments, tuple)
    (deployment,) = result.deployments
    return deployment


async def gap(workers: TlsWorkers, port: int, **more: Any) -> Unobserved:
    result = await scan(workers, port, **more)
    assert isinstance(result, Unobserved), result
    return result


# Real servers


async def test_a_modern_server_shows_its_versions_suites_and_chain(workers, tls_server, issue) -> None:
    root = issue(ca=True)
    issuing = issue(ca=True, issuer=root)
    leaf = issue(HOST, "*.other.example", "127.0.0.1", issuer=issuing)
    result = await seen(workers, await tls_server(leaf), ca_bundle=root.pem)
    found = suites(result)
    assert [found[each] for each in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1")] == [(), (), (), ()]
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in found["TLSv1.2"]
    assert "TLS_AES_256_GCM_SHA384" in found["TLSv1.3"]
    deployment = only_deployment(result)
    assert deployment.names == AlternativeNames(dns=(HOST, "*.other.example"), ips=("127.0.0.1",))
    first, second = deployment.chain
    assert isinstance(first, Certificate)
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


async def test_old_versions_that_are_on_are_seen_with_their_suites(workers, tls_server, issue) -> None:
    leaf = issue(HOST, rsa_bits=2048)
    found = suites(await seen(workers, await tls_server(leaf, oldest="TLSv1")))
    assert "TLS_RSA_WITH_AES_128_CBC_SHA" in found["TLSv1.0"]
    assert "TLS_RSA_WITH_AES_128_CBC_SHA" in found["TLSv1.1"]
    assert found["SSLv3"] == ()


@pytest.mark.parametrize(("version", "name"), [((3, 0), "SSLv3"), ((3, 1), "TLSv1.0"), ((3, 2), "TLSv1.1")])
async def test_a_server_that_speaks_one_old_version_alone_is_judged(workers, old_server, issue, version, name) -> None:
    port = old_server(issue(HOST, rsa_bits=2048), version)
    result = await seen(workers, port)
    found = suites(result)
    assert any("AES" in suite for suite in found.pop(name))
    assert set(found.values()) == {()}
    assert only_deployment(result).names.dns == (HOST,)


async def test_a_server_with_two_certificates_shows_both(workers, tls_server, issue) -> None:
    ca = issue(ca=True)
    port = await tls_server(issue(HOST, issuer=ca), second=issue(HOST, issuer=ca, rsa_bits=2048))
    result = await seen(workers, port)
    assert isinstance(result.deployments, tuple)
    assert {each.leaf.key.algorithm for each in result.deployments} == {"ec", "rsa"}


async def test_a_server_on_ipv6_is_scanned(workers, tls_server, issue) -> None:
    port = await tls_server(issue(HOST), host="::1")
    assert suites(await seen(workers, port, address="::1"))["TLSv1.3"]
    assert "[::1]:" in (await gap(workers, 1, address="::1")).detail


async def test_a_demanded_client_certificate_does_not_hide_the_server(workers, tls_server, issue) -> None:
    ca = issue(ca=True)
    port = await tls_server(issue(HOST, issuer=ca), client_ca=ca.pem, oldest="TLSv1")
    result = await seen(workers, port, ca_bundle=ca.pem)
    found = suites(result)
    assert {name for name in found if found[name]} == {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
    assert "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" in found["TLSv1.2"]
    assert "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA" not in found["TLSv1.2"]
    assert only_deployment(result).names.dns == (HOST,)


async def test_no_server_name_is_sent_for_an_address(workers, tls_peer) -> None:
    hellos = []

    async def listen(reader, writer) -> None:
        hellos.append(await reader.read(600))
        writer.write(b"\x15\x03\x03\x00\x02\x02\x28")

    port = await tls_peer(listen)
    await gap(workers, port, server_name=None)
    assert hellos
    assert not any(b"127.0.0.1" in hello for hello in hellos)
    hellos.clear()
    await gap(workers, port)
    assert sum(HOST.encode() in hello for hello in hellos) > 3


async def test_suites_are_the_same_as_those_that_sslyze_finds(workers, tls_server, issue) -> None:
    """Asks sslyze itself, one handshake per suite in existence, in a process of its own."""
    port = await tls_server(issue(HOST, rsa_bits=2048), oldest="TLSv1")
    found = suites(await seen(workers, port))
    code = (
        "import sys\n"
        "from sslyze import *\n"
        "import json\n"
        "at = ServerNetworkLocation('site.example', int(sys.argv[1]), ip_address='127.0.0.1')\n"
        "names = dict(zip(['SSLv2','SSLv3','TLSv1.0','TLSv1.1','TLSv1.2','TLSv1.3'], ['ssl_2_0_cipher_suites',"
        "'ssl_3_0_cipher_suites','tls_1_0_cipher_suites','tls_1_1_cipher_suites','tls_1_2_cipher_suites',"
        "'tls_1_3_cipher_suites']))\n"
        "scanner = Scanner()\n"
        "scanner.queue_scans([ServerScanRequest(at, scan_commands={ScanCommand(name) for name in names.values()})])\n"
        "result = next(iter(scanner.get_results())).scan_result\n"
        "print(json.dumps({version: sorted(each.cipher_suite.name for each in"
        " getattr(result, name).result.accepted_cipher_suites) for version, name in names.items()}))\n"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, str(port), stdout=subprocess.PIPE)
    output, _ = await asyncio.wait_for(process.communicate(), 120)
    assert {version: list(names) for version, names in found.items()} == json.loads(output)


# Chains


async def test_a_pinned_self_signed_certificate_is_accepted_by_the_bundle_alone(workers, tls_server, issue) -> None:
    leaf = issue(HOST)
    deployment = only_deployment(await seen(workers, await tls_server(leaf), ca_bundle=leaf.pem))
    assert isinstance(deployment.trust_by(CA_BUNDLE), Accepted)
    mozilla = deployment.trust_by("Mozilla")
    assert isinstance(mozilla, Rejected)
    assert mozilla.why is Distrust.SELF_SIGNED
    assert deployment.leaf.self_signed


async def test_a_city_authority_without_key_identifiers_is_accepted(workers, tls_server, issue) -> None:
    root = issue(ca=True, key_identifiers=False)
    issuing = issue(ca=True, issuer=root, key_identifiers=False)
    leaf = issue(HOST, issuer=issuing, key_identifiers=False)
    bundle = "City of Riverton\n" + issue(ca=True).pem + "\nthe second:\n" + root.pem
    deployment = only_deployment(await seen(workers, await tls_server(leaf), ca_bundle=bundle))
    assert isinstance(deployment.trust_by(CA_BUNDLE), Accepted)


async def test_dates_and_names_do_not_decide_trust(workers, tls_server, issue) -> None:
    root = issue(ca=True, start=timedelta(days=-90), end=timedelta(days=-1))
    leaf = issue("elsewhere.example", issuer=root, start=timedelta(days=-80), end=timedelta(days=-2))
    deployment = only_deployment(await seen(workers, await tls_server(leaf), ca_bundle=root.pem))
    assert isinstance(deployment.trust_by(CA_BUNDLE), Accepted)


async def test_strength_does_not_decide_trust(workers, tls_server, issue, needs, tmp_path) -> None:
    root = issue(ca=True, rsa_bits=1024)
    leaf = signed_again_with_sha1(issue(HOST, issuer=root, rsa_bits=1024), root, needs("openssl"), tmp_path)
    deployment = only_deployment(await seen(workers, await tls_server(leaf, oldest="TLSv1"), ca_bundle=root.pem))
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


async def test_an_intermediate_that_is_not_sent_is_told_from_an_unknown_authority(workers, tls_server, issue) -> None:
    root = issue(ca=True)
    leaf = issue(HOST, issuer=issue(ca=True, issuer=root))
    forgotten = only_deployment(await seen(workers, await tls_server(leaf.without_chain()), ca_bundle=root.pem))
    assert forgotten.trust_by(CA_BUNDLE).why is Distrust.ISSUER_MISSING
    unknown = only_deployment(await seen(workers, await tls_server(leaf), ca_bundle=issue(ca=True).pem))
    assert unknown.trust_by(CA_BUNDLE).why is Distrust.UNKNOWN_CA


async def test_a_certificate_for_another_purpose_is_not_accepted(workers, tls_server, issue) -> None:
    root = issue(ca=True)
    leaf = issue(HOST, issuer=root, purposes=(ExtendedKeyUsageOID.CODE_SIGNING,))
    deployment = only_deployment(await seen(workers, await tls_server(leaf), ca_bundle=root.pem))
    assert deployment.trust_by(CA_BUNDLE).why is Distrust.OTHER


async def test_an_expired_intermediate_shows_in_the_accepted_path(workers, tls_server, issue) -> None:
    root = issue(ca=True)
    issuing = issue(ca=True, issuer=root, end=timedelta(days=-1))
    deployment = only_deployment(await seen(workers, await tls_server(issue(HOST, issuer=issuing)), ca_bundle=root.pem))
    accepted = deployment.trust_by(CA_BUNDLE)
    assert isinstance(accepted, Accepted)
    assert accepted.path[1].not_after < datetime.now(UTC)


async def test_a_bundle_that_is_no_pem_is_a_gap_of_the_bundle_alone(workers, tls_server, issue) -> None:
    port = await tls_server(issue(HOST))
    deployment = only_deployment(await seen(workers, port, ca_bundle="-----BEGIN CERTIFICATE-----\nnonsense\n"))
    assert deployment.trust_by(CA_BUNDLE).cause is Cause.NOT_DECLARED
    assert isinstance(deployment.trust_by("Mozilla"), Rejected)


async def test_a_hostile_subject_comes_out_without_control_characters(workers, tls_server, issue) -> None:
    leaf = issue("evil\x1b[31m.example", subject="<script>alert(1)</script>\x1b]0;owned\x07\u202e\n" + "x" * 20)
    deployment = only_deployment(await seen(workers, await tls_server(leaf)))
    told = deployment.leaf.subject + "".join(deployment.names.dns)
    assert "script" in told
    assert all(character.isprintable() for character in told)


# Hostile peers


async def test_a_closed_port_is_unreachable(workers, closed_tls_port) -> None:
    found = await gap(workers, closed_tls_port)
    assert found.cause is Cause.UNREACHABLE
    assert "refuses" in found.detail


async def _silent(reader, writer) -> None:
    await asyncio.sleep(60)


async def _garbage(reader, writer) -> None:
    writer.write(os.urandom(64).replace(b"\x15", b"\x99").replace(b"\x16", b"\x99"))


async def _plain_http(reader, writer) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")


async def _closes(reader, writer) -> None:
    await reader.read(100)


async def _resets(reader, writer) -> None:
    await reader.read(100)
    writer.transport.abort()


async def _answers_then_silent(reader, writer) -> None:
    await reader.read(100)
    writer.write(bytes.fromhex("160303007a0200007603 03".replace(" ", "")) + os.urandom(32))
    await asyncio.sleep(60)


async def _answers_then_resets(reader, writer) -> None:
    await reader.read(100)
    writer.write(bytes.fromhex("160303007a02000076"))
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()


async def _endless_garbage(reader, writer) -> None:
    await reader.read(100)
    writer.write(bytes.fromhex("160303007a02000076"))
    while True:
        writer.write(os.urandom(65536))
        await writer.drain()


async def _alerts(reader, writer) -> None:
    await reader.read(100)
    writer.write(b"\x15\x03\x00\x00\x02\x02\x28")


async def _drips(reader, writer) -> None:
    await reader.read(100)
    for byte in bytes.fromhex("160303400002003ffc") + bytes(16384):
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("peer", "causes"),
    [
        (_silent, {Cause.TIMEOUT}),
        (_garbage, {Cause.MALFORMED}),
        (_plain_http, {Cause.MALFORMED}),
        (_closes, {Cause.UNREACHABLE}),
        (_resets, {Cause.UNREACHABLE}),
        (_answers_then_silent, {Cause.TIMEOUT}),
        (_answers_then_resets, {Cause.UNREACHABLE}),
        (_endless_garbage, {Cause.MALFORMED, Cause.UNREACHABLE, Cause.UNSUPPORTED}),
        (_alerts, {Cause.UNSUPPORTED}),
        (_drips, {Cause.TIMEOUT}),
    ],
)
async def test_a_peer_that_speaks_no_tls_is_a_gap_with_its_cause(workers, tls_peer, peer, causes) -> None:
    found = await gap(workers, await tls_peer(peer), timeout=1, within=8)
    assert found.cause in causes, found
    assert "127.0.0.1" in found.detail


async def test_a_firewall_that_closes_when_it_has_had_enough_proves_no_refusal(
    workers, tls_peer, tls_server, issue
) -> None:
    real = await tls_server(issue(HOST))
    taken = 0

    async def tire(reader, writer) -> None:
        nonlocal taken
        hello = await reader.read(4096)
        modern = b"\x00\x2b\x00" in hello  # supported_versions: only our hellos for TLS 1.3 carry it
        taken += modern
        if not modern or taken > 3:
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", real)
        inner_writer.write(hello)

        async def pump(source, sink) -> None:
            while data := await source.read(4096):
                sink.write(data)
            sink.close()

        await asyncio.gather(pump(inner_reader, writer), pump(reader, inner_writer))

    found = suites(await seen(workers, await tls_peer(tire)))
    assert found["TLSv1.3"]
    assert found["TLSv1.0"].cause is Cause.RATE_LIMITED


async def test_a_version_that_is_met_with_silence_is_not_taken_for_refused(
    workers, tls_peer, tls_server, issue
) -> None:
    real = await tls_server(issue(HOST))

    async def pick(reader, writer) -> None:
        hello = await reader.read(4096)
        if b"\x00\x2b\x00" not in hello:
            await asyncio.sleep(60)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", real)
        inner_writer.write(hello)

        async def pump(source, sink) -> None:
            while data := await source.read(4096):
                sink.write(data)
            sink.close()

        await asyncio.gather(pump(inner_reader, writer), pump(reader, inner_writer))

    found = suites(await seen(workers, await tls_peer(pick), timeout=1))
    assert found["TLSv1.3"]
    assert found["TLSv1.0"].cause is Cause.TIMEOUT


# The processes


def environment_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/environ").read_bytes()


def worker_pids(pool: TlsWorkers) -> list[int]:
    return list(pool.pids)


async def test_a_worker_that_was_killed_is_replaced(workers, tls_server, issue) -> None:
    port = await tls_server(issue(HOST))
    await seen(workers, port)
    (pid,) = worker_pids(workers)
    os.kill(pid, signal.SIGKILL)
    await seen(workers, port)
    assert worker_pids(workers) != [pid]


@LINUX
async def test_a_worker_gets_no_secret_from_our_environment(workers, tls_server, issue, monkeypatch) -> None:
    monkeypatch.setenv("FS1_PASSWORD", "throw-away")
    await seen(workers, await tls_server(issue(HOST)))
    (pid,) = worker_pids(workers)
    assert b"throw-away" not in environment_of(pid)


@LINUX
async def test_a_scan_that_is_cancelled_leaves_no_worker_behind(workers, tls_peer) -> None:
    task = asyncio.create_task(scan(workers, await tls_peer(_drips), timeout=5))
    await asyncio.sleep(1.5)
    children = _children()
    assert children
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not set(children) & set(_children())


@LINUX
async def test_nothing_starts_before_a_server_speaks_tls(tls_peer) -> None:
    before = _children()
    async with TlsWorkers() as pool:
        await gap(pool, await tls_peer(_plain_http))
        assert _children() == before


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
    """Waits until the worker has set itself up: it answers a target that nobody listens at."""
    from scanner.transports._tls_protocol import Job, read_part, write_job

    assert process.stdin is not None
    assert process.stdout is not None
    target = TlsTarget(address="127.0.0.1", port=1, server_name=None, timeout=1)
    process.stdin.write(write_job(Job(number=1, target=target, seconds=20)))
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
