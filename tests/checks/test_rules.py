"""What holds for every check: nobody has to remember it, and nobody can forget it."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import typing
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import checks
from checks import all_checks
from scanner.evaluation import Case, evaluate
from scanner.model.asset import (
    Asset,
    Bucket,
    Dataset,
    Host,
    Place,
    Sensitivity,
    StartTls,
    TlsServer,
    TlsService,
    Vendor,
    Website,
)
from scanner.model.check import Check, NeedsFacts
from scanner.model.finding import Status
from scanner.model.inventory import Inventory, Municipality
from scanner.model.observation import Observation
from scanner.model.policy import Policy
from scanner.model.unobserved import Cause, Unobserved

ROOT = Path(__file__).resolve().parents[2]
HEADINGS = ["What it checks", "Why it matters", "How to fix", "What it cannot see", "References"]
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIMES = st.one_of(st.datetimes(timezones=st.just(UTC)), st.just(NOW))
EVERY = pytest.mark.parametrize("check", all_checks(), ids=lambda check: check.id)


def test_every_file_in_checks_holds_one_check_of_its_own_name() -> None:
    names = [module.name for module in pkgutil.iter_modules(checks.__path__)]
    assert sorted(names) == sorted(check.id.replace("-", "_") for check in all_checks())
    for name in names:
        module = importlib.import_module(f"checks.{name}")
        assert [value.id for value in vars(module).values() if isinstance(value, Check)] == [name.replace("_", "-")]


def test_the_checks_of_the_contract_are_there() -> None:
    wanted = (
        "https-served https-enforced https-hsts cookies-secure mixed-content address-parity "
        "certificate-trusted certificate-hostname certificate-expiry "
        "certificate-strength tls-served tls-versions tls-ciphers tls-forward-secrecy tls-vulnerabilities "
        "tls-post-quantum mail-starttls mail-tls-policy mail-dmarc mail-spf messaging-end-to-end disk-encrypted "
        "bucket-encrypted storage-place storage-private vendor-contract"
    )
    assert set(wanted.split()) <= {check.id for check in all_checks()}


@EVERY
def test_docstring_has_the_fixed_headings(check: Check) -> None:
    lines = check.doc.splitlines()
    assert lines[0].endswith(".")
    underlined = [lines[i - 1] for i, line in enumerate(lines) if i and line and set(line) == {"-"}]
    assert underlined == HEADINGS


@EVERY
def test_check_has_its_mirrored_test(check: Check) -> None:
    assert (ROOT / "tests" / "checks" / f"test_{check.id.replace('-', '_')}.py").is_file()


@EVERY
def test_check_makes_up_no_cause(check: Check) -> None:
    tree = ast.parse(inspect.getsource(inspect.getmodule(check.judge)))  # type: ignore[arg-type]
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "Unobserved" not in called
    assert "Cause" not in named


@EVERY
def test_documentation_page_is_current(check: Check) -> None:
    from scanner.app.documents import pages

    written = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "checks").glob("*.md")}
    assert written.get(f"{check.id}.md") == pages()[f"{check.id}.md"], "run `make docs`"


HOSTS = st.sampled_from(["www.city.example", "192.0.2.7", "2001:db8::1", "CITY.example.", "xn--bcher-kva.example"])


def websites(common: Mapping[str, Any]) -> st.SearchStrategy[Asset]:
    return st.builds(
        Website,
        **common,
        url=HOSTS.map(lambda host: f"https://[{host}]/" if ":" in host else f"https://{host}/"),
        http_url=st.sampled_from([None, "http://www.city.example/"]),
        address=st.none(),
        ca_bundle=st.sampled_from([None, Path("ca.pem")]),
    )


def services(common: Mapping[str, Any]) -> st.SearchStrategy[Asset]:
    return st.builds(
        TlsService,
        **common,
        host=HOSTS,
        port=st.sampled_from([25, 636]),
        starttls=st.sampled_from([None, *StartTls]),
        server_name=st.sampled_from([None, "mx.city.example"]),
        ca_bundle=st.sampled_from([None, Path("ca.pem")]),
    )


def assets_for(check: Check) -> st.SearchStrategy[Asset]:
    """Assets of the kind that a check is about, with every relation that it may ask for."""
    common = {"id": st.just("it"), "place": st.just(Place()), "datasets": st.sampled_from([(), ("rolls",), ("open",)])}
    if issubclass(check.about, Website):
        return websites(common)
    if check.about is TlsServer:
        return st.one_of(websites(common), services(common))
    if issubclass(check.about, Bucket):
        return st.builds(Bucket, **common, vendor=st.sampled_from([None, "acme"]), endpoint=st.none())
    if issubclass(check.about, Host):
        return st.builds(Host, **common)
    return st.builds(check.about, **common)


class Given:
    """Observations from memory."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = found

    def of(self, asset: str) -> Mapping[str, Observation]:
        return {
            kind: Observation(asset=asset, kind=kind, probe="test", observed_at=NOW, outcome=outcome)
            for kind, outcome in self._found.items()
        }

    def of_kind(self, kind: str) -> Any:
        yield from (self.of("it")[kind] for known in self._found if known == kind)


GAPS = st.builds(
    Unobserved,
    cause=st.sampled_from(sorted(set(Cause) - {Cause.PROBE_CRASHED})),
    detail=st.just("gap"),
    subject=st.sampled_from([None, "/", "part"]),
)
TELLING = ["", "192.0.2.7", "*.city.example", "max-age=1", "sha1", "US", "TLSv1.0", "TLSv1.3", "TLS_RSA_WITH_NULL_MD5"]
WORDS = st.one_of(st.text(max_size=12), st.sampled_from(TELLING))


@cache
def values(hint: Any) -> st.SearchStrategy[Any]:
    """Small values of a type: tuples of at most two, so that facts within facts stay quick to build."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is Literal:
        return st.sampled_from(arguments)
    if typing.get_origin(hint) is tuple:
        if arguments[-1] is Ellipsis:
            return st.lists(values(arguments[0]), max_size=2).map(tuple)
        return st.tuples(*map(values, arguments))
    if arguments:
        return st.one_of(*map(values, arguments))
    if hint is Unobserved:
        return GAPS
    if dataclasses.is_dataclass(hint):
        return built(hint)
    simple = {str: WORDS, datetime: TIMES, Path: st.just(Path("contract.pdf"))}
    return simple[hint] if hint in simple else st.from_type(hint)


def built(cls: Any) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{each.name: values(hints[each.name]) for each in dataclasses.fields(cls) if each.init})


@EVERY
@given(data=st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_judging_is_total(check: Check, data: st.DataObject) -> None:
    """Whatever the facts are, a check says something, and never crashes or invents."""
    asset = data.draw(assets_for(check))
    kinds = [need.facts for need in check.needs if isinstance(need, NeedsFacts)]
    found = {kind.kind(): data.draw(st.one_of(GAPS, built(kind))) for kind in kinds}
    vendor = data.draw(st.builds(Vendor, id=st.just("acme")))
    rolls = Dataset(id="rolls", name="Rolls", sensitivity=Sensitivity.VULNERABLE)
    public = Dataset(id="open", name="Open data", sensitivity=Sensitivity.PUBLIC)
    inventory = Inventory(
        path=Path("inventory.yaml"),
        sha256="",
        municipality=Municipality(name="Riverton"),
        assets=(asset, vendor),
        datasets=(rolls, public),
    )
    case = Case(inventory=inventory, policy=Policy(), now=NOW, observations=Given(found))
    findings = list(evaluate(case, [check], [asset]))
    assert findings
    assert len({finding.subject for finding in findings}) == len(findings)
    for finding in findings:
        assert finding.status is not Status.ERROR, finding.reason
        assert (finding.cause is not None) == (finding.status is Status.UNKNOWN)
        assert (finding.fix is not None) == (finding.status is Status.FAIL)
        assert finding.reason
        assert len(finding.reason) < 20_000
