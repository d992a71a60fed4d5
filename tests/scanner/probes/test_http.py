"""The HTTP probe against peers on real sockets, and what the https checks make of what it saw."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from checks.https_enforced import https_enforced
from checks.https_hsts import https_hsts
from checks.https_served import https_served
from scanner.model.asset import Asset, Website
from scanner.model.check import Check, NeedsAsset, NeedsFacts, NeedsPolicy
from scanner.model.facts.http import Answered, ChainEnd, HttpFacts, NoTls, Refused, Unseen
from scanner.model.finding import Failed, NotApplicable, Passed, Undecided
from scanner.model.inventory import Authorization, Inventory, Municipality, Settings
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes.base import Reply, all_probes
from scanner.probes.http import PROBE
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

NAME = "www.city.example"
NOT_SEEN = Unobserved(cause=Cause.UNSUPPORTED, detail="These tests are about web answers alone.")
GOOD_HSTS = "Strict-Transport-Security: max-age=31536000"
Answering = Callable[..., bytes]


def site(port: int, plain: int | None = None, *, address: str | None = "127.0.0.1", path: str = "/") -> Website:
    return Website(
        id="www",
        url=f"https://{NAME}:{port}{path}",
        http_url=None if plain is None else f"http://{NAME}:{plain}/",
        address=address,
    )


async def observe(
    website: Website, *others: Asset, exclude: Sequence[str] = (), budget: float = 60, **settings: Any
) -> Reply:
    inventory = Inventory(
        path=Path("inventory.yaml"),
        sha256="",
        municipality=Municipality(name="City"),
        authorization=Authorization(exclude=tuple(ip_network(each) for each in exclude)),
        settings=Settings(**{"timeout": 5, **settings}, asset_budget=budget),
        assets=(website, *others),
    )
    async with TlsWorkers(1) as tls:
        transports = Transports(inventory=inventory, addresses=Addresses(inventory), tls=tls)
        replies = await asyncio.wait_for(PROBE.run(website, transports), 40)
    reply = replies[HttpFacts]
    stored = TypeAdapter(type(reply.outcome)).dump_json(reply.outcome)
    assert TypeAdapter(type(reply.outcome)).validate_json(stored) == reply.outcome
    return reply


async def facts(website: Website, *others: Asset, **settings: Any) -> HttpFacts:
    outcome = (await observe(website, *others, **settings)).outcome
    assert isinstance(outcome, HttpFacts), outcome
    return outcome


async def gap(website: Website, **settings: Any) -> Unobserved:
    outcome = (await observe(website, **settings)).outcome
    assert isinstance(outcome, Unobserved), outcome
    return outcome


def verdict(check: Check, website: Website, seen: HttpFacts) -> str:
    given: dict[type, Any] = {NeedsAsset: website, NeedsPolicy: Policy(), NeedsFacts: NOT_SEEN}
    others = [given[type(need)] for need in check.needs[2:]]
    said = check.judge(website, seen, *others)
    match said:
        case Passed():
            return "pass"
        case Failed():
            return "fail"
        case NotApplicable():
            return "not_applicable"
        case Undecided(unobserved=missing):
            return missing.cause.value
    raise AssertionError(said)


def verdicts(website: Website, seen: HttpFacts) -> tuple[str, str, str]:
    return (
        verdict(https_served, website, seen),
        verdict(https_enforced, website, seen),
        verdict(https_hsts, website, seen),
    )


def pages(peers: Any) -> list[bytes]:
    """The requests but those for security.txt."""
    return [request for request in peers.requests if b"security.txt" not in request]


def test_the_runner_finds_the_probe() -> None:
    assert PROBE in all_probes()


def test_plan_names_every_connection_and_resolves_nothing() -> None:
    steps = [(step.action[:22], step.target) for step in PROBE.plan(site(8443, 8080, address=None), Settings())]
    assert steps == [
        ("DNS", f"{NAME}, city.example from this machine's resolver"),
        ("GET, and up to 20 redi", f"https://{NAME}:8443/ at every address of {NAME}:8443"),
        ("GET if no TLS is spoke", f"http://{NAME}:8443/ at every address of {NAME}:8443"),
        ("GET", f"https://{NAME}:8443/.well-known/security.txt at one of these addresses"),
        ("GET, and up to 20 redi", f"http://{NAME}:8080/ at every address of {NAME}:8080"),
        ("GET where DNS has the ", "https://city.example:8443/ at one public address of city.example"),
        ("GET where DNS has the ", "http://city.example:8080/ at one public address of city.example"),
    ]


def test_plan_names_the_declared_address_and_no_plain_endpoint_where_none_is_meant() -> None:
    steps = [step.target for step in PROBE.plan(site(443, address="2001:db8::1"), Settings())]
    assert steps == [
        f"https://{NAME}:443/ at [2001:db8::1]:443",
        f"http://{NAME}:443/ at [2001:db8::1]:443",
        f"https://{NAME}:443/.well-known/security.txt at one of these addresses",
    ]


async def test_a_good_site_passes(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(200, GOOD_HSTS, "Server: \x1b[31mnginx", "Set-Cookie: a=b"))
    plain = await peers.http(lambda _: http_answer(301, f"Location: https://{NAME}:{port}/"))
    website = site(port, plain)
    reply = await observe(website)
    seen = reply.outcome
    assert isinstance(seen, HttpFacts)
    (secured,) = seen.https
    assert isinstance(secured, Answered)
    assert secured.first.hsts == ("max-age=31536000",)
    assert [cookie.name for cookie in secured.first.cookies] == ["a"]
    assert [(header.name, header.value) for header in secured.first.headers] == [("server", "\ufffd[31mnginx")]
    (redirecting,) = seen.plain
    assert isinstance(redirecting, Answered)
    assert [hop.status for hop in redirecting.hops] == [301, 200]
    assert len(reply.digest) == 64
    assert verdicts(website, seen) == ("pass", "pass", "pass")
    assert not seen.lacks_tls


async def test_no_redirect_and_no_hsts_fail(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer())
    plain = await peers.http(lambda _: http_answer(200, body='<meta http-equiv="refresh" content="0; url=https://x">'))
    website = site(port, plain)
    assert verdicts(website, await facts(website)) == ("pass", "fail", "fail")


async def test_a_closed_plain_port_passes(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.https(lambda _: http_answer(200, GOOD_HSTS)), peers.closed())
    seen = await facts(website)
    assert isinstance(seen.plain[0], Refused)
    assert verdicts(website, seen) == ("pass", "pass", "pass")


async def test_no_packet_goes_to_a_plain_endpoint_that_is_not_meant(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.https(lambda _: http_answer(404)))
    seen = await facts(website)
    assert seen.plain == ()
    assert {accepted for _, accepted in peers.accepted} == {website.port}
    assert verdicts(website, seen) == ("pass", "not_applicable", "fail")


async def test_a_silent_plain_port_is_unknown(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.https(lambda _: http_answer(200, GOOD_HSTS)), await peers.silent())
    assert verdicts(website, await facts(website, timeout=2)) == ("pass", "timeout", "pass")


@pytest.mark.parametrize(("status", "cause"), [(403, "blocked"), (429, "rate_limited")])
async def test_a_wall_is_unknown(peers: Any, http_answer: Answering, status: int, cause: str) -> None:
    port, plain = await peers.https(lambda _: http_answer(status)), await peers.http(lambda _: http_answer(status))
    website = site(port, plain)
    assert verdicts(website, await facts(website)) == ("pass", cause, cause)


async def test_a_closed_https_port_beside_plain_http_fails(peers: Any, http_answer: Answering) -> None:
    website = site(peers.closed(), await peers.http(lambda _: http_answer()))
    seen = await facts(website)
    assert seen.lacks_tls
    assert verdicts(website, seen) == ("fail", "fail", "not_applicable")


async def test_plain_http_on_the_tls_port_fails(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.http(lambda _: http_answer()))
    seen = await facts(website, timeout=2)
    (endpoint,) = seen.https
    assert isinstance(endpoint, NoTls)
    assert endpoint.plain is not None
    assert seen.lacks_tls
    assert verdicts(website, seen) == ("fail", "not_applicable", "not_applicable")


async def test_plain_http_that_answers_a_handshake_with_400_fails(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.saying(http_answer(400)))
    seen = await facts(website)
    assert isinstance(seen.https[0], NoTls)
    assert verdict(https_served, website, seen) == "fail"


async def test_another_protocol_on_the_tls_port_beside_plain_http_fails(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.saying(b"SSH-2.0-OpenSSH_9.7\r\n\r\n\r\n"), await peers.http(lambda _: http_answer()))
    seen = await facts(website)
    assert seen.lacks_tls
    assert verdicts(website, seen) == ("fail", "fail", "not_applicable")


async def test_a_silent_https_port_beside_plain_http_is_unknown(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.silent(), await peers.http(lambda _: http_answer()))
    seen = await facts(website, timeout=2)
    assert not seen.lacks_tls
    assert verdicts(website, seen) == ("timeout", "fail", "timeout")


async def test_a_reset_handshake_beside_plain_http_is_unknown(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.resetting(), await peers.http(lambda _: http_answer()))
    assert verdict(https_served, website, await facts(website)) == "unreachable"


def drops_handshakes(answer: bytes) -> Any:
    """A port that hangs up on a handshake and answers plain HTTP; `PORT` in the answer is its own."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(1) != b"\x16":
            await reader.readuntil(b"\r\n\r\n")
            own = writer.get_extra_info("sockname")[1]
            writer.write(answer.replace(b"PORT", b"%d" % own))

    return handle


async def test_a_tls_server_that_drops_handshakes_is_not_taken_for_a_plain_one(
    peers: Any, http_answer: Answering
) -> None:
    """TLS servers (nginx, Apache, Go) answer plain HTTP on their port with 400."""
    port = await peers.serve(drops_handshakes(http_answer(400)))
    website = site(port, await peers.http(lambda _: http_answer()))
    seen = await facts(website)
    assert isinstance(seen.https[0], Unseen)
    assert verdict(https_served, website, seen) == "unreachable"


@pytest.mark.parametrize("status", [200, 301, 302, 308, 403, 404, 503])
async def test_a_port_that_hangs_up_on_tls_and_answers_plain_http_fails(
    peers: Any, http_answer: Answering, status: int
) -> None:
    website = site(await peers.serve(drops_handshakes(http_answer(status, f"Location: https://{NAME}/"))))
    seen = await facts(website)
    assert isinstance(seen.https[0], NoTls)
    assert verdict(https_served, website, seen) == "fail"


async def test_a_redirect_to_tls_on_the_same_port_is_no_sign_that_tls_is_missing(
    peers: Any, http_answer: Answering
) -> None:
    """What nginx answers to plain HTTP on its TLS port with `error_page 497`."""
    port = await peers.serve(drops_handshakes(http_answer(301, f"Location: https://{NAME.upper()}:PORT/elsewhere")))
    assert (await gap(site(port, peers.closed()))).cause is Cause.UNREACHABLE
    website = site(port, await peers.http(lambda _: http_answer(301, f"Location: https://{NAME}:{port}/")))
    assert verdict(https_served, website, await facts(website)) == "unreachable"


async def test_nothing_answering_is_unobserved_with_the_https_cause(peers: Any) -> None:
    assert (await gap(site(peers.closed(), peers.closed()))).cause is Cause.UNREACHABLE
    assert (await gap(site(await peers.silent(), peers.closed()), timeout=0.4)).cause is Cause.TIMEOUT
    assert (await gap(site(await peers.closing()))).cause is Cause.UNREACHABLE
    assert (await gap(site(await peers.resetting()))).cause is Cause.UNREACHABLE
    assert (await gap(site(await peers.saying(b"SSH-2.0-x\r\n\r\n\r\n")))).cause is Cause.MALFORMED
    assert (await gap(site(await peers.saying(b"\0\1\2\r\n\r\n", tls=peers.tls())))).cause is Cause.MALFORMED
    assert (await gap(site(await peers.saying(bytes([21, 3, 3, 0, 2, 2, 116]))))).cause is Cause.DENIED


async def test_a_peer_of_tls_that_we_do_not_speak_is_no_answer_but_more_than_nothing(peers: Any) -> None:
    website = site(await peers.saying(bytes([21, 3, 1, 0, 2, 2, 70])), peers.closed())
    seen = await facts(website)
    (endpoint,) = seen.https
    assert isinstance(endpoint, Unseen)
    assert (endpoint.declined, endpoint.gap.cause) == (True, Cause.UNSUPPORTED)
    assert verdicts(website, seen) == ("unsupported", "unsupported", "unsupported")


def hello(version: bytes = b"\x03\x03", suite: bytes = b"\xc0\x2f", *, record: bytes = b"\x03\x03") -> bytes:
    """A ServerHello in a record of its own."""
    body = version + bytes(32) + b"\0" + suite + b"\0"
    message = b"\x02" + len(body).to_bytes(3) + body
    return b"\x16" + record + len(message).to_bytes(2) + message


BROKEN_TLS = {
    "a suite that was not offered": hello(suite=b"\x00\x01"),
    "a suite that does not exist": hello(suite=b"\xfa\xfb"),
    "a version that does not exist": hello(version=b"\x09\x09"),
    "a flood of warnings": b"\x15\x03\x03\x00\x02\x01\x5a" * 200,
    "half a hello": hello()[:20],
    "a hello and no more": hello(),
    "a record's head and no more": hello()[:5],
}


@pytest.mark.parametrize("said", BROKEN_TLS.values(), ids=BROKEN_TLS.keys())
async def test_tls_against_its_rules_is_malformed_and_no_reached_site(
    said: bytes, peers: Any, http_answer: Answering
) -> None:
    website = site(await peers.saying(said), peers.closed())
    found = await gap(website)
    assert found.cause is Cause.MALFORMED, found
    beside = site(await peers.saying(said), await peers.http(lambda _: http_answer(301, f"Location: https://{NAME}/")))
    assert verdict(https_served, beside, await facts(beside)) == "malformed"


async def test_a_server_that_does_not_serve_the_name_says_so(peers: Any) -> None:
    website = site(await peers.saying(bytes([21, 3, 3, 0, 2, 2, 112])), peers.closed())
    seen = await facts(website)
    (endpoint,) = seen.https
    assert isinstance(endpoint, Unseen)
    assert endpoint.gap.cause is Cause.UNSUPPORTED
    assert f"does not serve the name {NAME} over TLS" in endpoint.gap.detail
    assert verdicts(website, seen) == ("unsupported", "unsupported", "unsupported")


async def test_a_name_that_does_not_exist_is_a_dns_gap(name_server: Any) -> None:
    website = site(443, 80, address=None)
    assert (await gap(website, resolver=name_server.resolver)).cause is Cause.DNS


async def test_a_drip_ends_in_time_and_costs_no_memory(peers: Any) -> None:
    port = await peers.saying(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", pause=0.05, endless=True, tls=peers.tls())
    assert (await gap(site(port), timeout=0.4)).cause is Cause.TIMEOUT


async def test_endless_headers_are_malformed_and_cost_no_memory(peers: Any) -> None:
    line = b"X-Header: " + b"y" * 1000 + b"\r\n"
    port = await peers.saying(b"HTTP/1.1 200 OK\r\n", *[line * 100] * 100, tls=peers.tls())
    tracemalloc.start()
    found = await gap(site(port))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.cause is Cause.MALFORMED
    assert peak < 10_000_000


async def test_a_redirect_loop_on_https_fails(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(
        lambda request: http_answer(302, "Location: /b" if b"GET /a " in request else "Location: /a", GOOD_HSTS)
    )
    website = site(port)
    seen = await facts(website)
    (endpoint,) = seen.https
    assert isinstance(endpoint, Answered)
    assert endpoint.end is ChainEnd.LOOP
    assert verdicts(website, seen) == ("fail", "not_applicable", "pass")
    assert len(pages(peers)) == 3


async def test_redirects_without_end_fail_after_twenty(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda request: http_answer(302, f"Location: {request.split()[1].decode()}x"))
    website = site(port)
    seen = await facts(website)
    (endpoint,) = seen.https
    assert isinstance(endpoint, Answered)
    assert (endpoint.end, len(endpoint.hops)) == (ChainEnd.TOO_LONG, 21)
    assert len(pages(peers)) == 21
    assert verdict(https_served, website, seen) == "fail"


async def test_a_loop_that_hands_out_cookies_is_no_failure(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(302, "Location: /", "Set-Cookie: seen=1"))
    website = site(port)
    assert verdict(https_served, website, await facts(website)) == "pass"
    assert b"seen=1" not in b"".join(peers.requests)


async def test_a_loop_on_the_plain_side_fails_enforcement_alone(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(200, GOOD_HSTS))
    plain = await peers.http(lambda _: http_answer(302, "Location: /"))
    website = site(port, plain)
    assert verdicts(website, await facts(website)) == ("pass", "fail", "pass")


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{trap}/",
        "http://localhost:{trap}/",
        "http://[::ffff:127.0.0.1]:{trap}/",
        "http://2130706433:{trap}/",
        "http://elsewhere.example:{trap}/",
        "https://user:secret@elsewhere.example:{trap}/",
    ],
)
async def test_a_redirect_to_another_host_is_recorded_and_gets_no_packet(
    peers: Any, http_answer: Answering, target: str
) -> None:
    trap = await peers.http(lambda _: http_answer())
    location = target.format(trap=trap)
    port = await peers.https(lambda _: http_answer(302, f"Location: {location}"))
    website = site(port)
    seen = await facts(website)
    (endpoint,) = seen.https
    assert isinstance(endpoint, Answered)
    assert (endpoint.end, endpoint.first.location) == (ChainEnd.ELSEWHERE, location)
    assert trap not in {accepted for _, accepted in peers.accepted}
    assert verdict(https_served, website, seen) == "pass"


async def test_a_redirect_to_another_site_of_the_inventory_goes_to_its_declared_address(
    peers: Any, http_answer: Answering
) -> None:
    other_port = await peers.https(lambda _: http_answer(204))
    other = Website(id="other", url=f"https://other.example:{other_port}/", http_url=None, address="127.0.0.1")
    port = await peers.https(lambda _: http_answer(302, f"Location: https://OTHER.example.:{other_port}/x"))
    (endpoint,) = (await facts(site(port), other)).https
    assert isinstance(endpoint, Answered)
    assert [hop.status for hop in endpoint.hops] == [302, 204]
    assert f"Host: other.example.:{other_port}".encode() in peers.requests[1]


async def test_a_redirect_to_the_same_name_stays_at_the_address_that_is_asked(
    peers: Any, http_answer: Answering
) -> None:
    second = await peers.https(lambda _: http_answer(200))
    port = await peers.https(lambda _: http_answer(301, f"Location: https://{NAME}:{second}/"))
    (endpoint,) = (await facts(site(port))).https
    assert isinstance(endpoint, Answered)
    assert [hop.status for hop in endpoint.hops] == [301, 200]


async def test_a_redirect_to_an_excluded_site_is_not_followed(peers: Any, http_answer: Answering) -> None:
    trap = await peers.http(lambda _: http_answer(), host="127.0.0.3")
    other = Website(id="other", url="https://other.example/", http_url=None, address="127.0.0.3")
    port = await peers.https(lambda _: http_answer(302, f"Location: http://other.example:{trap}/"))
    (endpoint,) = (await facts(site(port), other, exclude=["127.0.0.3/32"])).https
    assert isinstance(endpoint, Answered)
    assert endpoint.gap is not None
    assert (endpoint.end, endpoint.gap.cause) == (ChainEnd.GAP, Cause.NOT_DECLARED)
    assert all(host != "127.0.0.3" for host, _ in peers.accepted)


async def test_a_redirect_whose_target_is_down_still_counts_as_an_answer(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(302, f"Location: https://{NAME}:{peers.closed()}/", GOOD_HSTS))
    website = site(port)
    assert verdicts(website, await facts(website)) == ("pass", "not_applicable", "pass")


async def test_a_redirect_that_drips_is_cut_and_the_first_answer_counts(peers: Any, http_answer: Answering) -> None:
    slow = await peers.silent()
    port = await peers.https(lambda _: http_answer(302, f"Location: http://{NAME}:{slow}/", GOOD_HSTS))
    website = site(port)
    (endpoint,) = (await facts(website, timeout=30, budget=6)).https
    assert isinstance(endpoint, Answered)
    assert endpoint.gap is not None
    assert endpoint.gap.cause is Cause.TIMEOUT


@pytest.mark.parametrize(
    "location", ["http://[::1", "https://", "//", "javascript:alert(1)", "https://x:99999/", "\x1b"]
)
async def test_an_unusable_location_ends_the_chain(peers: Any, http_answer: Answering, location: str) -> None:
    port = await peers.https(lambda _: http_answer(302, f"Location: {location}"))
    plain = await peers.http(lambda _: http_answer(302, f"Location: {location}"))
    website = site(port, plain)
    seen = await facts(website)
    assert verdict(https_served, website, seen) in {"pass", "fail"}
    assert verdict(https_enforced, website, seen) == "fail"


async def test_a_redirect_too_long_to_follow_is_never_taken_for_a_loop(peers: Any, http_answer: Answering) -> None:
    port = await peers.https(lambda _: http_answer(302, f"Location: /{'a' * 5000}{len(peers.requests)}"))
    website = site(port)
    (endpoint,) = (await facts(website)).https
    assert isinstance(endpoint, Answered)
    assert endpoint.end is ChainEnd.GAP
    assert len(pages(peers)) == 1


async def test_an_upgrade_that_nobody_asked_for_is_malformed(peers: Any) -> None:
    said = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"
    assert (await gap(site(await peers.saying(said, tls=peers.tls())))).cause is Cause.MALFORMED


async def test_every_address_is_asked_and_the_worst_decides(
    peers: Any, http_answer: Answering, name_server: Any, free_port: int
) -> None:
    name_server.zone[NAME, "A"] = ["127.0.0.1", "127.0.0.2"]
    for host in ("127.0.0.1", "127.0.0.2"):
        await peers.https(lambda _: http_answer(200, GOOD_HSTS), host=host, port=free_port)
    plain = await peers.http(lambda _: http_answer(), host="127.0.0.1")
    website = site(free_port, plain, address=None)
    seen = await facts(website, resolver=name_server.resolver)
    assert [endpoint.address for endpoint in seen.https] == ["127.0.0.1", "127.0.0.2"]
    assert all(isinstance(endpoint, Answered) for endpoint in seen.https)
    assert isinstance(seen.plain[1], Refused)
    assert verdicts(website, seen) == ("pass", "fail", "pass")


async def test_an_address_without_tls_fails_a_site_that_is_good_elsewhere(
    peers: Any, http_answer: Answering, name_server: Any, free_port: int
) -> None:
    name_server.zone[NAME, "A"] = ["127.0.0.1", "127.0.0.2"]
    await peers.https(lambda _: http_answer(200, GOOD_HSTS), host="127.0.0.1", port=free_port)
    plain = await peers.http(lambda _: http_answer(301, f"Location: https://{NAME}/"), host="127.0.0.1")
    await peers.http(lambda _: http_answer(301, f"Location: https://{NAME}/"), host="127.0.0.2", port=plain)
    website = site(free_port, plain, address=None)
    seen = await facts(website, resolver=name_server.resolver)
    assert not seen.lacks_tls
    assert verdicts(website, seen) == ("fail", "pass", "unreachable")


async def test_an_address_that_is_down_leaves_a_good_site_unknown(
    peers: Any, http_answer: Answering, name_server: Any
) -> None:
    name_server.zone[NAME, "A"] = ["127.0.0.1", "127.0.0.2"]
    port = await peers.https(lambda _: http_answer(200, GOOD_HSTS), host="127.0.0.1")
    website = site(port, peers.closed(), address=None)
    seen = await facts(website, resolver=name_server.resolver)
    assert verdicts(website, seen) == ("unreachable", "unreachable", "unreachable")


async def test_an_ipv6_address_that_this_machine_cannot_reach_leaves_a_good_site_unknown(
    peers: Any, http_answer: Answering, name_server: Any
) -> None:
    name_server.zone[NAME, "A"] = ["127.0.0.1"]
    name_server.zone[NAME, "AAAA"] = ["fe80::1"]
    port = await peers.https(lambda _: http_answer(200, GOOD_HSTS))
    website = site(port, address=None)
    seen = await facts(website, resolver=name_server.resolver, timeout=2)
    assert isinstance(seen.https[1], Unseen)
    assert verdict(https_served, website, seen) in {"unreachable", "timeout"}


async def test_no_packet_goes_to_an_excluded_address(peers: Any, http_answer: Answering, name_server: Any) -> None:
    port = await peers.https(lambda _: http_answer(200, GOOD_HSTS))
    assert (await gap(site(port, port), exclude=["127.0.0.0/8"])).cause is Cause.NOT_DECLARED
    assert peers.accepted == []
    name_server.zone[NAME, "A"] = ["127.0.0.1", "127.0.0.2"]
    website = site(port, address=None)
    seen = await facts(website, exclude=["127.0.0.2/32"], resolver=name_server.resolver)
    assert verdict(https_served, website, seen) == "not_declared"
    assert all(host == "127.0.0.1" for host, _ in peers.accepted)


async def test_a_name_with_very_many_addresses_is_asked_at_some_and_says_so(
    peers: Any, http_answer: Answering, name_server: Any, free_port: int
) -> None:
    name_server.zone[NAME, "A"] = [f"127.0.1.{number}" for number in range(1, 25)]
    await peers.https(lambda _: http_answer(200, GOOD_HSTS), host="127.0.1.1", port=free_port)
    seen = await facts(site(free_port, address=None), resolver=name_server.resolver)
    assert len(seen.https) == 17
    assert "24 addresses" in seen.https[-1].gap.detail  # type: ignore[union-attr]


async def test_a_slow_site_tells_what_it_saw_before_the_budget_ends(peers: Any, http_answer: Answering) -> None:
    website = site(await peers.silent(), await peers.http(lambda _: http_answer()))
    seen = await facts(website, timeout=30, budget=5)
    assert verdicts(website, seen) == ("timeout", "fail", "timeout")
