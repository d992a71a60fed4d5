"""What the probes of SPF and DMARC bring from a real DNS server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dns.rcode
import pytest

from scanner.model.asset import Asset, MailDomain
from scanner.model.facts.base import Facts
from scanner.model.facts.mail import DmarcFacts, ReportDestination, SpfEvaluation, SpfFacts
from scanner.model.inventory import Inventory, Municipality, Settings
from scanner.model.unobserved import Cause, Unobserved
from scanner.probes import mail_dmarc, mail_spf
from scanner.transports.addresses import Addresses
from scanner.transports.shared import Transports
from scanner.transports.tls import TlsWorkers

MAIL = MailDomain(id="mail", domain="city.example")
Ask = Callable[..., Any]


@pytest.fixture
def ask(name_server: Any, tmp_path: Path) -> Ask:
    """`await ask(probe, kind)` gives one kind of facts about a mail domain."""

    async def run(probe: Any, kind: type[Facts], asset: Asset = MAIL) -> Any:
        inventory = Inventory(
            path=tmp_path / "inventory.yaml",
            sha256="",
            municipality=Municipality(name="Riverton"),
            settings=Settings(timeout=0.5, asset_budget=10, resolver=name_server.resolver),
            assets=(asset,),
        )
        transports = Transports(inventory=inventory, addresses=Addresses(inventory), tls=TlsWorkers())
        return (await probe.run(asset, transports))[kind].outcome

    return run


async def test_one_spf_record_is_evaluated(name_server: Any, ask: Ask) -> None:
    name_server.zone["city.example", "TXT"] = ['"google-site=1"', '"v=spf1 ip4:192.0.2.0/24 " "-all"', '"v=spf10 x"']
    found = await ask(mail_spf.PROBE, SpfFacts)
    assert found.records == ("v=spf1 ip4:192.0.2.0/24 -all",)
    assert isinstance(found.evaluation, SpfEvaluation)
    assert (found.evaluation.result, found.evaluation.ended_by) == ("fail", "-all")


async def test_two_spf_records_are_told_and_not_evaluated(name_server: Any, ask: Ask) -> None:
    name_server.zone["city.example", "TXT"] = ['"v=spf1 -all"', '"V=SPF1 ~all"']
    found = await ask(mail_spf.PROBE, SpfFacts)
    assert (len(found.records), found.evaluation) == (2, None)


async def test_no_spf_record_is_an_answer_and_failed_dns_a_gap(name_server: Any, ask: Ask) -> None:
    assert (await ask(mail_spf.PROBE, SpfFacts)).records == ()
    name_server.codes["city.example"] = dns.rcode.SERVFAIL
    found = await ask(mail_spf.PROBE, SpfFacts)
    assert isinstance(found, Unobserved)
    assert found.cause is Cause.DNS


async def test_the_walk_ends_at_the_domain_where_it_has_a_record(name_server: Any, ask: Ask) -> None:
    name_server.zone["_dmarc.city.example", "TXT"] = ['"v=DMARC1; p=reject"', '"something else"']
    found = await ask(mail_dmarc.PROBE, DmarcFacts)
    assert [(each.domain, each.records) for each in found.walk] == [("city.example", ("v=DMARC1; p=reject",))]


async def test_the_walk_goes_up_to_the_root(name_server: Any, ask: Ask) -> None:
    asset = MailDomain(id="mail", domain="Mail.City.Example")
    name_server.zone["_dmarc.city.example", "TXT"] = ['"v=DMARC1; p=reject"']
    name_server.codes["mail.city.example"] = dns.rcode.NXDOMAIN
    found = await ask(mail_dmarc.PROBE, DmarcFacts, asset)
    assert [each.domain for each in found.walk] == ["mail.city.example", "city.example", "example"]
    assert found.exists is False


async def test_a_gap_in_the_walk_is_kept(name_server: Any, ask: Ask) -> None:
    name_server.silent.add("_dmarc.city.example")
    found = await ask(mail_dmarc.PROBE, DmarcFacts)
    assert isinstance(found.walk[0].records, Unobserved)
    assert found.walk[1].records == ()


async def test_report_destinations_outside_are_asked_whether_they_agreed(name_server: Any, ask: Ask) -> None:
    rua = "mailto:a@city.example,mailto:b@yes.example,mailto:c@no.example,mailto:d@broken.example"
    name_server.zone["_dmarc.city.example", "TXT"] = [f'"v=DMARC1; p=reject; rua={rua}"']
    name_server.zone["city.example._report._dmarc.yes.example", "TXT"] = ['"v=DMARC1"']
    name_server.codes["city.example._report._dmarc.broken.example"] = dns.rcode.SERVFAIL
    found = await ask(mail_dmarc.PROBE, DmarcFacts)
    yes, no, broken = found.destinations
    assert yes == ReportDestination(domain="yes.example", accepts=True)
    assert no == ReportDestination(domain="no.example", accepts=False)
    assert isinstance(broken.accepts, Unobserved)


async def test_what_records_hold_is_bounded_and_harmless(name_server: Any, ask: Ask) -> None:
    pieces = " ".join('"' + "x" * 250 + '"' for _ in range(40))
    name_server.zone["_dmarc.city.example", "TXT"] = [f'"v=DMARC1; p=reject; \\027[31m" {pieces}']
    name_server.cut.add("_dmarc.city.example")
    (answer,) = (await ask(mail_dmarc.PROBE, DmarcFacts)).walk
    (record,) = answer.records
    assert len(record) <= 2000
    assert "\x1b" not in record


def test_plans_name_the_look_ups() -> None:
    settings = Settings(resolver="127.0.0.1:53")
    for probe in (mail_spf.PROBE, mail_dmarc.PROBE):
        (step,) = probe.plan(MAIL, settings)
        assert step.action == "DNS"
        assert "city.example" in step.target
        assert "127.0.0.1:53" in step.target
